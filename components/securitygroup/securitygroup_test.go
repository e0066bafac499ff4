package securitygroup_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/securitygroup"
	"stagecraft/internal/pulumitest"
)

func TestRules(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		peer  securitygroup.Rule
		input string
		value string
	}{
		"a group":       {securitygroup.Rule{PeerID: pulumi.String("sg-peer")}, "referencedSecurityGroupId", "sg-peer"},
		"anywhere":      {securitygroup.Rule{PeerCIDR: pulumi.String(securitygroup.Anywhere)}, "cidrIpv4", "0.0.0.0/0"},
		"a prefix list": {securitygroup.Rule{PeerPrefixListID: pulumi.String("pl-1")}, "prefixListId", "pl-1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rule := test.peer
			rule.SecurityGroupID, rule.Port, rule.Description = pulumi.String("sg-own"), 443, "HTTPS"
			rule.Tags = pulumi.StringMap{"tier": pulumi.String("web")}
			resources, err := pulumitest.Run(func(ctx *pulumi.Context) error {
				if _, err := securitygroup.NewIngress(ctx, "in", &rule, pulumi.Protect(true)); err != nil {
					return err
				}
				_, err := securitygroup.NewEgress(ctx, "out", &rule, pulumi.Protect(true))
				return err
			}, nil, nil)
			require.NoError(t, err)
			want := map[string]any{
				"securityGroupId": "sg-own", test.input: test.value, "ipProtocol": "tcp", "fromPort": 443.0, "toPort": 443.0,
				"description": "HTTPS", "tags": map[string]any{"tier": "web"},
			}
			in := resources.Named(t, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "in")
			out := resources.Named(t, "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "out")
			require.Equal(t, []map[string]any{want, want}, []map[string]any{in.Inputs, out.Inputs})
			require.True(t, in.Protect && out.Protect, "the options reach the rules")
		})
	}
}
