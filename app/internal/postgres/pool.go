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
	// statementTimeout makes the server give up a query that nobody waits for any more.
	statementTimeout = "5000"
	// connectTimeout is in seconds.
	connectTimeout = "5"
	// A connection is replaced after this time, so that the pool finds new readers behind the reader's name.
	connectionLifetime, lifetimeJitter = 5 * time.Minute, time.Minute
	// pingTimeout is after how long a connection that was idle counts as dead, as in a failover.
	pingTimeout = time.Second
	// rdsDomain ends the name of every RDS instance outside of China.
	rdsDomain = ".rds.amazonaws.com"
)

// invalidPassword is what PostgreSQL answers to a wrong password (PostgreSQL documentation, "PostgreSQL Error Codes").
const invalidPassword = "28P01"

// pool is connections to one server, with the login that is valid now.
type pool struct {
	*pgxpool.Pool

	logins login.Source
}

// openPool prepares a pool; it connects when it is first used.
func openPool(ctx context.Context, address string, database config.Database, logins login.Source) (*pool, error) {
	config, err := pgxpool.ParseConfig(dsn(address, database))
	if err != nil {
		return nil, err
	}
	acceptSiblings(config.ConnConfig.TLSConfig, address, database.Writer)
	config.MaxConns = database.MaxConnections
	config.MaxConnLifetime, config.MaxConnLifetimeJitter = connectionLifetime, lifetimeJitter
	config.PingTimeout = pingTimeout
	config.BeforeConnect = logIn(logins)
	opened, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	return &pool{Pool: opened, logins: logins}, nil
}

func dsn(address string, database config.Database) string {
	query := url.Values{
		"application_name":  {"stagecraft"},
		"connect_timeout":   {connectTimeout},
		"sslmode":           {database.TLS},
		"statement_timeout": {statementTimeout},
	}
	if database.TLS == config.TLSVerify {
		query.Set("sslrootcert", database.CAFile)
	}
	name := url.URL{Scheme: "postgres", Host: address, Path: "/" + database.Name, RawQuery: query.Encode()}
	return name.String()
}

func logIn(logins login.Source) func(context.Context, *pgx.ConnConfig) error {
	return func(ctx context.Context, connection *pgx.ConnConfig) error {
		current, err := logins.Login(ctx)
		connection.User, connection.Password = current.User, current.Password
		return err
	}
}

// use runs queries on a connection. A login that was just rotated is refused once: the next one is newer.
func (p *pool) use(ctx context.Context, queries func(*pgxpool.Conn) error) error {
	err := p.AcquireFunc(ctx, queries)
	if refuse(p.logins, err) {
		err = p.AcquireFunc(ctx, queries)
	}
	return err
}

// refuse reports whether an error means that the server did not take the login, and if so tells the login's source.
func refuse(logins login.Source, err error) bool {
	var failure *pgconn.ConnectError
	var answer *pgconn.PgError
	if !errors.As(err, &failure) || !errors.As(err, &answer) || answer.Code != invalidPassword {
		return false
	}
	logins.Invalidate(login.Login{User: failure.Config.User, Password: failure.Config.Password})
	return true
}

// acceptSiblings lets the reader's name be one that leads to several RDS instances, none of which has a certificate for
// it. An instance is accepted if its certificate is for a name beside the writer's: the rest of an endpoint's name is
// the same for all instances of an account in a region, and for nobody else's (Amazon RDS User Guide, "Amazon RDS DB
// instances").
func acceptSiblings(settings *tls.Config, address, writer string) {
	_, domain, _ := strings.Cut(hostOf(writer), ".")
	if settings == nil || address == writer || !strings.HasSuffix(domain, rdsDomain) {
		return
	}
	asked := hostOf(address)
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
			_, beside, _ := strings.Cut(name, ".")
			return strings.EqualFold(beside, domain)
		}
		if certificate.VerifyHostname(asked) == nil || slices.ContainsFunc(certificate.DNSNames, sibling) {
			return nil
		}
		return fmt.Errorf("the certificate is for %s: neither for %s nor for an instance beside %s",
			strings.Join(certificate.DNSNames, ", "), asked, writer)
	}
}

func hostOf(address string) string {
	host, _, _ := net.SplitHostPort(address) // config has checked it
	return host
}
