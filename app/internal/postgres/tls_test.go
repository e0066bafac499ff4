package postgres_test

import (
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/app/internal/config"
	"stagecraft/app/internal/postgrestest"
	"stagecraft/app/internal/tlstest"
)

func TestTLS(t *testing.T) {
	t.Parallel()
	authority := tlstest.NewAuthority()
	certificate, key := tlstest.PEM(authority.Certificate("localhost"))
	server := postgrestest.Start(t, map[string][]byte{"server.crt": certificate, "server.key": key}, "ssl=on")
	_, port, err := net.SplitHostPort(server.Address)
	require.NoError(t, err)
	settings := server.Config()
	settings.Writer = net.JoinHostPort("localhost", port)
	settings.Reader = settings.Writer
	settings.TLS, settings.CAFile = config.TLSVerify, authority.Bundle(t)
	database := open(t, settings, admin)
	require.NoError(t, database.Migrate(t.Context()))
	require.NoError(t, database.Check(t.Context()))

	settings.CAFile = tlstest.NewAuthority().Bundle(t)
	_, _, err = open(t, settings, admin).SignUp(t.Context(), "ada@example.com")
	require.ErrorContains(t, err, "unknown authority")
}
