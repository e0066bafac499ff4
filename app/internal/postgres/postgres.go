// Package postgres stores users in PostgreSQL. A writer stores sign-ups, and a reader lists users.
package postgres

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"stagecraft/app/internal/config"
	"stagecraft/app/internal/login"
	"stagecraft/app/internal/users"
)

//go:embed migrations/*.sql
var files embed.FS

// versionTable records the migrations that were applied.
const versionTable = "schema_version"

// lockAttempts is how often, once a second, a process tries to lock the schema while another process migrates it.
const lockAttempts = 60

// Database is the writer and the reader.
type Database struct {
	writer, reader *pool
	schema         *goose.Provider
	// newest is the version of the schema that this program needs.
	newest int64
}

// Open returns the database. It connects when it is first used.
func Open(ctx context.Context, settings config.Database, logins login.Source) (*Database, error) {
	writer, err := openPool(ctx, settings.Writer, settings, logins)
	if err != nil {
		return nil, fmt.Errorf("writer: %w", err)
	}
	reader := writer
	if settings.Reader != settings.Writer {
		reader, err = openPool(ctx, settings.Reader, settings, logins)
		if err != nil {
			return nil, fmt.Errorf("reader: %w", err)
		}
	}
	schema, err := newSchema(writer)
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	sources := schema.ListSources()
	return &Database{writer: writer, reader: reader, schema: schema, newest: sources[len(sources)-1].Version}, nil
}

// newSchema returns the migrations of the writer.
func newSchema(writer *pool) (*goose.Provider, error) {
	// A migration may take longer than a request.
	connection := writer.Config().ConnConfig.Copy()
	delete(connection.RuntimeParams, "statement_timeout")

	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, lockAttempts))
	if err != nil {
		return nil, err
	}
	migrations, err := fs.Sub(files, "migrations")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, newSQL(connection, writer.logins), migrations,
		goose.WithSessionLocker(locker), goose.WithTableName(versionTable), goose.WithDisableGlobalRegistry(true))
}

func newSQL(connection *pgx.ConnConfig, logins login.Source) *sql.DB {
	return stdlib.OpenDB(*connection, stdlib.OptionBeforeConnect(setLogin(logins)))
}

// Migrate updates the writer's schema to the version that this program needs. Processes that start at the same time wait
// for each other.
func (d *Database) Migrate(ctx context.Context) error {
	_, err := d.schema.Up(ctx)
	if invalidateLogin(d.writer.logins, err) {
		_, err = d.schema.Up(ctx)
	}
	return err
}

// SignUp adds a user, or returns the one who already has the address. It reports whether it created the user.
func (d *Database) SignUp(ctx context.Context, email users.Email) (user users.User, created bool, err error) {
	err = d.writer.withConnection(ctx, func(connection *pgxpool.Conn) error {
		user, err = queryUser(ctx, connection,
			`INSERT INTO users (email) VALUES ($1) ON CONFLICT (email) DO NOTHING RETURNING id, email, created_at`, email)
		created = err == nil
		if errors.Is(err, pgx.ErrNoRows) {
			user, err = queryUser(ctx, connection, `SELECT id, email, created_at FROM users WHERE email = $1`, email)
		}
		return err
	})
	return user, created, err
}

func queryUser(ctx context.Context, connection *pgxpool.Conn, query string, email users.Email) (users.User, error) {
	rows, err := connection.Query(ctx, query, email)
	if err != nil {
		return users.User{}, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[users.User])
}

// List returns a page of users, the newest first. It lags behind the writer by the replication lag.
func (d *Database) List(ctx context.Context, page users.Page) (list []users.User, err error) {
	err = d.reader.withConnection(ctx, func(connection *pgxpool.Conn) error {
		rows, err := connection.Query(ctx,
			`SELECT id, email, created_at FROM users WHERE $1 = 0 OR id < $1 ORDER BY id DESC LIMIT $2`, page.After, page.Limit)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, pgx.RowToStructByPos[users.User])
		return err
	})
	return list, err
}

// Check returns an error unless both servers answer and have the schema that this program needs. The error names the
// server.
func (d *Database) Check(ctx context.Context) error {
	if err := d.checkServer(ctx, d.writer); err != nil {
		return fmt.Errorf("writer: %w", err)
	}
	if d.reader == d.writer {
		return nil
	}
	if err := d.checkServer(ctx, d.reader); err != nil {
		return fmt.Errorf("reader: %w", err)
	}
	return nil
}

func (d *Database) checkServer(ctx context.Context, server *pool) error {
	return server.withConnection(ctx, func(connection *pgxpool.Conn) error {
		var version int64
		err := connection.QueryRow(ctx, `SELECT max(version_id) FROM `+versionTable).Scan(&version)
		if err == nil && version < d.newest {
			err = fmt.Errorf("the schema's version is %d and must be %d", version, d.newest)
		}
		return err
	})
}

// Close waits for running queries and closes all connections.
func (d *Database) Close() error {
	d.reader.Close()
	d.writer.Close()
	return d.schema.Close()
}
