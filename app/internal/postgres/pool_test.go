package postgres

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"stagecraft/app/internal/config"
	"stagecraft/app/internal/login"
	"stagecraft/app/internal/tlstest"
)

// fakeServer answers as PostgreSQL does, but to pings only.
type fakeServer struct {
	tls *tls.Config
	// password is the only one that the server accepts; it rejects others with the error code.
	password, code string
	// mute makes new connections silent: until the login if "login", and after it if "queries".
	mute string

	mutex    sync.Mutex
	startups []map[string]string
}

func (f *fakeServer) connections() int {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return len(f.startups)
}

func (f *fakeServer) serve(connection net.Conn) {
	defer func() { _ = connection.Close() }()
	backend := pgproto3.NewBackend(connection, connection)
	message, err := backend.ReceiveStartupMessage()
	if _, ok := message.(*pgproto3.SSLRequest); ok && f.tls == nil {
		_, _ = connection.Write([]byte("N"))
		return
	} else if ok {
		_, _ = connection.Write([]byte("S"))
		connection = tls.Server(connection, f.tls)
		backend = pgproto3.NewBackend(connection, connection)
		message, err = backend.ReceiveStartupMessage()
	}
	startup, ok := message.(*pgproto3.StartupMessage)
	if err != nil || !ok {
		return
	}
	f.mutex.Lock()
	f.startups = append(f.startups, startup.Parameters)
	mute := f.mute
	f.mutex.Unlock()
	if mute != "login" && f.logIn(backend) {
		f.answer(backend, mute == "queries")
		return
	}
	for err == nil {
		_, err = backend.Receive()
	}
}

// logIn reports whether the server accepts the login.
func (f *fakeServer) logIn(backend *pgproto3.Backend) bool {
	backend.Send(&pgproto3.AuthenticationCleartextPassword{})
	if backend.Flush() != nil || backend.SetAuthType(pgproto3.AuthTypeCleartextPassword) != nil {
		return false
	}
	message, err := backend.Receive()
	password, ok := message.(*pgproto3.PasswordMessage)
	if err != nil || !ok {
		return false
	}
	if password.Password != f.password {
		backend.Send(&pgproto3.ErrorResponse{Severity: "FATAL", Code: f.code, Message: "login rejected"})
		_ = backend.Flush()
		return false
	}
	backend.Send(&pgproto3.AuthenticationOk{})
	backend.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
	return backend.Flush() == nil
}

func (*fakeServer) answer(backend *pgproto3.Backend, mute bool) {
	for {
		message, err := backend.Receive()
		if err != nil {
			return
		}
		if _, ok := message.(*pgproto3.Query); ok && !mute {
			backend.Send(&pgproto3.EmptyQueryResponse{})
			backend.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
			_ = backend.Flush()
		}
	}
}

var settings = config.Database{
	Writer: "127.0.0.1:5432", Reader: "127.0.0.1:5432", Name: "app", MaxConnections: 3, TLS: config.TLSDisable,
}

// pool returns a pool of connections in memory, which use the clock of the test's bubble.
func (f *fakeServer) pool(t *testing.T, logins login.Source) *pool {
	t.Helper()
	options, err := newPoolConfig(settings.Writer, settings, logins)
	require.NoError(t, err)
	options.ConnConfig.DialFunc = func(context.Context, string, string) (net.Conn, error) {
		near, far := net.Pipe()
		go f.serve(far)
		return near, nil
	}
	opened, err := newPool(t.Context(), options, logins)
	require.NoError(t, err)
	return opened
}

// inBubble tests a pool whose clock the test controls.
func inBubble(t *testing.T, server *fakeServer, test func(*testing.T, *pool)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		server.password = "local"
		p := server.pool(t, login.Static{User: "ada", Password: "local"})
		test(t, p)
		p.Close()
	})
}

func ping(t *testing.T, p *pool) error {
	t.Helper()
	return p.withConnection(t.Context(), func(connection *pgxpool.Conn) error { return connection.Ping(t.Context()) })
}

func TestStartup(t *testing.T) {
	t.Parallel()
	server := &fakeServer{}
	inBubble(t, server, func(t *testing.T, p *pool) {
		require.NoError(t, ping(t, p))
		require.Equal(t, []map[string]string{{
			"user": "ada", "database": "app", "application_name": "stagecraft", "statement_timeout": "5000",
		}}, server.startups)
	})
}

func TestConnectTimeout(t *testing.T) {
	t.Parallel()
	inBubble(t, &fakeServer{mute: "login"}, func(t *testing.T, p *pool) {
		begin := time.Now()
		require.Error(t, ping(t, p))
		require.Equal(t, 5*time.Second, time.Since(begin))
	})
}

func TestMaxConnections(t *testing.T) {
	t.Parallel()
	server := &fakeServer{}
	inBubble(t, server, func(t *testing.T, p *pool) {
		for range settings.MaxConnections {
			connection, err := p.Acquire(t.Context())
			require.NoError(t, err)
			defer connection.Release()
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := p.Acquire(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, 3, server.connections())
	})
}

// TestConnectionLifetime: the pool checks its connections once a minute.
func TestConnectionLifetime(t *testing.T) {
	t.Parallel()
	server := &fakeServer{}
	inBubble(t, server, func(t *testing.T, p *pool) {
		begin := time.Now()
		for server.connections() < 2 {
			require.NoError(t, ping(t, p))
			time.Sleep(time.Second)
		}
		require.GreaterOrEqual(t, time.Since(begin), 5*time.Minute)
		require.LessOrEqual(t, time.Since(begin), 7*time.Minute)
		require.Equal(t, 5*time.Minute, p.Config().MaxConnLifetime)
		require.Equal(t, time.Minute, p.Config().MaxConnLifetimeJitter, "not all connections end at once")
	})
}

// TestFailover: the old server no longer answers, and does not close its connections either.
func TestFailover(t *testing.T) {
	t.Parallel()
	server := &fakeServer{mute: "queries"}
	inBubble(t, server, func(t *testing.T, p *pool) {
		require.NoError(t, p.withConnection(t.Context(), func(*pgxpool.Conn) error { return nil }))
		server.mutex.Lock()
		server.mute = ""
		server.mutex.Unlock()
		time.Sleep(10 * time.Second)
		begin := time.Now()
		require.NoError(t, ping(t, p))
		require.Equal(t, time.Second, time.Since(begin))
		require.Equal(t, 2, server.connections())
	})
}

// rotating is a source whose login changes when it is invalidated.
type rotating struct {
	logins      []login.Login
	invalidated []login.Login
}

func (r *rotating) Login(context.Context) (login.Login, error) {
	return r.logins[len(r.invalidated)], nil
}

func (r *rotating) Invalidate(rejected login.Login) { r.invalidated = append(r.invalidated, rejected) }

func TestRejectedLogin(t *testing.T) {
	t.Parallel()
	first := login.Login{User: "ada", Password: "first"}
	second := login.Login{User: "ada", Password: "second"}
	third := login.Login{User: "ada", Password: "third"}
	for name, test := range map[string]struct {
		password, code string
		connections    int
		invalidated    []login.Login
		accepted       bool
	}{
		"valid":                 {"first", "", 1, nil, true},
		"just rotated":          {"second", invalidPassword, 2, []login.Login{first}, true},
		"rotated again":         {"third", invalidPassword, 2, []login.Login{first, second}, false},
		"too many connections":  {"second", "53300", 1, nil, false},
		"server that starts up": {"second", "57P03", 1, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := &fakeServer{password: test.password, code: test.code}
				source := &rotating{logins: []login.Login{first, second, third}}
				p := server.pool(t, source)
				err := ping(t, p)
				if test.accepted {
					require.NoError(t, err)
				} else {
					require.ErrorContains(t, err, test.code)
				}
				require.Equal(t, test.connections, server.connections())
				if name == "rotated again" {
					require.NoError(t, ping(t, p), "the second failure invalidates the login too")
				}
				require.Equal(t, test.invalidated, source.invalidated)
				p.Close()
			})
		})
	}
}

// connect returns the error of a connection by TLS to localhost, which is the name of the writer's reader.
func connect(t *testing.T, writer, bundle string, server *tls.Config) error {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	fake := &fakeServer{password: "local", tls: server}
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go fake.serve(connection)
		}
	}()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	address := net.JoinHostPort("localhost", port)
	if writer == "" {
		writer = address
	}
	secure := config.Database{Writer: writer, Reader: address, Name: "app", MaxConnections: 1, TLS: config.TLSVerify, CAFile: bundle}
	p, err := openPool(t.Context(), address, secure, login.Static{User: "ada", Password: "local"})
	require.NoError(t, err)
	t.Cleanup(p.Close)
	return ping(t, p)
}

const rdsWriter = "app.abcdefghijkl.eu-west-1.rds.amazonaws.com:5432"

func TestTLSRejects(t *testing.T) {
	t.Parallel()
	authority := tlstest.NewAuthority()
	bundle := authority.Bundle(t)
	trusted := &tls.Config{Certificates: []tls.Certificate{authority.Certificate("localhost")}}
	for name, writer := range map[string]string{"writer": "", "reader of RDS": rdsWriter} {
		require.NoError(t, connect(t, writer, bundle, trusted))
		require.ErrorContains(t, connect(t, writer, bundle, nil), "server refused TLS connection")
		for fault, server := range authority.Untrustworthy("localhost") {
			t.Run(name+", "+fault, func(t *testing.T) {
				t.Parallel()
				require.ErrorContains(t, connect(t, writer, bundle, server.Config), server.Error)
			})
		}
	}
}

func TestTLSOfReplicas(t *testing.T) {
	t.Parallel()
	authority := tlstest.NewAuthority()
	bundle := authority.Bundle(t)
	for name, test := range map[string]struct {
		writer, certificate string
		reason              string // "" if the certificate is accepted
	}{
		"sibling of the writer":    {rdsWriter, "app-1.abcdefghijkl.eu-west-1.rds.amazonaws.com", ""},
		"sibling in capitals":      {rdsWriter, "APP-1.ABCDEFGHIJKL.eu-west-1.rds.amazonaws.com", ""},
		"the reader's own name":    {rdsWriter, "localhost", ""},
		"instance of a stranger":   {rdsWriter, "app-1.mnopqrstuvwx.eu-west-1.rds.amazonaws.com", "the certificate is for app-1.mnopqrstuvwx.eu-west-1.rds.amazonaws.com: neither for localhost nor for a sibling of " + rdsWriter},
		"subdomain of the sibling": {rdsWriter, "a.app-1.abcdefghijkl.eu-west-1.rds.amazonaws.com", "neither for localhost"},
		"writer outside of RDS":    {"app.example.com:5432", "app-1.example.com", "certificate is"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			certificate := authority.Intermediate().Certificate(test.certificate)
			err := connect(t, test.writer, bundle, &tls.Config{Certificates: []tls.Certificate{certificate}})
			if test.reason == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, test.reason)
			}
		})
	}
}

func TestOpenFails(t *testing.T) {
	t.Parallel()
	for reason, change := range map[string]func(*config.Database){
		"writer: ": func(s *config.Database) { s.Writer = "127.0.0.1:port" },
		"reader: ": func(s *config.Database) { s.Reader = "127.0.0.1:port" },
	} {
		broken := settings
		change(&broken)
		_, err := Open(t.Context(), broken, login.Static{})
		require.ErrorContains(t, err, reason)
	}
	broken := settings
	broken.TLS, broken.CAFile = config.TLSVerify, "/missing.pem"
	_, err := Open(t.Context(), broken, login.Static{})
	require.ErrorContains(t, err, "/missing.pem")
	broken = settings
	broken.MaxConnections = 0
	_, err = Open(t.Context(), broken, login.Static{})
	require.ErrorContains(t, err, "MaxSize")
}
