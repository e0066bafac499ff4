package aws

import (
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"

	"stagecraft/internal/offline/cloud"
)

func associationTypes() []cloud.Type {
	return []cloud.Type{{
		Token:     "aws:ssm/association:Association",
		Args:      ssm.AssociationArgs{},
		State:     ssm.Association{},
		Service:   "SSM",
		Operation: "CreateAssociation",
		Change:    "UpdateAssociation",
		Source: "CloudFormation resource schema AWS::SSM::Association; SDK doc; Systems Manager API Reference, " +
			"CreateAssociation. Of the documents of AWS the offline cloud knows some, and no others",
		ID:       uuid,
		Required: []string{"name"},
		OneOf:    [][]string{{"instanceId", "targets"}},
		Values: map[string]cloud.Value{
			"associationName":    cloud.All(cloud.Length(3, 128), cloud.Match(`^[a-zA-Z0-9_\-.]+$`, "letters, digits or _-.")),
			"complianceSeverity": cloud.OneOf("CRITICAL", "HIGH", "MEDIUM", "LOW", "UNSPECIFIED"),
			"documentVersion":    cloud.Match(`^(\$LATEST|\$DEFAULT|[1-9]\d*)$`, "$LATEST, $DEFAULT or a number"),
			"maxConcurrency":     concurrency,
			"maxErrors":          errorLimit,
			"scheduleExpression": associationSchedule,
			"syncCompliance":     cloud.OneOf("AUTO", "MANUAL"),
			"targets":            cloud.Count(1, 5),
			"targets[*].key":     cloud.Length(1, 163),
			"targets[*].values":  cloud.Count(0, 50),
		},
		Computed: map[string]any{
			"applyOnlyAtCronInterval": false,
			"arn":                     "arn:aws:ssm:${region}:${account}:association/${id}",
			"associationId":           "${id}",
			"documentVersion":         "$DEFAULT",
		},
		Replace: []string{"instanceId", "name"},
		Refs: []cloud.Ref{
			{Path: "instanceId", Type: instanceToken, Weak: true},
			{Path: "outputLocation.s3BucketName", Type: bucketToken, Weak: true},
		},
		Quota: &cloud.Quota{Limit: 2000, Error: cloud.Error{
			Code: "AssociationLimitExceeded", Message: "You can have at most 2000 active associations.",
		}},
		Check: func(_ cloud.Account, association *cloud.Resource) error {
			cron := strings.HasPrefix(association.Text("scheduleExpression"), "cron")
			if association.Text("applyOnlyAtCronInterval") == "true" && !cron {
				return apiError("ValidationException", "ApplyOnlyAtCronInterval is only supported with cron expressions.")
			}
			if err := validateTargets(association, anyTarget); err != nil {
				return err
			}
			values := map[string]string{}
			if parameters := association.Outputs["parameters"]; parameters.IsObject() {
				for name := range parameters.ObjectValue() {
					values[string(name)] = association.Text("parameters." + string(name))
				}
			}
			return validateDocumentParameters(association.Text("name"), values)
		},
		NotFound: cloud.Error{Code: "AssociationDoesNotExist", Message: "The specified association does not exist: ${value}"},
	}}
}
