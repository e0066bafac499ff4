// Package cache keeps lists of users for a few seconds in a server that speaks the Redis protocol.
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

// The client's failures come back to the caller, who logs them: its own log is not for machines.
func init() { logging.Disable() }

// timeout limits what a request waits for the cache, once to read and once to write.
const timeout = 250 * time.Millisecond

// lifetime ends connections before ElastiCache does: it cuts those that logged in by IAM after twelve hours (Amazon
// ElastiCache User Guide, "Authenticating with IAM").
const lifetime = 11 * time.Hour

// Lister lists users.
type Lister interface {
	List(ctx context.Context, page users.Page) ([]users.User, error)
}

// Cache lists users from the cache where it can, and else from the lister behind it. It never fails by itself.
type Cache struct {
	client *redis.Client
	logins login.Source
	behind Lister
	ttl    time.Duration
	logger *slog.Logger
}

// Open prepares a cache before a lister; it connects when it is first used. An empty login is none.
func Open(cache config.Cache, logins login.Source, behind Lister, logger *slog.Logger) *Cache {
	opened := &Cache{logins: logins, behind: behind, ttl: cache.TTL, logger: logger}
	options := &redis.Options{
		Addr: cache.Endpoint,
		CredentialsProviderContext: func(ctx context.Context) (string, string, error) {
			current, err := logins.Login(ctx)
			return current.User, current.Password, err
		},
		ContextTimeoutEnabled: true,
		ConnMaxLifetime:       lifetime,
		DialTimeout:           timeout,
		DialerRetries:         1,
		MaxRetries:            -1,
		// Commands that not every server knows.
		Protocol:                 2,
		DisableIdentity:          true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}
	if cache.TLS == config.TLSVerify {
		options.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	opened.client = redis.NewClient(options)
	return opened
}

// List implements Lister. A list is up to the time to live older than that of the lister behind.
func (c *Cache) List(ctx context.Context, page users.Page) ([]users.User, error) {
	key := fmt.Sprintf("users:%d:%d", page.After, page.Limit)
	list, err := c.read(ctx, key)
	if err == nil {
		return list, nil
	}
	c.report(ctx, "read", err)
	list, err = c.behind.List(ctx, page)
	if err != nil {
		return nil, err
	}
	c.report(ctx, "write", c.write(ctx, key, list))
	return list, nil
}

// Close ends the connections.
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

// report logs a failure of the cache, and has a login that was refused read anew.
func (c *Cache) report(ctx context.Context, step string, err error) {
	if err == nil || errors.Is(err, redis.Nil) || ctx.Err() != nil {
		return
	}
	c.logger.WarnContext(ctx, "the cache failed", "step", step, "error", err)
	if !redis.IsAuthError(err) {
		return
	}
	if refused, err := c.logins.Login(ctx); err == nil {
		c.logins.Invalidate(refused)
	}
}
