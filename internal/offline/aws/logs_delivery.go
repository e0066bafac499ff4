package aws

import (
	"regexp"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"

	"stagecraft/internal/offline/cloud"
)

const (
	logSourceToken      = "aws:cloudwatch/logDeliverySource:LogDeliverySource"
	logDestinationToken = "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination"
	logDeliveryToken    = "aws:cloudwatch/logDelivery:LogDelivery"
)

// logDeliveryTypes returns the types that deliver logs of other services to CloudWatch Logs (Amazon CloudWatch Logs
// User Guide, "Enable logging from AWS services").
func logDeliveryTypes() []cloud.Type {
	return []cloud.Type{logSourceType(), logDestinationType(), logDeliveryType()}
}

var logDeliveryName = &cloud.Name{Property: "name", Max: 60, Pattern: regexp.MustCompile(`^[\w-]+$`)}

func logDeliveryQuota() *cloud.Quota {
	return &cloud.Quota{Limit: 1000, Error: cloud.Error{
		Code: "ServiceQuotaExceededException", Message: "This request exceeds a service quota.",
	}}
}

func logSourceType() cloud.Type {
	return cloud.Type{
		Token:     logSourceToken,
		Args:      cloudwatch.LogDeliverySourceArgs{},
		State:     cloudwatch.LogDeliverySource{},
		Service:   "CloudWatch Logs",
		Operation: "PutDeliverySource",
		Source: "CloudFormation resource schema AWS::Logs::DeliverySource; CloudWatch Logs API Reference, PutDeliverySource. " +
			"Of the sources, the offline cloud knows CloudFront distributions",
		Name:     logDeliveryName,
		ID:       "${name}",
		Values:   map[string]cloud.Value{"logType": cloud.OneOf("ACCESS_LOGS")},
		Computed: map[string]any{"arn": "arn:aws:logs:${region}:${account}:delivery-source:${name}", "service": "cloudfront"},
		Replace:  []string{"logType", "name", "resourceArn"},
		Refs: []cloud.Ref{{Path: "resourceArn", Type: distributionToken, TargetProperty: "arn", Weak: true, NotFound: cloud.Error{
			Code: "ResourceNotFoundException", Message: "The resource ${value} was not found.",
		}}},
		Unique: [][]string{{"name"}, {"resourceArn", "logType"}},
		Quota:  logDeliveryQuota(),
		Check: func(_ cloud.Account, source *cloud.Resource) error {
			if source.Region != globalRegion {
				return apiError("ValidationException", "Cannot use PutDeliverySource for CloudFront in region %s: use %s.",
					source.Region, globalRegion)
			}
			return nil
		},
		NotFound: cloud.Error{Code: "ResourceNotFoundException", Message: "Delivery source ${value} does not exist."},
		Exists: cloud.Error{
			Code: "ConflictException", Message: "This ResourceId has already been used in another Delivery Source in this account",
		},
		InUse: cloud.Error{
			Code: "ConflictException", Message: "Cannot delete the delivery source ${name}: it has deliveries.",
		},
	}
}

func logDestinationType() cloud.Type {
	const group = "deliveryDestinationConfiguration.destinationResourceArn"
	return cloud.Type{
		Token:     logDestinationToken,
		Args:      cloudwatch.LogDeliveryDestinationArgs{},
		State:     cloudwatch.LogDeliveryDestination{},
		Service:   "CloudWatch Logs",
		Operation: "PutDeliveryDestination",
		Source: "CloudFormation resource schema AWS::Logs::DeliveryDestination; CloudWatch Logs API Reference, " +
			"PutDeliveryDestination. Of the destinations, the offline cloud knows log groups",
		Name:     logDeliveryName,
		ID:       "${name}",
		Required: []string{"deliveryDestinationConfiguration"},
		Values:   map[string]cloud.Value{"outputFormat": cloud.OneOf("json", "plain", "w3c", "raw", "parquet")},
		Computed: map[string]any{
			"arn": "arn:aws:logs:${region}:${account}:delivery-destination:${name}", "deliveryDestinationType": "CWL",
		},
		Replace: []string{"name", "outputFormat"},
		Refs: []cloud.Ref{{Path: group, Type: logGroupToken, TargetProperty: "arn", Weak: true, NotFound: cloud.Error{
			Code: "ValidationException", Message: "The destination resource ${value} does not exist or is not supported.",
		}}},
		Unique: [][]string{{"name"}},
		Quota:  logDeliveryQuota(),
		Check: func(_ cloud.Account, destination *cloud.Resource) error {
			if destination.Text("outputFormat") == "parquet" {
				return apiError("ValidationException", "Output format parquet is not supported for CloudWatch Logs.")
			}
			return nil
		},
		NotFound: cloud.Error{Code: "ResourceNotFoundException", Message: "Delivery destination ${value} does not exist."},
		Exists:   cloud.Error{Code: "ConflictException", Message: "Delivery destination ${name} already exists."},
		InUse: cloud.Error{
			Code: "ConflictException", Message: "Cannot delete the delivery destination ${name}: it has deliveries.",
		},
	}
}

func logDeliveryType() cloud.Type {
	return cloud.Type{
		Token:     logDeliveryToken,
		Args:      cloudwatch.LogDeliveryArgs{},
		State:     cloudwatch.LogDelivery{},
		Service:   "CloudWatch Logs",
		Operation: "CreateDelivery",
		Change:    "UpdateDeliveryConfiguration",
		Source: "CloudFormation resource schema AWS::Logs::Delivery; CloudWatch Logs API Reference, CreateDelivery. CloudWatch " +
			"Logs adds to its resource policy that the service may write to the log group",
		ID: "${letters16}",
		Values: map[string]cloud.Value{
			"fieldDelimiter": cloud.Length(0, 5), "recordFields": cloud.Count(1, 128), "s3DeliveryConfigurations": cloud.NotSimulated,
		},
		Computed: map[string]any{
			"arn": "arn:aws:logs:${region}:${account}:delivery:${id}", "recordFields": accessLogFields(),
		},
		Replace: []string{"deliveryDestinationArn", "deliverySourceName"},
		Refs: []cloud.Ref{
			{Path: "deliverySourceName", Type: logSourceToken, TargetProperty: "name"},
			{Path: "deliveryDestinationArn", Type: logDestinationToken, TargetProperty: "arn"},
		},
		Unique: [][]string{{"deliverySourceName", "deliveryDestinationArn"}},
		Quota:  logDeliveryQuota(),
		Exists: cloud.Error{Code: "ConflictException", Message: "Delivery already exists"},
	}
}

// accessLogFields returns the fields that CloudFront logs by default (Amazon CloudFront Developer Guide, "Standard
// logging reference").
func accessLogFields() []any {
	var fields []any
	for _, field := range strings.Fields("date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status " +
		"cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol " +
		"cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status " +
		"fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len " +
		"sc-range-start sc-range-end") {
		fields = append(fields, field)
	}
	return fields
}
