package loadbalancer

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
)

// alarms watch whether clients get answers, and in time (Application Load Balancers guide, "CloudWatch metrics for your
// Application Load Balancer", which names the dimensions that each metric has).
func alarms(args *Args, balancer *lb.LoadBalancer, targets *lb.TargetGroup) []observability.Alarm {
	list := balancerAlarms(balancer)
	if targets == nil || args.CloudFront != nil {
		list = append(list, refusals(balancer))
	}
	if targets != nil {
		list = append(list, targetAlarms(balancer, targets)...)
	}
	for i := range list {
		list[i].Namespace = "AWS/ApplicationELB"
	}
	return list
}

func balancerAlarms(balancer *lb.LoadBalancer) []observability.Alarm {
	ofBalancer := pulumi.StringMap{"LoadBalancer": balancer.ArnSuffix}
	return []observability.Alarm{{
		Name:        "elb-5xx",
		Description: "The load balancer itself answered with ten errors in five minutes: look for targets that are gone or late.",
		Metric:      "HTTPCode_ELB_5XX_Count",
		Dimensions:  ofBalancer,
		Statistic:   "Sum",
		Threshold:   10,
		Period:      300,
		Periods:     1,
		MissingData: "notBreaching",
	}, {
		Name:        "rejected-connections",
		Description: "The load balancer is at its connection limit and turns clients away: look for an attack, or ask AWS.",
		Metric:      "RejectedConnectionCount",
		Dimensions:  ofBalancer,
		Statistic:   "Sum",
		Threshold:   1,
		Periods:     1,
		MissingData: "notBreaching",
	}}
}

// refusals watches requests that no rule is about. Its threshold is above what strangers try by chance.
func refusals(balancer *lb.LoadBalancer) observability.Alarm {
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

func targetAlarms(balancer *lb.LoadBalancer, targets *lb.TargetGroup) []observability.Alarm {
	ofTargets := pulumi.StringMap{"LoadBalancer": balancer.ArnSuffix, "TargetGroup": targets.ArnSuffix}
	return []observability.Alarm{{
		Name:        "target-5xx",
		Description: "The web servers answered with ten errors in five minutes: look at their logs.",
		Metric:      "HTTPCode_Target_5XX_Count",
		Dimensions:  ofTargets,
		Statistic:   "Sum",
		Threshold:   10,
		Period:      300,
		Periods:     1,
		MissingData: "notBreaching",
	}, {
		Name:        "unhealthy-hosts",
		Description: "A web server fails its health check: look at its log, and at the reason in the target group.",
		Metric:      "UnHealthyHostCount",
		Dimensions:  ofTargets,
		Statistic:   "Maximum",
		Threshold:   1,
	}, {
		Name:        "healthy-hosts",
		Description: "No web server is healthy: the service is down. Look at the target group, and at the last deployment.",
		Metric:      "HealthyHostCount",
		Dimensions:  ofTargets,
		Statistic:   "Minimum",
		Comparison:  "LessThanThreshold",
		Threshold:   1,
		Periods:     2,
		MissingData: "breaching",
	}, {
		Name:        "latency",
		Description: "One answer in a hundred takes more than a second: look at the database, and at the servers' CPU.",
		Metric:      "TargetResponseTime",
		Dimensions:  ofTargets,
		Statistic:   "p99",
		Comparison:  "GreaterThanThreshold",
		Threshold:   1,
		MissingData: "notBreaching",
	}}
}
