package impact_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/review/impact"
	"stagecraft/internal/review/plan"
)

type inputs = map[string]any

const (
	alarm       = "aws:cloudwatch/metricAlarm:MetricAlarm"
	bucket      = "aws:s3/bucketV2:BucketV2"
	cacheGroup  = "aws:elasticache/replicationGroup:ReplicationGroup"
	database    = "aws:rds/instance:Instance"
	eip         = "aws:ec2/eip:Eip"
	instance    = "aws:ec2/instance:Instance"
	logGroup    = "aws:cloudwatch/logGroup:LogGroup"
	record      = "aws:route53/record:Record"
	table       = "aws:dynamodb/table:Table"
	ingressRule = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
)

// urn is that of a resource in the tier web.
func urn(token, name string) resource.URN {
	return resource.URN("urn:pulumi:stage1::stagecraft::stagecraft:web:Web$" + token + "::" + name)
}

func state(token, name string, of inputs) *apitype.ResourceV3 {
	return &apitype.ResourceV3{URN: urn(token, name), Type: urn(token, name).Type(), Custom: true, Inputs: of}
}

func creates(token, name string, of inputs) plan.Step {
	return plan.Step{Op: apitype.OpCreate, URN: urn(token, name), New: state(token, name, of)}
}

func deletes(token, name string, of inputs) plan.Step {
	return plan.Step{Op: apitype.OpDelete, URN: urn(token, name), Old: state(token, name, of)}
}

func stays(token, name string) plan.Step {
	return plan.Step{Op: apitype.OpSame, URN: urn(token, name), Old: state(token, name, nil), New: state(token, name, nil)}
}

func updates(token, name string, from, to inputs, reasons ...string) plan.Step {
	return plan.Step{
		Op: apitype.OpUpdate, URN: urn(token, name), Old: state(token, name, from), New: state(token, name, to), DiffReasons: reasons,
	}
}

// replaces are the steps of a replacement, the old resource deleted last.
func replaces(token, name string, from, to inputs, reason string) []plan.Step {
	replaced := updates(token, name, from, to, reason)
	replaced.ReplaceReasons = []string{reason}
	steps := []plan.Step{replaced, replaced, replaced}
	steps[0].Op, steps[1].Op, steps[2].Op = apitype.OpCreateReplacement, apitype.OpReplace, apitype.OpDeleteReplaced
	steps[2].New = nil
	return steps
}

func reviewed(steps ...plan.Step) impact.Report {
	return impact.New(impact.Subject{Back: []string{"pulumi config set stage 1"}}, plan.Plan{Steps: steps})
}

func TestCounts(t *testing.T) {
	t.Parallel()
	component := stays("stagecraft:web:Web", "web")
	component.Old.Custom = false
	steps := append(
		replaces(instance, "replaced", inputs{"subnetId": "a"}, inputs{"subnetId": "b"}, "subnetId"),
		component,
		stays("pulumi:providers:aws", "default"),
		stays(instance, "same"),
		creates(instance, "new", nil),
		creates(alarm, "new", nil),
		deletes(alarm, "old", nil),
		updates(logGroup, "retagged", inputs{"tags": inputs{"a": "1"}}, inputs{"tags": inputs{"a": "2"}}, "tags.a", "tagsAll.a"),
		updates(logGroup, "longer", inputs{"retentionInDays": 30.0}, inputs{"retentionInDays": 90.0}, "retentionInDays"),
	)
	report := reviewed(steps...)
	require.Equal(t, impact.Counts{Create: 2, Update: 2, Replace: 1, Delete: 1, Same: 1}, report.Counts)
	require.Len(t, report.Tiers, 1)
	tier := report.Tiers[0]
	require.Equal(t, "web", tier.Name)
	require.Equal(t, impact.Counts{Create: 1, Delete: 1}, tier.Alarms)
	require.Equal(t, 1, tier.TagsOnly)
	var listed []string
	for _, change := range tier.Changes {
		listed = append(listed, string(change.Op)+" "+change.Name)
	}
	require.Equal(t, []string{"update longer", "create new", "replace replaced"}, listed)
	require.Equal(t, []impact.Property{{Path: "subnetId", Old: "a", New: "b", Replaces: true}}, tier.Changes[2].Properties)
}

func TestAPlanThatChangesNothing(t *testing.T) {
	t.Parallel()
	report := reviewed(stays(instance, "web"))
	require.Equal(t, impact.Counts{Same: 1}, report.Counts)
	require.Equal(t, impact.Verdict{}, report.Verdict)
	require.Empty(t, report.Tiers)
	require.Empty(t, report.Rollback.Obstacles)
}

func TestProperties(t *testing.T) {
	t.Parallel()
	long := "0123456789012345678901234567890123456789012345678"
	tests := map[string]struct {
		from, to inputs
		reasons  []string
		want     []impact.Property
	}{
		"a number": {
			inputs{"a": 1.0}, inputs{"a": 2.5}, []string{"a"}, []impact.Property{{Path: "a", Old: "1", New: "2.5"}},
		},
		"what was not there": {
			inputs{}, inputs{"a": true}, []string{"a"}, []impact.Property{{Path: "a", Old: "none", New: "true"}},
		},
		"an empty text": {
			inputs{"a": ""}, inputs{"a": "x"}, []string{"a"}, []impact.Property{{Path: "a", Old: "empty", New: "x"}},
		},
		"a long text": {
			inputs{"a": long},
			inputs{"a": "x\ny"},
			[]string{"a"},
			[]impact.Property{{Path: "a", Old: "a text of 49 bytes", New: "a text of 3 bytes"}},
		},
		"a document that becomes known later": {
			inputs{"a": `{"b": 1}`},
			inputs{"a": "04da6b54-80e4-46f7-96ec-b56ff0331ba9"},
			[]string{"a"},
			[]impact.Property{{Path: "a", Old: "a document of 8 bytes", New: "known after the update"}},
		},
		"a secret": {
			inputs{"a": inputs{"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1"}},
			inputs{"a": "[secret]"},
			[]string{"a"},
			[]impact.Property{{Path: "a", Old: "secret", New: "secret"}},
		},
		"a file": {
			inputs{"a": inputs{"4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", "hash": "0123456789"}},
			inputs{"a": inputs{"4dabf18193072939515e22adb298388d": "0def7320c3a5731c473e5ecbe6d01bc7", "hash": ""}},
			[]string{"a"},
			[]impact.Property{{Path: "a", Old: "file 01234567", New: "file "}},
		},
		"entries of a list": {
			inputs{"a": inputs{"b": []any{"x"}}},
			inputs{"a": inputs{"b": []any{"x", "y"}}},
			[]string{"a.b[1]", "a.b[0]"},
			[]impact.Property{{Path: "a.b", Old: "1 entry", New: "2 entries"}},
		},
		"an object": {
			inputs{"a": inputs{"b": 1.0}},
			inputs{"a": inputs{"b": 1.0, "c": 2.0}},
			[]string{"a"},
			[]impact.Property{{Path: "a", Old: "1 property", New: "2 properties"}},
		},
		"the provider's own": {
			inputs{"a": 1.0},
			inputs{"a": 2.0},
			[]string{"__defaults", "tags", "tagsAll[\"a.b\"]", "a"},
			[]impact.Property{{Path: "a", Old: "1", New: "2"}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report := reviewed(updates(logGroup, "x", test.from, test.to, test.reasons...))
			require.Equal(t, test.want, report.Tiers[0].Changes[0].Properties)
		})
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	report := impact.New(impact.Subject{Back: []string{"pulumi up"}}, plan.Plan{Diagnostics: []plan.Diagnostic{
		{Severity: "warning", Message: "warning: the quota\n"},
		{Severity: "error", Message: "error: b"},
		{Severity: "error", Message: "error: a"},
		{Severity: "error", Message: "error: preview failed"},
	}})
	require.Equal(t, impact.Verdict{Refused: true, Incomplete: true, Interruption: impact.Unknown}, report.Verdict)
	require.Equal(t, impact.Rollback{Commands: []string{}, Obstacles: []impact.Obstacle{}}, report.Rollback, "nothing starts")
	require.Equal(t, []string{"a", "b"}, report.Refusals)
	require.Equal(t, []string{"the quota"}, report.Warnings)
}

func TestAProtectedResourceDoesNotStopThePreview(t *testing.T) {
	t.Parallel()
	report := impact.New(impact.Subject{Back: []string{"pulumi up"}}, plan.Plan{Diagnostics: []plan.Diagnostic{
		{Severity: "error", Message: "error: Preview failed: resource \"x\" cannot be deleted\nbecause it is protected. To unprotect"},
	}})
	require.Equal(t, impact.Verdict{Refused: true}, report.Verdict)
	require.Equal(t, []string{"pulumi up"}, report.Rollback.Commands)
}

func TestWorseTiersComeFirst(t *testing.T) {
	t.Parallel()
	in := func(tier string, step plan.Step) plan.Step {
		step.URN = resource.URN("urn:pulumi:stage1::stagecraft::stagecraft:" + tier + ":T$" + string(step.URN.Type()) + "::x")
		return step
	}
	report := reviewed(
		in("calm", creates(instance, "x", nil)), in("closed", deletes(eip, "x", nil)),
		in("lossy", deletes(logGroup, "x", nil)), in("also", creates(instance, "x", nil)),
	)
	var names []string
	for _, tier := range report.Tiers {
		names = append(names, tier.Name)
	}
	require.Equal(t, []string{"lossy", "closed", "also", "calm"}, names)
	require.Equal(t, impact.Permanent, report.Verdict.Interruption)
	require.True(t, report.Verdict.DataAtRisk)
}
