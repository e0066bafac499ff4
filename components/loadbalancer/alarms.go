package loadbalancer

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
)

// alarms returns the alarms on whether clients get answers, and in time (Application Load Balancers guide, "CloudWatch
// metrics for your Application Load Balancer", which lists the dimensions of each metric).
func alarms(args *Args, balancer *lb.LoadBalancer, targets *lb.TargetGroup) []observability.Alarm {
	list := balancerAlarms(balancer)
	if targets == nil || args.CloudFront != nil {
		list = append(list, fixedResponseAlarm(balancer))
	}
	if targets != nil {
		list = append(list, targetAlarms(balancer, targets)...)
	}
	for i := range list {
		list[i].Namespace = "AWS/ApplicationELB"
	}
	return list
}

// balancerAlarms returns the alarms on the load balancer itself.
func balancerAlarms(balancer *lb.LoadBalancer) []observability.Alarm {
	dimensions := pulumi.StringMap{"LoadBalancer": balancer.ArnSuffix}
	return []observability.Alarm{{
		Name:        "elb-5xx",
		Description: "The load balancer itself answered with ten errors in five minutes: look for targets that are gone or late.",
		Metric:      "HTTPCode_ELB_5XX_Count",
		Dimensions:  dimensions,
		Statistic:   "Sum",
		Threshold:   10,
		Period:      300,
		Periods:     1,
		MissingData: "notBreaching",
	}, {
		Name:        "rejected-connections",
		Description: "The load balancer is at its connection limit and turns clients away: look for an attack, or ask AWS.",
		Metric:      "RejectedConnectionCount",
		Dimensions:  dimensions,
		Statistic:   "Sum",
		Threshold:   1,
		Periods:     1,
		MissingData: "notBreaching",
	}}
}

// fixedResponseAlarm returns the alarm on requests that match no rule. Its threshold is above what scanners try by
// chance.
func fixedResponseAlarm(balancer *lb.LoadBalancer) observability.Alarm {
	return observability.Alarm{
		Name:        "refusals",
		Description: "A hundred requests in five minutes met no rule: look for a path without a service, or an outdated secret header.",
		Metric:      "HTTP_Fixed_Response_Count",
		Dimensions:  pulumi.StringMap{"LoadBalancer": balancer.ArnSuffix},
		Statistic:   "Sum",
		Threshold:   100,
		Period:      300,
		Periods:     1,
		MissingData: "notBreaching",
	}
}

// targetAlarms returns the alarms on the targets.
func targetAlarms(balancer *lb.LoadBalancer, targets *lb.TargetGroup) []observability.Alarm {
	dimensions := pulumi.StringMap{"LoadBalancer": balancer.ArnSuffix, "TargetGroup": targets.ArnSuffix}
	return []observability.Alarm{{
		Name:        "target-5xx",
		Description: "The web servers answered with ten errors in five minutes: look at their logs.",
		Metric:      "HTTPCode_Target_5XX_Count",
		Dimensions:  dimensions,
		Statistic:   "Sum",
		Threshold:   10,
		Period:      300,
		Periods:     1,
		MissingData: "notBreaching",
	}, {
		Name:        "unhealthy-hosts",
		Description: "A web server fails its health check: look at its log, and at the reason in the target group.",
		Metric:      "UnHealthyHostCount",
		Dimensions:  dimensions,
		Statistic:   "Maximum",
		Threshold:   1,
	}, {
		Name:        "healthy-hosts",
		Description: "No web server is healthy: the service is down. Look at the target group, and at the last deployment.",
		Metric:      "HealthyHostCount",
		Dimensions:  dimensions,
		Statistic:   "Minimum",
		Comparison:  "LessThanThreshold",
		Threshold:   1,
		Periods:     2,
		MissingData: "breaching",
	}, {
		Name:        "latency",
		Description: "One answer in a hundred takes more than a second: look at the database, and at the servers' CPU.",
		Metric:      "TargetResponseTime",
		Dimensions:  dimensions,
		Statistic:   "p99",
		Comparison:  "GreaterThanThreshold",
		Threshold:   1,
		MissingData: "notBreaching",
	}}
}
