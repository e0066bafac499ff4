// Package api answers the service's HTTP requests. What it stands on is behind small interfaces, so that a server and a
// function can both serve it.
package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"mime"
	"net/http"
	"strconv"
	"time"

	"github.com/rs/cors"

	"stagecraft/app/internal/users"
)

const (
	// maxBody is the longest request that is read, in bytes.
	maxBody = 4 << 10
	// defaultLimit and maxLimit are how many users are listed at once.
	defaultLimit, maxLimit = 20, 100
	// patience limits the work for one request.
	patience = 8 * time.Second
)

// Writer takes sign-ups.
type Writer interface {
	// SignUp adds a user, or finds the one who has the address already; created says which.
	SignUp(ctx context.Context, email users.Email) (user users.User, created bool, err error)
}

// Lister lists users, the newest first.
type Lister interface {
	List(ctx context.Context, page users.Page) ([]users.User, error)
}

// Args are what the API stands on.
type Args struct {
	Writer Writer
	Lister Lister
	// Ready fails while the service should not get requests.
	Ready func(context.Context) error
	// Page is the static page.
	Page fs.FS
	// AllowedOrigins are the other origins whose pages may call the API.
	AllowedOrigins []string
	Logger         *slog.Logger
}

type api struct{ Args }

// New makes the handler of all requests. The API's own paths also answer below /api, where a content delivery network
// sends them.
func New(args Args) http.Handler {
	service := api{args}
	routes := http.NewServeMux()
	routes.HandleFunc("GET /health", service.health)
	routes.HandleFunc("GET /ready", service.ready)
	routes.HandleFunc("POST /signups", service.signUp)
	routes.HandleFunc("GET /users", service.list)

	all := http.NewServeMux()
	all.Handle("/", routes)
	all.Handle("/api/", http.StripPrefix("/api", routes))
	all.Handle("GET /{$}", page(args.Page))
	all.Handle("GET /assets/", page(args.Page))
	return service.watch(service.share(all))
}

// share lets pages of the allowed origins call the API.
func (a api) share(next http.Handler) http.Handler {
	if len(a.AllowedOrigins) == 0 {
		return next // cors takes none to mean all
	}
	return cors.New(cors.Options{
		AllowedOrigins: a.AllowedOrigins,
		AllowedMethods: []string{http.MethodGet, http.MethodPost},
		AllowedHeaders: []string{"Content-Type"},
		MaxAge:         int(time.Hour.Seconds()),
	}).Handler(next)
}

func page(files fs.FS) http.Handler {
	server := http.FileServerFS(files)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Cache-Control", "no-cache")
		header.Set("Content-Security-Policy", "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("X-Content-Type-Options", "nosniff")
		server.ServeHTTP(w, r)
	})
}

// health says that the process answers. It asks nothing else: to restart it would not repair a database.
func (a api) health(w http.ResponseWriter, r *http.Request) {
	a.answer(w, r, http.StatusOK, map[string]string{"status": "ok"})
}

func (a api) ready(w http.ResponseWriter, r *http.Request) {
	if err := a.Ready(r.Context()); err != nil {
		a.Logger.WarnContext(r.Context(), "not ready", "error", err)
		a.refuse(w, r, http.StatusServiceUnavailable, "the service is not ready")
		return
	}
	a.answer(w, r, http.StatusOK, map[string]string{"status": "ready"})
}

func (a api) signUp(w http.ResponseWriter, r *http.Request) {
	email, status, err := readSignUp(w, r)
	if err != nil {
		a.refuse(w, r, status, err.Error())
		return
	}
	user, created, err := a.Writer.SignUp(r.Context(), email)
	switch {
	case err != nil:
		a.fail(w, r, err)
	case created:
		a.answer(w, r, http.StatusCreated, user)
	default:
		a.answer(w, r, http.StatusOK, user)
	}
}

// readSignUp gives the address in a request, or the status to refuse it with.
func readSignUp(w http.ResponseWriter, r *http.Request) (users.Email, int, error) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "application/json" {
		return "", http.StatusUnsupportedMediaType, errors.New("Content-Type must be application/json")
	}
	var request struct {
		Email string `json:"email"`
	}
	body := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	body.DisallowUnknownFields()
	err := body.Decode(&request)
	if err == nil {
		err = atEnd(body)
	}
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return "", http.StatusRequestEntityTooLarge, errors.New("the request is too large")
	case err != nil:
		return "", http.StatusBadRequest, errors.New(`the request must be JSON such as {"email": "name@example.com"}`)
	}
	email, err := users.ParseEmail(request.Email)
	return email, http.StatusBadRequest, err
}

// atEnd fails if something follows the value that was decoded.
func atEnd(body *json.Decoder) error {
	_, err := body.Token()
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err == nil:
		return errors.New("more than one value")
	default:
		return err
	}
}

// listed is a user as strangers may see them.
type listed struct {
	ID        int64     `json:"id"`
	Email     string    `json:"email"`
	CreatedAt time.Time `json:"created_at"`
}

func (a api) list(w http.ResponseWriter, r *http.Request) {
	page, err := readPage(r)
	if err != nil {
		a.refuse(w, r, http.StatusBadRequest, err.Error())
		return
	}
	found, err := a.Lister.List(r.Context(), page)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	response := struct {
		Users []listed `json:"users"`
		// Next is what after must be to get the next page; there is none after the last.
		Next int64 `json:"next,omitempty"`
	}{Users: []listed{}}
	for _, user := range found {
		response.Users = append(response.Users, listed{user.ID, user.Email.Masked(), user.CreatedAt})
	}
	if len(found) == page.Limit {
		response.Next = found[len(found)-1].ID
	}
	a.answer(w, r, http.StatusOK, response)
}

func readPage(r *http.Request) (users.Page, error) {
	page := users.Page{Limit: defaultLimit}
	query := r.URL.Query()
	if text := query.Get("after"); text != "" {
		after, err := strconv.ParseInt(text, 10, 64)
		if err != nil || after < 1 {
			return page, errors.New("after must be the id of a user")
		}
		page.After = after
	}
	if text := query.Get("limit"); text != "" {
		limit, err := strconv.Atoi(text)
		if err != nil || limit < 1 || limit > maxLimit {
			return page, errors.New("limit must be a whole number from 1 to " + strconv.Itoa(maxLimit))
		}
		page.Limit = limit
	}
	return page, nil
}

// fail answers for a failure that is not the client's; its reason is for the log only.
func (a api) fail(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		a.Logger.WarnContext(r.Context(), "request given up", "error", err)
	} else {
		a.Logger.ErrorContext(r.Context(), "request failed", "error", err)
	}
	a.refuse(w, r, http.StatusServiceUnavailable, "the service cannot answer now; try again")
}

func (a api) refuse(w http.ResponseWriter, r *http.Request, status int, reason string) {
	a.answer(w, r, status, map[string]string{"error": reason})
}

func (a api) answer(w http.ResponseWriter, r *http.Request, status int, body any) {
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		a.Logger.DebugContext(r.Context(), "the client is gone", "error", err)
	}
}
