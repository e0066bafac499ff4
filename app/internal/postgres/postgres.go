// Package postgres keeps users in PostgreSQL: a writer takes sign-ups, a reader lists users.
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

// versionTable is where the migrations that were applied are noted.
const versionTable = "schema_version"

// lockPatience is how often, once a second, a process asks for the lock that another one migrates under.
const lockPatience = 60

// Database is the writer and the reader.
type Database struct {
	writer, reader *pool
	schema         *goose.Provider
	// newest is the version of the schema that this program needs.
	newest int64
}

// Open prepares the connections; none is made yet.
func Open(ctx context.Context, database config.Database, logins login.Source) (*Database, error) {
	writer, err := openPool(ctx, database.Writer, database, logins)
	if err != nil {
		return nil, fmt.Errorf("writer: %w", err)
	}
	reader := writer
	if database.Reader != database.Writer {
		reader, err = openPool(ctx, database.Reader, database, logins)
		if err != nil {
			return nil, fmt.Errorf("reader: %w", err)
		}
	}
	schema, err := openSchema(writer)
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	sources := schema.ListSources()
	return &Database{writer: writer, reader: reader, schema: schema, newest: sources[len(sources)-1].Version}, nil
}

func openSchema(writer *pool) (*goose.Provider, error) {
	// A migration may take longer than a request.
	unhurried := writer.Config().ConnConfig.Copy()
	delete(unhurried.RuntimeParams, "statement_timeout")

	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, lockPatience))
	if err != nil {
		return nil, err
	}
	migrations, err := fs.Sub(files, "migrations")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, openSQL(unhurried, writer.logins), migrations,
		goose.WithSessionLocker(locker), goose.WithTableName(versionTable), goose.WithDisableGlobalRegistry(true))
}

func openSQL(connection *pgx.ConnConfig, logins login.Source) *sql.DB {
	return stdlib.OpenDB(*connection, stdlib.OptionBeforeConnect(logIn(logins)))
}

// Migrate brings the writer's schema up to what this program needs. Processes that start at the same time wait for each
// other.
func (d *Database) Migrate(ctx context.Context) error {
	_, err := d.schema.Up(ctx)
	if refuse(d.writer.logins, err) {
		_, err = d.schema.Up(ctx)
	}
	return err
}

// SignUp adds a user, or finds the one who has the address already; created says which.
func (d *Database) SignUp(ctx context.Context, email users.Email) (user users.User, created bool, err error) {
	err = d.writer.use(ctx, func(connection *pgxpool.Conn) error {
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

// List gives a page of users, the newest first. It is as old as the reader's replication lag.
func (d *Database) List(ctx context.Context, page users.Page) (list []users.User, err error) {
	err = d.reader.use(ctx, func(connection *pgxpool.Conn) error {
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

// Check fails unless both servers answer and have the schema that this program needs. Its error names the server.
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
	return server.use(ctx, func(connection *pgxpool.Conn) error {
		var version int64
		err := connection.QueryRow(ctx, `SELECT max(version_id) FROM `+versionTable).Scan(&version)
		if err == nil && version < d.newest {
			err = fmt.Errorf("the schema's version is %d and must be %d", version, d.newest)
		}
		return err
	})
}

// Close ends all connections, after the queries that are under way.
func (d *Database) Close() error {
	d.reader.Close()
	d.writer.Close()
	return d.schema.Close()
}
