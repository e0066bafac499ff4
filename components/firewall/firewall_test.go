package firewall_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/firewall"
	"stagecraft/components/observability"
	"stagecraft/internal/pulumitest"
)

const (
	componentType = "stagecraft:firewall:Firewall"
	aclType       = "aws:wafv2/webAcl:WebAcl"
	loggingType   = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"
	logGroupType  = "aws:cloudwatch/logGroup:LogGroup"
)

func valid() firewall.Args {
	return firewall.Args{
		LogRetentionDays: 30,
		Global:           observability.GlobalRegion{AlarmTopicArn: pulumi.String("arn:global-topic")},
		Tags:             pulumi.StringMap{"project": pulumi.String("stagecraft")},
	}
}

func run(args firewall.Args) (pulumitest.Resources, error) {
	return pulumitest.Run(func(ctx *pulumi.Context) error {
		provider, err := aws.NewProvider(ctx, "us-east-1", &aws.ProviderArgs{})
		if err != nil {
			return err
		}
		args.Global.Provider = provider
		_, err = firewall.New(ctx, "firewall", &args)
		return err
	}, nil, nil)
}

func visibility(metric string) map[string]any {
	return map[string]any{"cloudwatchMetricsEnabled": true, "metricName": metric, "sampledRequestsEnabled": true}
}

func TestNew(t *testing.T) {
	t.Parallel()
	resources, err := run(valid())
	require.NoError(t, err)
	resources.RequireTags(t, map[string]string{"project": "stagecraft"})
	resources.RequireParents(t, componentType, "pulumi:providers:aws")
	for _, found := range resources {
		if strings.HasPrefix(found.Type, "aws:") {
			require.Contains(t, found.Provider, "::us-east-1::", found.Type)
		}
	}
	acl := resources.One(t, aclType).Inputs
	require.Subset(t, acl, map[string]any{
		"scope": "CLOUDFRONT", "defaultAction": map[string]any{"allow": map[string]any{}},
		"visibilityConfig": visibility("stagecraft-test-firewall"),
	})
	rules := acl["rules"].([]any)
	require.Equal(t, map[string]any{
		"name": "rate", "priority": 0.0, "action": map[string]any{"block": map[string]any{}},
		"statement": map[string]any{"rateBasedStatement": map[string]any{
			"aggregateKeyType": "IP", "evaluationWindowSec": 300.0, "limit": 2000.0,
		}},
		"visibilityConfig": visibility("stagecraft-test-firewall-rate"),
	}, rules[0])
	groups := [][2]string{
		{"ip-reputation", "AWSManagedRulesAmazonIpReputationList"},
		{"known-bad-inputs", "AWSManagedRulesKnownBadInputsRuleSet"},
		{"sql-injection", "AWSManagedRulesSQLiRuleSet"},
		{"common", "AWSManagedRulesCommonRuleSet"},
	}
	require.Len(t, rules, 1+len(groups))
	for i, group := range groups {
		require.Equal(t, map[string]any{
			"name": group[0], "priority": float64(i + 1), "overrideAction": map[string]any{"none": map[string]any{}},
			"statement":        map[string]any{"managedRuleGroupStatement": map[string]any{"vendorName": "AWS", "name": group[1]}},
			"visibilityConfig": visibility("stagecraft-test-firewall-" + group[0]),
		}, rules[i+1])
	}
}

func TestLogs(t *testing.T) {
	t.Parallel()
	resources, err := run(valid())
	require.NoError(t, err)
	require.Subset(t, resources.One(t, logGroupType).Inputs, map[string]any{
		"namePrefix": "aws-waf-logs-stagecraft-test-firewall-", "retentionInDays": 30.0,
	})
	header := func(name string) map[string]any { return map[string]any{"singleHeader": map[string]any{"name": name}} }
	action := func(name string) map[string]any {
		return map[string]any{"actionCondition": map[string]any{"action": name}}
	}
	require.Equal(t, map[string]any{
		"resourceArn": "arn:firewall", "logDestinationConfigs": []any{"arn:firewall"},
		"redactedFields": []any{header("authorization"), header("cookie")},
		"loggingFilter": map[string]any{"defaultBehavior": "DROP", "filters": []any{map[string]any{
			"behavior": "KEEP", "requirement": "MEETS_ANY", "conditions": []any{action("BLOCK"), action("COUNT")},
		}}},
	}, resources.One(t, loggingType).Inputs)
}

func TestAlarms(t *testing.T) {
	t.Parallel()
	resources, err := run(valid())
	require.NoError(t, err)
	const acl = " WebACL=stagecraft-test-firewall "
	require.Equal(t, map[string]string{
		"firewall-blocked": "Sum of AWS/WAFV2 BlockedRequests Rule=ALL" + acl +
			">= 1000 in 1 x 300 s, missing data notBreaching: arn:global-topic",
		"firewall-rate-limited": "Sum of AWS/WAFV2 BlockedRequests Rule=stagecraft-test-firewall-rate" + acl +
			">= 1 in 1 x 300 s, missing data notBreaching: arn:global-topic",
	}, resources.Alarms(t))
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	for given, want := range map[int]float64{0: 2000, 10: 10, 2_000_000_000: 2e9} {
		args := valid()
		args.RateLimit = given
		resources, err := run(args)
		require.NoError(t, err)
		require.Contains(t, fmt.Sprint(resources.One(t, aclType).Inputs["rules"]), fmt.Sprintf("limit:%v", want))
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*firewall.Args)
		want   string
	}{
		"too few requests":  {func(a *firewall.Args) { a.RateLimit = 9 }, "RateLimit is 9"},
		"too many requests": {func(a *firewall.Args) { a.RateLimit = 2_000_000_001 }, "RateLimit is 2000000001"},
		"logs for ever":     {func(a *firewall.Args) { a.LogRetentionDays = 0 }, "LogRetentionDays is 0"},
		"no topic":          {func(a *firewall.Args) { a.Global.AlarmTopicArn = nil }, "Global.AlarmTopicArn must be set"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := valid()
			test.change(&args)
			resources, err := pulumitest.Run(func(ctx *pulumi.Context) error {
				_, err := firewall.New(ctx, "firewall", &args)
				return err
			}, nil, nil)
			require.ErrorContains(t, err, `firewall "firewall": `)
			require.ErrorContains(t, err, test.want)
			require.Empty(t, resources)
		})
	}
}
