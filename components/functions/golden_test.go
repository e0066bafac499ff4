package functions_test

import (
	"flag"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/functions"
	"stagecraft/components/role"
	"stagecraft/internal/pulumitest"
)

var update = flag.Bool("update", false, "write the golden files")

// TestGolden declares an API with a placeholder that sets all options.
func TestGolden(t *testing.T) {
	t.Parallel()
	args := valid(t)
	args.Placeholder, args.ReservedConcurrency, args.ProvisionedConcurrency = true, 20, 5
	args.Environment = map[string]pulumi.StringInput{"VISITS_TABLE": pulumi.String("visits")}
	args.Permissions = []role.Statement{{
		Actions: []string{"dynamodb:GetItem"}, Resources: pulumi.ToStringArray([]string{"arn:table"}),
	}}
	args.KmsKeyArn = pulumi.String("arn:key")
	resources, err := pulumitest.Run(func(ctx *pulumi.Context) error {
		visits, err := functions.New(ctx, "visits", &args)
		if err != nil {
			return err
		}
		_, err = functions.NewAPI(ctx, "api", &functions.APIArgs{
			Routes:            map[string]*functions.Function{"GET /visits": visits, "POST /visits": visits},
			RequestsPerSecond: 100,
			Burst:             200,
			LogRetentionDays:  30,
			AlarmTopicArn:     pulumi.String("arn:topic"),
			Tags:              args.Tags,
		})
		return err
	}, outputs, nil)
	require.NoError(t, err)
	delete(resources.One(t, functionType).Inputs, "code") // an archive in a temporary folder
	resources.RequireGolden(t, "testdata/golden.txt", *update)
}
