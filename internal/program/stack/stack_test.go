package stack_test

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/program/stack"
	"stagecraft/internal/pulumitest"
)

// configuration returns the settings of a stack: the defaults of Pulumi.yaml, those that have none, and changes.
func configuration(changes map[string]string) map[string]string {
	values := pulumitest.Defaults("Pulumi.yaml")
	maps.Copy(values, map[string]string{
		"stagecraft:stage":                  "1",
		"stagecraft:alarmEmail":             "platform@example.com",
		"stagecraft:monthlyBudgetUsd":       "100",
		"stagecraft:guardDutyPlans":         `["RDS_LOGIN_EVENTS"]`,
		"stagecraft:infrastructurePipeline": "true",
		"stagecraft:repository":             "example/service",
		"stagecraft:services":               `[{"name": "users", "paths": ["/api/users*"], "database": "reader"}]`,
		"stagecraft:readinessPath":          "/api/users/ready",
		"stagecraft:tags":                   `{"CostCenter":"42"}`,
	})
	maps.Copy(values, changes)
	return values
}

var answers = map[string]map[string]any{
	"aws:index/getCallerIdentity:getCallerIdentity": {"accountId": "123456789012"},
	"aws:index/getRegion:getRegion":                 {"name": "eu-west-1"},
	"aws:index/getAvailabilityZones:getAvailabilityZones": {
		"names": []any{"eu-west-1c", "eu-west-1a", "eu-west-1b"},
	},
	"aws:ssm/getParameter:getParameter":                      {"insecureValue": "ami-1", "value": "ami-1"},
	"aws:ec2/getInstanceType:getInstanceType":                {"defaultVcpus": 2},
	"aws:servicequotas/getServiceQuota:getServiceQuota":      {"value": 5},
	"aws:route53/getZone:getZone":                            {"zoneId": "Z1"},
	"aws:ebs/getEncryptionByDefault:getEncryptionByDefault":  {"enabled": true},
	"aws:ec2/getManagedPrefixList:getManagedPrefixList":      {"id": "pl-1"},
	"aws:secretsmanager/getRandomPassword:getRandomPassword": {"randomPassword": "random"},
}

// answersIn returns the answers of a region, "" for eu-west-1.
func answersIn(region string) map[string]map[string]any {
	if region == "" {
		return answers
	}
	local := maps.Clone(answers)
	local["aws:index/getRegion:getRegion"] = map[string]any{"name": region}
	local["aws:index/getAvailabilityZones:getAvailabilityZones"] = map[string]any{
		"names": []any{region + "c", region + "a", region + "b"},
	}
	return local
}

// outputs are what AWS computes for a stack of a project.
func outputs(project, stack string) map[string]map[string]any {
	reference := func(token, id string) resource.PropertyValue {
		urn := resource.NewURN(tokens.QName(stack), tokens.PackageName(project), "", tokens.Type(token), id)
		return resource.MakeCustomResourceReference(urn, resource.ID(id), "")
	}
	subnets := func(tier string) []any { return []any{tier + "-1", tier + "-2", tier + "-3"} }
	return map[string]map[string]any{
		"awsx:ec2:Vpc": {
			"vpcId":             "vpc-1",
			"publicSubnetIds":   subnets("public"),
			"privateSubnetIds":  subnets("private"),
			"isolatedSubnetIds": subnets("isolated"),
			"routeTables":       []any{reference("aws:ec2/routeTable:RouteTable", "rtb-1")},
			"natGateways":       slices.Repeat([]any{reference("aws:ec2/natGateway:NatGateway", "nat-1")}, 3), // one a zone at most
		},
		certificateType: {"domainValidationOptions": []any{
			validation("api.www.example.com"), validation("lb.www.example.com"), validation("www.example.com"),
			validation("api.shop.example.com"), validation("lb.shop.example.com"), validation("shop.example.com"),
		}},
		distributionType:                 {"domainName": "d1.cloudfront.net", "hostedZoneId": "Z2"},
		loadBalancerType:                 {"dnsName": "lb.example.com", "zoneId": "Z3"},
		"aws:lb/targetGroup:TargetGroup": {"arn": "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/1"},
		databaseType:                     {"endpoint": "database.example.com:5432", "address": "database.example.com"},
		recordType:                       {"fqdn": "database-reader.stagecraft-test.internal"},
		"aws:elasticache/replicationGroup:ReplicationGroup": {
			"primaryEndpointAddress": "primary.example.com", "readerEndpointAddress": "reader.example.com",
		},
	}
}

func run(changes map[string]string) (pulumitest.Resources, error) {
	return pulumitest.Run(stack.Program, outputs(pulumitest.Project, pulumitest.Stack), answers,
		func(info *pulumi.RunInfo) { info.Config = configuration(changes) })
}

// runWithNetwork runs the program where awsx's references lead to something.
func runWithNetwork(changes map[string]string) (pulumitest.Resources, error) {
	return runNamed(pulumitest.Project, pulumitest.Stack, changes)
}

// runNamed runs it as a stack of a project.
func runNamed(project, stackName string, changes map[string]string) (pulumitest.Resources, error) {
	return runProgram(stack.Program, project, stackName, changes)
}

func runProgram(program pulumi.RunFunc, project, stack string, changes map[string]string) (pulumitest.Resources, error) {
	configured := map[string]string{}
	for key, value := range configuration(changes) {
		if name, ours := strings.CutPrefix(key, pulumitest.Project+":"); ours {
			key = project + ":" + name
		}
		configured[key] = value
	}
	return pulumitest.Run(func(ctx *pulumi.Context) error {
		table, err := ec2.NewRouteTable(ctx, "rtb-1", &ec2.RouteTableArgs{VpcId: pulumi.String("vpc-1"), Tags: stubTags})
		if err != nil {
			return err
		}
		gateway, err := ec2.NewNatGateway(ctx, "nat-1", &ec2.NatGatewayArgs{SubnetId: pulumi.String("subnet-1"), Tags: stubTags})
		if err != nil {
			return err
		}
		made := make(chan struct{})
		pulumi.All(table.ID(), gateway.ID()).ApplyT(func([]any) error { close(made); return nil })
		<-made
		return program(ctx)
	}, outputs(project, stack), answersIn(changes["aws:region"]), func(info *pulumi.RunInfo) {
		info.Project, info.Stack, info.Config = project, stack, configured
	})
}

// stubTags are what every resource must have.
var stubTags = pulumi.ToStringMap(wantedTags)

var wantedTags = map[string]string{"CostCenter": "42", "Project": pulumitest.Project, "Stack": pulumitest.Stack}

const (
	instanceType     = "aws:ec2/instance:Instance"
	databaseType     = "aws:rds/instance:Instance"
	loadBalancerType = "aws:lb/loadBalancer:LoadBalancer"
	targetType       = "aws:lb/targetGroupAttachment:TargetGroupAttachment"
	recordType       = "aws:route53/record:Record"
	certificateType  = "aws:acm/certificate:Certificate"
)

func TestStages(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		instances     []string
		loadBalancers int
		multiAZ       bool
		replicas      int
		nat           string
	}{
		"1": {[]string{"web-public-1-1"}, 0, false, 0, "None"},
		"2": {[]string{"web-private-1-1", "web-private-2-1"}, 1, true, 0, "Single"},
		"3": {[]string{"web-private-1-1", "web-private-1-2", "web-private-2-1", "web-private-2-2"}, 1, true, 2, "Single"},
	}
	for number, test := range tests {
		t.Run(number, func(t *testing.T) {
			t.Parallel()
			resources, err := runWithNetwork(map[string]string{"stagecraft:stage": number})
			require.NoError(t, err)
			require.Equal(t, test.instances, resources.Names(instanceType))
			require.Len(t, resources.Of(loadBalancerType), test.loadBalancers)
			require.Len(t, resources.Of(targetType), test.loadBalancers*len(test.instances), "every instance is a target")
			require.Equal(t, test.multiAZ, resources.Named(t, databaseType, "database").Inputs["multiAz"])
			require.Len(t, resources.Of(databaseType), 1+test.replicas)
			gateways, _ := resources.One(t, "awsx:ec2:Vpc").Inputs["natGateways"].(map[string]any)
			require.Equal(t, test.nat, gateways["strategy"])
			require.NotContains(t, resources.Names(recordType), "domain", "no domain, no record")
		})
	}
}

func TestEverythingIsTagged(t *testing.T) {
	t.Parallel()
	for _, number := range []string{"1", "2", "3"} {
		resources, err := runWithNetwork(map[string]string{"stagecraft:stage": number})
		require.NoError(t, err)
		resources.RequireTags(t, wantedTags)
	}
}

func TestEveryTierIsOnTheDashboard(t *testing.T) {
	t.Parallel()
	resources, err := runWithNetwork(map[string]string{"stagecraft:stage": "3"})
	require.NoError(t, err)
	body := resources.One(t, "aws:cloudwatch/dashboard:Dashboard").Inputs["dashboardBody"]
	alarms := resources.Of("aws:cloudwatch/metricAlarm:MetricAlarm")
	require.NotEmpty(t, alarms)
	for _, alarm := range alarms {
		require.Contains(t, body, `"arn:`+alarm.Name+`"`)
	}
}

// TestReader checks that the service reads from one name at every stage.
func TestReader(t *testing.T) {
	t.Parallel()
	for _, number := range []string{"1", "2", "3"} {
		resources, err := runWithNetwork(map[string]string{"stagecraft:stage": number})
		require.NoError(t, err)
		values := map[string]any{}
		for _, parameter := range resources.Of("aws:ssm/parameter:Parameter") {
			values[parameter.Name] = parameter.Inputs["insecureValue"]
		}
		require.Subset(t, values, map[string]any{
			"configuration-database-writer": "database.example.com:5432",
			"configuration-database-reader": "database-reader.stagecraft-test.internal:5432",
		}, "stage %s", number)
	}
}

func TestDelivery(t *testing.T) {
	t.Parallel()
	const pipelineType, groupType = "aws:codepipeline/pipeline:Pipeline", "aws:codedeploy/deploymentGroup:DeploymentGroup"
	for number, balanced := range map[string]bool{"1": false, "2": true} {
		resources, err := runWithNetwork(map[string]string{"stagecraft:stage": number})
		require.NoError(t, err)
		require.Len(t, resources.Of(pipelineType), 2, "of the service, and of the stack")
		_, behind := resources.One(t, groupType).Inputs["loadBalancerInfo"]
		require.Equal(t, balanced, behind, "stage %s", number)
	}
	resources, err := runWithNetwork(map[string]string{"stagecraft:repository": ""})
	require.NoError(t, err)
	require.Empty(t, resources.Of(pipelineType), "no repository, no pipeline")
	for number, apart := range map[string]bool{"3": false, "4": true} {
		resources, err := runWithNetwork(map[string]string{"stagecraft:stage": number})
		require.NoError(t, err)
		triggers, err := json.Marshal(resources.Named(t, pipelineType, "delivery-service").Inputs["triggers"])
		require.NoError(t, err)
		require.Equal(t, apart, strings.Contains(string(triggers), "app/web/**"), "stage %s", number)
	}
}

func TestCache(t *testing.T) {
	t.Parallel()
	const groupType, parameterType = "aws:elasticache/replicationGroup:ReplicationGroup", "aws:ssm/parameter:Parameter"
	resources, err := runWithNetwork(map[string]string{"stagecraft:stage": "2"})
	require.NoError(t, err)
	require.Empty(t, resources.Of(groupType))

	resources, err = runWithNetwork(map[string]string{"stagecraft:stage": "4", "stagecraft:singleNatGateway": "true"})
	require.NoError(t, err)
	require.Equal(t, "cache.t4g.small", resources.One(t, groupType).Inputs["nodeType"])
	told := map[any]any{}
	for _, parameter := range resources.Of(parameterType) {
		if _, name, found := strings.Cut(parameter.Name, "-cache-"); found {
			told[name] = parameter.Inputs["insecureValue"]
		}
	}
	require.Equal(t, map[any]any{"endpoint": "primary.example.com:6379", "name": "cache", "user": "cache"}, told)
}

func TestAutoScaling(t *testing.T) {
	t.Parallel()
	resources, err := runWithNetwork(map[string]string{
		"stagecraft:stage":            "4",
		"stagecraft:singleNatGateway": "true",
		"stagecraft:webFloor":         `{"instances":6,"begin":"0 7 * * *","end":"0 19 * * *"}`,
	})
	require.NoError(t, err)
	resources.RequireTags(t, wantedTags)
	require.Empty(t, resources.Of(instanceType), "a group launches its instances itself")
	require.Subset(t, resources.One(t, "aws:autoscaling/group:Group").Inputs, map[string]any{
		"minSize": 3.0, "maxSize": 9.0, "vpcZoneIdentifiers": []any{"private-1", "private-2", "private-3"},
	})
	require.Contains(t, resources.Names("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"), "web-to-cache")
	require.Contains(t, resources.Named(t, "aws:iam/rolePolicy:RolePolicy", "web").Inputs["policy"], "elasticache:Connect")
	require.Equal(t, []string{"web-floor-begin", "web-floor-end"}, resources.Names("aws:autoscaling/schedule:Schedule"))
	require.Equal(t, []any{"stagecraft-test-web"},
		resources.One(t, "aws:codedeploy/deploymentGroup:DeploymentGroup").Inputs["autoscalingGroups"])

	script := func(resources pulumitest.Resources) string {
		encoded := resources.One(t, "aws:ec2/launchTemplate:LaunchTemplate").Inputs["userData"].(string)
		decoded, err := base64.StdEncoding.DecodeString(encoded)
		require.NoError(t, err)
		return string(decoded)
	}
	require.Contains(t, script(resources), "codedeploy-agent", "an instance cannot wait for State Manager to install it")
	resources, err = runWithNetwork(map[string]string{
		"stagecraft:stage": "4", "stagecraft:singleNatGateway": "true", "stagecraft:repository": "",
	})
	require.NoError(t, err)
	require.NotContains(t, script(resources), "codedeploy-agent")
}

func TestGlobalRegion(t *testing.T) {
	t.Parallel()
	const providerType = "pulumi:providers:aws"
	resources, err := runWithNetwork(map[string]string{"aws:profile": "company"})
	require.NoError(t, err)
	require.Subset(t, resources.One(t, providerType).Inputs, map[string]any{"region": "us-east-1", "profile": "company"})
}

func TestEphemeral(t *testing.T) {
	t.Parallel()
	for _, ephemeral := range []bool{true, false} {
		text := map[bool]string{true: "true", false: "false"}[ephemeral]
		resources, err := runWithNetwork(map[string]string{"stagecraft:stage": "2", "stagecraft:ephemeral": text})
		require.NoError(t, err)
		require.Equal(t, !ephemeral, resources.One(t, databaseType).Protect)
		require.Equal(t, !ephemeral, resources.One(t, databaseType).Inputs["deletionProtection"])
		require.Equal(t, !ephemeral, resources.One(t, loadBalancerType).Inputs["enableDeletionProtection"])
	}
}

func TestRefusesBeforeAnythingIsMade(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		changes map[string]string
		want    string
	}{
		"a setting":    {map[string]string{"stagecraft:networkCidr": "10.0.0.0/28"}, "stagecraft:networkCidr"},
		"an e-mail":    {map[string]string{"stagecraft:alarmEmail": ""}, "stagecraft:alarmEmail is not set"},
		"a stage":      {map[string]string{"stagecraft:stage": "6"}, "stagecraft:stage: 6 is not a stage"},
		"zones beyond": {map[string]string{"stagecraft:availabilityZones": "4"}, "stagecraft:availabilityZones is 4, and eu-west-1 has 3"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resources, err := run(test.changes)
			require.ErrorContains(t, err, test.want)
			require.Empty(t, resources)
		})
	}
}

// validation returns the record that proves a name to ACM.
func validation(name string) map[string]any {
	return map[string]any{
		"domainName": name, "resourceRecordName": "_1." + name + ".", "resourceRecordType": "CNAME",
		"resourceRecordValue": "_2.example.com.",
	}
}
