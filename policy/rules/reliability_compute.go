package rules

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"stagecraft/policy/rule"
)

func targetsServe() []rule.Rule {
	targets := isOneOf("targetType", "instance", "instance", "ip", "alb")
	return []rule.Rule{{
		Name:        "lb-target-group-health-check",
		Description: "Target groups check the health of targets, by HTTP on a path that the program sets",
		Severity:    rule.Medium,
		Theme:       rule.Reliability,
		References:  []string{"WAF REL11-BP01"},
		FromStage:   2,
		Fix:         "Set healthCheck.path to one that succeeds only if the target can serve requests, and remove healthCheck.enabled.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{lbTargetGroup},
		Resource: rule.When(targets, rule.All(
			rule.Bool("healthCheck.enabled", true, true),
			rule.When(isOneOf("protocol", "", "HTTP", "HTTPS"), rule.Set("healthCheck.path")),
		)),
	}, {
		Name:        "lb-target-group-draining",
		Description: "Target groups let requests finish before they remove a target",
		Severity:    rule.Medium,
		Theme:       rule.Reliability,
		References:  []string{"WAF OPS06-BP03"},
		FromStage:   2,
		Fix:         "Set deregistrationDelay to the duration in seconds of the longest requests.",
		Level:       policyx.EnforcementLevelMandatory,
		Parameters: map[string]rule.Parameter{
			"seconds": {Description: "The minimum time for requests to finish", Default: 5, Min: 1, Max: 3600},
		},
		Types:    []string{lbTargetGroup},
		Resource: rule.When(targets, rule.AtLeast("deregistrationDelay", "seconds", 300)),
	}}
}

func groupsHeal() []rule.Rule {
	return []rule.Rule{{
		Name:        "autoscaling-spans-zones",
		Description: "Auto Scaling groups use two or more availability zones",
		Severity:    rule.Medium,
		Theme:       rule.Reliability,
		References:  []string{"FSBP AutoScaling.2", "WAF REL10-BP01"},
		FromStage:   4,
		Fix:         "Set vpcZoneIdentifiers to subnets in two or more availability zones.",
		Level:       policyx.EnforcementLevelMandatory,
		Stack: func(s *rule.Stack) {
			for _, group := range s.ResourcesOfType(autoscalingGroup) {
				zones := group.Get("availabilityZones")
				if oneZone(s, group, "vpcZoneIdentifiers", "") || !zones.Unknown() && len(zones.List()) == 1 {
					group.Report("the group uses one availability zone")
				}
			}
		},
	}, {
		Name:        "autoscaling-elb-health-check",
		Description: "Auto Scaling groups replace instances that fail the load balancer's health check",
		Severity:    rule.Medium,
		Theme:       rule.Reliability,
		References:  []string{"FSBP AutoScaling.1", "WAF REL11-BP03"},
		FromStage:   4,
		Fix:         "Set healthCheckType to ELB, and healthCheckGracePeriod to the startup time of an instance in seconds.",
		Level:       policyx.EnforcementLevelMandatory,
		Stack:       groupsCheckHealth,
	}, {
		Name:        "autoscaling-instance-types",
		Description: "Auto Scaling groups can launch more than one instance type, in case a zone runs out of capacity for one",
		Severity:    rule.Medium,
		Theme:       rule.Reliability,
		References:  []string{"FSBP AutoScaling.6"},
		FromStage:   4,
		Fix:         "Set mixedInstancesPolicy.launchTemplate.overrides to two or more instance types.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{autoscalingGroup},
		Resource:    rule.Want("mixedInstancesPolicy.launchTemplate.overrides", "two or more instance types", mixes),
	}}
}

// mixes accepts instance requirements, by which AWS chooses among many types.
func mixes(overrides rule.Value) bool {
	types := map[string]bool{}
	for _, override := range overrides.List() {
		kind := override.Get("instanceType")
		if override.Unknown() || kind.Unknown() || !override.Get("instanceRequirements").Absent() {
			return true
		}
		types[kind.Text()] = true
	}
	return len(types) > 1
}

func groupsCheckHealth(s *rule.Stack) {
	attached, _ := referring(s, s.ResourcesOfType(autoscalingAttachment), "autoscalingGroupName", autoscalingGroup)
	for _, group := range s.ResourcesOfType(autoscalingGroup) {
		balanced := len(attached[group]) > 0 || !group.IsUnset("targetGroupArns") || !group.IsUnset("loadBalancers")
		health := group.Get("healthCheckType")
		if balanced && group.IsUnset("healthCheckType") {
			group.Report("healthCheckType is not set: it must be ELB")
		} else if balanced && !health.Unknown() && !strings.Contains(health.Text(), "ELB") {
			group.ReportValue(health, "ELB")
		}
	}
}

func cachesFailOver() []rule.Rule {
	caches := []string{elasticacheReplicationGroup}
	return []rule.Rule{{
		Name:        "elasticache-automatic-failover",
		Description: "ElastiCache replication groups promote a replica when the primary fails",
		Severity:    rule.Medium,
		Theme:       rule.Reliability,
		References:  []string{"FSBP ElastiCache.3", "WAF REL11-BP02"},
		FromStage:   4,
		Fix:         "Set automaticFailoverEnabled to true, and numCacheClusters to 2 or more.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       caches,
		Resource:    rule.True("automaticFailoverEnabled"),
	}, {
		Name:        "elasticache-multi-az",
		Description: "ElastiCache replication groups run in two or more availability zones",
		Severity:    rule.Medium,
		Theme:       rule.Reliability,
		References:  []string{"WAF REL10-BP01"},
		FromStage:   4,
		Fix:         "Set multiAzEnabled to true, and numCacheClusters to 2 or more.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       caches,
		Resource:    rule.True("multiAzEnabled"),
	}, {
		Name:        "elasticache-cluster-spans-zones",
		Description: "Memcached clusters run in two or more availability zones, and Redis and Valkey run in replication groups",
		Severity:    rule.Medium,
		Theme:       rule.Reliability,
		References:  []string{"WAF REL10-BP01"},
		FromStage:   4,
		Fix: "Use an aws.elasticache.ReplicationGroup for Redis or Valkey. For Memcached, set azMode to cross-az, " +
			"and numCacheNodes to 2 or more.",
		Level: policyx.EnforcementLevelMandatory,
		Types: []string{elasticacheCluster},
		Resource: rule.All(
			rule.When(standalone, rule.Set("replicationGroupId")),
			rule.When(isOneOf("engine", "", "memcached"), rule.OneOf("azMode", "single-az", "cross-az")),
		),
	}}
}

// standalone selects clusters that could be in a replication group.
func standalone(r *rule.Resource) bool {
	return isOneOf("engine", "", "redis", "valkey")(r) && isUnset("replicationGroupId")(r)
}

func servicesSurvive() []rule.Rule {
	return []rule.Rule{{
		Name:        "ecs-spans-zones",
		Description: "ECS services run in two or more availability zones",
		Severity:    rule.Medium,
		Theme:       rule.Reliability,
		References:  []string{"WAF REL10-BP01"},
		FromStage:   2,
		Fix:         "Set networkConfiguration.subnets to subnets in two or more availability zones.",
		Level:       policyx.EnforcementLevelMandatory,
		Stack: func(s *rule.Stack) {
			for _, service := range s.ResourcesOfType(ecsService) {
				if oneZone(s, service, "networkConfiguration.subnets", "") {
					service.Report("networkConfiguration.subnets: all subnets are in one availability zone")
				}
			}
		},
	}, {
		Name:        "ecs-circuit-breaker",
		Description: "ECS services stop a deployment whose tasks do not start, and roll back",
		Severity:    rule.Medium,
		Theme:       rule.Reliability,
		References:  []string{"WAF OPS06-BP04"},
		FromStage:   5,
		Fix:         "Set deploymentCircuitBreaker.enable and deploymentCircuitBreaker.rollback to true.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{ecsService},
		Resource: rule.When(isOneOf("deploymentController.type", "ECS", "ECS"), rule.All(
			rule.True("deploymentCircuitBreaker.enable"), rule.True("deploymentCircuitBreaker.rollback"),
		)),
	}, {
		Name:        "ecs-two-tasks",
		Description: "ECS services run two or more tasks, even after scaling in",
		Severity:    rule.Medium,
		Theme:       rule.Reliability,
		References:  []string{"WAF REL10-BP01"},
		FromStage:   5,
		Fix:         "Set desiredCount of the service, and minCapacity of its aws.appautoscaling.Target if there is one, to 2 or more.",
		Level:       policyx.EnforcementLevelMandatory,
		Parameters: map[string]rule.Parameter{
			"tasks": {Description: "The minimum number of tasks", Default: 2, Min: 1, Max: 1000},
		},
		Stack: servicesHaveTasks,
	}}
}

// servicesHaveTasks evaluates the minimum of the scaling target if there is one, because the service soon has that
// number. It excludes daemons, which run once on each machine.
func servicesHaveTasks(s *rule.Stack) {
	targets, sure := scaling(s, "ecs", ecsService)
	for _, service := range s.ResourcesOfType(ecsService) {
		desired := service.Get("desiredCount")
		switch {
		case service.Get("schedulingStrategy").Text() == "DAEMON" || service.Get("schedulingStrategy").Unknown():
		case len(targets[service]) > 0:
			for _, target := range targets[service] {
				rule.AtLeast("minCapacity", "tasks", 0)(target)
			}
		case sure && service.IsUnset("desiredCount"):
			service.Report("desiredCount is not set, which starts no tasks")
		case sure && !desired.Unknown():
			rule.AtLeast("desiredCount", "tasks", 0)(service)
		}
	}
}

// scaling returns the Application Auto Scaling targets by the resource that they scale. sure is false if one of them
// may scale any.
func scaling(s *rule.Stack, namespace, token string) (targets map[*rule.Resource][]*rule.Resource, sure bool) {
	named := map[string]*rule.Resource{}
	for _, resource := range s.ResourcesOfType(token) {
		named[resource.Get("name").Text()] = resource
	}
	targets, sure = map[*rule.Resource][]*rule.Resource{}, true
	for _, target := range s.ResourcesOfType(appautoscalingTarget) {
		if space := target.Get("serviceNamespace"); !space.Unknown() && space.Text() != namespace {
			continue
		}
		scaled, known := s.References(target, "resourceId", token)
		sure = sure && known
		// A known ID is service/cluster/name or table/name.
		kind, path, _ := strings.Cut(target.Get("resourceId").Text(), "/")
		for _, name := range strings.Split(path, "/") {
			if resource := named[name]; resource != nil && kind != "" && len(scaled) == 0 {
				scaled = append(scaled, resource)
			}
		}
		for _, resource := range scaled {
			targets[resource] = append(targets[resource], target)
		}
	}
	return targets, sure
}

func functionsSurvive() []rule.Rule {
	return []rule.Rule{{
		Name:        "lambda-vpc-spans-zones",
		Description: "Lambda functions in a VPC have subnets in two or more availability zones",
		Severity:    rule.Medium,
		Theme:       rule.Reliability,
		References:  []string{"FSBP Lambda.5", "WAF REL10-BP01"},
		FromStage:   2,
		Fix:         "Set vpcConfig.subnetIds to subnets in two or more availability zones.",
		Level:       policyx.EnforcementLevelMandatory,
		Stack: func(s *rule.Stack) {
			for _, function := range s.ResourcesOfType(lambdaFunction) {
				if oneZone(s, function, "vpcConfig.subnetIds", "") {
					function.Report("vpcConfig.subnetIds: all subnets are in one availability zone")
				}
			}
		},
	}, {
		Name:        "lambda-failure-destination",
		Description: "Events that a Lambda function fails to process go to a dead-letter queue or another destination",
		Severity:    rule.Medium,
		Theme:       rule.Reliability,
		FromStage:   5,
		Fix: "Set deadLetterConfig.targetArn to a queue or topic, or add an aws.lambda.FunctionEventInvokeConfig with " +
			"destinationConfig.onFailure.",
		Level: policyx.EnforcementLevelMandatory,
		Stack: functionsKeepFailures,
	}}
}

// functionsKeepFailures excludes functions whose events are never dropped: Secrets Manager retries a rotation, an event
// source mapping handles failures itself, CloudFront returns errors to its users, and an invocation by Pulumi fails the
// update.
func functionsKeepFailures(s *rule.Stack) {
	handled := map[*rule.Resource]bool{}
	for token, properties := range map[string][]string{
		secretsmanagerSecretRotation: {"rotationLambdaArn"},
		lambdaEventSourceMapping:     {"functionName"},
		lambdaInvocation:             {"functionName"},
		cloudfrontDistribution:       {"defaultCacheBehavior", "orderedCacheBehaviors"},
	} {
		for _, user := range s.ResourcesOfType(token) {
			for _, property := range properties {
				functions, _ := functionsIn(s, user, property)
				for _, function := range functions {
					handled[function] = true
				}
			}
		}
	}
	for _, config := range s.ResourcesOfType(lambdaFunctionEventInvokeConfig) {
		if !isSet(config.Get("destinationConfig.onFailure.destination")) {
			continue
		}
		functions, sure := functionsIn(s, config, "functionName")
		if !sure {
			return
		}
		for _, function := range functions {
			handled[function] = true
		}
	}
	for _, function := range s.ResourcesOfType(lambdaFunction) {
		if !handled[function] && !isSet(function.Get("deadLetterConfig.targetArn")) {
			function.Report("deadLetterConfig is not set, and no destination receives failures")
		}
	}
}
