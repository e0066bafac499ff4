package login

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// noPayload is the SHA-256 hash of an empty body.
const noPayload = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// Token is a login to an Amazon ElastiCache cache by IAM. Its password is a token: a signed request that is never sent
// (Amazon ElastiCache User Guide, "Authenticating with IAM"). Each login gets a new token, because the server checks it
// only when a connection starts.
type Token struct {
	// Credentials are the service's own AWS credentials, and Region its AWS region.
	Credentials aws.CredentialsProvider
	Region      string
	// Cache is the id of the replication group, and User the id of the ElastiCache user.
	Cache, User string
}

// Login implements Source.
func (t Token) Login(ctx context.Context) (Login, error) {
	credentials, err := t.Credentials.Retrieve(ctx)
	if err != nil {
		return Login{}, fmt.Errorf("credentials for the cache: %w", err)
	}
	query := url.Values{"Action": {"connect"}, "User": {t.User}, "X-Amz-Expires": {"900"}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+t.Cache+"/?"+query.Encode(), http.NoBody)
	if err != nil {
		return Login{}, err
	}
	signed, _, err := v4.NewSigner().PresignHTTP(
		ctx, credentials, request, noPayload, "elasticache", t.Region, time.Now())
	if err != nil {
		return Login{}, err
	}
	return Login{User: t.User, Password: strings.TrimPrefix(signed, "http://")}, nil
}

// Invalidate implements Source. It does nothing: each login has a new token.
func (Token) Invalidate(Login) {}
