package rules

import (
	"maps"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"
)

// entering returns an entry of a network ACL for all addresses.
func entering(action string, from, to int) props {
	return props{"action": action, "protocol": "tcp", "fromPort": from, "toPort": to, "cidrBlock": "0.0.0.0/0"}
}

var networkExamples = map[string]examples{
	"ec2-network-acl-remote-ports-closed": {
		typ: ec2NetworkACL,
		pass: []props{
			{},
			{"ingress": []any{entering("allow", 443, 443), entering("deny", 22, 22), entering("allow", 3390, 65535)}},
			{"ingress": []any{props{"action": "allow", "protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlock": "10.0.0.0/8"}}},
			{"egress": []any{entering("allow", 22, 22)}},
		},
		fail: []props{
			{"ingress": []any{entering("allow", 22, 22)}},
			{"ingress": []any{entering("allow", 1024, 65535)}},
			{"ingress": []any{props{"action": "Allow", "protocol": "-1", "fromPort": 0, "toPort": 0, "ipv6CidrBlock": "::/0"}}},
		},
	},
	"ec2-one-network-interface": {
		typ:  ec2Instance,
		pass: []props{{}, {"networkInterfaces": []any{props{"deviceIndex": 0}}}},
		fail: []props{{"networkInterfaces": []any{props{"deviceIndex": 0}, props{"deviceIndex": 1}}}},
	},
	"ec2-source-destination-check": {
		typ:  ec2Instance,
		pass: []props{{}, {"sourceDestCheck": true}},
		fail: []props{{"sourceDestCheck": false}},
	},
}

// joining returns a VPC with endpoints for services.
func joining(services ...string) []part {
	parts := []part{{typ: vpcType, name: "network"}}
	for _, service := range services {
		parts = append(parts, part{
			typ: "aws:ec2/vpcEndpoint:VpcEndpoint", name: service, props: props{"serviceName": "com.amazonaws.eu-west-1." + service},
			from: cameFrom("vpcId", "network"),
		})
	}
	return parts
}

var networkStacks = map[string]stacks{
	"ec2-network-acl-used": {
		pass: [][]part{
			{{typ: ec2NetworkACL, name: "acl", props: props{"subnetIds": []any{"subnet-1"}}}},
			{{typ: ec2NetworkACL, name: "acl", from: cameFrom("subnetIds", "network")}, {typ: vpcType, name: "network"}},
			{
				{typ: ec2NetworkACL, name: "acl"},
				{
					typ: "aws:ec2/networkAclAssociation:NetworkAclAssociation", name: "association",
					from: cameFrom("networkAclId", "acl"),
				},
			},
		},
		fail: [][]part{
			{{typ: ec2NetworkACL, name: "acl"}},
			{{typ: ec2NetworkACL, name: "acl", props: props{"subnetIds": []any{}}}},
			{
				{typ: ec2NetworkACL, name: "acl", props: props{"id": "acl-1"}},
				{
					typ: "aws:ec2/networkAclAssociation:NetworkAclAssociation", name: "association",
					props: props{"networkAclId": "acl-2"},
				},
			},
		},
	},
	"ec2-vpc-interface-endpoints": {
		pass: [][]part{
			joining("ec2", "ecr.api", "ecr.dkr", "ssm"),
			{
				{typ: vpcType, name: "network"},
				{typ: "aws:ec2/vpcEndpoint:VpcEndpoint", name: "any", from: map[string][]string{"vpcId": {"network"}, "serviceName": {"network"}}},
			},
		},
		fail: [][]part{joining(), joining("ec2", "ecr.api", "ecr.dkr"), joining("ec2", "ecr.api", "ssm", "ssmmessages")},
	},
}

// TestNetworkACLRules covers entries that are resources of their own.
func TestNetworkACLRules(t *testing.T) {
	t.Parallel()
	closed := named(t, "ec2-network-acl-remote-ports-closed")
	entry := func(change props) resource.PropertyMap {
		properties := props{"ruleAction": "allow", "protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlock": "0.0.0.0/0"}
		maps.Copy(properties, change)
		return resource.NewPropertyMapFromMap(properties)
	}
	for _, change := range []props{{}, {"egress": false}, {"fromPort": 3389, "toPort": 3389}, {"protocol": "-1"}} {
		require.Len(t, violations(closed, ec2NetworkACLRule, entry(change)), 1, "%v", change)
	}
	for _, change := range []props{{"egress": true}, {"ruleAction": "deny"}, {"cidrBlock": "10.0.0.0/8"}, {"protocol": "icmp"}} {
		require.Empty(t, violations(closed, ec2NetworkACLRule, entry(change)), "%v", change)
	}
}
