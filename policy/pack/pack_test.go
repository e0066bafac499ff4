package pack

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"stagecraft/policy/rule"
)

const (
	database = "aws:rds/instance:Instance"
	balancer = "aws:lb/loadBalancer:LoadBalancer"
	topic    = "aws:sns/topic:Topic"
	queue    = "aws:sqs/queue:Queue"
)

func reject(r *rule.Resource) { r.Report("it is rejected") }

var testRules = []rule.Rule{
	{
		Name: "rds-encrypted", Description: "Databases are encrypted", Severity: rule.High, Theme: rule.Encryption,
		References: []string{"FSBP RDS.3"}, Fix: "Encrypt it.", Level: policyx.EnforcementLevelMandatory,
		Types: []string{database}, Resource: rule.True("storageEncrypted"),
	},
	{
		Name: "rds-backups", Description: "Databases are backed up", Severity: rule.Medium, Theme: rule.Backup,
		References: []string{"CIS 3.0.0 2.3.9", "WAF REL09-BP03"}, Fix: "Keep backups.",
		Parameters: map[string]rule.Parameter{"days": {Description: "Days", Default: 7, Min: 1, Max: 35}},
		Types:      []string{database}, Resource: rule.AtLeast("backupRetentionPeriod", "days", 0),
	},
	{
		Name: "lb-grown", Description: "Load balancers are grown up", Severity: rule.Low, Theme: rule.Reliability, FromStage: 3,
		Fix: "Grow it.", Types: []string{balancer}, Resource: reject,
	},
	{
		Name: "sqs-broken", Description: "The rule itself fails", Severity: rule.Low, Theme: rule.Cost, Fix: "Mend it.",
		Types: []string{queue}, Resource: func(*rule.Resource) { panic("index out of range") },
	},
	{
		Name: "sqs-whole", Description: "Another rule is evaluated", Severity: rule.Low, Theme: rule.Lifecycle, Fix: "Mend it.",
		Types: []string{queue}, Resource: reject,
	},
	{
		Name: "sns-owned", Description: "Topics have an owner", Severity: rule.Low, Theme: rule.Cost, Fix: "Name the owner.",
		Level: policyx.EnforcementLevelMandatory, Types: []string{topic}, Resource: rule.Set("tags.owner"),
		Remediation: func(r *rule.Resource) bool {
			if r.Name == "broken" {
				panic("index out of range")
			}
			if owner := r.Get("tags.owner"); owner.Unknown() || !owner.Absent() {
				return false
			}
			r.Set("tags.owner", property.New("platform"))
			return true
		},
	},
	{
		Name: "stack-broken", Description: "The rule itself fails", Severity: rule.Low, Theme: rule.DayOne, Fix: "Mend it.",
		Stack: func(*rule.Stack) { panic("index out of range") },
	},
	{
		Name: "stack-topics", Description: "There are topics", Severity: rule.High, Theme: rule.DayOne, Fix: "Make one.",
		Level:      policyx.EnforcementLevelMandatory,
		Parameters: map[string]rule.Parameter{"least": {Default: 1, Min: 0, Max: 9}},
		Stack: func(s *rule.Stack) {
			least := s.Resources[0].Parameter("least")
			if topics := len(s.ResourcesOfType(topic)); float64(topics) < least {
				s.Report(fmt.Sprintf("%d of %v topics at stage %d", topics, least, s.Stage))
			}
		},
	},
}

// TestListing compares all that the engine learns of the pack.
func TestListing(t *testing.T) {
	t.Parallel()
	const resourcePolicy, stackPolicy = plugin.AnalyzerPolicyTypeResource, plugin.AnalyzerPolicyTypeStack
	none := &plugin.AnalyzerPolicyConfigSchema{Properties: map[string]plugin.JSONSchema{}}
	schema := func(property string, schema plugin.JSONSchema) *plugin.AnalyzerPolicyConfigSchema {
		return &plugin.AnalyzerPolicyConfigSchema{Properties: map[string]plugin.JSONSchema{property: schema}}
	}
	text := props{"type": "string", "minLength": 1.0}
	settings := &plugin.AnalyzerPolicyConfigSchema{Properties: map[string]plugin.JSONSchema{
		"stage": {
			"type": "integer", "minimum": 0.0, "maximum": 5.0, "default": 0.0,
			"description": "The stage of growth of stacks whose configuration has no key `stage`; 0 skips rules that hold from a stage on",
		},
		"severity": {
			"type": "string", "default": "low", "enum": []any{"critical", "high", "medium", "low"},
			"description": "The lowest severity to evaluate",
		},
		"themes": {
			"type": "array", "description": "The themes to evaluate; all if empty",
			"items": props{"type": "string", "enum": []any{
				"day-one", "reliability", "encryption", "exposure", "identity", "backup", "logging", "lifecycle", "cost", "currency",
			}},
		},
		"frameworks": {
			"type": "array", "items": text,
			"description": "Prefixes of the references of the rules to evaluate, such as FSBP or CIS; all rules if empty",
		},
		"exemptions": {
			"type": "array", "description": "Resources, by URN pattern, that may violate a rule until a date",
			"items": props{
				"type": "object", "additionalProperties": false,
				"properties": props{"rule": text, "urn": text, "reason": text, "expires": text},
				"required":   []any{"rule", "urn", "reason", "expires"},
			},
		},
	}}
	served := start(t, nil, nil)
	info := served.info()
	for _, policy := range info.Policies {
		delete(policy.ConfigSchema.Properties, "enforcementLevel") // The SDK's client adds it.
	}
	want := plugin.AnalyzerInfo{
		Name: "stagecraft", Version: "1.0.0", SupportsConfig: true, InitialConfig: map[string]plugin.AnalyzerPolicyConfig{},
		Policies: []plugin.AnalyzerPolicyInfo{
			{
				Name: "settings", Description: "The settings of the pack are valid, and no exemption has expired",
				EnforcementLevel: apitype.Mandatory, ConfigSchema: settings, Type: resourcePolicy,
			},
			{
				Name: "rds-encrypted", Description: "Databases are encrypted", EnforcementLevel: apitype.Mandatory,
				ConfigSchema: none, Type: resourcePolicy, RemediationSteps: "Encrypt it.",
			},
			{
				Name: "rds-backups", Description: "Databases are backed up", EnforcementLevel: apitype.Advisory,
				ConfigSchema: schema("days", plugin.JSONSchema{
					"type": "number", "description": "Days", "default": 7.0, "minimum": 1.0, "maximum": 35.0,
				}),
				Type: resourcePolicy, RemediationSteps: "Keep backups.",
			},
			{
				Name: "lb-grown", Description: "Load balancers are grown up", EnforcementLevel: apitype.Advisory,
				ConfigSchema: none, Type: resourcePolicy, RemediationSteps: "Grow it.",
			},
			{
				Name: "sqs-broken", Description: "The rule itself fails", EnforcementLevel: apitype.Advisory,
				ConfigSchema: none, Type: resourcePolicy, RemediationSteps: "Mend it.",
			},
			{
				Name: "sqs-whole", Description: "Another rule is evaluated", EnforcementLevel: apitype.Advisory,
				ConfigSchema: none, Type: resourcePolicy, RemediationSteps: "Mend it.",
			},
			{
				Name: "sns-owned", Description: "Topics have an owner", EnforcementLevel: apitype.Mandatory,
				ConfigSchema: none, Type: resourcePolicy, RemediationSteps: "Name the owner.",
			},
			{
				Name: "fix-sns-owned", Description: "Changes resources to follow the rule sns-owned", EnforcementLevel: apitype.Remediate,
				ConfigSchema: schema("enabled", plugin.JSONSchema{
					"type": "boolean", "default": false,
					"description": "Whether to change resources that break the rule before they are deployed",
				}),
				Type: resourcePolicy,
			},
			{
				Name: "stack-broken", Description: "The rule itself fails", EnforcementLevel: apitype.Advisory,
				ConfigSchema: none, Type: stackPolicy, RemediationSteps: "Mend it.",
			},
			{
				Name: "stack-topics", Description: "There are topics", EnforcementLevel: apitype.Mandatory,
				ConfigSchema: schema("least", plugin.JSONSchema{
					"type": "number", "description": "", "default": 1.0, "minimum": 0.0, "maximum": 9.0,
				}),
				Type: stackPolicy, RemediationSteps: "Make one.",
			},
		},
	}
	slices.SortFunc(want.Policies, func(a, b plugin.AnalyzerPolicyInfo) int { return cmp.Compare(a.Name, b.Name) }) // So does the client.
	require.Equal(t, want, info)
	require.NoError(t, served.analyzer.Cancel(t.Context()))
}

// TestOutsideAStack calls the pack in the order of `pulumi policy analyze`, which configures no stack.
func TestOutsideAStack(t *testing.T) {
	t.Parallel()
	served := engine{t, plugin.NewAnalyzerWithClient("pack", connect(t))}
	info, err := served.analyzer.GetPluginInfo(t.Context())
	require.NoError(t, err)
	require.Equal(t, "1.0.0", info.Version.String())
	require.Equal(t, []string{"rds-backups advisory", "rds-encrypted mandatory"}, served.violated(newResource(database, "db", nil)))
	require.Empty(t, served.violated(newResource(balancer, "web", nil)))
}

// TestPolicyxLimits fails when policyx or the SDK's server can do more. Then reconsider what the comment on this
// package says, and the methods of server.
func TestPolicyxLimits(t *testing.T) {
	t.Parallel()
	_, configured := reflect.TypeFor[policyx.StackValidationArgs]().FieldByName("Config")
	require.False(t, configured, "policyx now passes configuration to stack policies")
	_, configurable := reflect.TypeFor[plugin.Analyzer]().MethodByName("ConfigureStack")
	require.False(t, configurable, "plugin.Analyzer now gets the stack's configuration")

	client := launch(t, "policyx")
	_, err := client.Configure(t.Context(), &pulumirpc.ConfigureAnalyzerRequest{
		PolicyConfig: map[string]*pulumirpc.PolicyConfig{"unknown": {}},
	})
	require.NoError(t, err, "policyx now rejects unknown names")
	_, err = client.GetPluginInfo(t.Context(), &emptypb.Empty{})
	require.Equal(t, codes.Unavailable, status.Code(err), "policyx now answers outside a stack: %v", err)
}

func TestResourcesAreEvaluated(t *testing.T) {
	t.Parallel()
	both := []string{"rds-backups advisory", "rds-encrypted mandatory"}
	for name, row := range map[string]struct {
		stack    map[string]string
		given    map[string]props
		resource plugin.AnalyzerResource
		want     []string
	}{
		"by their levels": {resource: newResource(database, "db", nil), want: both},
		"if they are right": {
			resource: newResource(database, "db", props{"storageEncrypted": true, "backupRetentionPeriod": 7}), want: nil,
		},
		"of other types not": {resource: newResource("aws:rds/cluster:Cluster", "db", nil), want: nil},
		"by other levels": {
			given: map[string]props{
				"rds-backups": {"enforcementLevel": "mandatory"}, "rds-encrypted": {"enforcementLevel": "disabled"},
			},
			resource: newResource(database, "db", nil), want: []string{"rds-backups mandatory"},
		},
		"by a number": {
			given:    map[string]props{"rds-backups": {"days": 14.0}},
			resource: newResource(database, "db", props{"storageEncrypted": true, "backupRetentionPeriod": 7}),
			want:     []string{"rds-backups advisory"},
		},
		"by severity": {
			given:    map[string]props{"settings": {"severity": "high"}},
			resource: newResource(database, "db", nil), want: []string{"rds-encrypted mandatory"},
		},
		"by the former name of a theme": {
			given: map[string]props{"settings": {"themes": []any{"currency"}}}, resource: newResource(queue, "jobs", nil),
			want: []string{"sqs-whole advisory"},
		},
		"by theme": {
			given:    map[string]props{"settings": {"themes": []any{"backup", "cost"}}},
			resource: newResource(database, "db", nil), want: []string{"rds-backups advisory"},
		},
		"by framework": {
			given:    map[string]props{"settings": {"frameworks": []any{"WAF"}}},
			resource: newResource(database, "db", nil), want: []string{"rds-backups advisory"},
		},
		"by prefix of a reference": {
			given:    map[string]props{"settings": {"frameworks": []any{"CIS 3"}}},
			resource: newResource(database, "db", nil), want: []string{"rds-backups advisory"},
		},
		"by nothing that is selected": {
			given:    map[string]props{"settings": {"frameworks": []any{"FSBP"}, "severity": "critical"}},
			resource: newResource(database, "db", nil), want: nil,
		},
		"by settings whose level is disabled": {
			given:    map[string]props{"settings": {"enforcementLevel": "disabled", "severity": "critical"}},
			resource: newResource(database, "db", nil), want: nil,
		},
		"without a stage":  {resource: newResource(balancer, "web", nil), want: nil},
		"before the stage": {stack: map[string]string{"project:stage": "2"}, resource: newResource(balancer, "web", nil), want: nil},
		"at the stage": {
			stack: map[string]string{"project:stage": "3"}, resource: newResource(balancer, "web", nil), want: []string{"lb-grown advisory"},
		},
		"by their alias": {
			stack: map[string]string{"project:stage": "3"}, resource: newResource("aws:alb/loadBalancer:LoadBalancer", "web", nil),
			want: []string{"lb-grown advisory"},
		},
		"at the stage of the settings": {
			given: map[string]props{"settings": {"stage": 4}}, resource: newResource(balancer, "web", nil), want: []string{"lb-grown advisory"},
		},
		"at their own stage, not that of the settings": {
			stack: map[string]string{"project:stage": "2"}, given: map[string]props{"settings": {"stage": 4}},
			resource: newResource(balancer, "web", nil), want: nil,
		},
		"at the stage of the settings, where their own is another matter": {
			stack: map[string]string{"project:stage": "production"}, given: map[string]props{"settings": {"stage": 4}},
			resource: newResource(balancer, "web", nil), want: []string{"lb-grown advisory"},
		},
		"at no stage above the highest": {
			stack: map[string]string{"project:stage": "6"}, resource: newResource(balancer, "web", nil), want: nil,
		},
		"at the highest stage": {
			stack: map[string]string{"project:stage": "5"}, resource: newResource(balancer, "web", nil), want: []string{"lb-grown advisory"},
		},
		"at no stage below none": {
			stack: map[string]string{"project:stage": "-1"}, given: map[string]props{"settings": {"stage": 3}},
			resource: newResource(balancer, "web", nil), want: []string{"lb-grown advisory"},
		},
		"at no stage of another project": {
			stack: map[string]string{"other:stage": "3"}, resource: newResource(balancer, "web", nil), want: nil,
		},
		"by rules beside one that fails": {
			resource: newResource(queue, "jobs", nil), want: []string{"sqs-broken advisory", "sqs-whole advisory"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			served := start(t, row.stack, row.given)
			require.Equal(t, row.want, served.violated(row.resource))
			require.Equal(t, row.want, served.violated(row.resource), "again")
		})
	}
}

func TestViolations(t *testing.T) {
	t.Parallel()
	served := start(t, nil, nil)
	violation := func(policy, description, message string, level apitype.EnforcementLevel, urn resource.URN) plugin.AnalyzeDiagnostic {
		return plugin.AnalyzeDiagnostic{
			PolicyName: policy, PolicyPackName: "stagecraft", PolicyPackVersion: "1.0.0", Description: description,
			Message: description + "\n" + message, EnforcementLevel: level, URN: urn,
		}
	}
	db := newResource(database, "db", props{
		"backupRetentionPeriod": 7, "storageEncrypted": resource.MakeSecret(resource.NewProperty(false)),
	})
	violations, err := served.evaluate(db)
	require.NoError(t, err)
	require.Equal(t, []plugin.AnalyzeDiagnostic{violation("rds-encrypted", "Databases are encrypted",
		`aws:rds/instance:Instance "db": storageEncrypted is a secret: it must be true. Encrypt it.`, apitype.Mandatory, db.URN,
	)}, violations)

	jobs := newResource(queue, "jobs", nil)
	violations, err = served.evaluate(jobs)
	require.NoError(t, err)
	require.Equal(t, []plugin.AnalyzeDiagnostic{
		violation("sqs-broken", "The rule itself fails", "The rule sqs-broken itself failed and was not evaluated: "+
			"index out of range. This is a defect of the rule; please report it.", apitype.Advisory, jobs.URN),
		violation("sqs-whole", "Another rule is evaluated",
			`aws:sqs/queue:Queue "jobs": it is rejected. Mend it.`, apitype.Advisory, jobs.URN),
	}, violations)

	require.Equal(t, []plugin.AnalyzeDiagnostic{
		violation("stack-broken", "The rule itself fails", "The rule stack-broken itself failed and was not evaluated: "+
			"index out of range. This is a defect of the rule; please report it.", apitype.Advisory, ""),
		violation("stack-topics", "There are topics", "0 of 1 topics at stage 2. Make one.", apitype.Mandatory, ""),
	}, start(t, map[string]string{"project:stage": "2"}, nil).evaluateStack(db))
}

func TestStacksAreEvaluated(t *testing.T) {
	t.Parallel()
	one := newResource(database, "db", nil)
	violations := start(t, nil, nil).evaluateStack(one, newResource(topic, "alarms", nil))
	require.Equal(t, []string{"stack-broken advisory"}, levels(violations))

	violations = start(t, nil, map[string]props{
		"stack-topics": {"least": 2.0, "enforcementLevel": "advisory"}, "stack-broken": {"enforcementLevel": "disabled"},
	}).evaluateStack(one, newResource(topic, "alarms", nil))
	require.Equal(t, []string{"stack-topics advisory"}, levels(violations))
	require.Contains(t, violations[0].Message, "1 of 2 topics")

	violations = start(t, nil, map[string]props{"settings": {"themes": []any{"cost"}}}).evaluateStack(one)
	require.Empty(t, violations)
}

// Rules of the stack see how its resources depend on each other.
func TestRelations(t *testing.T) {
	t.Parallel()
	parent, child := newResource("my:index:Component", "parent", nil), newResource(topic, "child", nil)
	subscription := newResource("aws:sns/topicSubscription:TopicSubscription", "email", props{
		"topic": resource.MakeComputed(resource.NewProperty("")),
	})
	var parents []string
	pack, err := newAnalyzer([]rule.Rule{{Name: "relations", Stack: func(s *rule.Stack) {
		for _, seen := range s.Resources {
			if parent := s.Parent(seen); parent != nil {
				parents = append(parents, parent.Name)
			}
		}
		require.True(t, s.IsReference(s.Resources[2], "topic", s.Resources[1]))
		require.False(t, s.IsReference(s.Resources[2], "topic", s.Resources[0]))
		require.False(t, s.IsReference(s.Resources[2], "endpoint", s.Resources[1]))
	}}})
	require.NoError(t, err)
	response, err := pack.AnalyzeStack(t.Context(), []plugin.AnalyzerStackResource{
		{AnalyzerResource: parent},
		{AnalyzerResource: child, Parent: parent.URN},
		{AnalyzerResource: subscription, PropertyDependencies: map[resource.PropertyKey][]resource.URN{"topic": {child.URN}}},
	})
	require.NoError(t, err)
	require.Empty(t, response.Diagnostics)
	require.Equal(t, []string{"parent"}, parents)
}

func exempting(name, urn, expires string) map[string]props {
	return map[string]props{"settings": {"exemptions": []any{
		props{"rule": name, "urn": urn, "reason": "it moves soon", "expires": expires},
	}}}
}

const future, past = "2999-12-31", "2020-02-29"

func TestExemptions(t *testing.T) {
	t.Parallel()
	db := newResource(database, "db", nil)
	backups, both := []string{"rds-backups advisory"}, []string{"rds-backups advisory", "rds-encrypted mandatory"}
	for urn, want := range map[string][]string{
		string(db.URN): backups, "*": backups, "*::db": backups, "urn:pulumi:test::*": backups, "*aws:rds/*::d*b": backups,
		"db": both, "*::d": both, "*::d?": both, "*::d[b]": both, "*.db": both, `*::\`: both,
	} {
		require.Equal(t, want, start(t, nil, exempting("rds-encrypted", urn, future)).violated(db), urn)
	}
	inBrackets := newResource(database, "db[\"a\"](1)\n[0]", nil)
	served := start(t, nil, exempting("rds-encrypted", "*::db[\"a\"](1)*[*]", future))
	require.Equal(t, backups, served.violated(inBrackets))

	violations := start(t, nil, exempting("stack-topics", "*", future)).evaluateStack(db)
	require.Equal(t, []string{"stack-broken advisory"}, levels(violations))
}

func TestExpiredExemptions(t *testing.T) {
	t.Parallel()
	served := start(t, nil, exempting("rds-encrypted", "*", past))
	db := newResource(database, "db", nil)
	violations, err := served.evaluate(db)
	require.NoError(t, err)
	require.Equal(t, []string{"rds-backups advisory", "rds-encrypted mandatory", "settings mandatory"}, levels(violations))
	require.Equal(t, plugin.AnalyzeDiagnostic{
		PolicyName: "settings", PolicyPackName: "stagecraft", PolicyPackVersion: "1.0.0",
		Description: "The settings of the pack are valid, and no exemption has expired",
		Message: "The settings of the pack are valid, and no exemption has expired\n" +
			"The exemption of * from rds-encrypted expired on 2020-02-29 (it moves soon). Remove it, or set a later date.",
		EnforcementLevel: apitype.Mandatory, URN: db.URN,
	}, violations[0])
	require.Equal(t, []string{"rds-backups advisory", "rds-encrypted mandatory"}, served.violated(db), "it is reported once")
}

func TestExemptionsEndWithTheirLastDay(t *testing.T) {
	t.Parallel()
	read, err := (&analyzer{rules: testRules}).readSettings(exempting("rds-encrypted", "*", "2027-01-31")["settings"])
	require.NoError(t, err)
	for now, over := range map[string]bool{
		"2027-01-31T00:00:00Z": false, "2027-01-31T23:59:59Z": false, "2027-02-01T00:00:00Z": true, "2027-02-01T00:30:00+01:00": false,
	} {
		at, err := time.Parse(time.RFC3339, now)
		require.NoError(t, err)
		require.Equal(t, over, read.Exemptions[0].over(at), now)
	}
}

func TestConfigurationIsRejected(t *testing.T) {
	t.Parallel()
	for want, given := range map[string]map[string]props{
		`exemptions[0].rule is "rds-encrypt", which is not a rule: did you mean "rds-encrypted"?`: exempting("rds-encrypt", "*", future),
		`exemptions[0].rule is "settings", which is not a rule`:                                   exempting("settings", "*", future),
		`exemptions[0].expires is "soon": it must be a date such as 2027-01-31`:                   exempting("rds-encrypted", "*", "soon"),
		`exemptions[0].expires is "2027-02-30"`:                                                   exempting("rds-encrypted", "*", "2027-02-30"),
		`settings: there is no key "exemption": did you mean "exemptions"?`:                       {"settings": {"exemption": []any{}}},
		`settings: there is no key "Stage": did you mean "stage"?`:                                {"settings": {"Stage": 3.0}},
		`settings: no rule refers to frameworks[0], "FSPB": did you mean "FSBP"?`:                 {"settings": {"frameworks": []any{"FSPB"}}},
		`settings: no rule refers to frameworks[1], "FSBP EC2": did you mean "FSBP"?`:             {"settings": {"frameworks": []any{"CIS", "FSBP EC2"}}},
		`rds-backups: there is no key "day": did you mean "days"?`:                                {"rds-backups": {"day": 14.0}},
		`rds-encrypted: there is no key "level": did you mean "enforcementLevel"?`:                {"rds-encrypted": {"level": "mandatory"}},
		`stack-topics: there is no key "most": did you mean "least"?`:                             {"stack-topics": {"most": 14.0}},
		`fix-sns-owned: there is no key "enable": did you mean "enabled"?`:                        {"fix-sns-owned": {"enable": true}},
	} {
		require.ErrorContains(t, serve(t, nil).configure(given), want)
	}
}

func TestUnknownRulesAreRejected(t *testing.T) {
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

// Where "all" disables the settings too, wrong ones are rejected, and an expired exemption is a warning.
func TestSettingsThatAreDisabled(t *testing.T) {
	t.Parallel()
	disabled := func(given map[string]props) map[string]props {
		given["settings"]["enforcementLevel"] = "disabled"
		return given
	}
	err := serve(t, nil).configure(disabled(map[string]props{"settings": {"Stage": 3.0}}))
	require.ErrorContains(t, err, `settings: there is no key "Stage": did you mean "stage"?`)
	served := start(t, nil, disabled(exempting("rds-encrypted", "*", past)))
	require.Contains(t, served.violated(newResource(database, "db", nil)), "settings advisory")
}

func TestRemediations(t *testing.T) {
	t.Parallel()
	enabled := map[string]props{"fix-sns-owned": {"enabled": true}}
	rejected := []string{"sns-owned mandatory"}
	owned := props{"tags": props{"owner": "someone"}}
	require.Equal(t, rejected, start(t, nil, nil).violated(newResource(topic, "alarms", nil)), "it is off by default")

	served := start(t, nil, enabled)
	require.Empty(t, served.violated(newResource(topic, "alarms", nil)))
	require.Empty(t, served.violated(newResource(topic, "alarms", owned)))
	require.Equal(t, rejected, served.violated(newResource(topic, "broken", nil)), "the rule itself is evaluated")
	remedied, err := served.analyzer.Remediate(t.Context(), newResource(topic, "alarms", props{"name": "a", "tags": props{"a": "b"}}))
	require.NoError(t, err)
	require.Equal(t, []plugin.Remediation{{
		PolicyName: "fix-sns-owned", Description: "Changes resources to follow the rule sns-owned",
		PolicyPackName: "stagecraft", PolicyPackVersion: "1.0.0",
		Properties: resource.NewPropertyMapFromMap(props{"name": "a", "tags": props{"a": "b", "owner": "platform"}}),
	}}, remedied.Remediations)
	for _, untouched := range []plugin.AnalyzerResource{
		newResource(topic, "alarms", owned), newResource(queue, "jobs", nil), newResource(topic, "broken", nil),
		newResource(topic, "alarms", props{"tags": resource.MakeComputed(resource.NewProperty(""))}),
	} {
		remedied, err := served.analyzer.Remediate(t.Context(), untouched)
		require.NoError(t, err)
		require.Empty(t, remedied.Remediations)
	}

	for name, given := range map[string]map[string]props{
		"advisory":         {"fix-sns-owned": {"enabled": true, "enforcementLevel": "advisory"}},
		"rule is disabled": {"fix-sns-owned": {"enabled": true}, "sns-owned": {"enforcementLevel": "disabled"}},
	} {
		require.Empty(t, start(t, nil, given).violated(newResource(topic, "alarms", nil)), name)
		remedied, err := start(t, nil, given).analyzer.Remediate(t.Context(), newResource(topic, "alarms", nil))
		require.NoError(t, err)
		require.Len(t, remedied.Remediations, 1, name)
	}
	for name, given := range map[string]map[string]props{
		"disabled":     {"fix-sns-owned": {"enabled": true, "enforcementLevel": "disabled"}},
		"exempt":       {"fix-sns-owned": {"enabled": true}, "settings": exempting("sns-owned", "*", future)["settings"]},
		"not selected": {"fix-sns-owned": {"enabled": true}, "settings": {"severity": "high"}},
	} {
		remedied, err := start(t, nil, given).analyzer.Remediate(t.Context(), newResource(topic, "alarms", nil))
		require.NoError(t, err)
		require.Empty(t, remedied.Remediations, name)
	}
}

// The engine calls in parallel; each answer is about its own resource only.
func TestParallelCalls(t *testing.T) {
	t.Parallel()
	served := start(t, map[string]string{"project:stage": "3"}, exempting("rds-encrypted", "*::exempt", past))
	// The SDK's client caches the severities at the first violation, without a lock.
	_, err := served.evaluate(newResource(topic, "first", nil))
	require.NoError(t, err)
	var wait sync.WaitGroup
	for i := range 200 {
		wait.Go(func() {
			for typ, want := range map[string][]string{
				database: {"rds-backups advisory", "rds-encrypted mandatory"}, balancer: {"lb-grown advisory"}, topic: {"sns-owned mandatory"},
			} {
				violations, err := served.evaluate(newResource(typ, fmt.Sprint(i), nil))
				if err != nil {
					t.Error(err)
					return
				}
				if !slices.Equal(want, levels(violations)) {
					t.Errorf("%s: %v", typ, levels(violations))
				}
			}
		})
	}
	wait.Wait()
}

func TestIncompleteRulesAreRejected(t *testing.T) {
	t.Parallel()
	remediation := func(*rule.Resource) bool { return true }
	complete := rule.Rule{Name: "a", Types: []string{queue}, Resource: reject, Remediation: remediation}
	for want, change := range map[string]func(*rule.Rule){
		`rule "a": it must evaluate either resources or the stack`: func(r *rule.Rule) { r.Resource = nil },
		`it must evaluate either resources or the stack`:           func(r *rule.Rule) { r.Stack = func(*rule.Stack) {} },
		`rule "settings": its name is taken`:                       func(r *rule.Rule) { r.Name = "settings" },
		`rule "all": its name is taken`:                            func(r *rule.Rule) { r.Name = "all" },
		"default of days, 7, is not from 0 to 6": func(r *rule.Rule) {
			r.Parameters = map[string]rule.Parameter{"days": {Default: 7, Max: 6}}
		},
		"default of days, 7, is not from 8 to 9": func(r *rule.Rule) {
			r.Parameters = map[string]rule.Parameter{"days": {Default: 7, Min: 8, Max: 9}}
		},
		"enforcementLevel is reserved": func(r *rule.Rule) { r.Parameters = map[string]rule.Parameter{"enforcementLevel": {}} },
	} {
		changed := complete
		change(&changed)
		_, err := newAnalyzer([]rule.Rule{changed})
		require.ErrorContains(t, err, want)
	}
	_, err := newAnalyzer([]rule.Rule{complete, complete})
	require.ErrorContains(t, err, "its name is taken")
	_, err = newAnalyzer([]rule.Rule{complete, {Name: "fix-a", Resource: reject}})
	require.ErrorContains(t, err, "its name is taken")
	for _, days := range []float64{7, 9} {
		whole := complete
		whole.Parameters = map[string]rule.Parameter{"days": {Default: days, Min: 7, Max: 9}}
		pack, err := newAnalyzer([]rule.Rule{whole})
		require.NoError(t, err)
		require.Equal(t, tokens.QName("stagecraft"), pack.Name())
		require.NoError(t, pack.Close())
	}
	require.ErrorContains(t, Main([]rule.Rule{{Name: "a"}}), `rule "a"`)
}
