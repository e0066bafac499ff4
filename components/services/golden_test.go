package services_test

import (
	"flag"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/role"
	"stagecraft/components/services"
)

var update = flag.Bool("update", false, "write the golden files")

// TestGolden declares a service with its data stores, and a part of another listener's requests.
func TestGolden(t *testing.T) {
	t.Parallel()
	resources, err := run("users", with(func(a *services.Args) {
		a.Environment = map[string]pulumi.StringInput{"A": pulumi.String("b")}
		a.Parameters = map[string]pulumi.StringInput{"DATABASE_WRITER": pulumi.String("arn:writer")}
		a.Permissions = []role.Statement{{
			Actions: []string{"secretsmanager:GetSecretValue"}, Resources: pulumi.ToStringArray([]string{"arn:secret"}),
		}}
		a.DatabaseSecurityGroupID, a.CacheSecurityGroupID = pulumi.String("sg-database"), pulumi.String("sg-cache")
		a.Route.OriginHeader = &services.Header{Name: "X-Origin", Values: pulumi.ToStringArray([]string{"old", "new"})}
		a.Route.WeightedRoute = &services.WeightedRoute{
			ListenerArn: pulumi.String("arn:public"), TargetGroupArn: pulumi.String("arn:web"), Percent: 30,
		}
		a.Scaling.Signal, a.Exec = services.Requests, true
	}))
	require.NoError(t, err)
	resources.RequireGolden(t, "testdata/golden.txt", *update)
}
