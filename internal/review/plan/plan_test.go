package plan_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/review/plan"
)

func TestRead(t *testing.T) {
	t.Parallel()
	read, err := plan.Read(strings.NewReader(`{"steps": [{
		"op": "update", "urn": "urn:pulumi:s::p::aws:ec2/eip:Eip::web", "diffReasons": ["domain"], "replaceReasons": ["address"],
		"oldState": {"inputs": {"domain": "standard"}, "protect": true}, "newState": {"inputs": {"domain": "vpc"}}
	}], "config": {"stage": "1"}, "diagnostics": [{"urn": "urn:x", "message": "beware", "severity": "warning"}]}`))
	require.NoError(t, err)
	require.Equal(t, plan.Plan{
		Steps: []plan.Step{{
			Op: apitype.OpUpdate, URN: "urn:pulumi:s::p::aws:ec2/eip:Eip::web",
			Old:         &apitype.ResourceV3{Inputs: map[string]any{"domain": "standard"}, Protect: true},
			New:         &apitype.ResourceV3{Inputs: map[string]any{"domain": "vpc"}},
			DiffReasons: []string{"domain"}, ReplaceReasons: []string{"address"},
		}},
		Config:      map[string]string{"stage": "1"},
		Diagnostics: []plan.Diagnostic{{URN: "urn:x", Severity: "warning", Message: "beware"}},
	}, read)
}

func TestReadRejectsOtherText(t *testing.T) {
	t.Parallel()
	_, err := plan.Read(strings.NewReader("error: no stack"))
	require.ErrorContains(t, err, "reading the preview")
}

func TestTier(t *testing.T) {
	t.Parallel()
	for urn, want := range map[resource.URN]string{
		"urn:pulumi:s::p::stagecraft:web:Web$stagecraft:role:Role$aws:iam/role:Role::web":           "web",
		"urn:pulumi:s::p::stagecraft:web:Web::web":                                                  "web",
		"urn:pulumi:s::p::aws:ec2/eip:Eip::web":                                                     "ec2",
		"urn:pulumi:s::p::aws:vpc/securityGroupRule:SecurityGroupRule::web":                         "vpc",
		"urn:pulumi:s::p::stagecraft:origin:Origin$aws:secretsmanager/secret:Secret::origin":        "loadbalancer",
		"urn:pulumi:s::p::stagecraft:loadbalancer:LoadBalancer$aws:lb/loadBalancer:LoadBalancer::x": "loadbalancer",
		"urn:pulumi:s::p::odd:tier::x":                                                              "tier",
	} {
		require.Equal(t, want, plan.Tier(urn), urn)
	}
	require.Empty(t, plan.Tier("urn:pulumi:s::p::odd::x"), "a type without a module")
}
