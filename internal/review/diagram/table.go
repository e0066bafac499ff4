package diagram

import (
	"fmt"
	"maps"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
)

// drawings is how each type is drawn. Other types are counted as "Other".
var drawings = merge(traffic, data, network, dayOne, details)

func merge(tables ...map[string]drawing) map[string]drawing {
	merged := map[string]drawing{}
	for _, table := range tables {
		maps.Copy(merged, table)
	}
	return merged
}

// securityGroups are the properties that refer to a node's security groups.
var securityGroups = []string{
	"vpcSecurityGroupIds", "securityGroups", "securityGroupIds", "networkConfiguration", "vpcConfig", "launchTemplate",
}

// traffic are the types that pass requests on, and those that answer them.
var traffic = map[string]drawing{
	"aws:cloudfront/distribution:Distribution": {
		title: titled("CloudFront"), where: edgeNetwork, entry: always, from: []string{"webAclId"}, to: []string{"origins"},
	},
	"aws:wafv2/webAcl:WebAcl":                            {title: titled("AWS WAF"), where: edgeNetwork, entry: always},
	"aws:wafv2/webAclAssociation:WebAclAssociation":      passes([]string{"webAclArn"}, []string{"resourceArn"}),
	"aws:lb/loadBalancer:LoadBalancer":                   balancer,
	"aws:alb/loadBalancer:LoadBalancer":                  balancer,
	"aws:lb/listener:Listener":                           passes([]string{"loadBalancerArn"}, []string{"defaultActions"}),
	"aws:alb/listener:Listener":                          passes([]string{"loadBalancerArn"}, []string{"defaultActions"}),
	"aws:lb/listenerRule:ListenerRule":                   passes([]string{"listenerArn"}, []string{"actions"}),
	"aws:lb/targetGroup:TargetGroup":                     folded,
	"aws:alb/targetGroup:TargetGroup":                    folded,
	"aws:lb/targetGroupAttachment:TargetGroupAttachment": passes([]string{"targetGroupArn"}, []string{"targetId"}),
	"aws:ec2/eip:Eip":                                    folded,
	"aws:ec2/eipAssociation:EipAssociation":              passes([]string{"allocationId"}, []string{"instanceId"}),
	"aws:ec2/instance:Instance": {
		title: titled("EC2 instance"), detail: showing("instanceType"), where: private, zonal: true, entry: hasPublicAddress,
	},
	"aws:autoscaling/group:Group": {
		title: titled("Auto Scaling group"), detail: between("minSize", "maxSize", "EC2 instances"), where: private,
		from: []string{"targetGroupArns", "loadBalancers"},
	},
	"aws:autoscaling/attachment:Attachment": passes([]string{"lbTargetGroupArn"}, []string{"autoscalingGroupName"}),
	"aws:ecs/service:Service": {
		title: titled("ECS service"), detail: tasks, where: private, from: []string{"loadBalancers"}, to: []string{"taskDefinition"},
	},
	"aws:ecs/taskDefinition:TaskDefinition": passes(nil, []string{"containerDefinitions"}),
	"aws:ssm/parameter:Parameter": {
		tile: "Systems Manager", word: "parameter", to: []string{"value", "insecureValue"},
	},
	"aws:lambda/function:Function": {
		title: titled("Lambda function"), reached: true, to: []string{"environment"}, tile: "Lambda", word: "function",
	},
	"aws:lambda/alias:Alias":                           passes(nil, []string{"functionName"}),
	"aws:lambda/functionUrl:FunctionUrl":               passes(nil, []string{"functionName"}),
	"aws:lambda/eventSourceMapping:EventSourceMapping": passes([]string{"eventSourceArn"}, []string{"functionName"}),
	"aws:apigatewayv2/api:Api":                         {title: api, entry: always},
	"aws:apigatewayv2/stage:Stage":                     passes(nil, []string{"apiId"}),
	"aws:apigatewayv2/integration:Integration":         passes([]string{"apiId"}, []string{"integrationUri"}),
	"aws:apigatewayv2/route:Route":                     folded,
	"aws:apigateway/restApi:RestApi":                   {title: titled("REST API"), entry: always},
	"aws:apigateway/integration:Integration":           passes([]string{"restApi"}, []string{"uri"}),
	"aws:apigateway/stage:Stage":                       passes(nil, []string{"restApi"}),
	"aws:route53/record:Record": {
		title: titled("Route 53"), where: edgeNetwork, entry: always, to: []string{"records", "aliases"}, tile: "Route 53", word: "record",
	},
}

var balancer = drawing{
	title: balancerTitle, where: public, entry: func(state apitype.ResourceV3) bool { return !equals(state, "internal", "true") },
}

// data are the types that store data.
var data = map[string]drawing{
	"aws:rds/instance:Instance": {
		title: rdsTitle, detail: showing("instanceClass"), cylinder: true, where: isolated, zonal: true, copies: []string{"replicateSourceDb"},
	},
	"aws:rds/cluster:Cluster": {
		title: titled("Aurora cluster"), detail: showing("engine"), cylinder: true, where: isolated,
	},
	"aws:rds/clusterInstance:ClusterInstance": counted("Aurora", "instance"),
	"aws:elasticache/replicationGroup:ReplicationGroup": {
		title: cacheTitle, detail: cacheNodes, maxZones: "numCacheClusters", cylinder: true, where: isolated,
	},
	"aws:elasticache/cluster:Cluster":                 {title: cacheTitle, detail: showing("nodeType"), cylinder: true, where: isolated},
	"aws:elasticache/serverlessCache:ServerlessCache": {title: cacheTitle, cylinder: true, where: isolated},
	"aws:dynamodb/table:Table":                        {title: titled("DynamoDB table"), cylinder: true},
	"aws:efs/fileSystem:FileSystem":                   {title: titled("EFS file system"), cylinder: true},
	"aws:sqs/queue:Queue":                             {title: titled("SQS queue"), reached: true, tile: "SQS", word: "queue"},
	"aws:s3/bucket:Bucket":                            bucket,
	"aws:s3/bucketV2:BucketV2":                        bucket,
}

var bucket = drawing{title: titled("S3 bucket"), cylinder: true, reached: true, tile: "S3", word: "bucket"}

// network are the types of the containers, and the gateways.
var network = map[string]drawing{
	vpcType:     folded,
	subnetType:  folded,
	gatewayType: {title: titled("Internet gateway"), nameless: true, where: gateway},
	natType:     {title: titled("NAT gateway"), nameless: true, where: public, zonal: true},
}

const (
	vpcType     = "aws:ec2/vpc:Vpc"
	subnetType  = "aws:ec2/subnet:Subnet"
	gatewayType = "aws:ec2/internetGateway:InternetGateway"
	natType     = "aws:ec2/natGateway:NatGateway"
	recordType  = "aws:route53/record:Record"
)

func balancerTitle(state apitype.ResourceV3) string {
	switch knownText(state, "loadBalancerType") {
	case "network":
		return "Network Load Balancer"
	case "gateway":
		return "Gateway Load Balancer"
	default:
		return "Application Load Balancer"
	}
}

func rdsTitle(state apitype.ResourceV3) string {
	if _, copied := state.Inputs["replicateSourceDb"]; copied {
		return "RDS read replica"
	}
	return "RDS writer"
}

func cacheTitle(state apitype.ResourceV3) string {
	engine := knownText(state, "engine")
	if engine == "" {
		return "ElastiCache"
	}
	return "ElastiCache " + strings.ToUpper(engine[:1]) + engine[1:]
}

func cacheNodes(state apitype.ResourceV3) string {
	nodes := knownText(state, "numCacheClusters")
	if nodes == "" {
		return knownText(state, "nodeType")
	}
	return nodes + " × " + knownText(state, "nodeType")
}

func tasks(state apitype.ResourceV3) string {
	if count := knownText(state, "desiredCount"); count != "" {
		return count + " tasks or more"
	}
	return ""
}

func between(least, most, what string) func(apitype.ResourceV3) string {
	return func(state apitype.ResourceV3) string {
		return fmt.Sprintf("%s–%s %s", knownText(state, least), knownText(state, most), what)
	}
}

func api(state apitype.ResourceV3) string {
	if equals(state, "protocolType", "WEBSOCKET") {
		return "WebSocket API"
	}
	return "HTTP API"
}

// hasPublicAddress reports whether an instance has a public address.
func hasPublicAddress(state apitype.ResourceV3) bool {
	return equals(state, "associatePublicIpAddress", "true")
}
