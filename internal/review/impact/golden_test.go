package impact

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/review/plan"
)

// update writes the golden files: go test ./internal/review/impact -update.
var update = flag.Bool("update", false, "write the golden files")

type inputs = map[string]any

// conditions are inputs for which the condition of a fact holds, and some for which it does not, each before and after
// the update; by table, type and the fact's number.
var conditions = map[string]struct{ holds, fails [2]inputs }{
	"database aws:rds/instance:Instance 1": {
		[2]inputs{{"multiAz": true}, {"multiAz": true}}, [2]inputs{{"multiAz": false}, {"multiAz": false}},
	},
	"database aws:rds/instance:Instance 4": {
		[2]inputs{{"backupRetentionPeriod": 0.0}, {"backupRetentionPeriod": 7.0}},
		[2]inputs{{"backupRetentionPeriod": 1.0}, {"backupRetentionPeriod": 7.0}},
	},
	"database aws:rds/instance:Instance 10": {[2]inputs{{"replicateSourceDb": "x"}, nil}, [2]inputs{{"replicateSourceDb": ""}, nil}},
	"database aws:rds/instance:Instance 11": {
		[2]inputs{{"replicateSourceDb": "x"}, {"replicateSourceDb": "x"}}, [2]inputs{{"replicateSourceDb": ""}, {"replicateSourceDb": ""}},
	},
	"cache aws:elasticache/replicationGroup:ReplicationGroup 1": {
		[2]inputs{{"automaticFailoverEnabled": true}, {"automaticFailoverEnabled": true}},
		[2]inputs{{"automaticFailoverEnabled": false}, {"automaticFailoverEnabled": false}},
	},
	"entry aws:route53/record:Record 1": {
		[2]inputs{{"multivalueAnswerRoutingPolicy": true}, nil}, [2]inputs{{"multivalueAnswerRoutingPolicy": false}, nil},
	},
	"entry aws:route53/record:Record 2": {
		[2]inputs{{"weightedRoutingPolicies": []any{inputs{"weight": 1.0}}}, nil}, [2]inputs{{"weightedRoutingPolicies": []any{}}, nil},
	},
	"network aws:ec2/route:Route 1": {[2]inputs{{"natGatewayId": "nat-1"}, nil}, [2]inputs{{"gatewayId": "igw-1"}, nil}},
	"network aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule 0": {
		[2]inputs{{"referencedSecurityGroupId": "sg-1"}, nil}, [2]inputs{{"cidrIpv4": "0.0.0.0/0"}, nil},
	},
	"irreversible aws:rds/instance:Instance 1": {
		[2]inputs{{"allocatedStorage": 20.0}, {"allocatedStorage": 40.0}}, [2]inputs{{"allocatedStorage": 40.0}, {"allocatedStorage": 20.0}},
	},
	"stores aws:rds/instance:Instance": {
		[2]inputs{{"replicateSourceDb": "x"}, {"replicateSourceDb": "x"}}, [2]inputs{{}, {}},
	},
	"stores aws:cloudwatch/logGroup:LogGroup": {
		[2]inputs{{"skipDestroy": true}, {"skipDestroy": true}}, [2]inputs{{"skipDestroy": false}, {"skipDestroy": false}},
	},
	"losses aws:cloudwatch/logGroup:LogGroup": {
		[2]inputs{{"retentionInDays": 0.0}, {"retentionInDays": 30.0}}, [2]inputs{{"retentionInDays": 30.0}, {"retentionInDays": 0.0}},
	},
	"losses aws:rds/instance:Instance": {
		[2]inputs{{"backupRetentionPeriod": 7.0}, {"backupRetentionPeriod": 3.0}},
		[2]inputs{{"backupRetentionPeriod": 3.0}, {"backupRetentionPeriod": 7.0}},
	},
	"losses aws:elasticache/replicationGroup:ReplicationGroup": {
		[2]inputs{{"snapshotRetentionLimit": 7.0}, {}}, [2]inputs{{}, {"snapshotRetentionLimit": 7.0}},
	},
	"losses aws:dynamodb/table:Table": {
		[2]inputs{{"pointInTimeRecovery": inputs{"enabled": true}}, {"pointInTimeRecovery": inputs{"enabled": false}}},
		[2]inputs{{"pointInTimeRecovery": inputs{"enabled": false}}, {"pointInTimeRecovery": inputs{"enabled": true}}},
	},
}

// TestFacts reviews, for each entry of each table, a change that the entry is about, and compares the whole outcome
// with testdata/facts.txt. An entry with a condition has a second change, for which the condition does not hold.
func TestFacts(t *testing.T) {
	t.Parallel()
	listing := &listing{t: t, used: map[string]bool{}}
	for _, table := range []struct {
		name  string
		facts map[tokens.Type][]fact
	}{
		{"database", databaseFacts},
		{"cache", cacheFacts},
		{"compute", computeFacts},
		{"entry", entryFacts},
		{"network", networkFacts},
		{"irreversible", irreversible},
	} {
		for _, token := range slices.Sorted(maps.Keys(table.facts)) {
			for i, fact := range table.facts[token] {
				listing.heading(fmt.Sprint(table.name, " ", token, " ", i), fact.Condition != nil)
				for _, op := range fact.Ops {
					listing.add(op, token, fact.Properties)
				}
			}
		}
	}
	for _, token := range slices.Sorted(maps.Keys(dataStores)) {
		listing.heading(fmt.Sprint("stores ", token), dataStores[token].Exempt != nil)
		for _, op := range []Op{Create, Update, Replace, Delete} {
			listing.add(op, token, nil)
		}
	}
	for _, token := range slices.Sorted(maps.Keys(losses)) {
		listing.heading(fmt.Sprint("losses ", token), losses[token].Condition != nil)
		listing.add(Update, token, []string{losses[token].Property})
		listing.add(Update, token, []string{"tags"})
	}
	for _, token := range quietTypes {
		listing.heading(fmt.Sprint("quiet ", token), false)
		listing.add(Update, token, nil)
		listing.add(Delete, token, nil)
	}
	for name := range conditions {
		require.Contains(t, listing.used, name, "a condition of nothing")
	}
	compare(t, "facts.txt", listing.text.String())
}

// listing is the text of testdata/facts.txt.
type listing struct {
	t          *testing.T
	text       strings.Builder
	used       map[string]bool
	variations []variation
}

// variation is what the entry's condition is tried with.
type variation struct {
	note          string
	before, after inputs
}

func (l *listing) heading(name string, conditional bool) {
	l.text.WriteString("\n" + name + "\n")
	l.variations = []variation{{}}
	if condition, known := conditions[name]; conditional {
		require.True(l.t, known, "no inputs for the condition of %s", name)
		l.used[name] = true
		l.variations = []variation{
			{" if", condition.holds[0], condition.holds[1]}, {" else", condition.fails[0], condition.fails[1]},
		}
	}
}

// add reviews the operation on the resource whole, or on each property.
func (l *listing) add(op Op, token tokens.Type, properties []string) {
	if len(properties) == 0 {
		properties = []string{map[Op]string{Update: "anything"}[op]}
	}
	for _, property := range properties {
		for _, variation := range l.variations {
			fmt.Fprintf(&l.text, "  %s %s%s\n", op, property, variation.note)
			review := New(Subject{}, plan.Plan{Steps: steps(op, token, property, variation)})
			for _, interruption := range review.Tiers[0].Interruptions {
				fmt.Fprintf(&l.text, "    %+v\n", interruption)
			}
			for _, risk := range review.Tiers[0].Risks {
				fmt.Fprintf(&l.text, "    at risk: %+v\n", risk)
			}
			for _, obstacle := range review.Rollback.Obstacles {
				fmt.Fprintf(&l.text, "    rollback: %+v\n", obstacle)
			}
		}
	}
}

// steps are those of an operation on a resource named x. Another one answers users, so that servers are not the last.
func steps(op Op, token tokens.Type, property string, variation variation) []plan.Step {
	before, after := maps.Clone(variation.before), maps.Clone(variation.after)
	if before == nil {
		before = inputs{}
	}
	if after == nil {
		after = inputs{}
	}
	if store := dataStores[token]; store.Guard != "" && op == Delete {
		before[store.Guard] = true
	}
	var reasons []string
	if property != "" {
		reasons = []string{property}
		if before[property] == nil && after[property] == nil {
			before[property], after[property] = "a", "b"
		}
	}
	urn := resource.NewURN("s", "p", "", token, "x")
	step := plan.Step{
		URN: urn, DiffReasons: reasons,
		Old: &apitype.ResourceV3{URN: urn, Type: token, Custom: true, Inputs: before},
		New: &apitype.ResourceV3{URN: urn, Type: token, Custom: true, Inputs: after},
	}
	server := resource.NewURN("s", "p", "", "aws:ec2/instance:Instance", "server")
	state := &apitype.ResourceV3{URN: server, Type: server.Type(), Custom: true}
	serving := plan.Step{Op: apitype.OpSame, URN: server, Old: state, New: state}
	step.Op = apitype.OpType(op)
	switch op {
	case Create:
		step.Old = nil
	case Delete:
		step.New = nil
	case Update, Replace:
	}
	return []plan.Step{step, serving}
}

// compare compares a text with a golden file.
func compare(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o750))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), text)
}
