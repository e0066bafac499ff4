package plan_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/review/plan"
)

func TestResourcesBeforeAndAfter(t *testing.T) {
	t.Parallel()
	state := func(id, color string) *apitype.ResourceV3 {
		return &apitype.ResourceV3{Inputs: map[string]any{"color": color}, Outputs: map[string]any{"arn": id}}
	}
	read := plan.Plan{Steps: []plan.Step{
		{Op: apitype.OpSame, URN: "same", Old: state("s", "red"), New: &apitype.ResourceV3{Inputs: map[string]any{"color": "red"}}},
		{Op: apitype.OpUpdate, URN: "update", Old: state("u", "red"), New: &apitype.ResourceV3{Inputs: map[string]any{"color": "blue"}}},
		{Op: apitype.OpCreate, URN: "create", New: &apitype.ResourceV3{Inputs: map[string]any{"color": "blue"}}},
		{Op: apitype.OpCreateReplacement, URN: "replace", Old: state("r", "red"), New: &apitype.ResourceV3{}},
		{Op: apitype.OpReplace, URN: "replace", Old: state("r", "red"), New: &apitype.ResourceV3{}},
		{Op: apitype.OpDeleteReplaced, URN: "replace", Old: state("r", "red")},
		{Op: apitype.OpDelete, URN: "delete", Old: state("d", "red")},
	}}
	require.Len(t, read.Before(), 4)
	after := read.After()
	require.Len(t, after, 4)
	require.Equal(t, map[string]any{"arn": "s"}, after[0].Outputs)
	require.Equal(t, map[string]any{"color": "blue"}, after[1].Inputs)
	require.Equal(t, map[string]any{"arn": "u"}, after[1].Outputs)
	require.Nil(t, after[3].Outputs, "the replacement's outputs are not those of what it replaces")
	require.Equal(t, map[resource.URN]apitype.OpType{
		"update": apitype.OpUpdate, "create": apitype.OpCreate, "replace": apitype.OpReplace, "delete": apitype.OpDelete,
	}, read.Marks())
}

func TestMessages(t *testing.T) {
	t.Parallel()
	read := plan.Plan{Diagnostics: []plan.Diagnostic{
		{Severity: "info", Message: "OFFLINE\n"},
		{Severity: "warning", Message: "warning: Raise the quota.\n"},
		{Severity: "error", Message: "error: Preview failed: it is protected\n"},
		{Severity: "error", Message: "error: preview failed\n"},
	}}
	require.Equal(t, []string{"it is protected"}, read.Errors())
	require.Equal(t, []string{"Raise the quota."}, read.Warnings())
}
