package rules

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"stagecraft/policy/rule"
)

// visibility are rules for logs, dashboards, pipelines and tags.
func visibility() []rule.Rule {
	return []rule.Rule{{
		Name:        "cloudwatch-log-groups-have-retention",
		Description: "Log groups delete logs after a limited time",
		Severity:    rule.Low,
		Theme:       rule.DayOne,
		References:  []string{"WAF COST04-BP05", "WAF SEC04-BP01"},
		Fix:         "Set retentionInDays to a number of days that CloudWatch Logs allows, such as 30 or 365.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{cloudwatchLogGroup},
		Resource:    rule.When(keepsForever, rule.Want("retentionInDays", "1 or more", ends)),
		Remediation: setRetention,
	}, {
		Name:        "lambda-has-log-group",
		Description: "The stack contains the log group of each Lambda function, and so sets its retention",
		Severity:    rule.Low,
		Theme:       rule.DayOne,
		References:  []string{"WAF SEC04-BP01"},
		Fix: "Create a log group with retentionInDays, named /aws/lambda/ and the function's name, or name one in " +
			"loggingConfig. Otherwise Lambda creates one that keeps logs forever.",
		Level: policyx.EnforcementLevelAdvisory,
		Stack: functionsHaveLogGroups,
	}, {
		Name:        "cloudwatch-dashboard-exists",
		Description: "A stack that runs a program has a dashboard",
		Severity:    rule.Low,
		Theme:       rule.DayOne,
		References:  []string{"WAF OPS08-BP05"},
		FromStage:   1,
		Fix:         "Create a CloudWatch dashboard that shows the alarms of each tier.",
		Level:       policyx.EnforcementLevelMandatory,
		Stack: stackHas(computes, func(s *rule.Stack) bool {
			return len(s.ResourcesOfType(cloudwatchDashboard)) > 0
		}, "The stack has no dashboard"),
	}, {
		Name:        "codepipeline-delivers",
		Description: "A pipeline deploys what a stack runs",
		Severity:    rule.Low,
		Theme:       rule.DayOne,
		References:  []string{"WAF OPS05-BP10"},
		FromStage:   1,
		Fix:         "Create a CodePipeline pipeline with an action of category Deploy, Build or Invoke after its source.",
		Level:       policyx.EnforcementLevelMandatory,
		Stack:       stackHas(computes, delivers, "No pipeline deploys what the stack runs"),
	}, {
		Name:        "resources-tagged",
		Description: "Resources that support tags have at least one, so that costs can be attributed",
		Severity:    rule.Low,
		Theme:       rule.DayOne,
		References:  []string{"WAF COST03-BP02"},
		Fix:         "Set tags, such as Project, Stack and Tier, or set defaultTags of the provider.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       taggable,
		Stack:       resourcesTagged,
		Remediation: setTags,
	}}
}

// keepsForever excludes groups of class DELIVERY, whose retention AWS fixes.
func keepsForever(r *rule.Resource) bool {
	class := r.Get("logGroupClass")
	return !class.Unknown() && class.Text() != "DELIVERY"
}

func ends(value rule.Value) bool {
	days, is := value.Number()
	return is && days > 0
}

// setRetention keeps logs for a year, as FSBP's CloudWatch.16 requires.
func setRetention(r *rule.Resource) bool {
	if value := r.Get("retentionInDays"); !keepsForever(r) || value.Unknown() || ends(value) {
		return false
	}
	r.Set("retentionInDays", property.New(365.0))
	return true
}

func functionsHaveLogGroups(s *rule.Stack) {
	logged, names := map[*rule.Resource]bool{}, map[string]bool{}
	for _, group := range s.ResourcesOfType(cloudwatchLogGroup) {
		functions, sure := s.References(group, "name", lambdaFunction)
		if !sure && !group.IsUnset("name") {
			return
		}
		for _, function := range functions {
			logged[function] = true
		}
		if name := group.Get("name").Text(); len(functions) == 0 && name != "" {
			names[name] = true
		}
	}
	for _, function := range s.ResourcesOfType(lambdaFunction) {
		named := names[ownLogGroup(function)]
		if function.Get("name").Unknown() {
			named = len(names) > 0
		}
		if !logged[function] && !named && !logsElsewhere(function) {
			function.Report("the stack does not contain the function's log group")
		}
	}
}

// ownLogGroup returns the default log group of a function.
func ownLogGroup(function *rule.Resource) string { return "/aws/lambda/" + function.Get("name").Text() }

// logsElsewhere reports whether the program sets another log group. AWS fills in the function's default log group
// otherwise.
func logsElsewhere(function *rule.Resource) bool {
	group := function.Get("loggingConfig.logGroup")
	return !function.IsUnset("loggingConfig") && !group.Absent() && group.Text() != ownLogGroup(function)
}

// delivers reports whether a pipeline has an action that builds or deploys its source.
func delivers(s *rule.Stack) bool {
	return slices.ContainsFunc(s.ResourcesOfType(codepipelinePipeline), func(pipeline *rule.Resource) bool {
		stages := pipeline.Get("stages")
		return stages.Unknown() || slices.ContainsFunc(stages.List(), func(stage rule.Value) bool {
			return stage.Unknown() || slices.ContainsFunc(stage.Get("actions").List(), func(action rule.Value) bool {
				category := action.Get("category")
				return category.Unknown() || slices.Contains([]string{"Deploy", "Build", "Invoke", "Compute"}, category.Text())
			})
		})
	})
}

// taggable are common types that support tags. Other types are recognized by the property tagsAll.
var taggable = []string{
	cloudwatchMetricAlarm, cloudwatchCompositeAlarm, cloudwatchEventRule, cloudwatchLogGroup, snsTopic, ec2Instance, ec2LaunchTemplate,
	autoscalingGroup, ecsService,
	lambdaFunction, rdsInstance, rdsCluster, lbLoadBalancer,
	lbTargetGroup, elasticacheReplicationGroup, dynamodbTable,
	cloudfrontDistribution, s3Bucket, ec2VPC, ec2Subnet,
	ec2SecurityGroup, ec2NatGateway, ec2Eip, ebsVolume,
	efsFileSystem,
	ecsCluster, ecsTaskDefinition, ecrRepository,
	sqsQueue, secretsmanagerSecret, kmsKey, iamRole,
	codepipelinePipeline, codebuildProject,
}

// unbilled are types with tags but without costs.
var unbilled = []string{s3BucketObject, s3ObjectCopy}

func resourcesTagged(s *rule.Stack) {
	byDefault := func(provider *rule.Resource) bool { return !provider.Get("defaultTags").Absent() }
	if slices.ContainsFunc(s.ResourcesOfType("pulumi:providers:aws"), byDefault) {
		return
	}
	for _, resource := range s.Resources {
		can := resource.IsType(taggable...) || !resource.Get("tags").Absent() || !resource.Get("tagsAll").Absent()
		if can && strings.HasPrefix(resource.Type, "aws:") && !resource.IsType(unbilled...) && !tagged(resource) {
			resource.ReportValue(resource.Get("tags"), "set to one tag or more")
		}
	}
}

// tagged accepts tags that are not known yet, but not tagsAll, which the provider sets.
func tagged(r *rule.Resource) bool {
	tags, all := r.Get("tags"), r.Get("tagsAll")
	return tags.Unknown() || len(tags.Keys()) > 0 || len(all.Keys()) > 0 ||
		r.Type == autoscalingGroup && len(tags.List()) > 0
}

// setTags adds tags for the project and the stack, and keeps other keys of the provider's defaultTags.
func setTags(r *rule.Resource) bool {
	if tagged(r) {
		return false
	}
	project, stack := property.New(string(urn.URN(r.URN).Project())), property.New(string(urn.URN(r.URN).Stack()))
	if r.Type != autoscalingGroup {
		r.Set("tags.Project", project)
		r.Set("tags.Stack", stack)
		return true
	}
	tag := func(key string, value property.Value) property.Value {
		return property.New(property.NewMap(map[string]property.Value{
			"key": property.New(key), "value": value, "propagateAtLaunch": property.New(true),
		}))
	}
	r.Set("tags", property.New(property.NewArray([]property.Value{tag("Project", project), tag("Stack", stack)})))
	return true
}
