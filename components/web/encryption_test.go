package web_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/web"
	"stagecraft/internal/pulumitest"
)

// The key reaches what is stored, and nothing else changes.
func TestNewKmsKey(t *testing.T) {
	t.Parallel()
	grown := func(key pulumi.StringInput) pulumitest.Resources {
		args := scaling()
		args.Public = &web.Public{SubnetIDs: args.SubnetIDs}
		args.Placement = &web.Placement{Zones: 1, PerZone: 1}
		args.KmsKeyArn = key
		resources, err := run(args, nil)
		require.NoError(t, err)
		return resources
	}
	without := grown(nil)
	want := map[string]map[string]any{}
	for _, name := range []string{"web-access", "web-error", "web-setup", "web-system"} {
		want[logGroupType+" "+name] = map[string]any{"kmsKeyId": "arn:key"}
	}
	for _, name := range []string{"web-public-1-1", "web-private-1-1"} {
		volume := without.Named(t, instanceType, name).Inputs["rootBlockDevice"].(map[string]any)
		require.NotContains(t, volume, "kmsKeyId")
		volume["kmsKeyId"] = "arn:key"
		want[instanceType+" "+name] = map[string]any{"rootBlockDevice": volume}
	}
	mappings := without.One(t, templateType).Inputs["blockDeviceMappings"].([]any)
	volume := mappings[0].(map[string]any)["ebs"].(map[string]any)
	require.NotContains(t, volume, "kmsKeyId")
	volume["kmsKeyId"] = "arn:key"
	want[templateType+" web"] = map[string]any{"blockDeviceMappings": mappings}

	require.Equal(t, want, pulumitest.Changes(grown(nil), grown(pulumi.String("arn:key"))))
}
