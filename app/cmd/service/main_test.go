package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/stretchr/testify/require"

	"stagecraft/app/internal/postgrestest"
)

// serviceVariable makes the test program run as the service.
const serviceVariable = "STAGECRAFT_TEST_SERVICE"

func TestMain(m *testing.M) {
	if os.Getenv(serviceVariable) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// process is a service that runs in its own process.
type process struct {
	*exec.Cmd

	url string
	log bytes.Buffer // complete once the process has ended
}

// start runs the service. Its environment consists of these variables only.
func start(t *testing.T, variables ...string) *process {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	_, port, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	require.NoError(t, listener.Close())

	p := &process{Cmd: exec.Command(os.Args[0]), url: "http://127.0.0.1:" + port}
	p.Env = append([]string{serviceVariable + "=1", "PORT=" + port, "DRAIN_DELAY=5s"}, variables...)
	p.Stdout, p.Stderr = &p.log, &p.log
	require.NoError(t, p.Start())
	t.Cleanup(func() { _ = p.Process.Kill() })
	return p
}

// status returns the status of the response to a GET request, or 0 if there is none.
func (p *process) status(path string) int {
	response, err := http.Get(p.url + path)
	if err != nil {
		return 0
	}
	_ = response.Body.Close()
	return response.StatusCode
}

// stop sends SIGTERM to the service and returns its exit code. Until it exits, the service answers but is not ready.
func (p *process) stop(t *testing.T) int {
	t.Helper()
	require.NoError(t, p.Process.Signal(syscall.SIGTERM))
	require.Eventually(t, func() bool { return p.status("/ready") == http.StatusServiceUnavailable }, 4*time.Second, 10*time.Millisecond)
	require.Equal(t, http.StatusOK, p.status("/health"))
	_ = p.Wait()
	return p.ProcessState.ExitCode()
}

// vault starts a server that answers as Secrets Manager does, and returns the variables that refer to it.
func vault(t *testing.T) (variables []string) {
	secret, err := json.Marshal(map[string]string{"username": postgrestest.User, "password": postgrestest.Password})
	require.NoError(t, err)
	answer, err := json.Marshal(map[string]string{"SecretString": string(secret)})
	require.NoError(t, err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(answer) }))
	t.Cleanup(server.Close)
	return []string{
		"AWS_ENDPOINT_URL_SECRETS_MANAGER=" + server.URL, "AWS_REGION=eu-west-1",
		"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test",
	}
}

// TestService runs the whole service on a writer, a replica, a cache and a secret, until SIGTERM.
func TestService(t *testing.T) {
	t.Parallel()
	writer := postgrestest.Start(t, nil)
	replica := writer.Replica(t)
	cache := miniredis.RunT(t)
	p := start(t, append(vault(t),
		"DATABASE_WRITER="+writer.Address, "DATABASE_READER="+replica.Address, "DATABASE_NAME=postgres",
		"DATABASE_SECRET_ARN=arn:aws:secretsmanager:eu-west-1:123456789012:secret:rds!db-1-AbCdEf", "DATABASE_TLS=disable",
		"CACHE_ENDPOINT="+cache.Addr(), "CACHE_TLS=disable")...)
	require.Eventually(t, func() bool { return p.status("/ready") == http.StatusOK }, time.Minute, 50*time.Millisecond)

	for _, status := range []int{http.StatusCreated, http.StatusOK} {
		response, err := http.Post(p.url+"/signups", "application/json", strings.NewReader(`{"email": "ada@example.com"}`))
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, status, response.StatusCode)
	}
	require.Eventually(t, func() bool {
		response, err := http.Get(p.url + "/api/users")
		require.NoError(t, err)
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		cache.FastForward(time.Minute)
		return strings.Contains(string(body), "a***@example.com")
	}, time.Minute, 50*time.Millisecond)
	require.Equal(t, http.StatusOK, p.status("/users?limit=1"))
	require.True(t, cache.Exists("users:0:1"))
	cache.Close()
	require.Equal(t, http.StatusOK, p.status("/users?limit=1"), "it works without the cache")
	for _, path := range []string{"/", "/assets/app.js", "/assets/style.css", "/assets/icon.svg", "/health"} {
		require.Equal(t, http.StatusOK, p.status(path), path)
	}

	require.Zero(t, p.stop(t), p.log.String())
	_, port, err := net.SplitHostPort(strings.TrimPrefix(p.url, "http://"))
	require.NoError(t, err)
	require.Contains(t, p.log.String(), `"msg":"listening","address":"[::]:`+port+`"`)
	for _, text := range []string{"the schema is up to date", "draining", "stopped"} {
		require.Contains(t, p.log.String(), `"msg":"`+text+`"`)
	}
	require.Contains(t, p.log.String(), "the service is stopping")
	require.NotContains(t, p.log.String(), postgrestest.Password)
	for line := range strings.Lines(p.log.String()) {
		require.True(t, json.Valid([]byte(line)), line)
	}
}

func TestServiceWithoutDatabase(t *testing.T) {
	t.Parallel()
	p := start(t, "DATABASE_WRITER=127.0.0.1:1", "DATABASE_NAME=app", "DATABASE_TLS=disable", "DATABASE_USER=ada")
	require.Eventually(t, func() bool { return p.status("/health") == http.StatusOK }, time.Minute, 50*time.Millisecond)
	require.Equal(t, http.StatusServiceUnavailable, p.status("/ready"))
	require.Equal(t, http.StatusServiceUnavailable, p.status("/users"))
	require.Zero(t, p.stop(t), p.log.String())
	require.Contains(t, p.log.String(), "the schema update failed")
}

func TestServiceRejectsEnvironment(t *testing.T) {
	t.Parallel()
	p := start(t)
	require.Error(t, p.Wait())
	require.Equal(t, 1, p.ProcessState.ExitCode())
	require.Contains(t, p.log.String(), `"level":"ERROR","msg":"the service failed","error":"configuration: `)
	require.NotContains(t, p.log.String(), "stopped")
	require.Contains(t, p.log.String(), "DATABASE_WRITER")
	require.Contains(t, p.log.String(), `\"DATABASE_NAME\" is not set"}`)
}

func TestServiceStopsOnInterrupt(t *testing.T) {
	t.Parallel()
	p := start(t, "DATABASE_WRITER=127.0.0.1:1", "DATABASE_NAME=app", "DATABASE_TLS=disable", "DATABASE_USER=ada", "DRAIN_DELAY=0s")
	require.Eventually(t, func() bool { return p.status("/health") == http.StatusOK }, time.Minute, 50*time.Millisecond)
	require.NoError(t, p.Process.Signal(syscall.SIGINT))
	require.NoError(t, p.Wait())
	require.Contains(t, p.log.String(), `"msg":"draining","seconds":0`)
}

func TestServiceRejectsDatabase(t *testing.T) {
	t.Parallel()
	p := start(t, "DATABASE_WRITER=127.0.0.1:port", "DATABASE_NAME=app", "DATABASE_TLS=disable", "DATABASE_USER=ada")
	require.Error(t, p.Wait())
	require.Contains(t, p.log.String(), `"error":"database: writer: `)
}

func TestPortInUse(t *testing.T) {
	t.Parallel()
	other, err := net.Listen("tcp", ":0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = other.Close() })
	_, port, err := net.SplitHostPort(other.Addr().String())
	require.NoError(t, err)
	p := start(t, "DATABASE_WRITER=127.0.0.1:1", "DATABASE_NAME=app", "DATABASE_TLS=disable", "DATABASE_USER=ada", "PORT="+port)
	require.Error(t, p.Wait())
	require.Contains(t, p.log.String(), "address already in use")
}
