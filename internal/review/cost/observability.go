package cost

var observabilityRules = map[string]rule{
	"aws:cloudwatch/metricAlarm:MetricAlarm":         fixed("cloudwatch/alarm", 1),
	"aws:cloudwatch/compositeAlarm:CompositeAlarm":   fixed("cloudwatch/composite", 1),
	"aws:cloudwatch/dashboard:Dashboard":             fixed("cloudwatch/dashboard", 1),
	"aws:cloudwatch/logMetricFilter:LogMetricFilter": fixed("cloudwatch/metric", 1),
	// Eight metrics (CloudFront Developer Guide, "View CloudFront and edge function metrics").
	"aws:cloudfront/monitoringSubscription:MonitoringSubscription": fixed("cloudwatch/metric", 8),
	"aws:cloudwatch/logGroup:LogGroup": func(r resource, s *stack) []charge {
		s.note("the stack's logs are spread evenly over its log groups")
		ingested := s.share(s.usage.RequestsPerMonth*s.usage.LogKilobytesPerRequest/1e6, r)
		return []charge{
			{"logs/ingested", ingested, true},
			// CloudWatch Logs keeps them at about 15 % of their size (Amazon CloudWatch pricing, examples).
			{"logs/stored", ingested * s.usage.LogMonthsKept * 0.15, true},
		}
	},
	"aws:guardduty/detector:Detector": func(_ resource, s *stack) []charge {
		return []charge{
			{"guardduty/events", s.usage.AccountEventsMillions, true},
			{"guardduty/flows", s.usage.FlowLogGB, true},
		}
	},
	"aws:inspector2/enabler:Enabler": func(_ resource, s *stack) []charge {
		s.note("Inspector scans the stack's own instances and functions; images, and other stacks' parts, are not counted")
		return []charge{
			{"inspector/instance", float64(s.counts["aws:ec2/instance:Instance"]), true},
			{"inspector/function", float64(s.counts["aws:lambda/function:Function"]), true},
		}
	},
	"aws:kms/key:Key":                  fixed("kms/key", 1),
	"aws:secretsmanager/secret:Secret": fixed("secretsmanager/secret", 1),
	"aws:ssm/parameter:Parameter": func(r resource, _ *stack) []charge {
		if r.text("tier") != "Advanced" {
			return nil // standard parameters: no charge
		}
		return []charge{{"ssm/advanced", 1, false}}
	},
	"aws:ecs/cluster:Cluster": func(r resource, _ *stack) []charge {
		for _, setting := range r.list("settings") {
			object, isObject := setting.(map[string]any)
			if isObject && object["name"] == "containerInsights" && object["value"] != "disabled" {
				return []charge{{key: "cloudwatch/container insights"}}
			}
		}
		return nil
	},
}
