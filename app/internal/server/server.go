// Package server serves HTTP until its context ends, and then lets running requests finish.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// The limits of a connection. The idle timeout exceeds the load balancer's 60 seconds, so that the load balancer never
// sends a request on a connection that is about to close (Elastic Load Balancing User Guide, "Troubleshoot your
// Application Load Balancers", HTTP 502).
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 10 * time.Second
	writeTimeout  = 15 * time.Second
	idleTimeout   = 75 * time.Second
	maxHeader     = 16 << 10
)

// shutdownTimeout is how long running requests may take to finish. Together with the drain delay it must fit in the 30
// seconds that Amazon ECS waits before it kills a task.
const shutdownTimeout = 20 * time.Second

// Serve answers the listener's requests until the context ends. It then drains: for drainDelay it closes each connection
// after its request, so that the load balancer moves on, and then it lets running requests finish. It returns an error
// if it could not serve, or if it had to abort requests.
func Serve(
	ctx context.Context, listener net.Listener, handler http.Handler, drainDelay time.Duration, logger *slog.Logger,
) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}

	logger.Info("draining", "seconds", drainDelay.Seconds())
	server.SetKeepAlivesEnabled(false)
	select {
	case err := <-failed:
		return err
	case <-time.After(drainDelay):
	}
	shutdown, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if err := server.Shutdown(shutdown); err != nil {
		return errors.Join(fmt.Errorf("requests did not finish in %s: %w", shutdownTimeout, err), server.Close())
	}
	return nil
}
