package aws

import (
	"fmt"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"
)

const cloudFrontOrigins = "com.amazonaws.global.cloudfront.origin-facing"

func (a *testAccount) prefixList(name string) string {
	a.t.Helper()
	answer, failures, err := a.Invoke(functions(), "aws:ec2/getManagedPrefixList:getManagedPrefixList",
		resource.NewPropertyMapFromMap(map[string]any{"name": name}))
	require.NoError(a.t, err)
	require.Empty(a.t, failures)
	require.Equal(a.t, name, answer["name"].StringValue())
	return answer["id"].StringValue()
}

// fromList returns a rule that allows a prefix list at a port.
func fromList(rule map[string]any, list string, port int) map[string]any {
	return with(rule, map[string]any{
		"referencedSecurityGroupId": nil, "prefixListId": list, "fromPort": port, "toPort": port,
	})
}

func TestManagedPrefixLists(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	id := account.prefixList(cloudFrontOrigins)
	require.Regexp(t, "^pl-[0-9a-f]{8}$", id)
	require.NotEqual(t, id, account.prefixList("com.amazonaws.eu-west-1.s3"))
	account.create(ingressRuleToken, fromList(ruleInputs(account), id, 443))

	for _, request := range []map[string]any{
		{"name": "com.amazonaws.us-east-1.s3"}, {}, {"name": cloudFrontOrigins, "tags": map[string]any{"a": "b"}},
	} {
		_, _, err := account.Invoke(functions(), "aws:ec2/getManagedPrefixList:getManagedPrefixList",
			resource.NewPropertyMapFromMap(request))
		require.Error(t, err, "%v", request)
	}
}

func TestPrefixListRejections(t *testing.T) {
	t.Parallel()
	const tooMany = "RulesPerSecurityGroupLimitExceeded"
	inline := func(list func(*testAccount) string, more int) func(*testAccount) map[string]any {
		return func(a *testAccount) map[string]any {
			vpc := a.create(vpcToken, map[string]any{"cidrBlock": "10.0.0.0/16"})
			addresses := make([]any, more)
			for i := range addresses {
				addresses[i] = fmt.Sprintf("10.0.%d.0/24", i)
			}
			return map[string]any{"vpcId": vpc.id, "name": "web", "ingress": []any{map[string]any{
				"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": addresses, "prefixListIds": []any{list(a)},
			}}}
		}
	}
	known := func(a *testAccount) string { return a.prefixList(cloudFrontOrigins) }
	missing := func(*testAccount) string { return "pl-1" }
	runRejections(t, []rejection{
		{"list that is not there", "InvalidPrefixListID.NotFound", ingressRuleToken, func(a *testAccount) map[string]any {
			return fromList(ruleInputs(a), missing(a), 443)
		}},
		{"list on two ports", tooMany, ingressRuleToken, func(a *testAccount) map[string]any {
			inputs := fromList(ruleInputs(a), known(a), 443)
			a.create(ingressRuleToken, inputs)
			return fromList(inputs, known(a), 80)
		}},
		{"list and six rules", tooMany, ingressRuleToken, func(a *testAccount) map[string]any {
			inputs := ruleInputs(a)
			a.create(ingressRuleToken, fromList(inputs, known(a), 443))
			for i := range rulesPerGroup - 55 {
				a.create(ingressRuleToken, with(inputs, map[string]any{"toPort": 100 + i}))
			}
			return inputs
		}},
		{"inline list that is not there", "InvalidPrefixListID.NotFound", securityGroupToken, inline(missing, 1)},
		{"inline list and six addresses", tooMany, securityGroupToken, inline(known, 6)},
	})
}
