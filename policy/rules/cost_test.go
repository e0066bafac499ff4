package rules

var costExamples = map[string]examples{
	"ec2-current-generation": {
		typ:  ec2Instance,
		pass: []props{{}, {"instanceType": "t4g.small"}, {"instanceType": "m7i.large"}, {"instanceType": "u-6tb1.metal"}},
		fail: []props{{"instanceType": "t2.micro"}, {"instanceType": "m4.large"}},
	},
	"rds-current-generation": {
		typ:  rdsInstance,
		pass: []props{{}, {"instanceClass": "db.t4g.small"}, {"instanceClass": "db.serverless"}},
		fail: []props{{"instanceClass": "db.t2.micro"}, {"instanceClass": "db.r4.large"}},
	},
	"elasticache-current-generation": {
		typ:  "aws:elasticache/replicationGroup:ReplicationGroup",
		pass: []props{{}, {"nodeType": "cache.t4g.small"}},
		fail: []props{{"nodeType": "cache.t2.micro"}, {"nodeType": "cache.m3.medium"}},
	},
	"ebs-gp3": {
		typ:  "aws:ebs/volume:Volume",
		pass: []props{{"type": "gp3"}, {"type": "io2"}, {"type": "st1"}},
		fail: []props{{}, {"type": "gp2"}, {"type": "gp2", "size": 170}},
	},
	"ec2-root-volume-gp3": {
		typ: ec2Instance,
		// The image sets the default.
		pass: []props{{}, {"rootBlockDevice": props{"volumeSize": 20}}, {"rootBlockDevice": props{"volumeType": "gp3"}}},
		fail: []props{{"rootBlockDevice": props{"volumeType": "gp2", "volumeSize": 20}}},
	},
	"ec2-volumes-gp3": {
		typ:  ec2Instance,
		pass: []props{{}, {"ebsBlockDevices": []any{props{"volumeType": "gp3"}, props{"volumeType": "io2"}}}},
		fail: []props{
			{"ebsBlockDevices": []any{props{"volumeType": "gp2"}}},
			{"ebsBlockDevices": []any{props{"volumeType": "gp3"}, props{"deviceName": "/dev/sdf"}}},
		},
	},
	"ec2-launch-template-gp3": {
		typ:  ec2LaunchTemplate,
		pass: []props{{}, {"blockDeviceMappings": []any{props{"ebs": props{"volumeType": "gp3"}}, props{"noDevice": "true"}}}},
		fail: []props{{"blockDeviceMappings": []any{props{"ebs": props{"volumeType": "gp2"}}}}},
	},
	"rds-gp3": {
		typ: rdsInstance,
		pass: []props{
			{"storageType": "gp3"},
			{"storageType": "io2", "iops": 3000},
			{"iops": 3000},
			{"replicateSourceDb": "app"},
			{"snapshotIdentifier": "before"},
			{"restoreToPointInTime": props{"useLatestRestorableTime": true}},
		},
		fail: []props{{}, {"storageType": "gp2"}, {"replicateSourceDb": "app", "storageType": "gp2"}},
	},
}

var costStacks = map[string]stacks{
	"s3-incomplete-uploads-end": {
		pass: [][]part{
			{},
			{bucketPart(nil), lifecyclePart(props{"status": "Enabled", "abortIncompleteMultipartUpload": props{"daysAfterInitiation": 7}})},
			{bucketPart(props{"lifecycleRules": []any{props{"enabled": true, "abortIncompleteMultipartUploadDays": 7}}})},
			{bucketPart(nil), {
				typ: "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2", name: "lifecycle",
				from: map[string][]string{"bucket": {"data"}, "rules": {}},
			}},
		},
		fail: [][]part{
			{bucketPart(nil)},
			{bucketPart(nil), lifecyclePart(props{"status": "Enabled", "expiration": props{"days": 30}})},
			{bucketPart(nil), lifecyclePart(props{"status": "Disabled", "abortIncompleteMultipartUpload": props{"daysAfterInitiation": 7}})},
			{bucketPart(props{"lifecycleRules": []any{props{"enabled": false, "abortIncompleteMultipartUploadDays": 7}}})},
		},
	},
	"ecr-lifecycle-policy": {
		pass: [][]part{
			{},
			{{typ: ecrRepository, name: "app"}, {
				typ: "aws:ecr/lifecyclePolicy:LifecyclePolicy", name: "app-policy", from: map[string][]string{"repository": {"app"}},
			}},
			{{typ: ecrRepository, name: "app", props: props{"name": "app"}}, {
				typ: "aws:ecr/lifecyclePolicy:LifecyclePolicy", name: "app-policy", props: props{"repository": "app"},
			}},
			{{typ: ecrRepository, name: "app"}, {
				typ: "aws:ecr/lifecyclePolicy:LifecyclePolicy", name: "app-policy", from: map[string][]string{"repository": {}},
			}},
		},
		fail: [][]part{
			{{typ: ecrRepository, name: "app"}},
			{{typ: ecrRepository, name: "app"}, {typ: ecrRepository, name: "other"}, {
				typ: "aws:ecr/lifecyclePolicy:LifecyclePolicy", name: "app-policy", from: map[string][]string{"repository": {"other"}},
			}},
		},
	},
	"dynamodb-scales": {
		pass: [][]part{
			{},
			{{typ: dynamodbTable, name: "app", props: props{"billingMode": "PAY_PER_REQUEST"}}},
			{{typ: dynamodbTable, name: "app", from: map[string][]string{"billingMode": {}}}},
			{{typ: dynamodbTable, name: "app"}, tableTarget("Read"), tableTarget("Write")},
			{visitsTable, tableTargetOf("Read", "table/visits"), tableTargetOf("Write", "table/visits")},
			// The table that it scales is not known.
			{{typ: dynamodbTable, name: "app"}, {
				typ: appautoscalingTarget, name: "any", props: props{"serviceNamespace": "dynamodb"}, from: map[string][]string{"resourceId": {}},
			}},
		},
		fail: [][]part{
			{{typ: dynamodbTable, name: "app"}},
			{{typ: dynamodbTable, name: "app", props: props{"billingMode": "PROVISIONED"}}, tableTarget("Read")},
			{visitsTable, tableTargetOf("Read", "table/other"), tableTargetOf("Write", "table/other")},
		},
	},
	"ec2-one-nat-gateway": {
		stage: 2,
		pass: [][]part{
			{},
			{networkPart("network"), publicSubnet("a", "network"), gateway("1", "a")},
			{
				networkPart("network"), publicSubnet("a", "network"), gateway("1", "a"),
				networkPart("other"), publicSubnet("b", "other"), gateway("2", "b"),
			},
			// Subnets of a component may be in any network.
			{networkPart("network"), gateway("1", "network"), gateway("2", "network")},
		},
		fail: [][]part{{
			networkPart("network"), publicSubnet("a", "network"), gateway("1", "a"), publicSubnet("b", "network"), gateway("2", "b"),
		}},
	},
}

func lifecyclePart(properties props) part {
	return part{
		typ: "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2", name: "lifecycle",
		from: map[string][]string{"bucket": {"data"}}, props: props{"rules": []any{properties}},
	}
}

var visitsTable = part{typ: dynamodbTable, name: "app", props: props{"name": "visits"}}

func tableTarget(kind string) part {
	return part{typ: appautoscalingTarget, name: kind, from: map[string][]string{"resourceId": {"app"}}, props: props{
		"serviceNamespace": "dynamodb", "scalableDimension": "dynamodb:table:" + kind + "CapacityUnits",
	}}
}

func tableTargetOf(kind, id string) part {
	return part{typ: appautoscalingTarget, name: kind, props: props{
		"serviceNamespace": "dynamodb", "scalableDimension": "dynamodb:table:" + kind + "CapacityUnits", "resourceId": id,
	}}
}

func networkPart(name string) part { return part{typ: "aws:ec2/vpc:Vpc", name: name} }

func publicSubnet(name, network string) part {
	return part{typ: ec2Subnet, name: name, from: map[string][]string{"vpcId": {network}}}
}

func gateway(name, subnet string) part {
	return part{typ: "aws:ec2/natGateway:NatGateway", name: name, from: map[string][]string{"subnetId": {subnet}}}
}
