package cache_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os/exec"
	"strconv"
	"strings"
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

// database always lists the same users, and records the requests.
type database struct {
	pages []users.Page
	err   error
}

func (d *database) List(_ context.Context, page users.Page) ([]users.User, error) {
	d.pages = append(d.pages, page)
	return list, d.err
}

// setup is a cache in front of a database, with its log.
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

func TestCacheKeepsPages(t *testing.T) {
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

// testTimes tests how long a server keeps pages. The function sleep lets time pass on the server.
func testTimes(t *testing.T, address string, sleep func(time.Duration)) {
	s := open(t, address, login.Static{})
	s.list(t, page)
	s.list(t, page)
	require.Equal(t, []users.Page{page}, s.database.pages)
	first := users.Page{Limit: 2}
	s.list(t, first)
	require.Equal(t, []users.Page{page, first}, s.database.pages)
	sleep(1100 * time.Millisecond)
	s.list(t, page)
	require.Equal(t, []users.Page{page, first, page}, s.database.pages)
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

func TestFailureOfTheDatabaseIsNotCached(t *testing.T) {
	t.Parallel()
	s := open(t, miniredis.RunT(t).Addr(), login.Static{})
	s.database.err = errors.New("no route to db-1")
	_, err := s.List(t.Context(), page)
	require.ErrorIs(t, err, s.database.err)
	s.database.err = nil
	s.list(t, page)
	require.Len(t, s.database.pages, 2)
}

func TestFailureOfTheCacheIsNoError(t *testing.T) {
	t.Parallel()
	t.Run("stopped", func(t *testing.T) {
		t.Parallel()
		server := miniredis.RunT(t)
		s := open(t, server.Addr(), login.Static{})
		s.list(t, page)
		server.Close()
		s.list(t, page)
		require.Contains(t, s.log.String(), "the cache failed")
		require.NoError(t, server.Restart())
		require.Eventually(t, func() bool { // the client reconnects
			before := len(s.database.pages)
			s.list(t, page)
			return len(s.database.pages) == before
		}, 10*time.Second, 50*time.Millisecond)
	})
	t.Run("failing", func(t *testing.T) {
		t.Parallel()
		server := miniredis.RunT(t)
		server.SetError("OOM command not allowed when used memory > 'maxmemory'")
		s := open(t, server.Addr(), login.Static{})
		s.list(t, page)
		s.list(t, page)
		require.Len(t, s.database.pages, 2)
		require.Contains(t, s.log.String(), "level=WARN msg=\"the cache failed\" step=read error=\"OOM ")
		require.Contains(t, s.log.String(), "level=WARN msg=\"the cache failed\" step=write error=\"OOM ")
		require.Equal(t, 4, strings.Count(s.log.String(), "\n"))
	})
	t.Run("silent", func(t *testing.T) {
		t.Parallel()
		listener, err := net.Listen("tcp", "127.0.0.1:0") // accepts connections, and never answers
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

// rotated is a login that changes when it is invalidated.
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
	require.LessOrEqual(t, len(s.database.pages), 2)
}

func TestOtherFailuresKeepTheLogin(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	server.SetError("LOADING Redis is loading the dataset in memory")
	source := &rotated{logins: []login.Login{{}, {}}}
	open(t, server.Addr(), source).list(t, page)
	require.Len(t, source.logins, 2)
}

// failing is a source whose login cannot be read.
type failing struct{ login.Static }

func (failing) Login(context.Context) (login.Login, error) {
	return login.Login{}, errors.New("access denied")
}

func TestLoginFails(t *testing.T) {
	t.Parallel()
	s := open(t, miniredis.RunT(t).Addr(), failing{})
	s.list(t, page)
	require.Contains(t, s.log.String(), "access denied")
}

func TestAbortedRequest(t *testing.T) {
	t.Parallel()
	s := open(t, miniredis.RunT(t).Addr(), login.Static{})
	ctx, abort := context.WithCancel(t.Context())
	abort()
	_, err := s.List(ctx, page)
	require.NoError(t, err)
	require.Len(t, s.database.pages, 1)
	require.Empty(t, s.log.String(), "the cache did not fail")
}

func TestClose(t *testing.T) {
	t.Parallel()
	s := setup{database: &database{}, log: &bytes.Buffer{}}
	settings := config.Cache{Endpoint: miniredis.RunT(t).Addr(), TTL: time.Second, TLS: config.TLSDisable}
	s.Cache = cache.Open(settings, login.Static{}, s.database, slog.New(slog.NewTextHandler(s.log, nil)))
	require.NoError(t, s.Close())
	s.list(t, page)
	require.Contains(t, s.log.String(), "client is closed")
}

// TestCommands asserts that the client works on a server without the newer commands, and sends no more of them than it
// must.
func TestCommands(t *testing.T) {
	t.Parallel()
	server, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = server.Close() })
	commands := make(chan string, 100)
	go func() {
		for {
			connection, err := server.Accept()
			if err != nil {
				return
			}
			go answer(connection, commands)
		}
	}()
	s := open(t, server.Addr().String(), login.Static{User: "app", Password: "pass"})
	s.list(t, page)
	s.list(t, users.Page{Limit: 2})
	require.Empty(t, s.log.String())
	close(commands)
	var names []string
	for name := range commands {
		names = append(names, name)
	}
	require.Equal(t, []string{"HELLO 2", "AUTH", "GET", "SET", "GET", "SET"}, names)
}

// answer records the commands, and answers as an old and empty server does.
func answer(connection net.Conn, commands chan<- string) {
	defer func() { _ = connection.Close() }()
	lines := bufio.NewScanner(connection)
	for lines.Scan() { // *N, and then twice N lines: a length, and an argument
		count, _ := strconv.Atoi(strings.TrimPrefix(lines.Text(), "*"))
		var arguments []string
		for number := range 2 * count {
			lines.Scan()
			if number%2 == 1 {
				arguments = append(arguments, lines.Text())
			}
		}
		name := strings.ToUpper(arguments[0])
		reply := "-ERR unknown command\r\n"
		switch name {
		case "HELLO":
			name += " " + arguments[1]
		case "GET":
			reply = "$-1\r\n"
		case "AUTH", "SET":
			reply = "+OK\r\n"
		}
		commands <- name
		if _, err := io.WriteString(connection, reply); err != nil {
			return
		}
	}
}

func TestServerWithoutTLS(t *testing.T) {
	t.Parallel()
	s := setup{database: &database{}, log: &bytes.Buffer{}}
	settings := config.Cache{Endpoint: miniredis.RunT(t).Addr(), TTL: time.Second, TLS: config.TLSVerify}
	s.Cache = cache.Open(settings, login.Static{}, s.database, slog.New(slog.NewTextHandler(s.log, nil)))
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	s.list(t, page)
	require.Contains(t, s.log.String(), "the cache failed", "a server without TLS is rejected")
}
