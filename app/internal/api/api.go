// Package api answers the service's HTTP requests. It depends on small interfaces, so that a server and a function can
// both use it.
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
	// maxBody is the maximum length of a request body, in bytes.
	maxBody = 4 << 10
	// defaultLimit and maxLimit are the numbers of users on a page.
	defaultLimit, maxLimit = 20, 100
	// requestTimeout limits the work for one request.
	requestTimeout = 8 * time.Second
)

// Writer stores sign-ups.
type Writer interface {
	// SignUp adds a user, or returns the one who already has the address. It reports whether it created the user.
	SignUp(ctx context.Context, email users.Email) (user users.User, created bool, err error)
}

// Lister lists users, the newest first.
type Lister interface {
	List(ctx context.Context, page users.Page) ([]users.User, error)
}

// Args are the dependencies and settings of the API.
type Args struct {
	Writer Writer
	Lister Lister
	// Ready returns an error while the service should not receive requests.
	Ready func(context.Context) error
	// Page contains the static page.
	Page fs.FS
	// AllowedOrigins are the other origins whose pages may call the API. Default: none.
	AllowedOrigins []string
	Logger         *slog.Logger
}

type api struct{ Args }

// New returns the handler of all requests. The API also answers below /api, where a content delivery network routes to
// it.
func New(args Args) http.Handler {
	a := api{args}
	routes := http.NewServeMux()
	routes.HandleFunc("GET /health", a.health)
	routes.HandleFunc("GET /ready", a.ready)
	routes.HandleFunc("POST /signups", a.signUp)
	routes.HandleFunc("GET /users", a.list)

	all := http.NewServeMux()
	all.Handle("/", routes)
	all.Handle("/api/", http.StripPrefix("/api", routes))
	all.Handle("GET /{$}", pageHandler(args.Page))
	all.Handle("GET /assets/", pageHandler(args.Page))
	return a.loggingHandler(a.corsHandler(all))
}

// corsHandler allows pages of other origins to call the API.
func (a api) corsHandler(next http.Handler) http.Handler {
	if len(a.AllowedOrigins) == 0 {
		return next // package cors would allow every origin
	}
	return cors.New(cors.Options{
		AllowedOrigins: a.AllowedOrigins,
		AllowedMethods: []string{http.MethodGet, http.MethodPost},
		AllowedHeaders: []string{"Content-Type"},
		MaxAge:         int(time.Hour.Seconds()),
	}).Handler(next)
}

// pageHandler returns the handler of the static page, with the headers that restrict what the page may do.
func pageHandler(files fs.FS) http.Handler {
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

// health reports that the process is alive. It checks no other server, because a restart would not repair a database.
func (a api) health(w http.ResponseWriter, r *http.Request) {
	a.answer(w, r, http.StatusOK, map[string]string{"status": "ok"})
}

func (a api) ready(w http.ResponseWriter, r *http.Request) {
	if err := a.Ready(r.Context()); err != nil {
		a.Logger.WarnContext(r.Context(), "not ready", "error", err)
		a.reject(w, r, http.StatusServiceUnavailable, "the service is not ready")
		return
	}
	a.answer(w, r, http.StatusOK, map[string]string{"status": "ready"})
}

func (a api) signUp(w http.ResponseWriter, r *http.Request) {
	email, status, err := parseSignUp(w, r)
	if err != nil {
		a.reject(w, r, status, err.Error())
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

// parseSignUp returns the address in a request, or an error and its HTTP status.
func parseSignUp(w http.ResponseWriter, r *http.Request) (users.Email, int, error) {
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
		err = requireEnd(body)
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

// requireEnd returns an error if anything follows the decoded value.
func requireEnd(body *json.Decoder) error {
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

// publicUser is a user as strangers may see them.
type publicUser struct {
	ID        int64     `json:"id"`
	Email     string    `json:"email"`
	CreatedAt time.Time `json:"created_at"`
}

func (a api) list(w http.ResponseWriter, r *http.Request) {
	page, err := parsePage(r)
	if err != nil {
		a.reject(w, r, http.StatusBadRequest, err.Error())
		return
	}
	list, err := a.Lister.List(r.Context(), page)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	response := struct {
		Users []publicUser `json:"users"`
		// Next is the value of the parameter after for the next page. The last page has none.
		Next int64 `json:"next,omitempty"`
	}{Users: []publicUser{}}
	for _, user := range list {
		response.Users = append(response.Users, publicUser{user.ID, user.Email.Masked(), user.CreatedAt})
	}
	if len(list) == page.Limit {
		response.Next = list[len(list)-1].ID
	}
	a.answer(w, r, http.StatusOK, response)
}

func parsePage(r *http.Request) (users.Page, error) {
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

// fail answers a request that failed through no fault of the client. Only the log contains the reason.
func (a api) fail(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		a.Logger.WarnContext(r.Context(), "request aborted", "error", err)
	} else {
		a.Logger.ErrorContext(r.Context(), "request failed", "error", err)
	}
	a.reject(w, r, http.StatusServiceUnavailable, "the service cannot answer now; try again")
}

func (a api) reject(w http.ResponseWriter, r *http.Request, status int, reason string) {
	a.answer(w, r, status, map[string]string{"error": reason})
}

func (a api) answer(w http.ResponseWriter, r *http.Request, status int, body any) {
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		a.Logger.DebugContext(r.Context(), "the client disconnected", "error", err)
	}
}
