package postgres_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"stagecraft/app/internal/config"
	"stagecraft/app/internal/postgrestest"
	"stagecraft/app/internal/users"
)

// authority issues certificates.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) authority {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	certificate, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return authority{certificate, key}
}

// bundle writes the file that clients trust.
func (a authority) bundle(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "bundle.pem")
	block := &pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw}
	require.NoError(t, os.WriteFile(path, pem.EncodeToMemory(block), 0o600))
	return path
}

// server starts a server with a certificate for the names.
func (a authority) server(t *testing.T, names ...string) config.Database {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), NotAfter: time.Now().Add(time.Hour), DNSNames: names,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)
	require.NoError(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	server := postgrestest.Start(t, map[string][]byte{
		"server.crt": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}),
		"server.key": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}),
	}, "ssl=on")
	settings := server.Config()
	_, port, err := net.SplitHostPort(server.Address)
	require.NoError(t, err)
	settings.Writer = net.JoinHostPort("localhost", port)
	settings.Reader = settings.Writer
	settings.TLS = config.TLSVerify
	settings.CAFile = a.bundle(t)
	return settings
}

func TestTLS(t *testing.T) {
	t.Parallel()
	trusted := newAuthority(t)

	settings := trusted.server(t, "localhost")
	database := open(t, settings, admin)
	require.NoError(t, database.Migrate(t.Context()))
	require.NoError(t, database.Check(t.Context()))

	settings.CAFile = newAuthority(t).bundle(t)
	_, _, err := open(t, settings, admin).SignUp(t.Context(), "ada@example.com")
	require.ErrorContains(t, err, "unknown authority")

	plain := postgrestest.Start(t, nil).Config()
	plain.TLS, plain.CAFile = config.TLSVerify, settings.CAFile
	require.ErrorContains(t, open(t, plain, admin).Migrate(t.Context()), "TLS")
}

// The reader's name is localhost here: it stands for one that leads to several replicas.
func TestTLSOfReplicas(t *testing.T) {
	t.Parallel()
	const writer = "app.abcdefghijkl.eu-west-1.rds.amazonaws.com:5432"
	trusted := newAuthority(t)
	for name, test := range map[string]struct {
		writer, certificate string
		accepted            bool
	}{
		"an instance beside the writer":  {writer, "app-1.abcdefghijkl.eu-west-1.rds.amazonaws.com", true},
		"the reader's own name":          {writer, "localhost", true},
		"an instance of another account": {writer, "app-1.mnopqrstuvwx.eu-west-1.rds.amazonaws.com", false},
		"deeper than the writer":         {writer, "a.app-1.abcdefghijkl.eu-west-1.rds.amazonaws.com", false},
		"no instance of RDS":             {"app.example.com:5432", "app-1.example.com", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings := trusted.server(t, test.certificate)
			settings.Writer = test.writer
			_, err := open(t, settings, admin).List(t.Context(), users.Page{Limit: 1})
			if test.accepted {
				require.ErrorContains(t, err, `relation "users" does not exist`, "it came through to the database")
			} else {
				require.ErrorContains(t, err, "certificate is")
			}
		})
	}

	settings := trusted.server(t, "app-1.abcdefghijkl.eu-west-1.rds.amazonaws.com")
	settings.Writer = writer
	settings.CAFile = newAuthority(t).bundle(t)
	_, err := open(t, settings, admin).List(t.Context(), users.Page{Limit: 1})
	require.ErrorContains(t, err, "unknown authority")
}
