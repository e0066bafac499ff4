package aws

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"stagecraft/internal/offline/cloud"
)

const (
	parameterToken               = "aws:ssm/parameter:Parameter"
	patchBaselineToken           = "aws:ssm/patchBaseline:PatchBaseline"
	patchGroupToken              = "aws:ssm/patchGroup:PatchGroup"
	maintenanceWindowToken       = "aws:ssm/maintenanceWindow:MaintenanceWindow"
	maintenanceWindowTargetToken = "aws:ssm/maintenanceWindowTarget:MaintenanceWindowTarget"

	uuid = "${hex8}-${hex4}-${hex4}-${hex4}-${hex12}"
)

// ssmTypes are Systems Manager's types (quotas: AWS General Reference, "AWS Systems Manager endpoints and quotas").
func ssmTypes() []cloud.Type {
	return slices.Concat(parameterTypes(), patchTypes(), maintenanceTypes(), associationTypes(), documentTypes())
}

// ssmName is how the names of most things in Systems Manager look (Systems Manager API Reference).
func ssmName() *cloud.Name {
	return &cloud.Name{Property: "name", Max: 128, Pattern: regexp.MustCompile(`^[a-zA-Z0-9_\-.]{3,}$`)}
}

func ssmQuota(limit int, per string) *cloud.Quota {
	return &cloud.Quota{Limit: limit, Per: per, Error: cloud.Error{
		Code: "ResourceLimitExceededException", Message: fmt.Sprintf("The limit of %d is reached.", limit),
	}}
}

func parameterTypes() []cloud.Type {
	return []cloud.Type{{
		Token:     parameterToken,
		Args:      ssm.ParameterArgs{},
		State:     ssm.Parameter{},
		Service:   "SSM",
		Operation: "PutParameter",
		Source:    "CloudFormation resource schema AWS::SSM::Parameter; SDK doc; Systems Manager API Reference, PutParameter",
		Name:      &cloud.Name{Property: "name", Max: 1011, AutoMax: 255, Pattern: regexp.MustCompile(`^[a-zA-Z0-9_.\-/]+$`)},
		ID:        "${name}",
		OneOf:     [][]string{{"value", "insecureValue"}},
		Values: map[string]cloud.Value{
			"allowedPattern": cloud.Length(0, 1024),
			"dataType":       cloud.OneOf("text", "aws:ec2:image", "aws:ssm:integration"),
			"description":    cloud.Length(0, 1024),
			"keyId":          cloud.OneOf("alias/aws/ssm"),
			"tier":           cloud.OneOf("Standard", "Advanced", "Intelligent-Tiering"),
			"type":           cloud.OneOf("String", "StringList", "SecureString"),
		},
		Computed:   map[string]any{"dataType": "text", "tier": "Standard"},
		Replace:    []string{"dataType", "name"},
		Unique:     [][]string{{"name"}},
		Overwrites: "overwrite",
		Quota: &cloud.Quota{Limit: 10000, Error: cloud.Error{
			Code: "ParameterLimitExceeded", Message: "You have exceeded the number of parameters for this AWS account.",
		}},
		Check:    parameterFits,
		Make:     describeParameter,
		NotFound: cloud.Error{Code: "ParameterNotFound", Message: "Parameter ${value} not found."},
		Exists: cloud.Error{
			Code:    "ParameterAlreadyExists",
			Message: "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
		},
	}}
}

// longestParameter is how long a parameter's value may be, in characters, by its tier.
var longestParameter = map[string]int{"Standard": 4096, "Advanced": 8192, "Intelligent-Tiering": 8192}

// parameterDepth is how many levels a hierarchy of parameters may have.
const parameterDepth = 15

func parameterFits(_ cloud.Account, parameter *cloud.Resource) error {
	name, value, tier := parameter.Text("name"), parameterValue(parameter), parameter.Text("tier")
	first := strings.ToLower(strings.TrimPrefix(name, "/"))
	switch {
	case strings.Contains(name, "/") && !strings.HasPrefix(name, "/"),
		strings.HasSuffix(name, "/"), strings.Contains(name, "//"):
		return refuse("ValidationException", "Parameter name must be a fully qualified name.")
	case strings.HasPrefix(first, "aws"), strings.HasPrefix(first, "ssm"):
		return refuse("ValidationException", "Parameter name: can't be prefixed with %q or %q (case-insensitive).", "aws", "ssm")
	case strings.Count(name, "/") > parameterDepth:
		return refuse("HierarchyLevelLimitExceededException", "Parameter hierarchy levels must not exceed %d.", parameterDepth)
	case parameter.Text("type") == "SecureString" && parameter.Text("insecureValue") != "":
		return refuse("ValidationException", "insecureValue is not valid for a parameter of the type SecureString.")
	case value == "":
		return refuse("ValidationException", "Parameter value can't be empty.")
	case len(value) > longestParameter[tier]:
		return refuse("ValidationException", "%s tier parameters support a maximum parameter value of %d characters.",
			tier, longestParameter[tier])
	}
	if allowed := parameter.Text("allowedPattern"); allowed != "" {
		pattern, err := regexp.Compile(allowed)
		if err != nil {
			return refuse("InvalidAllowedPatternException", "Allowed pattern is not a valid regular expression: %s", allowed)
		}
		if !pattern.MatchString(value) {
			return refuse("ParameterPatternMismatchException",
				"Parameter value, cannot be validated against allowedPattern: %s", allowed)
		}
	}
	return nil
}

func parameterValue(parameter *cloud.Resource) string {
	if value := parameter.Text("insecureValue"); value != "" {
		return value
	}
	return parameter.Text("value")
}

// describeParameter counts the versions of a parameter, of which each change makes one, unless it is of tags alone.
func describeParameter(_ cloud.Account, parameter *cloud.Resource) error {
	version := 1.0
	if before := parameter.Before; before != nil {
		version = number(before, "version")
		diff := before.Inputs.Diff(parameter.Inputs, resource.IsInternalPropertyKey)
		if diff != nil && !slices.Equal(diff.ChangedKeys(), []resource.PropertyKey{"tags"}) {
			version++
		}
	}
	parameter.Set("version", version)
	parameter.Set("arn", fmt.Sprintf("arn:aws:ssm:%s:%s:parameter/%s",
		parameter.Region, Account, strings.TrimPrefix(parameter.Text("name"), "/")))
	return nil
}

// ssmFunctions are questions to Systems Manager.
func ssmFunctions() []cloud.Function {
	return []cloud.Function{{
		Token:  "aws:ssm/getParameter:getParameter",
		Args:   ssm.LookupParameterArgs{},
		Source: "SDK doc; Systems Manager User Guide, Calling the public parameter for EC2 AMIs",
		Answer: func(question cloud.Question) (map[string]any, error) {
			name := question.Text("name")
			if _, public := amazonLinux[name]; public {
				arn := "arn:aws:ssm:" + question.Region + "::parameter" + name
				return parameterAnswer(name, arn, "String", imageID(question.Region, name), 1), nil
			}
			found, err := question.Account.Find(parameterToken, "", name)
			if err != nil {
				return nil, err
			}
			if found == nil {
				return nil, refuse("ParameterNotFound", "Parameter %s not found.", name)
			}
			return parameterAnswer(
				name, found.Text("arn"), found.Text("type"), parameterValue(found), number(found, "version")), nil
		},
	}}
}

func parameterAnswer(name, arn, kind, value string, version float64) map[string]any {
	answer := map[string]any{
		"id": name, "arn": arn, "name": name, "type": kind, "value": value, "insecureValue": value, "version": version,
		"withDecryption": true,
	}
	if kind == "SecureString" {
		delete(answer, "insecureValue")
	}
	return answer
}

// patchFilters are the keys that Patch Manager filters by, on any operating system (Systems Manager API Reference,
// "PatchFilter"), and amazonLinuxFilters the ones and their values on Amazon Linux 2023 (Systems Manager User Guide,
// "How patch baseline rules work on Amazon Linux 2023").
var (
	date         = cloud.Match(`^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$`, "a date as YYYY-MM-DD")
	patchFilters = cloud.OneOf("ARCH", "ADVISORY_ID", "BUGZILLA_ID", "PATCH_SET", "PRODUCT", "PRODUCT_FAMILY",
		"CLASSIFICATION", "CVE_ID", "EPOCH", "MSRC_SEVERITY", "NAME", "PATCH_ID", "SECTION", "PRIORITY", "REPOSITORY",
		"RELEASE", "SEVERITY", "SECURITY", "VERSION")
	amazonLinuxFilters = map[string][]string{
		"PRODUCT":        {"*", "AmazonLinux2023", "AmazonLinux2023.0"},
		"CLASSIFICATION": {"*", "Security", "Bugfix", "Enhancement", "Recommended", "Newpackage"},
		"SEVERITY":       {"*", "Critical", "Important", "Medium", "Low"},
	}
)

func patchTypes() []cloud.Type {
	compliance := cloud.OneOf("CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNSPECIFIED")
	doesNotExist := cloud.Error{
		Code: "DoesNotExistException", Message: "Maintenance window or patch baseline ${value} doesn't exist.",
	}
	return []cloud.Type{{
		Token:     patchBaselineToken,
		Args:      ssm.PatchBaselineArgs{},
		State:     ssm.PatchBaseline{},
		Service:   "SSM",
		Operation: "CreatePatchBaseline",
		Change:    "UpdatePatchBaseline",
		Source:    "CloudFormation resource schema AWS::SSM::PatchBaseline; Systems Manager API Reference, CreatePatchBaseline",
		Name:      ssmName(),
		ID:        "pb-${hex17}",
		Values: map[string]cloud.Value{
			"approvalRules":                           cloud.Count(0, 10),
			"approvalRules[*].approveAfterDays":       cloud.Range(0, 360),
			"approvalRules[*].approveUntilDate":       date,
			"approvalRules[*].complianceLevel":        compliance,
			"approvalRules[*].patchFilters":           cloud.Count(1, 10),
			"approvalRules[*].patchFilters[*].key":    patchFilters,
			"approvalRules[*].patchFilters[*].values": cloud.Count(1, 20),
			"approvedPatches":                         cloud.Count(0, 50),
			"approvedPatchesComplianceLevel":          compliance,
			"description":                             cloud.Length(0, 1024),
			"globalFilters":                           cloud.Count(0, 4),
			"globalFilters[*].key":                    patchFilters,
			"globalFilters[*].values":                 cloud.Count(1, 20),
			"operatingSystem": cloud.OneOf("ALMA_LINUX", "AMAZON_LINUX", "AMAZON_LINUX_2", "AMAZON_LINUX_2022",
				"AMAZON_LINUX_2023", "CENTOS", "DEBIAN", "MACOS", "ORACLE_LINUX", "RASPBIAN", "REDHAT_ENTERPRISE_LINUX",
				"ROCKY_LINUX", "SUSE", "UBUNTU", "WINDOWS"),
			"rejectedPatches":       cloud.Count(0, 50),
			"rejectedPatchesAction": cloud.OneOf("ALLOW_AS_DEPENDENCY", "BLOCK"),
			"sources":               cloud.Count(0, 20),
		},
		Computed: map[string]any{
			"approvedPatchesComplianceLevel": "UNSPECIFIED",
			"arn":                            "arn:aws:ssm:${region}:${account}:patchbaseline/${id}",
			"operatingSystem":                "WINDOWS",
			"rejectedPatchesAction":          "ALLOW_AS_DEPENDENCY",
		},
		Replace:  []string{"operatingSystem"},
		Quota:    ssmQuota(50, ""),
		Check:    patchBaselineFits,
		NotFound: doesNotExist,
		InUse: cloud.Error{
			Code: "ResourceInUseException", Message: "The patch baseline ${id} is registered with a patch group.",
		},
	}, {
		Token:     patchGroupToken,
		Args:      ssm.PatchGroupArgs{},
		State:     ssm.PatchGroup{},
		Service:   "SSM",
		Operation: "RegisterPatchBaselineForPatchGroup",
		Source:    "SDK doc; Systems Manager API Reference, RegisterPatchBaselineForPatchGroup",
		ID:        "${patchGroup},${baselineId}",
		Values: map[string]cloud.Value{
			"patchGroup": cloud.All(
				cloud.Length(1, 256), cloud.Match(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$`, "letters, digits, spaces or _.:/=+-@")),
		},
		Replace:  []string{"baselineId", "patchGroup"},
		Refs:     []cloud.Ref{{Path: "baselineId", Type: patchBaselineToken}},
		Quota:    ssmQuota(25, "baselineId"),
		Check:    patchGroupFits,
		NotFound: doesNotExist,
	}}
}

func patchBaselineFits(_ cloud.Account, baseline *cloud.Resource) error {
	for _, rule := range baseline.Elements("approvalRules") {
		if (rule.Text("approveAfterDays") == "") == (rule.Text("approveUntilDate") == "") {
			return refuse("ValidationException",
				"Exactly one of approveAfterDays and approveUntilDate must be set in an approval rule.")
		}
		if baseline.Text("operatingSystem") != "AMAZON_LINUX_2023" {
			continue
		}
		for _, filter := range rule.Elements("patchFilters") {
			allowed, known := amazonLinuxFilters[filter.Text("key")]
			if !known {
				return refuse("ValidationException",
					"Patch filter key %s is not supported for operating system AMAZON_LINUX_2023: %s",
					filter.Text("key"), strings.Join(slices.Sorted(maps.Keys(amazonLinuxFilters)), ", "))
			}
			for _, value := range filter.Texts("values[*]") {
				if !slices.Contains(allowed, value) {
					return refuse("ValidationException", "Patch filter value %s is not valid for key %s: %s",
						value, filter.Text("key"), strings.Join(allowed, ", "))
				}
			}
		}
	}
	return nil
}

// patchGroupFits refuses a second baseline for the same operating system.
func patchGroupFits(account cloud.Account, group *cloud.Resource) error {
	others, err := account.List(patchGroupToken)
	if err != nil {
		return err
	}
	baseline, err := account.Find(patchBaselineToken, "", group.Text("baselineId"))
	if err != nil {
		return err
	}
	for _, other := range others {
		registered, err := account.Find(patchBaselineToken, "", other.Text("baselineId"))
		if err != nil {
			return err
		}
		system := baseline.Text("operatingSystem")
		if other.ID != group.ID && other.Text("patchGroup") == group.Text("patchGroup") &&
			registered.Text("operatingSystem") == system {
			return refuse("AlreadyExistsException", "Patch Group %s already has a baseline registered for OperatingSystem %s.",
				group.Text("patchGroup"), system)
		}
	}
	return nil
}

// The expressions of maintenance windows and associations (Systems Manager User Guide, "Reference: Cron and rate
// expressions for Systems Manager").
var (
	windowSchedule = cloud.Match(
		`^(rate\([1-9]\d* (minutes?|hours?|days?)\)|cron\(\S+( \S+){5,6}\)|at\(\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?\))$`,
		"cron of six or seven fields, rate or at")
	associationSchedule = cloud.Match(
		`^(rate\(([3-9]\d|[1-9]\d\d+) minutes\)|rate\([1-9]\d* (hours?|days?)\)|cron\(\S+( \S+){5}\)|at\(.+\))$`,
		"cron of six fields, at, or a rate of 30 minutes or more")
	timezone = func(value resource.PropertyValue) string {
		if value.IsString() && value.StringValue() != "" {
			if _, err := time.LoadLocation(value.StringValue()); err == nil {
				return ""
			}
		}
		return fmt.Sprintf("must be a time zone of the IANA database, got %v", value)
	}
	concurrency = cloud.Match(`^([1-9]\d*|[1-9]\d?%|100%)$`, "a number from 1, or a percentage from 1% to 100%")
	errorLimit  = cloud.Match(`^(0|[1-9]\d*|[1-9]?\d%|100%)$`, "a number, or a percentage from 0% to 100%")
)

func maintenanceTypes() []cloud.Type {
	doesNotExist := cloud.Error{Code: "DoesNotExistException", Message: "Maintenance window ${value} does not exist"}
	return []cloud.Type{{
		Token:     maintenanceWindowToken,
		Args:      ssm.MaintenanceWindowArgs{},
		State:     ssm.MaintenanceWindow{},
		Service:   "SSM",
		Operation: "CreateMaintenanceWindow",
		Change:    "UpdateMaintenanceWindow",
		Source: "CloudFormation resource schema AWS::SSM::MaintenanceWindow; Systems Manager API Reference, " +
			"CreateMaintenanceWindow. Names need not be unique",
		Name: ssmName(),
		ID:   "mw-${hex17}",
		Values: map[string]cloud.Value{
			"cutoff":           cloud.Range(0, 23),
			"description":      cloud.Length(1, 128),
			"duration":         cloud.Range(1, 24),
			"schedule":         windowSchedule,
			"scheduleOffset":   cloud.Range(1, 6),
			"scheduleTimezone": timezone,
		},
		Computed: map[string]any{"allowUnassociatedTargets": false, "enabled": true},
		Quota:    ssmQuota(50, ""),
		Check: func(_ cloud.Account, window *cloud.Resource) error {
			if number(window, "cutoff") >= number(window, "duration") {
				return refuse("ValidationException", "Maintenance window cutoff must be less than its duration.")
			}
			if window.Text("scheduleOffset") != "" && !strings.HasPrefix(window.Text("schedule"), "cron") {
				return refuse("ValidationException", "Schedule offset is only supported with cron expressions.")
			}
			return nil
		},
		NotFound: doesNotExist,
	}, {
		Token:     maintenanceWindowTargetToken,
		Args:      ssm.MaintenanceWindowTargetArgs{},
		State:     ssm.MaintenanceWindowTarget{},
		Service:   "SSM",
		Operation: "RegisterTargetWithMaintenanceWindow",
		Change:    "UpdateMaintenanceWindowTarget",
		Source: "CloudFormation resource schema AWS::SSM::MaintenanceWindowTarget; Systems Manager API Reference, " +
			"RegisterTargetWithMaintenanceWindow",
		Name:     ssmName(),
		ID:       uuid,
		Required: []string{"targets"},
		Values: map[string]cloud.Value{
			"description":       cloud.Length(1, 128),
			"ownerInformation":  cloud.Length(1, 128),
			"resourceType":      cloud.OneOf("INSTANCE", "RESOURCE_GROUP"),
			"targets":           cloud.Count(1, 5),
			"targets[*].values": cloud.Count(1, 50),
		},
		Replace: []string{"resourceType", "windowId"},
		Refs:    []cloud.Ref{{Path: "windowId", Type: maintenanceWindowToken, Part: true}},
		Quota:   ssmQuota(100, "windowId"),
		Check: func(_ cloud.Account, target *cloud.Resource) error {
			keys := instanceTarget
			if target.Text("resourceType") == "RESOURCE_GROUP" {
				keys = groupTarget
			}
			return targetsFit(target, keys)
		},
		NotFound: cloud.Error{Code: "DoesNotExistException", Message: "Maintenance window target ${value} does not exist"},
	}, {
		Token:     "aws:ssm/maintenanceWindowTask:MaintenanceWindowTask",
		Args:      ssm.MaintenanceWindowTaskArgs{},
		State:     ssm.MaintenanceWindowTask{},
		Service:   "SSM",
		Operation: "RegisterTaskWithMaintenanceWindow",
		Change:    "UpdateMaintenanceWindowTask",
		Source: "CloudFormation resource schema AWS::SSM::MaintenanceWindowTask; Systems Manager API Reference, " +
			"RegisterTaskWithMaintenanceWindow. Of the documents of AWS the offline cloud knows some, and no others",
		Name: ssmName(),
		ID:   uuid,
		Values: map[string]cloud.Value{
			"cutoffBehavior":    cloud.OneOf("CONTINUE_TASK", "CANCEL_TASK"),
			"description":       cloud.Length(1, 128),
			"maxConcurrency":    concurrency,
			"maxErrors":         errorLimit,
			"priority":          cloud.Range(0, 1000000),
			"targets":           cloud.Count(0, 5),
			"targets[*].values": cloud.Count(1, 50),
			"taskType":          cloud.OneOf("RUN_COMMAND", "AUTOMATION", "LAMBDA", "STEP_FUNCTIONS"),
			"taskInvocationParameters.runCommandParameters.timeoutSeconds": cloud.Range(30, 2592000),
		},
		Computed: map[string]any{
			"arn":            "arn:aws:ssm:${region}:${account}:windowtask/${id}",
			"maxConcurrency": "1",
			"maxErrors":      "1",
			"priority":       1,
			"windowTaskId":   "${id}",
		},
		Replace: []string{"taskType", "windowId"},
		Refs: []cloud.Ref{
			{Path: "windowId", Type: maintenanceWindowToken, Part: true},
			{Path: "serviceRoleArn", Type: roleToken, By: "arn", Loose: true},
			{Path: "taskInvocationParameters.runCommandParameters.serviceRoleArn", Type: roleToken, By: "arn", Loose: true},
			{
				Path: "taskInvocationParameters.runCommandParameters.notificationConfig.notificationArn", Type: topicToken,
				By: "arn", Loose: true,
			},
			{Path: "taskInvocationParameters.runCommandParameters.outputS3Bucket", Type: bucketToken, Loose: true},
		},
		Quota:    ssmQuota(20, "windowId"),
		Check:    taskFits,
		NotFound: cloud.Error{Code: "DoesNotExistException", Message: "Maintenance window task ${value} does not exist"},
	}}
}

// The keys by which instances, the resources of a group, and the targets of a task are found (Systems Manager API
// Reference, "Target").
var (
	instanceTarget = regexp.MustCompile(`^(InstanceIds|tag:.+|tag-key)$`)
	groupTarget    = regexp.MustCompile(`^resource-groups:(Name|ResourceTypeFilters)$`)
	taskTarget     = regexp.MustCompile(`^(InstanceIds|WindowTargetIds)$`)
	anyTarget      = regexp.MustCompile(
		`^(InstanceIds|tag:.+|tag-key|resource-groups:(Name|ResourceTypeFilters)|ResourceGroup|ParameterValues)$`)
)

func targetsFit(of *cloud.Resource, keys *regexp.Regexp) error {
	for _, target := range of.Elements("targets") {
		if !keys.MatchString(target.Text("key")) {
			return refuse("InvalidTarget", "Target key %s is not valid here: it must match %s", target.Text("key"), keys)
		}
	}
	return nil
}

// taskParameters are the properties that a task's type takes.
var taskParameters = map[string]string{
	"automationParameters": "AUTOMATION", "lambdaParameters": "LAMBDA", "runCommandParameters": "RUN_COMMAND",
	"stepFunctionsParameters": "STEP_FUNCTIONS",
}

func taskFits(account cloud.Account, task *cloud.Resource) error {
	if err := targetsFit(task, taskTarget); err != nil {
		return err
	}
	for _, target := range task.Elements("targets") {
		if target.Text("key") != "WindowTargetIds" {
			continue
		}
		for _, id := range target.Texts("values[*]") {
			registered, err := account.Find(maintenanceWindowTargetToken, "", id)
			if err != nil {
				return err
			}
			if registered == nil || registered.Text("windowId") != task.Text("windowId") {
				return refuse("DoesNotExistException", "Maintenance window target %s does not exist in maintenance window %s",
					id, task.Text("windowId"))
			}
		}
	}
	kind := task.Text("taskType")
	if given := task.Outputs["taskInvocationParameters"]; given.IsObject() {
		for property := range given.ObjectValue() {
			if taskParameters[string(property)] != kind {
				return refuse("ValidationException", "%s are not valid for a task of the type %s", property, kind)
			}
		}
	}
	if kind != "RUN_COMMAND" {
		return nil
	}
	if len(task.Elements("targets")) == 0 {
		return refuse("ValidationException", "Targets are required for a task of the type RUN_COMMAND")
	}
	return runCommandFits(task)
}

func runCommandFits(task *cloud.Resource) error {
	given := map[string]string{}
	command := task.Outputs["taskInvocationParameters"]
	if command.IsObject() && command.ObjectValue()["runCommandParameters"].IsObject() {
		run := &cloud.Resource{Outputs: command.ObjectValue()["runCommandParameters"].ObjectValue()}
		for _, parameter := range run.Elements("parameters") {
			given[parameter.Text("name")] = parameter.Text("values[*]")
		}
	}
	return documentTakes(task.Text("taskArn"), given)
}

// document is what a document of AWS takes: its parameters, with the values where there is a choice, and those that must
// be given.
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

// documentTakes refuses a document that AWS does not have, and parameters that it does not take.
func documentTakes(name string, given map[string]string) error {
	name = name[strings.LastIndex(name, "/")+1:]
	known, ok := documents[name]
	if !ok {
		return refuse("InvalidDocument", "Document with name %s does not exist. (The offline cloud has %s.)",
			name, strings.Join(slices.Sorted(maps.Keys(documents)), ", "))
	}
	for _, parameter := range slices.Sorted(maps.Keys(given)) {
		allowed, takes := known.parameters[parameter]
		if !takes {
			return refuse("InvalidParameters", "Parameter %q is not defined in document %s.", parameter, name)
		}
		if len(allowed) > 0 && !slices.Contains(allowed, given[parameter]) {
			return refuse("InvalidParameters", "Parameter %q of document %s must be one of [%s], and is %q.",
				parameter, name, strings.Join(allowed, ", "), given[parameter])
		}
	}
	for _, parameter := range known.required {
		if given[parameter] == "" {
			return refuse("InvalidParameters", "Parameter %q of document %s is required.", parameter, name)
		}
	}
	return nil
}

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
			{Path: "instanceId", Type: instanceToken, Loose: true},
			{Path: "outputLocation.s3BucketName", Type: bucketToken, Loose: true},
		},
		Quota: &cloud.Quota{Limit: 2000, Error: cloud.Error{
			Code: "AssociationLimitExceeded", Message: "You can have at most 2000 active associations.",
		}},
		Check: func(_ cloud.Account, association *cloud.Resource) error {
			cron := strings.HasPrefix(association.Text("scheduleExpression"), "cron")
			if association.Text("applyOnlyAtCronInterval") == "true" && !cron {
				return refuse("ValidationException", "ApplyOnlyAtCronInterval is only supported with cron expressions.")
			}
			if err := targetsFit(association, anyTarget); err != nil {
				return err
			}
			given := map[string]string{}
			if parameters := association.Outputs["parameters"]; parameters.IsObject() {
				for name := range parameters.ObjectValue() {
					given[string(name)] = association.Text("parameters." + string(name))
				}
			}
			return documentTakes(association.Text("name"), given)
		},
		NotFound: cloud.Error{Code: "AssociationDoesNotExist", Message: "The specified association does not exist: ${value}"},
	}}
}
