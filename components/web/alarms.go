package web

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
)

// The dimensions of EC2's and the CloudWatch agent's metrics.
const (
	instanceDimension = "InstanceId"
	groupDimension    = "AutoScalingGroupName"
)

// certificateAlarm is on the certificate of the public instance, which no other server has.
const certificateAlarm = "certificate"

// newAlarms creates alarms whose names begin with prefix.
func (w *Web) newAlarms(
	ctx *pulumi.Context, prefix string, args *Args, list []observability.Alarm, parent pulumi.ResourceOption,
) error {
	shared := observability.AlarmsArgs{TopicArn: args.AlarmTopicArn, Tags: args.Tags}
	alarms, err := observability.NewAlarms(ctx, prefix, shared, list, parent)
	w.Alarms = append(w.Alarms, alarms...)
	return err
}

// newLogAlarms creates the alarms on the logs of all servers.
func (w *Web) newLogAlarms(ctx *pulumi.Context, args *Args, groups logGroups, parent pulumi.ResourceOption) error {
	list, err := newLogMetrics(ctx, w.name, args, groups, parent)
	if err != nil {
		return err
	}
	if err := w.newAlarms(ctx, w.name, args, list, parent); err != nil {
		return err
	}
	for i, alarm := range list {
		if alarm.Name != certificateAlarm {
			w.sharedAlarms = append(w.sharedAlarms, w.Alarms[i])
		}
	}
	return nil
}

// newLogMetrics creates metrics that count lines of the logs, and returns the alarms on them.
func newLogMetrics(
	ctx *pulumi.Context, name string, args *Args, groups logGroups, parent pulumi.ResourceOption,
) ([]observability.Alarm, error) {
	type logMetric struct {
		log, pattern string
		alarm        observability.Alarm
	}
	metrics := []logMetric{{
		log:     accessLog,
		pattern: "{ $.status >= 500 }",
		alarm: observability.Alarm{
			Name:        "server-errors",
			Description: "Ten requests or more failed with a 5xx status in five minutes: look at the error log.",
			Metric:      "WebServerErrors",
			Threshold:   10,
			Period:      300,
		},
	}, {
		log:     setupLog,
		pattern: `"web set-up failed"`,
		alarm: observability.Alarm{
			Name:        "setup",
			Description: "A server did not set itself up, and serves nobody: look at the log setup, which says which step failed.",
			Metric:      "SetupFailures",
			Threshold:   1,
			Period:      300,
		},
	}}
	if args.Public != nil && args.Public.Domain != "" {
		metrics = append(metrics, logMetric{
			log:     systemLog,
			pattern: `"web-https.service: Failed with result"`,
			alarm: observability.Alarm{
				Name: certificateAlarm,
				Description: "The HTTPS certificate could not be obtained or renewed for an hour: " +
					"look for certbot in the system log.",
				Metric:    "CertificateFailures",
				Threshold: 2,
				Period:    3600,
			},
		})
	}

	namespace := fmt.Sprintf("%s/%s", ctx.Project(), ctx.Stack())
	alarms := make([]observability.Alarm, 0, len(metrics))
	for _, metric := range metrics {
		alarm := metric.alarm
		_, err := cloudwatch.NewLogMetricFilter(ctx, name+"-"+alarm.Name, &cloudwatch.LogMetricFilterArgs{
			LogGroupName: groups[metric.log].Name,
			Pattern:      pulumi.String(metric.pattern),
			MetricTransformation: cloudwatch.LogMetricFilterMetricTransformationArgs{
				Namespace:    pulumi.String(namespace),
				Name:         pulumi.String(alarm.Metric),
				Value:        pulumi.String("1"),
				DefaultValue: pulumi.String("0"),
			},
		}, parent)
		if err != nil {
			return nil, err
		}
		alarm.Namespace = namespace
		alarm.Statistic = "Sum"
		alarm.Periods = 1
		alarm.MissingData = "notBreaching"
		alarms = append(alarms, alarm)
	}
	return alarms, nil
}

// instanceAlarms returns the alarms on one instance. EC2 recovers or reboots it by itself, after different numbers of
// periods so that the two do not race (Amazon CloudWatch User Guide, "Create alarms to stop, terminate, reboot, or
// recover an EC2 instance").
func instanceAlarms(args *Args, instance Instance) []observability.Alarm {
	action := func(name string) pulumi.StringArray {
		return pulumi.StringArray{pulumi.String(fmt.Sprintf("arn:aws:automate:%s:ec2:%s", args.Region, name))}
	}
	alarms := []observability.Alarm{{
		Name:        "cpu",
		Description: "The instance's CPU is above 80 %: add instances, or choose a larger type.",
		Namespace:   "AWS/EC2",
		Metric:      "CPUUtilization",
		Threshold:   80,
		Periods:     10,
	}, {
		Name:        "system-check",
		Description: "AWS's host under the instance is impaired: EC2 moves it to another. Look whether it came back.",
		Namespace:   "AWS/EC2",
		Metric:      "StatusCheckFailed_System",
		Statistic:   "Maximum",
		Threshold:   1,
		Periods:     2,
		Actions:     action("recover"),
	}, {
		Name:        "instance-check",
		Description: "The instance's operating system does not answer: EC2 reboots it. Look at the system log for why.",
		Namespace:   "AWS/EC2",
		Metric:      "StatusCheckFailed_Instance",
		Statistic:   "Maximum",
		Threshold:   1,
		Periods:     3,
		Actions:     action("reboot"),
	}, {
		Name:        "memory",
		Description: "The instance's memory is 90 % full: processes are killed soon. Look for a leak, or enlarge it.",
		Namespace:   "CWAgent",
		Metric:      "mem_used_percent",
		Threshold:   90,
	}, {
		Name:        "disk",
		Description: "The instance's disk is 85 % full: clear it up, or raise the volume's size.",
		Namespace:   "CWAgent",
		Metric:      "disk_used_percent",
		Statistic:   "Maximum",
		Threshold:   85,
	}}
	alarms = append(alarms, creditAlarms(args)...)
	for i := range alarms {
		alarms[i].Dimensions = pulumi.StringMap{instanceDimension: instance.ID}
	}
	return alarms
}

// creditAlarms returns the alarm on what bursting costs, for types that burst. Unlimited mode never slows an instance
// down and starts without credits, so the credit balance says nothing and only the charge does (Amazon EC2 User Guide,
// "Unlimited mode for burstable performance instances").
func creditAlarms(args *Args) []observability.Alarm {
	if !args.burstable() {
		return nil
	}
	return []observability.Alarm{{
		Name:        "surplus-credits",
		Description: "The CPU is above its baseline for so long that AWS charges for it: a larger type may be cheaper.",
		Namespace:   "AWS/EC2",
		Metric:      "CPUSurplusCreditsCharged",
		Statistic:   "Maximum",
		Comparison:  "GreaterThanThreshold",
		Period:      300,
		Periods:     1,
	}}
}
