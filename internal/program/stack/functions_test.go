package stack_test

import (
	"os"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/stretchr/testify/require"
)

// TestMain runs the tests in the project's folder, as Pulumi runs the program.
func TestMain(m *testing.M) {
	if err := os.Chdir("../../.."); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

func TestFunctions(t *testing.T) {
	t.Parallel()
	const (
		tableType    = "aws:dynamodb/table:Table"
		functionType = "aws:lambda/function:Function"
		routeType    = "aws:apigatewayv2/route:Route"
	)
	resources, err := runWithNetwork(map[string]string{"stagecraft:stage": "2"})
	require.NoError(t, err)
	require.Empty(t, resources.Of(tableType))

	resources, err = runWithNetwork(map[string]string{
		"stagecraft:stage": "5", "stagecraft:singleNatGateway": "true", "stagecraft:functionReservedConcurrency": "20",
	})
	require.NoError(t, err)
	resources.RequireTags(t, wantedTags)
	require.True(t, resources.One(t, tableType).Protect)
	function := resources.Named(t, functionType, "visits")
	require.Equal(t, "components/functions/placeholder.zip", function.Inputs["code"].(*archive.Archive).Path)
	require.Equal(t, []string{"code"}, function.IgnoreChanges, "releases bring the code")
	require.Equal(t, 20.0, function.Inputs["reservedConcurrentExecutions"])
	require.Equal(t, map[string]any{"variables": map[string]any{"VISITS_TABLE": "visits"}}, function.Inputs["environment"])
	require.Equal(t, []string{"functions GET /visits", "functions POST /visits"}, resources.Names(routeType))

	resources, err = runWithNetwork(map[string]string{
		"stagecraft:stage": "5", "stagecraft:singleNatGateway": "true", "stagecraft:functionArchive": "components/functions/placeholder.zip",
	})
	require.NoError(t, err)
	require.Empty(t, resources.Named(t, functionType, "visits").IgnoreChanges, "the stack brings the code")
}
