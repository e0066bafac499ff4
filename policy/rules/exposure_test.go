package rules

// open returns an inline security group rule that allows all addresses.
func open(protocol string, from, to int) props {
	return props{"protocol": protocol, "fromPort": from, "toPort": to, "cidrBlocks": []any{"10.0.0.0/8", "0.0.0.0/0"}}
}

// task returns a task with one container.
func task(definition string) props { return props{"containerDefinitions": "[" + definition + "]"} }

// origin returns a distribution with one origin.
func origin(properties props) props { return props{"origins": []any{properties}} }

var blocked = props{
	"blockPublicAcls": true, "blockPublicPolicy": true, "ignorePublicAcls": true, "restrictPublicBuckets": true,
}

var exposureExamples = merged(exposedNetworkExamples, exposedComputeExamples, exposedDataExamples, exposedEdgeExamples)

var exposedNetworkExamples = map[string]examples{
	"ec2-high-risk-ports-closed": {
		typ: "aws:ec2/securityGroup:SecurityGroup",
		pass: []props{
			{},
			{"ingress": []any{open("tcp", 443, 443), open("icmp", -1, -1), open("tcp", 22, 22)}},
			{"ingress": []any{props{"protocol": "tcp", "fromPort": 5432, "toPort": 5432, "cidrBlocks": []any{"10.0.0.0/16"}}}},
			{"ingress": []any{props{"protocol": "tcp", "fromPort": 5432, "toPort": 5432, "prefixListIds": []any{"pl-1"}}}},
			{"ingress": []any{props{"protocol": "-1", "fromPort": 0, "toPort": 0, "self": true}}},
			{"egress": []any{open("-1", 0, 0)}},
		},
		fail: []props{
			{"ingress": []any{open("tcp", 5432, 5432)}},
			{"ingress": []any{open("6", 0, 65535)}},
			{"ingress": []any{open("tcp", 443, 443), open("-1", 0, 0)}},
			{"ingress": []any{props{"protocol": "TCP", "fromPort": "3306", "toPort": 3306, "ipv6CidrBlocks": []any{"::/0"}}}},
		},
	},
	"ec2-only-web-ports-open": {
		typ: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
		pass: []props{
			{},
			{"cidrIpv4": "0.0.0.0/0", "ipProtocol": "tcp", "fromPort": 443, "toPort": 443},
			{"cidrIpv6": "::/0", "ipProtocol": "tcp", "fromPort": 80, "toPort": 80},
			{"cidrIpv4": "0.0.0.0/0", "ipProtocol": "udp", "fromPort": 443, "toPort": 443},
			{"cidrIpv4": "10.0.0.0/8", "ipProtocol": "tcp", "fromPort": 6379, "toPort": 6379},
			{"prefixListId": "pl-1", "ipProtocol": "tcp", "fromPort": 6379, "toPort": 6379},
			{"referencedSecurityGroupId": "sg-1", "ipProtocol": "-1"},
		},
		fail: []props{
			{"cidrIpv4": "0.0.0.0/0", "ipProtocol": "tcp", "fromPort": 6379, "toPort": 6379},
			{"cidrIpv6": "::/0", "ipProtocol": "udp", "fromPort": 53, "toPort": 53},
			{"cidrIpv4": "0.0.0.0/0", "ipProtocol": "tcp", "fromPort": 443, "toPort": 444},
		},
	},
	"ec2-default-security-group-closed": {
		typ:  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
		pass: []props{{}, {"vpcId": "vpc-1", "ingress": []any{}, "egress": []any{}}},
		fail: []props{
			{"ingress": []any{props{"protocol": "-1", "fromPort": 0, "toPort": 0, "self": true}}},
			{"egress": []any{open("-1", 0, 0)}},
		},
	},
	"ec2-subnet-no-automatic-public-addresses": {
		typ:  "aws:ec2/subnet:Subnet",
		pass: []props{{}, {"mapPublicIpOnLaunch": false}},
		fail: []props{{"mapPublicIpOnLaunch": true}},
	},
}

var exposedComputeExamples = map[string]examples{
	"ec2-imds-v2": {
		typ: "aws:ec2/instance:Instance",
		pass: []props{
			{"metadataOptions": props{"httpTokens": "required"}},
			{"metadataOptions": props{"httpEndpoint": "disabled"}},
			{"launchTemplate": props{"id": "lt-1"}},
		},
		fail: []props{
			{},
			{"metadataOptions": props{"httpTokens": "optional"}},
			{"metadataOptions": props{"httpEndpoint": "enabled"}},
			{"metadataOptions": props{"httpPutResponseHopLimit": 1}, "launchTemplate": props{"id": "lt-1"}},
		},
	},
	"ec2-launch-no-public-address": {
		typ: "aws:ec2/launchTemplate:LaunchTemplate",
		pass: []props{
			{}, {"networkInterfaces": []any{props{}, props{"associatePublicIpAddress": "false"}}},
		},
		fail: []props{
			{"networkInterfaces": []any{props{"associatePublicIpAddress": "true"}}},
			{"networkInterfaces": []any{props{}, props{"associatePublicIpAddress": true}}},
		},
	},
	"ecs-no-public-address": {
		typ:  "aws:ecs/service:Service",
		pass: []props{{}, {"networkConfiguration": props{}}, {"networkConfiguration": props{"assignPublicIp": false}}},
		fail: []props{{"networkConfiguration": props{"assignPublicIp": true}}},
	},
	"ecs-no-privileged-containers": {
		typ:  "aws:ecs/taskDefinition:TaskDefinition",
		pass: []props{{}, task(`{"name":"app"}`), task(`{"name":"app","privileged":false}`)},
		fail: []props{task(`{"name":"app","privileged":true}`), task(`{"name":"app"},{"name":"agent","privileged":true}`)},
	},
	"ecs-read-only-root": {
		typ: "aws:ecs/taskDefinition:TaskDefinition",
		pass: []props{
			{},
			task(`{"name":"app","readonlyRootFilesystem":true}`),
			{
				"containerDefinitions": `[{"name":"app"}]`,
				"runtimePlatform":      props{"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"},
			},
		},
		fail: []props{task(`{"name":"app"}`), task(`{"name":"app","readonlyRootFilesystem":false}`)},
	},
	"ecs-no-root-user": {
		typ:  "aws:ecs/taskDefinition:TaskDefinition",
		pass: []props{{}, task(`{"name":"app","user":"1000:1000"}`), task(`{"name":"app","user":"app"}`)},
		fail: []props{task(`{"name":"app"}`), task(`{"name":"app","user":"root"}`), task(`{"name":"app","user":"0:1000"}`)},
	},
	"ecs-no-host-processes": {
		typ:  "aws:ecs/taskDefinition:TaskDefinition",
		pass: []props{{}, {"pidMode": "task", "ipcMode": "none"}},
		fail: []props{{"pidMode": "host"}, {"ipcMode": "host"}},
	},
	"ecs-no-host-network": {
		typ:  "aws:ecs/taskDefinition:TaskDefinition",
		pass: []props{{}, {"networkMode": "awsvpc"}, {"networkMode": "bridge"}},
		fail: []props{{"networkMode": "host"}},
	},
	"lambda-function-url-authorization": {
		typ:  "aws:lambda/functionUrl:FunctionUrl",
		pass: []props{{"authorizationType": "AWS_IAM"}},
		fail: []props{{}, {"authorizationType": "NONE"}},
	},
	"ssm-document-not-public": {
		typ:  "aws:ssm/document:Document",
		pass: []props{{}, {"permissions": props{"type": "Share", "account_ids": "123456789012"}}},
		fail: []props{{"permissions": props{"type": "Share", "account_ids": "All"}}},
	},
	"codebuild-no-privileged-builds": {
		typ:  "aws:codebuild/project:Project",
		pass: []props{{}, {"environment": props{"privilegedMode": false}}},
		fail: []props{{"environment": props{"privilegedMode": true}}},
	},
	"codebuild-project-private": {
		typ:  "aws:codebuild/project:Project",
		pass: []props{{}, {"projectVisibility": "PRIVATE"}},
		fail: []props{{"projectVisibility": "PUBLIC_READ"}},
	},
	"ecr-immutable-tags": {
		typ:  "aws:ecr/repository:Repository",
		pass: []props{{"imageTagMutability": "IMMUTABLE"}, {"imageTagMutability": "IMMUTABLE_WITH_EXCLUSION"}},
		fail: []props{{}, {"imageTagMutability": "MUTABLE"}},
	},
}

var exposedDataExamples = map[string]examples{
	"rds-not-public": {
		typ:  "aws:rds/instance:Instance",
		pass: []props{{}, {"publiclyAccessible": false}},
		fail: []props{{"publiclyAccessible": true}},
	},
	"rds-own-port": {
		typ: "aws:rds/instance:Instance",
		pass: []props{
			{}, {"engine": "postgres", "port": 6543}, {"replicateSourceDb": "app"}, {"engine": "custom-oracle", "port": 1},
		},
		fail: []props{{"engine": "postgres"}, {"engine": "mysql", "port": 3306}, {"engine": "sqlserver-ex", "port": "1433"}},
	},
	"elasticache-own-subnet-group": {
		typ: "aws:elasticache/cluster:Cluster",
		pass: []props{
			{"subnetGroupName": "cache"}, {"replicationGroupId": "cache"},
		},
		fail: []props{{}, {"subnetGroupName": "default"}},
	},
	"s3-public-access-blocked": {
		typ:  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
		pass: []props{blocked},
		fail: []props{
			{},
			{"blockPublicAcls": true, "blockPublicPolicy": false, "ignorePublicAcls": true, "restrictPublicBuckets": true},
		},
	},
	"s3-no-public-acl": {
		typ: "aws:s3/bucketAclV2:BucketAclV2",
		pass: []props{
			{},
			{"acl": "private"},
			{"acl": "log-delivery-write"},
			{"accessControlPolicy": props{"grants": []any{props{"grantee": props{"type": "CanonicalUser", "id": "abc"}}}}},
			{"grants": []any{props{"uri": "http://acs.amazonaws.com/groups/s3/LogDelivery"}}},
		},
		fail: []props{
			{"acl": "public-read"},
			{"acl": "public-read-write"},
			{"acl": "authenticated-read"},
			{"accessControlPolicy": props{"grants": []any{
				props{"grantee": props{"uri": "http://acs.amazonaws.com/groups/global/AllUsers"}},
			}}},
			{"grants": []any{props{"uri": "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"}}},
		},
	},
	"s3-no-acls": {
		typ:  "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
		pass: []props{{"rule": props{"objectOwnership": "BucketOwnerEnforced"}}},
		fail: []props{{}, {"rule": props{"objectOwnership": "ObjectWriter"}}},
	},
}

var exposedEdgeExamples = map[string]examples{
	"cloudfront-default-root-object": {
		typ: "aws:cloudfront/distribution:Distribution",
		pass: []props{
			{},
			{"origins": []any{props{"originId": "app"}}, "defaultRootObject": "index.html"},
			origin(props{"customOriginConfig": props{"originProtocolPolicy": "https-only"}}),
			origin(props{"vpcOriginConfig": props{"vpcOriginId": "vo-1"}}),
		},
		fail: []props{origin(props{"originId": "app"}), {"origins": []any{props{"originId": "app"}}, "defaultRootObject": ""}},
	},
	"cloudfront-origin-access-control": {
		typ: "aws:cloudfront/distribution:Distribution",
		pass: []props{
			{},
			origin(props{"originAccessControlId": "E1"}),
			origin(props{"customOriginConfig": props{"originProtocolPolicy": "https-only"}}),
		},
		fail: []props{
			origin(props{"originId": "app"}),
			origin(props{"s3OriginConfig": props{"originAccessIdentity": "origin-access-identity/cloudfront/E1"}}),
		},
	},
	"cloudfront-function-access-control": {
		typ: "aws:cloudfront/distribution:Distribution",
		pass: []props{
			{},
			origin(props{"domainName": "abc.lambda-url.eu-west-1.on.aws", "originAccessControlId": "E1"}),
			origin(props{"domainName": "abc.execute-api.eu-west-1.amazonaws.com"}),
		},
		fail: []props{origin(props{"domainName": "abc.lambda-url.eu-west-1.on.aws"})},
	},
	"cloudfront-waf": {
		typ:  "aws:cloudfront/distribution:Distribution",
		pass: []props{{"webAclId": "arn:aws:wafv2:us-east-1:123456789012:global/webacl/app/1"}},
		fail: []props{{}, {"webAclId": ""}},
	},
	"wafv2-has-rules": {
		typ:  "aws:wafv2/webAcl:WebAcl",
		pass: []props{{"rules": []any{props{"name": "rate"}}}, {"ruleJson": "[]"}},
		fail: []props{{}, {"rules": []any{}}},
	},
	"lb-drop-invalid-headers": {
		typ: "aws:alb/loadBalancer:LoadBalancer",
		pass: []props{
			{"dropInvalidHeaderFields": true}, {"loadBalancerType": "network"}, {"loadBalancerType": "gateway"},
		},
		fail: []props{{}, {"loadBalancerType": "application", "dropInvalidHeaderFields": false}},
	},
	"lb-desync-mitigation": {
		typ: "aws:lb/loadBalancer:LoadBalancer",
		pass: []props{
			{}, {"desyncMitigationMode": "strictest"}, {"loadBalancerType": "network", "desyncMitigationMode": "monitor"},
		},
		fail: []props{{"desyncMitigationMode": "monitor"}},
	},
	"apigatewayv2-route-authorization": {
		typ: "aws:apigatewayv2/route:Route",
		pass: []props{
			{"routeKey": "GET /users", "authorizationType": "JWT"},
			{"routeKey": "OPTIONS /users"},
			{"routeKey": "sendMessage"},
			{"routeKey": "$disconnect"},
		},
		fail: []props{
			{"routeKey": "GET /users"}, {"routeKey": "$default", "authorizationType": "NONE"}, {"routeKey": "$connect"},
		},
	},
}
