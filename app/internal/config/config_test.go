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

// set replaces the service's variables in the environment.
func set(t *testing.T, variables map[string]string) {
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if strings.HasPrefix(name, "DATABASE_") || strings.HasPrefix(name, "CACHE_") || name == "PORT" {
			t.Setenv(name, "") // restores the variable after the test
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

func TestReadRejects(t *testing.T) {
	type variables map[string]string
	good := variables{
		"DATABASE_WRITER": "db:5432", "DATABASE_NAME": "app", "DATABASE_USER": "ada", "DATABASE_PASSWORD": "pass",
		"DATABASE_TLS": "disable", "CACHE_ENDPOINT": "cache:6379",
	}
	const iam = "CACHE_NAME must be set together with CACHE_USER, and without CACHE_PASSWORD: " +
		"the password comes from IAM, which requires TLS"
	for name, test := range map[string]struct {
		change variables
		reason string // the whole error
	}{
		"writer without a port":    {variables{"DATABASE_WRITER": "db", "DATABASE_READER": "db:1"}, `DATABASE_WRITER must be host:port, not "db"`},
		"reader without a host":    {variables{"DATABASE_READER": ":5432"}, `DATABASE_READER must be host:port, not ":5432"`},
		"reader without a number":  {variables{"DATABASE_READER": "db:"}, `DATABASE_READER must be host:port, not "db:"`},
		"cache as a URL":           {variables{"CACHE_ENDPOINT": "redis://cache:6379/"}, `CACHE_ENDPOINT must be host:port, not "redis://cache:6379/"`},
		"no credentials":           {variables{"DATABASE_USER": ""}, "DATABASE_SECRET_ARN must be set, or DATABASE_USER and DATABASE_PASSWORD for local use"},
		"secret with a login":      {variables{"DATABASE_SECRET_ARN": secret}, "DATABASE_SECRET_ARN must be alone, without DATABASE_USER and DATABASE_PASSWORD"},
		"secret with a user":       {variables{"CACHE_SECRET_ARN": secret, "CACHE_USER": "app"}, "CACHE_SECRET_ARN must be alone, without CACHE_USER and CACHE_PASSWORD"},
		"secret with a password":   {variables{"CACHE_SECRET_ARN": secret, "CACHE_PASSWORD": "pass"}, "CACHE_SECRET_ARN must be alone, without CACHE_USER and CACHE_PASSWORD"},
		"unknown TLS mode":         {variables{"DATABASE_TLS": "prefer"}, `DATABASE_TLS must be verify-full or disable, not "prefer"`},
		"unknown cache TLS mode":   {variables{"CACHE_TLS": "off"}, `CACHE_TLS must be verify-full or disable, not "off"`},
		"no bundle":                {variables{"DATABASE_TLS": "verify-full", "DATABASE_CA_FILE": "/missing.pem"}, `DATABASE_CA_FILE must be a file: "/missing.pem" cannot be read (RDS's is https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem)`},
		"no connections":           {variables{"DATABASE_MAX_CONNECTIONS": "0"}, "DATABASE_MAX_CONNECTIONS must be 1 or more"},
		"IAM without a user":       {variables{"CACHE_NAME": "cache-1a2b3c4"}, iam},
		"IAM with a password":      {variables{"CACHE_NAME": "cache-1a2b3c4", "CACHE_USER": "app", "CACHE_PASSWORD": "pass"}, iam},
		"IAM without TLS":          {variables{"CACHE_NAME": "cache-1a2b3c4", "CACHE_USER": "app", "CACHE_TLS": "disable"}, iam},
		"time to live of zero":     {variables{"CACHE_TTL": "0s"}, "CACHE_TTL must be 1ms or more"},
		"time to live below 1 ms":  {variables{"CACHE_TTL": "999us"}, "CACHE_TTL must be 1ms or more"},
		"negative delay":           {variables{"DRAIN_DELAY": "-1s"}, "DRAIN_DELAY must be 0s or more"},
		"several problems at once": {variables{"DATABASE_TLS": "prefer", "CACHE_TTL": "0s"}, "DATABASE_TLS must be verify-full or disable, not \"prefer\"\nCACHE_TTL must be 1ms or more"},
	} {
		t.Run(name, func(t *testing.T) {
			set(t, good)
			for variable, value := range test.change {
				t.Setenv(variable, value)
			}
			_, err := config.Read()
			require.EqualError(t, err, test.reason)
		})
	}
	for name, test := range map[string]struct{ variable, value, reason string }{
		"no writer":            {"DATABASE_WRITER", "", "DATABASE_WRITER"},
		"no name":              {"DATABASE_NAME", "", "DATABASE_NAME"},
		"TTL without a unit":   {"CACHE_TTL", "5", "TTL"},
		"port that is too big": {"PORT", "65536", "Port"},
	} {
		t.Run(name, func(t *testing.T) {
			set(t, good)
			t.Setenv(test.variable, test.value)
			read, err := config.Read()
			require.ErrorContains(t, err, test.reason)
			require.Zero(t, read)
		})
	}
}

func TestReadAcceptsLimits(t *testing.T) {
	set(t, map[string]string{
		"DATABASE_WRITER": "db:5432", "DATABASE_NAME": "app", "DATABASE_USER": "ada", "DATABASE_TLS": "disable",
		"DATABASE_MAX_CONNECTIONS": "1", "CACHE_ENDPOINT": "cache:6379", "CACHE_TTL": "1ms", "PORT": "65535",
	})
	read, err := config.Read()
	require.NoError(t, err)
	require.EqualValues(t, 1, read.Database.MaxConnections)
	require.Equal(t, time.Millisecond, read.Cache.TTL)

	// Without a cache its other variables do not matter.
	set(t, map[string]string{
		"DATABASE_WRITER": "db:5432", "DATABASE_NAME": "app", "DATABASE_USER": "ada", "DATABASE_TLS": "disable", "CACHE_TLS": "off",
	})
	_, err = config.Read()
	require.NoError(t, err)
}
