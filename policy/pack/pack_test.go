package pack

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"
	"github.com/stretchr/testify/require"

	"stagecraft/policy/rule"
)

const (
	database = "aws:rds/instance:Instance"
	balancer = "aws:lb/loadBalancer:LoadBalancer"
	topic    = "aws:sns/topic:Topic"
	queue    = "aws:sqs/queue:Queue"
)

func refuse(r *rule.Resource) { r.Report("it is refused") }

var testRules = []rule.Rule{
	{
		Name: "rds-encrypted", Description: "Databases are encrypted", Severity: rule.High, Theme: rule.Encryption,
		References: []string{"FSBP RDS.3"}, Fix: "Encrypt it.", Level: policyx.EnforcementLevelMandatory,
		Types: []string{database}, Resource: rule.True("storageEncrypted"),
	},
	{
		Name: "rds-backups", Description: "Databases are backed up", Severity: rule.Medium, Theme: rule.Backup,
		References: []string{"CIS 3.0.0 2.3.9", "WAF REL09-BP03"}, Fix: "Keep backups.",
		Numbers: map[string]rule.Number{"days": {Description: "Days", Default: 7, Least: 1, Most: 35}},
		Types:   []string{database}, Resource: rule.AtLeast("backupRetentionPeriod", "days", 0),
	},
	{
		Name: "lb-grown", Description: "Load balancers are grown up", Severity: rule.Low, Theme: rule.Reliability, FromStage: 3,
		Fix: "Grow it.", Types: []string{balancer}, Resource: refuse,
	},
	{
		Name: "sqs-broken", Description: "The rule itself fails", Severity: rule.Low, Theme: rule.Cost, Fix: "Mend it.",
		Types: []string{queue}, Resource: func(*rule.Resource) { panic("of its own") },
	},
	{
		Name: "sqs-whole", Description: "Another rule judges", Severity: rule.Low, Theme: rule.Cost, Fix: "Mend it.",
		Types: []string{queue}, Resource: refuse,
	},
	{
		Name: "sns-owned", Description: "Topics have an owner", Severity: rule.Low, Theme: rule.Cost, Fix: "Name the owner.",
		Level: policyx.EnforcementLevelMandatory, Types: []string{topic}, Resource: rule.Set("tags.owner"),
		Remediation: func(r *rule.Resource) bool {
			if r.Name == "broken" {
				panic("of its own")
			}
			if owner := r.Get("tags.owner"); owner.Unknown() || !owner.Absent() {
				return false
			}
			r.Put("tags.owner", property.New("platform"))
			return true
		},
	},
	{
		Name: "stack-broken", Description: "The rule itself fails", Severity: rule.Low, Theme: rule.DayOne, Fix: "Mend it.",
		Stack: func(*rule.Stack) { panic("of its own") },
	},
	{
		Name: "stack-topics", Description: "There are topics", Severity: rule.High, Theme: rule.DayOne, Fix: "Make one.",
		Level:   policyx.EnforcementLevelMandatory,
		Numbers: map[string]rule.Number{"least": {Default: 1, Least: 0, Most: 9}},
		Stack: func(s *rule.Stack) {
			least := s.Resources[0].Number("least")
			if found := len(s.Of(topic)); float64(found) < least {
				s.Report(fmt.Sprintf("%d of %v topics at stage %d", found, least, s.Stage))
			}
		},
	},
}

func TestListing(t *testing.T) {
	t.Parallel()
	info := start(t, nil, nil).info()
	require.Equal(t, "stagecraft", info.Name)
	require.True(t, info.SupportsConfig)
	listed := map[string]apitype.EnforcementLevel{}
	for _, policy := range info.Policies {
		listed[policy.Name] = policy.EnforcementLevel
		require.NotEmpty(t, policy.Description, policy.Name)
	}
	require.Equal(t, map[string]apitype.EnforcementLevel{
		"settings": apitype.Mandatory, "rds-encrypted": apitype.Mandatory, "rds-backups": apitype.Advisory,
		"lb-grown": apitype.Advisory, "sqs-broken": apitype.Advisory, "sqs-whole": apitype.Advisory,
		"sns-owned": apitype.Mandatory, "fix-sns-owned": apitype.Remediate, "stack-broken": apitype.Advisory,
		"stack-topics": apitype.Mandatory,
	}, listed)
	backups := info.Policies[slices.IndexFunc(info.Policies, func(p plugin.AnalyzerPolicyInfo) bool { return p.Name == "rds-backups" })]
	require.Equal(t, plugin.JSONSchema{
		"type": "number", "description": "Days", "default": 7.0, "minimum": 1.0, "maximum": 35.0,
	}, backups.ConfigSchema.Properties["days"])
}

func TestResourcesAreJudged(t *testing.T) {
	t.Parallel()
	both := []string{"rds-backups advisory", "rds-encrypted mandatory"}
	for name, of := range map[string]struct {
		stack map[string]string
		given map[string]props
		judge plugin.AnalyzerResource
		want  []string
	}{
		"by their levels": {judge: made(database, "db", nil), want: both},
		"if they are right": {
			judge: made(database, "db", props{"storageEncrypted": true, "backupRetentionPeriod": 7}), want: nil,
		},
		"of other types not": {judge: made("aws:rds/cluster:Cluster", "db", nil), want: nil},
		"by other levels": {
			given: map[string]props{
				"rds-backups": {"enforcementLevel": "mandatory"}, "rds-encrypted": {"enforcementLevel": "disabled"},
			},
			judge: made(database, "db", nil), want: []string{"rds-backups mandatory"},
		},
		"by a number": {
			given: map[string]props{"rds-backups": {"days": 14.0}},
			judge: made(database, "db", props{"storageEncrypted": true, "backupRetentionPeriod": 7}),
			want:  []string{"rds-backups advisory"},
		},
		"by severity": {
			given: map[string]props{"settings": {"severity": "high"}},
			judge: made(database, "db", nil), want: []string{"rds-encrypted mandatory"},
		},
		"by theme": {
			given: map[string]props{"settings": {"themes": []any{"backup", "cost"}}},
			judge: made(database, "db", nil), want: []string{"rds-backups advisory"},
		},
		"by framework": {
			given: map[string]props{"settings": {"frameworks": []any{"WAF"}}},
			judge: made(database, "db", nil), want: []string{"rds-backups advisory"},
		},
		"by nothing that is selected": {
			given: map[string]props{"settings": {"frameworks": []any{"FSBP"}, "severity": "critical"}},
			judge: made(database, "db", nil), want: nil,
		},
		"by settings whose level is disabled": {
			given: map[string]props{"settings": {"enforcementLevel": "disabled", "severity": "critical"}},
			judge: made(database, "db", nil), want: nil,
		},
		"without a stage":  {judge: made(balancer, "web", nil), want: nil},
		"before the stage": {stack: map[string]string{"project:stage": "2"}, judge: made(balancer, "web", nil), want: nil},
		"at the stage": {
			stack: map[string]string{"project:stage": "3"}, judge: made(balancer, "web", nil), want: []string{"lb-grown advisory"},
		},
		"by their alias": {
			stack: map[string]string{"project:stage": "3"}, judge: made("aws:alb/loadBalancer:LoadBalancer", "web", nil),
			want: []string{"lb-grown advisory"},
		},
		"at the stage of the settings": {
			given: map[string]props{"settings": {"stage": 4}}, judge: made(balancer, "web", nil), want: []string{"lb-grown advisory"},
		},
		"at their own stage, not that of the settings": {
			stack: map[string]string{"project:stage": "2"}, given: map[string]props{"settings": {"stage": 4}},
			judge: made(balancer, "web", nil), want: nil,
		},
		"at the stage of the settings, where their own is another matter": {
			stack: map[string]string{"project:stage": "production"}, given: map[string]props{"settings": {"stage": 4}},
			judge: made(balancer, "web", nil), want: []string{"lb-grown advisory"},
		},
		"without a stage that there is not": {
			stack: map[string]string{"project:stage": "2027"}, judge: made(balancer, "web", nil), want: nil,
		},
		"by rules beside one that fails": {
			judge: made(queue, "jobs", nil), want: []string{"sqs-broken advisory", "sqs-whole advisory"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			served := start(t, of.stack, of.given)
			require.Equal(t, of.want, served.judged(of.judge))
			require.Equal(t, of.want, served.judged(of.judge), "again")
		})
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	served := start(t, nil, nil)
	found, err := served.judge(made(database, "db", props{"backupRetentionPeriod": 7, "storageEncrypted": resource.MakeSecret(resource.NewProperty(false))}))
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Equal(t, "Databases are encrypted\n"+
		`aws:rds/instance:Instance "db": storageEncrypted is a secret: it must be true. Encrypt it.`, found[0].Message)
	require.Equal(t, made(database, "db", nil).URN, found[0].URN)

	found, err = served.judge(made(queue, "jobs", nil))
	require.NoError(t, err)
	require.Len(t, found, 2)
	require.Contains(t, found[0].Message, "the rule sqs-broken itself failed, and judged nothing here: of its own")
}

func TestStacksAreJudged(t *testing.T) {
	t.Parallel()
	one := made(database, "db", nil)
	found := start(t, map[string]string{"project:stage": "2"}, nil).judgedStack(one)
	require.Equal(t, []string{"stack-broken advisory", "stack-topics mandatory"}, levels(found))
	require.Contains(t, found[0].Message, "the rule stack-broken itself failed")
	require.Equal(t, "There are topics\n0 of 1 topics at stage 2. Make one.", found[1].Message)

	found = start(t, nil, nil).judgedStack(one, made(topic, "alarms", nil))
	require.Equal(t, []string{"stack-broken advisory"}, levels(found))

	found = start(t, nil, map[string]props{
		"stack-topics": {"least": 2.0, "enforcementLevel": "advisory"}, "stack-broken": {"enforcementLevel": "disabled"},
	}).judgedStack(one, made(topic, "alarms", nil))
	require.Equal(t, []string{"stack-topics advisory"}, levels(found))
	require.Contains(t, found[0].Message, "1 of 2 topics")

	found = start(t, nil, map[string]props{"settings": {"themes": []any{"cost"}}}).judgedStack(one)
	require.Empty(t, found)
}

func exempting(name, urn, expires string) map[string]props {
	return map[string]props{"settings": {"exemptions": []any{
		props{"rule": name, "urn": urn, "reason": "it moves soon", "expires": expires},
	}}}
}

const future, past = "2999-12-31", "2020-02-29"

func TestExemptions(t *testing.T) {
	t.Parallel()
	of := made(database, "db", nil)
	backups, both := []string{"rds-backups advisory"}, []string{"rds-backups advisory", "rds-encrypted mandatory"}
	for urn, want := range map[string][]string{
		string(of.URN): backups, "*": backups, "*::db": backups, "urn:pulumi:test::*": backups, "*aws:rds/*::d*b": backups,
		"db": both, "*::d": both, "*::d?": both, "*::d[b]": both, "*.db": both, `*::\`: both,
	} {
		require.Equal(t, want, start(t, nil, exempting("rds-encrypted", urn, future)).judged(of), urn)
	}
	inBrackets := made(database, `db["a"](1)[0]`, nil)
	served := start(t, nil, exempting("rds-encrypted", `*::db["a"](1)[*]`, future))
	require.Equal(t, backups, served.judged(inBrackets))

	found := start(t, nil, exempting("stack-topics", "*", future)).judgedStack(of)
	require.Equal(t, []string{"stack-broken advisory"}, levels(found))
}

func TestExpiredExemptions(t *testing.T) {
	t.Parallel()
	served := start(t, nil, exempting("rds-encrypted", "*", past))
	of := made(database, "db", nil)
	found, err := served.judge(of)
	require.NoError(t, err)
	require.Equal(t, []string{"rds-backups advisory", "rds-encrypted mandatory", "settings mandatory"}, levels(found))
	require.Contains(t, found[0].Message,
		"the exemption of * from rds-encrypted has expired on 2020-02-29 (it moves soon): remove it, or set another date")
	require.Equal(t, []string{"rds-backups advisory", "rds-encrypted mandatory"}, served.judged(of), "it is said once")
}

func TestExemptionsEndWithTheirLastDay(t *testing.T) {
	t.Parallel()
	read, err := (&judge{rules: testRules}).readSettings(exempting("rds-encrypted", "*", "2027-01-31")["settings"])
	require.NoError(t, err)
	for now, over := range map[string]bool{
		"2027-01-31T00:00:00Z": false, "2027-01-31T23:59:59Z": false, "2027-02-01T00:00:00Z": true, "2027-02-01T00:30:00+01:00": false,
	} {
		at, err := time.Parse(time.RFC3339, now)
		require.NoError(t, err)
		require.Equal(t, over, read.Exemptions[0].over(at), now)
	}
}

func TestConfigurationIsRefused(t *testing.T) {
	t.Parallel()
	for want, given := range map[string]map[string]props{
		`exemptions[0].rule is "rds-encrypt", which is no rule: did you mean "rds-encrypted"?`: exempting("rds-encrypt", "*", future),
		`exemptions[0].rule is "settings", which is no rule`:                                   exempting("settings", "*", future),
		`exemptions[0].expires is "soon": it must be a date such as 2027-01-31`:                exempting("rds-encrypted", "*", "soon"),
		`exemptions[0].expires is "2027-02-30"`:                                                exempting("rds-encrypted", "*", "2027-02-30"),
		`settings: there is no key "exemption": did you mean "exemptions"?`:                    {"settings": {"exemption": []any{}}},
		`settings: there is no key "Stage": did you mean "stage"?`:                             {"settings": {"Stage": 3.0}},
		`frameworks[0] is "FSPB", to which no rule refers: did you mean "FSBP"?`:               {"settings": {"frameworks": []any{"FSPB"}}},
		`frameworks[1] is "FSBP EC2", to which no rule refers`:                                 {"settings": {"frameworks": []any{"CIS", "FSBP EC2"}}},
		`rds-backups: there is no key "day": did you mean "days"?`:                             {"rds-backups": {"day": 14.0}},
		`rds-encrypted: there is no key "level": did you mean "enforcementLevel"?`:             {"rds-encrypted": {"level": "mandatory"}},
		`stack-topics: there is no key "most": did you mean "least"?`:                          {"stack-topics": {"most": 14.0}},
		`fix-sns-owned: there is no key "enable": did you mean "enabled"?`:                     {"fix-sns-owned": {"enable": true}},
	} {
		// Whatever comes first, of whatever type, but for remediations, which are asked for their types alone.
		_, err := start(t, nil, given).judge(made(topic, "first", nil))
		require.ErrorContains(t, err, want)
	}
}

func TestUnknownRulesAreRefused(t *testing.T) {
	t.Parallel()
	require.NoError(t, serve(t, nil).configure(map[string]props{"all": nil, "settings": nil, "rds-encrypted": nil, "fix-sns-owned": nil}))
	for name, nearest := range map[string]string{
		"rds-encripted": "rds-encrypted", "fix-sns-owner": "fix-sns-owned", "setting": "settings", "All": "all",
	} {
		err := serve(t, nil).configure(map[string]props{name: nil})
		require.ErrorContains(t, err, fmt.Sprintf("there is no rule %q: did you mean %q?", name, nearest))
	}
	err := serve(t, nil).configure(map[string]props{"sns": nil, "sqs": nil})
	require.ErrorContains(t, err, `"sns"`)
	require.ErrorContains(t, err, `"sqs"`)
}

// Where "all" disables the settings, too, wrong ones are refused, and an exemption that has expired warns.
func TestSettingsThatAreDisabled(t *testing.T) {
	t.Parallel()
	disabled := func(of map[string]props) map[string]props {
		of["settings"]["enforcementLevel"] = "disabled"
		return of
	}
	_, err := start(t, nil, disabled(map[string]props{"settings": {"Stage": 3.0}})).judge(made(topic, "first", nil))
	require.ErrorContains(t, err, `settings: there is no key "Stage": did you mean "stage"?`)
	served := start(t, nil, disabled(exempting("rds-encrypted", "*", past)))
	require.Contains(t, served.judged(made(database, "db", nil)), "settings advisory")
}

func TestRemediations(t *testing.T) {
	t.Parallel()
	enabled := map[string]props{"fix-sns-owned": {"enabled": true}}
	refused := []string{"sns-owned mandatory"}
	owned := props{"tags": props{"owner": "someone"}}
	require.Equal(t, refused, start(t, nil, nil).judged(made(topic, "alarms", nil)), "it is off by default")

	served := start(t, nil, enabled)
	require.Empty(t, served.judged(made(topic, "alarms", nil)))
	require.Empty(t, served.judged(made(topic, "alarms", owned)))
	require.Equal(t, refused, served.judged(made(topic, "broken", nil)), "the rule behind it judges")
	remedied, err := served.analyzer.Remediate(t.Context(), made(topic, "alarms", props{"name": "a", "tags": props{"a": "b"}}))
	require.NoError(t, err)
	require.Len(t, remedied.Remediations, 1)
	require.Equal(t, "fix-sns-owned", remedied.Remediations[0].PolicyName)
	require.Equal(t, resource.NewPropertyMapFromMap(props{"name": "a", "tags": props{"a": "b", "owner": "platform"}}),
		remedied.Remediations[0].Properties)
	for _, untouched := range []plugin.AnalyzerResource{
		made(topic, "alarms", owned), made(queue, "jobs", nil), made(topic, "broken", nil),
		made(topic, "alarms", props{"tags": resource.MakeComputed(resource.NewProperty(""))}),
	} {
		remedied, err := served.analyzer.Remediate(t.Context(), untouched)
		require.NoError(t, err)
		require.Empty(t, remedied.Remediations)
	}

	for name, given := range map[string]map[string]props{
		"disabled":     {"fix-sns-owned": {"enabled": true, "enforcementLevel": "disabled"}},
		"exempt":       {"fix-sns-owned": {"enabled": true}, "settings": exempting("sns-owned", "*", future)["settings"]},
		"not selected": {"fix-sns-owned": {"enabled": true}, "settings": {"severity": "high"}},
	} {
		remedied, err := start(t, nil, given).analyzer.Remediate(t.Context(), made(topic, "alarms", nil))
		require.NoError(t, err)
		require.Empty(t, remedied.Remediations, name)
	}
}

// The engine asks in parallel; each answer is about its own resource alone.
func TestParallelCalls(t *testing.T) {
	t.Parallel()
	served := start(t, map[string]string{"project:stage": "3"}, exempting("rds-encrypted", "*::exempt", past))
	// The SDK's client looks the severities up at the first report, without a lock.
	_, err := served.judge(made(topic, "first", nil))
	require.NoError(t, err)
	var wait sync.WaitGroup
	for i := range 200 {
		wait.Go(func() {
			for of, want := range map[string][]string{
				database: {"rds-backups advisory", "rds-encrypted mandatory"}, balancer: {"lb-grown advisory"}, topic: {"sns-owned mandatory"},
			} {
				found, err := served.judge(made(of, fmt.Sprint(i), nil))
				if err != nil {
					t.Error(err)
					return
				}
				found = slices.DeleteFunc(found, func(d plugin.AnalyzeDiagnostic) bool { return d.PolicyName == settingsName })
				if !slices.Equal(want, levels(found)) {
					t.Errorf("%s: %v", of, levels(found))
				}
			}
		})
	}
	wait.Wait()
}

func newPack(t *testing.T, rules []rule.Rule) (policyx.PolicyPack, error) {
	t.Helper()
	ctx, err := pulumi.NewContext(t.Context(), pulumi.RunInfo{Project: "project", Stack: "test"})
	require.NoError(t, err)
	return Of(rules)(ctx)
}

type ignore struct{}

func (ignore) ReportViolation(string, string) {}

// A list is emptied of what a call does not need, and no other list is.
func TestListsAreApart(t *testing.T) {
	t.Parallel()
	made, err := newPack(t, testRules)
	require.NoError(t, err)
	left := func(list []policyx.Policy) []string {
		var names []string
		for _, policy := range list {
			if policy != nil {
				names = append(names, policy.Name())
			}
		}
		return names
	}
	all := left(made.Policies())
	require.Len(t, all, 10)
	validate := func(typ string) []string {
		list := made.Policies()
		require.NoError(t, list[0].(policyx.ResourceValidationPolicy).Validate(context.Background(), policyx.ResourceValidationArgs{
			Manager: ignore{}, Resource: policyx.AnalyzerResource{Type: typ},
		}))
		return left(list)
	}
	remediate := func(typ string) []string {
		list := made.Policies()
		for i := range list {
			if policy, is := list[i].(policyx.ResourceRemediationPolicy); is {
				_, err := policy.Remediate(context.Background(), policyx.ResourceRemediationArgs{Resource: policyx.AnalyzerResource{Type: typ}})
				require.NoError(t, err)
			}
		}
		return left(list)
	}
	before := made.Policies()
	require.Len(t, remediate(queue), 9, "every policy takes its configuration at first, but remediations of other types")
	require.Equal(t, []string{"settings"}, remediate(queue))
	require.Equal(t, []string{"settings", "fix-sns-owned"}, remediate(topic))
	require.Equal(t, []string{"settings", "rds-encrypted", "rds-backups"}, validate(database))
	require.Equal(t, []string{"settings"}, validate("pulumi:pulumi:Stack"))
	require.Equal(t, []string{"settings", "lb-grown"}, validate("aws:alb/loadBalancer:LoadBalancer"))
	require.Equal(t, all, left(before))
	require.Equal(t, all, left(made.Policies()))
}

func TestIncompleteRulesAreRefused(t *testing.T) {
	t.Parallel()
	complete := rule.Rule{Name: "a", Types: []string{queue}, Resource: refuse}
	for want, change := range map[string]func(*rule.Rule){
		"either resources or the stack": func(r *rule.Rule) { r.Resource = nil },
		"resources or the stack":        func(r *rule.Rule) { r.Stack = func(*rule.Stack) {} },
		"its name is taken":             func(r *rule.Rule) { r.Name = "settings" },
		"name":                          func(r *rule.Rule) { r.Name = "all" },
		"default of days, 7, is not from 0 to 0": func(r *rule.Rule) {
			r.Numbers = map[string]rule.Number{"days": {Default: 7}}
		},
		"enforcementLevel": func(r *rule.Rule) { r.Numbers = map[string]rule.Number{"enforcementLevel": {}} },
	} {
		changed := complete
		change(&changed)
		_, err := newPack(t, []rule.Rule{changed})
		require.ErrorContains(t, err, want)
	}
	_, err := newPack(t, []rule.Rule{complete, complete})
	require.ErrorContains(t, err, "its name is taken")
	_, err = newPack(t, []rule.Rule{complete})
	require.NoError(t, err)
}
