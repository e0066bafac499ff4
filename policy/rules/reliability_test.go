package rules

var reliabilityExamples = map[string]examples{
	"rds-multi-az": {
		typ:  rdsInstance,
		pass: []props{{"multiAz": true}, {"replicateSourceDb": "app"}, {"replicateSourceDb": "app", "multiAz": false}},
		fail: []props{{}, {"multiAz": false}},
	},
	"cloudfront-origin-failover": {
		typ:  "aws:cloudfront/distribution:Distribution",
		pass: []props{{"originGroups": []any{props{"originId": "app"}}}},
		fail: []props{{}, {"originGroups": []any{}}},
	},
	"lb-target-group-health-check": {
		typ: "aws:alb/targetGroup:TargetGroup",
		pass: []props{
			{},
			{"protocol": "TCP"},
			{"protocol": "HTTP", "healthCheck": props{"path": "/health"}},
			{"protocol": "TCP", "healthCheck": props{"enabled": true}},
			{"targetType": "lambda", "healthCheck": props{"enabled": false}},
		},
		fail: []props{
			{"protocol": "HTTP"},
			{"protocol": "HTTPS", "targetType": "ip", "healthCheck": props{"enabled": true}},
			{"protocol": "HTTP", "healthCheck": props{"path": "/health", "enabled": false}},
			{"healthCheck": props{"enabled": false}},
		},
	},
	"lb-target-group-draining": {
		typ:  lbTargetGroup,
		pass: []props{{}, {"deregistrationDelay": 30}, {"targetType": "ip", "deregistrationDelay": "5"}, {"targetType": "lambda"}},
		fail: []props{{"deregistrationDelay": 0}, {"targetType": "ip", "deregistrationDelay": 1}},
	},
	"autoscaling-instance-types": {
		typ: autoscalingGroup,
		pass: []props{
			mixed(props{"instanceType": "m7g.large"}, props{"instanceType": "m8g.large"}),
			mixed(props{"instanceRequirements": props{"memoryMib": props{"min": 4096}}}),
		},
		fail: []props{
			{},
			mixed(), mixed(props{"instanceType": "m7g.large"}),
			mixed(props{"instanceType": "m7g.large"}, props{"instanceType": "m7g.large"}),
		},
	},
	"elasticache-automatic-failover": {
		typ:  "aws:elasticache/replicationGroup:ReplicationGroup",
		pass: []props{{"automaticFailoverEnabled": true}},
		fail: []props{{}, {"automaticFailoverEnabled": false}},
	},
	"elasticache-multi-az": {
		typ:  "aws:elasticache/replicationGroup:ReplicationGroup",
		pass: []props{{"multiAzEnabled": true}},
		fail: []props{{}, {"multiAzEnabled": false}},
	},
	"elasticache-cluster-spans-zones": {
		typ:  "aws:elasticache/cluster:Cluster",
		pass: []props{{}, {"replicationGroupId": "app"}, {"engine": "memcached", "azMode": "cross-az"}},
		fail: []props{{"engine": "memcached"}, {"engine": "memcached", "azMode": "single-az"}, {"engine": "redis"}, {"engine": "valkey"}},
	},
	"ecs-circuit-breaker": {
		typ: ecsService,
		pass: []props{
			{"deploymentCircuitBreaker": props{"enable": true, "rollback": true}}, {"deploymentController": props{"type": "CODE_DEPLOY"}},
		},
		fail: []props{
			{},
			{"deploymentCircuitBreaker": props{"enable": false, "rollback": true}},
			{"deploymentCircuitBreaker": props{"enable": true, "rollback": false}},
		},
	},
}

func mixed(overrides ...any) props {
	return props{"mixedInstancesPolicy": props{"launchTemplate": props{"overrides": append([]any{}, overrides...)}}}
}

var reliabilityStacks = merged(databaseStacks(), zoneStacks(), targetStacks(), map[string]stacks{
	"autoscaling-elb-health-check": {
		stage: 4,
		pass: [][]part{
			{},
			{{typ: autoscalingGroup, name: "web"}},
			{{typ: autoscalingGroup, name: "web", props: props{"healthCheckType": "ELB"}, from: map[string][]string{"targetGroupArns": {"web-targets"}}}},
			{{typ: autoscalingGroup, name: "web", from: map[string][]string{"targetGroupArns": {}, "loadBalancers": {}, "healthCheckType": {}}}},
			{{typ: autoscalingGroup, name: "web", from: map[string][]string{"targetGroupArns": {"targets"}, "healthCheckType": {"setting"}}}, setting},
		},
		fail: [][]part{
			{targetsPart(nil), {typ: autoscalingGroup, name: "web", from: map[string][]string{"targetGroupArns": {"targets"}}}},
			{targetsPart(nil), {typ: autoscalingGroup, name: "web", from: map[string][]string{"targetGroupArns": {"targets"}, "healthCheckType": {}}}},
			{{typ: autoscalingGroup, name: "web", props: props{"healthCheckType": "EC2", "targetGroupArns": []any{"arn:targets"}}}},
			{{typ: autoscalingGroup, name: "web", props: props{"loadBalancers": []any{"classic"}}}},
			{
				{typ: autoscalingGroup, name: "web", props: props{"healthCheckType": "EC2"}},
				{typ: autoscalingAttachment, name: "attachment", from: map[string][]string{"autoscalingGroupName": {"web"}}},
			},
		},
	},
	"ecs-two-tasks": {
		stage: 5,
		pass: [][]part{
			{},
			{servicePart(props{"desiredCount": 2})},
			{servicePart(props{"schedulingStrategy": "DAEMON"})},
			{servicePart(props{"desiredCount": 1}), serviceTarget(2)},
			{servicePart(nil), {typ: appautoscalingTarget, name: "target", props: props{
				"serviceNamespace": "ecs", "minCapacity": 2, "resourceId": "service/all/users",
			}}},
			{servicePart(nil), {typ: appautoscalingTarget, name: "target", props: props{"serviceNamespace": "ecs"}, from: map[string][]string{
				"resourceId": {"users"}, "minCapacity": {"setting"},
			}}, setting},
			{{typ: ecsService, name: "users", from: map[string][]string{"desiredCount": {"setting"}}}, setting},
			// The resource that it scales is not known.
			{servicePart(nil), {typ: appautoscalingTarget, name: "target", from: map[string][]string{"resourceId": {}, "serviceNamespace": {}}}},
		},
		fail: [][]part{
			{servicePart(nil)},
			{{typ: ecsService, name: "users", from: map[string][]string{"desiredCount": {}}}},
			{servicePart(props{"desiredCount": 1})},
			{servicePart(props{"desiredCount": 2}), serviceTarget(1)},
			{servicePart(props{"desiredCount": 1}), {typ: appautoscalingTarget, name: "target", props: props{
				"serviceNamespace": "dynamodb", "minCapacity": 2, "resourceId": "table/users",
			}}},
		},
	},
	"lambda-failure-destination": {
		stage: 5,
		pass: [][]part{
			{},
			{{typ: lambdaFunction, name: "visits", from: map[string][]string{"deadLetterConfig": {"queue"}}}},
			{{typ: lambdaFunction, name: "visits", props: props{"deadLetterConfig": props{"targetArn": "arn:queue"}}}},
			{visits, invokeConfig("visits", true)},
			{visits, aliasOf("visits"), invokeConfig("alias", true)},
			{visits, {typ: "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", name: "config", props: props{
				"functionName": "visits-1", "destinationConfig": props{"onFailure": props{"destination": "arn:queue"}},
			}}},
			{visits, invokeConfig("", true)},
			{visits, {
				typ: "aws:secretsmanager/secretRotation:SecretRotation", name: "rotation",
				from: map[string][]string{"rotationLambdaArn": {"visits"}},
			}},
			{visits, {
				typ: "aws:lambda/eventSourceMapping:EventSourceMapping", name: "mapping", from: map[string][]string{"functionName": {"visits"}},
			}},
			{visits, {
				typ: "aws:lambda/invocation:Invocation", name: "call", from: map[string][]string{"functionName": {"visits"}},
			}},
			{visits, {
				typ: "aws:cloudfront/distribution:Distribution", name: "frontend",
				from: map[string][]string{"defaultCacheBehavior": {"visits"}},
			}},
		},
		fail: [][]part{
			{visits},
			{visits, invokeConfig("visits", false)},
			{visits, {typ: lambdaFunction, name: "other"}, invokeConfig("other", true)},
		},
	},
})

var (
	setting = part{typ: "pulumi:pulumi:StackReference", name: "setting"}
	visits  = part{typ: lambdaFunction, name: "visits", props: props{"name": "visits-1"}}
)

func databaseStacks() map[string]stacks {
	const memberToken = "aws:rds/clusterInstance:ClusterInstance"
	cluster := part{typ: rdsCluster, name: "app", props: props{"engine": "aurora-postgresql"}}
	member := func(name string, more props) part {
		return part{typ: memberToken, name: name, props: more, from: map[string][]string{"clusterIdentifier": {"app"}}}
	}
	source := part{typ: rdsInstance, name: "app", props: props{"identifier": "app-1"}}
	replica := func(name, zone string) part {
		return part{
			typ: rdsInstance, name: name, props: props{"availabilityZone": zone}, from: map[string][]string{"replicateSourceDb": {"app"}},
		}
	}
	return map[string]stacks{
		"rds-cluster-multi-az": {
			stage: 2,
			pass: [][]part{
				{},
				{cluster},
				{cluster, member("a", nil), member("b", nil)},
				{cluster, member("a", props{"availabilityZone": "eu-west-1a"}), member("b", props{"availabilityZone": "eu-west-1b"})},
				{{typ: rdsCluster, name: "app", props: props{"engine": "mysql", "dbClusterInstanceClass": "db.m6gd.large"}}},
				{
					{typ: rdsCluster, name: "app", props: props{"engine": "aurora-mysql", "globalClusterIdentifier": "world"}},
					member("a", nil),
				},
				{cluster, member("a", nil), {typ: memberToken, name: "b", from: map[string][]string{"clusterIdentifier": {}}}},
			},
			fail: [][]part{
				{cluster, member("a", nil)},
				{cluster, member("a", props{"availabilityZone": "eu-west-1a"}), member("b", props{"availabilityZone": "eu-west-1a"})},
			},
		},
		"rds-replicas-span-zones": {
			stage: 3,
			pass: [][]part{
				{},
				{source},
				{source, replica("a", "eu-west-1a"), replica("b", "eu-west-1b")},
				// AWS chooses.
				{source, replica("a", ""), replica("b", "eu-west-1b")},
				{source, {typ: rdsInstance, name: "a", props: props{"replicateSourceDb": "app-1", "multiAz": true}}},
				{{typ: rdsInstance, name: "a", props: props{"replicateSourceDb": "arn:aws:rds:eu-west-1:1:db:app"}}},
				{{typ: rdsInstance, name: "a", from: map[string][]string{"replicateSourceDb": {}}}},
				{setting, {typ: rdsInstance, name: "a", from: map[string][]string{"replicateSourceDb": {"setting"}}}},
			},
			fail: [][]part{
				{source, replica("a", "")},
				{source, replica("a", "eu-west-1a")},
				{source, replica("a", "eu-west-1a"), replica("b", "eu-west-1a")},
				{source, {typ: rdsInstance, name: "a", props: props{"replicateSourceDb": "app-1"}}},
				{source, replica("a", "eu-west-1a"), {typ: rdsInstance, name: "b", props: props{
					"replicateSourceDb": "app-1", "availabilityZone": "eu-west-1a",
				}}},
			},
		},
	}
}

// zoneStacks are the examples of rules about the zones of subnets, by the property with the subnets.
func zoneStacks() map[string]stacks {
	all := map[string]stacks{}
	for name, test := range map[string]struct {
		typ, property, below string
		stage                int
	}{
		"lb-spans-zones":          {"aws:elasticloadbalancingv2/loadBalancer:LoadBalancer", "subnets", "", 2},
		"autoscaling-spans-zones": {autoscalingGroup, "vpcZoneIdentifiers", "", 4},
		"ecs-spans-zones":         {ecsService, "networkConfiguration", "subnets", 2},
		"lambda-vpc-spans-zones":  {lambdaFunction, "vpcConfig", "subnetIds", 2},
	} {
		known := func(ids ...any) part {
			value := any(ids)
			if test.below != "" {
				value = props{test.below: ids}
			}
			return part{typ: test.typ, name: "web", props: props{test.property: value}}
		}
		from := func(sources ...string) part {
			return part{typ: test.typ, name: "web", from: map[string][]string{test.property: sources}}
		}
		a, a2, b := subnetIn("eu-west-1a", "a"), subnetIn("eu-west-1a", "a2"), subnetIn("eu-west-1b", "b")
		group := part{typ: "aws:ec2/securityGroup:SecurityGroup", name: "group"}
		component := part{typ: "awsx:ec2:Vpc", name: "network"}
		all[name] = stacks{
			stage: test.stage,
			pass: [][]part{
				{},
				{{typ: test.typ, name: "web"}},
				{a, b, known("id-a", "id-b")},
				{a, b, from("a", "b")},
				{a, b, group, from("a", "b", "group")},
				// Subnets outside the stack or from a component.
				{known("id-x", "id-y")},
				{a, known("id-a", "id-y")},
				{a, component, from("a", "network")},
				{component, from("network")},
				{from()},
				// AWS chooses.
				{a, {typ: ec2Subnet, name: "c"}, from("a", "c")},
			},
			fail: [][]part{
				{known("id-x")},
				{a, known("id-a")},
				{a, a2, known("id-a", "id-a2")},
				{a, from("a")},
				{a, a2, group, from("a", "a2", "group")},
			},
		}
	}
	mapped := func(ids ...string) part {
		var mappings []any
		for _, id := range ids {
			mappings = append(mappings, props{"subnetId": id, "allocationId": "eip-" + id})
		}
		return part{typ: lbLoadBalancer, name: "web", props: props{"subnetMappings": mappings}, from: map[string][]string{"subnets": {}}}
	}
	balancers, groups := all["lb-spans-zones"], all["autoscaling-spans-zones"]
	balancers.pass = append(balancers.pass, []part{subnetIn("eu-west-1a", "a"), subnetIn("eu-west-1b", "b"), mapped("id-a", "id-b")})
	balancers.fail = append(balancers.fail, []part{mapped("id-a")},
		[]part{subnetIn("eu-west-1a", "a"), subnetIn("eu-west-1a", "a2"), mapped("id-a", "id-a2")})
	groups.pass = append(groups.pass, []part{{typ: autoscalingGroup, name: "web", props: props{"availabilityZones": []any{"a", "b"}}}})
	groups.fail = append(groups.fail, []part{{typ: autoscalingGroup, name: "web", props: props{"availabilityZones": []any{"a"}}}})
	all["lb-spans-zones"], all["autoscaling-spans-zones"] = balancers, groups
	return all
}

func targetStacks() map[string]stacks {
	in := func(zone, name string) part {
		return part{typ: ec2Instance, name: name, from: map[string][]string{"subnetId": {zone}}}
	}
	known := func(name string) part { return part{typ: ec2Instance, name: name, props: props{"subnetId": "id-x"}} }
	attached := func(instance string) part {
		return part{typ: "aws:alb/targetGroupAttachment:TargetGroupAttachment", name: "attached-" + instance, from: map[string][]string{
			"targetGroupArn": {"targets"}, "targetId": {instance},
		}}
	}
	a, b := subnetIn("eu-west-1a", "a"), subnetIn("eu-west-1b", "b")
	one := []part{targetsPart(nil), a, in("a", "one"), attached("one")}
	with := func(more ...part) []part { return append(append([]part{}, one...), more...) }
	return map[string]stacks{"lb-targets-span-zones": {
		stage: 2,
		pass: [][]part{
			{},
			{targetsPart(nil)},
			with(b, in("b", "two"), attached("two")),
			with(part{typ: ec2Instance, name: "two", props: props{"availabilityZone": "eu-west-1b"}}, attached("two")),
			// Other targets of the group.
			with(part{typ: autoscalingGroup, name: "group", from: map[string][]string{"targetGroupArns": {"targets"}}}),
			with(part{typ: ecsService, name: "service", from: map[string][]string{"loadBalancers": {"targets"}}}),
			with(part{typ: autoscalingAttachment, name: "attachment", from: map[string][]string{"lbTargetGroupArn": {"targets"}}}),
			// The zone or the group is not known.
			with(in("elsewhere", "two"), attached("two")),
			with(attached("two")),
			with(part{typ: attached("any").typ, name: "any", from: map[string][]string{"targetGroupArn": {}}}),
			{targetsPart(props{"targetType": "lambda"}), attached("one")},
		},
		fail: [][]part{
			one,
			with(part{typ: autoscalingGroup, name: "group", from: map[string][]string{"targetGroupArns": {}}}),
			with(in("a", "two"), attached("two")),
			{targetsPart(nil), known("one"), known("two"), attached("one"), attached("two")},
			with(part{typ: ec2Instance, name: "two", props: props{"availabilityZone": "eu-west-1a"}}, attached("two")),
		},
	}}
}

func subnetIn(zone, name string) part {
	return part{typ: ec2Subnet, name: name, props: props{"id": "id-" + name, "availabilityZone": zone}}
}

func targetsPart(more props) part { return part{typ: lbTargetGroup, name: "targets", props: more} }

func servicePart(more props) part {
	return part{typ: ecsService, name: "users", props: merged(props{"name": "users"}, more)}
}

func serviceTarget(least int) part {
	return part{
		typ: appautoscalingTarget, name: "target", from: map[string][]string{"resourceId": {"users"}},
		props: props{"serviceNamespace": "ecs", "minCapacity": least},
	}
}

func aliasOf(function string) part {
	return part{typ: "aws:lambda/alias:Alias", name: "alias", from: map[string][]string{"functionName": {function}}}
}

func invokeConfig(function string, fails bool) part {
	config := part{
		typ: "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", name: "config", from: map[string][]string{"functionName": {function}},
	}
	if fails {
		config.props = props{"destinationConfig": props{"onFailure": props{"destination": "arn:queue"}}}
	}
	return config
}
