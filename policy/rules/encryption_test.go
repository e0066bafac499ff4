package rules

var encryptionExamples = merged(atRestExamples, keyExamples, inTransitExamples, edgeExamples)

var atRestExamples = map[string]examples{
	"rds-storage-encrypted": {
		typ:  "aws:rds/instance:Instance",
		pass: []props{{"storageEncrypted": true}, {"replicateSourceDb": "app"}},
		fail: []props{{}, {"storageEncrypted": false}},
	},
	"rds-cluster-storage-encrypted": {
		typ:  "aws:rds/cluster:Cluster",
		pass: []props{{"storageEncrypted": true}, {"engineMode": "serverless"}},
		fail: []props{{}, {"storageEncrypted": false}, {"engineMode": "provisioned"}, {"engineMode": "serverless", "storageEncrypted": false}},
	},
	"ec2-instance-volumes-encrypted": {
		typ: "aws:ec2/instance:Instance",
		pass: []props{
			{"rootBlockDevice": props{"encrypted": true}},
			{"rootBlockDevice": props{"encrypted": true}, "ebsBlockDevices": []any{props{"encrypted": true}, props{"snapshotId": "snap-1"}}},
			{"launchTemplate": props{"id": "lt-1"}},
		},
		fail: []props{
			{},
			{"rootBlockDevice": props{"volumeSize": 20.0}},
			{"rootBlockDevice": props{"encrypted": true}, "ebsBlockDevices": []any{props{"encrypted": true}, props{"deviceName": "/dev/sdb"}}},
			{"launchTemplate": props{"id": "lt-1"}, "rootBlockDevice": props{"encrypted": false}},
		},
	},
	"ec2-launch-template-volumes-encrypted": {
		typ: "aws:ec2/launchTemplate:LaunchTemplate",
		pass: []props{
			{"blockDeviceMappings": []any{props{"ebs": props{"encrypted": "true"}}, props{"virtualName": "ephemeral0"}, props{"noDevice": "true"}}},
			{"blockDeviceMappings": []any{props{"ebs": props{"encrypted": true}}, props{"ebs": props{"snapshotId": "snap-1"}}}},
		},
		fail: []props{
			{},
			{"blockDeviceMappings": []any{props{"ebs": props{"encrypted": "false"}}}},
			{"blockDeviceMappings": []any{props{"ebs": props{"encrypted": "true"}}, props{"ebs": props{"volumeSize": 20.0}}}},
		},
	},
	"ebs-volume-encrypted": {
		typ:  "aws:ebs/volume:Volume",
		pass: []props{{"encrypted": true}},
		fail: []props{{}, {"encrypted": false}},
	},
	"ebs-encrypted-by-default": {
		typ:  "aws:ebs/encryptionByDefault:EncryptionByDefault",
		pass: []props{{}, {"enabled": true}},
		fail: []props{{"enabled": false}},
	},
	"efs-encrypted": {
		typ:  "aws:efs/fileSystem:FileSystem",
		pass: []props{{"encrypted": true}},
		fail: []props{{}, {"encrypted": false}},
	},
	"sns-topic-encrypted": {
		typ:  "aws:sns/topic:Topic",
		pass: []props{{"kmsMasterKeyId": "alias/app"}},
		fail: []props{{}, {"kmsMasterKeyId": ""}},
	},
	"sqs-queue-encrypted": {
		typ:  "aws:sqs/queue:Queue",
		pass: []props{{}, {"sqsManagedSseEnabled": true}, {"sqsManagedSseEnabled": false, "kmsMasterKeyId": "alias/app"}},
		fail: []props{{"sqsManagedSseEnabled": false}, {"sqsManagedSseEnabled": false, "kmsMasterKeyId": ""}},
	},
	"dynamodb-table-kms-key": {
		typ:  "aws:dynamodb/table:Table",
		pass: []props{{"serverSideEncryption": props{"enabled": true}}},
		fail: []props{{}, {"serverSideEncryption": props{"enabled": false}}},
	},
	"elasticache-encrypted-at-rest": {
		typ: "aws:elasticache/replicationGroup:ReplicationGroup",
		pass: []props{
			{"atRestEncryptionEnabled": true},
			{"atRestEncryptionEnabled": "true"},
			{"engine": "valkey"},
			{"globalReplicationGroupId": "global-app"},
		},
		fail: []props{{}, {"engine": "redis"}, {"atRestEncryptionEnabled": false}, {"engine": "valkey", "atRestEncryptionEnabled": false}},
	},
	"cloudtrail-encrypted-with-kms": {
		typ:  "aws:cloudtrail/trail:Trail",
		pass: []props{{"kmsKeyId": "arn:aws:kms:eu-west-1:111122223333:key/1"}},
		fail: []props{{}, {"kmsKeyId": ""}},
	},
	"codebuild-artifacts-encrypted": {
		typ: "aws:codebuild/project:Project",
		pass: []props{
			{},
			{"artifacts": props{"type": "S3"}, "secondaryArtifacts": []any{props{"type": "S3"}}},
			{"artifacts": props{"type": "NO_ARTIFACTS", "encryptionDisabled": true}},
		},
		fail: []props{
			{"artifacts": props{"type": "S3", "encryptionDisabled": true}},
			{"artifacts": props{"type": "S3"}, "secondaryArtifacts": []any{props{"encryptionDisabled": true}}},
		},
	},
	"codebuild-s3-logs-encrypted": {
		typ:  "aws:codebuild/project:Project",
		pass: []props{{}, {"logsConfig": props{"s3Logs": props{"status": "ENABLED"}}}},
		fail: []props{{"logsConfig": props{"s3Logs": props{"encryptionDisabled": true}}}},
	},
	"codebuild-report-group-encrypted": {
		typ:  "aws:codebuild/reportGroup:ReportGroup",
		pass: []props{{}, {"exportConfig": props{"type": "NO_EXPORT"}}, {"exportConfig": props{"s3Destination": props{"bucket": "reports"}}}},
		fail: []props{{"exportConfig": props{"s3Destination": props{"encryptionDisabled": true}}}},
	},
}

var keyExamples = map[string]examples{
	"kms-key-rotation": {
		typ: "aws:kms/key:Key",
		pass: []props{
			{"enableKeyRotation": true},
			{"keyUsage": "SIGN_VERIFY", "customerMasterKeySpec": "ECC_NIST_P256"},
			{"customerMasterKeySpec": "RSA_4096"},
			{"customKeyStoreId": "cks-1"},
		},
		fail: []props{{}, {"enableKeyRotation": false}, {"keyUsage": "ENCRYPT_DECRYPT", "customerMasterKeySpec": "SYMMETRIC_DEFAULT"}},
	},
	"secretsmanager-rotation-interval": {
		typ: "aws:secretsmanager/secretRotation:SecretRotation",
		pass: []props{
			{"rotationRules": props{"automaticallyAfterDays": 30.0}},
			{"rotationRules": props{"automaticallyAfterDays": 90.0}},
			{"rotationRules": props{"scheduleExpression": "rate(4 hours)"}},
			{"rotationRules": props{"scheduleExpression": "rate(1 day)"}},
			{"rotationRules": props{"scheduleExpression": "cron(0 16 1,15 * ? *)"}},
		},
		fail: []props{
			{},
			{"rotationRules": props{"automaticallyAfterDays": 91.0}},
			{"rotationRules": props{"scheduleExpression": "rate(365 days)"}},
		},
	},
	"codebuild-no-plain-credentials": {
		typ: "aws:codebuild/project:Project",
		pass: []props{
			{},
			{"environment": props{"environmentVariables": []any{
				props{"name": "STAGE", "value": "test"},
				props{"name": "DB_PASSWORD", "type": "SECRETS_MANAGER", "value": "db:password"},
				props{"name": "API_TOKEN", "type": "PARAMETER_STORE", "value": "/token"},
				props{"name": "TOKEN_URL", "value": "https://example.com"},
			}}},
		},
		fail: []props{
			{"environment": props{"environmentVariables": []any{props{"name": "AWS_ACCESS_KEY_ID", "value": "x"}}}},
			{"environment": props{"environmentVariables": []any{props{"name": "AWS_SECRET_ACCESS_KEY", "type": "PLAINTEXT", "value": "x"}}}},
			{"environment": props{"environmentVariables": []any{props{"name": "STAGE", "value": "x"}, props{"name": "db_password", "value": "x"}}}},
		},
	},
	"codebuild-source-without-credentials": {
		typ: "aws:codebuild/project:Project",
		pass: []props{
			{},
			{"source": props{"type": "CODEPIPELINE"}},
			{"source": props{"location": "https://github.com/example/service.git"}},
			{"source": props{"location": "artifacts/app.zip"}, "secondarySources": []any{props{"location": "ssh://git@example.com/a.git"}}},
		},
		fail: []props{
			{"source": props{"location": "https://me:secret@bitbucket.org/example/service.git"}},
			{"source": props{"location": "https://ghp_token@github.com/example/service.git"}},
			{"secondarySources": []any{props{"location": "https://me:secret@bitbucket.org/example/other.git"}}},
		},
	},
}

var inTransitExamples = map[string]examples{
	"rds-parameters-require-tls": {
		typ: "aws:rds/parameterGroup:ParameterGroup",
		pass: []props{
			{},
			{"family": "postgres17"},
			{"family": "postgres14", "parameters": []any{props{"name": "rds.force_ssl", "value": "1"}}},
			{"family": "mysql8.0", "parameters": []any{props{"name": "x", "value": "0"}, props{"name": "require_secure_transport", "value": "ON"}}},
			{"family": "mariadb11.8"},
			{"family": "oracle-ee-19"},
			{"family": "aurora-mysql8.0"},
		},
		fail: []props{
			{"family": "postgres14"},
			{"family": "postgres17", "parameters": []any{props{"name": "rds.force_ssl", "value": "0"}}},
			{"family": "mysql8.0", "parameters": []any{props{"name": "max_connections", "value": "100"}}},
			{"family": "mariadb10.11"},
			{"family": "sqlserver-ex-15.0"},
		},
	},
	"rds-cluster-parameters-require-tls": {
		typ:  "aws:rds/clusterParameterGroup:ClusterParameterGroup",
		pass: []props{{}, {"family": "aurora-postgresql17"}, {"family": "aurora-mysql8.0", "parameters": []any{props{"name": "require_secure_transport", "value": "ON"}}}},
		fail: []props{{"family": "aurora-postgresql16"}, {"family": "aurora-mysql8.0"}, {"family": "mysql8.4"}},
	},
	"rds-default-parameters-require-tls": {
		typ: "aws:rds/instance:Instance",
		pass: []props{
			{},
			{"engine": "postgres"},
			{"engine": "postgres", "engineVersion": "17.4", "parameterGroupName": "default.postgres17"},
			{"engine": "mysql", "parameterGroupName": "app"},
			{"engine": "mariadb", "engineVersion": "11.8.3"},
			{"engine": "oracle-ee"},
			{"engine": "aurora-mysql"},
			{"engine": "mysql", "replicateSourceDb": "app"},
		},
		fail: []props{
			{"engine": "mysql"},
			{"engine": "postgres", "engineVersion": "14.9"},
			{"engine": "mariadb", "engineVersion": "10.11"},
			{"engine": "sqlserver-ex", "parameterGroupName": "default.sqlserver-ex-15.0"},
		},
	},
	"rds-cluster-default-parameters-require-tls": {
		typ:  "aws:rds/cluster:Cluster",
		pass: []props{{}, {"engine": "aurora-postgresql"}, {"engine": "aurora-mysql", "dbClusterParameterGroupName": "app"}},
		fail: []props{{"engine": "aurora-mysql"}, {"engine": "aurora-postgresql", "engineVersion": "16.4"}, {"engine": "mysql", "engineVersion": "8.0.35"}},
	},
	"rds-proxy-requires-tls": {
		typ:  "aws:rds/proxy:Proxy",
		pass: []props{{"requireTls": true}},
		fail: []props{{}, {"requireTls": false}},
	},
	"elasticache-encrypted-in-transit": {
		typ:  "aws:elasticache/replicationGroup:ReplicationGroup",
		pass: []props{{"transitEncryptionEnabled": true}, {"globalReplicationGroupId": "global-app"}},
		fail: []props{{}, {"transitEncryptionEnabled": false}},
	},
	"elasticache-cluster-encrypted-in-transit": {
		typ:  "aws:elasticache/cluster:Cluster",
		pass: []props{{"transitEncryptionEnabled": true}, {"replicationGroupId": "app"}},
		fail: []props{{}, {"transitEncryptionEnabled": false}},
	},
	"apigatewayv2-integration-https": {
		typ: "aws:apigatewayv2/integration:Integration",
		pass: []props{
			{},
			{"integrationUri": "https://example.com"},
			{"integrationUri": "arn:aws:lambda:eu-west-1:111122223333:function:app"},
			{"integrationUri": "http://app.internal", "connectionType": "VPC_LINK"},
		},
		fail: []props{{"integrationUri": "http://example.com"}, {"integrationUri": "HTTP://example.com", "connectionType": "INTERNET"}},
	},
	"ecs-efs-encrypted-in-transit": {
		typ: "aws:ecs/taskDefinition:TaskDefinition",
		pass: []props{
			{},
			{"volumes": []any{props{"name": "tmp"}, props{"efsVolumeConfiguration": props{"transitEncryption": "ENABLED"}}}},
		},
		fail: []props{
			{"volumes": []any{props{"efsVolumeConfiguration": props{"fileSystemId": "fs-1"}}}},
			{"volumes": []any{props{"efsVolumeConfiguration": props{"transitEncryption": "DISABLED"}}}},
		},
	},
	"sns-subscription-https": {
		typ:  "aws:sns/topicSubscription:TopicSubscription",
		pass: []props{{}, {"protocol": "email"}, {"protocol": "https"}},
		fail: []props{{"protocol": "http"}},
	},
	"acm-certificate-key-length": {
		typ:  "aws:acm/certificate:Certificate",
		pass: []props{{}, {"keyAlgorithm": "RSA_2048"}, {"keyAlgorithm": "EC_prime256v1"}},
		fail: []props{{"keyAlgorithm": "RSA_1024"}},
	},
}
