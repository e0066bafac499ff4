package postgres

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"stagecraft/app/internal/config"
	"stagecraft/app/internal/login"
)

const (
	// statementTimeout is in milliseconds. After it the server cancels a query: no request waits for it any more.
	statementTimeout = "5000"
	// connectTimeout is in seconds.
	connectTimeout = "5"
	// The pool replaces old connections, so that it discovers new instances behind the reader's name.
	connectionLifetime, lifetimeJitter = 5 * time.Minute, time.Minute
	// pingTimeout limits the check of a connection that was idle. After a failover such connections are dead.
	pingTimeout = time.Second
	// rdsDomain is the suffix of the name of every RDS instance outside of China.
	rdsDomain = ".rds.amazonaws.com"
)

// invalidPassword is PostgreSQL's error code for a wrong password (PostgreSQL documentation, "PostgreSQL Error Codes").
const invalidPassword = "28P01"

// pool contains the connections to one server.
type pool struct {
	*pgxpool.Pool

	logins login.Source
}

// openPool returns a pool, which connects when it is first used.
func openPool(ctx context.Context, address string, settings config.Database, logins login.Source) (*pool, error) {
	options, err := newPoolConfig(address, settings, logins)
	if err != nil {
		return nil, err
	}
	return newPool(ctx, options, logins)
}

func newPool(ctx context.Context, options *pgxpool.Config, logins login.Source) (*pool, error) {
	connections, err := pgxpool.NewWithConfig(ctx, options)
	if err != nil {
		return nil, err
	}
	return &pool{Pool: connections, logins: logins}, nil
}

func newPoolConfig(address string, settings config.Database, logins login.Source) (*pgxpool.Config, error) {
	options, err := pgxpool.ParseConfig(connectionString(address, settings))
	if err != nil {
		return nil, err
	}
	acceptSiblings(options.ConnConfig.TLSConfig, address, settings.Writer)
	options.MaxConns = settings.MaxConnections
	options.MaxConnLifetime, options.MaxConnLifetimeJitter = connectionLifetime, lifetimeJitter
	options.PingTimeout = pingTimeout
	options.BeforeConnect = setLogin(logins)
	return options, nil
}

func connectionString(address string, settings config.Database) string {
	query := url.Values{
		"application_name":  {"stagecraft"},
		"connect_timeout":   {connectTimeout},
		"sslmode":           {settings.TLS},
		"statement_timeout": {statementTimeout},
	}
	if settings.TLS == config.TLSVerify {
		query.Set("sslrootcert", settings.CAFile)
	}
	server := url.URL{Scheme: "postgres", Host: address, Path: "/" + settings.Name, RawQuery: query.Encode()}
	return server.String()
}

// setLogin returns a function that puts the current login into the configuration of a new connection.
func setLogin(logins login.Source) func(context.Context, *pgx.ConnConfig) error {
	return func(ctx context.Context, connection *pgx.ConnConfig) error {
		current, err := logins.Login(ctx)
		connection.User, connection.Password = current.User, current.Password
		return err
	}
}

// withConnection runs queries on a connection. If the server rejects the login, because AWS has just rotated it,
// withConnection reads the login again and retries once.
func (p *pool) withConnection(ctx context.Context, queries func(*pgxpool.Conn) error) error {
	err := p.AcquireFunc(ctx, queries)
	if invalidateLogin(p.logins, err) {
		err = p.AcquireFunc(ctx, queries)
	}
	return err
}

// invalidateLogin reports whether an error means that the server rejected the login. If so, it notifies the login's source.
func invalidateLogin(logins login.Source, err error) bool {
	var failure *pgconn.ConnectError
	var answer *pgconn.PgError
	if !errors.As(err, &failure) || !errors.As(err, &answer) || answer.Code != invalidPassword {
		return false
	}
	logins.Invalidate(login.Login{User: failure.Config.User, Password: failure.Config.Password})
	return true
}

// acceptSiblings allows the reader's name to resolve to several RDS instances, none of which has a certificate for that
// name. It accepts an instance whose certificate is for a sibling of the writer's name. All instances of an account in a
// region share the rest of the name, and no other account's do (Amazon RDS User Guide, "Amazon RDS DB instances").
func acceptSiblings(settings *tls.Config, address, writer string) {
	_, domain, _ := strings.Cut(hostOf(writer), ".")
	if settings == nil || address == writer || !strings.HasSuffix(domain, rdsDomain) {
		return
	}
	host := hostOf(address)
	settings.InsecureSkipVerify = true // VerifyConnection verifies instead.
	settings.VerifyConnection = func(state tls.ConnectionState) error {
		certificate := state.PeerCertificates[0]
		intermediates := x509.NewCertPool()
		for _, issuer := range state.PeerCertificates[1:] {
			intermediates.AddCert(issuer)
		}
		_, err := certificate.Verify(x509.VerifyOptions{Roots: settings.RootCAs, Intermediates: intermediates})
		if err != nil {
			return err
		}
		sibling := func(name string) bool {
			_, parent, _ := strings.Cut(name, ".")
			return strings.EqualFold(parent, domain)
		}
		if certificate.VerifyHostname(host) == nil || slices.ContainsFunc(certificate.DNSNames, sibling) {
			return nil
		}
		return fmt.Errorf("the certificate is for %s: neither for %s nor for a sibling of %s",
			strings.Join(certificate.DNSNames, ", "), host, writer)
	}
}

func hostOf(address string) string {
	host, _, _ := net.SplitHostPort(address) // package config validates it
	return host
}
