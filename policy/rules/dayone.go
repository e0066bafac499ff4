package rules

import (
	"slices"

	"stagecraft/policy/rule"
)

// dayOne is the checklist of what a service has from its first day. What must exist once beside the service (a
// dashboard, a pipeline, a budget, GuardDuty) may be in another stack, so that it is demanded of stacks of a stage only.
func dayOne() []rule.Rule {
	return slices.Concat(alarmsOfTiers(), alarms(), visibility(), fleet(), watch(), plans(), spending())
}

// The types that several rules of the checklist ask for.
const (
	alarmToken        = "aws:cloudwatch/metricAlarm:MetricAlarm"
	compositeToken    = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
	eventRuleToken    = "aws:cloudwatch/eventRule:EventRule"
	eventTargetToken  = "aws:cloudwatch/eventTarget:EventTarget"
	logGroupToken     = "aws:cloudwatch/logGroup:LogGroup"
	topicToken        = "aws:sns/topic:Topic"
	topicPolicyToken  = "aws:sns/topicPolicy:TopicPolicy"
	instanceToken     = "aws:ec2/instance:Instance"
	templateToken     = "aws:ec2/launchTemplate:LaunchTemplate"
	launchConfigToken = "aws:ec2/launchConfiguration:LaunchConfiguration"
	groupToken        = "aws:autoscaling/group:Group"
	serviceToken      = "aws:ecs/service:Service"
	functionToken     = "aws:lambda/function:Function"
)

// computes are the resources that run a program.
func computes(s *rule.Stack) bool {
	return len(s.ResourcesOfType(instanceToken, groupToken, serviceToken, functionToken)) > 0
}

// stackHas makes the judge of a stack that must have something, if it is a stack that needs it.
func stackHas(needs func(*rule.Stack) bool, has func(*rule.Stack) bool, missing string) func(*rule.Stack) {
	return func(s *rule.Stack) {
		if needs(s) && !has(s) {
			s.Report(missing)
		}
	}
}
