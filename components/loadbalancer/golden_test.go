package loadbalancer_test

import (
	"flag"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/loadbalancer"
)

var update = flag.Bool("update", false, "write the golden files")

// TestGolden declares both listeners, with two names.
func TestGolden(t *testing.T) {
	t.Parallel()
	args := withCertificate()
	args.Public.OtherCertificateArns = map[string]pulumi.StringInput{"api": pulumi.String("arn:api")}
	args.CloudFront = &loadbalancer.Listener{CertificateArn: pulumi.String("arn:api")}
	resources, err := run(args, nil)
	require.NoError(t, err)
	resources.RequireGolden(t, "testdata/golden.txt", *update)
}
