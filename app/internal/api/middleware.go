package api

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/felixge/httpsnoop"
)

// loggingHandler limits the time of each request, recovers from panics, and logs the request. The log contains neither
// query strings nor bodies, because they may be personal data.
func (a api) loggingHandler(next http.Handler) http.Handler {
	recovering := a.recoveringHandler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), requestTimeout)
		defer cancel()
		metrics := httpsnoop.CaptureMetrics(recovering, w, r.WithContext(ctx))
		a.Logger.LogAttrs(r.Context(), logLevel(r, metrics.Code), "request",
			slog.String("method", r.Method),
			slog.String("path", r.URL.Path),
			slog.Int("status", metrics.Code),
			slog.Int64("bytes", metrics.Written),
			slog.Float64("seconds", metrics.Duration.Seconds()),
			// Load balancers add the header (Elastic Load Balancing User Guide, "Request tracing for your Application Load Balancer").
			slog.String("trace", r.Header.Get("X-Amzn-Trace-Id")),
		)
	})
}

// logLevel returns Debug for the health checks of load balancers, which arrive every few seconds, unless they fail.
func logLevel(r *http.Request, status int) slog.Level {
	switch {
	case status >= http.StatusInternalServerError:
		return slog.LevelError
	case r.URL.Path == "/health" || r.URL.Path == "/ready":
		return slog.LevelDebug
	default:
		return slog.LevelInfo
	}
}

// recoveringHandler answers for a handler that panics.
func (a api) recoveringHandler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer a.recoverFrom(w, r)
		next.ServeHTTP(w, r)
	})
}

func (a api) recoverFrom(w http.ResponseWriter, r *http.Request) {
	if cause := recover(); cause != nil {
		a.Logger.ErrorContext(r.Context(), "panic", "cause", fmt.Sprint(cause), "stack", string(debug.Stack()))
		a.reject(w, r, http.StatusInternalServerError, "the service has an internal error")
	}
}
