package stack_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/pulumitest"
)

const serviceType = "aws:ecs/service:Service"

// stage5 runs the program with the services.
func stage5(t *testing.T, services string) pulumitest.Resources {
	t.Helper()
	resources, err := runWithNetwork(map[string]string{
		"stagecraft:stage": "5", "stagecraft:singleNatGateway": "true", "stagecraft:services": services,
	})
	require.NoError(t, err)
	return resources
}

// secretsOf are the variables that a service's container reads from parameters.
func secretsOf(t *testing.T, resources pulumitest.Resources, service string) []string {
	t.Helper()
	document := resources.Named(t, "aws:ecs/taskDefinition:TaskDefinition", service).Inputs["containerDefinitions"].(string)
	var containers []struct {
		Secrets []struct{ Name, ValueFrom string }
	}
	require.NoError(t, json.Unmarshal([]byte(document), &containers))
	var names []string
	for _, secret := range containers[0].Secrets {
		require.Regexp(t, `^arn:configuration-(cache|database)-[a-z-]+$`, secret.ValueFrom)
		names = append(names, secret.Name)
	}
	return names
}

// TestServices checks that each service receives its own data stores only, and may connect and log in to them.
func TestServices(t *testing.T) {
	t.Parallel()
	resources := stage5(t, `[
		{"name": "pages", "paths": ["/api/*"], "image": "ghcr.io/team/pages:1", "exec": true},
		{"name": "signups", "paths": ["/api/signups*"], "database": "writer", "cpu": 512, "memoryMiB": 1024},
		{"name": "users", "paths": ["/api/users*"], "database": "reader", "cache": true, "signal": "requests", "target": 300}
	]`)
	require.Equal(t, []string{"pages", "signups", "users"}, resources.Names(serviceType))
	require.Empty(t, resources.Of(instanceType), "the web tier is gone")

	writer := []string{"DATABASE_NAME", "DATABASE_SECRET_ARN", "DATABASE_WRITER"}
	require.Empty(t, secretsOf(t, resources, "pages"))
	require.Subset(t, secretsOf(t, resources, "signups"), writer)
	require.NotContains(t, secretsOf(t, resources, "signups"), "DATABASE_READER")
	require.NotContains(t, secretsOf(t, resources, "signups"), "CACHE_ENDPOINT")
	require.Subset(t, secretsOf(t, resources, "users"), append(writer, "CACHE_ENDPOINT", "DATABASE_READER"))

	const policyType = "aws:iam/rolePolicy:RolePolicy"
	rules := resources.Names(ingressType)
	require.Subset(t, rules, []string{
		"cache-from-services-users", "database-from-services-signups", "database-from-services-users",
	})
	for _, rule := range []string{"cache-from-services-signups", "database-from-services-pages"} {
		require.NotContains(t, rules, rule)
	}
	require.Equal(t, "signups-id",
		resources.Named(t, ingressType, "database-from-services-signups").Inputs["referencedSecurityGroupId"])
	secret := resources.Named(t, "aws:ssm/parameter:Parameter", "configuration-database-secret-arn").Inputs["insecureValue"]
	require.NotEmpty(t, secret)
	require.Contains(t, resources.Named(t, policyType, "signups-task").Inputs["policy"], secret)
	require.NotContains(t, resources.Named(t, policyType, "signups-task").Inputs["policy"], "elasticache:Connect")
	require.Contains(t, resources.Named(t, policyType, "users-task").Inputs["policy"], "elasticache:Connect")
	require.NotContains(t, resources.Named(t, policyType, "pages-task").Inputs["policy"], secret)
}

// Nobody reaches a service but through CloudFront, which knows the header.
func TestServicesBehindCloudFront(t *testing.T) {
	t.Parallel()
	resources := stage5(t, `[{"name": "users", "paths": ["/api/users*"]}, {"name": "pages", "paths": ["/api/*"]}]`)
	priorities := map[string]float64{}
	for _, rule := range resources.Of("aws:lb/listenerRule:ListenerRule") {
		conditions := rule.Inputs["conditions"].([]any)
		require.True(t, slices.ContainsFunc(conditions, func(condition any) bool {
			header, _ := condition.(map[string]any)["httpHeader"].(map[string]any)
			return header["httpHeaderName"] == "X-Origin-Verify"
		}), "rule %s", rule.Name)
		priorities[rule.Name], _ = rule.Inputs["priority"].(float64)
	}
	require.Less(t, priorities["users"], priorities["pages"], "the more specific path is first")
}

// The pipeline releases what is not named by a setting.
func TestServicesAndFunctionsAreReleased(t *testing.T) {
	t.Parallel()
	const pipelineType = "aws:codepipeline/pipeline:Pipeline"
	const kept = `{"name": "pages", "paths": ["/api/*"], "image": "ghcr.io/team/pages:1"}`
	const archive = "components/functions/placeholder.zip"
	for name, test := range map[string]struct {
		services, archive string
		deployed          []string
	}{
		"both":         {`[{"name": "users", "paths": ["/api/users*"]}, ` + kept + `]`, "", []string{"ECS Service-users", "Lambda Function-visits"}},
		"the function": {"[" + kept + "]", "", []string{"Lambda Function-visits"}},
		"nothing":      {"[" + kept + "]", archive, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resources, err := runWithNetwork(map[string]string{
				"stagecraft:stage": "5", "stagecraft:singleNatGateway": "true", "stagecraft:services": test.services,
				"stagecraft:functionArchive": test.archive,
			})
			if test.deployed == nil {
				require.ErrorContains(t, err, `stagecraft:repository is "example/service", but functionArchive and the image of every service are set`)
				return
			}
			require.NoError(t, err)
			stages := resources.Named(t, pipelineType, "delivery-service").Inputs["stages"].([]any)
			var deployed []string
			for _, action := range stages[len(stages)-1].(map[string]any)["actions"].([]any) {
				properties := action.(map[string]any)
				deployed = append(deployed, fmt.Sprint(properties["provider"], " ", properties["name"]))
			}
			require.Equal(t, test.deployed, deployed)
		})
	}
}
