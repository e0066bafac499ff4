// Package service puts the parts of the service together.
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

// migrationPause is the time between two tries to migrate.
const migrationPause = 5 * time.Second

// errStopping makes the service not ready once it was told to stop.
var errStopping = errors.New("the service is stopping")

// Service is the service, without the server or function that serves it.
type Service struct {
	// Handler answers requests.
	Handler http.Handler

	database *postgres.Database
	cache    *cache.Cache
	logger   *slog.Logger
}

// New puts the service together; it connects to nothing yet. Once the context ends, the service reports not to be ready.
func New(ctx context.Context, settings config.Config, logger *slog.Logger) (*Service, error) {
	logins, err := newLogins(ctx)
	if err != nil {
		return nil, err
	}
	database, err := postgres.Open(ctx, settings.Database, logins.of(settings.Database.Credentials))
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
		service.cache = cache.Open(settings.Cache, logins.ofCache(settings.Cache), database, logger)
		args.Lister = service.cache
	}
	service.Handler = api.New(args)
	return service, nil
}

// logins makes sources of logins.
type logins struct {
	settings aws.Config
	vault    login.SecretsManager
}

func newLogins(ctx context.Context) (logins, error) {
	// It reads files and the environment only: AWS is first asked when a secret is read or a token is signed.
	settings, err := awsconfig.LoadDefaultConfig(ctx)
	if err != nil {
		return logins{}, fmt.Errorf("AWS configuration: %w", err)
	}
	return logins{settings, secretsmanager.NewFromConfig(settings)}, nil
}

func (l logins) of(credentials config.Credentials) login.Source {
	if credentials.SecretARN != "" {
		return login.NewSecret(l.vault, credentials.SecretARN)
	}
	return login.Static{User: credentials.User, Password: credentials.Password}
}

func (l logins) ofCache(cache config.Cache) login.Source {
	if cache.Name == "" {
		return l.of(cache.Credentials)
	}
	return login.Token{
		Credentials: l.settings.Credentials, Region: l.settings.Region, Cache: cache.Name, User: cache.User,
	}
}

// Migrate brings the database's schema up to date. It tries until that is done or the context ends: a database that is
// away for a while, as in a failover, must not stop the service from starting.
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
		s.logger.ErrorContext(ctx, "the schema could not be brought up to date", "error", err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(migrationPause):
		}
	}
}

// Close ends all connections.
func (s *Service) Close() error {
	if s.cache == nil {
		return s.database.Close()
	}
	return errors.Join(s.cache.Close(), s.database.Close())
}
