package tests

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPolicyPackRejectsMutants changes one property of the program, or leaves out the resources of one type, and checks
// that the preview reports exactly the rule that covers it.
func TestPolicyPackRejectsMutants(t *testing.T) {
	t.Parallel()
	mutant := goBuild(t, "./tests/testdata/mutant")
	const (
		database = "aws:rds/instance:Instance"
		instance = "aws:ec2/instance:Instance"
		balancer = "aws:lb/loadBalancer:LoadBalancer"
	)
	for theme, mutants := range map[string][]struct{ rule, stack, typ, property, value string }{
		"day one": {
			{"budgets-actual-and-forecast", "stage1", "aws:budgets/budget:Budget", "", ""},
			{"cloudwatch-alarm-actions-enabled", "stage1", "aws:cloudwatch/metricAlarm:MetricAlarm", "actionsEnabled", "false"},
			{"cloudwatch-dashboard-exists", "stage1", "aws:cloudwatch/dashboard:Dashboard", "", ""},
			{"cloudwatch-log-groups-have-retention", "stage1", "aws:cloudwatch/logGroup:LogGroup", "retentionInDays", "0"},
			{"codepipeline-delivers", "stage1", "aws:codepipeline/pipeline:Pipeline", "", ""},
			{
				"costexplorer-monitors-have-subscriptions", "stage1",
				"aws:costexplorer/anomalySubscription:AnomalySubscription", "", "",
			},
			{"guardduty-detector-on", "stage1", "aws:guardduty/detector:Detector", "enable", "false"},
			{"resources-tagged", "stage1", database, "tags", "{}"},
		},
		"reliability": {
			{"autoscaling-elb-health-check", "stage4", "aws:autoscaling/group:Group", "healthCheckType", `"EC2"`},
			{"ecs-circuit-breaker", "stage5", "aws:ecs/service:Service", "deploymentCircuitBreaker", `{"enable": false, "rollback": false}`},
			{"lb-target-group-draining", "stage2", "aws:lb/targetGroup:TargetGroup", "deregistrationDelay", "0"},
			{"rds-multi-az", "stage2", database, "multiAz", "false"},
		},
		"encryption": {
			{
				"elasticache-encrypted-in-transit", "stage4",
				"aws:elasticache/replicationGroup:ReplicationGroup", "transitEncryptionEnabled", "false",
			},
			{"rds-storage-encrypted", "stage1", database, "storageEncrypted", "false"},
			{"s3-bucket-tls-only", "stage1", "aws:s3/bucketPolicy:BucketPolicy", "", ""},
		},
		"exposure": {
			{"cloudfront-waf", "stage5", "aws:cloudfront/distribution:Distribution", "webAclId", `""`},
			{"ec2-default-security-group-managed", "stage1", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "", ""},
			{"ec2-imds-v2", "stage1", instance, "metadataOptions", `{"httpTokens": "optional"}`},
			{"rds-not-public", "stage1", database, "publiclyAccessible", "true"},
		},
		"identity": {
			{"ec2-user-data-no-secrets", "stage1", instance, "userData", `"DATABASE_PASSWORD=correct-horse-battery"`},
			{"iam-no-full-access", "stage1", "aws:iam/rolePolicy:RolePolicy", "policy", `"{\"Statement\":[` +
				`{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}]}"`},
			{"iam-trust-not-public", "stage1", "aws:iam/role:Role", "assumeRolePolicy", `"{\"Statement\":[` +
				`{\"Effect\":\"Allow\",\"Action\":\"sts:AssumeRole\",\"Principal\":\"*\"}]}"`},
		},
		"backup": {
			{"dynamodb-point-in-time-recovery", "stage5", "aws:dynamodb/table:Table", "pointInTimeRecovery", `{"enabled": false}`},
			{"rds-backup-retention", "stage1", database, "backupRetentionPeriod", "1"},
		},
		"logging": {
			{"lb-access-logs", "stage2", balancer, "accessLogs", `{"enabled": false, "bucket": "logs"}`},
			{"rds-log-exports", "stage1", database, "enabledCloudwatchLogsExports", "[]"},
		},
		"currency": {
			{"lambda-runtime-supported", "stage5", "aws:lambda/function:Function", "runtime", `"nodejs18.x"`},
			{"rds-auto-minor-version-upgrade", "stage1", database, "autoMinorVersionUpgrade", "false"},
		},
		"cost": {
			{"ec2-root-volume-gp3", "stage1", instance, "rootBlockDevice", `{"volumeType": "gp2", "encrypted": true}`},
			{"rds-gp3", "stage1", database, "storageType", `"gp2"`},
		},
	} {
		t.Run(theme, func(t *testing.T) {
			t.Parallel()
			for _, mutation := range mutants {
				t.Run(mutation.rule, func(t *testing.T) {
					t.Parallel()
					changed := newAccountOf(t, mutant).stack(mutation.stack)
					refused := changed.violations(tools.Policy, nil,
						"MUTANT_TYPE="+mutation.typ, "MUTANT_PROPERTY="+mutation.property, "MUTANT_VALUE="+mutation.value)
					require.Equal(t, []string{mutation.rule}, refused["mandatory"])
				})
			}
		})
	}
}
