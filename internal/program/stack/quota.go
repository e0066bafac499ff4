package stack

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/servicequotas"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// quota is one of Service Quotas, in vCPUs.
type quota struct{ service, code, name string }

// What a new account has little of (AWS General Reference, "Amazon EC2 endpoints and quotas", "AWS Fargate endpoints and
// quotas"): everything else that a stage needs fits a new account's quotas.
var (
	instanceQuota = quota{"ec2", "L-1216C47A", "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances"}
	fargateQuota  = quota{"fargate", "L-3032A538", "Fargate On-Demand vCPU resource count"}
)

// fit warns where the stage at its largest needs more than the account may have. It is no error: who may not read the
// quotas may deploy, and what else the account runs is not known here.
func (d *deployment) fit() error {
	instances := d.topology.Instances.Zones * d.topology.Instances.PerZone
	if d.topology.PublicInstance {
		instances++
	}
	if d.topology.ScalingGroup {
		instances += d.settings.Web.MaxInstances
	}
	if instances > 0 {
		size, err := ec2.GetInstanceType(d.ctx, &ec2.GetInstanceTypeArgs{InstanceType: d.settings.Web.InstanceType})
		if err != nil {
			return fmt.Errorf("%s:webInstanceType: %w", d.ctx.Project(), err)
		}
		if err := d.warn(instanceQuota, float64(instances*size.DefaultVcpus)); err != nil {
			return err
		}
	}
	if !d.topology.Services {
		return nil
	}
	const unitsPerVCPU = 1024
	units := 0
	for _, service := range d.settings.Services {
		units += service.Max * service.CPU
	}
	return d.warn(fargateQuota, float64(units)/unitsPerVCPU)
}

func (d *deployment) warn(of quota, needed float64) error {
	found, err := servicequotas.LookupServiceQuota(d.ctx, &servicequotas.LookupServiceQuotaArgs{
		ServiceCode: of.service, QuotaCode: pulumi.StringRef(of.code),
	})
	if err != nil {
		return d.ctx.Log.Debug(fmt.Sprintf("the quota %q could not be read: %v", of.name, err), nil)
	}
	if needed <= found.Value {
		return nil
	}
	return d.ctx.Log.Warn(fmt.Sprintf("Stage %d takes up to %v vCPUs, and the account may have %v in %s: raise the quota %q "+
		"(%s, %s) in Service Quotas before it is needed, or lower the stack's sizes.",
		d.settings.Stage, needed, found.Value, d.place.region, of.name, of.service, of.code), nil)
}
