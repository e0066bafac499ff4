package impact

import "github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

var entryFacts = map[tokens.Type][]fact{
	"aws:ec2/eip:Eip": {
		{
			Ops:    []Op{Delete, Replace},
			Level:  Permanent,
			Reason: "the address is released: clients that use it, or have it from DNS until the time to live ends, reach nobody",
			Source: "Amazon EC2 User Guide, Elastic IP addresses",
		},
	},
	"aws:ec2/eipAssociation:EipAssociation": {
		{
			Ops:    []Op{Delete, Replace},
			Level:  Permanent,
			Reason: "the address no longer reaches the instance",
			Source: "Amazon EC2 User Guide, Elastic IP addresses",
		},
	},
	"aws:route53/record:Record": {
		{
			Ops:    []Op{Update, Replace},
			Level:  Brief,
			Lasts:  "the record's time to live; 60 seconds for an alias of a load balancer",
			Reason: "resolvers return the old answer for that long: its target must answer until then",
			Source: "Amazon Route 53 Developer Guide, Values specific for alias records: TTL",
		},
		{
			Ops:       []Op{Delete},
			Condition: isSet("multivalueAnswerRoutingPolicy"),
			Level:     None,
			Reason:    "the name resolves to its other values",
			Source:    "Amazon Route 53 Developer Guide, Multivalue answer routing",
		},
		{
			Ops:       []Op{Delete},
			Condition: isSet("weightedRoutingPolicies"),
			Level:     None,
			Reason:    "the name resolves to its other values",
			Source:    "Amazon Route 53 Developer Guide, Weighted routing",
		},
		{
			Ops:    []Op{Delete},
			Level:  Permanent,
			Reason: "the name no longer resolves",
			Source: "Amazon Route 53 Developer Guide, Editing and deleting records",
		},
	},
	"aws:lb/loadBalancer:LoadBalancer": {
		{
			Ops:    []Op{Delete, Replace},
			Level:  Permanent,
			Reason: "its name in DNS is gone, and connections to it break",
			Source: "Elastic Load Balancing, Application Load Balancers: Delete an Application Load Balancer",
		},
		{
			Ops:    []Op{Update},
			Source: "AWS::ElasticLoadBalancingV2::LoadBalancer in the CloudFormation Template Reference",
		},
	},
	"aws:lb/listener:Listener": {
		{
			Ops:    []Op{Delete},
			Level:  Permanent,
			Reason: "its port no longer answers",
			Source: "Elastic Load Balancing API Reference, DeleteListener",
		},
		{
			Ops:    []Op{Update},
			Level:  None,
			Reason: "new requests follow the new rule at once",
			Source: "Elastic Load Balancing API Reference, ModifyListener",
		},
	},
	"aws:cloudfront/distribution:Distribution": {
		{
			Ops:    []Op{Update},
			Level:  None,
			Reason: "edge locations switch one after the other, within some minutes",
			Source: "Amazon CloudFront Developer Guide, Update a distribution",
		},
		{
			Ops:    []Op{Delete, Replace},
			Level:  Permanent,
			Reason: "its name in DNS is gone",
			Source: "Amazon CloudFront Developer Guide, Delete a distribution",
		},
	},
	"aws:apigatewayv2/api:Api": {
		{
			Ops:    []Op{Delete, Replace},
			Level:  Permanent,
			Reason: "its address is gone",
			Source: "Amazon API Gateway Version 2 API Reference, Apis",
		},
	},
	"aws:s3/bucketObjectv2:BucketObjectv2": {
		{
			Ops:    []Op{Update, Replace},
			Level:  None,
			Reason: "readers get the new object at once, or through CloudFront when its copy expires",
			Source: "Amazon S3 User Guide, What is Amazon S3?: Amazon S3 data consistency model",
		},
		{
			Ops:    []Op{Delete},
			Level:  Brief,
			Lasts:  "until pages that refer to it are reloaded",
			Reason: "the object is gone",
			Source: "Amazon S3 API Reference, DeleteObject",
		},
	},
	"aws:wafv2/webAcl:WebAcl": {
		{
			Ops:    []Op{Update},
			Level:  None,
			Reason: "requests follow the new rules within some minutes",
			Source: "AWS WAF API Reference, UpdateWebACL",
		},
		{
			Ops:    []Op{Delete, Replace},
			Level:  None,
			Reason: "requests are no longer filtered",
			Source: "AWS WAF API Reference, DeleteWebACL",
		},
	},
}
