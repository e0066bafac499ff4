package tlstest_test

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"stagecraft/app/internal/tlstest"
)

// handshake returns the error with which the client rejects the server.
func handshake(t *testing.T, client, server *tls.Config) error {
	t.Helper()
	near, far := net.Pipe()
	t.Cleanup(func() { require.NoError(t, near.Close()) })
	t.Cleanup(func() { require.NoError(t, far.Close()) })
	go func() { _ = tls.Server(far, server).HandshakeContext(t.Context()) }()
	return tls.Client(near, client).HandshakeContext(t.Context())
}

func server(certificate tls.Certificate) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{certificate}}
}

func TestCertificate(t *testing.T) {
	t.Parallel()
	authority := tlstest.NewAuthority()
	certificate := authority.Certificate("a.example.com", "b.example.com")
	for _, name := range []string{"a.example.com", "b.example.com"} {
		require.NoError(t, handshake(t, &tls.Config{RootCAs: authority.Pool(), ServerName: name}, server(certificate)))
	}
	soon := func() time.Time { return time.Now().Add(59 * time.Minute) }
	require.NoError(t, handshake(t, &tls.Config{RootCAs: authority.Pool(), ServerName: "a.example.com", Time: soon}, server(certificate)))

	bundle, err := os.ReadFile(authority.Bundle(t))
	require.NoError(t, err)
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(bundle))
	chain, key := tlstest.PEM(certificate)
	loaded, err := tls.X509KeyPair(chain, key)
	require.NoError(t, err)
	require.Equal(t, certificate.Certificate, loaded.Certificate)
	require.NoError(t, handshake(t, &tls.Config{RootCAs: pool, ServerName: "a.example.com"}, server(loaded)))
}

func TestIntermediate(t *testing.T) {
	t.Parallel()
	authority := tlstest.NewAuthority()
	certificate := authority.Intermediate().Certificate("a.example.com")
	soon := func() time.Time { return time.Now().Add(59 * time.Minute) }
	client := &tls.Config{RootCAs: authority.Pool(), ServerName: "a.example.com", Time: soon}
	require.NoError(t, handshake(t, client, server(certificate)))
	require.Len(t, certificate.Certificate, 2)
	certificate.Certificate = certificate.Certificate[:1]
	require.ErrorContains(t, handshake(t, client, server(certificate)), "unknown authority")
}

// TestUntrustworthy asserts that each server has one fault: a client that overlooks it accepts the server.
func TestUntrustworthy(t *testing.T) {
	t.Parallel()
	const name = "a.example.com"
	authority := tlstest.NewAuthority()
	servers := authority.Untrustworthy(name)
	past := func() time.Time { return time.Now().Add(-time.Hour) }
	for fault, careless := range map[string]*tls.Config{
		"wrong name":           {RootCAs: authority.Pool(), ServerName: "other." + name},
		"unknown authority":    {InsecureSkipVerify: true},
		"expired":              {RootCAs: authority.Pool(), ServerName: name, Time: past},
		"client's certificate": {InsecureSkipVerify: true},
		"old protocol":         {RootCAs: authority.Pool(), ServerName: name, MinVersion: tls.VersionTLS10},
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			careful := &tls.Config{RootCAs: authority.Pool(), ServerName: name}
			require.ErrorContains(t, handshake(t, careful, servers[fault].Config), servers[fault].Error)
			require.NoError(t, handshake(t, careless, servers[fault].Config))
		})
	}
	require.Len(t, servers, 5)
}
