package rules

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"stagecraft/policy/rule"
)

// The sources of EventBridge's events about findings.
const (
	guardDutySource   = "aws.guardduty"
	inspectorSource   = "aws.inspector2"
	securityHubSource = "aws.securityhub"
)

const (
	detectorToken = "aws:guardduty/detector:Detector"
	enablerToken  = "aws:inspector2/enabler:Enabler"
)

// watch is about GuardDuty and Inspector. The account has them once: a stack that finds them there shows it by listening
// to their findings.
func watch() []rule.Rule {
	return []rule.Rule{{
		Name:        "guardduty-enabled",
		Description: "GuardDuty is on, or its findings are listened to",
		Severity:    rule.High,
		Theme:       rule.DayOne,
		References:  []string{"FSBP GuardDuty.1"},
		FromStage:   1,
		Fix:         "Make a GuardDuty detector, or, if the account has one, an EventBridge rule on the source aws.guardduty.",
		Level:       policyx.EnforcementLevelMandatory,
		Stack:       stackHas(anything, isOn(detectorToken, guardDutySource), "the stack shows no GuardDuty"),
	}, {
		Name:        "guardduty-detector-on",
		Description: "GuardDuty's detectors are not suspended",
		Severity:    rule.High,
		Theme:       rule.DayOne,
		References:  []string{"FSBP GuardDuty.1"},
		Fix:         "Set enable to true, or leave it out.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{detectorToken},
		Resource:    rule.Bool("enable", true, true),
	}, {
		Name:        "inspector-enabled",
		Description: "Inspector is on, or its findings are listened to",
		Severity:    rule.High,
		Theme:       rule.DayOne,
		References:  []string{"FSBP Inspector.1", "FSBP Inspector.2", "FSBP Inspector.4", "WAF SEC06-BP01"},
		FromStage:   1,
		Fix:         "Make an Inspector enabler, or, if the account has one, an EventBridge rule on the source aws.inspector2.",
		Level:       policyx.EnforcementLevelMandatory,
		Stack:       stackHas(computes, isOn(enablerToken, inspectorSource), "the stack shows no Inspector"),
	}, {
		Name:        "guardduty-findings-reach-people",
		Description: "An EventBridge rule on GuardDuty's findings has a target",
		Severity:    rule.Medium,
		Theme:       rule.DayOne,
		References:  []string{"WAF REL06-BP03"},
		FromStage:   1,
		Fix:         "Make an EventBridge rule on the source aws.guardduty, and an event target that is an SNS topic.",
		Level:       policyx.EnforcementLevelAdvisory,
		Stack:       findingsReach(detectorToken, guardDutySource, "GuardDuty's findings reach nobody"),
	}, {
		Name:        "inspector-findings-reach-people",
		Description: "An EventBridge rule on Inspector's findings has a target",
		Severity:    rule.Medium,
		Theme:       rule.DayOne,
		References:  []string{"WAF SEC06-BP01", "WAF REL06-BP03"},
		FromStage:   1,
		Fix:         "Make an EventBridge rule on the source aws.inspector2, and an event target that is an SNS topic.",
		Level:       policyx.EnforcementLevelAdvisory,
		Stack:       findingsReach(enablerToken, inspectorSource, "Inspector's findings reach nobody"),
	}}
}

// anything tells whether a stack has anything of AWS.
func anything(s *rule.Stack) bool {
	return slices.ContainsFunc(s.Resources, func(each *rule.Resource) bool { return strings.HasPrefix(each.Type, "aws:") })
}

func isOn(token, source string) func(*rule.Stack) bool {
	return func(s *rule.Stack) bool { return len(s.Of(token)) > 0 || len(findingRules(s, source)) > 0 }
}

// findingsReach judges a stack that has a service or listens to it, so that it does not say again that nothing does.
func findingsReach(token, source, missing string) func(*rule.Stack) {
	return stackHas(isOn(token, source), func(s *rule.Stack) bool { return len(findingTargets(s, source)) > 0 }, missing)
}

// findingRules are the event rules on a source's findings, which Security Hub passes on, too; a rule whose pattern is not
// known yet may be one.
func findingRules(s *rule.Stack, source string) []*rule.Resource {
	return slices.DeleteFunc(s.Of(eventRuleToken), func(each *rule.Resource) bool {
		if each.Get("state").Text() == "DISABLED" || each.Get("isEnabled").Is(false) {
			return true
		}
		pattern := each.Get("eventPattern")
		var events struct{ Source []any }
		return !pattern.Unknown() && (!pattern.JSON(&events) ||
			!slices.Contains(events.Source, any(source)) && !slices.Contains(events.Source, any(securityHubSource)))
	})
}

// findingTargets are the targets of the event rules on a source's findings.
func findingTargets(s *rule.Stack, source string) []*rule.Resource {
	rules := findingRules(s, source)
	return slices.DeleteFunc(s.Of(eventTargetToken), func(target *rule.Resource) bool {
		found, sure := s.Referred(target, "rule", eventRuleToken)
		return sure && !slices.ContainsFunc(found, func(each *rule.Resource) bool { return slices.Contains(rules, each) })
	})
}

// spending is about what people hear of the bill.
func spending() []rule.Rule {
	return []rule.Rule{{
		Name:        "budgets-actual-and-forecast",
		Description: "A budget tells people of actual and of forecast costs",
		Severity:    rule.Medium,
		Theme:       rule.DayOne,
		References:  []string{"WAF COST02-BP05"},
		FromStage:   1,
		Fix: "Make a budget with a notification of the type ACTUAL and one of the type FORECASTED, each with an address or " +
			"a topic.",
		Level: policyx.EnforcementLevelAdvisory,
		Stack: stackHas(anything, func(s *rule.Stack) bool {
			return slices.ContainsFunc(s.Of("aws:budgets/budget:Budget"), tellsBoth)
		}, "the stack has no budget with both"),
	}, {
		Name:        "costexplorer-monitors-have-subscriptions",
		Description: "Somebody hears of the anomalies that a Cost Explorer monitor finds",
		Severity:    rule.Medium,
		Theme:       rule.DayOne,
		References:  []string{"WAF COST02-BP05"},
		Fix:         "Make an anomaly subscription whose monitorArnLists has the monitor.",
		Level:       policyx.EnforcementLevelAdvisory,
		Stack: func(s *rule.Stack) {
			const monitors = "aws:costexplorer/anomalyMonitor:AnomalyMonitor"
			heard := map[*rule.Resource]bool{}
			for _, subscription := range s.Of("aws:costexplorer/anomalySubscription:AnomalySubscription") {
				found, sure := s.Referred(subscription, "monitorArnLists", monitors)
				if !sure {
					return
				}
				for _, monitor := range found {
					heard[monitor] = true
				}
			}
			for _, monitor := range s.Of(monitors) {
				if !heard[monitor] {
					monitor.Report("no subscription has it")
				}
			}
		},
	}}
}

func tellsBoth(budget *rule.Resource) bool {
	for _, wanted := range []string{"ACTUAL", "FORECASTED"} {
		tells := func(notification rule.Value) bool {
			kind := notification.Get("notificationType")
			heard := len(notification.Get("subscriberSnsTopicArns").List())+
				len(notification.Get("subscriberEmailAddresses").List()) > 0
			return kind.Unknown() || kind.Text() == wanted && heard
		}
		if !slices.ContainsFunc(budget.Get("notifications").List(), tells) {
			return false
		}
	}
	return true
}
