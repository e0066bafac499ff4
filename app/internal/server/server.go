// Package server serves HTTP until it is told to stop, and then lets requests end that are under way.
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

// The limits of a connection. Idle ones outlive the load balancer's idle timeout of 60 seconds, so that it never sends a
// request on one that is about to close (Elastic Load Balancing User Guide, "Troubleshoot your Application Load
// Balancers", HTTP 502).
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 10 * time.Second
	writeTimeout  = 15 * time.Second
	idleTimeout   = 75 * time.Second
	maxHeader     = 16 << 10
)

// endTimeout is how long requests may take to end. With the drain delay it must fit in the 30 seconds that Amazon ECS
// waits before it kills a task.
const endTimeout = 20 * time.Second

// Serve answers requests that come to the listener until the context ends. For the time of drainDelay it then goes on,
// but closes each connection after its request, so that the load balancer turns away; then it lets the last requests
// end. It gives an error if it could not serve, or if requests had to be broken off.
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
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTimeout)
	defer cancel()
	if err := server.Shutdown(last); err != nil {
		return errors.Join(fmt.Errorf("requests did not end in %s: %w", endTimeout, err), server.Close())
	}
	return nil
}
