package stack_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestLogsOutliveTheirTier has every log group stay, under a name that no other life of its tier takes: one with an
// automatic suffix, or after something that has one.
func TestLogsOutliveTheirTier(t *testing.T) {
	t.Parallel()
	// AWS derives these names from those of a database or a cache, which have a suffix, and of the pipeline, which every
	// stage has.
	dictated := []string{"/aws/rds/instance/", "/aws/vendedlogs/elasticache/", "/aws/codepipeline/stagecraft-"}
	for number := 1; number <= 5; number++ {
		for _, ephemeral := range []bool{true, false} {
			t.Run(strconv.Itoa(number)+" "+strconv.FormatBool(ephemeral), func(t *testing.T) {
				t.Parallel()
				resources, err := runWithNetwork(map[string]string{
					"stagecraft:stage": strconv.Itoa(number), "stagecraft:ephemeral": strconv.FormatBool(ephemeral),
					"stagecraft:repository": "example/service",
				})
				require.NoError(t, err)
				groups := resources.Of("aws:cloudwatch/logGroup:LogGroup")
				require.NotEmpty(t, groups)
				for _, group := range groups {
					require.Equal(t, !ephemeral, group.RetainOnDelete, group.Name)
					name, fixed := group.Inputs["name"].(string)
					for _, prefix := range dictated {
						fixed = fixed && !strings.HasPrefix(name, prefix)
					}
					require.False(t, fixed, "%s is always named %q", group.Name, name)
				}
			})
		}
	}
}

// TestPipelineLogs are there before a stage has what logs to them, and after: their name is no life's own.
func TestPipelineLogs(t *testing.T) {
	t.Parallel()
	for number := 1; number <= 5; number++ {
		resources, err := runWithNetwork(map[string]string{
			"stagecraft:stage": strconv.Itoa(number), "stagecraft:repository": "example/service",
		})
		require.NoError(t, err)
		require.Contains(t, resources.Names("aws:cloudwatch/logGroup:LogGroup"), "delivery-service")
	}
}
