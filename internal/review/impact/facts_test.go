package impact

import (
	"slices"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/autoscaling"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/dynamodb"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/elasticache"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/offline/schema"
)

// args are the SDK's inputs of the types whose properties the facts are about.
var args = map[tokens.Type]any{
	"aws:autoscaling/group:Group":                       autoscaling.GroupArgs{},
	"aws:dynamodb/table:Table":                          dynamodb.TableArgs{},
	"aws:ec2/instance:Instance":                         ec2.InstanceArgs{},
	"aws:ec2/route:Route":                               ec2.RouteArgs{},
	"aws:ecs/service:Service":                           ecs.ServiceArgs{},
	"aws:elasticache/replicationGroup:ReplicationGroup": elasticache.ReplicationGroupArgs{},
	"aws:rds/instance:Instance":                         rds.InstanceArgs{},
}

func TestFactsAreAboutPropertiesOfTheSDK(t *testing.T) {
	t.Parallel()
	for _, its := range slices.Concat(facts, irreversible) {
		require.NotEmpty(t, its.Source, its.Type)
		require.NotEmpty(t, its.Ops, its.Type)
		if len(its.Properties) == 0 {
			continue
		}
		require.Contains(t, args, its.Type)
		known := schema.Inputs(args[its.Type])
		for _, property := range its.Properties {
			require.Contains(t, known, property, its.Type)
		}
	}
	for token, its := range windows {
		known := schema.Inputs(args[token])
		require.Contains(t, known, its.Immediately)
		require.Contains(t, known, its.Window)
	}
}

func TestQuietTypesHaveNoFacts(t *testing.T) {
	t.Parallel()
	require.True(t, slices.IsSorted(quiet))
	for _, its := range facts {
		require.NotContains(t, quiet, its.Type)
	}
}
