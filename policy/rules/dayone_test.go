package rules

import (
	"maps"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"

	"stagecraft/policy/rule"
)

var dayOneExamples = map[string]examples{
	"guardduty-plans-on": {
		typ: guarddutyDetectorFeature,
		pass: []props{
			{"name": "S3_DATA_EVENTS", "status": "ENABLED"},
			{"name": "RUNTIME_MONITORING", "status": "DISABLED"},
			{"name": "NEW_PLAN", "status": "DISABLED"},
		},
		fail: []props{{"name": "S3_DATA_EVENTS", "status": "DISABLED"}, {"name": "RDS_LOGIN_EVENTS", "status": "DISABLED"}},
	},
	"inspector-scans-code": {
		typ:  inspector2Enabler,
		pass: []props{{"resourceTypes": []any{"EC2"}}, {"resourceTypes": []any{"LAMBDA", "LAMBDA_CODE"}}},
		fail: []props{{"resourceTypes": []any{"EC2", "LAMBDA"}}},
	},
	"cloudwatch-alarm-actions-enabled": {
		typ:  cloudwatchMetricAlarm,
		pass: []props{{}, {"actionsEnabled": true}},
		fail: []props{{"actionsEnabled": false}},
	},
	"cloudwatch-log-groups-have-retention": {
		typ:  cloudwatchLogGroup,
		pass: []props{{"retentionInDays": 30}, {"retentionInDays": "7"}, {"logGroupClass": "DELIVERY"}},
		fail: []props{{}, {"retentionInDays": 0}, {"logGroupClass": "STANDARD"}},
	},
	"ec2-no-key-pair": {
		typ:  ec2Instance,
		pass: []props{{}, {"keyName": ""}},
		fail: []props{{"keyName": "mine"}},
	},
	"ec2-remote-ports-closed": {
		typ: "aws:ec2/securityGroup:SecurityGroup",
		pass: []props{
			{},
			{"ingress": []any{anyoneTo("tcp", 443, 443, "0.0.0.0/0")}},
			{"ingress": []any{anyoneTo("tcp", 22, 22, "10.0.0.0/8")}},
			{"ingress": []any{anyoneTo("icmp", -1, -1, "0.0.0.0/0")}},
			{"ingress": []any{props{"protocol": "-1", "fromPort": 0, "toPort": 0, "securityGroups": []any{"sg-1"}}}},
			{"egress": []any{anyoneTo("-1", 0, 0, "0.0.0.0/0")}},
		},
		fail: []props{
			{"ingress": []any{anyoneTo("tcp", 22, 22, "0.0.0.0/0")}},
			{"ingress": []any{anyoneTo("tcp", 443, 443, "0.0.0.0/0"), anyoneTo("TCP", 3000, 4000, "10.0.0.0/8", "0.0.0.0/0")}},
			{"ingress": []any{anyoneTo("-1", 0, 0, "0.0.0.0/0")}},
			{"ingress": []any{props{"protocol": "6", "fromPort": 0, "toPort": 65535, "ipv6CidrBlocks": []any{"::/0"}}}},
		},
	},
	"guardduty-detector-on": {
		typ:  guarddutyDetector,
		pass: []props{{}, {"enable": true}},
		fail: []props{{"enable": false}},
	},
}

func anyoneTo(protocol string, from, to int, ranges ...any) props {
	return props{"protocol": protocol, "fromPort": from, "toPort": to, "cidrBlocks": ranges}
}

// TestRemotePortsOfSeparateRules covers security group rules that are resources of their own.
func TestRemotePortsOfSeparateRules(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		typ   string
		props props
		open  bool
	}{
		{"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", props{"ingress": []any{anyoneTo("-1", 0, 0, "0.0.0.0/0")}}, true},
		{"aws:ec2/securityGroupRule:SecurityGroupRule", with(anyoneTo("tcp", 22, 22, "0.0.0.0/0"), "type", "ingress"), true},
		{"aws:ec2/securityGroupRule:SecurityGroupRule", with(anyoneTo("-1", 0, 0, "0.0.0.0/0"), "type", "egress"), false},
		{
			"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
			props{"ipProtocol": "tcp", "fromPort": 3389, "toPort": 3389, "cidrIpv6": "::/0"},
			true,
		},
		{"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", props{"ipProtocol": "-1", "cidrIpv4": "0.0.0.0/0"}, true},
		{
			"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
			props{"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "prefixListId": "pl-1"},
			false,
		},
	} {
		reports := violations(named(t, "ec2-remote-ports-closed"), test.typ, resource.NewPropertyMapFromMap(test.props))
		require.Equal(t, test.open, len(reports) > 0, "%s %v", test.typ, test.props)
	}
}

func with(properties props, key string, value any) props {
	changed := maps.Clone(properties)
	changed[key] = value
	return changed
}

func named(t *testing.T, name string) *rule.Rule {
	t.Helper()
	for _, candidate := range All() {
		if candidate.Name == name {
			return &candidate
		}
	}
	require.Fail(t, "no rule "+name)
	return nil
}

// from sets the resources that a property comes from.
type from = map[string][]string

var dayOneStacks = merged(tierStacks(), alarmStacks, visibilityStacks, fleetStacks, watchStacks, spendingStacks)

// tierStacks are the same for each kind of resource.
func tierStacks() map[string]stacks {
	examples := map[string]stacks{}
	for name, tier := range map[string]struct{ typ, dimension, identity, namespace string }{
		"rds-has-alarms":          {"aws:rds/instance:Instance", "DBInstanceIdentifier", "identifier", "AWS/RDS"},
		"alb-has-alarms":          {"aws:alb/loadBalancer:LoadBalancer", "LoadBalancer", "arnSuffix", "AWS/ApplicationELB"},
		"target-group-has-alarms": {"aws:lb/targetGroup:TargetGroup", "TargetGroup", "arnSuffix", "AWS/NetworkELB"},
		"ec2-has-alarms":          {ec2Instance, "InstanceId", "id", "AWS/EC2"},
		"asg-has-alarms":          {autoscalingGroup, "AutoScalingGroupName", "name", "AWS/AutoScaling"},
		"elasticache-has-alarms": {
			"aws:elasticache/replicationGroup:ReplicationGroup", "CacheClusterId", "replicationGroupId", "AWS/ElastiCache",
		},
		"ecs-has-alarms":        {ecsService, "ServiceName", "name", "AWS/ECS"},
		"lambda-has-alarms":     {lambdaFunction, "FunctionName", "name", "AWS/Lambda"},
		"dynamodb-has-alarms":   {"aws:dynamodb/table:Table", "TableName", "name", "AWS/DynamoDB"},
		"cloudfront-has-alarms": {"aws:cloudfront/distribution:Distribution", "DistributionId", "id", "AWS/CloudFront"},
	} {
		watched := part{typ: tier.typ, name: "watched", props: props{tier.identity: "it"}}
		other := part{typ: tier.typ, name: "other", props: props{tier.identity: "another"}}
		known := part{typ: cloudwatchMetricAlarm, name: "alarm", props: props{"dimensions": props{tier.dimension: "it"}}}
		depending := part{typ: cloudwatchMetricAlarm, name: "alarm", from: from{"dimensions": {"watched"}}}
		doubtful := part{typ: cloudwatchMetricAlarm, name: "alarm", from: from{"dimensions": {"elsewhere"}}}
		elsewhere := part{typ: cloudwatchMetricAlarm, name: "alarm", props: props{"dimensions": props{"Elsewhere": "it"}}}
		ofMath := part{typ: cloudwatchMetricAlarm, name: "alarm", props: props{"metricQueries": []any{
			props{"id": "e", "expression": "m * 2"}, props{"id": "m", "metric": props{"dimensions": props{tier.dimension: "it"}}},
		}}}
		ofAll := part{typ: cloudwatchMetricAlarm, name: "alarm", props: props{"metricQueries": []any{
			props{"id": "q", "expression": `SELECT MAX(Metric) FROM SCHEMA("` + tier.namespace + `")`},
		}}}
		scaling := part{typ: "aws:appautoscaling/policy:Policy", name: "scaling", props: props{"arn": "arn:scaling"}}
		scales := part{typ: cloudwatchMetricAlarm, name: "alarm", props: props{
			"dimensions": props{tier.dimension: "it"}, "alarmActions": []any{"arn:scaling"},
		}}
		examples[name] = stacks{
			pass: [][]part{
				{other, {typ: cloudwatchMetricAlarm, name: "alarm", props: props{"dimensions": props{tier.dimension: "another"}}}},
				{watched, known},
				{watched, depending},
				{watched, doubtful},
				{watched, ofMath},
				{watched, other, ofAll},
				{{typ: "custom:tier:Tier", name: "watched"}},
			},
			fail: [][]part{
				{watched},
				{watched, other, known},
				{watched, other, depending},
				{watched, elsewhere},
				{watched, scaling, scales},
				{{typ: tier.typ, name: "watched"}},
			},
		}
	}
	nodes := examples["elasticache-has-alarms"]
	nodes.pass = append(nodes.pass, []part{
		{typ: "aws:elasticache/replicationGroup:ReplicationGroup", name: "cache", props: props{"replicationGroupId": "cache"}},
		{typ: cloudwatchMetricAlarm, name: "alarm", props: props{"dimensions": props{"CacheClusterId": "cache-001"}}},
	})
	alone := part{typ: "aws:elasticache/cluster:Cluster", name: "alone", props: props{"clusterId": "alone"}}
	ofGroup := part{typ: alone.typ, name: "node", props: props{"clusterId": "node", "replicationGroupId": "cache"}}
	nodes.pass = append(nodes.pass, []part{ofGroup}, []part{alone, {
		typ: cloudwatchMetricAlarm, name: "alarm", props: props{"dimensions": props{"CacheClusterId": "alone"}},
	}})
	nodes.fail = append(nodes.fail, []part{alone})
	examples["elasticache-has-alarms"] = nodes
	return examples
}

var (
	topic          = part{typ: snsTopic, name: "topic", props: props{"arn": "arn:topic"}}
	topicPolicy    = part{typ: snsTopicPolicy, name: "policy", from: from{"arn": {"topic"}}}
	toTopic        = part{typ: cloudwatchMetricAlarm, name: "alarm", props: props{"alarmActions": []any{"arn:topic"}}}
	toPolicy       = part{typ: cloudwatchMetricAlarm, name: "alarm", from: from{"alarmActions": {"policy"}}}
	subscribed     = part{typ: "aws:sns/topicSubscription:TopicSubscription", name: "people", from: from{"topic": {"topic"}}}
	findingsRule   = part{typ: cloudwatchEventRule, name: "rule", props: props{"name": "rule", "eventPattern": `{"source":["aws.guardduty"]}`}}
	findingsTarget = part{typ: cloudwatchEventTarget, name: "target", props: props{"rule": "rule", "arn": "arn:topic"}}
)

var alarmStacks = map[string]stacks{
	"cloudwatch-alarms-have-actions": {
		pass: [][]part{
			{toTopic},
			{toPolicy, topicPolicy, topic},
			{
				{typ: cloudwatchMetricAlarm, name: "quiet", props: props{"name": "quiet"}},
				{typ: cloudwatchCompositeAlarm, name: "all", props: props{"alarmRule": `ALARM("quiet")`, "alarmActions": []any{"arn:topic"}}},
			},
			{
				{typ: cloudwatchMetricAlarm, name: "quiet"},
				{typ: "aws:codedeploy/deploymentGroup:DeploymentGroup", name: "group", from: from{"alarmConfiguration": {"quiet"}}},
			},
		},
		fail: [][]part{
			{{typ: cloudwatchMetricAlarm, name: "alarm"}},
			{{typ: cloudwatchMetricAlarm, name: "alarm", props: props{"alarmActions": []any{}, "okActions": []any{"arn:topic"}}}},
			{toTopic, {typ: cloudwatchCompositeAlarm, name: "all", props: props{"alarmRule": "TRUE"}}},
		},
	},
	"sns-alarm-topics-have-subscribers": {
		pass: [][]part{
			{topic},
			{toTopic},
			{topic, toTopic, subscribed},
			{topic, topicPolicy, toPolicy, subscribed},
			{topic, toTopic, {typ: subscribed.typ, name: "people", from: from{"topic": {"elsewhere"}}}},
			{topic, toTopic, {
				typ: "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration", name: "slack",
				props: props{"snsTopicArns": []any{"arn:topic"}},
			}},
		},
		fail: [][]part{
			{topic, toTopic},
			{topic, topicPolicy, toPolicy},
			{topic, findingsRule, findingsTarget},
			{topic, toTopic, {typ: subscribed.typ, name: "people", props: props{"topic": "arn:another"}}},
			{topic, {typ: "aws:budgets/budget:Budget", name: "budget", props: props{
				"notifications": []any{props{"subscriberSnsTopicArns": []any{"arn:topic"}}},
			}}},
		},
	},
}

var (
	instance = part{typ: ec2Instance, name: "web", props: props{"id": "i-1"}}
	function = part{typ: lambdaFunction, name: "function", props: props{"name": "function"}}
)

var visibilityStacks = map[string]stacks{
	"lambda-has-log-group": {
		pass: [][]part{
			{function, {typ: cloudwatchLogGroup, name: "logs", props: props{"name": "/aws/lambda/function"}}},
			{function, {typ: cloudwatchLogGroup, name: "logs", from: from{"name": {"function"}}}},
			{function, {typ: cloudwatchLogGroup, name: "logs", from: from{"name": {"elsewhere"}}}},
			{{typ: lambdaFunction, name: "function", props: props{"name": "function", "loggingConfig": props{"logGroup": "logs"}}}},
			{{typ: lambdaFunction, name: "function", from: from{"loggingConfig": {"logs"}}}},
			{
				{typ: lambdaFunction, name: "function", from: from{"name": {"random"}}},
				{typ: cloudwatchLogGroup, name: "logs", props: props{"name": "/aws/lambda/function"}},
			},
			{
				{typ: lambdaFunction, name: "function", from: from{"name": {"random"}}},
				{typ: cloudwatchLogGroup, name: "logs", from: from{"name": {"random"}}},
			},
		},
		fail: [][]part{
			{function},
			{function, {typ: cloudwatchLogGroup, name: "logs", props: props{"name": "/aws/lambda/another"}}},
			{{typ: lambdaFunction, name: "function", props: props{
				"name": "function", "loggingConfig": props{"logGroup": "/aws/lambda/function"},
			}}},
			{{typ: lambdaFunction, name: "function", from: from{"name": {"random"}}}},
			{
				{typ: lambdaFunction, name: "another", from: from{"name": {"random"}}},
				function,
				{typ: cloudwatchLogGroup, name: "logs", from: from{"name": {"function"}}},
			},
		},
	},
	"cloudwatch-dashboard-exists": {
		stage: 1,
		pass:  [][]part{{instance, {typ: "aws:cloudwatch/dashboard:Dashboard", name: "all"}}, {topic}},
		fail:  [][]part{{instance}, {function}},
	},
	"codepipeline-delivers": {
		stage: 1,
		pass: [][]part{
			{instance, pipeline("Source", "Deploy")},
			{function, {typ: pipeline().typ, name: "pipeline", from: from{"stages": {"project"}}}},
			{topic},
		},
		fail: [][]part{{instance}, {instance, pipeline()}, {function, pipeline("Source", "Approval")}},
	},
	"resources-tagged": {
		pass: [][]part{
			{{typ: "aws:s3/bucketV2:BucketV2", name: "bucket", props: props{"tags": props{"Stack": "a"}}}},
			{{typ: "aws:s3/bucketV2:BucketV2", name: "bucket", props: props{"tagsAll": props{"Stack": "a"}}}},
			{{typ: "aws:s3/bucketV2:BucketV2", name: "bucket", from: from{"tags": {"elsewhere"}}}},
			{{typ: autoscalingGroup, name: "group", props: props{"tags": []any{props{"key": "Stack", "value": "a"}}}}},
			{{typ: "aws:s3/bucketObjectv2:BucketObjectv2", name: "page", props: props{"tagsAll": props{}}}},
			{{typ: "aws:iam/rolePolicy:RolePolicy", name: "policy"}},
			{{typ: "custom:tier:Tier", name: "component", props: props{"tags": props{}}}},
			{
				{typ: "pulumi:providers:aws", name: "default", props: props{"defaultTags": `{"tags":{"Stack":"a"}}`}},
				{typ: snsTopic, name: "topic"},
			},
		},
		fail: [][]part{
			{{typ: "aws:s3/bucketV2:BucketV2", name: "bucket"}},
			{{typ: "aws:s3/bucket:Bucket", name: "bucket", props: props{"tags": props{}, "tagsAll": props{}}}},
			{{typ: "aws:glue/job:Job", name: "job", from: from{"tagsAll": nil}}},
			{{typ: autoscalingGroup, name: "group", props: props{"tags": []any{}}}},
		},
	},
}

// TestTagsAreSet requires the remediation to derive tags from the URN, and to keep existing and unknown tags.
func TestTagsAreSet(t *testing.T) {
	t.Parallel()
	tagged := named(t, "resources-tagged")
	tag := func(key, value string) props { return props{"key": key, "value": value, "propagateAtLaunch": true} }
	both := props{"Project": "project", "Stack": "stack"}
	for _, test := range []struct {
		typ       string
		have, get props
	}{
		{snsTopic, props{"name": "a"}, props{"name": "a", "tags": both}},
		{"aws:s3/bucketV2:BucketV2", props{"tags": props{}}, props{"tags": both}},
		{autoscalingGroup, props{"tags": []any{}}, props{"tags": []any{tag("Project", "project"), tag("Stack", "stack")}}},
		{snsTopic, props{"tags": props{"Owner": "a"}}, nil},
		{snsTopic, props{"tagsAll": props{"Owner": "a"}}, nil},
		{snsTopic, props{"tags": resource.MakeComputed(resource.NewProperty(""))}, nil},
		{autoscalingGroup, props{"tags": []any{tag("Owner", "a")}}, nil},
	} {
		seen := view(tagged, test.typ, test.have)
		require.Equal(t, test.get != nil, tagged.Remediation(seen), "%s: %v", test.typ, test.have)
		if test.get != nil {
			require.Equal(t, resource.NewPropertyMapFromMap(test.get), resource.ToResourcePropertyMap(seen.Properties()))
			require.Empty(t, stackViolations(tagged, 0, []part{{typ: test.typ, name: "example", props: test.get}}))
		}
		require.Contains(t, tagged.Types, rule.Canonical(test.typ))
	}
}

func pipeline(categories ...string) part {
	stages := []any{}
	for _, category := range categories {
		stages = append(stages, props{"name": category, "actions": []any{props{"category": category}}})
	}
	return part{typ: "aws:codepipeline/pipeline:Pipeline", name: "pipeline", props: props{"stages": stages}}
}

var (
	profiled   = part{typ: ec2Instance, name: "web", from: from{"iamInstanceProfile": {"profile"}}}
	profile    = part{typ: "aws:iam/instanceProfile:InstanceProfile", name: "profile", from: from{"role": {"role"}}}
	role       = part{typ: "aws:iam/role:Role", name: "role", props: props{"name": "role"}, from: from{"managedPolicyArns": nil}}
	template   = part{typ: ec2LaunchTemplate, name: "template", props: props{"id": "lt-1"}}
	ofTemplate = part{typ: autoscalingGroup, name: "group", props: props{"launchTemplate": props{"id": "lt-1"}}}
	core       = part{typ: "aws:iam/rolePolicyAttachment:RolePolicyAttachment", name: "core", props: props{
		"role": "role", "policyArn": "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
	}}
	readOnly = part{typ: "aws:iam/rolePolicyAttachment:RolePolicyAttachment", name: "read", props: props{
		"role": "role", "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess",
	}}
)

var fleetStacks = map[string]stacks{
	"ec2-managed-by-ssm": {
		pass: [][]part{
			{profiled, profile, role, core},
			{profiled, profile, {typ: role.typ, name: "role", props: props{"managedPolicyArns": []any{core.props["policyArn"]}}}},
			{profiled, profile, role, {typ: "aws:iam/rolePolicy:RolePolicy", name: "inline", props: props{
				"role": "role", "policy": `{"Statement":[{"Effect":"Allow","Action":["ssm:UpdateInstanceInformation"]}]}`,
			}}},
			{profiled, profile, role, {
				typ: "aws:iam/rolePolicy:RolePolicy", name: "inline", props: props{"role": "role"}, from: from{"policy": {"elsewhere"}},
			}},
			{profiled, profile, role, {
				typ: core.typ, name: "custom", props: props{"role": "role"}, from: from{"policyArn": {"own"}},
			}, {typ: "aws:iam/policy:Policy", name: "own", props: props{"policy": `"ssm:*"`}}},
			{profiled, profile},
			{{typ: ec2Instance, name: "web", props: props{"iamInstanceProfile": "another"}}},
			{{typ: ec2Instance, name: "web", props: props{"launchTemplate": props{"id": "lt-1"}}}},
			{template},
			{instance, {typ: "aws:ssm/serviceSetting:ServiceSetting", name: "all", props: props{
				"settingId": "arn:aws:ssm:eu-west-1:1:servicesetting/ssm/managed-instance/default-ec2-instance-management-role",
			}}},
		},
		fail: [][]part{
			{instance},
			{{typ: ec2Instance, name: "web", from: from{"iamInstanceProfile": nil}}},
			{{typ: ec2Instance, name: "web", props: props{"iamInstanceProfile": ""}}},
			{profiled, profile, role},
			{profiled, profile, role, readOnly},
			{profiled, profile, role, {
				typ: core.typ, name: "custom", props: props{"role": "role"}, from: from{"policyArn": {"own"}},
			}, {typ: "aws:iam/policy:Policy", name: "own", props: props{"policy": `"s3:*"`}}},
			{profiled, profile, role, {typ: core.typ, name: "core", props: with(core.props, "role", "another")}},
			{template, ofTemplate},
			{{typ: ec2LaunchConfiguration, name: "config"}},
		},
	},
	"ec2-patched": {
		stage: 1,
		pass: [][]part{
			{function},
			{instance, patching("AWS-RunPatchBaseline", props{"targets": []any{props{"key": "tag:Stack", "values": []any{"a"}}}})},
			{instance, patching("AWS-RunPatchBaseline", props{"instanceId": "i-1"})},
			{ofTemplate, {typ: "aws:ssm/maintenanceWindowTask:MaintenanceWindowTask", name: "task", props: props{
				"taskArn": "AWS-RunPatchBaseline",
			}, from: from{"targets": {"target"}}}},
			{instance, {typ: "aws:ssm/association:Association", name: "own", from: from{"name": {"document"}, "targets": {"web"}}}},
		},
		fail: [][]part{
			{instance},
			{ofTemplate, patching("AWS-RunPatchBaseline", props{})},
			{instance, patching("AWS-UpdateSSMAgent", props{"instanceId": "i-1"})},
		},
	},
}

func patching(document string, targets props) part {
	return part{typ: "aws:ssm/association:Association", name: "patching", props: with(targets, "name", document)}
}

var watchStacks = map[string]stacks{
	"guardduty-runtime-monitoring": {
		pass: [][]part{{}, watching("ENABLED", "ENABLED", "ENABLED")},
		fail: [][]part{
			{{typ: guarddutyDetector, name: "detector"}},
			watching("DISABLED", "ENABLED", "ENABLED"),
			watching("ENABLED", "DISABLED", "ENABLED"),
			watching("ENABLED", "ENABLED", "DISABLED"),
			{
				{typ: guarddutyDetector, name: "detector"},
				{typ: guarddutyDetectorFeature, name: "feature", props: props{"name": "RUNTIME_MONITORING", "status": "ENABLED"}},
			},
		},
	},
	"guardduty-enabled": {
		stage: 1,
		pass: [][]part{
			{topic, {typ: guarddutyDetector, name: "detector"}},
			{topic, findingsRule},
			{topic, {typ: cloudwatchEventRule, name: "rule", from: from{"eventPattern": {"elsewhere"}}}},
			{{typ: "custom:tier:Tier", name: "component"}},
		},
		fail: [][]part{
			{topic},
			{topic, listening("aws.ec2")},
			{topic, {typ: cloudwatchEventRule, name: "rule", props: with(findingsRule.props, "state", "DISABLED")}},
			{topic, {typ: cloudwatchEventRule, name: "rule", props: props{"scheduleExpression": "rate(1 hour)"}}},
		},
	},
	"inspector-enabled": {
		stage: 1,
		pass: [][]part{
			{instance, {typ: inspector2Enabler, name: "enabler"}},
			{instance, listening("aws.inspector2")},
			{topic},
		},
		fail: [][]part{{instance}, {function, findingsRule}},
	},
	"guardduty-findings-reach-people": {
		stage: 1,
		pass: [][]part{
			{topic},
			{findingsRule, findingsTarget},
			{{typ: guarddutyDetector, name: "detector"}, findingsRule, {
				typ: cloudwatchEventTarget, name: "target", from: from{"rule": {"rule"}, "arn": {"topic"}},
			}},
		},
		fail: [][]part{
			{{typ: guarddutyDetector, name: "detector"}},
			{findingsRule},
			{findingsRule, {typ: cloudwatchEventTarget, name: "target", props: props{"rule": "another", "arn": "arn:topic"}}},
		},
	},
	"inspector-findings-reach-people": {
		stage: 1,
		pass:  [][]part{{topic}, {listening("aws.inspector2"), findingsTarget}, {listening("aws.securityhub"), findingsTarget}},
		fail:  [][]part{{{typ: inspector2Enabler, name: "enabler"}}, {listening("aws.inspector2")}},
	},
}

func listening(source string) part {
	return part{typ: cloudwatchEventRule, name: "rule", props: props{"name": "rule", "eventPattern": `{"source":["` + source + `"]}`}}
}

var spendingStacks = map[string]stacks{
	"budgets-actual-and-forecast": {
		stage: 1,
		pass: [][]part{
			{topic, budget(telling("ACTUAL"), telling("FORECASTED"))},
			{topic, {typ: budget().typ, name: "budget", from: from{"notifications": {"topic"}}}},
			{{typ: "custom:tier:Tier", name: "component"}},
		},
		fail: [][]part{
			{topic},
			{topic, budget()},
			{topic, budget(telling("ACTUAL"), telling("ACTUAL"))},
			{topic, budget(telling("ACTUAL"), props{"notificationType": "FORECASTED"})},
		},
	},
	"costexplorer-monitors-have-subscriptions": {
		pass: [][]part{
			{topic},
			{monitor, {typ: subscriptionToken, name: "all", from: from{"monitorArnLists": {"monitor"}}}},
			{monitor, {typ: subscriptionToken, name: "all", props: props{"monitorArnLists": []any{"arn:monitor"}}}},
			{monitor, {typ: subscriptionToken, name: "all", from: from{"monitorArnLists": {"elsewhere"}}}},
		},
		fail: [][]part{
			{monitor},
			{monitor, {typ: subscriptionToken, name: "all", props: props{"monitorArnLists": []any{"arn:another"}}}},
		},
	},
}

const subscriptionToken = "aws:costexplorer/anomalySubscription:AnomalySubscription"

var monitor = part{typ: "aws:costexplorer/anomalyMonitor:AnomalyMonitor", name: "monitor", props: props{"arn": "arn:monitor"}}

func budget(notifications ...any) part {
	return part{typ: "aws:budgets/budget:Budget", name: "budget", props: props{"notifications": notifications}}
}

func telling(kind string) props {
	return props{"notificationType": kind, "subscriberEmailAddresses": []any{"a@example.com"}}
}

// watching returns a detector with Runtime Monitoring and its agents for instances and tasks.
func watching(runtime, instances, tasks string) []part {
	return []part{
		{typ: guarddutyDetector, name: "detector"},
		{
			typ: guarddutyDetectorFeature, name: "feature", from: cameFrom("detectorId", "detector"),
			props: props{"name": "RUNTIME_MONITORING", "status": runtime, "additionalConfigurations": []any{
				props{"name": "EC2_AGENT_MANAGEMENT", "status": instances},
				props{"name": "ECS_FARGATE_AGENT_MANAGEMENT", "status": tasks},
			}},
		},
	}
}
