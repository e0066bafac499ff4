package aws

import (
	"maps"
	"slices"
	"strings"
)

// document describes a document of AWS: its parameters with their allowed values, and the required ones.
type document struct {
	parameters map[string][]string
	required   []string
}

var enabled = []string{"Enabled", "Disabled"}

// documents are the documents of AWS that the offline cloud knows (Systems Manager console, "Documents", as of 2025).
var documents = map[string]document{
	"AWS-RunPatchBaseline": {
		parameters: map[string][]string{
			"Operation": {"Scan", "Install"}, "RebootOption": {"RebootIfNeeded", "NoReboot"}, "AssociationId": nil,
			"BaselineOverride": nil, "InstallOverrideList": nil, "SnapshotId": nil,
		},
		required: []string{"Operation"},
	},
	"AWS-RunPatchBaselineWithHooks": {
		parameters: map[string][]string{
			"Operation": {"Scan", "Install"}, "RebootOption": {"RebootIfNeeded", "NoReboot"}, "SnapshotId": nil,
			"PreInstallHookDocName": nil, "PostInstallHookDocName": nil, "OnExitHookDocName": nil,
		},
		required: []string{"Operation"},
	},
	"AWS-RunPatchBaselineAssociation": {
		parameters: map[string][]string{
			"Operation": {"Scan", "Install"}, "RebootOption": {"RebootIfNeeded", "NoReboot"}, "AssociationId": nil,
			"BaselineTags": nil, "InstallOverrideList": nil,
		},
		required: []string{"Operation"},
	},
	"AWS-GatherSoftwareInventory": {parameters: map[string][]string{
		"applications": enabled, "awsComponents": enabled, "billingInfo": enabled, "customInventory": enabled, "files": nil,
		"instanceDetailedInformation": enabled, "networkConfig": enabled, "services": enabled, "windowsRegistry": nil,
		"windowsRoles": enabled, "windowsUpdates": enabled,
	}},
	"AWS-UpdateSSMAgent": {parameters: map[string][]string{"allowDowngrade": {"true", "false"}, "version": nil}},
	"AWS-ConfigureAWSPackage": {
		parameters: map[string][]string{
			"action": {"Install", "Uninstall"}, "additionalArguments": nil,
			"installationType": {"Uninstall and reinstall", "In-place update"}, "name": nil, "version": nil,
		},
		required: []string{"action", "name"},
	},
	"AWS-RunShellScript": {
		parameters: map[string][]string{"commands": nil, "executionTimeout": nil, "workingDirectory": nil},
		required:   []string{"commands"},
	},
	"AmazonCloudWatch-ManageAgent": {parameters: map[string][]string{
		"action": {
			"configure", "configure (append)", "configure (remove)", "start", "status", "stop",
		},
		"mode": {"ec2", "onPremise", "auto"}, "optionalConfigurationLocation": nil,
		"optionalConfigurationSource": {"ssm", "default", "all"}, "optionalOpenTelemetryCollectorConfigurationLocation": nil,
		"optionalOpenTelemetryCollectorConfigurationSource": {"ssm", "default", "all"}, "optionalRestart": {"yes", "no"},
	}},
}

// validateDocumentParameters rejects unknown documents and parameters.
func validateDocumentParameters(name string, values map[string]string) error {
	name = name[strings.LastIndex(name, "/")+1:]
	known, ok := documents[name]
	if !ok {
		return apiError("InvalidDocument", "Document with name %s does not exist. (The offline cloud has %s.)",
			name, strings.Join(slices.Sorted(maps.Keys(documents)), ", "))
	}
	for _, parameter := range slices.Sorted(maps.Keys(values)) {
		allowed, takes := known.parameters[parameter]
		if !takes {
			return apiError("InvalidParameters", "Parameter %q is not defined in document %s.", parameter, name)
		}
		if len(allowed) > 0 && !slices.Contains(allowed, values[parameter]) {
			return apiError("InvalidParameters", "Parameter %q of document %s must be one of [%s], and is %q.",
				parameter, name, strings.Join(allowed, ", "), values[parameter])
		}
	}
	for _, parameter := range known.required {
		if values[parameter] == "" {
			return apiError("InvalidParameters", "Parameter %q of document %s is required.", parameter, name)
		}
	}
	return nil
}
