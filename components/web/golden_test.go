package web_test

import (
	"flag"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/web"
)

var update = flag.Bool("update", false, "write the golden files")

// TestGolden declares all kinds of servers, as a growing stack does.
func TestGolden(t *testing.T) {
	t.Parallel()
	args := scaling()
	args.Placement = &web.Placement{Zones: 2, PerZone: 1}
	args.Public = &web.Public{
		SubnetIDs: args.SubnetIDs, Domain: "www.example.com", HostedZoneID: "Z1", Email: "ops@example.com",
	}
	args.Group.ScheduledMinimum = &web.ScheduledMinimum{Instances: 6, Begin: "0 7 * * *", End: "0 19 * * *"}
	args.CacheSecurityGroupID, args.KmsKeyArn = pulumi.String("sg-cache"), pulumi.String("arn:key")
	resources, err := run(args, nil)
	require.NoError(t, err)
	resources.RequireGolden(t, "testdata/golden.txt", *update)
}
