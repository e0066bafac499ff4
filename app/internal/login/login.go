// Package login tells the service under what name and password it logs in to its servers.
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

// patience is how long a login is not read again after it was read, so that a wrong one in the secret does not make
// every request ask Secrets Manager.
const patience = 5 * time.Second

// timeout limits one reading of a secret, during which all who need it wait.
const timeout = 3 * time.Second

// Login is a name and its password.
type Login struct {
	// User and Password are the keys that RDS gives its secrets (Amazon RDS User Guide, "Password management with Amazon
	// RDS and AWS Secrets Manager").
	User     string `json:"username"`
	Password string `json:"password"`
}

// Source knows the login that is valid now.
type Source interface {
	// Login gives the login.
	Login(ctx context.Context) (Login, error)
	// Refuse says that the server did not take a login: the next one may be newer.
	Refuse(refused Login)
}

// Static is a login that never changes.
type Static Login

// Login implements Source.
func (s Static) Login(context.Context) (Login, error) { return Login(s), nil }

// Refuse implements Source: there is no other login.
func (Static) Refuse(Login) {}

// SecretsManager is the part of the AWS client that a Secret needs.
type SecretsManager interface {
	GetSecretValue(
		context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options),
	) (*secretsmanager.GetSecretValueOutput, error)
}

// Secret is a login in AWS Secrets Manager, which may rotate at any time. It is read once, and again after it was
// refused.
type Secret struct {
	client SecretsManager
	arn    string

	mutex  sync.Mutex
	login  Login
	stale  bool
	readAt time.Time
}

// NewSecret names a secret; nothing is read yet.
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

// Refuse implements Source. Who was refused with an older login than the present one changes nothing.
func (s *Secret) Refuse(refused Login) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if refused == s.login && time.Since(s.readAt) >= patience {
		s.stale = true
	}
}

func (s *Secret) read(ctx context.Context) (Login, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	output, err := s.client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(s.arn)})
	if err != nil {
		return Login{}, err
	}
	var login Login
	// The decoder's error could quote the secret.
	if json.Unmarshal([]byte(aws.ToString(output.SecretString)), &login) != nil || login.User == "" || login.Password == "" {
		return Login{}, errors.New(`it must be JSON with a "username" and a "password"`)
	}
	return login, nil
}
