package aws

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var minimalSecurityGroup = map[string]func(*testAccount) map[string]any{
	securityGroupToken: func(a *testAccount) map[string]any {
		vpc := a.create(vpcToken, map[string]any{"cidrBlock": "10.0.0.0/16"})
		other := a.securityGroup(vpc, "other")
		return map[string]any{"vpcId": vpc.id, "name": "web", "ingress": []any{map[string]any{
			"protocol": "tcp", "fromPort": 80, "toPort": 80, "securityGroups": []any{other.id},
		}}}
	},
	"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": func(a *testAccount) map[string]any {
		return map[string]any{"vpcId": a.create(vpcToken, map[string]any{"cidrBlock": "10.0.0.0/16"}).id}
	},
	ingressRuleToken: ruleInputs,
	egressRuleToken:  ruleInputs,
}

func TestSecurityGroupRejections(t *testing.T) {
	t.Parallel()
	runRejections(t, []rejection{
		{"no VPC", "VPCIdNotSpecified", securityGroupToken, but(securityGroupToken, map[string]any{"vpcId": nil})},
		{
			"default's name", "InvalidParameterValue", securityGroupToken,
			but(securityGroupToken, map[string]any{"name": "default"}),
		},
		{
			"name like an id", "InvalidParameterValue", securityGroupToken,
			but(securityGroupToken, map[string]any{"name": "sg-web"}),
		},
		{
			"too many rules", "RulesPerSecurityGroupLimitExceeded", securityGroupToken,
			but(securityGroupToken, map[string]any{"egress": slices.Repeat([]any{
				map[string]any{"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": []any{"10.0.0.0/8"}},
			}, 61)}),
		},
		{
			"rule with half a port range", "InvalidParameterValue", ingressRuleToken,
			but(ingressRuleToken, map[string]any{"toPort": nil}),
		},
		{
			"rule with an upside-down port range", "InvalidParameterValue", ingressRuleToken,
			but(ingressRuleToken, map[string]any{"fromPort": 90}),
		},
		{"rule about another VPC's group", "InvalidGroup.NotFound", ingressRuleToken, func(a *testAccount) map[string]any {
			return with(ruleInputs(a), map[string]any{
				"referencedSecurityGroupId": a.securityGroup(a.network("1").vpc, "other").id,
			})
		}},
		{"rule twice", "InvalidPermission.Duplicate", egressRuleToken, func(a *testAccount) map[string]any {
			inputs := ruleInputs(a)
			a.create(ingressRuleToken, inputs) // the other direction is another rule
			a.create(egressRuleToken, inputs)
			return inputs
		}},
	})
}

func TestDefaultSecurityGroup(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	network := account.network("0")
	id := network.vpc.text("defaultSecurityGroupId")
	adopted := account.create("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", map[string]any{"vpcId": network.vpc.id})
	require.Equal(t, id, adopted.id)

	_, group, err := account.Read(securityGroupToken, id)
	require.NoError(t, err)
	require.Empty(t, group["ingress"].ArrayValue(), "adopted without rules")

	instance := account.create(instanceToken, instanceInputs(network.subnets[0]))
	require.Equal(t, id, instance.outputs["vpcSecurityGroupIds"].ArrayValue()[0].StringValue())
	account.create(ingressRuleToken, map[string]any{
		"securityGroupId": id, "ipProtocol": "-1", "cidrIpv4": "10.0.0.0/8",
	})
	requireCode(t, "CannotDelete", account.Delete(securityGroupToken, id))

	require.NoError(t, account.Delete(adopted.token, adopted.id))
	_, group, err = account.Read(securityGroupToken, id)
	require.NoError(t, err)
	require.NotNil(t, group, "it stays as long as its VPC")
}

func ruleInputs(a *testAccount) map[string]any {
	vpc := a.create(vpcToken, map[string]any{"cidrBlock": "10.0.0.0/16"})
	return map[string]any{
		"securityGroupId":           a.securityGroup(vpc, "web").id,
		"referencedSecurityGroupId": a.securityGroup(vpc, "balancer").id,
		"ipProtocol":                "tcp", "fromPort": 80, "toPort": 80,
	}
}

func (a *testAccount) securityGroup(vpc created, name string) created {
	a.t.Helper()
	return a.create(securityGroupToken, map[string]any{"vpcId": vpc.id, "name": name, "description": "test"})
}

func TestSecurityGroupInputsRejected(t *testing.T) {
	t.Parallel()
	runInputRejections(t, []inputRejection{
		{securityGroupToken, "description", map[string]any{"description": "Pulumi's"}},
		{securityGroupToken, "name", map[string]any{"name": "web?"}},
		{securityGroupToken, "name", map[string]any{"namePrefix": "web"}},
		{securityGroupToken, "ingress[0].cidrBlocks[0]", map[string]any{"ingress": []any{map[string]any{
			"protocol": "tcp", "fromPort": 80, "toPort": 80, "cidrBlocks": []any{"10.0.0.1/8"},
		}}}},
		{ingressRuleToken, "ipProtocol", map[string]any{"ipProtocol": "http"}},
		{ingressRuleToken, "fromPort", map[string]any{"fromPort": 65536}},
		{ingressRuleToken, "cidrIpv4", map[string]any{"cidrIpv4": "10.0.0.0/8"}},
		{egressRuleToken, "description", map[string]any{"description": strings.Repeat("d", 256)}},
	})
}

func TestSecurityGroupChanges(t *testing.T) {
	t.Parallel()
	runChanges(t, []change{
		{ingressRuleToken, "ports", false, map[string]any{"fromPort": 1, "toPort": 2}},
		{securityGroupToken, "description", true, map[string]any{"description": "new"}},
		{securityGroupToken, "tags", false, map[string]any{"tags": map[string]any{"a": "b"}}},
	})
}
