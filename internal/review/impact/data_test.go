package impact_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/review/plan"
)

func TestDataAtRisk(t *testing.T) {
	t.Parallel()
	protected := deletes(database, "x", inputs{"deletionProtection": true})
	protected.Old.Protect = true
	retained := deletes(table, "x", nil)
	retained.Old.RetainOnDelete = true
	replacedRetained := replaces(table, "x", inputs{"hashKey": "a"}, inputs{"hashKey": "b"}, "hashKey")
	for _, step := range replacedRetained {
		step.Old.RetainOnDelete = true
	}
	recovery := func(enabled bool) inputs { return inputs{"pointInTimeRecovery": inputs{"enabled": enabled}} }
	days := func(property string, count float64) inputs { return inputs{property: count} }
	tests := map[string]struct {
		steps []plan.Step
		want  string // what is lost; "" for nothing
	}{
		"a database":              {[]plan.Step{deletes(database, "x", nil)}, "the database"},
		"a protected database":    {[]plan.Step{protected}, "the database"},
		"a replica":               {[]plan.Step{deletes(database, "x", inputs{"replicateSourceDb": "y"})}, ""},
		"a bucket":                {[]plan.Step{deletes(bucket, "x", nil)}, "the bucket's objects"},
		"a table":                 {[]plan.Step{deletes(table, "x", nil)}, "the table's items"},
		"a table that is kept":    {[]plan.Step{retained}, ""},
		"a replaced table":        {replaces(table, "x", inputs{"hashKey": "a"}, inputs{"hashKey": "b"}, "hashKey"), "the table's items"},
		"a replaced table's kept": {replacedRetained, ""},
		"a log group":             {[]plan.Step{deletes(logGroup, "x", nil)}, "the logs"},
		"a log group that AWS keeps": {
			[]plan.Step{deletes(logGroup, "x", inputs{"skipDestroy": true})}, "",
		},
		"a key":        {[]plan.Step{deletes("aws:kms/key:Key", "x", nil)}, "the key: nobody can read what it encrypted any more"},
		"a secret":     {[]plan.Step{deletes("aws:secretsmanager/secret:Secret", "x", nil)}, "the secret"},
		"a volume":     {[]plan.Step{deletes("aws:ebs/volume:Volume", "x", nil)}, "the volume"},
		"a cache":      {[]plan.Step{deletes(cacheGroup, "x", nil)}, "the cache's contents, and its automatic snapshots"},
		"images":       {[]plan.Step{deletes("aws:ecr/repository:Repository", "x", nil)}, "the images"},
		"an instance":  {[]plan.Step{deletes(instance, "x", nil)}, ""},
		"a new table":  {[]plan.Step{creates(table, "x", nil)}, ""},
		"more storage": {[]plan.Step{updates(database, "x", days("allocatedStorage", 20), days("allocatedStorage", 40), "allocatedStorage")}, ""},
		"shorter retention": {
			[]plan.Step{updates(logGroup, "x", days("retentionInDays", 90), days("retentionInDays", 30), "retentionInDays")},
			"logs older than the new retention",
		},
		"retention where there was none": {
			[]plan.Step{updates(logGroup, "x", inputs{}, days("retentionInDays", 30), "retentionInDays")},
			"logs older than the new retention",
		},
		"longer retention": {
			[]plan.Step{updates(logGroup, "x", days("retentionInDays", 30), days("retentionInDays", 90), "retentionInDays")}, "",
		},
		"retention for ever": {
			[]plan.Step{updates(logGroup, "x", days("retentionInDays", 30), days("retentionInDays", 0), "retentionInDays")}, "",
		},
		"fewer backups": {
			[]plan.Step{updates(database, "x", days("backupRetentionPeriod", 7), days("backupRetentionPeriod", 1), "backupRetentionPeriod")},
			"automated backups older than the new period; all of them if it is zero",
		},
		"fewer snapshots": {
			[]plan.Step{updates(cacheGroup, "x", days("snapshotRetentionLimit", 7), inputs{}, "snapshotRetentionLimit")},
			"automatic snapshots older than the new limit",
		},
		"no recovery": {
			[]plan.Step{updates(table, "x", recovery(true), recovery(false), "pointInTimeRecovery.enabled")},
			"the backups that restore the table to any second of the last 35 days",
		},
		"recovery": {[]plan.Step{updates(table, "x", recovery(false), recovery(true), "pointInTimeRecovery.enabled")}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report := reviewed(test.steps...)
			require.Equal(t, test.want != "", report.Verdict.DataAtRisk)
			if test.want == "" {
				require.Empty(t, report.Tiers[0].Risks)
				return
			}
			require.Len(t, report.Tiers[0].Risks, 1)
			require.Equal(t, test.want, report.Tiers[0].Risks[0].What)
			require.NotEmpty(t, report.Tiers[0].Risks[0].Source)
		})
	}
}

func TestWhatToDoFirst(t *testing.T) {
	t.Parallel()
	guarded := deletes(database, "x", inputs{"deletionProtection": true})
	guarded.Old.Protect = true
	risks := reviewed(guarded, deletes(bucket, "x", nil)).Tiers[0].Risks
	require.Equal(t, "keep a copy of what is needed, and turn off deletionProtection, which makes AWS reject the deletion", risks[0].First)
	require.True(t, risks[0].Protected)
	require.Equal(t, "pulumi state unprotect '"+string(urn(database, "x"))+"'", risks[0].Command)
	require.Equal(t, "keep a copy of what is needed", risks[1].First)
	require.False(t, risks[1].Protected)
	require.Empty(t, risks[1].Command)
}
