package delivery

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
)

// newAlarms creates the alarms on failed builds, and the notifications of failed pipelines.
func (d *Delivery) newAlarms(ctx *pulumi.Context) error {
	toTopic := observability.AlarmsArgs{TopicArn: d.args.AlarmTopicArn, Tags: d.args.Tags}
	builds, err := observability.NewAlarms(ctx, d.name, toTopic, d.buildAlarms(), d.parent)
	if err != nil {
		return err
	}
	notifications, err := observability.NewNotifications(ctx, d.name, toTopic, d.failureNotifications(), d.parent)
	d.Alarms = slices.Concat(builds, notifications)
	return err
}

// failureNotifications returns the notifications of failed pipelines (CodePipeline User Guide, "Monitoring CodePipeline
// events").
func (d *Delivery) failureNotifications() []observability.Notification {
	return []observability.Notification{{
		Name:   "pipeline-failed",
		Event:  "CodePipeline Pipeline Execution State Change",
		Source: "aws.codepipeline",
		Detail: pulumi.Map{
			"pipeline": d.pipelines,
			"state":    pulumi.ToStringArray([]string{"FAILED"}),
		},
		Message: "Run <run> of the pipeline <pipeline> failed: see its page. A new pipeline fails until the connection to " +
			"the repository is authorized.",
		Values: map[string]string{"pipeline": "$.detail.pipeline", "run": "$.detail.execution-id"},
	}}
}

// buildAlarms returns an alarm for each build project (CodeBuild User Guide, "CodeBuild CloudWatch metrics").
func (d *Delivery) buildAlarms() []observability.Alarm {
	list := make([]observability.Alarm, 0, len(d.builds))
	for _, build := range d.builds {
		list = append(list, observability.Alarm{
			Name:        build.name + "-failed",
			Description: "The build " + build.name + " failed: see its log.",
			Namespace:   "AWS/CodeBuild",
			Metric:      "FailedBuilds",
			Dimensions:  pulumi.StringMap{"ProjectName": build.project},
			Statistic:   "Sum",
			Threshold:   1,
			Period:      300,
			Periods:     1,
			MissingData: "notBreaching",
		})
	}
	return list
}
