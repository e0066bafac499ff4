package tests

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/toolchain"
)

// foreign are programs that do not use this project's code.
type foreign struct {
	folder string
	tools  toolchain.Tools
}

func buildForeign(t *testing.T) foreign {
	t.Helper()
	binaries := tools
	binaries.Program = goBuild(t, "./tests/testdata/foreign")
	return foreign{filepath.Join(root, "tests", "testdata", "foreign"), binaries}
}

// lenient returns the programs in an account whose previews accept types that the offline cloud does not declare.
func (f foreign) lenient(t *testing.T) foreign {
	t.Helper()
	f.tools.Providers = t.TempDir()
	require.NoError(t, os.Symlink(
		goBuild(t, "./tests/testdata/lenient"), filepath.Join(f.tools.Providers, "pulumi-resource-aws")))
	return f
}

func (f foreign) stack(t *testing.T) stack {
	t.Helper()
	return openAccount(t, f.folder, f.tools).stack("dev")
}

// TestPolicyPackJudgesForeignPrograms has the pack judge programs that nobody wrote for it.
func TestPolicyPackJudgesForeignPrograms(t *testing.T) {
	t.Parallel()
	built := buildForeign(t)
	lenient := built.lenient(t)
	t.Run("verdicts", func(t *testing.T) {
		t.Parallel()
		lenient.verdicts(t)
	})
	t.Run("messages", func(t *testing.T) {
		t.Parallel()
		lenient.messages(t)
	})
	t.Run("unknown values", func(t *testing.T) {
		t.Parallel()
		built.unknowns(t)
	})
	t.Run("configuration", func(t *testing.T) {
		t.Parallel()
		lenient.configuration(t)
	})
	t.Run("remediations", func(t *testing.T) {
		t.Parallel()
		built.remediations(t)
	})
}

// verdicts are the mandatory rules that each program breaks: whatever its stage, and what else from the last stage on.
func (f foreign) verdicts(t *testing.T) {
	t.Helper()
	account := []string{"budgets-actual-and-forecast", "guardduty-enabled"}
	program := slices.Concat(account, []string{"cloudwatch-dashboard-exists", "codepipeline-delivers", "inspector-enabled"})
	for name, want := range map[string]struct{ always, lastStage []string }{
		"webserver": {
			[]string{
				"ec2-has-alarms", "ec2-imds-v2", "ec2-instance-volumes-encrypted", "ec2-managed-by-ssm",
				"ec2-remote-ports-closed", "resources-tagged",
			},
			slices.Concat(program, []string{"ec2-patched"}),
		},
		"fargate": {
			[]string{
				"alb-has-alarms", "ec2-default-security-group-managed", "ec2-vpc-flow-logs", "ecs-container-logs",
				"ecs-has-alarms", "ecs-no-public-address", "ecs-read-only-root", "lb-access-logs", "lb-deletion-protection",
				"lb-drop-invalid-headers", "resources-tagged", "target-group-has-alarms",
			},
			slices.Concat(program, []string{"ecs-circuit-breaker", "lb-target-group-health-check", "lb-waf"}),
		},
		"site": {
			[]string{
				"cloudfront-access-logs", "cloudfront-has-alarms", "resources-tagged", "s3-public-access-blocked",
			},
			slices.Concat(account, []string{"cloudfront-waf"}),
		},
		"jobs": {
			[]string{
				"apigatewayv2-access-logs", "dynamodb-deletion-protection", "dynamodb-has-alarms",
				"dynamodb-point-in-time-recovery", "lambda-has-alarms", "lambda-runtime-supported", "resources-tagged",
			},
			program,
		},
		"databases": {
			[]string{
				"elasticache-cluster-snapshots", "elasticache-has-alarms", "elasticache-own-subnet-group",
				"rds-backup-retention", "rds-default-parameters-require-tls", "rds-deletion-protection", "rds-gp3",
				"rds-has-alarms", "rds-iam-authentication", "rds-log-exports", "rds-storage-encrypted", "resources-tagged",
			},
			slices.Concat(account, []string{"elasticache-cluster-spans-zones", "rds-multi-az", "rds-replicas-span-zones"}),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused := f.stack(t).violations(tools.Policy, nil, "FOREIGN="+name)
			require.Equal(t, want.always, refused["mandatory"])
		})
		t.Run(name+" of the last stage", func(t *testing.T) {
			t.Parallel()
			all := slices.Sorted(slices.Values(slices.Concat(want.always, want.lastStage)))
			refused := f.stack(t).violations(tools.Policy, settings(map[string]any{"stage": 5}), "FOREIGN="+name)
			require.Equal(t, all, refused["mandatory"])
		})
	}
}

// messages requires violations to name the resource, the property, its value, the required value and the remedy.
func (f foreign) messages(t *testing.T) {
	t.Helper()
	for name, wanted := range map[string][]string{
		"webserver": {
			`aws:ec2/instance:Instance "web": metadataOptions.httpTokens is not set: it must be required. ` +
				`Set metadataOptions.httpTokens to required.`,
			`aws:ec2/securityGroup:SecurityGroup "web": ingress[1].cidrBlocks opens port 22 to "0.0.0.0/0": it must not be open to ` +
				`all addresses. Close ports 22 and 3389, and use Session Manager.`,
			`aws:ec2/instance:Instance "web": the role "web" in iamInstanceProfile does not allow Systems Manager to manage the instance. ` +
				`Set iamInstanceProfile to a profile whose role has the policy AmazonSSMManagedInstanceCore.`,
		},
		"jobs": {
			`aws:lambda/function:Function "jobs": runtime is "nodejs18.x": it must be a newer version, because support ended on ` +
				`2025-09-01. Move the function to a newer runtime.`,
		},
		"site": {
			`aws:cloudfront/distribution:Distribution "site": viewerCertificate.acmCertificateArn is not set: it must be set. ` +
				`Set aliases, and viewerCertificate.acmCertificateArn to a certificate in us-east-1.`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			output, err := f.stack(t).runWithPolicies("preview", tools.Policy, nil, "FOREIGN="+name)
			require.Error(t, err)
			for _, message := range wanted {
				require.Contains(t, output, message)
			}
		})
	}
}

// unknowns requires values to be evaluated once they are known: at the preview, the role's own policy may be the one that
// the rule requires.
func (f foreign) unknowns(t *testing.T) {
	t.Helper()
	careless := f.stack(t)
	for _, command := range []string{"preview", "up"} {
		output, err := careless.runWithPolicies(command, tools.Policy, map[string]any{"all": "advisory"}, "FOREIGN=careless")
		require.NoError(t, err, output)
		require.Equal(t, command == "up", slices.Contains(violatedRules(output)["advisory"], "ec2-managed-by-ssm"), command)
	}
}

// settings returns a configuration of the pack with settings that apply to all rules.
func settings(values map[string]any) map[string]any { return map[string]any{"settings": values} }
