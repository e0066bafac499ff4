package aws

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"

	"stagecraft/internal/offline/cloud"
)

const healthCheckToken = "aws:route53/healthCheck:HealthCheck"

func healthCheckType() cloud.Type {
	return cloud.Type{
		Token:     healthCheckToken,
		Args:      route53.HealthCheckArgs{},
		State:     route53.HealthCheck{},
		Global:    true,
		Service:   "Route 53",
		Operation: "CreateHealthCheck",
		Change:    "UpdateHealthCheck",
		Source: "CloudFormation resource schema AWS::Route53::HealthCheck; SDK doc; Route 53 API Reference, CreateHealthCheck " +
			"and DeleteHealthCheck, which deletes what records still use; Route 53 Developer Guide, \"Monitoring a CloudWatch " +
			"alarm\" and Quotas. Only checks of a CloudWatch alarm, in the provider's region",
		ID: "${hex8}-${hex4}-${hex4}-${hex4}-${hex12}",
		Values: map[string]cloud.Value{
			"insufficientDataHealthStatus": cloud.OneOf("Healthy", "LastKnownStatus", "Unhealthy"),
			"referenceName":                cloud.Length(0, 27),
			"type":                         cloud.OneOf("CLOUDWATCH_METRIC"),
		},
		Computed: map[string]any{
			"arn": "arn:aws:route53:::healthcheck/${id}", "disabled": false, "insufficientDataHealthStatus": "LastKnownStatus",
			"invertHealthcheck": false, "measureLatency": false,
		},
		Replace: []string{"measureLatency", "referenceName", "requestInterval", "routingControlArn", "type"},
		Refs: []cloud.Ref{{Path: "cloudwatchAlarmName", Type: metricAlarmToken, TargetProperty: "name", Weak: true, NotFound: cloud.Error{
			Code: "InvalidInput", Message: "The CloudWatch alarm ${value} does not exist.",
		}}},
		Quota: &cloud.Quota{Limit: 200, Error: cloud.Error{
			Code: "TooManyHealthChecks", Message: "Limits Exceeded: MAX_HEALTH_CHECKS_BY_OWNER",
		}},
		Check:    validateHealthCheck,
		NotFound: cloud.Error{Code: "NoSuchHealthCheck", Message: "A health check with id ${value} does not exist."},
	}
}

// validateHealthCheck rejects alarms that Route 53 cannot use (Route 53 Developer Guide, "Monitoring a CloudWatch
// alarm").
func validateHealthCheck(account cloud.Account, check *cloud.Resource) error {
	name, region := check.Text("cloudwatchAlarmName"), check.Text("cloudwatchAlarmRegion")
	if name == "" || region == "" {
		return apiError("InvalidInput", "Basic request validation failed: AlarmIdentifier, with Region and Name, must be specified "+
			"for health checks of type CLOUDWATCH_METRIC.")
	}
	alarm, err := account.Find(metricAlarmToken, "name", name)
	if err != nil {
		return err
	}
	datapoints := alarm.Text("datapointsToAlarm")
	switch {
	case region != check.Region:
		return apiError("InvalidInput", "The CloudWatch alarm %s does not exist in %s.", name, region)
	case alarm.Text("statistic") == "":
		return apiError("InvalidInput", "The CloudWatch alarm %s has no standard statistic of one metric, which health checks need.",
			name)
	case datapoints != "" && datapoints != "0" && datapoints != alarm.Text("evaluationPeriods"):
		return apiError("InvalidInput", "The CloudWatch alarm %s is an \"M out of N\" alarm, which health checks do not support.", name)
	}
	return nil
}
