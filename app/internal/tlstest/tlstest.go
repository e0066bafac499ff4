// Package tlstest issues certificates for tests of TLS.
package tlstest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
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
func NewAuthority() Authority {
	key := newKey()
	template := authorityTemplate()
	return Authority{sign(template, key, Authority{template, key}), key}
}

// Intermediate returns an authority that this one vouches for.
func (a Authority) Intermediate() Authority {
	key := newKey()
	return Authority{sign(authorityTemplate(), key, a), key}
}

func authorityTemplate() *x509.Certificate {
	return &x509.Certificate{
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
}

// Pool returns the trust in this authority only.
func (a Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	return pool
}

// Bundle writes the trust in this authority to a file, and returns its path.
func (a Authority) Bundle(t testing.TB) string {
	path := filepath.Join(t.TempDir(), "bundle.pem")
	require.NoError(t, os.WriteFile(path, encode("CERTIFICATE", a.certificate.Raw), 0o600))
	return path
}

// Certificate returns a valid certificate of a server with these DNS names, followed by the authority's own.
func (a Authority) Certificate(names ...string) tls.Certificate {
	return a.issue(time.Now().Add(time.Hour), x509.ExtKeyUsageServerAuth, names)
}

func (a Authority) issue(end time.Time, usage x509.ExtKeyUsage, names []string) tls.Certificate {
	key := newKey()
	certificate := sign(&x509.Certificate{
		NotAfter: end, DNSNames: names, ExtKeyUsage: []x509.ExtKeyUsage{usage},
	}, key, a)
	return tls.Certificate{Certificate: [][]byte{certificate.Raw, a.certificate.Raw}, PrivateKey: key}
}

// PEM returns the contents of a certificate's two files.
func PEM(certificate tls.Certificate) (chain, key []byte) {
	for _, der := range certificate.Certificate {
		chain = append(chain, encode("CERTIFICATE", der)...)
	}
	return chain, encode("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(certificate.PrivateKey)))
}

// Server is a server's side of TLS.
type Server struct {
	Config *tls.Config
	// Error is a part of the error with which a client rejects the server.
	Error string
}

// Untrustworthy returns servers that a client must reject, by what is wrong with them, if it trusts this authority and
// connects to name.
func (a Authority) Untrustworthy(name string) map[string]Server {
	server := func(certificate tls.Certificate) *tls.Config {
		return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{certificate}}
	}
	old := server(a.Certificate(name))
	old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	return map[string]Server{
		"wrong name":        {server(a.Certificate("other." + name)), "certificate is"},
		"unknown authority": {server(NewAuthority().Certificate(name)), "unknown authority"},
		"expired": {
			server(a.issue(time.Now().Add(-time.Minute), x509.ExtKeyUsageServerAuth, []string{name})), "expired",
		},
		"client's certificate": {
			server(a.issue(time.Now().Add(time.Hour), x509.ExtKeyUsageClientAuth, []string{name})), "incompatible key usage",
		},
		"old protocol": {old, "protocol version"},
	}
}

func newKey() *ecdsa.PrivateKey {
	return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
}

func sign(template *x509.Certificate, key *ecdsa.PrivateKey, issuer Authority) *x509.Certificate {
	return must(x509.ParseCertificate(must(
		x509.CreateCertificate(rand.Reader, template, issuer.certificate, key.Public(), issuer.key))))
}

func encode(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

// must panics on an error, which only a mistake in this package can cause.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
