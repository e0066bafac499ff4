package services

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
)

// newAlarms creates alarms named services-NAME-…, since a service may have the name of another tier.
func (m *Microservice) newAlarms(
	ctx *pulumi.Context, args *Args, alarms []observability.Alarm, parent pulumi.ResourceOption,
) (observability.Alarms, error) {
	return observability.NewAlarms(ctx, "services-"+m.name,
		observability.AlarmsArgs{TopicArn: args.AlarmTopicArn, Tags: args.Tags}, alarms, parent)
}

// newRequestAlarms creates the alarms on what clients get, by which a deployment is judged (Application Load Balancers
// guide, "CloudWatch metrics for your Application Load Balancer").
func (m *Microservice) newRequestAlarms(
	ctx *pulumi.Context, args *Args, route route, parent pulumi.ResourceOption,
) (observability.Alarms, error) {
	alarms := []observability.Alarm{{
		Name:        "target-5xx",
		Description: "The service answered with ten errors in five minutes: look at its log, and at the last release.",
		Metric:      "HTTPCode_Target_5XX_Count",
		Statistic:   "Sum",
		Threshold:   10,
		Period:      300,
		Periods:     1,
		MissingData: "notBreaching",
	}, {
		Name:        "latency",
		Description: "One answer in a hundred takes more than a second: look at the data stores, and at the tasks' CPU.",
		Metric:      "TargetResponseTime",
		Statistic:   "p99",
		Comparison:  "GreaterThanThreshold",
		Threshold:   1,
		MissingData: "notBreaching",
	}, {
		Name:        "unhealthy-hosts",
		Description: "A task fails its health check: look at its log, and at the reason in the target group.",
		Metric:      "UnHealthyHostCount",
		Statistic:   "Maximum",
		Threshold:   1,
		MissingData: "notBreaching",
	}}
	for i := range alarms {
		alarms[i].Namespace = "AWS/ApplicationELB"
		alarms[i].Dimensions = pulumi.StringMap{
			"LoadBalancer": args.Route.ArnSuffix, "TargetGroup": route.targets.ArnSuffix,
		}
	}
	return m.newAlarms(ctx, args, alarms, parent)
}

// newTaskAlarms creates the alarms on the tasks themselves (Amazon ECS Developer Guide, "Amazon ECS CloudWatch
// metrics"; Amazon CloudWatch User Guide, "Amazon ECS Container Insights metrics"), and on errors in their log.
func (m *Microservice) newTaskAlarms(
	ctx *pulumi.Context, args *Args, task task, service *ecs.Service, parent pulumi.ResourceOption,
) (observability.Alarms, error) {
	const insights = "ECS/ContainerInsights"
	dimensions := pulumi.StringMap{"ClusterName": args.Cluster.Name, "ServiceName": service.Name}
	alarms := []observability.Alarm{{
		Name:        "running-tasks",
		Description: "Fewer tasks run than there must be: look at the service's events, and at why its tasks stopped.",
		Namespace:   insights,
		Metric:      "RunningTaskCount",
		Dimensions:  dimensions,
		Statistic:   "Minimum",
		Comparison:  "LessThanThreshold",
		Threshold:   float64(args.Scaling.Min),
		MissingData: "breaching",
	}, {
		Name:        "cpu",
		Description: "The tasks' CPU is above 85 %: scaling does not keep up. Raise the maximum, or the size of a task.",
		Namespace:   "AWS/ECS",
		Metric:      "CPUUtilization",
		Dimensions:  dimensions,
		Threshold:   85,
		Periods:     10,
	}, {
		Name:        "memory",
		Description: "The tasks' memory is 85 % full: tasks are killed soon. Look for a leak, or enlarge them.",
		Namespace:   "AWS/ECS",
		Metric:      "MemoryUtilization",
		Dimensions:  dimensions,
		Threshold:   85,
		Periods:     10,
	}}
	if args.Scaling.Max > args.Scaling.Min {
		alarms = append(alarms, observability.Alarm{
			Name:        "at-maximum",
			Description: "There were as many tasks as there may be for a quarter of an hour: raise the maximum.",
			Namespace:   insights,
			Metric:      "DesiredTaskCount",
			Dimensions:  dimensions,
			Statistic:   "Maximum",
			Threshold:   float64(args.Scaling.Max),
			Periods:     15,
		})
	}
	errors, err := m.newErrorMetric(ctx, task, parent)
	if err != nil {
		return nil, err
	}
	return m.newAlarms(ctx, args, append(alarms, errors), parent)
}

// newErrorMetric creates a metric that counts the log's JSON lines of level ERROR, and returns the alarm on it.
func (m *Microservice) newErrorMetric(
	ctx *pulumi.Context, task task, parent pulumi.ResourceOption,
) (observability.Alarm, error) {
	alarm := observability.Alarm{
		Name:        "errors",
		Description: "The service logged ten errors in five minutes: look at its log.",
		Namespace:   ctx.Project() + "/" + ctx.Stack(),
		Metric:      m.name + "-errors",
		Statistic:   "Sum",
		Threshold:   10,
		Period:      300,
		Periods:     1,
		MissingData: "notBreaching",
	}
	_, err := cloudwatch.NewLogMetricFilter(ctx, m.name+"-errors", &cloudwatch.LogMetricFilterArgs{
		LogGroupName: task.logs.Name,
		Pattern:      pulumi.String(`{ $.level = "ERROR" }`),
		MetricTransformation: cloudwatch.LogMetricFilterMetricTransformationArgs{
			Namespace:    pulumi.String(alarm.Namespace),
			Name:         pulumi.String(alarm.Metric),
			Value:        pulumi.String("1"),
			DefaultValue: pulumi.String("0"),
		},
	}, parent)
	return alarm, err
}
