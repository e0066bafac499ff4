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
	for _, table := range []map[tokens.Type][]fact{facts, irreversible} {
		for token, entries := range table {
			for _, fact := range entries {
				require.NotEmpty(t, fact.Source, token)
				require.NotEmpty(t, fact.Ops, token)
				if len(fact.Properties) == 0 {
					continue
				}
				require.Contains(t, args, token)
				known := schema.Inputs(args[token])
				for _, property := range fact.Properties {
					require.Contains(t, known, property, token)
				}
			}
		}
	}
	for token, properties := range windows {
		known := schema.Inputs(args[token])
		require.Contains(t, known, properties.Immediately)
		require.Contains(t, known, properties.Window)
	}
}

func TestEachTypeIsInOneTable(t *testing.T) {
	t.Parallel()
	require.Len(t, facts, len(databaseFacts)+len(cacheFacts)+len(computeFacts)+len(entryFacts)+len(networkFacts))
	require.True(t, slices.IsSorted(quietTypes))
	require.Len(t, slices.Compact(slices.Clone(quietTypes)), len(quietTypes))
	for token := range facts {
		require.NotContains(t, quietTypes, token)
	}
}
