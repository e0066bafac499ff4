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
		"op": "update", "urn": "urn:pulumi:s::p::aws:ec2/eip:Eip::web", "diffReasons": ["domain"],
		"oldState": {"inputs": {"domain": "standard"}, "protect": true}, "newState": {"inputs": {"domain": "vpc"}}
	}], "diagnostics": [{"message": "beware", "severity": "warning"}]}`))
	require.NoError(t, err)
	require.Len(t, read.Steps, 1)
	step := read.Steps[0]
	require.Equal(t, apitype.OpUpdate, step.Op)
	require.Equal(t, "web", step.URN.Name())
	require.Equal(t, []string{"domain"}, step.DiffReasons)
	require.True(t, step.Old.Protect)
	require.Equal(t, "vpc", step.New.Inputs["domain"])
	require.Equal(t, []plan.Diagnostic{{Severity: "warning", Message: "beware"}}, read.Diagnostics)
}

func TestReadRefusesWhatIsNoPreview(t *testing.T) {
	t.Parallel()
	_, err := plan.Read(strings.NewReader("error: no stack"))
	require.ErrorContains(t, err, "reading the preview")
}

func TestTier(t *testing.T) {
	t.Parallel()
	for urn, want := range map[resource.URN]string{
		"urn:pulumi:s::p::stagecraft:web:Web$stagecraft:role:Role$aws:iam/role:Role::web": "web",
		"urn:pulumi:s::p::stagecraft:web:Web::web":                                        "web",
		"urn:pulumi:s::p::aws:ec2/eip:Eip::web":                                           "ec2",
		"urn:pulumi:s::p::aws:vpc/securityGroupRule:SecurityGroupRule::web":               "vpc",
	} {
		require.Equal(t, want, plan.Tier(urn), urn)
	}
}
