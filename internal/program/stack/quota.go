package stack

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/servicequotas"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/web"
	"stagecraft/internal/program/stage"
)

// quota is one of Service Quotas, in vCPUs.
type quota struct{ service, code, name string }

// What a new account has little of (AWS General Reference, "Amazon EC2 endpoints and quotas", "AWS Fargate endpoints and
// quotas"): everything else that a stage needs fits a new account's quotas.
var (
	instanceQuota = quota{"ec2", "L-1216C47A", "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances"}
	fargateQuota  = quota{"fargate", "L-3032A538", "Fargate On-Demand vCPU resource count"}
)

// warnAboutQuotas warns where the stage at its largest needs more than the account may have. It is no error: the quotas
// may be unreadable to those who may deploy, and the account's other workloads are unknown.
func warnAboutQuotas(ctx *pulumi.Context, in inputs) error {
	instances := peakInstances(in)
	if instances > 0 {
		size, err := ec2.GetInstanceType(ctx, &ec2.GetInstanceTypeArgs{InstanceType: in.settings.Web.InstanceType})
		if err != nil {
			return fmt.Errorf("%s:webInstanceType: %w", in.project, err)
		}
		if err := warnAboutQuota(ctx, in, instanceQuota, float64(instances*size.DefaultVcpus)); err != nil {
			return err
		}
	}
	if !in.topology.Services {
		return nil
	}
	const unitsPerVCPU = 1024
	units := 0
	for _, service := range in.settings.Services {
		units += service.Max * service.CPU
	}
	return warnAboutQuota(ctx, in, fargateQuota, float64(units)/unitsPerVCPU)
}

// peakInstances returns how many servers may run at once: those of the stage that the stack comes from or keeps beside its
// own until users have moved, and those with which a group that has grown to its maximum renews itself.
func peakInstances(in inputs) int {
	before := in.kept
	if previous, err := stage.For(in.settings.Stage - 1); err == nil && in.settings.KeepStage == 0 {
		before = previous
	}
	both := in.goal.Union(before)
	instances := both.Instances.Zones * both.Instances.PerZone
	if both.PublicInstance {
		instances++
	}
	if both.ScalingGroup {
		instances += web.PeakInstances(in.settings.Web.MaxInstances)
	}
	return instances
}

func warnAboutQuota(ctx *pulumi.Context, in inputs, quota quota, needed float64) error {
	allowed, err := servicequotas.LookupServiceQuota(ctx, &servicequotas.LookupServiceQuotaArgs{
		ServiceCode: quota.service, QuotaCode: pulumi.StringRef(quota.code),
	})
	if err != nil {
		return ctx.Log.Debug(fmt.Sprintf("the quota %q could not be read: %v", quota.name, err), nil)
	}
	if needed <= allowed.Value {
		return nil
	}
	return ctx.Log.Warn(fmt.Sprintf("Stage %d and the way to it take up to %v vCPUs, and the account may have %v in %s: raise the quota %q "+
		"(%s, %s) in Service Quotas before it is needed, or lower the stack's sizes.",
		in.settings.Stage, needed, allowed.Value, in.region, quota.name, quota.service, quota.code), nil)
}
