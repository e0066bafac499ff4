// Package securitygroup creates the rules of security groups: TCP connections to one port.
package securitygroup

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Anywhere is every IPv4 address.
const Anywhere = "0.0.0.0/0"

// Rule allows TCP connections to one port. Every field is required unless a default is named; exactly one of the peers
// must be set.
type Rule struct {
	// SecurityGroupID is the security group that the rule belongs to.
	SecurityGroupID pulumi.StringInput
	// PeerID is the security group of the other end, PeerCIDR its range of addresses, and PeerPrefixListID its prefix
	// list.
	PeerID, PeerCIDR, PeerPrefixListID pulumi.StringInput
	// Port is the port that is connected to.
	Port int
	// Description is the rule's description.
	Description string
	// Tags are set on the rule.
	Tags pulumi.StringMap
}

// NewIngress creates a rule that allows the peer to connect to the members of the security group.
func NewIngress(
	ctx *pulumi.Context, name string, rule *Rule, opts ...pulumi.ResourceOption,
) (*vpc.SecurityGroupIngressRule, error) {
	return vpc.NewSecurityGroupIngressRule(ctx, name, &vpc.SecurityGroupIngressRuleArgs{
		SecurityGroupId:           rule.SecurityGroupID,
		ReferencedSecurityGroupId: rule.PeerID,
		CidrIpv4:                  rule.PeerCIDR,
		PrefixListId:              rule.PeerPrefixListID,
		IpProtocol:                pulumi.String("tcp"),
		FromPort:                  pulumi.Int(rule.Port),
		ToPort:                    pulumi.Int(rule.Port),
		Description:               pulumi.String(rule.Description),
		Tags:                      rule.Tags,
	}, opts...)
}

// NewEgress creates a rule that allows the members of the security group to connect to the peer.
func NewEgress(
	ctx *pulumi.Context, name string, rule *Rule, opts ...pulumi.ResourceOption,
) (*vpc.SecurityGroupEgressRule, error) {
	return vpc.NewSecurityGroupEgressRule(ctx, name, &vpc.SecurityGroupEgressRuleArgs{
		SecurityGroupId:           rule.SecurityGroupID,
		ReferencedSecurityGroupId: rule.PeerID,
		CidrIpv4:                  rule.PeerCIDR,
		PrefixListId:              rule.PeerPrefixListID,
		IpProtocol:                pulumi.String("tcp"),
		FromPort:                  pulumi.Int(rule.Port),
		ToPort:                    pulumi.Int(rule.Port),
		Description:               pulumi.String(rule.Description),
		Tags:                      rule.Tags,
	}, opts...)
}
