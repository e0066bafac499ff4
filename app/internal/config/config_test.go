package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"stagecraft/app/internal/config"
)

const secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:rds!db-1-AbCdEf"

// set makes the environment hold nothing of the service's but the variables.
func set(t *testing.T, variables map[string]string) {
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if strings.HasPrefix(name, "DATABASE_") || strings.HasPrefix(name, "CACHE_") || name == "PORT" {
			t.Setenv(name, "") // has the test put it back
			require.NoError(t, os.Unsetenv(name))
		}
	}
	for name, value := range variables {
		t.Setenv(name, value)
	}
}

func TestRead(t *testing.T) {
	bundle := filepath.Join(t.TempDir(), "bundle.pem")
	require.NoError(t, os.WriteFile(bundle, nil, 0o600))
	set(t, map[string]string{
		"DATABASE_WRITER": "db:5432", "DATABASE_NAME": "app", "DATABASE_SECRET_ARN": secret, "DATABASE_CA_FILE": bundle,
	})
	read, err := config.Read()
	require.NoError(t, err)
	require.Equal(t, config.Config{
		Port:       8080,
		DrainDelay: 5 * time.Second,
		Database: config.Database{
			Writer: "db:5432", Reader: "db:5432", Name: "app", MaxConnections: 10, TLS: "verify-full", CAFile: bundle,
			Credentials: config.Credentials{SecretARN: secret},
		},
		Cache: config.Cache{TTL: 5 * time.Second, TLS: "verify-full"},
	}, read)

	set(t, map[string]string{
		"PORT": "9090", "ALLOWED_ORIGINS": "https://a.example.com,https://b.example.com", "DRAIN_DELAY": "0s",
		"DATABASE_WRITER": "writer:1", "DATABASE_READER": "reader:2", "DATABASE_NAME": "other", "DATABASE_TLS": "disable",
		"DATABASE_USER": "ada", "DATABASE_PASSWORD": "pass", "DATABASE_MAX_CONNECTIONS": "3",
		"CACHE_ENDPOINT": "cache:6379", "CACHE_TLS": "disable", "CACHE_TTL": "1m", "CACHE_SECRET_ARN": secret,
	})
	require.NoError(t, os.Unsetenv("DATABASE_CA_FILE"))
	require.NoError(t, os.Unsetenv("DATABASE_SECRET_ARN"))
	read, err = config.Read()
	require.NoError(t, err)
	require.EqualValues(t, 9090, read.Port)
	require.Equal(t, []string{"https://a.example.com", "https://b.example.com"}, read.AllowedOrigins)
	require.Zero(t, read.DrainDelay)
	require.Equal(t, "reader:2", read.Database.Reader)
	require.Equal(t, config.Credentials{User: "ada", Password: "pass"}, read.Database.Credentials)
	require.Equal(t, config.Cache{
		Endpoint: "cache:6379", TTL: time.Minute, TLS: "disable", Credentials: config.Credentials{SecretARN: secret},
	}, read.Cache)

	set(t, map[string]string{
		"DATABASE_WRITER": "writer:1", "DATABASE_NAME": "app", "DATABASE_SECRET_ARN": secret, "DATABASE_CA_FILE": bundle,
		"CACHE_ENDPOINT": "cache:6379", "CACHE_NAME": "cache-1a2b3c4", "CACHE_USER": "app",
	})
	read, err = config.Read()
	require.NoError(t, err)
	require.Equal(t, config.Cache{
		Endpoint: "cache:6379", Name: "cache-1a2b3c4", TTL: 5 * time.Second, TLS: "verify-full",
		Credentials: config.Credentials{User: "app"},
	}, read.Cache)
}

func TestReadRefuses(t *testing.T) {
	good := map[string]string{
		"DATABASE_WRITER": "db:5432", "DATABASE_NAME": "app", "DATABASE_USER": "ada", "DATABASE_PASSWORD": "pass",
		"DATABASE_TLS": "disable", "CACHE_ENDPOINT": "cache:6379",
	}
	for name, test := range map[string]struct{ variable, value, reason string }{
		"no writer":         {"DATABASE_WRITER", "", "DATABASE_WRITER"},
		"no name":           {"DATABASE_NAME", "", "DATABASE_NAME"},
		"a bare writer":     {"DATABASE_WRITER", "db", `DATABASE_WRITER must be host:port, not "db"`},
		"a bare reader":     {"DATABASE_READER", ":5432", "DATABASE_READER must be host:port"},
		"a bare cache":      {"CACHE_ENDPOINT", "redis://cache:6379/", "CACHE_ENDPOINT must be host:port"},
		"no credentials":    {"DATABASE_USER", "", "DATABASE_SECRET_ARN must be set, or DATABASE_USER"},
		"two credentials":   {"DATABASE_SECRET_ARN", secret, "DATABASE_SECRET_ARN must be alone"},
		"another TLS mode":  {"DATABASE_TLS", "prefer", `DATABASE_TLS must be verify-full or disable, not "prefer"`},
		"another cache TLS": {"CACHE_TLS", "off", "CACHE_TLS must be verify-full or disable"},
		"no bundle":         {"DATABASE_TLS", "verify-full", `DATABASE_CA_FILE must be a file: "/etc/ssl/certs/rds-global-bundle.pem"`},
		"no connections":    {"DATABASE_MAX_CONNECTIONS", "0", "DATABASE_MAX_CONNECTIONS must be 1 or more"},
		"IAM for nobody":    {"CACHE_NAME", "cache-1a2b3c4", "CACHE_NAME must be set together with CACHE_USER"},
		"no time to live":   {"CACHE_TTL", "0s", "CACHE_TTL must be 1ms or more"},
		"a number as TTL":   {"CACHE_TTL", "5", "TTL"},
		"a negative delay":  {"DRAIN_DELAY", "-1s", "DRAIN_DELAY must be 0s or more"},
		"a high port":       {"PORT", "65536", "Port"},
	} {
		t.Run(name, func(t *testing.T) {
			set(t, good)
			t.Setenv(test.variable, test.value)
			_, err := config.Read()
			require.ErrorContains(t, err, test.reason)
			require.NotContains(t, err.Error(), "pass\"")
		})
	}
	for variable, value := range map[string]string{"CACHE_PASSWORD": "pass", "CACHE_TLS": "disable"} {
		set(t, good)
		t.Setenv("CACHE_NAME", "cache-1a2b3c4")
		t.Setenv("CACHE_USER", "app")
		_, err := config.Read()
		require.NoError(t, err)
		t.Setenv(variable, value)
		_, err = config.Read()
		require.ErrorContains(t, err, "CACHE_NAME", variable)
	}
	set(t, map[string]string{"DATABASE_WRITER": "db", "DATABASE_NAME": "app"})
	_, err := config.Read()
	require.ErrorContains(t, err, "DATABASE_WRITER")
	require.ErrorContains(t, err, "DATABASE_SECRET_ARN", "all problems are told at once")
}
