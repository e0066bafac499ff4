package login_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/require"

	"stagecraft/app/internal/login"
)

const arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:rds!db-1-AbCdEf"

// vault is Secrets Manager with one secret.
type vault struct {
	secret string
	err    error
	reads  int
}

func (v *vault) GetSecretValue(
	_ context.Context, input *secretsmanager.GetSecretValueInput, _ ...func(*secretsmanager.Options),
) (*secretsmanager.GetSecretValueOutput, error) {
	v.reads++
	if aws.ToString(input.SecretId) != arn {
		return nil, errors.New("no such secret")
	}
	return &secretsmanager.GetSecretValueOutput{SecretString: aws.String(v.secret)}, v.err
}

func TestSecretIsReadAgainOnceRejected(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		vault := &vault{secret: `{"username": "ada", "password": "first"}`}
		source := login.NewSecret(vault, arn)
		read := func() login.Login {
			read, err := source.Login(t.Context())
			require.NoError(t, err)
			return read
		}
		first := read()
		require.Equal(t, login.Login{User: "ada", Password: "first"}, first)
		require.Equal(t, first, read())
		require.Equal(t, 1, vault.reads)

		vault.secret = `{"username": "ada", "password": "second"}`
		source.Invalidate(first)
		require.Equal(t, first, read(), "a login that was just read is not read again")
		time.Sleep(5*time.Second - time.Nanosecond)
		source.Invalidate(first)
		require.Equal(t, first, read())
		time.Sleep(time.Nanosecond)
		source.Invalidate(login.Login{User: "ada", Password: "older"})
		require.Equal(t, first, read(), "another login was rejected")
		source.Invalidate(first)
		second := read()
		require.Equal(t, login.Login{User: "ada", Password: "second"}, second)
		time.Sleep(5 * time.Second)
		source.Invalidate(first)
		require.Equal(t, second, read())
		require.Equal(t, 2, vault.reads)
	})
}

func TestSecretErrors(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{"", "hunter2", `{"username": "ada"}`, `{"password": "hunter2"}`, `{"username": 1, "password": "hunter2"}`} {
		_, err := login.NewSecret(&vault{secret: secret}, arn).Login(t.Context())
		require.EqualError(t, err, "secret "+arn+`: the value must be JSON with a "username" and a "password"`)
	}
	vault := &vault{secret: `{"username": "ada", "password": "first"}`, err: errors.New("access denied")}
	source := login.NewSecret(vault, arn)
	_, err := source.Login(t.Context())
	require.EqualError(t, err, "secret "+arn+": access denied")
	vault.err = nil
	_, err = source.Login(t.Context())
	require.NoError(t, err, "a failure is not cached")
}

// hanging is a Secrets Manager that never answers.
type hanging struct{}

func (hanging) GetSecretValue(
	ctx context.Context, _ *secretsmanager.GetSecretValueInput, _ ...func(*secretsmanager.Options),
) (*secretsmanager.GetSecretValueOutput, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestReadTimesOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		_, err := login.NewSecret(hanging{}, arn).Login(t.Context())
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, 3*time.Second, time.Since(begin))
	})
}

func TestStatic(t *testing.T) {
	t.Parallel()
	source := login.Static{User: "ada", Password: "local"}
	source.Invalidate(login.Login(source))
	got, err := source.Login(t.Context())
	require.NoError(t, err)
	require.Equal(t, login.Login{User: "ada", Password: "local"}, got)
}

// TestAWSClient sends a real client's request to a server that answers as Secrets Manager does.
func TestAWSClient(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Header.Get("X-Amz-Target") != "secretsmanager.GetSecretValue" || string(body) != `{"SecretId":"`+arn+`"}` {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		_, _ = io.WriteString(w, `{"SecretString": "{\"username\": \"ada\", \"password\": \"first\"}"}`)
	}))
	t.Cleanup(server.Close)
	client := secretsmanager.New(secretsmanager.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(server.URL), Credentials: aws.AnonymousCredentials{},
	})
	got, err := login.NewSecret(client, arn).Login(t.Context())
	require.NoError(t, err)
	require.Equal(t, login.Login{User: "ada", Password: "first"}, got)
}
