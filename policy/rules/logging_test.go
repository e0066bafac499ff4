package rules

var loggingExamples = map[string]examples{
	"rds-cluster-parameters-audit": {
		typ: "aws:rds/clusterParameterGroup:ClusterParameterGroup",
		pass: []props{
			{"family": "aurora-postgresql17"},
			{"family": "aurora-mysql8.0", "parameters": []any{
				props{"name": "server_audit_logging", "value": "1"}, props{"name": "server_audit_events", "value": "CONNECT"},
			}},
		},
		fail: []props{
			{"family": "aurora-mysql8.0"},
			{"family": "aurora-mysql8.0", "parameters": []any{props{"name": "server_audit_logging", "value": "1"}}},
			{"family": "aurora-mysql8.0", "parameters": []any{
				props{"name": "server_audit_logging", "value": "0"}, props{"name": "server_audit_events", "value": "CONNECT"},
			}},
			{"family": "aurora-mysql8.0", "parameters": []any{
				props{"name": "server_audit_logging", "value": "1"}, props{"name": "server_audit_events", "value": ""},
			}},
		},
	},
	"rds-cluster-default-parameters-audit": {
		typ: rdsCluster,
		pass: []props{
			{},
			{"engine": "aurora-postgresql"},
			{"engine": "aurora-mysql", "dbClusterParameterGroupName": "app"},
		},
		fail: []props{{"engine": "aurora-mysql"}, {"engine": "aurora-mysql", "dbClusterParameterGroupName": "default.aurora-mysql8.0"}},
	},
	"rds-event-subscription-categories": {
		typ: "aws:rds/eventSubscription:EventSubscription",
		pass: []props{
			{},
			{"sourceType": "db-instance"},
			{"sourceType": "db-instance", "eventCategories": []any{"maintenance", "failure", "configuration change", "backup"}},
			{"sourceType": "db-cluster", "eventCategories": []any{"maintenance", "failure"}},
			{"sourceType": "db-parameter-group", "eventCategories": []any{"configuration change"}},
		},
		fail: []props{
			{"enabled": false},
			{"sourceType": "db-instance", "eventCategories": []any{"maintenance", "failure"}},
			{"sourceType": "db-cluster", "eventCategories": []any{"failure"}},
		},
	},
	"rds-log-exports": {
		typ: "aws:rds/instance:Instance",
		pass: []props{
			{"engine": "postgres", "enabledCloudwatchLogsExports": []any{"postgresql", "upgrade"}},
			{"engine": "mysql", "enabledCloudwatchLogsExports": []any{"slowquery", "error"}},
			{"engine": "aurora-postgresql"},
			{"replicateSourceDb": "app", "enabledCloudwatchLogsExports": []any{"postgresql"}},
			{"engine": "db2-se", "enabledCloudwatchLogsExports": []any{"diag.log"}},
		},
		fail: []props{
			{},
			{"engine": "postgres"},
			{"engine": "postgres", "enabledCloudwatchLogsExports": []any{"upgrade"}},
			{"engine": "sqlserver-ex", "enabledCloudwatchLogsExports": []any{"agent"}},
			{"replicateSourceDb": "app", "enabledCloudwatchLogsExports": []any{}},
		},
	},
	"rds-cluster-log-exports": {
		typ:  "aws:rds/cluster:Cluster",
		pass: []props{{"engine": "aurora-mysql", "enabledCloudwatchLogsExports": []any{"audit"}}},
		fail: []props{{}, {"engine": "aurora-mysql"}, {"engine": "aurora-postgresql", "enabledCloudwatchLogsExports": []any{}}},
	},
	"rds-enhanced-monitoring": {
		typ:  "aws:rds/instance:Instance",
		pass: []props{{"monitoringInterval": 60.0}},
		fail: []props{{}, {"monitoringInterval": 0.0}},
	},
	"elasticache-log-delivery": {
		typ:  "aws:elasticache/replicationGroup:ReplicationGroup",
		pass: []props{{"logDeliveryConfigurations": []any{props{"logType": "engine-log"}, props{"logType": "slow-log"}}}},
		fail: []props{{}, {"logDeliveryConfigurations": []any{props{"logType": "engine-log"}}}},
	},
	"cloudtrail-multi-region": {
		typ: "aws:cloudtrail/trail:Trail",
		pass: []props{
			{"isMultiRegionTrail": true},
			{"isMultiRegionTrail": true, "enableLogging": true, "includeGlobalServiceEvents": true},
			{"advancedEventSelectors": []any{props{"name": "objects"}}},
			{"eventSelectors": []any{props{"includeManagementEvents": false}}},
		},
		fail: []props{
			{},
			{"isMultiRegionTrail": false},
			{"isMultiRegionTrail": true, "enableLogging": false},
			{"isMultiRegionTrail": true, "includeGlobalServiceEvents": false},
			{"isMultiRegionTrail": false, "eventSelectors": []any{props{"readWriteType": "All"}}},
		},
	},
	"cloudtrail-log-validation": {
		typ:  "aws:cloudtrail/trail:Trail",
		pass: []props{{"enableLogFileValidation": true}},
		fail: []props{{}, {"enableLogFileValidation": false}},
	},
	"cloudtrail-cloudwatch-logs": {
		typ:  "aws:cloudtrail/trail:Trail",
		pass: []props{{"cloudWatchLogsGroupArn": "arn:aws:logs:eu-west-1:111122223333:log-group:trail:*"}},
		fail: []props{{}, {"cloudWatchLogsGroupArn": ""}},
	},
	"lb-access-logs": {
		typ: "aws:elasticloadbalancingv2/loadBalancer:LoadBalancer",
		pass: []props{
			{"accessLogs": props{"bucket": "logs", "enabled": true}},
			{"loadBalancerType": "network"},
			{"loadBalancerType": "gateway"},
		},
		fail: []props{{}, {"loadBalancerType": "application"}, {"accessLogs": props{"bucket": "logs"}}},
	},
	"apigatewayv2-access-logs": {
		typ:  "aws:apigatewayv2/stage:Stage",
		pass: []props{{"accessLogSettings": props{"destinationArn": "arn:aws:logs:eu-west-1:111122223333:log-group:api"}}},
		fail: []props{{}, {"accessLogSettings": props{"format": "$context.requestId"}}},
	},
	"wafv2-metrics": {
		typ: "aws:wafv2/webAcl:WebAcl",
		pass: []props{
			{"visibilityConfig": props{"cloudwatchMetricsEnabled": true}},
			{
				"visibilityConfig": props{"cloudwatchMetricsEnabled": true},
				"rules":            []any{props{"visibilityConfig": props{"cloudwatchMetricsEnabled": true}}},
			},
		},
		fail: []props{
			{},
			{"visibilityConfig": props{"cloudwatchMetricsEnabled": false}},
			{
				"visibilityConfig": props{"cloudwatchMetricsEnabled": true},
				"rules":            []any{props{"visibilityConfig": props{"cloudwatchMetricsEnabled": false}}},
			},
		},
	},
	"ecs-container-logs": {
		typ: "aws:ecs/taskDefinition:TaskDefinition",
		pass: []props{
			{"containerDefinitions": `[{"name": "app", "logConfiguration": {"logDriver": "awslogs"}}]`},
			{"containerDefinitions": "odd"},
			{},
		},
		fail: []props{
			{"containerDefinitions": `[{"name": "app"}]`},
			{"containerDefinitions": `[{"name": "app", "logConfiguration": {"logDriver": "awslogs"}}, {"name": "aside", "logConfiguration": null}]`},
		},
	},
	"ecs-exec-logs": {
		typ:  "aws:ecs/cluster:Cluster",
		pass: []props{{}, {"configuration": props{"executeCommandConfiguration": props{"logging": "OVERRIDE"}}}},
		fail: []props{{"configuration": props{"executeCommandConfiguration": props{"logging": "NONE"}}}},
	},
	"ecs-container-insights": {
		typ:  "aws:ecs/cluster:Cluster",
		pass: []props{{"settings": []any{props{"name": "containerInsights", "value": "enhanced"}}}},
		fail: []props{{}, {"settings": []any{props{"name": "containerInsights", "value": "disabled"}}}},
	},
	"lambda-tracing": {
		typ:  "aws:lambda/function:Function",
		pass: []props{{"tracingConfig": props{"mode": "Active"}}},
		fail: []props{{}, {"tracingConfig": props{"mode": "PassThrough"}}},
	},
	"sfn-state-machine-logs": {
		typ:  "aws:sfn/stateMachine:StateMachine",
		pass: []props{{"loggingConfiguration": props{"level": "ERROR"}}},
		fail: []props{{}, {"loggingConfiguration": props{"level": "OFF"}}, {"loggingConfiguration": props{"includeExecutionData": true}}},
	},
	"codebuild-logs": {
		typ: "aws:codebuild/project:Project",
		pass: []props{
			{},
			{"logsConfig": props{"cloudwatchLogs": props{"groupName": "/app"}}},
			{"logsConfig": props{"cloudwatchLogs": props{"status": "DISABLED"}, "s3Logs": props{"status": "ENABLED"}}},
		},
		fail: []props{{"logsConfig": props{"cloudwatchLogs": props{"status": "DISABLED"}}}},
	},
}

var (
	vpc      = part{typ: "aws:ec2/vpc:Vpc", name: "network"}
	awsxVPC  = []part{{typ: "awsx:ec2:Vpc", name: "component"}, {typ: vpc.typ, name: "network", parent: "component"}}
	zone     = part{typ: "aws:route53/zone:Zone", name: "zone"}
	acl      = part{typ: "aws:wafv2/webAcl:WebAcl", name: "acl"}
	edge     = part{typ: "aws:cloudfront/distribution:Distribution", name: "edge"}
	delivery = part{
		typ: "aws:cloudwatch/logDelivery:LogDelivery", name: "delivery", from: map[string][]string{"deliverySourceName": {"source"}},
	}
)

// flowLogOf returns a flow log whose VPC comes from an output.
func flowLogOf(name string) part {
	return part{typ: "aws:ec2/flowLog:FlowLog", name: "flow", from: map[string][]string{"vpcId": {name}}}
}

// bucketLogsOf returns logging settings of the bucket data with the target other.
func bucketLogsOf() part {
	return part{
		typ: "aws:s3/bucketLoggingV2:BucketLoggingV2", name: "logs",
		from: map[string][]string{"bucket": {"data"}, "targetBucket": {"other"}},
	}
}

// webSocketOf returns an API with a stage.
func webSocketOf(protocol string, settings props) []part {
	return []part{
		{typ: "aws:apigatewayv2/api:Api", name: "api", props: props{"protocolType": protocol}},
		{typ: "aws:apigatewayv2/stage:Stage", name: "stage", props: settings, from: map[string][]string{"apiId": {"api"}}},
	}
}

var loggingStacks = map[string]stacks{
	"s3-access-logs": {
		pass: [][]part{
			{bucket, otherBucket, bucketLogsOf()},
			{{typ: "aws:s3/bucket:Bucket", name: "data", props: props{"loggings": []any{props{"targetBucket": "logs"}}}}},
		},
		fail: [][]part{{bucket}, {bucket, {typ: bucket.typ, name: "third"}, otherBucket, bucketLogsOf()}},
	},
	"ec2-vpc-flow-logs": {
		pass: [][]part{
			{vpc, flowLogOf("network")},
			{vpc, {typ: "aws:ec2/subnet:Subnet", name: "subnet", from: map[string][]string{"vpcId": {"network"}}}, flowLogOf("subnet")},
			{
				{typ: vpc.typ, name: "network", props: props{"id": "vpc-1"}},
				{typ: "aws:ec2/flowLog:FlowLog", name: "flow", props: props{"vpcId": "vpc-1"}},
			},
			awsxVPC,
		},
		fail: [][]part{
			{vpc},
			{vpc, {typ: vpc.typ, name: "second"}, flowLogOf("second")},
			{vpc, {typ: "aws:ec2/flowLog:FlowLog", name: "flow", props: props{"subnetId": "subnet-1"}}},
		},
	},
	"ec2-awsx-vpc-flow-logs": {
		pass: [][]part{{vpc}, append([]part{flowLogOf("component")}, awsxVPC...)},
		fail: [][]part{awsxVPC},
	},
	"route53-query-logs": {
		pass: [][]part{
			{zone, {typ: "aws:route53/queryLog:QueryLog", name: "log", from: map[string][]string{"zoneId": {"zone"}}}},
			{{typ: zone.typ, name: "zone", props: props{"vpcs": []any{props{"vpcId": "vpc-1"}}}}},
			{{typ: zone.typ, name: "zone", from: map[string][]string{"vpcs": {"network"}}}},
		},
		fail: [][]part{{zone}},
	},
	"apigatewayv2-websocket-logs": {
		pass: [][]part{
			webSocketOf("HTTP", nil),
			webSocketOf("WEBSOCKET", props{"defaultRouteSettings": props{"loggingLevel": "ERROR"}}),
		},
		fail: [][]part{webSocketOf("WEBSOCKET", nil), webSocketOf("WEBSOCKET", props{"defaultRouteSettings": props{"loggingLevel": "OFF"}})},
	},
	"cloudfront-access-logs": {
		pass: [][]part{
			{{typ: edge.typ, name: "edge", props: props{"loggingConfig": props{"bucket": "logs.s3.amazonaws.com"}}}},
			{{typ: edge.typ, name: "edge", from: map[string][]string{"loggingConfig": {"logs"}}}},
			{edge, {typ: "aws:cloudwatch/logDeliverySource:LogDeliverySource", name: "source", from: map[string][]string{"resourceArn": {"edge"}}}, delivery},
		},
		fail: [][]part{
			{edge},
			{edge, {typ: "aws:cloudwatch/logDeliverySource:LogDeliverySource", name: "source", from: map[string][]string{"resourceArn": {"edge"}}}},
		},
	},
	"wafv2-web-acl-logs": {
		pass: [][]part{{acl, {
			typ: "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration", name: "logs", from: map[string][]string{"resourceArn": {"acl"}},
		}}},
		fail: [][]part{{acl}},
	},
}
