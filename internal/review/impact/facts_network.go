package impact

import "github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

var networkFacts = map[tokens.Type][]fact{
	"aws:ec2/natGateway:NatGateway": {
		{
			Ops:    []Op{Delete, Replace},
			Level:  Brief,
			Lasts:  "until clients connect again",
			Reason: "connections to the internet through it break",
			Source: "Amazon VPC User Guide, NAT gateways: Delete a NAT gateway",
		},
	},
	"aws:ec2/route:Route": {
		{
			Ops:        []Op{Update},
			Properties: []string{"natGatewayId"},
			Level:      Brief,
			Lasts:      "until clients connect again",
			Reason:     "open connections to the internet break: the new gateway does not know them",
			Source:     "Amazon VPC User Guide, NAT gateway basics",
		},
		{
			Ops:       []Op{Delete},
			Condition: isSet("natGatewayId"),
			Level:     Permanent,
			Reason:    "resources that remain in its subnets no longer reach the internet",
			Source:    "Amazon VPC User Guide, Configure route tables",
		},
	},
	"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {
		{
			Ops:       []Op{Delete},
			Condition: isSet("referencedSecurityGroupId"), // access between two tiers, one of which is deleted
			Source:    "Amazon VPC User Guide, Security group rules",
		},
		{
			Ops:    []Op{Delete},
			Level:  Permanent,
			Reason: "access from outside ends; open connections stay open",
			Source: "Amazon EC2 User Guide, Security group connection tracking",
		},
		{
			Ops:    []Op{Update, Replace},
			Level:  Brief,
			Lasts:  "seconds",
			Reason: "new connections are rejected until the new rule exists; open connections stay open",
			Source: "Amazon EC2 User Guide, Security group connection tracking",
		},
	},
}
