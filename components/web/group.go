package web

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/autoscaling"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Group is an auto-scaling group. How many instances it has is its own business: neither an update nor a refresh changes
// it, as long as it is from Min to Max.
//
// A change of the set-up, such as InstanceType, renews the instances: new ones are launched first, and old ones go only
// when those are healthy. When they are not, or visitors see errors, the renewal stops, and the old instances go on; an
// update with the former set-up takes it back. AWS's own rollback is not used: it refuses an AMI from a parameter
// (EC2 Auto Scaling API Reference, "RollbackInstanceRefresh"), and with this provider it would go "back" to the new set-up
// (issue 34189 of github.com/hashicorp/terraform-provider-aws).
type Group struct {
	// Min and Max are how few and how many instances there may be; Min is 1 or more.
	Min, Max int
	// TargetRequests is how many requests a minute one instance is meant for; beyond, the group grows.
	TargetRequests int
	// TargetCPU is the same for the average CPU utilization in percent, 10 to 79: an alarm goes off at 80.
	TargetCPU int
	// WarmupSeconds is how long an instance takes from its launch until it serves as well as the others, up to 3600: for
	// so long its health and its metrics do not count. Default: 300.
	WarmupSeconds int
	// Floor raises Min at certain times, before the traffic comes. Default: nil, never.
	Floor *Floor
	// TargetGroupArn is the load balancer's target group, which decides whether an instance is healthy.
	TargetGroupArn pulumi.StringInput
	// ResourceLabel names load balancer and target group to CloudWatch, as in app/NAME/ID/targetgroup/NAME/ID.
	ResourceLabel pulumi.StringInput
	// DeregistrationDelay is how many seconds the target group lets an instance finish its requests, up to 3600.
	DeregistrationDelay int
	// After is what must be there before a target can be healthy: the load balancer's listeners.
	After []pulumi.Resource
}

// Floor is a minimum that holds at certain times.
type Floor struct {
	// Min is how few instances there may be meanwhile: more than Group.Min, and no more than Group.Max.
	Min int
	// Begin and End are when, in Unix's cron syntax: minute, hour, day of month, month, day of week.
	Begin, End string
	// TimeZone is that of Begin and End, such as "Europe/Berlin". Default: Etc/UTC.
	TimeZone string
}

const (
	defaultWarmup = 300
	// maxLifetime is 30 days in seconds. Then a newer instance takes an old one's place, with the newest AMI.
	maxLifetime = 30 * 24 * 60 * 60
	// Instances are replaced by launching first: never fewer than all, at times half as many again.
	minHealthyPercentage = 100
	maxHealthyPercentage = 150
)

// groupMetrics are what AWS reports of a group, a minute each (EC2 Auto Scaling User Guide, "Amazon CloudWatch metrics
// for Amazon EC2 Auto Scaling").
var groupMetrics = []string{
	"GroupDesiredCapacity", "GroupInServiceInstances", "GroupMaxSize", "GroupMinSize", "GroupPendingInstances",
	"GroupTerminatingInstances", "GroupTotalInstances",
}

func (g *Group) warmup() int { return cmp.Or(g.WarmupSeconds, defaultWarmup) }

// newGroup makes the group with everything by which it scales, drains and is watched.
func (w *Web) newGroup(ctx *pulumi.Context, args *Args, start *launch, parent pulumi.ResourceOption) error {
	template, err := w.newTemplate(ctx, args, start, parent)
	if err != nil {
		return err
	}
	ignored := []string{"desiredCapacity"}
	if args.Group.Floor != nil {
		// Whether Min or the floor holds is a matter of the hour.
		ignored = append(ignored, "minSize")
	}
	made, err := autoscaling.NewGroup(ctx, w.name, w.groupArgs(ctx, args, template), parent,
		pulumi.DependsOn(slices.Concat(start.before, args.Group.After)), pulumi.IgnoreChanges(ignored))
	if err != nil {
		return err
	}
	w.GroupName, w.Serving = made.Name, append(w.Serving, made)
	if err := w.newScaling(ctx, args.Group, parent); err != nil {
		return err
	}
	if err := w.newDraining(ctx, args.Group, made, parent); err != nil {
		return err
	}
	return w.newAlarms(ctx, w.name, args, w.groupAlarms(args), parent)
}

// groupName is known before the group is there, since its instances are told.
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
			// A number, since a change of what $Latest means would renew nothing.
			Version: pulumi.Sprintf("%d", template.LatestVersion),
		},
		TargetGroupArns:        pulumi.StringArray{group.TargetGroupArn},
		HealthCheckType:        pulumi.String("ELB"),
		HealthCheckGracePeriod: pulumi.Int(group.warmup()),
		DefaultInstanceWarmup:  pulumi.Int(group.warmup()),
		// What served before the group is removed only after the load balancer finds the group healthy.
		MinElbCapacity:         pulumi.Int(group.Min),
		WaitForCapacityTimeout: pulumi.String("15m"),
		MaxInstanceLifetime:    pulumi.Int(maxLifetime),
		// A group balances its zones first, and then lets go what is oldest.
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
				// What a person has set aside stays aside.
				ScaleInProtectedInstances: pulumi.String("Ignore"),
				StandbyInstances:          pulumi.String("Ignore"),
				AlarmSpecification: autoscaling.GroupInstanceRefreshPreferencesAlarmSpecificationArgs{
					Alarms: w.Alarms.Names(),
				},
			},
		},
		Tags: args.groupTags(),
	}
}

// groupTags are the group's own. The launch template tags its instances, and their volumes, which a group can't.
func (a *Args) groupTags() autoscaling.GroupTagArray {
	tags := autoscaling.GroupTagArray{}
	for _, key := range slices.Sorted(maps.Keys(a.Tags)) {
		tags = append(tags, autoscaling.GroupTagArgs{
			Key: pulumi.String(key), Value: a.Tags[key], PropagateAtLaunch: pulumi.Bool(false),
		})
	}
	return tags
}
