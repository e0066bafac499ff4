// Package security turns on the detection of threats, vulnerabilities and risky settings, and sends the findings to the
// alarm topic. Stacks of one account share what exists once per account and region.
package security

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ebs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
)

// Args describes the detection and its notifications. Every field is required unless a default is named.
type Args struct {
	// Owned turns on what exists once per account and region: encryption of new EBS volumes, GuardDuty and Inspector.
	// They are turned off when the stack is destroyed. Default: false, New looks them up and warns of those that are
	// missing.
	Owned bool
	// AccountID is the AWS account that Inspector scans. Required if Owned.
	AccountID string
	// Plans are the GuardDuty protection plans to turn on; the others are turned off. GuardDuty's foundational sources,
	// CloudTrail management events, VPC flow logs and DNS queries, are always on. Default: none.
	Plans []Plan
	// MinSeverity is the lowest severity of GuardDuty findings that the topic is notified of, 1 to 10: 1 is low, 4 medium, 7
	// high, 9 critical (Amazon GuardDuty User Guide, "Severity levels of GuardDuty findings").
	MinSeverity float64
	// AlarmTopicArn is the SNS topic that is notified of findings in this region.
	AlarmTopicArn pulumi.StringInput
	// Global is the region in which Trusted Advisor reports.
	Global observability.GlobalRegion
	// Tags are set on every resource.
	Tags pulumi.StringMap
}

// AccountSecurity is the detection of threats, vulnerabilities and risky settings in one region of an account.
type AccountSecurity struct {
	pulumi.ResourceState

	// Alarms are the alarms of this region for the dashboard, and GlobalAlarms those of us-east-1.
	Alarms, GlobalAlarms observability.Alarms
}

// New turns on or looks up what exists once per account, and notifies the topic of findings of GuardDuty and Inspector
// and of Trusted Advisor checks that got worse. What is missing causes a warning and not an error, since this stack
// could not change it. It rejects a plan that GuardDuty does not have, and a severity beyond its scale.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*AccountSecurity, error) {
	if err := args.validate(); err != nil {
		return nil, fmt.Errorf("guard %q: %w", name, err)
	}
	component := &AccountSecurity{}
	if err := ctx.RegisterComponentResource("stagecraft:guard:Guard", name, component, opts...); err != nil {
		return nil, err
	}
	account := component.find
	if args.Owned {
		account = func(ctx *pulumi.Context) error { return component.own(ctx, name, args) }
	}
	if err := account(ctx); err != nil {
		return nil, err
	}
	if err := component.notify(ctx, name, args); err != nil {
		return nil, err
	}
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{})
}

func (a *Args) validate() error {
	var errs []error
	if a.Owned && a.AccountID == "" {
		errs = append(errs, errors.New("AccountID must be set"))
	}
	for _, plan := range a.Plans {
		if !plan.known() {
			errs = append(errs, fmt.Errorf("plan %q is none of %v", plan, AllPlans()))
		}
	}
	if a.MinSeverity < minSeverity || a.MinSeverity > maxSeverity {
		errs = append(errs, fmt.Errorf("MinSeverity is %v: GuardDuty's findings have %d to %d",
			a.MinSeverity, minSeverity, maxSeverity))
	}
	if a.AlarmTopicArn == nil || a.Global.AlarmTopicArn == nil {
		errs = append(errs, errors.New("it must have an AlarmTopicArn here and in us-east-1 (Global)"))
	}
	return errors.Join(errs...)
}

// own turns on what exists once per account.
func (g *AccountSecurity) own(ctx *pulumi.Context, name string, args *Args) error {
	parent := pulumi.Parent(g)
	_, err := ebs.NewEncryptionByDefault(ctx, name, &ebs.EncryptionByDefaultArgs{Enabled: pulumi.Bool(true)}, parent)
	if err != nil {
		return err
	}
	if err := detectThreats(ctx, name, args, parent); err != nil {
		return err
	}
	return scan(ctx, name, args, parent)
}

// find warns of what the account lacks. AWS has no data source for Inspector.
func (g *AccountSecurity) find(ctx *pulumi.Context) error {
	return errors.Join(g.findEncryption(ctx), g.findDetector(ctx))
}

// findEncryption warns unless new EBS volumes are encrypted (AWS Security Hub control EC2.7).
func (g *AccountSecurity) findEncryption(ctx *pulumi.Context) error {
	const what = "EBS encryption by default"
	found, err := ebs.LookupEncryptionByDefault(ctx, pulumi.Parent(g))
	switch {
	case err != nil:
		return g.warn(ctx, what+" could not be looked up in this account and region: "+err.Error())
	case !found.Enabled:
		return g.warn(ctx, what+" is off in this account and region: volumes made elsewhere may be unencrypted")
	}
	return nil
}

func (g *AccountSecurity) warn(ctx *pulumi.Context, problem string) error {
	return ctx.Log.Warn(problem+". See to it that the one stack of the account that has accountSingletons: owned, or the "+
		"owner of the account, turns it on in this region.", &pulumi.LogArgs{Resource: g})
}
