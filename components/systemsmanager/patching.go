package systemsmanager

import (
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const (
	patchDocument = "AWS-RunPatchBaseline"
	// approveAfterDays is the age of a patch in days before it is approved: a bad one is usually withdrawn by then.
	approveAfterDays = 7
)

// newPatchBaseline approves what AWS's own baseline for Amazon Linux 2023 approves (AWS Systems Manager User Guide,
// "Predefined and custom patch baselines"), and sets the severity of a missing patch.
func (f *ManagedNodes) newPatchBaseline(
	ctx *pulumi.Context, name string, args *Args, parent pulumi.ResourceOption,
) (*ssm.PatchGroup, error) {
	filter := func(key string, values ...string) ssm.PatchBaselineApprovalRulePatchFilterArgs {
		return ssm.PatchBaselineApprovalRulePatchFilterArgs{Key: pulumi.String(key), Values: pulumi.ToStringArray(values)}
	}
	approve := func(
		compliance string, filters ...ssm.PatchBaselineApprovalRulePatchFilterInput,
	) ssm.PatchBaselineApprovalRuleArgs {
		return ssm.PatchBaselineApprovalRuleArgs{
			ApproveAfterDays: pulumi.Int(approveAfterDays),
			ComplianceLevel:  pulumi.String(compliance),
			PatchFilters:     ssm.PatchBaselineApprovalRulePatchFilterArray(filters),
		}
	}
	baseline, err := ssm.NewPatchBaseline(ctx, name, &ssm.PatchBaselineArgs{
		Description:     pulumi.String("Critical and important security fixes, and bug fixes, a week after their release"),
		OperatingSystem: pulumi.String("AMAZON_LINUX_2023"),
		ApprovalRules: ssm.PatchBaselineApprovalRuleArray{
			approve("CRITICAL", filter("CLASSIFICATION", "Security"), filter("SEVERITY", "Critical", "Important")),
			approve("MEDIUM", filter("CLASSIFICATION", "Bugfix")),
		},
		Tags: args.Tags,
	}, parent)
	if err != nil {
		return nil, err
	}
	return ssm.NewPatchGroup(ctx, name, &ssm.PatchGroupArgs{
		BaselineId: baseline.ID(),
		PatchGroup: pulumi.String(f.PatchGroup),
	}, parent)
}

// newPatchWindow installs approved patches once a week, rebooting where one asks for it. It runs as Systems Manager's
// service-linked role, and on one instance at a time.
func newPatchWindow(
	ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption,
) (*ssm.MaintenanceWindow, error) {
	window, err := ssm.NewMaintenanceWindow(ctx, name, &ssm.MaintenanceWindowArgs{
		Description:      pulumi.String("Patching"),
		Schedule:         pulumi.String("cron(0 3 ? * SUN *)"),
		ScheduleTimezone: pulumi.String("Etc/UTC"),
		Duration:         pulumi.Int(2),
		Cutoff:           pulumi.Int(1),
		Tags:             args.Tags,
	}, opts...)
	if err != nil {
		return nil, err
	}
	target, err := ssm.NewMaintenanceWindowTarget(ctx, name, &ssm.MaintenanceWindowTargetArgs{
		WindowId:     window.ID(),
		ResourceType: pulumi.String("INSTANCE"),
		Targets:      args.windowTargets(),
	}, opts...)
	if err != nil {
		return nil, err
	}
	output, err := cloudwatch.NewLogGroup(ctx, name+"-patching", &cloudwatch.LogGroupArgs{
		NamePrefix:      pulumi.Sprintf("/%s/%s/%s/patching-", ctx.Project(), ctx.Stack(), name),
		RetentionInDays: pulumi.Int(args.LogRetentionDays),
		KmsKeyId:        args.KmsKeyArn,
		Tags:            args.Tags,
	}, opts...)
	if err != nil {
		return nil, err
	}
	_, err = ssm.NewMaintenanceWindowTask(ctx, name+"-patching", &ssm.MaintenanceWindowTaskArgs{
		WindowId:       window.ID(),
		TaskType:       pulumi.String("RUN_COMMAND"),
		TaskArn:        pulumi.String(patchDocument),
		Priority:       pulumi.Int(1),
		MaxConcurrency: pulumi.String("1"),
		// The first failure stops the rest: one allowed error could already be the second of two instances.
		MaxErrors: pulumi.String("0"),
		Targets: ssm.MaintenanceWindowTaskTargetArray{ssm.MaintenanceWindowTaskTargetArgs{
			Key: pulumi.String("WindowTargetIds"), Values: pulumi.StringArray{target.ID()},
		}},
		TaskInvocationParameters: ssm.MaintenanceWindowTaskTaskInvocationParametersArgs{
			RunCommandParameters: runPatchBaseline(output),
		},
	}, opts...)
	return window, err
}

// windowTargets returns the tags of the instances that are patched: an instance must have all.
func (a *Args) windowTargets() ssm.MaintenanceWindowTargetTargetArray {
	tags := maps.Clone(a.TargetTags)
	maps.Copy(tags, a.PatchedTags)
	var targets ssm.MaintenanceWindowTargetTargetArray
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		targets = append(targets, ssm.MaintenanceWindowTargetTargetArgs{
			Key: pulumi.String("tag:" + key), Values: pulumi.ToStringArray([]string{tags[key]}),
		})
	}
	return targets
}

func runPatchBaseline(
	output *cloudwatch.LogGroup,
) ssm.MaintenanceWindowTaskTaskInvocationParametersRunCommandParametersArgs {
	parameter := func(
		name, value string,
	) ssm.MaintenanceWindowTaskTaskInvocationParametersRunCommandParametersParameterInput {
		return ssm.MaintenanceWindowTaskTaskInvocationParametersRunCommandParametersParameterArgs{
			Name: pulumi.String(name), Values: pulumi.StringArray{pulumi.String(value)},
		}
	}
	return ssm.MaintenanceWindowTaskTaskInvocationParametersRunCommandParametersArgs{
		Parameters: ssm.MaintenanceWindowTaskTaskInvocationParametersRunCommandParametersParameterArray{
			parameter("Operation", "Install"),
			parameter("RebootOption", "RebootIfNeeded"),
		},
		CloudwatchConfig: ssm.MaintenanceWindowTaskTaskInvocationParametersRunCommandParametersCloudwatchConfigArgs{
			CloudwatchOutputEnabled: pulumi.Bool(true),
			CloudwatchLogGroupName:  output.Name,
		},
	}
}
