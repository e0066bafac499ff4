package aws

import (
	"regexp"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"

	"stagecraft/internal/offline/cloud"
)

const logGroupToken = "aws:cloudwatch/logGroup:LogGroup"

// logGroupName matches log groups' names (CloudWatch Logs API Reference, CreateLogGroup).
var logGroupName = regexp.MustCompile(`^[.\-_/#A-Za-z0-9]+$`)

func logTypes() []cloud.Type {
	return []cloud.Type{{
		Token:     logGroupToken,
		Args:      cloudwatch.LogGroupArgs{},
		State:     cloudwatch.LogGroup{},
		Service:   "CloudWatch Logs",
		Operation: "CreateLogGroup",
		Change:    "PutRetentionPolicy",
		Source: "CloudFormation resource schema AWS::Logs::LogGroup; SDK doc; CloudWatch Logs User Guide, CloudWatch Logs " +
			"quotas",
		Name:      &cloud.Name{Property: "name", Max: 512, AutoMax: 255, Pattern: logGroupName},
		ID:        "${name}",
		Conflicts: [][]string{{"name", "namePrefix"}},
		Values: map[string]cloud.Value{
			"logGroupClass": cloud.OneOf("STANDARD", "INFREQUENT_ACCESS", "DELIVERY"),
			// The provider leaves room for its suffix.
			"namePrefix": cloud.All(cloud.Length(1, 483), cloud.Match(logGroupName.String(), "the beginning of a log group's name")),
			"retentionInDays": cloud.NumberIn(0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827,
				2192, 2557, 2922, 3288, 3653),
			"skipDestroy": cloud.NotSimulated,
		},
		Computed: map[string]any{
			"arn":             "arn:aws:logs:${region}:${account}:log-group:${name}",
			"logGroupClass":   "STANDARD",
			"name":            "${namePrefix}${digits26}",
			"retentionInDays": 0,
			"skipDestroy":     false,
		},
		Replace:  []string{"logGroupClass", "name", "namePrefix"},
		Unique:   [][]string{{"name"}},
		NotFound: cloud.Error{Code: "ResourceNotFoundException", Message: "The specified log group does not exist."},
		Exists: cloud.Error{
			Code: "ResourceAlreadyExistsException", Message: "The specified log group already exists",
		},
	}, {
		Token:     "aws:cloudwatch/logMetricFilter:LogMetricFilter",
		Args:      cloudwatch.LogMetricFilterArgs{},
		State:     cloudwatch.LogMetricFilter{},
		Service:   "CloudWatch Logs",
		Operation: "PutMetricFilter",
		Source: "CloudFormation resource schema AWS::Logs::MetricFilter; CloudWatch Logs API Reference, PutMetricFilter, " +
			"which silently takes over a filter of the same name. The AWS provider's id is the name alone",
		Name: &cloud.Name{Property: "name", Max: 512, AutoMax: 255, Pattern: regexp.MustCompile(`^[^:*]+$`)},
		ID:   "${logGroupName}:${name}",
		Values: map[string]cloud.Value{
			"metricTransformation.defaultValue": cloud.Match(`^-?\d+(\.\d+)?$`, "a number"),
			"metricTransformation.dimensions":   cloud.Count(1, 3),
			"metricTransformation.name":         metricWord,
			"metricTransformation.namespace":    metricWord,
			"metricTransformation.value":        cloud.Length(1, 100),
			"pattern":                           cloud.Length(0, 1024),
		},
		Replace: []string{"logGroupName", "name"},
		Refs:    []cloud.Ref{{Path: "logGroupName", Type: logGroupToken, TargetProperty: "name", OwnedBy: true}},
		Quota: &cloud.Quota{Limit: 100, Scope: "logGroupName", Error: cloud.Error{
			Code: "LimitExceededException", Message: "Resource limit exceeded.",
		}},
		Check: validateMetricFilter,
		NotFound: cloud.Error{
			Code: "ResourceNotFoundException", Message: "The specified metric filter does not exist.",
		},
	}}
}

// metricWord allows the names of a metric filter's metrics and namespaces (CloudWatch Logs API Reference,
// MetricTransformation).
var metricWord = cloud.All(cloud.Length(1, 255), cloud.Match(`^[^:*$]+$`, "without :, * or $"))

// jsonSelector matches a condition on a field of a JSON log event (CloudWatch Logs User Guide, "Filter pattern
// syntax").
var jsonSelector = regexp.MustCompile(`^\{\s*\(*\s*\$\.?\S+.*(=|<|>| IS | NOT EXISTS| EXISTS).*\}$`)

func validateMetricFilter(_ cloud.Account, filter *cloud.Resource) error {
	pattern := strings.TrimSpace(filter.Text("pattern"))
	quotes := strings.Count(pattern, `"`) - strings.Count(pattern, `\"`)
	switch {
	case quotes%2 != 0,
		strings.HasPrefix(pattern, "{") && !jsonSelector.MatchString(pattern),
		strings.HasPrefix(pattern, "[") != strings.HasSuffix(pattern, "]"):
		return apiError("InvalidParameterException", "Invalid filter pattern: %s", pattern)
	case filter.Text("metricTransformation.defaultValue") != "" &&
		len(filter.Texts("metricTransformation.dimensions.*")) > 0:
		return apiError("InvalidParameterException", "Invalid metric transformation: dimensions and default value are "+
			"mutually exclusive properties.")
	}
	return nil
}
