package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"stagecraft/policy/rule"
)

// monitored is a kind of resource that needs alarms.
type monitored struct {
	rule, kind string
	types      []string
	// dimension and namespace identify its metrics in CloudWatch.
	dimension, namespace string
}

func alarmsOfTiers() []rule.Rule {
	var definitions []rule.Rule
	for _, tier := range []monitored{{
		rule: "rds-has-alarms", kind: "RDS database", types: []string{rdsInstance},
		dimension: "DBInstanceIdentifier", namespace: "AWS/RDS",
	}, {
		rule: "alb-has-alarms", kind: "load balancer", types: []string{lbLoadBalancer},
		dimension: "LoadBalancer", namespace: "ELB",
	}, {
		rule: "target-group-has-alarms", kind: "target group", types: []string{lbTargetGroup},
		dimension: "TargetGroup", namespace: "ELB",
	}, {
		rule: "ec2-has-alarms", kind: "EC2 instance", types: []string{ec2Instance},
		dimension: "InstanceId", namespace: "AWS/EC2",
	}, {
		rule: "asg-has-alarms", kind: "Auto Scaling group", types: []string{autoscalingGroup},
		dimension: "AutoScalingGroupName", namespace: "AWS/AutoScaling",
	}, {
		rule: "elasticache-has-alarms", kind: "cache",
		types:     []string{elasticacheReplicationGroup, elasticacheCluster},
		dimension: "CacheClusterId", namespace: "AWS/ElastiCache",
	}, {
		rule: "ecs-has-alarms", kind: "ECS service", types: []string{ecsService},
		dimension: "ServiceName", namespace: "AWS/ECS",
	}, {
		rule: "lambda-has-alarms", kind: "Lambda function", types: []string{lambdaFunction},
		dimension: "FunctionName", namespace: "AWS/Lambda",
	}, {
		rule: "dynamodb-has-alarms", kind: "DynamoDB table", types: []string{dynamodbTable},
		dimension: "TableName", namespace: "AWS/DynamoDB",
	}, {
		rule: "cloudfront-has-alarms", kind: "CloudFront distribution", types: []string{cloudfrontDistribution},
		dimension: "DistributionId", namespace: "AWS/CloudFront",
	}} {
		definitions = append(definitions, tier.newRule())
	}
	return definitions
}

func (t monitored) newRule() rule.Rule {
	return rule.Rule{
		Name:        t.rule,
		Description: "Each " + t.kind + " has an alarm",
		Severity:    rule.Medium,
		Theme:       rule.DayOne,
		References:  []string{"WAF REL06-BP01", "WAF OPS08-BP04"},
		Fix: fmt.Sprintf("Create a CloudWatch alarm whose dimension %s selects the %s, and add an SNS topic to its alarmActions.",
			t.dimension, t.kind),
		Level: policyx.EnforcementLevelMandatory,
		Stack: t.evaluate,
	}
}

func (t monitored) evaluate(s *rule.Stack) {
	watched := slices.DeleteFunc(s.ResourcesOfType(t.types...), ofGroup)
	covered := map[*rule.Resource]bool{}
	for _, alarm := range s.ResourcesOfType(cloudwatchMetricAlarm) {
		if t.coversAll(alarm) {
			return
		}
		about := t.about(alarm)
		if len(about) == 0 || scales(s, alarm) {
			continue
		}
		for _, property := range about {
			covering, sure := s.References(alarm, property, t.types...)
			if !sure {
				return
			}
			if len(covering) == 0 {
				covering = nodesOf(alarm.Get(property+"."+t.dimension), watched)
			}
			for _, resource := range covering {
				covered[resource] = true
			}
		}
	}
	for _, resource := range watched {
		if !covered[resource] {
			resource.Report("no CloudWatch alarm monitors it")
		}
	}
}

// ofGroup reports whether a cache is a node of a replication group, which has its own alarms.
func ofGroup(r *rule.Resource) bool {
	return r.Type == elasticacheCluster && !r.IsUnset("replicationGroupId")
}

// about returns the properties of an alarm that select a resource of this kind.
func (t monitored) about(alarm *rule.Resource) []string {
	var about []string
	if !alarm.Get("dimensions." + t.dimension).Absent() {
		about = append(about, "dimensions")
	}
	ofTier := func(query rule.Value) bool { return !query.Get("metric.dimensions." + t.dimension).Absent() }
	if slices.ContainsFunc(alarm.Get("metricQueries").List(), ofTier) {
		about = append(about, "metricQueries")
	}
	return about
}

// coversAll reports whether an alarm queries, or may query, all metrics of the namespace.
func (t monitored) coversAll(alarm *rule.Resource) bool {
	return slices.ContainsFunc(alarm.Get("metricQueries").List(), func(query rule.Value) bool {
		expression := query.Get("expression")
		return expression.Unknown() || strings.Contains(expression.Text(), t.namespace)
	})
}

// scales reports whether the only action of an alarm is to scale, so that it notifies nobody.
func scales(s *rule.Stack, alarm *rule.Resource) bool {
	if len(alarm.Get("alarmActions").List()) != 1 {
		return false
	}
	policies, _ := s.References(alarm, "alarmActions", autoscalingPolicy, appautoscalingPolicy)
	return len(policies) > 0
}

// nodesOf returns the caches that a node belongs to: ElastiCache derives the names of nodes from their group.
func nodesOf(node rule.Value, caches []*rule.Resource) []*rule.Resource {
	var nodes []*rule.Resource
	for _, cache := range caches {
		if group := cache.Get("replicationGroupId").Text(); group != "" && strings.HasPrefix(node.Text(), group+"-") {
			nodes = append(nodes, cache)
		}
	}
	return nodes
}

func alarms() []rule.Rule {
	return []rule.Rule{{
		Name:        "cloudwatch-alarms-have-actions",
		Description: "Alarms have an action, or a composite alarm, a deployment or a health check acts on them",
		Severity:    rule.High,
		Theme:       rule.DayOne,
		References:  []string{"WAF REL06-BP03"},
		Fix:         "Add the ARN of an SNS topic to alarmActions.",
		Level:       policyx.EnforcementLevelMandatory,
		Stack:       alarmsHaveActions,
	}, {
		Name:        "cloudwatch-alarm-actions-enabled",
		Description: "Alarm actions are enabled",
		Severity:    rule.High,
		Theme:       rule.DayOne,
		References:  []string{"WAF REL06-BP03"},
		Fix:         "Set actionsEnabled to true, or remove it.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{cloudwatchMetricAlarm, cloudwatchCompositeAlarm},
		Resource:    rule.Bool("actionsEnabled", true, true),
	}, {
		Name:        "sns-alarm-topics-have-subscribers",
		Description: "Topics for alarms, budgets and findings have a subscriber",
		Severity:    rule.Medium,
		Theme:       rule.DayOne,
		References:  []string{"WAF REL06-BP03"},
		Fix:         "Create an aws.sns.TopicSubscription for the topic, for example with the protocol email.",
		Level:       policyx.EnforcementLevelAdvisory,
		Stack:       topicsHaveSubscribers,
	}}
}

// followers are resources that act on alarms. Such alarms need no actions of their own.
var followers = []reference{
	{cloudwatchCompositeAlarm, "alarmRule"},
	{codedeployDeploymentGroup, "alarmConfiguration"},
	{ecsService, "alarms"},
	{autoscalingGroup, "instanceRefresh"},
	{route53HealthCheck, "cloudwatchAlarmName"},
}

func alarmsHaveActions(s *rule.Stack) {
	quiet := slices.DeleteFunc(s.ResourcesOfType(cloudwatchMetricAlarm, cloudwatchCompositeAlarm), func(alarm *rule.Resource) bool {
		return len(alarm.Get("alarmActions").List()) > 0
	})
	for _, follower := range followers {
		for _, resource := range s.ResourcesOfType(follower.token) {
			followed, sure := s.References(resource, follower.property, cloudwatchMetricAlarm, cloudwatchCompositeAlarm)
			if !sure {
				return
			}
			quiet = slices.DeleteFunc(quiet, func(alarm *rule.Resource) bool {
				return slices.Contains(followed, alarm) || namesAlarm(resource.Get(follower.property), alarm)
			})
		}
	}
	for _, alarm := range quiet {
		alarm.ReportValue(alarm.Get("alarmActions"), "a list of one action or more")
	}
}

// namesAlarm reports whether the rule of a composite alarm contains an alarm, as in ALARM("name").
func namesAlarm(expression rule.Value, alarm *rule.Resource) bool {
	return slices.ContainsFunc([]string{"name", "alarmName", "arn"}, func(identity string) bool {
		name := alarm.Get(identity).Text()
		return name != "" && strings.Contains(expression.Text(), name)
	})
}

// publishers are resources that send notifications to topics.
var publishers = []reference{
	{cloudwatchMetricAlarm, "alarmActions"},
	{cloudwatchCompositeAlarm, "alarmActions"},
	{budgetsBudget, "notifications"},
	{costexplorerAnomalySubscription, "subscribers"},
}

// subscribers are resources that receive the messages of topics.
var subscribers = []reference{
	{snsTopicSubscription, "topic"},
	{chatbotSlackChannelConfiguration, "snsTopicArns"},
	{chatbotTeamsChannelConfiguration, "snsTopicArns"},
}

func topicsHaveSubscribers(s *rule.Stack) {
	notified := map[*rule.Resource]bool{}
	for _, teller := range publishers {
		for _, resource := range s.ResourcesOfType(teller.token) {
			topics, _ := topicsOf(s, resource, teller.property)
			for _, topic := range topics {
				notified[topic] = true
			}
		}
	}
	for _, source := range []string{guardDutySource, inspectorSource} {
		for _, target := range findingTargets(s, source) {
			topics, _ := topicsOf(s, target, "arn")
			for _, topic := range topics {
				notified[topic] = true
			}
		}
	}
	for _, subscriber := range subscribers {
		for _, resource := range s.ResourcesOfType(subscriber.token) {
			topics, sure := topicsOf(s, resource, subscriber.property)
			if !sure {
				return
			}
			for _, topic := range topics {
				delete(notified, topic)
			}
		}
	}
	for _, topic := range s.ResourcesOfType(snsTopic) {
		if notified[topic] {
			topic.Report("the topic has no subscription")
		}
	}
}

// topicsOf returns the stack's topics that a property refers to, either directly or by their policies, which have the
// same ARNs.
func topicsOf(s *rule.Stack, from *rule.Resource, property string) (topics []*rule.Resource, sure bool) {
	topics, sure = s.References(from, property, snsTopic)
	policies, _ := s.References(from, property, snsTopicPolicy)
	for _, policy := range policies {
		owners, _ := s.References(policy, "arn", snsTopic)
		topics = append(topics, owners...)
	}
	return topics, sure || len(topics) > 0
}
