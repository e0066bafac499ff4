package service

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alicebob/miniredis/v2"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/stretchr/testify/require"

	"stagecraft/app/internal/cache"
	"stagecraft/app/internal/config"
	"stagecraft/app/internal/login"
	"stagecraft/app/internal/postgrestest"
)

const arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:rds!db-1-AbCdEf"

// unreachable is the configuration of a service without its servers.
var unreachable = config.Config{
	AllowedOrigins: []string{"https://www.example.com"},
	Database: config.Database{
		Writer: "127.0.0.1:1", Reader: "127.0.0.1:1", Name: "app", MaxConnections: 1, TLS: config.TLSDisable,
		Credentials: config.Credentials{User: "ada", Password: "local"},
	},
}

func newService(ctx context.Context, t *testing.T, settings config.Config, log io.Writer) *Service {
	t.Helper()
	s, err := New(ctx, settings, slog.New(slog.NewTextHandler(log, nil)))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func get(t *testing.T, s *Service, path string) *httptest.ResponseRecorder {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	request.Header.Set("Origin", "https://www.example.com")
	response := httptest.NewRecorder()
	s.Handler.ServeHTTP(response, request)
	return response
}

// TestService runs the service on PostgreSQL, a cache, and a secret.
func TestService(t *testing.T) {
	secrets := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"SecretString": "{\"username\": \"`+postgrestest.User+`\", \"password\": \"`+postgrestest.Password+`\"}"}`)
	}))
	t.Cleanup(secrets.Close)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_SECRETS_MANAGER": secrets.URL, "AWS_REGION": "eu-west-1",
		"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
	} {
		t.Setenv(name, value)
	}
	settings := config.Config{Database: postgrestest.Start(t, nil).Config()}
	settings.Database.Credentials = config.Credentials{SecretARN: arn}
	redis := miniredis.RunT(t)
	settings.Cache = config.Cache{Endpoint: redis.Addr(), TTL: time.Minute, TLS: config.TLSDisable}
	ctx, stop := context.WithCancel(t.Context())
	var log bytes.Buffer
	s := newService(ctx, t, settings, &log)

	require.Equal(t, http.StatusServiceUnavailable, get(t, s, "/ready").Code, "the database is empty")
	s.Migrate(t.Context())
	require.Contains(t, log.String(), `level=INFO msg="the schema is up to date"`)
	require.Equal(t, http.StatusOK, get(t, s, "/ready").Code)

	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/signups", strings.NewReader(`{"email": "ada@example.com"}`))
	request.Header.Set("Content-Type", "application/json")
	response := httptest.NewRecorder()
	s.Handler.ServeHTTP(response, request)
	require.Equal(t, http.StatusCreated, response.Code)
	require.Contains(t, get(t, s, "/users?limit=1").Body.String(), "a***@example.com")
	require.True(t, redis.Exists("users:0:1"))
	require.Contains(t, get(t, s, "/").Body.String(), "<!doctype html>")

	stop()
	require.Equal(t, http.StatusServiceUnavailable, get(t, s, "/ready").Code)
	require.Contains(t, log.String(), errStopping.Error())
	require.Equal(t, http.StatusOK, get(t, s, "/users?limit=1").Code, "it still answers")
}

func TestServiceWithoutServers(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := newService(t.Context(), t, unreachable, &log)
	require.Nil(t, s.cache)
	health := get(t, s, "/health")
	require.Equal(t, http.StatusOK, health.Code)
	require.Equal(t, "https://www.example.com", health.Header().Get("Access-Control-Allow-Origin"))
	require.Equal(t, http.StatusServiceUnavailable, get(t, s, "/ready").Code)
	require.Contains(t, log.String(), "127.0.0.1:1")
	require.Equal(t, http.StatusServiceUnavailable, get(t, s, "/users").Code)

	broken := unreachable
	broken.Database.Writer = "127.0.0.1:port"
	_, err := New(t.Context(), broken, slog.Default())
	require.ErrorContains(t, err, "database: writer: ")
}

func TestInvalidAWSConfiguration(t *testing.T) {
	t.Setenv("AWS_RETRY_MODE", "invalid")
	_, reason := awsconfig.LoadDefaultConfig(t.Context())
	require.Error(t, reason)
	_, err := New(t.Context(), unreachable, slog.Default())
	require.EqualError(t, err, "AWS configuration: "+reason.Error())
}

func TestLoginSources(t *testing.T) {
	t.Setenv("AWS_REGION", "eu-west-1")
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	sources, err := newLoginSources(t.Context())
	require.NoError(t, err)
	static := config.Credentials{User: "ada", Password: "local"}
	require.Equal(t, login.Static{User: "ada", Password: "local"}, sources.source(static))
	require.Equal(t, login.NewSecret(sources.vault, arn), sources.source(config.Credentials{SecretARN: arn}))

	require.Equal(t, login.Static{User: "ada", Password: "local"}, sources.cacheSource(config.Cache{Credentials: static}))
	token, ok := sources.cacheSource(config.Cache{Name: "cache-1", Credentials: config.Credentials{User: "app"}}).(login.Token)
	require.True(t, ok)
	require.Equal(t, "eu-west-1", token.Region)
	require.Equal(t, "cache-1", token.Cache)
	require.Equal(t, "app", token.User)
	credentials, err := token.Credentials.Retrieve(t.Context())
	require.NoError(t, err)
	require.Equal(t, "test", credentials.AccessKeyID)
}

// fakeMigrator fails as often as it has errors.
type fakeMigrator struct {
	errs     []error
	times    []time.Time
	closeErr error
	closed   bool
}

func (f *fakeMigrator) Migrate(ctx context.Context) error {
	f.times = append(f.times, time.Now())
	if len(f.errs) == 0 {
		return ctx.Err()
	}
	err := f.errs[0]
	f.errs = f.errs[1:]
	return err
}

func (f *fakeMigrator) Close() error {
	f.closed = true
	return f.closeErr
}

func TestMigrateRetries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		fake := &fakeMigrator{errs: []error{errors.New("no route to db-1"), errors.New("the server starts up")}}
		s := &Service{database: fake, logger: slog.New(slog.NewTextHandler(&log, nil))}
		begin := time.Now()
		s.Migrate(t.Context())
		require.Equal(t, []time.Time{begin, begin.Add(5 * time.Second), begin.Add(10 * time.Second)}, fake.times)
		require.Equal(t, 3, strings.Count(log.String(), "\n"))
		require.Contains(t, log.String(), `level=ERROR msg="the schema update failed" error="no route to db-1"`)
		require.Contains(t, log.String(), `level=ERROR msg="the schema update failed" error="the server starts up"`)
	})
}

func TestMigrateStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		fake := &fakeMigrator{errs: []error{errors.New("no route to db-1")}}
		s := &Service{database: fake, logger: slog.New(slog.NewTextHandler(&log, nil))}
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		begin := time.Now()
		s.Migrate(ctx)
		require.Equal(t, time.Second, time.Since(begin), "it does not wait for the next attempt")
		require.Len(t, fake.times, 1)

		log.Reset()
		s.Migrate(ctx)
		require.Empty(t, log.String(), "a migration that SIGTERM aborts is no error")
		require.Equal(t, time.Second, time.Since(begin))
	})
}

func TestClose(t *testing.T) {
	t.Parallel()
	down := errors.New("no route to db-1")
	fake := &fakeMigrator{closeErr: down}
	require.ErrorIs(t, (&Service{database: fake}).Close(), down)
	require.True(t, fake.closed)

	fake = &fakeMigrator{closeErr: down}
	opened := cache.Open(config.Cache{}, login.Static{}, nil, slog.Default())
	s := &Service{database: fake, cache: opened}
	require.EqualError(t, s.Close(), down.Error())
	require.True(t, fake.closed)
	require.ErrorContains(t, opened.Close(), "closed", "the cache is closed")
}
