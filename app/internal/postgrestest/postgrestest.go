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

// User and Password are the login of a server's superuser.
const (
	User     = "app_admin"
	Password = "correct horse"
)

// database is the database that every new server has.
const database = "postgres"

// Server is a PostgreSQL server on the loopback interface. It stops at the end of the test.
type Server struct {
	// Address is the server's host and port.
	Address string

	programs string
	folder   string
	account  *syscall.Credential
}

// Start creates and starts a server with settings as in postgresql.conf. It writes the files to the server's data folder,
// so that settings may refer to them. If PostgreSQL is not installed, Start skips the test.
func Start(t testing.TB, files map[string][]byte, settings ...string) *Server {
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
	replica := newServer(t)
	host, port, err := net.SplitHostPort(s.Address)
	require.NoError(t, err)
	replica.run(t, "pg_basebackup", "--pgdata", replica.data(), "--write-recovery-conf", "--checkpoint=fast", "--no-sync",
		"--dbname", fmt.Sprintf("host=%s port=%s user=%s password='%s'", host, port, User, Password))
	replica.serve(t, nil)
	return replica
}

// Config returns the configuration of a client of the server.
func (s *Server) Config() config.Database {
	return config.Database{
		Writer: s.Address, Reader: s.Address, Name: database, MaxConnections: 4, TLS: config.TLSDisable,
		Credentials: config.Credentials{User: User, Password: Password},
	}
}

// Exec runs a statement as the superuser, without a password.
func (s *Server) Exec(t testing.TB, statement string) {
	connection, err := s.connect(t.Context())
	require.NoError(t, err)
	defer func() { require.NoError(t, connection.Close(context.WithoutCancel(t.Context()))) }()
	_, err = connection.Exec(t.Context(), statement)
	require.NoError(t, err)
}

// connect returns a connection by the server's Unix socket.
func (s *Server) connect(ctx context.Context) (*pgx.Conn, error) {
	_, port, _ := net.SplitHostPort(s.Address)
	return pgx.Connect(ctx, fmt.Sprintf("host=%s port=%s user=%s dbname=%s", s.folder, port, User, database))
}

func newServer(t testing.TB) *Server {
	programs := programFolder(debianPrograms)
	if programs == "" {
		t.Skip("PostgreSQL's initdb and postgres are neither on PATH nor below /usr/lib/postgresql: install postgresql")
	}
	folder, err := os.MkdirTemp("", "postgrestest-") //nolint:usetesting // the server's account cannot read t.TempDir
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(folder)) })
	s := &Server{programs: programs, folder: folder, account: serverAccount(t)}
	if s.account != nil {
		require.NoError(t, os.Chown(folder, int(s.account.Uid), int(s.account.Gid)))
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s.Address = listener.Addr().String()
	require.NoError(t, listener.Close())
	return s
}

// debianPrograms is where Debian installs initdb, by the server's major version.
const debianPrograms = "/usr/lib/postgresql/*/bin/initdb"

// programFolder returns the folder of PostgreSQL's programs, from PATH or by a pattern of initdb's path, or "".
func programFolder(pattern string) string {
	if link, err := exec.LookPath("initdb"); err == nil {
		if path, err := filepath.EvalSymlinks(link); err == nil {
			return filepath.Dir(path)
		}
	}
	paths, _ := filepath.Glob(pattern)
	if len(paths) == 0 {
		return ""
	}
	return filepath.Dir(slices.Max(paths))
}

// serverAccount returns the account that runs the server if the test runs as root: PostgreSQL does not run as root.
func serverAccount(t testing.TB) *syscall.Credential {
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
	output, err := s.command(program, args...).CombinedOutput()
	require.NoError(t, err, "%s: %s", program, output)
}

// serve starts the server and waits until it answers. It stops the server at the end of the test.
func (s *Server) serve(t testing.TB, settings []string) {
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
		_ = command.Process.Signal(syscall.SIGQUIT) // an immediate shutdown: the data is not needed
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
