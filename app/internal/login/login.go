// Package login provides the user names and passwords with which the service logs in to its servers.
package login

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// minReadInterval is the shortest time between two reads of a secret. Without it, a wrong password in the secret would
// send every request to Secrets Manager.
const minReadInterval = 5 * time.Second

// readTimeout limits one read of a secret: all requests that need the login wait for it.
const readTimeout = 3 * time.Second

// Login is a user name and a password.
type Login struct {
	// The JSON keys are those of RDS's secrets (Amazon RDS User Guide, "Password management with Amazon RDS and AWS Secrets
	// Manager").
	User     string `json:"username"`
	Password string `json:"password"`
}

// Source provides the login that is currently valid.
type Source interface {
	// Login returns the login.
	Login(ctx context.Context) (Login, error)
	// Invalidate reports that a server rejected a login. The next call of Login may return a newer one.
	Invalidate(rejected Login)
}

// Static is a login that never changes.
type Static Login

// Login implements Source.
func (s Static) Login(context.Context) (Login, error) { return Login(s), nil }

// Invalidate implements Source. It does nothing: there is no other login.
func (Static) Invalidate(Login) {}

// SecretsManager is the part of the AWS client that a Secret needs.
type SecretsManager interface {
	GetSecretValue(
		context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options),
	) (*secretsmanager.GetSecretValueOutput, error)
}

// Secret is a login in AWS Secrets Manager, which may rotate it at any time. Secret reads it once, and again after a
// server rejected it.
type Secret struct {
	client SecretsManager
	arn    string

	mutex  sync.Mutex
	login  Login
	stale  bool
	readAt time.Time
}

// NewSecret returns the source for a secret. It reads nothing yet.
func NewSecret(client SecretsManager, arn string) *Secret {
	return &Secret{client: client, arn: arn, stale: true}
}

// Login implements Source. Its error names the secret.
func (s *Secret) Login(ctx context.Context) (Login, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if !s.stale {
		return s.login, nil
	}
	login, err := s.read(ctx)
	if err != nil {
		return Login{}, fmt.Errorf("secret %s: %w", s.arn, err)
	}
	s.login, s.stale, s.readAt = login, false, time.Now()
	return login, nil
}

// Invalidate implements Source. It ignores logins that are older than the current one.
func (s *Secret) Invalidate(rejected Login) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if rejected == s.login && time.Since(s.readAt) >= minReadInterval {
		s.stale = true
	}
}

func (s *Secret) read(ctx context.Context) (Login, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	output, err := s.client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(s.arn)})
	if err != nil {
		return Login{}, err
	}
	var login Login
	// The decoder's error is dropped because it could quote the secret.
	if json.Unmarshal([]byte(aws.ToString(output.SecretString)), &login) != nil || login.User == "" || login.Password == "" {
		return Login{}, errors.New(`the value must be JSON with a "username" and a "password"`)
	}
	return login, nil
}
