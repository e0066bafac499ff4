// Package cache caches lists of users for a few seconds in a server that speaks the Redis protocol.
package cache

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"

	"stagecraft/app/internal/config"
	"stagecraft/app/internal/login"
	"stagecraft/app/internal/users"
)

// The client also returns its failures, and this package logs those. The client's own log is not JSON.
func init() { logging.Disable() }

// timeout limits how long a request waits for the cache, once to read and once to write.
const timeout = 250 * time.Millisecond

// connectionLifetime is shorter than the twelve hours after which ElastiCache closes connections that logged in by IAM
// (Amazon ElastiCache User Guide, "Authenticating with IAM").
const connectionLifetime = 11 * time.Hour

// Lister lists users.
type Lister interface {
	List(ctx context.Context, page users.Page) ([]users.User, error)
}

// Cache lists users from the cache if it can, and otherwise from the next lister. A failure of the cache is never an
// error.
type Cache struct {
	client *redis.Client
	logins login.Source
	next   Lister
	ttl    time.Duration
	logger *slog.Logger
}

// Open returns a cache in front of a lister. It connects when it is first used. An empty login means no login.
func Open(settings config.Cache, logins login.Source, next Lister, logger *slog.Logger) *Cache {
	client := redis.NewClient(newOptions(settings, logins))
	return &Cache{client: client, logins: logins, next: next, ttl: settings.TTL, logger: logger}
}

func newOptions(settings config.Cache, logins login.Source) *redis.Options {
	options := &redis.Options{
		Addr: settings.Endpoint,
		CredentialsProviderContext: func(ctx context.Context) (string, string, error) {
			current, err := logins.Login(ctx)
			return current.User, current.Password, err
		},
		ContextTimeoutEnabled: true,
		ConnMaxLifetime:       connectionLifetime,
		DialTimeout:           timeout,
		DialerRetries:         1,
		MaxRetries:            -1,
		// Older servers do not know the commands that these options avoid.
		Protocol:                 2,
		DisableIdentity:          true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}
	if settings.TLS == config.TLSVerify {
		options.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	return options
}

// List implements Lister. A list is at most the time to live older than the next lister's.
func (c *Cache) List(ctx context.Context, page users.Page) ([]users.User, error) {
	key := fmt.Sprintf("users:%d:%d", page.After, page.Limit)
	list, err := c.read(ctx, key)
	if err == nil {
		return list, nil
	}
	c.report(ctx, "read", err)
	list, err = c.next.List(ctx, page)
	if err != nil {
		return nil, err
	}
	c.report(ctx, "write", c.write(ctx, key, list))
	return list, nil
}

// Close closes the connections.
func (c *Cache) Close() error { return c.client.Close() }

func (c *Cache) read(ctx context.Context, key string) (list []users.User, err error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	text, err := c.client.Get(ctx, key).Bytes()
	if err != nil {
		return nil, err
	}
	return list, json.Unmarshal(text, &list)
}

func (c *Cache) write(ctx context.Context, key string, list []users.User) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	text, err := json.Marshal(list)
	if err != nil {
		return err
	}
	return c.client.Set(ctx, key, text, c.ttl).Err()
}

// report logs a failure of the cache. If the server rejected the login, report invalidates it. A request that its client
// aborts is no failure.
func (c *Cache) report(ctx context.Context, step string, err error) {
	if err == nil || errors.Is(err, redis.Nil) || ctx.Err() != nil {
		return
	}
	c.logger.WarnContext(ctx, "the cache failed", "step", step, "error", err)
	if !redis.IsAuthError(err) {
		return
	}
	if rejected, err := c.logins.Login(ctx); err == nil {
		c.logins.Invalidate(rejected)
	}
}
