package rules

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"stagecraft/policy/rule"
)

// The sources of EventBridge events about findings.
const (
	guardDutySource   = "aws.guardduty"
	inspectorSource   = "aws.inspector2"
	securityHubSource = "aws.securityhub"
)

// detection are rules for GuardDuty and Inspector. An account has each of them once: a stack that finds them enabled
// shows this by handling their findings.
func detection() []rule.Rule {
	return []rule.Rule{{
		Name:        "guardduty-enabled",
		Description: "GuardDuty is enabled, or the stack handles its findings",
		Severity:    rule.High,
		Theme:       rule.DayOne,
		References:  []string{"FSBP GuardDuty.1"},
		FromStage:   1,
		Fix:         "Create a GuardDuty detector. If the account already has one, create an EventBridge rule for the source aws.guardduty.",
		Level:       policyx.EnforcementLevelMandatory,
		Stack: stackHas(anything, isOn(guarddutyDetector, guardDutySource),
			"The stack has no GuardDuty detector and no rule for GuardDuty findings"),
	}, {
		Name:        "guardduty-detector-on",
		Description: "GuardDuty detectors are not suspended",
		Severity:    rule.High,
		Theme:       rule.DayOne,
		References:  []string{"FSBP GuardDuty.1"},
		Fix:         "Set enable to true, or remove it.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{guarddutyDetector},
		Resource:    rule.Bool("enable", true, true),
	}, {
		Name:        "inspector-enabled",
		Description: "Inspector is enabled, or the stack handles its findings",
		Severity:    rule.High,
		Theme:       rule.DayOne,
		References:  []string{"FSBP Inspector.1", "FSBP Inspector.2", "FSBP Inspector.4", "WAF SEC06-BP01"},
		FromStage:   1,
		Fix:         "Create an Inspector enabler. If the account already has one, create an EventBridge rule for the source aws.inspector2.",
		Level:       policyx.EnforcementLevelMandatory,
		Stack: stackHas(computes, isOn(inspector2Enabler, inspectorSource),
			"The stack has no Inspector enabler and no rule for Inspector findings"),
	}, {
		Name:        "guardduty-findings-reach-people",
		Description: "An EventBridge rule forwards GuardDuty findings to a target",
		Severity:    rule.Medium,
		Theme:       rule.DayOne,
		References:  []string{"WAF REL06-BP03"},
		FromStage:   1,
		Fix:         "Create an EventBridge rule for the source aws.guardduty, with an SNS topic as its target.",
		Level:       policyx.EnforcementLevelMandatory,
		Stack:       findingsReach(guarddutyDetector, guardDutySource, "No EventBridge rule forwards GuardDuty findings to a target"),
	}, {
		Name:        "inspector-findings-reach-people",
		Description: "An EventBridge rule forwards Inspector findings to a target",
		Severity:    rule.Medium,
		Theme:       rule.DayOne,
		References:  []string{"WAF SEC06-BP01", "WAF REL06-BP03"},
		FromStage:   1,
		Fix:         "Create an EventBridge rule for the source aws.inspector2, with an SNS topic as its target.",
		Level:       policyx.EnforcementLevelMandatory,
		Stack:       findingsReach(inspector2Enabler, inspectorSource, "No EventBridge rule forwards Inspector findings to a target"),
	}}
}

// protectionPlans are rules for the coverage of GuardDuty and Inspector.
func protectionPlans() []rule.Rule {
	return []rule.Rule{{
		// Each plan is billed by the volume that it covers. A new detector enables all plans by default except Runtime
		// Monitoring.
		Name:        "guardduty-plans-on",
		Description: "The protection plans of GuardDuty are enabled",
		Severity:    rule.High,
		Theme:       rule.DayOne,
		References: []string{
			"FSBP GuardDuty.5", "FSBP GuardDuty.6", "FSBP GuardDuty.8", "FSBP GuardDuty.9", "FSBP GuardDuty.10", "WAF SEC04-BP02",
		},
		Fix:      "Set status to ENABLED.",
		Level:    policyx.EnforcementLevelAdvisory,
		Types:    []string{guarddutyDetectorFeature},
		Resource: rule.When(isPlan, rule.OneOf("status", "", "ENABLED")),
	}, {
		Name:        "guardduty-runtime-monitoring",
		Description: "GuardDuty monitors the runtime of instances and tasks, with agents that it manages",
		Severity:    rule.High,
		Theme:       rule.DayOne,
		References:  []string{"FSBP GuardDuty.11", "FSBP GuardDuty.12", "FSBP GuardDuty.13", "WAF SEC04-BP02"},
		Fix: "Add an aws.guardduty.DetectorFeature RUNTIME_MONITORING with the additional configurations " +
			"EC2_AGENT_MANAGEMENT and ECS_FARGATE_AGENT_MANAGEMENT, each ENABLED.",
		Level: policyx.EnforcementLevelAdvisory,
		Stack: detectorsWatchRuntime,
	}, {
		Name:        "inspector-scans-code",
		Description: "Inspector scans the code of Lambda functions if it scans the functions",
		Severity:    rule.High,
		Theme:       rule.DayOne,
		References:  []string{"FSBP Inspector.3", "WAF SEC06-BP01"},
		Fix:         "Add LAMBDA_CODE to resourceTypes.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{inspector2Enabler},
		Resource: rule.Want("resourceTypes", "a list with LAMBDA_CODE", func(types rule.Value) bool {
			has := func(name string) bool {
				return slices.ContainsFunc(types.List(), func(kind rule.Value) bool { return kind.Unknown() || kind.Text() == name })
			}
			return !has("LAMBDA") || has("LAMBDA_CODE")
		}),
	}}
}

// isPlan excludes Runtime Monitoring, which has its own rule.
func isPlan(feature *rule.Resource) bool {
	return slices.Contains([]string{
		"EBS_MALWARE_PROTECTION", "EKS_AUDIT_LOGS", "LAMBDA_NETWORK_LOGS", "RDS_LOGIN_EVENTS", "S3_DATA_EVENTS",
	}, feature.Get("name").Text())
}

// detectorsWatchRuntime assumes that values not known yet enable the feature.
func detectorsWatchRuntime(s *rule.Stack) {
	on := func(get func(string) rule.Value, name string) bool {
		status := get("status")
		return get("name").Text() == name && (status.Unknown() || status.Text() == "ENABLED")
	}
	for _, detector := range s.ResourcesOfType(guarddutyDetector) {
		watches := func(feature *rule.Resource) bool {
			if !on(feature.Get, "RUNTIME_MONITORING") || !s.MightReference(feature, "detectorId", detector) {
				return false
			}
			for _, agent := range []string{"EC2_AGENT_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT"} {
				agents := feature.Get("additionalConfigurations").List()
				if !slices.ContainsFunc(agents, func(enabled rule.Value) bool { return enabled.Unknown() || on(enabled.Get, agent) }) {
					return false
				}
			}
			return true
		}
		if !slices.ContainsFunc(s.ResourcesOfType(guarddutyDetectorFeature), watches) {
			detector.Report("no feature enables runtime monitoring of instances and tasks")
		}
	}
}

// anything reports whether a stack contains any AWS resource.
func anything(s *rule.Stack) bool {
	return slices.ContainsFunc(s.Resources, func(resource *rule.Resource) bool { return strings.HasPrefix(resource.Type, "aws:") })
}

func isOn(token, source string) func(*rule.Stack) bool {
	return func(s *rule.Stack) bool { return len(s.ResourcesOfType(token)) > 0 || len(findingRules(s, source)) > 0 }
}

// findingsReach evaluates only stacks that enable the service or handle its findings, so that a missing service is
// reported once.
func findingsReach(token, source, missing string) func(*rule.Stack) {
	return stackHas(isOn(token, source), func(s *rule.Stack) bool { return len(findingTargets(s, source)) > 0 }, missing)
}

// findingRules returns the event rules for a source's findings, which Security Hub forwards too. A rule with an unknown
// pattern may be one.
func findingRules(s *rule.Stack, source string) []*rule.Resource {
	return slices.DeleteFunc(s.ResourcesOfType(cloudwatchEventRule), func(eventRule *rule.Resource) bool {
		if eventRule.Get("state").Text() == "DISABLED" || eventRule.Get("isEnabled").Is(false) {
			return true
		}
		pattern := eventRule.Get("eventPattern")
		var events struct{ Source []any }
		return !pattern.Unknown() && (!pattern.JSON(&events) ||
			!slices.Contains(events.Source, any(source)) && !slices.Contains(events.Source, any(securityHubSource)))
	})
}

// findingTargets returns the targets of the event rules for a source's findings.
func findingTargets(s *rule.Stack, source string) []*rule.Resource {
	rules := findingRules(s, source)
	return slices.DeleteFunc(s.ResourcesOfType(cloudwatchEventTarget), func(target *rule.Resource) bool {
		targeted, sure := s.References(target, "rule", cloudwatchEventRule)
		return sure && !slices.ContainsFunc(targeted, func(eventRule *rule.Resource) bool { return slices.Contains(rules, eventRule) })
	})
}

// spending are rules for notifications about costs.
func spending() []rule.Rule {
	return []rule.Rule{{
		Name:        "budgets-actual-and-forecast",
		Description: "A budget sends notifications about actual and about forecast costs",
		Severity:    rule.Medium,
		Theme:       rule.DayOne,
		References:  []string{"WAF COST02-BP05"},
		FromStage:   1,
		Fix: "Create a budget with a notification of type ACTUAL and one of type FORECASTED, each with an email address or " +
			"an SNS topic.",
		Level: policyx.EnforcementLevelMandatory,
		Stack: stackHas(anything, func(s *rule.Stack) bool {
			return slices.ContainsFunc(s.ResourcesOfType(budgetsBudget), notifiesBoth)
		}, "The stack has no budget with notifications of both types"),
	}, {
		Name:        "costexplorer-monitors-have-subscriptions",
		Description: "Anomalies that a Cost Explorer monitor detects are sent to a subscriber",
		Severity:    rule.Medium,
		Theme:       rule.DayOne,
		References:  []string{"WAF COST02-BP05"},
		Fix:         "Create an anomaly subscription whose monitorArnLists contains the monitor.",
		Level:       policyx.EnforcementLevelMandatory,
		Stack: func(s *rule.Stack) {
			const monitors = costexplorerAnomalyMonitor
			subscribedMonitors := map[*rule.Resource]bool{}
			for _, subscription := range s.ResourcesOfType(costexplorerAnomalySubscription) {
				subscribed, sure := s.References(subscription, "monitorArnLists", monitors)
				if !sure {
					return
				}
				for _, monitor := range subscribed {
					subscribedMonitors[monitor] = true
				}
			}
			for _, monitor := range s.ResourcesOfType(monitors) {
				if !subscribedMonitors[monitor] {
					monitor.Report("no anomaly subscription contains the monitor")
				}
			}
		},
	}}
}

func notifiesBoth(budget *rule.Resource) bool {
	for _, wanted := range []string{"ACTUAL", "FORECASTED"} {
		notifies := func(notification rule.Value) bool {
			kind := notification.Get("notificationType")
			subscribedMonitors := len(notification.Get("subscriberSnsTopicArns").List())+
				len(notification.Get("subscriberEmailAddresses").List()) > 0
			return kind.Unknown() || kind.Text() == wanted && subscribedMonitors
		}
		if !slices.ContainsFunc(budget.Get("notifications").List(), notifies) {
			return false
		}
	}
	return true
}
