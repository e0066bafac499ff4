package cache

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"stagecraft/app/internal/config"
	"stagecraft/app/internal/login"
	"stagecraft/app/internal/tlstest"
)

func TestConnectionLifetime(t *testing.T) {
	t.Parallel()
	options := newOptions(config.Cache{}, login.Static{})
	require.Equal(t, 11*time.Hour, options.ConnMaxLifetime)
	require.Less(t, options.ConnMaxLifetime, 12*time.Hour, "ElastiCache closes connections then")
}

// TestTimeout follows one read of a cache that does not answer, by what hangs.
func TestTimeout(t *testing.T) {
	t.Parallel()
	for name, dial := range map[string]func(context.Context) (net.Conn, error){
		"connecting": func(ctx context.Context) (net.Conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		},
		"answering": func(context.Context) (net.Conn, error) {
			near, _ := net.Pipe()
			return near, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var dials atomic.Int32
				options := newOptions(config.Cache{}, login.Static{})
				options.Dialer = func(ctx context.Context, _, _ string) (net.Conn, error) {
					dials.Add(1)
					return dial(ctx)
				}
				cache := &Cache{client: redis.NewClient(options)}
				begin := time.Now()
				_, err := cache.read(t.Context(), "users:0:1")
				require.Error(t, err)
				require.Equal(t, 250*time.Millisecond, time.Since(begin))
				require.EqualValues(t, 1, dials.Load(), "neither the connection nor the command is retried")
				require.NoError(t, cache.Close())
			})
		})
	}
}

func TestConnectionIsNotRetried(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var dials atomic.Int32
		options := newOptions(config.Cache{}, login.Static{})
		options.Dialer = func(context.Context, string, string) (net.Conn, error) {
			dials.Add(1)
			return nil, errors.New("connection refused")
		}
		cache := &Cache{client: redis.NewClient(options)}
		begin := time.Now()
		_, err := cache.read(t.Context(), "users:0:1")
		require.ErrorContains(t, err, "connection refused")
		require.EqualValues(t, 1, dials.Load())
		require.Zero(t, time.Since(begin))
		require.NoError(t, cache.Close())
	})
}

func TestTLS(t *testing.T) {
	t.Parallel()
	authority := tlstest.NewAuthority()
	ping := func(t *testing.T, server *tls.Config) error {
		redisServer := miniredis.NewMiniRedis()
		require.NoError(t, redisServer.StartTLS(server))
		t.Cleanup(redisServer.Close)
		options := newOptions(config.Cache{
			Endpoint: net.JoinHostPort("localhost", redisServer.Port()), TLS: config.TLSVerify,
		}, login.Static{})
		require.Nil(t, options.TLSConfig.RootCAs, "the operating system's certificate authorities are trusted")
		options.TLSConfig.RootCAs = authority.Pool()
		options.DialTimeout = 10 * time.Second
		client := redis.NewClient(options)
		t.Cleanup(func() { require.NoError(t, client.Close()) })
		return client.Ping(t.Context()).Err()
	}
	require.NoError(t, ping(t, &tls.Config{Certificates: []tls.Certificate{authority.Certificate("localhost")}}))
	for name, server := range authority.Untrustworthy("localhost") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.ErrorContains(t, ping(t, server.Config), server.Error)
		})
	}
	require.Nil(t, newOptions(config.Cache{TLS: config.TLSDisable}, login.Static{}).TLSConfig)
}
