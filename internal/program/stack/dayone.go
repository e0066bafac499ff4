package stack

import (
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/config"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/budgets"
	"stagecraft/components/observability"
	"stagecraft/components/security"
	"stagecraft/components/systemsmanager"
)

// notify makes the topic through which every tier reaches people.
func (d *deployment) notify() (err error) {
	d.topic, err = observability.NewAlarmTopic(d.ctx, "alarms", &observability.AlarmTopicArgs{
		Email:     d.settings.Alarms.Email,
		AccountID: d.place.account,
		Tags:      d.tags("observability"),
	})
	return err
}

// globalRegion is where AWS reports what is of no region.
const globalRegion = "us-east-1"

// notifyGlobally makes the topic's counterpart in us-east-1, unless the stack is there: rules and alarms reach topics of
// their own region only.
func (d *deployment) notifyGlobally() error {
	if d.place.region == globalRegion {
		d.global = observability.Global{AlarmTopicArn: d.topic.Arn}
		return nil
	}
	args := &aws.ProviderArgs{
		Region:            pulumi.String(globalRegion),
		AllowedAccountIds: pulumi.ToStringArray([]string{d.place.account}),
	}
	// A provider of one's own takes credentials from the environment, but nothing from the stack's aws: settings.
	if profile := config.GetProfile(d.ctx); profile != "" {
		args.Profile = pulumi.String(profile)
	}
	provider, err := aws.NewProvider(d.ctx, globalRegion, args)
	if err != nil {
		return err
	}
	topic, err := observability.NewAlarmTopic(d.ctx, "alarms-global", &observability.AlarmTopicArgs{
		Email:     d.settings.Alarms.Email,
		AccountID: d.place.account,
		Tags:      d.tags("observability"),
	}, pulumi.Provider(provider))
	if err != nil {
		return err
	}
	d.global = observability.Global{AlarmTopicArn: topic.Arn, Provider: provider}
	return nil
}

// guard has AWS look for threats, vulnerabilities and risks.
func (d *deployment) guard() error {
	plans := make([]security.Plan, len(d.settings.Guard.Plans))
	for i, plan := range d.settings.Guard.Plans {
		plans[i] = security.Plan(plan)
	}
	made, err := security.New(d.ctx, "guard", &security.Args{
		Owned:         d.settings.OwnsAccountSingletons,
		AccountID:     d.place.account,
		Plans:         plans,
		MinSeverity:   float64(d.settings.Guard.MinSeverity),
		AlarmTopicArn: d.topic.Arn,
		Global:        d.global,
		Tags:          d.tags("guard"),
	})
	if err != nil {
		return err
	}
	d.showGlobally("Trusted Advisor", made.GlobalAlarms)
	return d.show("Guard", made.Alarms)
}

// audit logs who called which AWS API, once in an account.
func (d *deployment) audit() error {
	if !d.settings.OwnsAccountSingletons {
		return nil
	}
	trail, err := observability.NewTrail(d.ctx, "trail", &observability.TrailArgs{
		AccountID:     d.place.account,
		Region:        d.place.region,
		RetentionDays: d.settings.Guard.AuditLogRetentionDays,
		Ephemeral:     d.settings.Ephemeral,
		TopicArn:      d.topic.Arn,
		Tags:          d.tags("observability"),
	})
	if err != nil {
		return err
	}
	d.ctx.Export("auditLogBucket", trail.Bucket)
	return d.show("Audit log", trail.Alarms)
}

// budget watches the bill, and what each tier adds to it.
func (d *deployment) budget() error {
	tiers := slices.Clone(d.tiers) // watching costs nothing
	_, err := budgets.New(d.ctx, "spend", &budgets.Args{
		MonthlyBudgetUSD:  d.settings.Budget.MonthlyUSD,
		Tiers:             tiers,
		TierPercent:       d.settings.Budget.TierPercent,
		Owned:             d.settings.OwnsAccountSingletons,
		AnomalyMonitorArn: d.settings.Budget.AnomalyMonitorArn,
		AnomalyUSD:        d.settings.Budget.AnomalyUSD,
		ActivateTags:      d.settings.Budget.ActivateTags,
		Email:             d.settings.Alarms.Email,
		AlarmTopicArn:     d.topic.Arn,
		Tags:              d.tags("spend"),
	})
	return err
}

// manage has Systems Manager look after the instances.
func (d *deployment) manage() (err error) {
	d.fleet, err = systemsmanager.New(d.ctx, "fleet", &systemsmanager.Args{
		TargetTag:        systemsmanager.Tag{Key: "Stack", Value: d.ctx.Stack()},
		LogRetentionDays: d.settings.LogRetentionDays,
		AlarmTopicArn:    d.topic.Arn,
		Tags:             d.tags("fleet"),
	})
	if err != nil {
		return err
	}
	if d.topology.Web() {
		d.ctx.Export("openSession", pulumi.Sprintf(
			"aws ssm start-session --region %s --document-name %s --target INSTANCE-ID", d.place.region, d.fleet.SessionDocument))
	}
	return d.show("Fleet", d.fleet.Alarms)
}

// watch makes the alarm of the whole service, and the dashboard of all tiers.
func (d *deployment) watch() error {
	service, err := observability.NewServiceAlarm(d.ctx, "service", &observability.ServiceAlarmArgs{
		Alarms:   d.service,
		TopicArn: d.topic.Arn,
		Tags:     d.tags("observability"),
	})
	if err != nil {
		return err
	}
	dashboard, err := observability.NewDashboard(d.ctx, "dashboard", &observability.DashboardArgs{
		Region:   d.place.region,
		Service:  service,
		Sections: d.sections,
	})
	if err != nil {
		return err
	}
	d.ctx.Export("dashboard", dashboard.URL)
	return nil
}
