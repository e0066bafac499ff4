package stack_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// limits are how many characters AWS takes, by type and property: of names, and of all else that holds names (API
// reference and quotas of each service).
var limits = map[string]map[string]int{
	"aws:apigatewayv2/api:Api":                                   {"description": 1024},
	"aws:autoscaling/group:Group":                                {"name": 255},
	"aws:autoscaling/lifecycleHook:LifecycleHook":                {"autoscalingGroupName": 255},
	"aws:autoscaling/policy:Policy":                              {"autoscalingGroupName": 255},
	"aws:budgets/budget:Budget":                                  {"name": 100},
	"aws:cloudfront/cachePolicy:CachePolicy":                     {"comment": 128},
	"aws:cloudfront/distribution:Distribution":                   {"comment": 128},
	"aws:cloudfront/function:Function":                           {"comment": 128},
	"aws:cloudfront/originAccessControl:OriginAccessControl":     {"description": 256},
	"aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": {"comment": 128},
	"aws:cloudtrail/trail:Trail":                                 {"name": 128},
	"aws:cloudwatch/compositeAlarm:CompositeAlarm":               {"alarmName": 255, "alarmDescription": 1024, "alarmRule": 10240},
	"aws:cloudwatch/dashboard:Dashboard":                         {"dashboardName": 255, "dashboardBody": 1 << 20},
	"aws:cloudwatch/eventRule:EventRule":                         {"name": 64, "description": 512, "eventPattern": 2048},
	"aws:lambda/invocation:Invocation":                           {"functionName": 140, "input": 6 << 20},
	"aws:cloudwatch/logGroup:LogGroup":                           {"name": 512, "namePrefix": 512 - 26},
	"aws:cloudwatch/logMetricFilter:LogMetricFilter":             {"logGroupName": 512},
	"aws:cloudwatch/metricAlarm:MetricAlarm":                     {"name": 255, "alarmDescription": 1024, "namespace": 255},
	"aws:codebuild/project:Project":                              {"name": 150},
	"aws:codedeploy/application:Application":                     {"name": 100},
	"aws:codedeploy/deploymentGroup:DeploymentGroup":             {"appName": 100},
	"aws:codepipeline/pipeline:Pipeline":                         {"name": 100},
	"aws:costexplorer/anomalyMonitor:AnomalyMonitor":             {"name": 1024},
	"aws:costexplorer/anomalySubscription:AnomalySubscription":   {"name": 1024},
	"aws:ec2/instance:Instance":                                  {"userData": 16384},
	"aws:ecs/taskDefinition:TaskDefinition":                      {"family": 255, "containerDefinitions": 1 << 16},
	"aws:elasticache/replicationGroup:ReplicationGroup":          {"description": 255},
	"aws:iam/rolePolicy:RolePolicy":                              {"policy": 10240},
	"aws:lambda/function:Function":                               {"description": 256},
	"aws:rds/instance:Instance":                                  {"identifier": 63, "replicateSourceDb": 63, "finalSnapshotIdentifier": 255},
	"aws:route53/healthCheck:HealthCheck":                        {"cloudwatchAlarmName": 255},
	"aws:route53/record:Record":                                  {"name": 255},
	"aws:route53/zone:Zone":                                      {"name": 255},
	"aws:s3/bucketPolicy:BucketPolicy":                           {"policy": 20480},
	"aws:secretsmanager/secret:Secret":                           {"description": 2048},
	"aws:sns/topic:Topic":                                        {"displayName": 100},
	"aws:ssm/association:Association":                            {"associationName": 128},
	"aws:ssm/document:Document":                                  {"name": 128, "content": 1 << 16},
	"aws:ssm/parameter:Parameter":                                {"name": 1011, "insecureValue": 4096},
	"aws:ssm/patchGroup:PatchGroup":                              {"patchGroup": 256},
	"aws:wafv2/webAcl:WebAcl":                                    {"description": 256},
}

// TestNames runs every stage with the longest names of project and stack that settings take. No name is too long then, and
// none escapes: a text that holds the stack's name must have a limit here.
func TestNames(t *testing.T) {
	t.Parallel()
	project, stack := strings.Repeat("p", 20), strings.Repeat("s", 40)
	for number := 1; number <= 5; number++ {
		t.Run(strconv.Itoa(number), func(t *testing.T) {
			t.Parallel()
			resources, err := runNamed(project, stack, map[string]string{"stagecraft:stage": strconv.Itoa(number)})
			require.NoError(t, err)
			held, wrong := 0, map[string]string{}
			for _, resource := range resources {
				for property, value := range resource.Inputs {
					text, _ := value.(string)
					if !strings.Contains(text, stack) {
						continue
					}
					held++
					limit, known := limits[resource.Type][property]
					if size := utf8.RuneCountInString(text); size > limit {
						where := fmt.Sprintf("%s of %s %q, of %d characters", property, resource.Type, resource.Name, size)
						wrong[where] = map[bool]string{true: fmt.Sprint("AWS takes ", limit), false: "limits must say how many AWS takes"}[known]
					}
				}
			}
			require.Empty(t, wrong)
			require.NotZero(t, held)
		})
	}
}

// TestNamesBeyond says that the limits of settings are needed: longer names are refused before anything is made.
func TestNamesBeyond(t *testing.T) {
	t.Parallel()
	for _, names := range [][2]string{{strings.Repeat("p", 21), "test"}, {"stagecraft", strings.Repeat("s", 41)}} {
		resources, err := runNamed(names[0], names[1], nil)
		require.ErrorContains(t, err, "AWS resources are named after it")
		for _, made := range resources {
			require.Contains(t, []string{"rtb-1", "nat-1"}, made.Name, "created by the test itself")
		}
	}
}
