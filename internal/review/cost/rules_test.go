package cost

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	sdk "github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/stretchr/testify/require"
)

type inputs = map[string]any

// described is a resource of a test: its type, its inputs, and by property the names of those that it refers to.
type described struct {
	token, name string
	inputs      inputs
	references  map[string]string
}

// numbers is a usage in which every figure is another prime, or a share that no other figure has.
var numbers = Usage{
	RequestsPerMonth: 3e6, KilobytesPerResponse: 5, CacheShare: 0.25, FunctionShare: 0.125, FunctionMilliseconds: 7,
	LogKilobytesPerRequest: 11, LogMonthsKept: 13, NATGBPerMonth: 17, BucketGB: 19, ImageGB: 23, TableGB: 29, BackupGBOverFree: 31,
	BuildsPerMonth: 37, MinutesPerBuild: 41, AccountEventsMillions: 43, FlowLogGB: 47,
}

const (
	instanceType     = "aws:ec2/instance:Instance"
	databaseType     = "aws:rds/instance:Instance"
	balancerType     = "aws:lb/loadBalancer:LoadBalancer"
	functionType     = "aws:lambda/function:Function"
	distributionType = "aws:cloudfront/distribution:Distribution"
)

var (
	distribution = described{token: distributionType, name: "distribution"}
	subnets      = []described{
		{"aws:ec2/subnet:Subnet", "a", inputs{"availabilityZone": "a"}, nil},
		{"aws:ec2/subnet:Subnet", "b", inputs{"availabilityZone": "b"}, nil},
		{"aws:ec2/subnet:Subnet", "c", inputs{"availabilityZone": "b"}, nil},
		{"aws:ec2/subnet:Subnet", "d", inputs{"availabilityZone": unknown}, nil},
	}
	launchTemplate = described{"aws:ec2/launchTemplate:LaunchTemplate", "template", inputs{
		"instanceType": "t4g.small", "monitoring": inputs{"enabled": true},
		"blockDeviceMappings": []any{inputs{"ebs": inputs{"volumeSize": 20.0, "volumeType": "io2"}}, inputs{"ebs": inputs{}}},
	}, nil}
	task = described{"aws:ecs/taskDefinition:TaskDefinition", "task", inputs{
		"cpu": "512", "memory": "3072", "runtimePlatform": inputs{"cpuArchitecture": "ARM64"},
	}, nil}
	writer   = described{databaseType, "writer", inputs{"allocatedStorage": 20.0}, nil}
	function = described{functionType, "function", inputs{"memorySize": 512.0, "architectures": []any{"arm64"}}, nil}
)

// charges are those of the first resource, and notes what its rule assumes.
var ruleTests = map[string]struct {
	resource described
	others   []described
	charges  []charge
	notes    []string
}{
	"instance": {
		described{instanceType, "i", inputs{
			"instanceType": "t4g.small", "monitoring": true, "associatePublicIpAddress": "true",
			"rootBlockDevice": inputs{"volumeSize": "30", "volumeType": "gp2"},
		}, nil},
		[]described{{instanceType, "other", nil, nil}, {"aws:ec2/eipAssociation:EipAssociation", "e", nil, map[string]string{"instanceId": "other"}}},
		[]charge{
			{"ec2/t4g.small", 730, false},
			{"cloudwatch/metric", 7, false},
			{"ebs/gp2", 30, false},
			{"ipv4/address", 730, false},
			{"transfer/internet", 7.5, true},
		},
		nil,
	},
	"instance behind an entry, with an Elastic IP": {
		described{instanceType, "i", inputs{"instanceType": "t4g.small", "associatePublicIpAddress": true}, nil},
		[]described{distribution, {"aws:ec2/eipAssociation:EipAssociation", "e", nil, map[string]string{"instanceId": "i"}}},
		[]charge{{"ec2/t4g.small", 730, false}, {"ebs/gp3", 8, false}},
		[]string{"a root volume whose size is not given has 8 GB"},
	},
	"instance behind a load balancer": {
		described{instanceType, "i", inputs{"instanceType": "t4g.small", "rootBlockDevice": inputs{"volumeSize": 9.0}}, nil},
		[]described{{token: balancerType, name: "l"}},
		[]charge{{"ec2/t4g.small", 730, false}, {"ebs/gp3", 9, false}},
		nil,
	},
	"volume":                 {described{"aws:ebs/volume:Volume", "v", inputs{"size": 5.0, "type": "gp3"}, nil}, nil, []charge{{"ebs/gp3", 5, false}}, nil},
	"volume of default type": {described{"aws:ebs/volume:Volume", "v", inputs{"size": 5.0}, nil}, nil, []charge{{"ebs/gp2", 5, false}}, nil},
	"group": {
		described{"aws:autoscaling/group:Group", "g", inputs{"minSize": 3.0}, map[string]string{"launchTemplate": "template"}},
		[]described{launchTemplate},
		[]charge{{"ec2/t4g.small", 3 * 730, false}, {"cloudwatch/metric", 3 * 7, false}, {"ebs/io2", 60, false}, {"ebs/gp3", 24, false}},
		[]string{"a root volume whose size is not given has 8 GB", "an auto-scaling group runs its minimum number of instances all month"},
	},
	"group of another stack's template": {
		described{"aws:autoscaling/group:Group", "g", inputs{"minSize": 3.0}, nil},
		nil,
		[]charge{{key: "ec2/instances, whose launch template is not in the stack"}},
		[]string{"an auto-scaling group runs its minimum number of instances all month"},
	},
	"service": {
		described{"aws:ecs/service:Service", "s", inputs{
			"desiredCount": 2.0, "networkConfiguration": inputs{"assignPublicIp": true},
		}, map[string]string{"taskDefinition": "task"}},
		[]described{task},
		[]charge{{"fargate/arm64/vcpu", 730, false}, {"fargate/arm64/memory", 2 * 730 * 3, false}, {"ipv4/address", 2 * 730, false}},
		[]string{"a service on Fargate runs its desired number of tasks all month, none of them Spot"},
	},
	"service by default": {
		described{"aws:ecs/service:Service", "s", inputs{"desiredCount": 1.0}, map[string]string{"taskDefinition": "task"}},
		[]described{{"aws:ecs/taskDefinition:TaskDefinition", "task", inputs{"cpu": "1024", "memory": "2048"}, nil}},
		[]charge{{"fargate/x86_64/vcpu", 730, false}, {"fargate/x86_64/memory", 2 * 730, false}},
		[]string{"a service on Fargate runs its desired number of tasks all month, none of them Spot"},
	},
	"service of another stack's task": {
		described{"aws:ecs/service:Service", "s", inputs{"desiredCount": 1.0}, nil},
		nil,
		[]charge{{key: "fargate/tasks, whose task definition is not in the stack"}},
		[]string{"a service on Fargate runs its desired number of tasks all month, none of them Spot"},
	},
	"function": {
		function,
		[]described{{token: "aws:apigatewayv2/api:Api", name: "a"}},
		[]charge{{"lambda/requests", 0.375, true}, {"lambda/arm64", 375000 * 0.007 * 0.5, true}},
		nil,
	},
	"function by default": {
		described{functionType, "f", nil, nil},
		[]described{{token: "aws:apigatewayv2/api:Api", name: "a"}},
		[]charge{{"lambda/requests", 0.375, true}, {"lambda/x86_64", 375000 * 0.007 * 0.125, true}},
		nil,
	},
	"function without an API": {
		function, nil,
		[]charge{{"lambda/requests", 0, true}, {"lambda/arm64", 0, true}},
		[]string{"functions that only AWS calls, such as for rotation, cost next to nothing"},
	},
	"rotation": {
		described{functionType, "in a rotation", nil, nil},
		[]described{{token: "aws:apigatewayv2/api:Api", name: "a"}},
		[]charge{{"lambda/requests", 0, true}, {"lambda/x86_64", 0, true}},
		[]string{"functions that only AWS calls, such as for rotation, cost next to nothing"},
	},
	"provisioned concurrency": {
		described{
			"aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig", "p",
			inputs{"provisionedConcurrentExecutions": 2.0},
			map[string]string{"functionName": "function"},
		},
		[]described{function},
		[]charge{{"lambda/provisioned/arm64", 2 * 730 * 3600 * 0.5, false}},
		nil,
	},
	"provisioned concurrency by default": {
		described{
			"aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig", "p",
			inputs{"provisionedConcurrentExecutions": 1.0},
			map[string]string{"functionName": "f"},
		},
		[]described{{functionType, "f", inputs{"architectures": []any{"arm64", "x86_64"}}, nil}},
		[]charge{{"lambda/provisioned/x86_64", 730 * 3600 * 0.125, false}},
		nil,
	},
	"provisioned concurrency elsewhere": {
		described{token: "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig", name: "p"},
		nil,
		[]charge{{key: "lambda/provisioned, whose function is not in the stack"}},
		nil,
	},
	"database": {
		described{databaseType, "d", inputs{
			"engine": "postgres", "instanceClass": "db.t4g.small", "allocatedStorage": 20.0, "storageType": "gp3", "multiAz": true,
		}, nil},
		nil,
		[]charge{{"rds/db.t4g.small", 1460, false}, {"rds/gp3", 40, false}, {"rds/backup", 31, true}},
		nil,
	},
	"replica": {
		described{databaseType, "r", inputs{"instanceClass": "db.t4g.small"}, map[string]string{"replicateSourceDb": "writer"}},
		[]described{writer},
		[]charge{{"rds/db.t4g.small", 730, false}, {"rds/gp2", 20, false}, {"rds/backup", 31, true}},
		nil,
	},
	"replica of its own size": {
		described{
			databaseType, "r", inputs{"instanceClass": "db.t4g.small", "allocatedStorage": 30.0}, map[string]string{"replicateSourceDb": "writer"},
		},
		[]described{writer},
		[]charge{{"rds/db.t4g.small", 730, false}, {"rds/gp2", 30, false}, {"rds/backup", 31, true}},
		nil,
	},
	"replica of another stack's database": {
		described{databaseType, "r", inputs{"instanceClass": "db.t4g.small"}, nil},
		nil,
		[]charge{
			{"rds/db.t4g.small", 730, false}, {key: "rds/storage, whose size is that of the replica's source"}, {"rds/backup", 31, true},
		},
		nil,
	},
	"another engine": {described{databaseType, "r", inputs{"engine": "mysql"}, nil}, nil, []charge{{key: "rds/mysql"}}, nil},
	"cache": {
		described{"aws:elasticache/replicationGroup:ReplicationGroup", "c", inputs{
			"engine": "valkey", "nodeType": "cache.t4g.small", "numCacheClusters": 2.0,
		}, nil}, nil, []charge{{"elasticache/valkey/cache.t4g.small", 1460, false}}, nil,
	},
	"cache with shards": {
		described{"aws:elasticache/replicationGroup:ReplicationGroup", "c", inputs{
			"nodeType": "cache.t4g.small", "numNodeGroups": 3.0, "replicasPerNodeGroup": 1.0,
		}, nil}, nil, []charge{{"elasticache/redis/cache.t4g.small", 6 * 730, false}}, nil,
	},
	"cache by default": {
		described{"aws:elasticache/replicationGroup:ReplicationGroup", "c", inputs{"nodeType": "cache.t4g.small"}, nil},
		nil,
		[]charge{{"elasticache/redis/cache.t4g.small", 730, false}},
		nil,
	},
	"table": {
		described{"aws:dynamodb/table:Table", "t", inputs{
			"billingMode": "PAY_PER_REQUEST", "pointInTimeRecovery": inputs{"enabled": true},
		}, nil},
		nil,
		[]charge{
			{"dynamodb/read", 0.375, true}, {"dynamodb/write", 0.375, true}, {"dynamodb/storage", 29, true}, {"dynamodb/recovery", 29, true},
		},
		[]string{"each request to a function reads one item of each table and writes one, of at most 1 kB"},
	},
	"table without recovery": {
		described{"aws:dynamodb/table:Table", "t", inputs{"billingMode": "PAY_PER_REQUEST"}, nil},
		nil,
		[]charge{{"dynamodb/read", 0.375, true}, {"dynamodb/write", 0.375, true}, {"dynamodb/storage", 29, true}},
		[]string{"each request to a function reads one item of each table and writes one, of at most 1 kB"},
	},
	"provisioned table": {described{token: "aws:dynamodb/table:Table", name: "t"}, nil, []charge{{key: "dynamodb/provisioned capacity"}}, nil},
	"bucket":            {described{token: "aws:s3/bucketV2:BucketV2", name: "b"}, nil, []charge{{"s3/storage", 19, true}}, nil},
	"images":            {described{token: "aws:ecr/repository:Repository", name: "r"}, nil, []charge{{"ecr/storage", 23, true}}, nil},
	"build project": {
		described{"aws:codebuild/project:Project", "p", inputs{
			"environment": inputs{"computeType": "BUILD_GENERAL1_SMALL", "type": "ARM_CONTAINER"},
		}, nil}, nil, []charge{{"codebuild/arm_container/small", 37 * 41, true}}, nil,
	},
	"pipeline": {
		described{"aws:codepipeline/pipeline:Pipeline", "p", inputs{"pipelineType": "V2"}, nil},
		nil,
		[]charge{{"codepipeline/v2", 2 * 37 * 41, true}},
		[]string{"a run of a pipeline takes twice a build's minutes"},
	},
	"pipeline of type V1": {described{token: "aws:codepipeline/pipeline:Pipeline", name: "p"}, nil, []charge{{"codepipeline/v1", 1, false}}, nil},
	"address":             {described{token: "aws:ec2/eip:Eip", name: "e"}, nil, []charge{{"ipv4/address", 730, false}}, nil},
	"NAT gateway": {
		described{token: "aws:ec2/natGateway:NatGateway", name: "n"},
		[]described{{token: "aws:ec2/natGateway:NatGateway", name: "m"}},
		[]charge{{"nat/hour", 730, false}, {"nat/processed", 8.5, true}},
		nil,
	},
	"gateway endpoint":           {described{token: "aws:ec2/vpcEndpoint:VpcEndpoint", name: "e"}, nil, nil, nil},
	"gateway endpoint, explicit": {described{"aws:ec2/vpcEndpoint:VpcEndpoint", "e", inputs{"vpcEndpointType": "Gateway"}, nil}, nil, nil, nil},
	"interface endpoint": {
		described{"aws:ec2/vpcEndpoint:VpcEndpoint", "e", inputs{"vpcEndpointType": "Interface"}, nil},
		nil,
		[]charge{{key: "vpc/interface endpoint"}},
		nil,
	},
	"load balancer": {
		described{balancerType, "l", inputs{"subnets": []any{"a", "b", "c"}}, nil},
		[]described{{token: balancerType, name: "m"}},
		[]charge{{"alb/hour", 730, false}, {"alb/lcu", 7.5, true}, {"transfer/internet", 7.5, true}, {"ipv4/address", 3 * 730, false}},
		nil,
	},
	"load balancer behind a distribution, before its subnets are known": {
		described{balancerType, "l", inputs{"subnets": unknown, "loadBalancerType": "application"}, nil},
		append(subnets, distribution),
		[]charge{{"alb/hour", 730, false}, {"alb/lcu", 11.25, true}, {"ipv4/address", 2 * 730, false}},
		[]string{"a load balancer is in every zone of the stack where a preview does not know its subnets"},
	},
	"load balancer in unknown zones": {
		described{token: balancerType, name: "l"},
		nil,
		[]charge{
			{"alb/hour", 730, false},
			{"alb/lcu", 15, true},
			{"transfer/internet", 15, true},
			{key: "ipv4/addresses, whose zones are unknown"},
		},
		[]string{"a load balancer is in every zone of the stack where a preview does not know its subnets"},
	},
	"internal load balancer": {
		described{balancerType, "l", inputs{"internal": true}, nil},
		nil,
		[]charge{{"alb/hour", 730, false}, {"alb/lcu", 15, true}, {"transfer/internet", 15, true}},
		nil,
	},
	"network load balancer": {
		described{balancerType, "l", inputs{"loadBalancerType": "network"}, nil}, nil, []charge{{key: "network load balancer"}}, nil,
	},
	"distribution": {
		distribution,
		[]described{{token: distributionType, name: "e"}},
		[]charge{{"cloudfront/transfer", 7.5, true}, {"cloudfront/requests", 150, true}},
		nil,
	},
	"function at the edge": {
		described{token: "aws:cloudfront/function:Function", name: "f"}, nil, []charge{{"cloudfront/functions", 3, true}}, nil,
	},
	"zone": {
		described{token: "aws:route53/zone:Zone", name: "z"},
		nil,
		[]charge{{"route53/zone", 1, false}, {"route53/queries", 0.3, true}},
		[]string{"one of ten requests queries Route 53"},
	},
	"health check": {
		described{"aws:route53/healthCheck:HealthCheck", "h", inputs{"type": "HTTPS"}, nil}, nil, []charge{{"route53/endpoint", 1, false}}, nil,
	},
	"health check of a metric": {
		described{"aws:route53/healthCheck:HealthCheck", "h", inputs{"type": "CLOUDWATCH_METRIC"}, nil},
		nil,
		[]charge{{"route53/check", 1, false}},
		nil,
	},
	"calculated health check": {
		described{"aws:route53/healthCheck:HealthCheck", "h", inputs{"type": "CALCULATED"}, nil},
		nil,
		[]charge{{"route53/check", 1, false}},
		nil,
	},
	"web ACL": {
		described{"aws:wafv2/webAcl:WebAcl", "w", inputs{"rules": []any{inputs{}, inputs{}}}, nil},
		nil,
		[]charge{{"waf/acl", 1, false}, {"waf/rule", 2, false}, {"waf/requests", 3, true}},
		nil,
	},
	"alarm": {
		described{token: "aws:cloudwatch/metricAlarm:MetricAlarm", name: "a"}, nil, []charge{{"cloudwatch/alarm", 1, false}}, nil,
	},
	"composite alarm": {
		described{token: "aws:cloudwatch/compositeAlarm:CompositeAlarm", name: "a"}, nil, []charge{{"cloudwatch/composite", 1, false}}, nil,
	},
	"dashboard": {
		described{token: "aws:cloudwatch/dashboard:Dashboard", name: "d"}, nil, []charge{{"cloudwatch/dashboard", 1, false}}, nil,
	},
	"metric filter": {
		described{token: "aws:cloudwatch/logMetricFilter:LogMetricFilter", name: "f"}, nil, []charge{{"cloudwatch/metric", 1, false}}, nil,
	},
	"metrics of a distribution": {
		described{token: "aws:cloudfront/monitoringSubscription:MonitoringSubscription", name: "m"},
		nil,
		[]charge{{"cloudwatch/metric", 8, false}},
		nil,
	},
	"log group": {
		described{token: "aws:cloudwatch/logGroup:LogGroup", name: "l"},
		[]described{{token: "aws:cloudwatch/logGroup:LogGroup", name: "m"}},
		[]charge{{"logs/ingested", 16.5, true}, {"logs/stored", 16.5 * 13 * 0.15, true}},
		[]string{"the stack's logs are spread evenly over its log groups"},
	},
	"detector": {
		described{token: "aws:guardduty/detector:Detector", name: "d"},
		nil,
		[]charge{{"guardduty/events", 43, true}, {"guardduty/flows", 47, true}},
		nil,
	},
	"Inspector": {
		described{token: "aws:inspector2/enabler:Enabler", name: "i"},
		[]described{{token: instanceType, name: "a"}, {token: instanceType, name: "b"}, function},
		[]charge{{"inspector/instance", 2, true}, {"inspector/function", 1, true}},
		[]string{"Inspector scans the stack's own instances and functions; images, and other stacks' parts, are not counted"},
	},
	"key":    {described{token: "aws:kms/key:Key", name: "k"}, nil, []charge{{"kms/key", 1, false}}, nil},
	"secret": {described{token: "aws:secretsmanager/secret:Secret", name: "s"}, nil, []charge{{"secretsmanager/secret", 1, false}}, nil},
	"advanced parameter": {
		described{"aws:ssm/parameter:Parameter", "p", inputs{"tier": "Advanced"}, nil}, nil, []charge{{"ssm/advanced", 1, false}}, nil,
	},
	"parameter": {described{token: "aws:ssm/parameter:Parameter", name: "p"}, nil, nil, nil},
	"cluster": {
		described{"aws:ecs/cluster:Cluster", "c", inputs{"settings": []any{
			"odd", inputs{"name": "other", "value": "enabled"}, inputs{"name": "containerInsights", "value": "enhanced"},
		}}, nil}, nil, []charge{{key: "cloudwatch/container insights"}}, nil,
	},
	"cluster without insights": {
		described{"aws:ecs/cluster:Cluster", "c", inputs{"settings": []any{inputs{"name": "containerInsights", "value": "disabled"}}}, nil},
		nil, nil, nil,
	},
	"API": {
		described{"aws:apigatewayv2/api:Api", "a", inputs{"protocolType": "HTTP"}, nil}, nil, []charge{{"apigateway/http", 0.375, true}}, nil,
	},
	"WebSocket API": {
		described{"aws:apigatewayv2/api:Api", "a", inputs{"protocolType": "WEBSOCKET"}, nil}, nil, []charge{{key: "apigateway/WEBSOCKET"}}, nil,
	},
	"queue": {
		described{token: "aws:sqs/queue:Queue", name: "q"},
		nil,
		[]charge{{"sqs/requests", 0, true}},
		[]string{"queues hold failed messages only, and cost next to nothing"},
	},
	"state machine": {
		described{token: "aws:sfn/stateMachine:StateMachine", name: "s"},
		nil,
		[]charge{{"stepfunctions/transitions", 0.37, true}},
		[]string{"a state machine makes ten transitions for each run of a pipeline"},
	},
	"express state machine": {
		described{"aws:sfn/stateMachine:StateMachine", "s", inputs{"type": "EXPRESS"}, nil}, nil, []charge{{key: "stepfunctions/express"}}, nil,
	},
}

func TestRules(t *testing.T) {
	t.Parallel()
	tested := map[string]bool{}
	for name, test := range ruleTests {
		tested[test.resource.token] = true
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			states := states(append([]described{test.resource}, test.others...))
			stack := newStack(states, "eu-west-1", numbers)
			charges := rules[test.resource.token](resource{states[0].Inputs, &states[0]}, stack)
			require.Len(t, charges, len(test.charges), charges)
			for i, want := range test.charges {
				require.Equal(t, want.key, charges[i].key)
				require.Equal(t, want.usage, charges[i].usage, want.key)
				require.InDelta(t, want.quantity, charges[i].quantity, 1e-9, want.key)
			}
			notes := map[string]bool{}
			for _, note := range test.notes {
				notes[note] = true
			}
			require.Equal(t, notes, stack.notes)
		})
	}
	for token := range rules {
		require.Contains(t, tested, token, "each rule has a row")
		require.Contains(t, rules, token)
	}
}

// states builds the resources; those whose name says so are in a component that rotates a secret.
func states(resources []described) []apitype.ResourceV3 {
	urn := func(r described) sdk.URN {
		parent := tokens.Type("")
		if r.name == "in a rotation" {
			parent = "stagecraft:rotation:Rotation"
		}
		return sdk.NewURN("s", "p", parent, tokens.Type(r.token), r.name)
	}
	states := make([]apitype.ResourceV3, len(resources))
	for i, r := range resources {
		states[i] = apitype.ResourceV3{URN: urn(r), Type: tokens.Type(r.token), Custom: true, Inputs: r.inputs}
		for property, name := range r.references {
			for _, other := range resources {
				if other.name == name {
					states[i].PropertyDependencies = map[sdk.PropertyKey][]sdk.URN{sdk.PropertyKey(property): {urn(other)}}
				}
			}
		}
	}
	return states
}

// TestPriceTable: every price is positive and complete, of a page and a day, and known in both regions or everywhere.
func TestPriceTable(t *testing.T) {
	t.Parallel()
	regions, err := prices()
	require.NoError(t, err)
	require.Len(t, regions, 3)
	for region, list := range regions {
		for key, price := range list {
			require.Equal(t, key, price.Key)
			require.Positive(t, price.USD, key)
			require.GreaterOrEqual(t, price.Free, 0.0, key)
			require.NotEmpty(t, price.Unit, key)
			require.NotEmpty(t, price.Page, key)
			require.Regexp(t, `^20\d\d-\d\d-\d\d$`, price.Recorded, key)
			for _, other := range []string{"eu-west-1", "us-east-1"} {
				if region != global {
					require.Contains(t, regions[other], key)
					require.Equal(t, price.Unit, regions[other][key].Unit, key)
				}
			}
		}
	}
	require.Equal(t, Price{
		Key: "transfer/internet", Unit: "GB", USD: 0.09, Free: 100, Page: "Amazon EC2 On-Demand Pricing", Recorded: "2026-11-25",
	}, regions["us-east-1"]["transfer/internet"])
	require.NotEmpty(t, regions["us-east-1"]["rds/db.t4g.small"].VerifiedAt)
	list, err := priceList("eu-west-1")
	require.NoError(t, err)
	require.Len(t, list, len(regions["eu-west-1"])+len(regions[global]))
}

func TestParsePricesRejects(t *testing.T) {
	t.Parallel()
	const heading = "key,unit,regions,usd,free,page,recorded,seen\n"
	for rows, want := range map[string]string{
		"a,hour,x,much,0,p,d,\n":                   `the price table: a costs "much" with "0" free: both must be numbers`,
		"a,hour,x,1,some,p,d,\n":                   `the price table: a costs "1" with "some" free: both must be numbers`,
		"a,hour,x y,1,0,p,d,\na,hour,y,2,0,p,d,\n": "the price table: a has two rows for y",
		"a,hour,x,1,0,p\n":                         "wrong number of fields",
	} {
		_, err := parsePrices(heading + rows)
		require.ErrorContains(t, err, want)
	}
}

func TestFreeTypes(t *testing.T) {
	t.Parallel()
	types, err := free()
	require.NoError(t, err)
	require.Equal(t, "AWS Identity and Access Management pricing", types["aws:iam/role:Role"])
	for token, page := range types {
		require.NotEmpty(t, page, token)
		require.NotContains(t, rules, token)
		require.NotContains(t, reasons, token)
	}
	for token := range reasons {
		require.NotContains(t, rules, token)
	}
}
