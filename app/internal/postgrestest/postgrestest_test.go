package postgrestest

import (
	"net"
	"net/url"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"stagecraft/app/internal/config"
)

// query returns the text that a query selects.
func (s *Server) query(t *testing.T, text string) string {
	t.Helper()
	connection, err := s.connect(t.Context())
	require.NoError(t, err)
	defer func() { require.NoError(t, connection.Close(t.Context())) }()
	var value string
	require.NoError(t, connection.QueryRow(t.Context(), text).Scan(&value))
	return value
}

func TestServer(t *testing.T) {
	var server, replica *Server
	passed := t.Run("running", func(t *testing.T) {
		server = Start(t, map[string][]byte{"note.txt": []byte("a file")}, "work_mem=5MB", "log_min_messages=error")
		for query, want := range map[string]string{
			"SELECT pg_read_file('note.txt')": "a file",
			"SHOW work_mem":                   "5MB",
			"SHOW log_min_messages":           "error",
			"SHOW wal_level":                  "replica",
			"SHOW fsync":                      "off",
			"SHOW server_encoding":            "UTF8",
			"SELECT datcollate FROM pg_database WHERE datname = 'postgres'": "C",
			"SELECT current_user::text":                                     User,
			"SELECT pg_is_in_recovery()::text":                              "false",
			"SHOW listen_addresses":                                         "127.0.0.1",
		} {
			require.Equal(t, want, server.query(t, query), query)
		}
		require.Equal(t, config.Database{
			Writer: server.Address, Reader: server.Address, Name: "postgres", MaxConnections: 4, TLS: "disable",
			Credentials: config.Credentials{User: User, Password: Password},
		}, server.Config())

		// Unlike the Unix socket, TCP needs the password.
		for password, accepted := range map[string]bool{Password: true, "wrong": false} {
			address := url.URL{Scheme: "postgres", User: url.UserPassword(User, password), Host: server.Address, Path: "/postgres"}
			connection, err := pgx.Connect(t.Context(), address.String())
			if accepted {
				require.NoError(t, err)
				require.NoError(t, connection.Close(t.Context()))
			} else {
				require.ErrorContains(t, err, "password authentication failed")
			}
		}

		replica = server.Replica(t)
		require.NotEqual(t, server.Address, replica.Address)
		require.Equal(t, "true", replica.query(t, "SELECT pg_is_in_recovery()::text"))
		server.Exec(t, "CREATE TABLE notes AS SELECT 'replicated' AS note")
		require.Eventually(t, func() bool {
			return replica.query(t, "SELECT count(*)::text FROM pg_tables WHERE tablename = 'notes'") == "1"
		}, time.Minute, 20*time.Millisecond)
		require.Equal(t, "replicated", replica.query(t, "SELECT note FROM notes"))
	})
	if !passed || server == nil { // nil if PostgreSQL is not installed
		return
	}
	for _, stopped := range []*Server{server, replica} {
		_, err := net.Dial("tcp", stopped.Address)
		require.Error(t, err, "the server stops at the end of the test")
		require.NoDirExists(t, stopped.folder)
	}
}

func TestProgramFolder(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("PATH", "")
	pattern := filepath.Join(folder, "*", "bin", "initdb")
	require.Empty(t, programFolder(pattern), "PostgreSQL is not installed")

	for _, version := range []string{"15", "17", "16"} {
		bin := filepath.Join(folder, version, "bin")
		require.NoError(t, os.MkdirAll(bin, 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(bin, "initdb"), nil, 0o700))
	}
	require.Equal(t, filepath.Join(folder, "17", "bin"), programFolder(pattern), "the newest version")

	links := t.TempDir()
	require.NoError(t, os.Symlink(filepath.Join(folder, "16", "bin", "initdb"), filepath.Join(links, "initdb")))
	t.Setenv("PATH", links)
	require.Equal(t, filepath.Join(folder, "16", "bin"), programFolder(pattern), "PATH comes first")

	matches, err := filepath.Match(debianPrograms, "/usr/lib/postgresql/17/bin/initdb")
	require.NoError(t, err)
	require.True(t, matches)
}

func TestServerAccount(t *testing.T) {
	t.Parallel()
	credential := serverAccount(t)
	if os.Geteuid() != 0 {
		require.Nil(t, credential)
		return
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		account, err = user.Lookup("nobody")
	}
	require.NoError(t, err)
	require.Equal(t, account.Uid, strconv.Itoa(int(credential.Uid)))
	require.Equal(t, account.Gid, strconv.Itoa(int(credential.Gid)))
}
