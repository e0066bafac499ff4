package frontend_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/frontend"
)

var update = flag.Bool("update", false, "write the golden files")

// TestGolden declares an app with its own name, behind a firewall, and an origin of dynamic content.
func TestGolden(t *testing.T) {
	t.Parallel()
	args, dynamic := valid(), origin()
	dynamic.Protocol, dynamic.Port, dynamic.Timeout, dynamic.Shield = "https-only", 8443, 10, "us-east-1"
	args.Directory = t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(args.Directory, "assets"), 0o750))
	for name, body := range map[string]string{
		"index.html":       `<meta name="api" content="/api"><link href="assets/style.css">`,
		"assets/style.css": "body {}",
		"robots.txt":       "User-agent: *",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(args.Directory, name), []byte(body), 0o600))
	}
	args.Origins = []frontend.Origin{dynamic}
	args.Aliases, args.CertificateArn = []string{"www.example.com"}, pulumi.String("arn:certificate")
	args.WebACLArn, args.OriginShield = pulumi.String("arn:acl"), "eu-west-1"
	resources, _, err := run(args)
	require.NoError(t, err)
	for _, object := range resources.Of(objectType) {
		source := object.Inputs["source"].(*resource.Asset)
		object.Inputs["source"] = map[string]any{"text": source.Text, "path": source.Path}
	}
	resources.RequireGolden(t, "testdata/golden.txt", *update, args.Directory, "FOLDER")
}
