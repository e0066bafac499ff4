package web

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/autoscaling"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	limits "stagecraft/internal/awslimits/autoscaling"
)

// Group is an auto-scaling group. The group alone decides how many instances it has, from Min to Max: neither an update
// nor a refresh changes the number. Every field is required unless a default is named.
//
// A change of the launch template, such as another InstanceType, replaces the instances: new ones are launched first,
// and old ones are terminated only when the new ones are healthy. If they are not, or if users get errors, the
// replacement stops and the old instances go on serving; an update with the former arguments reverts it. AWS's own
// rollback is not used: it rejects an AMI from a parameter (EC2 Auto Scaling API Reference, "RollbackInstanceRefresh"),
// and with this provider it would "return" to the new launch template (issue 34189 of
// github.com/hashicorp/terraform-provider-aws).
type Group struct {
	// Min and Max are the least and the greatest number of instances; Min is 1 or more, and Max not less than Min.
	Min, Max int
	// TargetRequests is how many requests a minute one instance is meant for, 1 or more; the group grows beyond it.
	TargetRequests int
	// TargetCPU is the average CPU utilization, in percent, that an instance is meant for, 10 to 79: an alarm goes off at
	// 80. The group grows beyond it.
	TargetCPU int
	// WarmupSeconds is how long an instance takes from its launch until it serves as well as the others, up to 3600. Until
	// then its health and its metrics do not count. Default: 300.
	WarmupSeconds int
	// ScheduledMinimum raises Min at certain times, before the traffic comes. Default: nil, never.
	ScheduledMinimum *ScheduledMinimum
	// TargetGroupArn is the load balancer's target group, which decides whether an instance is healthy.
	TargetGroupArn pulumi.StringInput
	// ResourceLabel names load balancer and target group to CloudWatch, as in app/NAME/ID/targetgroup/NAME/ID.
	ResourceLabel pulumi.StringInput
	// DeregistrationDelay is how many seconds the target group allows an instance to finish its requests, 1 to 3600.
	DeregistrationDelay int
	// After is what must exist before a target can be healthy: the load balancer's listeners. Default: nothing.
	After []pulumi.Resource
}

// ScheduledMinimum is a minimum number of instances that holds at certain times.
type ScheduledMinimum = limits.ScheduledMinimum

const (
	defaultWarmup = 300
	// gracePeriod is how many seconds a new instance may take until it is healthy: where a repository does not answer at
	// once, its set-up tries again for minutes, and a group that ends it before would launch instances for ever.
	gracePeriod = 900
	// maxLifetime is 7 days in seconds. The group then replaces an instance by one with the newest AMI and its patches.
	maxLifetime = 7 * 24 * 60 * 60
	// New instances are launched before old ones are terminated: never fewer than all, and up to half as many again.
	minHealthyPercentage = 100
	maxHealthyPercentage = 150
)

// groupMetrics are the metrics that AWS reports for a group each minute (EC2 Auto Scaling User Guide, "Amazon
// CloudWatch metrics for Amazon EC2 Auto Scaling").
var groupMetrics = []string{
	"GroupDesiredCapacity", "GroupInServiceInstances", "GroupMaxSize", "GroupMinSize", "GroupPendingInstances",
	"GroupTerminatingInstances", "GroupTotalInstances",
}

// PeakInstances returns how many instances a group of the given maximum has while it renews them: it launches new ones
// before it ends old ones.
func PeakInstances(maximum int) int { return (maximum*maxHealthyPercentage + 99) / 100 }

func (g *Group) warmup() int { return cmp.Or(g.WarmupSeconds, defaultWarmup) }

// newGroup creates the group with its launch template, scaling, lifecycle hook and alarms.
func (w *Web) newGroup(ctx *pulumi.Context, args *Args, config *launchConfig, parent pulumi.ResourceOption) error {
	template, err := w.newTemplate(ctx, args, config, parent)
	if err != nil {
		return err
	}
	ignored := []string{"desiredCapacity"}
	if args.Group.ScheduledMinimum != nil {
		// The time of day decides which of the two minimums holds.
		ignored = append(ignored, "minSize")
	}
	group, err := autoscaling.NewGroup(ctx, w.name, w.groupArgs(ctx, args, template), parent,
		pulumi.DependsOn(slices.Concat(config.before, args.Group.After)), pulumi.IgnoreChanges(ignored))
	if err != nil {
		return err
	}
	w.GroupName, w.Serving = group.Name, append(w.Serving, group)
	if err := w.newScaling(ctx, args.Group, parent); err != nil {
		return err
	}
	if err := w.newDrainHook(ctx, args.Group, group, parent); err != nil {
		return err
	}
	return w.newAlarms(ctx, w.name, args, w.groupAlarms(args), parent)
}

// groupName returns the group's name, which must be known before the group exists, since user data holds it.
func groupName(ctx *pulumi.Context, name string) string {
	return fmt.Sprintf("%s-%s-%s", ctx.Project(), ctx.Stack(), name)
}

func (w *Web) groupArgs(ctx *pulumi.Context, args *Args, template *ec2.LaunchTemplate) *autoscaling.GroupArgs {
	group := args.Group
	return &autoscaling.GroupArgs{
		Name:               pulumi.String(groupName(ctx, w.name)),
		MinSize:            pulumi.Int(group.Min),
		MaxSize:            pulumi.Int(group.Max),
		VpcZoneIdentifiers: args.SubnetIDs,
		LaunchTemplate: autoscaling.GroupLaunchTemplateArgs{
			Id: template.ID(),
			// A number: a change of what $Latest stands for would replace no instance.
			Version: pulumi.Sprintf("%d", template.LatestVersion),
		},
		TargetGroupArns:        pulumi.StringArray{group.TargetGroupArn},
		HealthCheckType:        pulumi.String("ELB"),
		HealthCheckGracePeriod: pulumi.Int(gracePeriod),
		DefaultInstanceWarmup:  pulumi.Int(group.warmup()),
		// The provider waits for exactly so many instances as its state knows, which a group that has scaled does not have
		// (provider source, internal/service/autoscaling/group.go): who routes users to the group waits for its health.
		WaitForCapacityTimeout: pulumi.String("0"),
		MaxInstanceLifetime:    pulumi.Int(maxLifetime),
		// A group balances its zones first, and then terminates the oldest instances.
		TerminationPolicies: pulumi.ToStringArray([]string{"OldestLaunchTemplate", "OldestInstance"}),
		EnabledMetrics:      pulumi.ToStringArray(groupMetrics),
		MetricsGranularity:  pulumi.String("1Minute"),
		InstanceMaintenancePolicy: autoscaling.GroupInstanceMaintenancePolicyArgs{
			MinHealthyPercentage: pulumi.Int(minHealthyPercentage),
			MaxHealthyPercentage: pulumi.Int(maxHealthyPercentage),
		},
		InstanceRefresh: autoscaling.GroupInstanceRefreshArgs{
			Strategy: pulumi.String("Rolling"),
			Preferences: autoscaling.GroupInstanceRefreshPreferencesArgs{
				MinHealthyPercentage: pulumi.Int(minHealthyPercentage),
				MaxHealthyPercentage: pulumi.Int(maxHealthyPercentage),
				SkipMatching:         pulumi.Bool(true),
				// An operator has set these instances aside.
				ScaleInProtectedInstances: pulumi.String("Ignore"),
				StandbyInstances:          pulumi.String("Ignore"),
				AlarmSpecification: autoscaling.GroupInstanceRefreshPreferencesAlarmSpecificationArgs{
					Alarms: w.sharedAlarms.Names(),
				},
			},
		},
		Tags: args.groupTags(),
	}
}

// groupTags returns the group's own tags. The launch template tags the instances, and their volumes, which a group
// cannot.
func (a *Args) groupTags() autoscaling.GroupTagArray {
	tags := autoscaling.GroupTagArray{}
	for _, key := range slices.Sorted(maps.Keys(a.Tags)) {
		tags = append(tags, autoscaling.GroupTagArgs{
			Key: pulumi.String(key), Value: a.Tags[key], PropagateAtLaunch: pulumi.Bool(false),
		})
	}
	return tags
}
