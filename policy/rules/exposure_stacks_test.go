package rules

import "slices"

const (
	vpcType      = "aws:ec2/vpc:Vpc"
	groupType    = "aws:ec2/securityGroup:SecurityGroup"
	balancerType = "aws:lb/loadBalancer:LoadBalancer"
	bucketType   = "aws:s3/bucketV2:BucketV2"
	registryType = "aws:ecr/repository:Repository"
)

// cameFrom maps a property to the names of the resources that it comes from.
func cameFrom(property string, names ...string) map[string][]string {
	return map[string][]string{property: names}
}

// placed returns a database in a group of one subnet, with the given route table.
func placed(table ...part) []part {
	return append(
		table,
		part{typ: "aws:rds/instance:Instance", name: "database", from: cameFrom("dbSubnetGroupName", "group")},
		part{typ: "aws:rds/subnetGroup:SubnetGroup", name: "group", props: props{"subnetIds": []any{"subnet-1"}}},
		part{
			typ: "aws:ec2/routeTableAssociation:RouteTableAssociation", name: "association",
			props: props{"subnetId": "subnet-1", "routeTableId": "rtb-1"},
		},
	)
}

// entry returns a load balancer whose security group has one separate rule.
func entry(balancer props, ingress props) []part {
	return []part{
		{typ: balancerType, name: "entry", props: balancer, from: cameFrom("securityGroups", "group")},
		{typ: groupType, name: "group"},
		{
			typ: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", name: "in", props: ingress,
			from: cameFrom("securityGroupId", "group"),
		},
	}
}

var anywhere = props{"cidrIpv4": "0.0.0.0/0", "ipProtocol": "tcp", "fromPort": 443, "toPort": 443}

var exposureStacks = map[string]stacks{
	"ec2-default-security-group-managed": {
		pass: [][]part{
			{{typ: vpcType, name: "a"}, {typ: "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", name: "g", from: cameFrom("vpcId", "a")}},
			{
				{typ: vpcType, name: "a", props: props{"id": "vpc-1"}},
				{typ: "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", name: "g", props: props{"vpcId": "vpc-1"}},
			},
			{{typ: vpcType, name: "a"}, {typ: "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", name: "g", from: cameFrom("vpcId")}},
		},
		fail: [][]part{
			{{typ: vpcType, name: "a"}},
			{
				{typ: vpcType, name: "a", props: props{"id": "vpc-1"}},
				{typ: "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", name: "g", props: props{"vpcId": "vpc-2"}},
			},
			{
				{typ: vpcType, name: "a"},
				{typ: vpcType, name: "b"},
				{typ: "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", name: "g", from: cameFrom("vpcId", "a")},
			},
		},
	},
	"rds-private-subnets": {
		pass: [][]part{
			placed(),
			placed(part{typ: "aws:ec2/route:Route", name: "r", props: props{"routeTableId": "rtb-1", "natGatewayId": "nat-1"}}),
			placed(part{typ: "aws:ec2/route:Route", name: "r", props: props{"routeTableId": "rtb-2", "gatewayId": "igw-1"}}),
			placed(part{
				typ: "aws:ec2/route:Route", name: "r", props: props{"gatewayId": "igw-1"}, from: cameFrom("routeTableId", "group"),
			}),
		},
		fail: [][]part{
			placed(part{typ: "aws:ec2/route:Route", name: "r", props: props{"routeTableId": "rtb-1", "gatewayId": "igw-1"}}),
			placed(part{typ: "aws:ec2/routeTable:RouteTable", name: "t", props: props{
				"id": "rtb-1", "routes": []any{props{"cidrBlock": "0.0.0.0/0", "gatewayId": "igw-1"}},
			}}),
		},
	},
	"ec2-target-no-public-address": {
		pass: [][]part{
			{{typ: "aws:ec2/instance:Instance", name: "web", props: props{"associatePublicIpAddress": true}}},
			{
				{typ: "aws:ec2/instance:Instance", name: "web", props: props{"associatePublicIpAddress": false}},
				{typ: "aws:lb/targetGroupAttachment:TargetGroupAttachment", name: "a", from: cameFrom("targetId", "web")},
			},
		},
		fail: [][]part{{
			{typ: "aws:ec2/instance:Instance", name: "web", props: props{"associatePublicIpAddress": true}},
			{typ: "aws:lb/targetGroupAttachment:TargetGroupAttachment", name: "a", from: cameFrom("targetId", "web")},
		}},
	},
	"ecr-image-scanning": {
		pass: [][]part{
			{{typ: registryType, name: "app", props: props{"imageScanningConfiguration": props{"scanOnPush": true}}}},
			{{typ: registryType, name: "app", from: cameFrom("imageScanningConfiguration")}},
			{
				{typ: registryType, name: "app"},
				{typ: "aws:inspector2/enabler:Enabler", name: "inspector", props: props{"resourceTypes": []any{"EC2", "ECR"}}},
			},
			{{typ: registryType, name: "app"}, {typ: "aws:inspector2/enabler:Enabler", name: "inspector", from: cameFrom("resourceTypes")}},
			{{typ: registryType, name: "app"}, {typ: "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration", name: "scan"}},
		},
		fail: [][]part{
			{{typ: registryType, name: "app"}},
			{
				{typ: registryType, name: "app", props: props{"imageScanningConfiguration": props{"scanOnPush": false}}},
				{typ: "aws:inspector2/enabler:Enabler", name: "inspector", props: props{"resourceTypes": []any{"EC2"}}},
			},
		},
	},
	"s3-public-access-said": {
		pass: [][]part{
			{
				{typ: bucketType, name: "a"},
				{typ: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", name: "block", from: cameFrom("bucket", "a")},
			},
			{
				{typ: "aws:s3/bucket:Bucket", name: "a", props: props{"id": "app"}},
				{typ: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", name: "block", props: props{"bucket": "app"}},
			},
			{{typ: bucketType, name: "a"}, {typ: "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock", name: "all", props: blocked}},
		},
		fail: [][]part{
			{{typ: bucketType, name: "a"}},
			{
				{typ: bucketType, name: "a"},
				{typ: "aws:s3/bucket:Bucket", name: "b"},
				{typ: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", name: "block", from: cameFrom("bucket", "a")},
			},
		},
	},
	"lb-waf": {
		stage: 5,
		pass: [][]part{
			entry(props{}, props{"prefixListId": "pl-1", "ipProtocol": "tcp", "fromPort": 443, "toPort": 443}),
			entry(props{"internal": true}, anywhere),
			entry(props{"loadBalancerType": "network"}, anywhere),
			{{typ: balancerType, name: "entry"}, {typ: groupType, name: "group", props: props{"ingress": []any{open("tcp", 443, 443)}}}},
			slices.Concat(entry(props{}, anywhere), []part{
				{typ: "aws:wafv2/webAclAssociation:WebAclAssociation", name: "firewall", from: cameFrom("resourceArn", "entry")},
			}),
		},
		fail: [][]part{
			entry(props{}, anywhere),
			{
				{typ: balancerType, name: "entry", from: cameFrom("securityGroups", "group")},
				{typ: groupType, name: "group", props: props{"ingress": []any{open("tcp", 443, 443)}}},
			},
		},
	},
}
