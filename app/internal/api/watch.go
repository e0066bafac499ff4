package api

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/felixge/httpsnoop"
)

// watch limits, guards and logs each request. The log holds neither query strings nor bodies: they may be personal data.
func (a api) watch(next http.Handler) http.Handler {
	guarded := a.guard(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), patience)
		defer cancel()
		metrics := httpsnoop.CaptureMetrics(guarded, w, r.WithContext(ctx))
		a.Logger.LogAttrs(r.Context(), level(r, metrics.Code), "request",
			slog.String("method", r.Method),
			slog.String("path", r.URL.Path),
			slog.Int("status", metrics.Code),
			slog.Int64("bytes", metrics.Written),
			slog.Float64("seconds", metrics.Duration.Seconds()),
			// Load balancers add it (Elastic Load Balancing User Guide, "Request tracing for your Application Load Balancer").
			slog.String("trace", r.Header.Get("X-Amzn-Trace-Id")),
		)
	})
}

// level keeps the checks of load balancers, which come every few seconds, out of the log unless they fail.
func level(r *http.Request, status int) slog.Level {
	switch {
	case status >= http.StatusInternalServerError:
		return slog.LevelError
	case r.URL.Path == "/health" || r.URL.Path == "/ready":
		return slog.LevelDebug
	default:
		return slog.LevelInfo
	}
}

// guard answers for a handler that panicked.
func (a api) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer a.recoverFrom(w, r)
		next.ServeHTTP(w, r)
	})
}

func (a api) recoverFrom(w http.ResponseWriter, r *http.Request) {
	if cause := recover(); cause != nil {
		a.Logger.ErrorContext(r.Context(), "panic", "cause", fmt.Sprint(cause), "stack", string(debug.Stack()))
		a.refuse(w, r, http.StatusInternalServerError, "the service made a mistake")
	}
}
