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

// The values that a TLS setting takes.
const (
	// TLSVerify demands a certificate that is valid for the server's name.
	TLSVerify = "verify-full"
	// TLSDisable speaks plain text: for a server on the same machine.
	TLSDisable = "disable"
)

// Config is what the service must be told.
type Config struct {
	// Port is where the service listens, for plain HTTP: what stands before it ends TLS.
	Port uint16 `env:"PORT" envDefault:"8080"`
	// AllowedOrigins are the other origins whose pages may call the API, such as https://www.example.com.
	AllowedOrigins []string `env:"ALLOWED_ORIGINS"`
	// DrainDelay is how long the service, once told to stop, still takes requests while it reports not to be ready.
	DrainDelay time.Duration `env:"DRAIN_DELAY" envDefault:"5s"`

	Database Database `envPrefix:"DATABASE_"`
	Cache    Cache    `envPrefix:"CACHE_"`
}

// Database is where the users are kept.
type Database struct {
	// Writer is the host and port of the server that takes sign-ups.
	Writer string `env:"WRITER,required,notEmpty"`
	// Reader is the host and port of the server that lists users. Default: the writer.
	Reader string `env:"READER"`
	// Name is the database's name on both.
	Name string `env:"NAME,required,notEmpty"`
	// MaxConnections is how many connections one process opens to each server at most.
	MaxConnections int32 `env:"MAX_CONNECTIONS" envDefault:"10"`
	// TLS is TLSVerify or TLSDisable.
	TLS string `env:"TLS" envDefault:"verify-full"`
	// CAFile holds the certificate authorities to trust: Amazon RDS's bundle.
	CAFile string `env:"CA_FILE" envDefault:"/etc/ssl/certs/rds-global-bundle.pem"`

	Credentials
}

// Cache is the optional cache in front of the reader.
type Cache struct {
	// Endpoint is the host and port of a server that speaks the Redis protocol; without one there is no cache.
	Endpoint string `env:"ENDPOINT"`
	// Name is the id of the ElastiCache replication group that User logs in to by IAM, "" to log in by password.
	Name string `env:"NAME"`
	// TTL is how long a list of users may be served from the cache.
	TTL time.Duration `env:"TTL" envDefault:"5s"`
	// TLS is TLSVerify, with the operating system's certificate authorities, or TLSDisable.
	TLS string `env:"TLS" envDefault:"verify-full"`

	Credentials
}

// Credentials are a login, or the secret that holds it.
type Credentials struct {
	// SecretARN names a secret in AWS Secrets Manager, in the form that RDS gives it.
	SecretARN string `env:"SECRET_ARN"`
	// User and Password are for local use.
	User     string `env:"USER"`
	Password string `env:"PASSWORD"`
}

// Read reads and checks the environment. Its error names every variable that is missing or wrong.
func Read() (Config, error) {
	config, err := env.ParseAs[Config]()
	if err != nil {
		return Config{}, err
	}
	if config.Database.Reader == "" {
		config.Database.Reader = config.Database.Writer
	}
	return config, config.check()
}

func (c Config) check() error {
	database, cache := c.Database, c.Cache
	problems := []error{
		endpoint("DATABASE_WRITER", database.Writer),
		endpoint("DATABASE_READER", database.Reader),
		transport("DATABASE_TLS", database.TLS),
		refuseIf(database.MaxConnections < 1, "DATABASE_MAX_CONNECTIONS", "1 or more"),
		refuseIf(database.SecretARN == "" && database.User == "", "DATABASE_SECRET_ARN",
			"set, or DATABASE_USER and DATABASE_PASSWORD for local use"),
		database.check("DATABASE"),
		refuseIf(c.DrainDelay < 0, "DRAIN_DELAY", "0s or more"),
	}
	if database.TLS == TLSVerify {
		_, err := os.Stat(database.CAFile)
		problems = append(problems, refuseIf(err != nil, "DATABASE_CA_FILE",
			fmt.Sprintf("a file: %q cannot be read (RDS's is https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem)",
				database.CAFile)))
	}
	if cache.Endpoint != "" {
		problems = append(problems,
			endpoint("CACHE_ENDPOINT", cache.Endpoint),
			transport("CACHE_TLS", cache.TLS),
			refuseIf(cache.TTL < time.Millisecond, "CACHE_TTL", "1ms or more"),
			refuseIf(cache.Name != "" && (cache.User == "" || cache.Password != "" || cache.TLS != TLSVerify), "CACHE_NAME",
				"set together with CACHE_USER, and without CACHE_PASSWORD: IAM gives the password, which is for TLS only"),
			cache.check("CACHE"))
	}
	return errors.Join(problems...)
}

func (c Credentials) check(prefix string) error {
	return refuseIf(c.SecretARN != "" && (c.User != "" || c.Password != ""), prefix+"_SECRET_ARN",
		fmt.Sprintf("alone: %[1]s_USER and %[1]s_PASSWORD are set, too", prefix))
}

func endpoint(name, value string) error {
	host, port, err := net.SplitHostPort(value)
	return refuseIf(err != nil || host == "" || port == "", name, fmt.Sprintf("host:port, not %q", value))
}

func transport(name, value string) error {
	return refuseIf(value != TLSVerify && value != TLSDisable, name,
		fmt.Sprintf("%s or %s, not %q", TLSVerify, TLSDisable, value))
}

func refuseIf(wrong bool, name, allowed string) error {
	if !wrong {
		return nil
	}
	return fmt.Errorf("%s must be %s", name, allowed)
}
