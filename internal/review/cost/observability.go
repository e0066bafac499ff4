package cost

var observabilityRules = map[string]rule{
	"aws:cloudwatch/metricAlarm:MetricAlarm":         fixed("cloudwatch/alarm", 1),
	"aws:cloudwatch/compositeAlarm:CompositeAlarm":   fixed("cloudwatch/composite", 1),
	"aws:cloudwatch/dashboard:Dashboard":             fixed("cloudwatch/dashboard", 1),
	"aws:cloudwatch/logMetricFilter:LogMetricFilter": fixed("cloudwatch/metric", 1),
	// Eight metrics (CloudFront Developer Guide, "View CloudFront and edge function metrics").
	"aws:cloudfront/monitoringSubscription:MonitoringSubscription": fixed("cloudwatch/metric", 8),
	"aws:cloudwatch/logGroup:LogGroup": func(of resource, in *stack) []charge {
		in.note("the log groups of the stack share its logs alike")
		ingested := in.share(in.usage.RequestsPerMonth*in.usage.LogKilobytesPerRequest/1e6, of)
		return []charge{
			{"logs/ingested", ingested, true},
			// CloudWatch Logs keeps them at about 15 % of their size (Amazon CloudWatch pricing, examples).
			{"logs/stored", ingested * in.usage.LogMonthsKept * 0.15, true},
		}
	},
	"aws:guardduty/detector:Detector": func(_ resource, in *stack) []charge {
		return []charge{
			{"guardduty/events", in.usage.AccountEventsMillions, true},
			{"guardduty/flows", in.usage.FlowLogGB, true},
		}
	},
	"aws:inspector2/enabler:Enabler": func(_ resource, in *stack) []charge {
		in.note("Inspector scans the stack's own instances and functions; images, and other stacks' parts, are not counted")
		return []charge{
			{"inspector/instance", float64(in.counts["aws:ec2/instance:Instance"]), true},
			{"inspector/function", float64(in.counts["aws:lambda/function:Function"]), true},
		}
	},
	"aws:kms/key:Key":                  fixed("kms/key", 1),
	"aws:secretsmanager/secret:Secret": fixed("secretsmanager/secret", 1),
	"aws:ssm/parameter:Parameter": func(of resource, _ *stack) []charge {
		if of.text("tier") != "Advanced" {
			return nil // standard parameters: no charge
		}
		return []charge{{"ssm/advanced", 1, false}}
	},
	"aws:ecs/cluster:Cluster": func(of resource, _ *stack) []charge {
		for _, setting := range of.list("settings") {
			object, isObject := setting.(map[string]any)
			if isObject && object["name"] == "containerInsights" && object["value"] != "disabled" {
				return []charge{{key: "cloudwatch/container insights"}}
			}
		}
		return nil
	},
}
