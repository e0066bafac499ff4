package stack

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/domain"
	"stagecraft/internal/pulumitest"
)

func TestPointToEdge(t *testing.T) {
	t.Parallel()
	resources, err := pulumitest.Run(func(ctx *pulumi.Context) error {
		named, err := domain.New(ctx, "domain", &domain.Args{Name: "www.example.com", ZoneID: "Z1"})
		if err != nil {
			return err
		}
		deployment := &deployment{ctx: ctx, domain: named, edge: &edge{
			domainName:   pulumi.String("d1.cloudfront.net").ToStringOutput(),
			hostedZoneID: pulumi.String("Z2").ToStringOutput(),
		}}
		return deployment.point()
	}, nil, nil)
	require.NoError(t, err)
	for _, name := range []string{"domain", "domain-ipv6"} {
		require.Equal(t, []any{map[string]any{"name": "d1.cloudfront.net", "zoneId": "Z2", "evaluateTargetHealth": false}},
			resources.Named(t, "aws:route53/record:Record", name).Inputs["aliases"])
	}
}
