package aws

import (
	"errors"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/guardduty"

	"stagecraft/internal/offline/cloud"
)

const (
	detectorToken        = "aws:guardduty/detector:Detector"
	detectorFeatureToken = "aws:guardduty/detectorFeature:DetectorFeature"
)

// detectorFeatures are the features of a detector, and their status in a new one (Amazon GuardDuty User Guide,
// "GuardDuty features activation"; SDK doc).
var detectorFeatures = map[string]string{
	"S3_DATA_EVENTS":         "ENABLED",
	"EKS_AUDIT_LOGS":         "ENABLED",
	"EBS_MALWARE_PROTECTION": "ENABLED",
	"RDS_LOGIN_EVENTS":       "ENABLED",
	"LAMBDA_NETWORK_LOGS":    "ENABLED",
	"EKS_RUNTIME_MONITORING": "DISABLED",
	"RUNTIME_MONITORING":     "DISABLED",
}

// runtimeFeatures are the features that install agents; they exclude each other.
var runtimeFeatures = []string{"EKS_RUNTIME_MONITORING", "RUNTIME_MONITORING"}

func guardDutyTypes() []cloud.Type {
	onOff := cloud.OneOf("ENABLED", "DISABLED")
	return []cloud.Type{{
		Token:     detectorToken,
		Args:      guardduty.DetectorArgs{},
		State:     guardduty.Detector{},
		Service:   "GuardDuty",
		Operation: "CreateDetector",
		Source: "CloudFormation resource schema AWS::GuardDuty::Detector; SDK doc; GuardDuty API Reference, CreateDetector; " +
			"an account has one detector in each region",
		ID: "${hex32}",
		Values: map[string]cloud.Value{
			"datasources":                cloud.NotSimulated,
			"findingPublishingFrequency": cloud.OneOf("FIFTEEN_MINUTES", "ONE_HOUR", "SIX_HOURS"),
		},
		Computed: map[string]any{
			"accountId":                  "${account}",
			"arn":                        "arn:aws:guardduty:${region}:${account}:detector/${id}",
			"enable":                     true,
			"findingPublishingFrequency": "SIX_HOURS",
		},
		Unique: [][]string{{"accountId"}},
		NotFound: cloud.Error{
			Code:    "BadRequestException",
			Message: "The request is rejected because the input detectorId is not owned by the current account.",
		},
		Exists: cloud.Error{
			Code:    "BadRequestException",
			Message: "The request is rejected because a detector already exists for the current account.",
		},
	}, {
		Token:     detectorFeatureToken,
		Args:      guardduty.DetectorFeatureArgs{},
		State:     guardduty.DetectorFeature{},
		Service:   "GuardDuty",
		Operation: "UpdateDetector",
		Source: "SDK doc; GuardDuty API Reference, DetectorFeatureConfiguration and DetectorAdditionalConfiguration. Deleted, " +
			"a feature stays as it was on AWS; here it is again as in a new detector",
		Name: &cloud.Name{Property: "name", Max: 64, Manual: true},
		ID:   "${detectorId}/${name}",
		Values: map[string]cloud.Value{
			"name":   cloud.OneOf(slices.Sorted(maps.Keys(detectorFeatures))...),
			"status": onOff,
			"additionalConfigurations[*].name": cloud.OneOf(
				"EKS_ADDON_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT", "EC2_AGENT_MANAGEMENT"),
			"additionalConfigurations[*].status": onOff,
		},
		Required: []string{"name"},
		Replace:  []string{"additionalConfigurations[*].name", "detectorId", "name"},
		Refs:     []cloud.Ref{{Path: "detectorId", Type: detectorToken, OwnedBy: true}},
		Check:    validateDetectorFeature,
		NotFound: cloud.Error{Code: "BadRequestException", Message: "The detector has no feature ${value}."},
	}}
}

func validateDetectorFeature(account cloud.Account, feature *cloud.Resource) error {
	name := feature.Text("name")
	runtime := slices.Contains(runtimeFeatures, name)
	if !runtime && len(feature.Elements("additionalConfigurations")) > 0 {
		return apiError("BadRequestException", "The request is rejected because the feature %s has no additional configuration.",
			name)
	}
	if !runtime || feature.Text("status") != "ENABLED" {
		return nil
	}
	for _, other := range runtimeFeatures {
		if other == name {
			continue
		}
		counterpart, err := account.Find(detectorFeatureToken, "", feature.Text("detectorId")+"/"+other)
		if err != nil {
			return err
		}
		if counterpart != nil && counterpart.Text("status") == "ENABLED" {
			return apiError("BadRequestException", "The request is rejected because %s and %s can't both be enabled.", name, other)
		}
	}
	return nil
}

func guardDutyFunctions() []cloud.Function {
	return []cloud.Function{{
		Token:  "aws:guardduty/getDetector:getDetector",
		Args:   guardduty.LookupDetectorArgs{},
		Source: "SDK doc; its errors are the AWS provider's",
		Invoke: func(request cloud.InvokeRequest) (map[string]any, error) {
			detector, err := detectorOf(request)
			if err != nil {
				return nil, err
			}
			features, err := featuresOf(request.Account, detector)
			if err != nil {
				return nil, err
			}
			status := "ENABLED"
			if detector.Text("enable") == "false" {
				status = "DISABLED"
			}
			return map[string]any{
				"id": detector.ID, "arn": detector.Text("arn"), "status": status, "features": features,
				"findingPublishingFrequency": detector.Text("findingPublishingFrequency"),
				"serviceRoleArn": "arn:aws:iam::" + request.Number +
					":role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty",
				"tags": detector.Outputs["tagsAll"].Mappable(),
			}, nil
		},
	}}
}

// detectorOf returns the region's only detector, if it has the requested id.
func detectorOf(request cloud.InvokeRequest) (*cloud.Resource, error) {
	detectors, err := request.Account.List(detectorToken)
	if err != nil {
		return nil, err
	}
	if len(detectors) == 0 {
		return nil, errors.New("reading this account's single GuardDuty Detector: empty result")
	}
	if id := request.Text("id"); id != "" && id != detectors[0].ID {
		return nil, apiError("BadRequestException",
			"The request is rejected because the input detectorId is not owned by the current account.")
	}
	return detectors[0], nil
}

func featuresOf(account cloud.Account, detector *cloud.Resource) ([]any, error) {
	var features []any
	for _, name := range slices.Sorted(maps.Keys(detectorFeatures)) {
		status, additional := detectorFeatures[name], []any{}
		set, err := account.Find(detectorFeatureToken, "", detector.ID+"/"+name)
		if err != nil {
			return nil, err
		}
		if set != nil {
			status = set.Text("status")
			for _, one := range set.Elements("additionalConfigurations") {
				additional = append(additional, map[string]any{"name": one.Text("name"), "status": one.Text("status")})
			}
		}
		features = append(features, map[string]any{"name": name, "status": status, "additionalConfigurations": additional})
	}
	return features, nil
}
