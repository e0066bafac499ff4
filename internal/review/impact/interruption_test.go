package impact_test

import (
	"maps"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/review/impact"
	"stagecraft/internal/review/plan"
)

func TestInterruptions(t *testing.T) {
	t.Parallel()
	classes := func(more inputs) plan.Step {
		from, to := inputs{"instanceClass": "db.t4g.small"}, inputs{"instanceClass": "db.t4g.large"}
		for key, value := range more {
			from[key], to[key] = value, value
		}
		return updates(database, "x", from, to, "instanceClass")
	}
	changed := func(token, property string, more inputs) plan.Step {
		from, to := inputs{property: "a"}, inputs{property: "b"}
		for key, value := range more {
			from[key], to[key] = value, value
		}
		return updates(token, "x", from, to, property)
	}
	gap := replaces("aws:ec2/vpc:Vpc", "x", nil, nil, "cidrBlock")
	gap[0], gap[2] = gap[2], gap[0]
	retained := deletes(table, "x", nil)
	retained.Old.RetainOnDelete = true
	tests := map[string]struct {
		steps  []plan.Step
		level  impact.Level
		reason string // a part of it; "" for nothing to say
	}{
		"a standby":                 {[]plan.Step{updates(database, "x", inputs{"multiAz": false}, inputs{"multiAz": true}, "multiAz")}, impact.None, "no downtime"},
		"a class with a standby":    {[]plan.Step{classes(inputs{"multiAz": true})}, impact.Brief, "fails over"},
		"a class without a standby": {[]plan.Step{classes(nil)}, impact.Minutes, "without a standby"},
		"an engine":                 {[]plan.Step{changed(database, "engineVersion", inputs{"multiAz": true})}, impact.Minutes, "Multi-AZ does not help"},
		"backups on":                {[]plan.Step{updates(database, "x", inputs{}, inputs{"backupRetentionPeriod": 7.0}, "backupRetentionPeriod")}, impact.Brief, "restarts"},
		"longer backups": {
			[]plan.Step{updates(database, "x", inputs{"backupRetentionPeriod": 7.0}, inputs{"backupRetentionPeriod": 9.0}, "backupRetentionPeriod")},
			impact.None, "",
		},
		"a database's port":              {[]plan.Step{changed(database, "port", nil)}, impact.Minutes, "another address"},
		"a replica gone":                 {[]plan.Step{deletes(database, "x", inputs{"replicateSourceDb": "y"})}, impact.Brief, "reader's name"},
		"a database gone":                {[]plan.Step{deletes(database, "x", nil)}, impact.Permanent, "the database is gone"},
		"a node type":                    {[]plan.Step{changed(cacheGroup, "nodeType", nil)}, impact.Brief, "switches to them"},
		"an engine of one node":          {[]plan.Step{changed(cacheGroup, "engineVersion", nil)}, impact.Minutes, "without a replica"},
		"an engine of several nodes":     {[]plan.Step{changed(cacheGroup, "engineVersion", inputs{"automaticFailoverEnabled": true})}, impact.Brief, "fails over"},
		"an instance type":               {[]plan.Step{changed(instance, "instanceType", nil)}, impact.Minutes, "stops and starts"},
		"an instance of several":         {[]plan.Step{deletes(instance, "x", nil), stays(instance, "y"), creates(instance, "z", nil)}, impact.Brief, "2 other resources answer"},
		"the last instance":              {[]plan.Step{deletes(instance, "x", nil)}, impact.Permanent, "nothing is left"},
		"an address":                     {[]plan.Step{deletes(eip, "x", nil)}, impact.Permanent, "is released"},
		"a record":                       {[]plan.Step{changed(record, "records", nil)}, impact.Brief, "old answer"},
		"a record gone":                  {[]plan.Step{deletes(record, "x", nil)}, impact.Permanent, "no longer resolves"},
		"one of several records gone":    {[]plan.Step{deletes(record, "x", inputs{"multivalueAnswerRoutingPolicy": true})}, impact.None, "other values"},
		"a way in from outside":          {[]plan.Step{deletes(ingressRule, "x", inputs{"cidrIpv4": "0.0.0.0/0"})}, impact.Permanent, "from outside"},
		"a way between tiers":            {[]plan.Step{deletes(ingressRule, "x", inputs{"referencedSecurityGroupId": "sg-1"})}, impact.None, ""},
		"a route to another NAT gateway": {[]plan.Step{changed("aws:ec2/route:Route", "natGatewayId", nil)}, impact.Brief, "does not know them"},
		"a distribution":                 {[]plan.Step{changed("aws:cloudfront/distribution:Distribution", "origins", nil)}, impact.None, "edge locations"},
		"an alarm":                       {[]plan.Step{deletes(alarm, "x", nil)}, impact.None, ""},
		"something new":                  {[]plan.Step{creates("aws:ec2/vpc:Vpc", "x", nil)}, impact.None, ""},
		"what stays on AWS":              {[]plan.Step{retained}, impact.None, ""},
		"a property without a fact":      {[]plan.Step{changed(database, "timezone", nil)}, impact.Unknown, "not in Stagecraft's table"},
		"a type without a fact":          {[]plan.Step{deletes("aws:ec2/vpc:Vpc", "x", nil)}, impact.Unknown, "not in Stagecraft's table"},
		"replaced, the new one first":    {replaces("aws:ec2/vpc:Vpc", "x", nil, nil, "cidrBlock"), impact.Unknown, "change over in between"},
		"replaced, the old one first":    {gap, impact.Minutes, "deleted before"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report := reviewed(test.steps...)
			require.Equal(t, test.level, report.Verdict.Interruption)
			if test.reason == "" {
				require.Empty(t, report.Tiers[0].Interruptions)
				return
			}
			require.Len(t, report.Tiers[0].Interruptions, 1)
			require.Contains(t, report.Tiers[0].Interruptions[0].Reason, test.reason)
		})
	}
}

func TestWhenAWSDoesIt(t *testing.T) {
	t.Parallel()
	for want, more := range map[string]inputs{
		"during the update":                              {"applyImmediately": true},
		"in the maintenance window":                      {},
		"in the maintenance window, Mon:00:00-Mon:03:00": {"maintenanceWindow": "Mon:00:00-Mon:03:00"},
	} {
		to := inputs{"multiAz": true}
		for key, value := range more {
			to[key] = value
		}
		report := reviewed(updates(database, "x", inputs{"multiAz": false}, to, "multiAz"))
		require.Equal(t, want, report.Tiers[0].Interruptions[0].When)
	}
	require.Empty(t, reviewed(deletes(eip, "x", nil)).Tiers[0].Interruptions[0].When, "there is no choice")
}

func TestWhatSeveralResourcesCause(t *testing.T) {
	t.Parallel()
	noticed := reviewed(deletes(eip, "a", nil), deletes(eip, "b", nil), deletes(instance, "c", nil)).Tiers[0].Interruptions
	require.Len(t, noticed, 2)
	require.Equal(t, []string{"a", "b"}, noticed[0].Resources)
}

// TestInterruptionsAtOtherTimesStayApart: the same fact is one line only where AWS does it at the same time.
func TestInterruptionsAtOtherTimesStayApart(t *testing.T) {
	t.Parallel()
	class := func(name string, settings inputs) plan.Step {
		from, to := inputs{"instanceClass": "a"}, inputs{"instanceClass": "b"}
		maps.Copy(to, settings)
		step := updates(database, name, from, to, "instanceClass")
		step.Old.URN, step.New.URN = step.URN, step.URN
		return step
	}
	now, window := inputs{"applyImmediately": true}, inputs{"maintenanceWindow": "Mon:00:00-Mon:03:00"}
	interruptions := reviewed(class("a", now), class("b", window), class("c", now), class("d", nil)).Tiers[0].Interruptions
	var grouped [][]string
	for _, interruption := range interruptions {
		grouped = append(grouped, append(interruption.Resources, interruption.When))
	}
	require.Equal(t, [][]string{
		{"a", "c", "during the update"}, {"b", "in the maintenance window, Mon:00:00-Mon:03:00"}, {"d", "in the maintenance window"},
	}, grouped)
}

// TestInterruptionsOfOneTypeByLevelAndReason: two facts of the same type stay apart, the worse first.
func TestInterruptionsOfOneTypeByLevelAndReason(t *testing.T) {
	t.Parallel()
	interruptions := reviewed(
		updates(database, "a", inputs{"multiAz": false, "storageType": "x"}, inputs{"multiAz": true, "storageType": "y"}, "multiAz", "storageType"),
		updates(database, "b", inputs{"port": 1.0, "dbSubnetGroupName": "x"}, inputs{"port": 2.0, "dbSubnetGroupName": "y"}, "port", "dbSubnetGroupName"),
	).Tiers[0].Interruptions
	require.Len(t, interruptions, 3)
	require.Equal(t, []impact.Level{impact.Minutes, impact.Brief, impact.None},
		[]impact.Level{interruptions[0].Level, interruptions[1].Level, interruptions[2].Level})
	require.Equal(t, []string{"b"}, interruptions[0].Resources)
	require.Equal(t, []string{"dbSubnetGroupName", "port"}, interruptions[0].Properties)
}

func TestServersThatAreReplacedServeAfterwards(t *testing.T) {
	t.Parallel()
	steps := replaces(instance, "x", inputs{"subnetId": "a"}, inputs{"subnetId": "b"}, "subnetId")
	require.Equal(t, impact.Brief, reviewed(steps...).Verdict.Interruption)
	require.Equal(t, apitype.OpDeleteReplaced, steps[2].Op)
}
