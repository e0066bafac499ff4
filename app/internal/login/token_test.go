package login_test

import (
	"context"
	"errors"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/require"

	"stagecraft/app/internal/login"
)

func token(provide aws.CredentialsProviderFunc) login.Token {
	return login.Token{Credentials: provide, Region: "eu-west-1", Cache: "cache-1a2b3c4", User: "cache-1a2b3c4"}
}

func TestToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // whose clock begins at midnight UTC, 2000-01-01
		source := token(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "SECRET", SessionToken: "SESSION"}, nil
		})
		first, err := source.Login(t.Context())
		require.NoError(t, err)
		require.Equal(t, "cache-1a2b3c4", first.User)

		signed, err := url.Parse("http://" + first.Password)
		require.NoError(t, err)
		require.Equal(t, "cache-1a2b3c4", signed.Host)
		require.Equal(t, "/", signed.Path)
		fields := signed.Query()
		// Another program computed the signature, by AWS's description of Signature Version 4.
		require.Equal(t, "357f1f8209b9bc46c8fc247f09cb88dd2b09896c5dde6c355efef166b9dacf95", fields.Get("X-Amz-Signature"))
		fields.Del("X-Amz-Signature")
		require.Equal(t, url.Values{
			"Action":               {"connect"},
			"User":                 {"cache-1a2b3c4"},
			"X-Amz-Algorithm":      {"AWS4-HMAC-SHA256"},
			"X-Amz-Credential":     {"AKID/20000101/eu-west-1/elasticache/aws4_request"},
			"X-Amz-Date":           {"20000101T000000Z"},
			"X-Amz-Expires":        {"900"},
			"X-Amz-Security-Token": {"SESSION"},
			"X-Amz-SignedHeaders":  {"host"},
		}, fields)

		again, err := source.Login(t.Context())
		require.NoError(t, err)
		require.Equal(t, first, again, "the same moment has the same token")
		time.Sleep(time.Second)
		source.Invalidate(again)
		later, err := source.Login(t.Context())
		require.NoError(t, err)
		require.NotEqual(t, first.Password, later.Password, "a token is used once")
	})
}

func TestTokenErrors(t *testing.T) {
	t.Parallel()
	_, err := token(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{}, errors.New("no role")
	}).Login(t.Context())
	require.EqualError(t, err, "credentials for the cache: no role")

	malformed := token(func(context.Context) (aws.Credentials, error) { return aws.Credentials{}, nil })
	malformed.Cache = "cache 1"
	_, err = malformed.Login(t.Context())
	require.ErrorContains(t, err, "invalid character")
}
