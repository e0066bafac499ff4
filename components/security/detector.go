package security

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/guardduty"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/inspector2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Plan is a GuardDuty protection plan, by the name of its detector feature.
type Plan string

// GuardDuty's protection plans (Amazon GuardDuty API Reference, "DetectorFeatureConfiguration").
const (
	// PlanS3 monitors access to objects in S3.
	PlanS3 Plan = "S3_DATA_EVENTS"
	// PlanEKS monitors the audit logs of Kubernetes clusters.
	PlanEKS Plan = "EKS_AUDIT_LOGS"
	// PlanMalware scans the volumes of EC2 instances that behave suspiciously.
	PlanMalware Plan = "EBS_MALWARE_PROTECTION"
	// PlanRDS monitors logins to databases.
	PlanRDS Plan = "RDS_LOGIN_EVENTS"
	// PlanLambda monitors the connections of functions.
	PlanLambda Plan = "LAMBDA_NETWORK_LOGS"
	// PlanRuntime monitors processes on EC2 instances and in ECS tasks on Fargate, with an agent. GuardDuty creates an
	// endpoint and a security group in each VPC for it, and leaves them: a VPC cannot be deleted until somebody deletes
	// those (Amazon GuardDuty User Guide, "Runtime Monitoring").
	PlanRuntime Plan = "RUNTIME_MONITORING"
)

// AllPlans returns all plans.
func AllPlans() []Plan {
	return []Plan{PlanS3, PlanEKS, PlanMalware, PlanRDS, PlanLambda, PlanRuntime}
}

func (p Plan) known() bool { return slices.Contains(AllPlans(), p) }

// agents are the agents that GuardDuty may install for PlanRuntime, in its own order, without that for EKS: the stack
// has no clusters.
var agents = []struct {
	name   string
	status string
}{
	{"EKS_ADDON_MANAGEMENT", disabled},
	{"ECS_FARGATE_AGENT_MANAGEMENT", enabled},
	{"EC2_AGENT_MANAGEMENT", enabled},
}

const (
	enabled  = "ENABLED"
	disabled = "DISABLED"
)

// detectThreats creates the detector. It sets each plan on or off: a new detector has most of them on, and a plan that
// is no longer set stays on.
func detectThreats(ctx *pulumi.Context, name string, args *Args, parent pulumi.ResourceOption) error {
	detector, err := guardduty.NewDetector(ctx, name, &guardduty.DetectorArgs{
		Enable: pulumi.Bool(true),
		// The interval at which an ongoing threat is reported again. A new one is reported within minutes.
		FindingPublishingFrequency: pulumi.String("ONE_HOUR"),
		Tags:                       args.Tags,
	}, parent)
	if err != nil {
		return err
	}
	for _, plan := range AllPlans() {
		status := disabled
		if slices.Contains(args.Plans, plan) {
			status = enabled
		}
		feature := &guardduty.DetectorFeatureArgs{
			DetectorId: detector.ID(),
			Name:       pulumi.String(string(plan)),
			Status:     pulumi.String(status),
		}
		if plan == PlanRuntime {
			feature.AdditionalConfigurations = agentsWhile(status)
		}
		logical := name + "-" + strings.ToLower(strings.ReplaceAll(string(plan), "_", "-"))
		if _, err := guardduty.NewDetectorFeature(ctx, logical, feature, parent); err != nil {
			return err
		}
	}
	return nil
}

func agentsWhile(plan string) guardduty.DetectorFeatureAdditionalConfigurationArray {
	configurations := guardduty.DetectorFeatureAdditionalConfigurationArray{}
	for _, agent := range agents {
		status := agent.status
		if plan == disabled {
			status = disabled
		}
		configurations = append(configurations, guardduty.DetectorFeatureAdditionalConfigurationArgs{
			Name: pulumi.String(agent.name), Status: pulumi.String(status),
		})
	}
	return configurations
}

// scan turns on Inspector, which looks for vulnerabilities and for ports that the internet reaches.
func scan(ctx *pulumi.Context, name string, args *Args, parent pulumi.ResourceOption) error {
	_, err := inspector2.NewEnabler(ctx, name, &inspector2.EnablerArgs{
		AccountIds:    pulumi.StringArray{pulumi.String(args.AccountID)},
		ResourceTypes: pulumi.ToStringArray([]string{"EC2", "ECR", "LAMBDA"}),
	}, parent)
	return err
}

// findDetector warns unless GuardDuty works in this region (AWS Security Hub control GuardDuty.1).
func (g *AccountSecurity) findDetector(ctx *pulumi.Context) error {
	found, err := guardduty.LookupDetector(ctx, &guardduty.LookupDetectorArgs{}, pulumi.Parent(g))
	switch {
	case err != nil:
		return g.warn(ctx, "GuardDuty has no detector in this account and region, or it could not be looked up: "+err.Error())
	case found.Status != enabled:
		return g.warn(ctx, "GuardDuty is suspended in this account and region: nobody looks for threats")
	}
	return nil
}
