// Package tlstest issues certificates for tests of TLS.
package tlstest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Authority is a certificate authority.
type Authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// NewAuthority returns an authority that nobody trusts yet.
func NewAuthority(t testing.TB) Authority {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	key := newKey(t)
	return Authority{sign(t, template, key, Authority{template, key}), key}
}

// Pool returns the trust in this authority only.
func (a Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	return pool
}

// Bundle writes the trust in this authority to a file, and returns its path.
func (a Authority) Bundle(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bundle.pem")
	require.NoError(t, os.WriteFile(path, encode("CERTIFICATE", a.certificate.Raw), 0o600))
	return path
}

// Intermediate returns an authority that this one vouches for.
func (a Authority) Intermediate(t testing.TB) Authority {
	t.Helper()
	key := newKey(t)
	return Authority{sign(t, &x509.Certificate{
		SerialNumber: big.NewInt(3), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}, key, a), key}
}

// Certificate returns a valid certificate of a server with these DNS names, followed by the authority's own.
func (a Authority) Certificate(t testing.TB, names ...string) tls.Certificate {
	t.Helper()
	return a.issue(t, time.Now().Add(time.Hour), x509.ExtKeyUsageServerAuth, names)
}

func (a Authority) issue(t testing.TB, end time.Time, usage x509.ExtKeyUsage, names []string) tls.Certificate {
	t.Helper()
	key := newKey(t)
	certificate := sign(t, &x509.Certificate{
		SerialNumber: big.NewInt(2), NotAfter: end, DNSNames: names, ExtKeyUsage: []x509.ExtKeyUsage{usage},
	}, key, a)
	return tls.Certificate{Certificate: [][]byte{certificate.Raw, a.certificate.Raw}, PrivateKey: key}
}

// PEM returns the contents of a certificate's two files.
func PEM(t testing.TB, certificate tls.Certificate) (chain, key []byte) {
	t.Helper()
	for _, der := range certificate.Certificate {
		chain = append(chain, encode("CERTIFICATE", der)...)
	}
	der, err := x509.MarshalPKCS8PrivateKey(certificate.PrivateKey)
	require.NoError(t, err)
	return chain, encode("PRIVATE KEY", der)
}

// Server is a server's side of TLS.
type Server struct {
	Config *tls.Config
	// Error is a part of the error with which a client rejects the server.
	Error string
}

// Untrustworthy returns servers that a client must reject, by what is wrong with them, if it trusts this authority and
// connects to name.
func (a Authority) Untrustworthy(t testing.TB, name string) map[string]Server {
	t.Helper()
	server := func(certificate tls.Certificate) *tls.Config {
		return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{certificate}}
	}
	old := server(a.Certificate(t, name))
	old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	return map[string]Server{
		"wrong name":        {server(a.Certificate(t, "other."+name)), "certificate is"},
		"unknown authority": {server(NewAuthority(t).Certificate(t, name)), "unknown authority"},
		"expired": {
			server(a.issue(t, time.Now().Add(-time.Minute), x509.ExtKeyUsageServerAuth, []string{name})), "expired",
		},
		"client's certificate": {
			server(a.issue(t, time.Now().Add(time.Hour), x509.ExtKeyUsageClientAuth, []string{name})), "incompatible key usage",
		},
		"old protocol": {old, "protocol version"},
	}
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	return key
}

func sign(t testing.TB, template *x509.Certificate, key *ecdsa.PrivateKey, issuer Authority) *x509.Certificate {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, issuer.certificate, key.Public(), issuer.key)
	require.NoError(t, err)
	certificate, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return certificate
}

func encode(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}
