package rules

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"
)

// TestTablesOfResourceRules has a row for each entry of the tables that rules about resources look up: with it, the
// resource fails.
func TestTablesOfResourceRules(t *testing.T) {
	t.Parallel()
	property := func(name string) func(string) props {
		return func(value string) props { return props{name: value} }
	}
	condition := func(key string) props {
		return policy("policy", props{
			"Principal": "*", "Action": "sqs:*", "Resource": "*", "Condition": props{"StringEquals": props{key: "x"}},
		})
	}
	for _, table := range []struct {
		rule, typ  string
		properties func(string) props
		fail, pass string
	}{
		{
			"ec2-current-generation", ec2Instance,
			func(family string) props { return props{"instanceType": family + ".large"} },
			"a1 c1 c3 c4 cc2 cg1 cr1 g2 g3 hs1 i2 m1 m2 m3 m4 p2 r3 r4 t1 t2",
			"c5 c6g c7i g4dn g5 i3 i4i m5 m6g m7i p3 p4d r5 r6g r7i t3 t3a t4g x2gd",
		},
		{
			"rds-current-generation", rdsClusterInstance,
			func(family string) props { return props{"instanceClass": "db." + family + ".large"} }, "m4 r4 t2", "m5 r6g t3",
		},
		{
			"ec2-high-risk-ports-closed", vpcSecurityGroupIngressRule,
			func(port string) props {
				return props{"ipProtocol": "tcp", "fromPort": port, "toPort": port, "cidrIpv4": "0.0.0.0/0"}
			},
			"20 21 23 25 110 135 143 445 1433 1434 3000 3306 4333 5000 5432 5500 5601 8080 8088 8888 9200 9300",
			"19 22 24 80 443 3389 8443 9301",
		},
		{
			"ec2-only-web-ports-open", vpcSecurityGroupIngressRule,
			func(port string) props {
				return props{"ipProtocol": "tcp", "fromPort": port, "toPort": port, "cidrIpv6": "::/0"}
			},
			"79 81 442 444 8443", "80 443 22 3389 21",
		},
		{
			"ec2-remote-ports-closed", vpcSecurityGroupIngressRule,
			func(port string) props {
				return props{"ipProtocol": "6", "fromPort": port, "toPort": port, "cidrIpv4": "0.0.0.0/0"}
			},
			"22 3389", "21 23 3388 3390",
		},
		{
			"ec2-remote-ports-closed", ec2SecurityGroupRule,
			func(protocol string) props {
				return props{"type": "ingress", "protocol": protocol, "fromPort": 0, "toPort": 65535, "ipv6CidrBlocks": []any{"::/0"}}
			},
			"tcp TCP 6 udp 17 -1 all", "icmp 1",
		},
		{"sqs-queue-not-public", sqsQueuePolicy, condition, "aws:CurrentTime aws:RequestedRegion aws:UserAgent", `
			aws:PrincipalAccount aws:PrincipalArn aws:PrincipalOrgID aws:PrincipalOrgPaths aws:PrincipalServiceName aws:SourceAccount
			aws:SourceArn aws:SourceIp aws:SourceOrgID aws:SourceOrgPaths aws:SourceOwner aws:SourceVpc aws:SourceVpce aws:userid
			aws:VpceAccount aws:VpceOrgID aws:VpceOrgPaths kms:CallerAccount s3:DataAccessPointAccount s3:DataAccessPointArn`},
		{
			"s3-bucket-policy-keeps-control", s3BucketPolicy,
			func(action string) props {
				return policy("policy", props{"Principal": props{"AWS": "123456789012"}, "Action": action, "Resource": "*"})
			},
			"s3:DeleteBucketPolicy s3:PutBucketAcl s3:PutBucketPolicy s3:PutEncryptionConfiguration s3:PutObjectAcl s3:*",
			"s3:GetObject s3:PutObject",
		},
		{
			"rds-certificate-authority-valid", rdsInstance, property("caCertIdentifier"), "rds-ca-2010 rds-ca-2015 rds-ca-2019",
			"rds-ca-rsa2048-g1 rds-ca-rsa4096-g1 rds-ca-ecc384-g1",
		},
		{
			"guardduty-plans-on", guarddutyDetectorFeature,
			func(name string) props { return props{"name": name, "status": "DISABLED"} },
			"EBS_MALWARE_PROTECTION EKS_AUDIT_LOGS LAMBDA_NETWORK_LOGS RDS_LOGIN_EVENTS S3_DATA_EVENTS", "RUNTIME_MONITORING",
		},
		{
			"rds-own-port", rdsInstance,
			func(pair string) props {
				engine, port, _ := strings.Cut(pair, ":")
				return props{"engine": engine, "port": port}
			},
			"postgres:5432 aurora-postgresql:5432 mysql:3306 mariadb:3306 aurora-mysql:3306 oracle-ee:1521 sqlserver-ex:1433 db2-se:50000",
			"postgres:3306 mysql:5432 db2-se:50001",
		},
		{
			"s3-no-public-acl", s3Bucket, property("acl"), "public-read public-read-write authenticated-read",
			"private bucket-owner-full-control log-delivery-write",
		},
		{
			"rds-log-exports", rdsInstance,
			func(pair string) props {
				engine, log, _ := strings.Cut(pair, ":")
				return props{"engine": engine, "enabledCloudwatchLogsExports": []any{log}}
			},
			"postgres:upgrade mysql:general mariadb:audit sqlserver-ex:agent oracle-ee:listener",
			"postgres:postgresql mysql:error mariadb:error sqlserver-ex:error oracle-ee:alert db2-se:any",
		},
		{
			"rds-cluster-log-exports", rdsCluster,
			func(pair string) props {
				engine, log, _ := strings.Cut(pair, ":")
				return props{"engine": engine, "enabledCloudwatchLogsExports": []any{log}}
			},
			"aurora-postgresql:instance aurora-mysql:error", "aurora-postgresql:postgresql aurora-mysql:audit",
		},
		{
			"rds-event-subscription-categories", rdsEventSubscription,
			func(row string) props {
				source, categories, _ := strings.Cut(row, ":")
				var list []any
				for _, category := range strings.Split(strings.ReplaceAll(categories, "_", " "), ",") {
					list = append(list, category)
				}
				return props{"sourceType": source, "eventCategories": list}
			},
			"db-cluster:failure db-cluster:maintenance db-instance:maintenance,failure db-instance:configuration_change,failure " +
				"db-instance:maintenance,configuration_change",
			"db-cluster:maintenance,failure db-instance:maintenance,configuration_change,failure",
		},
		{
			"rds-parameters-require-tls", rdsParameterGroup,
			func(family string) props { return props{"family": family, "parameters": []any{}} },
			"postgres14 mysql8.0 mysql8.4 mariadb10.11 sqlserver-ex-16.0", "oracle-ee-19 db2-se-11.5 aurora-mysql8.0",
		},
		{
			"rds-cluster-parameters-require-tls", rdsClusterParameterGroup,
			func(family string) props { return props{"family": family, "parameters": []any{}} },
			"aurora-postgresql16 aurora-mysql8.0 postgres14 mysql8.0", "aurora-postgresql17 postgres15 postgres17",
		},
		{
			"rds-default-parameters-require-tls", rdsInstance,
			func(pair string) props {
				engine, version, _ := strings.Cut(pair, ":")
				return props{"engine": engine, "engineVersion": version}
			},
			"postgres:14.9 mysql:8.4 mariadb:11.7 sqlserver-ex:16.00", "postgres:15 postgres:17.2 mariadb:11.8.3 oracle-ee:19 postgres:",
		},
		{
			"codebuild-image-supported", codebuildProject,
			func(image string) props { return props{"environment": props{"image": "aws/codebuild/" + image}} },
			`standard:1.0 standard:2.0 standard:3.0 standard:4.0 standard:5.0
				amazonlinux2-x86_64-standard:1.0 amazonlinux2-x86_64-standard:2.0 amazonlinux2-x86_64-standard:3.0
				amazonlinux2-x86_64-standard:4.0 amazonlinux2-aarch64-standard:1.0 amazonlinux2-aarch64-standard:2.0
				android-java-8:26.1.1 docker:18.09.0 dot-net:core-2.1 eb-go-1.5-amazonlinux-64:2.1.6 golang:1.11 java:openjdk-8
				nodejs:8.11.0 php:7.1 python:3.7.1 ruby:2.5.3 ubuntu-base:14.04`,
			"standard:6.0 standard:7.0 amazonlinux2-x86_64-standard:5.0 amazonlinux2-aarch64-standard:3.0 amazonlinux-x86_64-standard:5.0",
		},
		{
			"ssm-parameter-no-plain-secrets", ssmParameter,
			func(name string) props { return props{"name": name, "type": "String", "value": "hunter2-hunter2"} },
			`/app/password /app/passwd /app/passphrase /app/secret /app/token /app/credential /app/credentials /app/api_key
				/app/apikey /app/secret-key /app/private.key /app/access_key_id /app/encryption-key /app/signingkey /app/db_pwd`,
			"/app/host /app/keyboard /app/pwdless",
		},
		{
			"ssm-parameter-no-plain-secrets", ssmParameter,
			func(value string) props { return props{"name": "/app/setting", "type": "StringList", "value": value} },
			"AKIA" + strings.Repeat("A", 16) + " ASIA" + strings.Repeat("7", 16) + " ghp_" + strings.Repeat("a", 36) + " gho_" + strings.Repeat("a", 36) +
				" ghu_" + strings.Repeat("a", 36) + " ghs_" + strings.Repeat("a", 36) + " ghr_" + strings.Repeat("a", 36) +
				" github_pat_" + strings.Repeat("a", 40) + " glpat-" + strings.Repeat("a", 20) + " xoxa-1234567890 xoxb-1234567890 xoxp-1234567890" +
				" xoxr-1234567890 xoxs-1234567890 rk_live_" + strings.Repeat("a", 16) + " sk_live_" + strings.Repeat("a", 16) +
				" postgres://app:hunter2@db.example.com",
			"AKIASHORT ghx_" + strings.Repeat("a", 36) + " glpat-short xoxz-1234567890 pk_live_" + strings.Repeat("a", 16) +
				" postgres://app@db.example.com https://example.com:443/",
		},
		{
			"ssm-parameter-no-plain-secrets", ssmParameter,
			func(value string) props { return props{"name": "/app/password", "type": "String", "value": value} },
			"hunter2-hunter2 2 10",
			`arn:aws:secretsmanager:x /app/database {{resolve:ssm:x}} ssm:x secretsmanager:x vault:x https://x http://x $SECRET app/db
				true FALSE yes No on off none NULL 0 1`,
		},
	} {
		evaluated := named(t, table.rule)
		for _, entry := range strings.Fields(table.fail) {
			require.NotEmpty(t, violations(evaluated, table.typ, resource.NewPropertyMapFromMap(table.properties(entry))),
				"%s: %s", table.rule, entry)
		}
		for _, entry := range strings.Fields(table.pass) {
			require.Empty(t, violations(evaluated, table.typ, resource.NewPropertyMapFromMap(table.properties(entry))),
				"%s: %s", table.rule, entry)
		}
	}
}

// TestTaggableTypes has a row for each type that needs tags although it shows none.
func TestTaggableTypes(t *testing.T) {
	t.Parallel()
	tagged := named(t, "resources-tagged")
	for _, typ := range strings.Fields(`
		aws:cloudwatch/metricAlarm:MetricAlarm aws:cloudwatch/compositeAlarm:CompositeAlarm aws:cloudwatch/eventRule:EventRule
		aws:cloudwatch/logGroup:LogGroup aws:sns/topic:Topic aws:ec2/instance:Instance aws:ec2/launchTemplate:LaunchTemplate
		aws:autoscaling/group:Group aws:ecs/service:Service aws:lambda/function:Function aws:rds/instance:Instance
		aws:rds/cluster:Cluster aws:lb/loadBalancer:LoadBalancer aws:lb/targetGroup:TargetGroup
		aws:elasticache/replicationGroup:ReplicationGroup aws:dynamodb/table:Table aws:cloudfront/distribution:Distribution
		aws:s3/bucket:Bucket aws:ec2/vpc:Vpc aws:ec2/subnet:Subnet aws:ec2/securityGroup:SecurityGroup
		aws:ec2/natGateway:NatGateway aws:ec2/eip:Eip aws:ebs/volume:Volume aws:efs/fileSystem:FileSystem aws:ecs/cluster:Cluster
		aws:ecs/taskDefinition:TaskDefinition aws:ecr/repository:Repository aws:sqs/queue:Queue
		aws:secretsmanager/secret:Secret aws:kms/key:Key aws:iam/role:Role aws:codepipeline/pipeline:Pipeline
		aws:codebuild/project:Project`) {
		require.Len(t, stackViolations(tagged, 1, []part{{typ: typ, name: "untagged"}}), 1, typ)
		require.Empty(t, stackViolations(tagged, 1, []part{{typ: typ, name: "tagged", props: props{"tags": props{"a": "b"}}}}), typ)
	}
	for _, typ := range []string{"aws:s3/bucketObjectv2:BucketObjectv2", "aws:s3/bucketObject:BucketObject", "aws:s3/objectCopy:ObjectCopy"} {
		require.Empty(t, stackViolations(tagged, 1, []part{{typ: typ, name: "unbilled", props: props{"tagsAll": props{}}}}), typ)
	}
}

// TestTablesOfReferences has a row for each property by which a rule about the stack follows references.
func TestTablesOfReferences(t *testing.T) {
	t.Parallel()
	quiet := part{typ: cloudwatchMetricAlarm, name: "quiet"}
	alarmed := named(t, "cloudwatch-alarms-have-actions")
	for token, property := range map[string]string{
		"aws:codedeploy/deploymentGroup:DeploymentGroup": "alarmConfiguration",
		"aws:ecs/service:Service":                        "alarms",
		"aws:autoscaling/group:Group":                    "instanceRefresh",
		"aws:route53/healthCheck:HealthCheck":            "cloudwatchAlarmName",
	} {
		follower := part{typ: token, name: "follower", from: map[string][]string{property: {"quiet"}}}
		require.Empty(t, stackViolations(alarmed, 1, []part{quiet, follower}), token)
		follower.from = map[string][]string{"tags": {"quiet"}}
		require.Len(t, stackViolations(alarmed, 1, []part{quiet, follower}), 1, token)
	}
	composite := part{typ: cloudwatchCompositeAlarm, name: "all", from: map[string][]string{"alarmRule": {"quiet"}, "alarmActions": {"topic"}}}
	require.Empty(t, stackViolations(alarmed, 1, []part{quiet, composite}))

	notified := named(t, "sns-alarm-topics-have-subscribers")
	topic := part{typ: snsTopic, name: "topic"}
	for token, property := range map[string]string{
		"aws:cloudwatch/metricAlarm:MetricAlarm":                   "alarmActions",
		"aws:cloudwatch/compositeAlarm:CompositeAlarm":             "alarmActions",
		"aws:budgets/budget:Budget":                                "notifications",
		"aws:costexplorer/anomalySubscription:AnomalySubscription": "subscribers",
	} {
		publisher := part{typ: token, name: "publisher", from: map[string][]string{property: {"topic"}}}
		require.Len(t, stackViolations(notified, 1, []part{topic, publisher}), 1, token)
		for subscriberToken, property := range map[string]string{
			"aws:sns/topicSubscription:TopicSubscription":                     "topic",
			"aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration": "snsTopicArns",
			"aws:chatbot/teamsChannelConfiguration:TeamsChannelConfiguration": "snsTopicArns",
		} {
			subscriber := part{typ: subscriberToken, name: "subscriber", from: map[string][]string{property: {"topic"}}}
			require.Empty(t, stackViolations(notified, 1, []part{topic, publisher, subscriber}), subscriberToken)
		}
	}

	managed := named(t, "ec2-managed-by-ssm")
	template := part{typ: ec2LaunchTemplate, name: "template"}
	require.Empty(t, stackViolations(managed, 1, []part{template}), "nothing launches from it")
	for _, launcher := range []struct{ token, property string }{
		{"aws:autoscaling/group:Group", "launchTemplate"},
		{"aws:autoscaling/group:Group", "mixedInstancesPolicy"},
		{"aws:ec2/instance:Instance", "launchTemplate"},
		{"aws:ec2/fleet:Fleet", "launchTemplateConfigs"},
	} {
		user := part{typ: launcher.token, name: "user", from: map[string][]string{launcher.property: {"template"}}}
		reports := stackViolations(managed, 1, []part{template, user})
		require.Len(t, reports, 1, launcher)
		require.Contains(t, reports[0], `"template"`)
	}
}
