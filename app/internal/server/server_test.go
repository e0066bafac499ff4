package server_test

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"stagecraft/app/internal/server"
)

// TestServeDrains follows a server from its first request to its end.
func TestServeDrains(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	begun, finish := make(chan struct{}), make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) {
		close(begun)
		<-finish
		if r.Context().Err() == nil {
			_, _ = io.WriteString(w, "done")
		}
	})
	mux.HandleFunc("/quick", func(http.ResponseWriter, *http.Request) {})

	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	const drain = 300 * time.Millisecond
	go func() { ended <- server.Serve(ctx, listener, mux, drain, slog.New(slog.DiscardHandler)) }()

	slow := send(t, listener.Addr(), "/slow")
	<-begun
	_, closes := receive(t, send(t, listener.Addr(), "/quick"))
	require.False(t, closes, "connections are kept")

	stop()
	begin := time.Now()
	require.Eventually(t, func() bool {
		_, closes := receive(t, send(t, listener.Addr(), "/quick"))
		return closes
	}, drain, time.Millisecond, "while it drains it still answers, but closes connections")
	require.Eventually(t, func() bool {
		connection, err := net.Dial("tcp", listener.Addr().String())
		if err == nil {
			require.NoError(t, connection.Close())
		}
		return err != nil
	}, 5*time.Second, 5*time.Millisecond, "then it takes no more connections")
	require.GreaterOrEqual(t, time.Since(begin), drain)

	require.Empty(t, ended, "a request is under way")
	close(finish)
	body, _ := receive(t, slow)
	require.Equal(t, "done", body)
	require.NoError(t, <-ended)
}

func TestServeFails(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	err = server.Serve(t.Context(), listener, http.NotFoundHandler(), 0, slog.New(slog.DiscardHandler))
	require.ErrorIs(t, err, net.ErrClosed)
}

func send(t *testing.T, address net.Addr, path string) net.Conn {
	connection, err := net.Dial("tcp", address.String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = connection.Close() })
	_, err = io.WriteString(connection, "GET "+path+" HTTP/1.1\r\nHost: test\r\n\r\n")
	require.NoError(t, err)
	return connection
}

// receive gives the answer's body, and whether the server closes the connection after it.
func receive(t *testing.T, connection net.Conn) (body string, closes bool) {
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	require.NoError(t, err)
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	return string(text), response.Close
}
