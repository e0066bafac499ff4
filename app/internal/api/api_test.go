package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"stagecraft/app/internal/api"
	"stagecraft/app/internal/users"
)

var then = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// store keeps users in memory, and fails if it has an error.
type store struct {
	users []users.User
	pages []users.Page
	err   error
}

func (s *store) SignUp(_ context.Context, email users.Email) (users.User, bool, error) {
	for _, user := range s.users {
		if user.Email == email {
			return user, false, s.err
		}
	}
	user := users.User{ID: int64(len(s.users) + 1), Email: email, CreatedAt: then}
	s.users = append(s.users, user)
	return user, true, s.err
}

func (s *store) List(_ context.Context, page users.Page) ([]users.User, error) {
	s.pages = append(s.pages, page)
	return s.users[:min(page.Limit, len(s.users))], s.err
}

// service is an API on a store, with its log.
type service struct {
	http.Handler

	store *store
	log   *bytes.Buffer
}

func newService(change func(*api.Args)) service {
	s := service{store: &store{}, log: &bytes.Buffer{}}
	args := api.Args{
		Writer: s.store,
		Lister: s.store,
		Ready:  func(context.Context) error { return nil },
		Page:   fstest.MapFS{"index.html": {Data: []byte("<h1>page</h1>")}, "assets/app.js": {Data: []byte("'use strict'")}},
		Logger: slog.New(slog.NewJSONHandler(s.log, nil)),
	}
	if change != nil {
		change(&args)
	}
	s.Handler = api.New(args)
	return s
}

func (s service) get(path string) *httptest.ResponseRecorder {
	return s.do(httptest.NewRequest(http.MethodGet, path, nil))
}

func (s service) post(body string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(http.MethodPost, "/signups", strings.NewReader(body))
	request.Header.Set("Content-Type", "application/json; charset=utf-8")
	return s.do(request)
}

func (s service) do(request *http.Request) *httptest.ResponseRecorder {
	response := httptest.NewRecorder()
	s.ServeHTTP(response, request)
	return response
}

func TestSignUp(t *testing.T) {
	t.Parallel()
	s := newService(nil)
	const user = `{"id": 1, "email": "ada@example.com", "created_at": "2026-01-02T03:04:05Z"}`

	response := s.post(`{"email": "Ada@example.com"}`)
	require.Equal(t, http.StatusCreated, response.Code)
	require.JSONEq(t, user, response.Body.String())
	require.Equal(t, http.Header{
		"Content-Type": {"application/json"}, "Cache-Control": {"no-store"}, "X-Content-Type-Options": {"nosniff"},
	}, response.Header())

	response = s.post(`{"email": "ada@EXAMPLE.com"}`)
	require.Equal(t, http.StatusOK, response.Code, "a second sign-up changes nothing")
	require.JSONEq(t, user, response.Body.String())
	require.NotContains(t, s.log.String(), "ada")
}

func TestSignUpRejects(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		body   string
		status int
		reason string
	}{
		"no JSON":           {`email=ada@example.com`, 400, "must be JSON"},
		"nothing":           {``, 400, "must be JSON"},
		"null":              {`null`, 400, "email must be"},
		"another type":      {`{"email": 1}`, 400, "must be JSON"},
		"an unknown field":  {`{"email": "ada@example.com", "admin": true}`, 400, "must be JSON"},
		"a second value":    {`{"email": "ada@example.com"} {}`, 400, "must be JSON"},
		"a stray bracket":   {`{"email": "ada@example.com"}]`, 400, "must be JSON"},
		"no address":        {`{"email": "ada"}`, 400, "email must be"},
		"a long request":    {`{"email": "` + strings.Repeat("a", 4<<10) + `"}`, 413, "the request is too large"},
		"a long end":        {`{"email": "ada@example.com"}` + strings.Repeat(" ", 4<<10), 413, "too large"},
		"broken characters": {"{\"email\": \"\xff@example.com\"}", 400, "email must be"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(nil)
			requireError(t, s.post(test.body), test.status, test.reason)
			require.Empty(t, s.store.users)
		})
	}
	s := newService(nil)
	form := httptest.NewRequest(http.MethodPost, "/signups", strings.NewReader(`{"email": "ada@example.com"}`))
	form.Header.Set("Content-Type", "text/plain")
	requireError(t, s.do(form), http.StatusUnsupportedMediaType, "Content-Type must be application/json")
	require.Equal(t, http.StatusMethodNotAllowed, s.get("/signups").Code)
}

func TestLongestSignUp(t *testing.T) {
	t.Parallel()
	const request = `{"email": "ada@example.com"}`
	padding := strings.Repeat(" ", 4<<10-len(request))
	require.Equal(t, http.StatusCreated, newService(nil).post(request+padding).Code)
	requireError(t, newService(nil).post(request+padding+" "), http.StatusRequestEntityTooLarge, "too large")
}

func FuzzSignUp(f *testing.F) {
	for _, seed := range []string{`{"email": "ada@example.com"}`, `{"email": "\ud800@example.com"}`, `[]`, `{"email":`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		s := newService(nil)
		response := s.post(body)
		require.Contains(t, []int{http.StatusCreated, http.StatusBadRequest, http.StatusRequestEntityTooLarge}, response.Code)
		require.True(t, json.Valid(response.Body.Bytes()))
		require.Equal(t, response.Code == http.StatusCreated, len(s.store.users) == 1)
	})
}

func TestList(t *testing.T) {
	t.Parallel()
	s := newService(nil)
	require.JSONEq(t, `{"users": []}`, s.get("/users").Body.String())

	s.store.users = []users.User{{ID: 9, Email: "ada@example.com", CreatedAt: then}, {ID: 7, Email: "grace@example.com", CreatedAt: then}}
	require.JSONEq(t, `{"next": 7, "users": [
		{"id": 9, "email": "a***@example.com", "created_at": "2026-01-02T03:04:05Z"},
		{"id": 7, "email": "g***@example.com", "created_at": "2026-01-02T03:04:05Z"}
	]}`, s.get("/users?after=10&limit=2").Body.String())
	require.NotContains(t, s.get("/users?limit=3").Body.String(), "next", "the last page is not full")
	s.get("/users?after=1&limit=1")
	s.get("/users?limit=100")
	require.Equal(t, []users.Page{{Limit: 20}, {After: 10, Limit: 2}, {Limit: 3}, {After: 1, Limit: 1}, {Limit: 100}}, s.store.pages)
}

func TestListRejects(t *testing.T) {
	t.Parallel()
	s := newService(nil)
	for query, reason := range map[string]string{
		"after=x":                   "after must be the id of a user",
		"after=0":                   "after must be",
		"after=-1":                  "after must be",
		"after=9223372036854775808": "after must be",
		"limit=0":                   "limit must be a whole number from 1 to 100",
		"limit=101":                 "limit must be",
		"limit=1.5":                 "limit must be",
	} {
		requireError(t, s.get("/users?"+query), http.StatusBadRequest, reason)
	}
	require.Empty(t, s.store.pages)
}

func TestFailureIsLoggedOnly(t *testing.T) {
	t.Parallel()
	s := newService(nil)
	s.store.err = errors.New("the disk of db-1 is full")
	for _, response := range []*httptest.ResponseRecorder{s.get("/users"), s.post(`{"email": "ada@example.com"}`)} {
		requireError(t, response, http.StatusServiceUnavailable, "the service cannot answer now; try again")
	}
	require.Equal(t, 2, strings.Count(s.log.String(), `"level":"ERROR","msg":"request failed","error":"the disk of db-1 is full"`))

	// A request that its client aborts is no error of the service.
	s = newService(nil)
	s.store.err = context.Canceled
	ctx, abort := context.WithCancel(t.Context())
	abort()
	s.do(httptest.NewRequestWithContext(ctx, http.MethodGet, "/users", nil))
	require.Contains(t, s.log.String(), `"level":"WARN","msg":"request aborted","error":"context canceled"`)
}

func TestHealthAndReadiness(t *testing.T) {
	t.Parallel()
	var problem error
	s := newService(func(args *api.Args) { args.Ready = func(context.Context) error { return problem } })
	for path, body := range map[string]string{"/ready": `{"status": "ready"}`, "/health": `{"status": "ok"}`} {
		require.Equal(t, http.StatusOK, s.get(path).Code)
		require.JSONEq(t, body, s.get(path).Body.String())
	}
	require.Empty(t, s.log.String(), "checks are not logged")

	problem = errors.New("writer: no route to db-1")
	response := s.get("/ready")
	requireError(t, response, http.StatusServiceUnavailable, "the service is not ready")
	require.Contains(t, s.log.String(), `"level":"WARN","msg":"not ready","error":"writer: no route to db-1"`)
	require.Contains(t, s.log.String(), `"level":"ERROR","msg":"request","method":"GET","path":"/ready","status":503`,
		"a check that fails is logged")
	require.Equal(t, http.StatusOK, s.get("/health").Code, "a restart would not repair a server")
}

func TestPathsBelowAPI(t *testing.T) {
	t.Parallel()
	s := newService(nil)
	for _, path := range []string{"/health", "/ready", "/users"} {
		require.Equal(t, s.get(path).Body.String(), s.get("/api"+path).Body.String())
		require.Equal(t, http.StatusOK, s.get("/api"+path).Code)
	}
	require.Equal(t, http.StatusNotFound, s.get("/api/").Code)
	require.Equal(t, http.StatusNotFound, s.get("/nothing").Code)
}

func TestPage(t *testing.T) {
	t.Parallel()
	s := newService(nil)
	response := s.get("/")
	require.Equal(t, http.StatusOK, response.Code)
	require.Equal(t, "<h1>page</h1>", response.Body.String())
	require.Equal(t, http.Header{
		"Cache-Control":           {"no-cache"},
		"Content-Length":          {"13"},
		"Content-Security-Policy": {"default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"},
		"Content-Type":            {"text/html; charset=utf-8"},
		"Referrer-Policy":         {"no-referrer"},
		"X-Content-Type-Options":  {"nosniff"},
		"Accept-Ranges":           {"bytes"},
	}, response.Header())
	script := s.get("/assets/app.js")
	require.Contains(t, script.Header().Get("Content-Type"), "javascript")
	require.Equal(t, "nosniff", script.Header().Get("X-Content-Type-Options"))
}

func TestAllowedOrigins(t *testing.T) {
	t.Parallel()
	preflight := func(s service, method, origin, header string) http.Header {
		request := httptest.NewRequest(http.MethodOptions, "/signups", nil)
		request.Header.Set("Origin", origin)
		request.Header.Set("Access-Control-Request-Method", method)
		request.Header.Set("Access-Control-Request-Headers", header)
		return s.do(request).Header()
	}
	const allow = "Access-Control-Allow-Origin"
	s := newService(func(args *api.Args) { args.AllowedOrigins = []string{"https://www.example.com"} })
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		header := preflight(s, method, "https://www.example.com", "content-type")
		require.Equal(t, "https://www.example.com", header.Get(allow), method)
		require.Equal(t, method, header.Get("Access-Control-Allow-Methods"))
		require.Equal(t, "content-type", header.Get("Access-Control-Allow-Headers"))
		require.Equal(t, "3600", header.Get("Access-Control-Max-Age"))
	}
	require.Empty(t, preflight(s, http.MethodDelete, "https://www.example.com", "content-type").Get(allow))
	require.Empty(t, preflight(s, http.MethodPost, "https://www.example.com", "x-requested-with").Get(allow))
	require.Empty(t, preflight(s, http.MethodPost, "https://www.example.org", "content-type").Get(allow))
	require.Empty(t, preflight(newService(nil), http.MethodPost, "https://www.example.com", "content-type").Get(allow))
}

// handler is a Lister that runs a function of the test.
type handler func(context.Context) ([]users.User, error)

func (h handler) List(ctx context.Context, _ users.Page) ([]users.User, error) { return h(ctx) }

func TestPanic(t *testing.T) {
	t.Parallel()
	s := newService(func(args *api.Args) {
		args.Lister = handler(func(context.Context) ([]users.User, error) { panic("a mistake") })
	})
	requireError(t, s.get("/users"), http.StatusInternalServerError, "the service has an internal error")
	require.Contains(t, s.log.String(), `"level":"ERROR","msg":"panic","cause":"a mistake","stack":"goroutine `)
	require.Contains(t, s.log.String(), `"status":500`)
}

func TestSlowRequestIsAborted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(func(args *api.Args) {
			args.Lister = handler(func(ctx context.Context) ([]users.User, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			})
		})
		begin := time.Now()
		requireError(t, s.get("/users"), http.StatusServiceUnavailable, "the service cannot answer now; try again")
		require.Equal(t, 8*time.Second, time.Since(begin))
	})
}

func TestLogLine(t *testing.T) {
	t.Parallel()
	s := newService(nil)
	request := httptest.NewRequest(http.MethodGet, "/users?limit=5", nil)
	request.Header.Set("X-Amzn-Trace-Id", "Root=1-5759e988-bd862e3fe1be46a994272793")
	s.do(request)
	var line map[string]any
	require.NoError(t, json.Unmarshal(s.log.Bytes(), &line))
	delete(line, "time")
	require.GreaterOrEqual(t, line["seconds"], 0.0)
	delete(line, "seconds")
	require.Equal(t, map[string]any{
		"level": "INFO", "msg": "request", "method": "GET", "path": "/users", "status": 200.0, "bytes": 13.0,
		"trace": "Root=1-5759e988-bd862e3fe1be46a994272793",
	}, line)
}

// disconnected is the response to a client that disconnected.
type disconnected struct{ *httptest.ResponseRecorder }

func (disconnected) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestClientDisconnects(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := newService(func(args *api.Args) {
		args.Logger = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	s.ServeHTTP(disconnected{httptest.NewRecorder()}, httptest.NewRequest(http.MethodGet, "/health", nil))
	require.Contains(t, log.String(), `"level":"DEBUG","msg":"the client disconnected","error":"broken pipe"`)
	require.Contains(t, log.String(), `"level":"DEBUG","msg":"request","method":"GET","path":"/health"`)
}

func requireError(t *testing.T, response *httptest.ResponseRecorder, status int, reason string) {
	t.Helper()
	require.Equal(t, status, response.Code)
	var body map[string]string
	require.NoError(t, json.Unmarshal(response.Body.Bytes(), &body))
	require.Len(t, body, 1)
	require.Contains(t, body["error"], reason)
}
