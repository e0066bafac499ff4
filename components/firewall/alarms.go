package firewall

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
)

// alarms returns the alarms on attacks, and on users whom the firewall blocks (AWS WAF Developer Guide, "AWS WAF
// metrics and dimensions"; the metrics of CloudFront web ACLs have no dimension Region).
func alarms(metric string) []observability.Alarm {
	dimensions := func(rule string) pulumi.StringMap {
		return pulumi.StringMap{"WebACL": pulumi.String(metric), "Rule": pulumi.String(rule)}
	}
	list := []observability.Alarm{{
		Name: "rate-limited",
		Description: "An address asked more often than the firewall lets it, and is blocked: see in the firewall's log whether it " +
			"attacks, or whether many users share it.",
		Dimensions: dimensions(metric + "-" + rateRule),
		Threshold:  1,
	}, {
		Name:        "blocked",
		Description: "The firewall blocked a thousand requests in five minutes: see in its log which rule did, and whose they are.",
		Dimensions:  dimensions("ALL"),
		Threshold:   1000,
	}}
	for i := range list {
		list[i].Namespace, list[i].Metric, list[i].Statistic = "AWS/WAFV2", "BlockedRequests", "Sum"
		list[i].Period, list[i].Periods, list[i].MissingData = 300, 1, "notBreaching"
	}
	return list
}
