// Package service assembles the service from its parts.
package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"stagecraft/app/internal/api"
	"stagecraft/app/internal/cache"
	"stagecraft/app/internal/config"
	"stagecraft/app/internal/login"
	"stagecraft/app/internal/postgres"
	"stagecraft/app/web"
)

// migrationPause is the time between two attempts to migrate.
const migrationPause = 5 * time.Second

// errStopping is the reason why the service is not ready after SIGTERM.
var errStopping = errors.New("the service is stopping")

// Service is the service without its HTTP server.
type Service struct {
	// Handler answers requests.
	Handler http.Handler

	database migrator
	cache    *cache.Cache
	logger   *slog.Logger
}

// migrator is the part of the database that Service uses itself.
type migrator interface {
	Migrate(ctx context.Context) error
	Close() error
}

// New returns the service, which connects when it is first used. After the context ends, the service reports that it is
// not ready.
func New(ctx context.Context, settings config.Config, logger *slog.Logger) (*Service, error) {
	sources, err := newLoginSources(ctx)
	if err != nil {
		return nil, err
	}
	database, err := postgres.Open(ctx, settings.Database, sources.source(settings.Database.Credentials))
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	service := &Service{database: database, logger: logger}
	args := api.Args{
		Writer: database,
		Lister: database,
		Ready: func(request context.Context) error {
			if ctx.Err() != nil {
				return errStopping
			}
			return database.Check(request)
		},
		Page:           web.Files,
		AllowedOrigins: settings.AllowedOrigins,
		Logger:         logger,
	}
	if settings.Cache.Endpoint != "" {
		service.cache = cache.Open(settings.Cache, sources.cacheSource(settings.Cache), database, logger)
		args.Lister = service.cache
	}
	service.Handler = api.New(args)
	return service, nil
}

// loginSources creates the sources of logins.
type loginSources struct {
	settings aws.Config
	vault    login.SecretsManager
}

func newLoginSources(ctx context.Context) (loginSources, error) {
	// This reads files and the environment only. The first request to AWS reads a secret or a role's credentials.
	settings, err := awsconfig.LoadDefaultConfig(ctx)
	if err != nil {
		return loginSources{}, fmt.Errorf("AWS configuration: %w", err)
	}
	return loginSources{settings, secretsmanager.NewFromConfig(settings)}, nil
}

func (l loginSources) source(credentials config.Credentials) login.Source {
	if credentials.SecretARN != "" {
		return login.NewSecret(l.vault, credentials.SecretARN)
	}
	return login.Static{User: credentials.User, Password: credentials.Password}
}

func (l loginSources) cacheSource(cache config.Cache) login.Source {
	if cache.Name == "" {
		return l.source(cache.Credentials)
	}
	return login.Token{
		Credentials: l.settings.Credentials, Region: l.settings.Region, Cache: cache.Name, User: cache.User,
	}
}

// Migrate updates the database's schema. It retries until it succeeds or the context ends: an outage of the database,
// such as a failover, must not prevent the service from starting.
func (s *Service) Migrate(ctx context.Context) {
	for {
		err := s.database.Migrate(ctx)
		switch {
		case err == nil:
			s.logger.InfoContext(ctx, "the schema is up to date")
			return
		case ctx.Err() != nil:
			return
		}
		s.logger.ErrorContext(ctx, "the schema update failed", "error", err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(migrationPause):
		}
	}
}

// Close closes all connections.
func (s *Service) Close() error {
	if s.cache == nil {
		return s.database.Close()
	}
	return errors.Join(s.cache.Close(), s.database.Close())
}
