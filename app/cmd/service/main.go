// Command service is the reference service: it signs users up and lists them. docs/app.md describes its configuration.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"syscall"

	"stagecraft/app/internal/config"
	"stagecraft/app/internal/server"
	"stagecraft/app/internal/service"
)

func main() {
	logger := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	err := run(ctx, logger)
	stop()
	if err != nil {
		logger.Error("the service failed", "error", err)
		os.Exit(1)
	}
	logger.Info("stopped")
}

// run serves until the context ends.
func run(ctx context.Context, logger *slog.Logger) (err error) {
	settings, err := config.Read()
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	running, err := service.New(ctx, settings, logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, running.Close()) }()

	address := ":" + strconv.Itoa(int(settings.Port))
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return err
	}
	logger.Info("listening", "address", listener.Addr().String())

	var migration sync.WaitGroup
	defer migration.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	migration.Go(func() { running.Migrate(ctx) })
	return server.Serve(ctx, listener, running.Handler, settings.DrainDelay, logger)
}
