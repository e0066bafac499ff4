// Package config reads the service's configuration from its environment.
package config

import (
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/caarlos0/env/v11"
)

// The values of a TLS setting.
const (
	// TLSVerify requires a certificate that is valid for the server's name.
	TLSVerify = "verify-full"
	// TLSDisable uses plain text, for a server on the same machine.
	TLSDisable = "disable"
)

// Config is the configuration of the service.
type Config struct {
	// Port is the TCP port for plain HTTP. The load balancer before the service terminates TLS.
	Port uint16 `env:"PORT" envDefault:"8080"`
	// AllowedOrigins are the other origins whose pages may call the API, such as https://www.example.com.
	AllowedOrigins []string `env:"ALLOWED_ORIGINS"`
	// DrainDelay is how long the service continues to answer requests after SIGTERM. It already reports that it is not
	// ready.
	DrainDelay time.Duration `env:"DRAIN_DELAY" envDefault:"5s"`

	Database Database `envPrefix:"DATABASE_"`
	Cache    Cache    `envPrefix:"CACHE_"`
}

// Database is the configuration of the servers that store the users.
type Database struct {
	// Writer is the host and port of the server that stores sign-ups.
	Writer string `env:"WRITER,required,notEmpty"`
	// Reader is the host and port of the server that lists users. Default: the writer.
	Reader string `env:"READER"`
	// Name is the database's name on both.
	Name string `env:"NAME,required,notEmpty"`
	// MaxConnections is the maximum number of connections that one process opens to each server.
	MaxConnections int32 `env:"MAX_CONNECTIONS" envDefault:"10"`
	// TLS is TLSVerify or TLSDisable.
	TLS string `env:"TLS" envDefault:"verify-full"`
	// CAFile is the file of the trusted certificate authorities: Amazon RDS's bundle.
	CAFile string `env:"CA_FILE" envDefault:"/etc/ssl/certs/rds-global-bundle.pem"`

	Credentials
}

// Cache is the configuration of the optional cache in front of the reader.
type Cache struct {
	// Endpoint is the host and port of a server that speaks the Redis protocol. Default: no cache.
	Endpoint string `env:"ENDPOINT"`
	// Name is the id of the ElastiCache replication group to which User logs in by IAM. Default: login by password.
	Name string `env:"NAME"`
	// TTL is how long the cache keeps a list of users.
	TTL time.Duration `env:"TTL" envDefault:"5s"`
	// TLS is TLSVerify, with the operating system's certificate authorities, or TLSDisable.
	TLS string `env:"TLS" envDefault:"verify-full"`

	Credentials
}

// Credentials are a login, or the name of the secret that contains it.
type Credentials struct {
	// SecretARN names a secret in AWS Secrets Manager, in the form of the secrets that RDS creates.
	SecretARN string `env:"SECRET_ARN"`
	// User and Password are for local use.
	User     string `env:"USER"`
	Password string `env:"PASSWORD"`
}

// Read reads and validates the environment. Its error names every variable that is missing or invalid.
func Read() (Config, error) {
	config, err := env.ParseAs[Config]()
	if err != nil {
		return Config{}, err
	}
	if config.Database.Reader == "" {
		config.Database.Reader = config.Database.Writer
	}
	return config, config.validate()
}

func (c Config) validate() error {
	database, cache := c.Database, c.Cache
	problems := []error{
		endpointError("DATABASE_WRITER", database.Writer),
		endpointError("DATABASE_READER", database.Reader),
		tlsError("DATABASE_TLS", database.TLS),
		errorIf(database.MaxConnections < 1, "DATABASE_MAX_CONNECTIONS", "1 or more"),
		errorIf(database.SecretARN == "" && database.User == "", "DATABASE_SECRET_ARN",
			"set, or DATABASE_USER and DATABASE_PASSWORD for local use"),
		database.validate("DATABASE"),
		errorIf(c.DrainDelay < 0, "DRAIN_DELAY", "0s or more"),
	}
	if database.TLS == TLSVerify {
		_, err := os.Stat(database.CAFile)
		problems = append(problems, errorIf(err != nil, "DATABASE_CA_FILE",
			fmt.Sprintf("a file: %q cannot be read (RDS's is https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem)",
				database.CAFile)))
	}
	if cache.Endpoint != "" {
		problems = append(problems,
			endpointError("CACHE_ENDPOINT", cache.Endpoint),
			tlsError("CACHE_TLS", cache.TLS),
			errorIf(cache.TTL < time.Millisecond, "CACHE_TTL", "1ms or more"),
			errorIf(cache.Name != "" && (cache.User == "" || cache.Password != "" || cache.TLS != TLSVerify), "CACHE_NAME",
				"set together with CACHE_USER, and without CACHE_PASSWORD: the password comes from IAM, which requires TLS"),
			cache.validate("CACHE"))
	}
	return errors.Join(problems...)
}

func (c Credentials) validate(prefix string) error {
	return errorIf(c.SecretARN != "" && (c.User != "" || c.Password != ""), prefix+"_SECRET_ARN",
		fmt.Sprintf("alone, without %[1]s_USER and %[1]s_PASSWORD", prefix))
}

func endpointError(name, value string) error {
	host, port, err := net.SplitHostPort(value)
	return errorIf(err != nil || host == "" || port == "", name, fmt.Sprintf("host:port, not %q", value))
}

func tlsError(name, value string) error {
	return errorIf(value != TLSVerify && value != TLSDisable, name,
		fmt.Sprintf("%s or %s, not %q", TLSVerify, TLSDisable, value))
}

func errorIf(invalid bool, name, allowed string) error {
	if !invalid {
		return nil
	}
	return fmt.Errorf("%s must be %s", name, allowed)
}
