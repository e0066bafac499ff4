package postgres_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pressly/goose/v3/lock"
	"github.com/stretchr/testify/require"

	"stagecraft/app/internal/config"
	"stagecraft/app/internal/login"
	"stagecraft/app/internal/postgres"
	"stagecraft/app/internal/postgrestest"
	"stagecraft/app/internal/users"
)

var admin = login.Static{User: postgrestest.User, Password: postgrestest.Password}

func open(t *testing.T, settings config.Database, logins login.Source) *postgres.Database {
	t.Helper()
	database, err := postgres.Open(t.Context(), settings, logins)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, database.Close()) })
	return database
}

func signUp(t *testing.T, database *postgres.Database, email users.Email) users.User {
	t.Helper()
	user, created, err := database.SignUp(t.Context(), email)
	require.NoError(t, err)
	require.True(t, created)
	return user
}

func TestSignUpAndList(t *testing.T) {
	t.Parallel()
	database := open(t, postgrestest.Start(t, nil).Config(), admin)
	require.ErrorContains(t, database.Check(t.Context()), "writer: ", "the database is empty")
	require.NoError(t, database.Migrate(t.Context()))
	require.NoError(t, database.Migrate(t.Context()), "a second time changes nothing")
	require.NoError(t, database.Check(t.Context()))

	empty, err := database.List(t.Context(), users.Page{Limit: 3})
	require.NoError(t, err)
	require.Empty(t, empty)

	var all []users.User
	for number := range 5 {
		user := signUp(t, database, users.Email(fmt.Sprintf("user%d@example.com", number)))
		require.WithinDuration(t, time.Now(), user.CreatedAt, time.Minute)
		all = append([]users.User{user}, all...)
	}
	again, created, err := database.SignUp(t.Context(), "user2@example.com")
	require.NoError(t, err)
	require.False(t, created)
	require.Equal(t, all[2], again)

	first, err := database.List(t.Context(), users.Page{Limit: 3})
	require.NoError(t, err)
	require.Equal(t, all[:3], first)
	second, err := database.List(t.Context(), users.Page{After: first[2].ID, Limit: 3})
	require.NoError(t, err)
	require.Equal(t, all[3:], second)
}

func TestSignUpAtTheSameTimeAddsOneUser(t *testing.T) {
	t.Parallel()
	database := open(t, postgrestest.Start(t, nil).Config(), admin)
	require.NoError(t, database.Migrate(t.Context()))
	var group sync.WaitGroup
	var added atomic.Int32
	for range 20 {
		group.Go(func() {
			_, created, err := database.SignUp(t.Context(), "ada@example.com")
			if err != nil {
				t.Error(err)
			} else if created {
				added.Add(1)
			}
		})
	}
	group.Wait()
	require.EqualValues(t, 1, added.Load())
}

func TestProcessesThatStartAtTheSameTimeMigrateOnce(t *testing.T) {
	t.Parallel()
	server := postgrestest.Start(t, nil)
	var group sync.WaitGroup
	group.Go(func() {
		server.Exec(t, fmt.Sprintf("SELECT pg_advisory_lock(%d); SELECT pg_sleep(2)", lock.DefaultLockID))
	})
	time.Sleep(500 * time.Millisecond)
	begin := time.Now()
	for range 4 {
		database := open(t, server.Config(), admin)
		group.Go(func() {
			if err := database.Migrate(t.Context()); err != nil {
				t.Error(err)
			}
			if time.Since(begin) < time.Second {
				t.Error("it did not wait for the process that holds the lock")
			}
		})
	}
	group.Wait()
	require.NoError(t, open(t, server.Config(), admin).Check(t.Context()))
}

func TestMigrationMayTakeLongerThanARequest(t *testing.T) {
	t.Parallel()
	server := postgrestest.Start(t, nil)
	database := open(t, server.Config(), admin)
	var group sync.WaitGroup
	group.Go(func() { server.Exec(t, "BEGIN; CREATE TABLE users (); SELECT pg_sleep(6); ROLLBACK") })
	time.Sleep(500 * time.Millisecond)
	begin := time.Now()
	err := database.Migrate(t.Context())
	group.Wait()
	require.NoError(t, err)
	require.Greater(t, time.Since(begin), 5*time.Second, "the migration waits for the other transaction")
}

func TestServerCancelsSlowStatements(t *testing.T) {
	t.Parallel()
	server := postgrestest.Start(t, nil)
	database := open(t, server.Config(), admin)
	require.NoError(t, database.Migrate(t.Context()))
	var group sync.WaitGroup
	group.Go(func() { server.Exec(t, "BEGIN; LOCK TABLE users; SELECT pg_sleep(8); ROLLBACK") })
	time.Sleep(500 * time.Millisecond)
	begin := time.Now()
	_, _, err := database.SignUp(t.Context(), "ada@example.com")
	require.ErrorContains(t, err, "canceling statement due to statement timeout")
	require.InDelta(t, 5, time.Since(begin).Seconds(), 1.5)
	group.Wait()
}

func TestReader(t *testing.T) {
	t.Parallel()
	writer := postgrestest.Start(t, nil)
	replica := writer.Replica(t)
	settings := writer.Config()
	settings.Reader = replica.Address
	database := open(t, settings, admin)

	require.NoError(t, database.Migrate(t.Context()))
	user := signUp(t, database, "ada@example.com")
	require.Eventually(t, func() bool { return database.Check(t.Context()) == nil }, time.Minute, 20*time.Millisecond)
	require.Eventually(t, func() bool {
		list, err := database.List(t.Context(), users.Page{Limit: 3})
		return err == nil && len(list) == 1 && list[0] == user
	}, time.Minute, 20*time.Millisecond)

	// Without replication the list stays as it is, which shows that the reader lists.
	replica.Exec(t, "SELECT pg_wal_replay_pause()")
	signUp(t, database, "grace@example.com")
	list, err := database.List(t.Context(), users.Page{Limit: 3})
	require.NoError(t, err)
	require.Equal(t, []users.User{user}, list)

	backwards := settings
	backwards.Writer, backwards.Reader = settings.Reader, settings.Writer
	_, _, err = open(t, backwards, admin).SignUp(t.Context(), "mary@example.com")
	require.ErrorContains(t, err, "read-only", "the writer stores sign-ups")
}

func TestCheckNamesTheServer(t *testing.T) {
	t.Parallel()
	settings := postgrestest.Start(t, nil).Config()
	require.NoError(t, open(t, settings, admin).Migrate(t.Context()))
	down := settings
	down.Reader = "127.0.0.1:1"
	require.ErrorContains(t, open(t, down, admin).Check(t.Context()), "reader: ")
	down = settings
	down.Writer = "127.0.0.1:1"
	require.ErrorContains(t, open(t, down, admin).Check(t.Context()), "writer: ")
}

// rotated is a secret that RDS rotates: the login changes when it is invalidated.
type rotated struct {
	mutex  sync.Mutex
	logins []login.Login
	reads  int
}

func (r *rotated) Login(context.Context) (login.Login, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.logins[0], nil
}

func (r *rotated) Invalidate(rejected login.Login) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if rejected == r.logins[0] && len(r.logins) > 1 {
		r.logins = r.logins[1:]
		r.reads++
	}
}

func TestRotatedPassword(t *testing.T) {
	t.Parallel()
	server := postgrestest.Start(t, nil)
	first := login.Login(admin)
	second := login.Login{User: admin.User, Password: "second"}
	third := login.Login{User: admin.User, Password: "third"}
	source := &rotated{logins: []login.Login{first, second, third}}
	rotate := func(to login.Login) {
		server.Exec(t, fmt.Sprintf("ALTER ROLE %s PASSWORD '%s'", to.User, to.Password))
		server.Exec(t, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'")
		time.Sleep(1100 * time.Millisecond) // pgx does not check a connection that was used within the last second
	}
	database := open(t, server.Config(), source)
	require.NoError(t, database.Migrate(t.Context()))
	rotate(second)
	signUp(t, database, "ada@example.com")
	require.Equal(t, 1, source.reads)
	rotate(third)
	require.NoError(t, database.Migrate(t.Context()))
	require.Equal(t, 2, source.reads)

	server.Exec(t, fmt.Sprintf("ALTER ROLE %s PASSWORD 'unknown'", admin.User))
	_, err := open(t, server.Config(), source).List(t.Context(), users.Page{Limit: 1})
	require.ErrorContains(t, err, "password authentication failed")
	require.NotContains(t, err.Error(), third.Password)
}
