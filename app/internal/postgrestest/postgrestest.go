// Package postgrestest runs PostgreSQL servers for tests.
package postgrestest

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"stagecraft/app/internal/config"
)

// User and Password are a server's superuser.
const (
	User     = "app_admin"
	Password = "correct horse"
)

// database is the one that every server has from the start.
const database = "postgres"

// Server is a PostgreSQL server on the loopback interface, which stops at the end of the test.
type Server struct {
	// Address is the server's host and port.
	Address string

	programs string
	folder   string
	account  *syscall.Credential
}

// Start makes and starts a server. Files are put into its data folder, where settings, as in postgresql.conf, may name
// them. It skips the test if PostgreSQL is not installed.
func Start(t testing.TB, files map[string][]byte, settings ...string) *Server {
	t.Helper()
	s := newServer(t)
	password := filepath.Join(s.folder, "password")
	s.write(t, password, []byte(Password))
	s.run(t, "initdb", "--pgdata", s.data(), "--username", User, "--pwfile", password, "--no-sync",
		"--auth-local", "trust", "--auth-host", "scram-sha-256", "--encoding", "UTF8", "--locale", "C")
	for name, content := range files {
		s.write(t, filepath.Join(s.data(), name), content)
	}
	s.serve(t, append(settings, "wal_level=replica"))
	return s
}

// Replica starts a read replica of the server.
func (s *Server) Replica(t testing.TB) *Server {
	t.Helper()
	replica := newServer(t)
	host, port, err := net.SplitHostPort(s.Address)
	require.NoError(t, err)
	replica.run(t, "pg_basebackup", "--pgdata", replica.data(), "--write-recovery-conf", "--checkpoint=fast", "--no-sync",
		"--dbname", fmt.Sprintf("host=%s port=%s user=%s password='%s'", host, port, User, Password))
	replica.serve(t, nil)
	return replica
}

// Config is the configuration of a client of the server.
func (s *Server) Config() config.Database {
	return config.Database{
		Writer: s.Address, Reader: s.Address, Name: database, MaxConnections: 4, TLS: config.TLSDisable,
		Credentials: config.Credentials{User: User, Password: Password},
	}
}

// Exec runs a statement as the superuser, past all passwords.
func (s *Server) Exec(t testing.TB, statement string) {
	t.Helper()
	connection, err := s.connect(t.Context())
	require.NoError(t, err)
	defer func() { require.NoError(t, connection.Close(context.WithoutCancel(t.Context()))) }()
	_, err = connection.Exec(t.Context(), statement)
	require.NoError(t, err)
}

// connect uses the server's Unix socket.
func (s *Server) connect(ctx context.Context) (*pgx.Conn, error) {
	_, port, _ := net.SplitHostPort(s.Address)
	return pgx.Connect(ctx, fmt.Sprintf("host=%s port=%s user=%s dbname=%s", s.folder, port, User, database))
}

func newServer(t testing.TB) *Server {
	t.Helper()
	programs := findPrograms()
	if programs == "" {
		t.Skip("PostgreSQL's initdb and postgres are neither on PATH nor below /usr/lib/postgresql: install postgresql")
	}
	folder, err := os.MkdirTemp("", "postgrestest-") //nolint:usetesting // t.TempDir is closed to the server's account
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(folder)) })
	s := &Server{programs: programs, folder: folder, account: unprivileged(t)}
	if s.account != nil {
		require.NoError(t, os.Chown(folder, int(s.account.Uid), int(s.account.Gid)))
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s.Address = listener.Addr().String()
	require.NoError(t, listener.Close())
	return s
}

func findPrograms() string {
	if link, err := exec.LookPath("initdb"); err == nil {
		if path, err := filepath.EvalSymlinks(link); err == nil {
			return filepath.Dir(path)
		}
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		return ""
	}
	return filepath.Dir(slices.Max(found))
}

// unprivileged is the account that the server runs under, since PostgreSQL refuses to run as root.
func unprivileged(t testing.TB) *syscall.Credential {
	if os.Geteuid() != 0 {
		return nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		account, err = user.Lookup("nobody")
	}
	require.NoError(t, err)
	uid, err := strconv.ParseUint(account.Uid, 10, 32)
	require.NoError(t, err)
	gid, err := strconv.ParseUint(account.Gid, 10, 32)
	require.NoError(t, err)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

func (s *Server) data() string { return filepath.Join(s.folder, "data") }

func (s *Server) write(t testing.TB, path string, content []byte) {
	require.NoError(t, os.WriteFile(path, content, 0o600))
	if s.account != nil {
		require.NoError(t, os.Chown(path, int(s.account.Uid), int(s.account.Gid)))
	}
}

func (s *Server) command(program string, args ...string) *exec.Cmd {
	command := exec.Command(filepath.Join(s.programs, program), args...)
	command.Dir = s.folder
	command.SysProcAttr = &syscall.SysProcAttr{Credential: s.account}
	return command
}

func (s *Server) run(t testing.TB, program string, args ...string) {
	t.Helper()
	output, err := s.command(program, args...).CombinedOutput()
	require.NoError(t, err, "%s: %s", program, output)
}

// serve starts the server, waits until it answers, and stops it at the end of the test.
func (s *Server) serve(t testing.TB, settings []string) {
	t.Helper()
	host, port, err := net.SplitHostPort(s.Address)
	require.NoError(t, err)
	args := []string{"-D", s.data(), "-h", host, "-p", port, "-k", s.folder, "-F"}
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	var output bytes.Buffer
	command := s.command("postgres", args...)
	command.Stdout, command.Stderr = &output, &output
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGQUIT) // nothing in it is worth a clean end
		_ = command.Wait()
		if t.Failed() {
			t.Logf("PostgreSQL wrote:\n%s", output.String())
		}
	})
	require.Eventually(t, func() bool {
		connection, err := s.connect(t.Context())
		if err != nil {
			return false
		}
		return connection.Close(t.Context()) == nil
	}, time.Minute, 50*time.Millisecond, "PostgreSQL did not start")
}
