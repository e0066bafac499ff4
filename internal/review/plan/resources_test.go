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
		return &apitype.ResourceV3{ID: resource.ID(id), Inputs: map[string]any{"color": color}, Outputs: map[string]any{"arn": id}}
	}
	planned := func(color string) *apitype.ResourceV3 {
		return &apitype.ResourceV3{Inputs: map[string]any{"color": color}}
	}
	read := plan.Plan{Steps: []plan.Step{
		{Op: apitype.OpSame, URN: "same", Old: state("s", "red"), New: planned("red")},
		{Op: apitype.OpUpdate, URN: "update", Old: state("u", "red"), New: planned("blue")},
		{Op: apitype.OpCreate, URN: "create", New: planned("green")},
		{Op: apitype.OpCreateReplacement, URN: "replace", Old: state("r", "red"), New: planned("grey")},
		{Op: apitype.OpReplace, URN: "replace", Old: state("r", "red"), New: planned("grey")},
		{Op: apitype.OpDeleteReplaced, URN: "replace", Old: state("r", "red")},
		{Op: apitype.OpDelete, URN: "delete", Old: state("d", "red")},
		{Op: apitype.OpImport, URN: "import", New: planned("pink")},
		{Op: apitype.OpImportReplacement, URN: "imported", Old: state("i", "red"), New: planned("black")},
		{Op: apitype.OpRead, URN: "read", New: planned("white")},
		{Op: apitype.OpRefresh, URN: "refresh", Old: state("f", "red"), New: planned("red")},
	}}
	require.Equal(t, []apitype.ResourceV3{
		*state("s", "red"), *state("u", "red"), *state("r", "red"), *state("d", "red"), *state("i", "red"), *state("f", "red"),
	}, read.Before())
	require.Equal(t, []apitype.ResourceV3{
		*state("s", "red"), *state("u", "blue"), *planned("green"), *planned("grey"), *planned("pink"), *planned("black"),
		*planned("white"), *planned("red"),
	}, read.After(), "neither a replacement nor a new resource has outputs yet")
	require.Equal(t, map[resource.URN]apitype.OpType{
		"update": apitype.OpUpdate, "create": apitype.OpCreate, "replace": apitype.OpReplace, "delete": apitype.OpDelete,
		"import": apitype.OpImport, "imported": apitype.OpReplace,
	}, read.Marks())
}

func TestMessages(t *testing.T) {
	t.Parallel()
	read := plan.Plan{Diagnostics: []plan.Diagnostic{
		{Severity: "info", Message: "OFFLINE\n"},
		{Severity: "warning", Message: "warning: Raise the quota.\n"},
		{Severity: "error", Message: "error: Preview failed: it is protected\n"},
		{Severity: "error", Message: "error: preview failed\n"},
		{Severity: "error", Message: " error: no such zone "},
	}}
	require.Equal(t, []string{"it is protected", "no such zone"}, read.Errors())
	require.Equal(t, []string{"Raise the quota."}, read.Warnings())
}
