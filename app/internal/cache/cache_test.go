package cache_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/stretchr/testify/require"

	"stagecraft/app/internal/cache"
	"stagecraft/app/internal/config"
	"stagecraft/app/internal/login"
	"stagecraft/app/internal/users"
)

var (
	page = users.Page{After: 7, Limit: 2}
	list = []users.User{{ID: 5, Email: "ada@example.com", CreatedAt: time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)}}
)

// database lists the same users each time, and counts.
type database struct {
	asked []users.Page
	err   error
}

func (d *database) List(_ context.Context, page users.Page) ([]users.User, error) {
	d.asked = append(d.asked, page)
	return list, d.err
}

// setup is a cache before a database, with its log.
type setup struct {
	*cache.Cache
	database *database
	log      *bytes.Buffer
}

func open(t *testing.T, address string, logins login.Source) setup {
	s := setup{database: &database{}, log: &bytes.Buffer{}}
	settings := config.Cache{Endpoint: address, TTL: time.Second, TLS: config.TLSDisable}
	s.Cache = cache.Open(settings, logins, s.database, slog.New(slog.NewTextHandler(s.log, nil)))
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func (s setup) list(t *testing.T, page users.Page) {
	t.Helper()
	got, err := s.List(t.Context(), page)
	require.NoError(t, err)
	require.Equal(t, list, got)
}

func TestCacheKeepsEachPageForItsTime(t *testing.T) {
	t.Parallel()
	t.Run("miniredis", func(t *testing.T) {
		t.Parallel()
		server := miniredis.RunT(t)
		testTimes(t, server.Addr(), server.FastForward)
	})
	for _, program := range []string{"redis-server", "valkey-server"} {
		t.Run(program, func(t *testing.T) {
			t.Parallel()
			testTimes(t, start(t, program), time.Sleep)
		})
	}
}

func testTimes(t *testing.T, address string, pass func(time.Duration)) {
	s := open(t, address, login.Static{})
	s.list(t, page)
	s.list(t, page)
	require.Equal(t, []users.Page{page}, s.database.asked)
	first := users.Page{Limit: 2}
	s.list(t, first)
	require.Equal(t, []users.Page{page, first}, s.database.asked)
	pass(1100 * time.Millisecond)
	s.list(t, page)
	require.Equal(t, []users.Page{page, first, page}, s.database.asked)
	require.Empty(t, s.log.String())
}

// start runs a server, or skips the test if the program is not installed.
func start(t *testing.T, program string) string {
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skipf("%s is not on PATH", program)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().String()
	_, port, _ := net.SplitHostPort(address)
	require.NoError(t, listener.Close())
	server := exec.Command(path, "--bind", "127.0.0.1", "--port", port, "--save", "", "--dir", t.TempDir())
	require.NoError(t, server.Start())
	t.Cleanup(func() {
		require.NoError(t, server.Process.Kill())
		_ = server.Wait()
	})
	require.Eventually(t, func() bool {
		connection, err := net.Dial("tcp", address)
		return err == nil && connection.Close() == nil
	}, 10*time.Second, 20*time.Millisecond)
	return address
}

func TestFailureOfTheDatabaseIsNotKept(t *testing.T) {
	t.Parallel()
	s := open(t, miniredis.RunT(t).Addr(), login.Static{})
	s.database.err = errors.New("away")
	_, err := s.List(t.Context(), page)
	require.ErrorIs(t, err, s.database.err)
	s.database.err = nil
	s.list(t, page)
	require.Len(t, s.database.asked, 2)
}

func TestFailureOfTheCacheFailsNothing(t *testing.T) {
	t.Parallel()
	t.Run("away", func(t *testing.T) {
		t.Parallel()
		server := miniredis.RunT(t)
		s := open(t, server.Addr(), login.Static{})
		s.list(t, page)
		server.Close()
		s.list(t, page)
		require.Contains(t, s.log.String(), "the cache failed")
		require.NoError(t, server.Restart())
		require.Eventually(t, func() bool { // it finds back by itself
			before := len(s.database.asked)
			s.list(t, page)
			return len(s.database.asked) == before
		}, 10*time.Second, 50*time.Millisecond)
	})
	t.Run("failing", func(t *testing.T) {
		t.Parallel()
		server := miniredis.RunT(t)
		server.SetError("OOM command not allowed when used memory > 'maxmemory'")
		s := open(t, server.Addr(), login.Static{})
		s.list(t, page)
		s.list(t, page)
		require.Len(t, s.database.asked, 2)
		require.Contains(t, s.log.String(), "OOM")
	})
	t.Run("silent", func(t *testing.T) {
		t.Parallel()
		listener, err := net.Listen("tcp", "127.0.0.1:0") // it takes connections, and never answers
		require.NoError(t, err)
		t.Cleanup(func() { _ = listener.Close() })
		s := open(t, listener.Addr().String(), login.Static{})
		begin := time.Now()
		s.list(t, page)
		require.Less(t, time.Since(begin), 2*time.Second)
	})
	t.Run("foreign content", func(t *testing.T) {
		t.Parallel()
		server := miniredis.RunT(t)
		require.NoError(t, server.Set("users:7:2", "<html>"))
		s := open(t, server.Addr(), login.Static{})
		s.list(t, page)
		require.Contains(t, s.log.String(), "invalid character")
	})
}

// rotated is a login that changes once it was refused.
type rotated struct {
	mutex  sync.Mutex
	logins []login.Login
}

func (r *rotated) Login(context.Context) (login.Login, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.logins[0], nil
}

func (r *rotated) Invalidate(login.Login) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.logins = r.logins[1:]
}

func TestRotatedPassword(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	server.RequireUserAuth("app", "second")
	source := &rotated{logins: []login.Login{{User: "app", Password: "first"}, {User: "app", Password: "second"}}}
	s := open(t, server.Addr(), source)
	s.list(t, page)
	require.Contains(t, s.log.String(), "WRONGPASS")
	require.NotContains(t, s.log.String(), "first")
	s.list(t, page)
	s.list(t, page)
	require.Len(t, source.logins, 1)
	require.LessOrEqual(t, len(s.database.asked), 2)
}

func TestTLSIsTheDefaultOfTheConfiguration(t *testing.T) {
	t.Parallel()
	s := setup{database: &database{}, log: &bytes.Buffer{}}
	settings := config.Cache{Endpoint: miniredis.RunT(t).Addr(), TTL: time.Second, TLS: config.TLSVerify}
	s.Cache = cache.Open(settings, login.Static{}, s.database, slog.New(slog.NewTextHandler(s.log, nil)))
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	s.list(t, page)
	require.Contains(t, s.log.String(), "the cache failed", "a server without TLS is refused")
}
