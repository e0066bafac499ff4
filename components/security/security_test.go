package security_test

import (
	"sync"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/observability"
	"stagecraft/components/security"
	"stagecraft/internal/pulumitest"
)

const (
	componentType  = "stagecraft:guard:Guard"
	encryptionType = "aws:ebs/encryptionByDefault:EncryptionByDefault"
	detectorType   = "aws:guardduty/detector:Detector"
	featureType    = "aws:guardduty/detectorFeature:DetectorFeature"
	enablerType    = "aws:inspector2/enabler:Enabler"
	ruleType       = "aws:cloudwatch/eventRule:EventRule"
	targetType     = "aws:cloudwatch/eventTarget:EventTarget"
	alarmType      = "aws:cloudwatch/metricAlarm:MetricAlarm"

	findEncryption = "aws:ebs/getEncryptionByDefault:getEncryptionByDefault"
	findDetector   = "aws:guardduty/getDetector:getDetector"
)

func valid() security.Args {
	return security.Args{
		Owned:         true,
		AccountID:     "123456789012",
		Plans:         []security.Plan{security.PlanS3, security.PlanRDS},
		MinSeverity:   4,
		AlarmTopicArn: pulumi.String("arn:topic"),
		Global:        observability.GlobalRegion{AlarmTopicArn: pulumi.String("arn:global-topic")},
		Tags:          pulumi.StringMap{"tier": pulumi.String("guard")},
	}
}

// run creates the guard of an account whose lookups give the answers; without one, a lookup fails.
func run(args security.Args, answers map[string]map[string]any) (pulumitest.Resources, []string, error) {
	var warnings *pulumitest.Warnings
	resources, err := pulumitest.Run(func(ctx *pulumi.Context) error {
		warnings = pulumitest.KeepWarnings(ctx)
		_, err := security.New(ctx, "guard", &args)
		return err
	}, nil, answers)
	return resources, warnings.Messages(), err
}

func TestNewOwned(t *testing.T) {
	t.Parallel()
	resources, warned, err := run(valid(), nil)
	require.NoError(t, err)
	require.Empty(t, warned)
	resources.RequireParents(t, componentType)
	resources.RequireTags(t, map[string]string{"tier": "guard"})
	require.Equal(t, map[string]any{"enabled": true}, resources.One(t, encryptionType).Inputs)
	require.Equal(t, map[string]any{
		"enable": true, "findingPublishingFrequency": "ONE_HOUR", "tags": map[string]any{"tier": "guard"},
	}, resources.One(t, detectorType).Inputs)
	require.Equal(t, map[string]any{
		"accountIds": []any{"123456789012"}, "resourceTypes": []any{"EC2", "ECR", "LAMBDA"},
	}, resources.One(t, enablerType).Inputs)
}

// A plan of which nothing is said may be on.
func TestNewSaysOfEachPlanWhetherItIsOn(t *testing.T) {
	t.Parallel()
	agents := func(eks, fargate, ec2 string) []any {
		return []any{
			map[string]any{"name": "EKS_ADDON_MANAGEMENT", "status": eks},
			map[string]any{"name": "ECS_FARGATE_AGENT_MANAGEMENT", "status": fargate},
			map[string]any{"name": "EC2_AGENT_MANAGEMENT", "status": ec2},
		}
	}
	names := map[string]string{
		"guard-s3-data-events": "S3_DATA_EVENTS", "guard-eks-audit-logs": "EKS_AUDIT_LOGS",
		"guard-ebs-malware-protection": "EBS_MALWARE_PROTECTION", "guard-rds-login-events": "RDS_LOGIN_EVENTS",
		"guard-lambda-network-logs": "LAMBDA_NETWORK_LOGS", "guard-runtime-monitoring": "RUNTIME_MONITORING",
	}
	for name, test := range map[string]struct {
		plans  []security.Plan
		on     []string
		agents []any
	}{
		"none": {nil, nil, agents("DISABLED", "DISABLED", "DISABLED")},
		"two": {
			[]security.Plan{security.PlanS3, security.PlanRDS},
			[]string{"guard-s3-data-events", "guard-rds-login-events"},
			agents("DISABLED", "DISABLED", "DISABLED"),
		},
		"runtime": {
			[]security.Plan{security.PlanRuntime},
			[]string{"guard-runtime-monitoring"},
			agents("DISABLED", "ENABLED", "ENABLED"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := valid()
			args.Plans = test.plans
			resources, _, err := run(args, nil)
			require.NoError(t, err)
			require.Len(t, resources.Of(featureType), len(names))
			for logical, feature := range names {
				want := map[string]any{"detectorId": "guard-id", "name": feature, "status": "DISABLED"}
				for _, on := range test.on {
					if logical == on {
						want["status"] = "ENABLED"
					}
				}
				if feature == "RUNTIME_MONITORING" {
					want["additionalConfigurations"] = test.agents
				}
				require.Equal(t, want, resources.Named(t, featureType, logical).Inputs)
			}
		})
	}
}

func TestNewFound(t *testing.T) {
	t.Parallel()
	encrypted := map[string]any{"id": "eu-central-1", "enabled": true}
	detecting := map[string]any{"id": "1", "status": "ENABLED"}
	for name, test := range map[string]struct {
		answers map[string]map[string]any
		want    []string
	}{
		"on": {map[string]map[string]any{findEncryption: encrypted, findDetector: detecting}, nil},
		"off": {map[string]map[string]any{
			findEncryption: {"id": "eu-central-1", "enabled": false}, findDetector: {"id": "1", "status": "DISABLED"},
		}, []string{"EBS encryption by default is off", "GuardDuty is suspended"}},
		"no detector": {
			map[string]map[string]any{findEncryption: encrypted},
			[]string{"GuardDuty has no detector in this account and region, or it could not be looked up"},
		},
		"denied": {nil, []string{"EBS encryption by default could not be looked up", "GuardDuty has no detector"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := valid()
			args.Owned, args.AccountID = false, ""
			resources, warned, err := run(args, test.answers)
			require.NoError(t, err)
			for _, owned := range []string{encryptionType, detectorType, featureType, enablerType} {
				require.Empty(t, resources.Of(owned))
			}
			require.Len(t, resources.Of(ruleType), 3, "people are told whoever looks")
			require.Len(t, warned, len(test.want))
			for i, want := range test.want {
				require.Contains(t, warned[i], want)
				require.Contains(t, warned[i], "accountSingletons: owned")
			}
		})
	}
}

func TestNewTellsOfFindings(t *testing.T) {
	t.Parallel()
	args := valid()
	args.MinSeverity = 7
	resources, _, err := run(args, nil)
	require.NoError(t, err)
	for name, want := range map[string]struct{ topic, pattern, template string }{
		"guard-threats": {
			"arn:topic", `{
				"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"],
				"detail": {"severity": [{"numeric": [">=", 7]}]}
			}`, `"stagecraft test: GuardDuty found a threat of severity <severity>`,
		},
		"guard-vulnerabilities": {
			"arn:topic", `{
				"source": ["aws.inspector2"], "detail-type": ["Inspector2 Finding"],
				"detail": {"severity": ["HIGH", "CRITICAL"], "status": ["ACTIVE"]}
			}`, `"stagecraft test: Inspector found a vulnerability of severity <severity>`,
		},
		"guard-risks": {
			"arn:global-topic", `{
				"source": ["aws.trustedadvisor"], "detail-type": ["Trusted Advisor Check Item Refresh Notification"],
				"detail": {"status": ["WARN", "ERROR"]}
			}`, `"stagecraft test: Trusted Advisor's check <check> says <status>`,
		},
	} {
		require.JSONEq(t, want.pattern, resources.Named(t, ruleType, name).Inputs["eventPattern"].(string))
		target := resources.Named(t, targetType, name).Inputs
		require.Equal(t, want.topic, target["arn"])
		require.Contains(t, target["inputTransformer"].(map[string]any)["inputTemplate"], want.template)
		alarm := resources.Named(t, alarmType, name+"-untold").Inputs
		require.Equal(t, []any{want.topic}, alarm["alarmActions"])
		require.Equal(t, map[string]any{"RuleName": name}, alarm["dimensions"])
	}
	require.Len(t, resources.Of(ruleType), 3)
}

// Trusted Advisor reports in us-east-1 only: a rule elsewhere would never see an event.
func TestNewListensToTrustedAdvisorInUSEast1(t *testing.T) {
	t.Parallel()
	var mutex sync.Mutex
	elsewhere := map[string][]string{}
	_, err := pulumitest.Run(func(ctx *pulumi.Context) error {
		err := ctx.RegisterStackTransformation(func(
			args *pulumi.ResourceTransformationArgs,
		) *pulumi.ResourceTransformationResult {
			if options, err := pulumi.NewResourceOptions(args.Opts...); err == nil && options.Provider != nil {
				mutex.Lock()
				defer mutex.Unlock()
				elsewhere[args.Name] = append(elsewhere[args.Name], args.Type)
			}
			return nil
		})
		if err != nil {
			return err
		}
		args := valid()
		args.Global.Provider, err = aws.NewProvider(ctx, "us-east-1", &aws.ProviderArgs{Region: pulumi.String("us-east-1")})
		if err != nil {
			return err
		}
		made, err := security.New(ctx, "guard", &args)
		if err != nil {
			return err
		}
		require.Len(t, made.Alarms, 2)
		require.Len(t, made.GlobalAlarms, 1)
		return nil
	}, nil, nil)
	require.NoError(t, err)
	require.Equal(t, map[string][]string{
		"guard-risks": {ruleType, targetType}, "guard-risks-untold": {alarmType},
	}, elsewhere)
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*security.Args)
		want   string
	}{
		"no account":      {func(a *security.Args) { a.AccountID = "" }, "AccountID must be set"},
		"unknown plan":    {func(a *security.Args) { a.Plans = []security.Plan{"S3"} }, `plan "S3" is none of [S3_DATA_EVENTS `},
		"low severity":    {func(a *security.Args) { a.MinSeverity = 0.5 }, "MinSeverity is 0.5: GuardDuty's findings have 1 to 10"},
		"high severity":   {func(a *security.Args) { a.MinSeverity = 10.5 }, "MinSeverity is 10.5"},
		"no topic":        {func(a *security.Args) { a.AlarmTopicArn = nil }, "it must have an AlarmTopicArn here and in us-east-1"},
		"no global topic": {func(a *security.Args) { a.Global.AlarmTopicArn = nil }, "in us-east-1 (Global)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := valid()
			test.change(&args)
			resources, _, err := run(args, nil)
			require.ErrorContains(t, err, `guard "guard": `)
			require.ErrorContains(t, err, test.want)
			require.Empty(t, resources)
		})
	}
}
