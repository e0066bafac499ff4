package server_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"stagecraft/app/internal/server"
)

// pipes is a listener in memory. Its connections use the clock of the test's bubble, so hours pass at once.
type pipes struct {
	accepted chan net.Conn
	closed   chan struct{}
	once     sync.Once
}

func newPipes() *pipes { return &pipes{accepted: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case connection := <-p.accepted:
		return connection, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (*pipes) Addr() net.Addr { return &net.TCPAddr{} }

// dial returns the client's end of a new connection, or net.ErrClosed.
func (p *pipes) dial() (net.Conn, error) {
	client, remote := net.Pipe()
	select {
	case p.accepted <- remote:
		return client, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// running is a server in a bubble of its own clock.
type running struct {
	*pipes

	t     *testing.T
	log   *bytes.Buffer
	stop  context.CancelFunc
	ended chan error
}

// run tests a server with that handler.
func run(t *testing.T, handler http.HandlerFunc, drainDelay time.Duration, test func(running)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		t.Cleanup(func() { time.Sleep(time.Minute) }) // lets drip end
		ctx, stop := context.WithCancel(t.Context())
		r := running{pipes: newPipes(), t: t, log: &bytes.Buffer{}, stop: stop, ended: make(chan error, 1)}
		logger := slog.New(slog.NewTextHandler(r.log, nil))
		go func() { r.ended <- server.Serve(ctx, r.pipes, handler, drainDelay, logger) }()
		test(r)
		stop()
		require.NoError(t, <-r.ended)
	})
}

func (r running) connect() net.Conn {
	connection, err := r.dial()
	require.NoError(r.t, err)
	r.t.Cleanup(func() { _ = connection.Close() })
	return connection
}

func (r running) send(connection net.Conn, text string) {
	_, err := io.WriteString(connection, text)
	require.NoError(r.t, err)
}

// drip sends the text once a second until the server closes the connection.
func drip(connection net.Conn, text string) {
	for {
		if _, err := io.WriteString(connection, text); err != nil {
			return
		}
		time.Sleep(time.Second)
	}
}

// received is a response that was read to its end.
type received struct {
	status int
	body   string
	// closes is whether the server closes the connection after the response.
	closes bool
}

func (r running) receive(connection net.Conn) received {
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	require.NoError(r.t, err)
	body, err := io.ReadAll(response.Body)
	require.NoError(r.t, err)
	require.NoError(r.t, response.Body.Close())
	return received{response.StatusCode, string(body), response.Close}
}

// untilClosed returns how long the server keeps the connection.
func (r running) untilClosed(connection net.Conn) time.Duration {
	begin := time.Now()
	_, err := io.Copy(io.Discard, connection)
	require.NoError(r.t, err)
	return time.Since(begin)
}

const get = "GET / HTTP/1.1\r\nHost: test\r\n\r\n"

func ok(http.ResponseWriter, *http.Request) {}

func TestSlowHeaders(t *testing.T) {
	t.Parallel()
	handler := func(http.ResponseWriter, *http.Request) { t.Error("the handler got half a request") }
	run(t, handler, 0, func(r running) {
		connection := r.connect()
		r.send(connection, "GET / HTTP/1.1\r\nHost: test\r\n")
		go drip(connection, "X-Slow: 1\r\n")
		require.Equal(r.t, 5*time.Second, r.untilClosed(connection))
		require.Equal(r.t, 5*time.Second, r.untilClosed(r.connect()), "a client that sends nothing")
	})
}

func TestSlowBody(t *testing.T) {
	t.Parallel()
	elapsed := make(chan time.Duration, 1)
	handler := func(_ http.ResponseWriter, r *http.Request) {
		begin := time.Now()
		if _, err := io.ReadAll(r.Body); err != nil {
			elapsed <- time.Since(begin)
		}
	}
	run(t, handler, 0, func(r running) {
		connection := r.connect()
		r.send(connection, "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\n\r\n")
		go drip(connection, "x")
		r.untilClosed(connection)
	})
	require.Equal(t, 10*time.Second, <-elapsed)
}

func TestSlowReader(t *testing.T) {
	t.Parallel()
	elapsed := make(chan time.Duration, 1)
	handler := func(w http.ResponseWriter, _ *http.Request) {
		begin := time.Now()
		for {
			if _, err := w.Write(make([]byte, 64<<10)); err != nil {
				elapsed <- time.Since(begin)
				return
			}
		}
	}
	run(t, handler, 0, func(r running) {
		connection := r.connect()
		r.send(connection, get)
		time.Sleep(time.Minute) // and reads nothing
		_, err := connection.Write([]byte("x"))
		require.ErrorIs(r.t, err, io.ErrClosedPipe)
	})
	require.Equal(t, 15*time.Second, <-elapsed)
}

// TestIdleConnection: an Application Load Balancer keeps an idle connection for 60 s, the server must for longer.
func TestIdleConnection(t *testing.T) {
	t.Parallel()
	run(t, ok, 0, func(r running) {
		connection := r.connect()
		for range 3 {
			r.send(connection, get)
			require.False(r.t, r.receive(connection).closes)
			time.Sleep(61 * time.Second)
		}
		r.send(connection, get)
		r.receive(connection)
		require.Equal(r.t, 75*time.Second, r.untilClosed(connection))
	})
}

func TestLongHeader(t *testing.T) {
	t.Parallel()
	run(t, ok, 0, func(r running) {
		// net/http reads 4 KiB more than its limit.
		const limit = 16<<10 + 4<<10
		for size, status := range map[int]int{
			limit - 10:  http.StatusOK,
			limit + 512: http.StatusRequestHeaderFieldsTooLarge,
		} {
			connection := r.connect()
			begin, end := "GET / HTTP/1.1\r\nHost: test\r\nX-Long: ", "\r\n\r\n"
			go func() {
				_, _ = io.WriteString(connection, begin+strings.Repeat("x", size-len(begin)-len(end))+end)
			}()
			require.Equal(r.t, status, r.receive(connection).status, "%d bytes", size)
		}
	})
}

func TestPanicIsLogged(t *testing.T) {
	t.Parallel()
	run(t, func(http.ResponseWriter, *http.Request) { panic("a mistake") }, 0, func(r running) {
		connection := r.connect()
		r.send(connection, get)
		require.Zero(r.t, r.untilClosed(connection))
		require.Contains(r.t, r.log.String(), "level=WARN")
		require.Contains(r.t, r.log.String(), "a mistake")
	})
}

// TestDrain follows a server from its first request to its end.
func TestDrain(t *testing.T) {
	t.Parallel()
	const drainDelay = 5 * time.Second
	handler := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			time.Sleep(12 * time.Second)
			if r.Context().Err() == nil {
				_, _ = io.WriteString(w, "done")
			}
		}
	}
	run(t, handler, drainDelay, func(r running) {
		slow, idle := r.connect(), r.connect()
		r.send(slow, "GET /slow HTTP/1.1\r\nHost: test\r\n\r\n")
		r.send(idle, get)
		require.False(r.t, r.receive(idle).closes)

		r.stop()
		synctest.Wait()
		begin := time.Now()
		require.Contains(r.t, r.log.String(), "level=INFO msg=draining seconds=5\n")
		require.Zero(r.t, r.untilClosed(idle), "an idle connection closes")
		time.Sleep(drainDelay - time.Millisecond)
		fresh := r.connect()
		r.send(fresh, get)
		require.True(r.t, r.receive(fresh).closes, "the server still answers, and then closes the connection")

		time.Sleep(2 * time.Millisecond)
		_, err := r.dial()
		require.ErrorIs(r.t, err, net.ErrClosed, "after the delay it accepts no connection")
		require.Empty(r.t, r.ended, "a request is running")
		require.Equal(r.t, "done", r.receive(slow).body)
		require.NoError(r.t, <-r.ended)
		require.InDelta(r.t, 12, time.Since(begin).Seconds(), 1)
		r.ended <- nil
	})
}

func TestRequestThatDoesNotFinish(t *testing.T) {
	t.Parallel()
	const drainDelay = 5 * time.Second
	handler := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	run(t, handler, drainDelay, func(r running) {
		connection := r.connect()
		r.send(connection, get)
		synctest.Wait()
		r.stop()
		begin := time.Now()
		err := <-r.ended
		require.EqualError(r.t, err, "requests did not finish in 20s: context deadline exceeded")
		require.Equal(r.t, 25*time.Second, time.Since(begin), "Amazon ECS kills a task after 30 s")
		require.Zero(r.t, r.untilClosed(connection), "the server closes the connection")
		r.ended <- nil
	})
}

func TestListenerFails(t *testing.T) {
	t.Parallel()
	listener := newPipes()
	require.NoError(t, listener.Close())
	err := server.Serve(t.Context(), listener, http.NotFoundHandler(), 0, slog.New(slog.DiscardHandler))
	require.ErrorIs(t, err, net.ErrClosed)

	run(t, ok, time.Minute, func(r running) {
		r.stop()
		synctest.Wait()
		begin := time.Now()
		require.NoError(r.t, r.Close())
		require.ErrorIs(r.t, <-r.ended, net.ErrClosed)
		require.Zero(r.t, time.Since(begin), "it fails while it drains")
		r.ended <- nil
	})
}

// TestTCP serves a real socket.
func TestTCP(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- server.Serve(ctx, listener, http.HandlerFunc(ok), 0, slog.New(slog.DiscardHandler))
	}()
	response, err := http.Get("http://" + listener.Addr().String())
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusOK, response.StatusCode)
	stop()
	require.NoError(t, <-ended)
}
