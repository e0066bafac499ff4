package impact_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/review/plan"
)

func TestGoingBack(t *testing.T) {
	t.Parallel()
	protected := creates(bucket, "x", nil)
	protected.New.Protect = true
	kept := creates(logGroup, "x", nil)
	kept.New.RetainOnDelete = true
	left := deletes(logGroup, "x", nil)
	left.Old.RetainOnDelete = true
	tests := map[string]struct {
		step   plan.Step
		reason string // a part of it; "" for nothing in the way
	}{
		"an instance":     {creates(instance, "x", nil), ""},
		"a log group":     {creates(logGroup, "x", nil), "with the data that it has by then"},
		"a kept one":      {kept, ""},
		"a protected one": {protected, "rejects going back until it is unprotected"},
		"a replica":       {creates(database, "x", inputs{"replicateSourceDb": "y"}), ""},
		"one left on AWS": {left, "stays on AWS"},
		"lost data":       {deletes(table, "x", nil), "doesn't come back: the table's items"},
		"an address":      {deletes(eip, "x", nil), "returns to AWS"},
		"an engine":       {updates(database, "x", inputs{"engineVersion": "16"}, inputs{"engineVersion": "17"}, "engineVersion"), "downgraded"},
		"more storage":    {updates(database, "x", inputs{"allocatedStorage": 20.0}, inputs{"allocatedStorage": 40.0}, "allocatedStorage"), "cannot shrink"},
		"a standby":       {updates(database, "x", inputs{"multiAz": false}, inputs{"multiAz": true}, "multiAz"), ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			back := reviewed(test.step).Rollback
			require.Equal(t, []string{"pulumi config set stage 1"}, back.Commands)
			if test.reason == "" {
				require.Empty(t, back.Obstacles)
				return
			}
			require.Len(t, back.Obstacles, 1)
			require.Contains(t, back.Obstacles[0].Reason, test.reason)
			require.Equal(t, test.step.New != nil && test.step.New.Protect, back.Obstacles[0].Refused)
		})
	}
}
