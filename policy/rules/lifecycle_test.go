package rules

var lifecycleExamples = map[string]examples{
	"lambda-runtime-supported": {
		typ:  "aws:lambda/function:Function",
		pass: []props{{}, {"packageType": "Image"}, {"runtime": "provided.al2023"}, {"runtime": "python3.99"}},
		fail: []props{{"runtime": "nodejs16.x"}, {"runtime": "python3.8"}, {"runtime": "go1.x"}, {"runtime": "provided"}},
	},
	"lambda-layer-runtimes-supported": {
		typ:  "aws:lambda/layerVersion:LayerVersion",
		pass: []props{{}, {"compatibleRuntimes": []any{"python3.99", "provided.al2023"}}},
		fail: []props{{"compatibleRuntimes": []any{"python3.99", "python3.7"}}},
	},
	"rds-engine-supported": {
		typ: "aws:rds/instance:Instance",
		pass: []props{
			{},
			{"engine": "postgres"},
			{"engine": "postgres", "engineVersion": "17"},
			{"engine": "postgres", "engineVersion": "99.1"},
			{"engine": "mysql", "engineVersion": "8.4.3"},
			{"engine": "oracle-se2", "engineVersion": "12"},
			{"engineVersion": "11", "replicateSourceDb": "app"},
		},
		fail: []props{
			{"engine": "postgres", "engineVersion": "9.6.24"},
			{"engine": "postgres", "engineVersion": "12"},
			{"engine": "mysql", "engineVersion": "5.7.44"},
			{"engine": "aurora-mysql", "engineVersion": "5.7.mysql_aurora.2.11.1"},
			{"engine": "mariadb", "engineVersion": "10.3"},
		},
	},
	"elasticache-engine-supported": {
		typ: "aws:elasticache/replicationGroup:ReplicationGroup",
		pass: []props{
			{},
			{"engine": "valkey", "engineVersion": "8.1"},
			{"engine": "redis", "engineVersion": "7.1"},
			{"engine": "memcached", "engineVersion": "1.6.22"},
			{"engine": "valkey", "engineVersion": "5.0.6"},
		},
		fail: []props{{"engineVersion": "5.0.6"}, {"engine": "redis", "engineVersion": "3.2.10"}},
	},
	"codebuild-image-supported": {
		typ: "aws:codebuild/project:Project",
		pass: []props{
			{},
			{"environment": props{"image": "aws/codebuild/amazonlinux-aarch64-standard:3.0"}},
			{"environment": props{"image": "aws/codebuild/standard:7.0"}},
			{"environment": props{"image": "golang:1.26"}},
		},
		fail: []props{
			{"environment": props{"image": "aws/codebuild/standard:5.0"}},
			{"environment": props{"image": "aws/codebuild/amazonlinux2-x86_64-standard:3.0"}},
			{"environment": props{"image": "aws/codebuild/nodejs:8.11.0"}},
		},
	},
	"rds-certificate-authority-valid": {
		typ:  "aws:rds/instance:Instance",
		pass: []props{{}, {"caCertIdentifier": "rds-ca-rsa2048-g1"}},
		fail: []props{{"caCertIdentifier": "rds-ca-2019"}},
	},
	"rds-auto-minor-version-upgrade": {
		typ:  "aws:rds/instance:Instance",
		pass: []props{{}, {"autoMinorVersionUpgrade": true}},
		fail: []props{{"autoMinorVersionUpgrade": false}},
	},
	"elasticache-auto-minor-version-upgrade": {
		typ:  "aws:elasticache/replicationGroup:ReplicationGroup",
		pass: []props{{}, {"autoMinorVersionUpgrade": "true"}, {"autoMinorVersionUpgrade": true}},
		fail: []props{{"autoMinorVersionUpgrade": "false"}, {"autoMinorVersionUpgrade": false}},
	},
	"ecs-fargate-platform-latest": {
		typ:  "aws:ecs/service:Service",
		pass: []props{{}, {"platformVersion": "LATEST"}, {"platformVersion": "1.4.0"}},
		fail: []props{{"platformVersion": "1.3.0"}},
	},
	"autoscaling-launch-template": {
		typ:  "aws:autoscaling/group:Group",
		pass: []props{{}, {"launchTemplate": props{"id": "lt-1"}}},
		fail: []props{{"launchConfiguration": "web"}},
	},
}
