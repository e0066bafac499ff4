// Package deploy wires the tiers of a stage together. It is the only place that knows their order.
package deploy

import (
	"errors"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/config"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/configuration"
	"stagecraft/components/database"
	"stagecraft/components/delivery"
	"stagecraft/components/domain"
	"stagecraft/components/fleet"
	"stagecraft/components/guard"
	"stagecraft/components/loadbalancer"
	"stagecraft/components/network"
	"stagecraft/components/observability"
	"stagecraft/components/spend"
	"stagecraft/components/web"
	"stagecraft/internal/settings"
	"stagecraft/internal/stage"
)

// Program deploys the stage that the stack's configuration asks for. Configuration that is wrong, or that the region
// cannot satisfy, is an error before any resource is declared.
func Program(ctx *pulumi.Context) error {
	configured, err := settings.Read(ctx)
	if err != nil {
		return err
	}
	topology, err := stage.For(configured.Stage)
	if err != nil {
		return fmt.Errorf("%s:stage: %w", ctx.Project(), err)
	}
	place, err := find(ctx, configured)
	if err != nil {
		return err
	}
	deployment := &deployment{ctx: ctx, settings: configured, topology: topology, place: place}
	return deployment.run()
}

// deployment is one run of the program.
type deployment struct {
	ctx      *pulumi.Context
	settings settings.Settings
	topology stage.Topology
	place    place

	topic    *observability.AlarmTopic
	global   guard.Global
	network  *network.Network
	database *database.Database
	fleet    *fleet.Fleet
	web      *web.Web
	domain   *domain.Domain
	balancer *loadbalancer.LoadBalancer
	sections []observability.Section
	// service are the alarms of what users depend on.
	service observability.Alarms
	// tiers are those that cost something.
	tiers []string
}

func (d *deployment) run() error {
	steps := []func() error{
		d.notify, d.notifyGlobally, d.guard, d.audit, d.lay, d.store, d.manage, d.name, d.serve, d.enter, d.configure,
		d.deliver, d.budget, d.watch,
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

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
		d.global = guard.Global{AlarmTopicArn: d.topic.Arn}
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
	d.global = guard.Global{AlarmTopicArn: topic.Arn, Provider: provider}
	return nil
}

// guard has AWS look for threats, vulnerabilities and risks.
func (d *deployment) guard() error {
	plans := make([]guard.Plan, len(d.settings.Guard.Plans))
	for i, plan := range d.settings.Guard.Plans {
		plans[i] = guard.Plan(plan)
	}
	made, err := guard.New(d.ctx, "guard", &guard.Args{
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
	d.sections = append(d.sections, observability.Section{
		Title: "Trusted Advisor", Alarms: made.GlobalAlarms, Region: globalRegion,
	})
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
	_, err := spend.New(d.ctx, "spend", &spend.Args{
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

// lay makes the network.
func (d *deployment) lay() (err error) {
	d.network, err = network.New(d.ctx, "network", &network.Args{
		CIDR:              d.settings.Network.CIDR,
		Region:            d.place.region,
		AvailabilityZones: d.place.zones,
		NAT:               network.NAT(d.topology.NAT),
		LogRetentionDays:  d.settings.LogRetentionDays,
		AlarmTopicArn:     d.topic.Arn,
		Tags:              d.tags("network"),
	})
	if err != nil {
		return err
	}
	return d.show("Network", d.network.Alarms)
}

// store makes the database.
func (d *deployment) store() (err error) {
	size := d.settings.Database
	d.database, err = database.New(d.ctx, "database", &database.Args{
		VpcID:               d.network.VpcID,
		SubnetIDs:           d.network.IsolatedSubnetIDs,
		InstanceClass:       size.InstanceClass,
		EngineVersion:       size.EngineVersion,
		StorageGiB:          size.StorageGiB,
		MaxStorageGiB:       size.MaxStorageGiB,
		MaxConnections:      size.MaxConnections,
		MultiAZ:             d.topology.StandbyDatabase,
		BackupRetentionDays: size.BackupRetentionDays,
		LogRetentionDays:    d.settings.LogRetentionDays,
		ApplyImmediately:    size.ApplyImmediately,
		Ephemeral:           d.settings.Ephemeral,
		AlarmTopicArn:       d.topic.Arn,
		Tags:                d.tags("database"),
	})
	if err != nil {
		return err
	}
	d.ctx.Export("databaseEndpoint", d.database.Endpoint)
	d.ctx.Export("databaseSecretArn", d.database.SecretArn)
	d.service = append(d.service, d.database.Alarms...)
	return d.show("Database", d.database.Alarms)
}

// manage has Systems Manager look after the instances.
func (d *deployment) manage() (err error) {
	d.fleet, err = fleet.New(d.ctx, "fleet", &fleet.Args{
		TargetTag:        fleet.Tag{Key: "Stack", Value: d.ctx.Stack()},
		LogRetentionDays: d.settings.LogRetentionDays,
		AlarmTopicArn:    d.topic.Arn,
		Tags:             d.tags("fleet"),
	})
	if err != nil {
		return err
	}
	return d.show("Fleet", d.fleet.Alarms)
}

// name readies the public name, if there is one. Only a load balancer can hold its certificate.
func (d *deployment) name() (err error) {
	if d.settings.Domain.Name == "" {
		return nil
	}
	d.domain, err = domain.New(d.ctx, "domain", &domain.Args{
		Name:          d.settings.Domain.Name,
		ZoneID:        d.place.hostedZoneID,
		Certificate:   d.topology.LoadBalancer,
		AlarmTopicArn: d.topic.Arn,
		Tags:          d.tags("domain"),
	})
	if err != nil || len(d.domain.Alarms) == 0 {
		return err
	}
	return d.show("Domain", d.domain.Alarms)
}

// serve makes the web tier.
func (d *deployment) serve() (err error) {
	public := !d.topology.LoadBalancer
	args := &web.Args{
		VpcID:                   d.network.VpcID,
		SubnetIDs:               d.network.PrivateSubnetIDs,
		Placement:               web.Placement{Zones: d.topology.Web.Zones, PerZone: d.topology.Web.PerZone, Tier: "private"},
		Public:                  public,
		InstanceType:            d.settings.Web.InstanceType,
		VolumeGiB:               d.settings.Web.VolumeGiB,
		DatabaseSecurityGroupID: d.database.SecurityGroupID,
		DatabaseSecretArn:       d.database.SecretArn,
		PatchGroup:              d.fleet.PatchGroup,
		LogRetentionDays:        d.settings.LogRetentionDays,
		Region:                  d.place.region,
		AlarmTopicArn:           d.topic.Arn,
		Tags:                    d.tags("web"),
	}
	if public {
		args.SubnetIDs, args.Placement.Tier = d.network.PublicSubnetIDs, "public"
	}
	if public && d.domain != nil {
		args.Domain, args.Email = d.settings.Domain.Name, d.settings.Alarms.Email
	}
	if d.web, err = web.New(d.ctx, "web", args); err != nil {
		return err
	}
	if err := d.database.Allow(d.ctx, "web", d.web.SecurityGroupID); err != nil {
		return err
	}
	d.service = append(d.service, d.web.Alarms...)
	return d.show("Web", d.web.Alarms)
}

// enter opens the way from users to the web tier, and exports where it begins.
func (d *deployment) enter() error {
	if !d.topology.LoadBalancer {
		return d.enterByAddress()
	}
	args := &loadbalancer.Args{
		AccountID:              d.place.account,
		VpcID:                  d.network.VpcID,
		SubnetIDs:              d.network.PublicSubnetIDs,
		TargetPort:             web.Port,
		HealthCheckPath:        web.HealthPath,
		AccessLogRetentionDays: d.settings.LogRetentionDays,
		Ephemeral:              d.settings.Ephemeral,
		AlarmTopicArn:          d.topic.Arn,
		Tags:                   d.tags("loadbalancer"),
	}
	if d.domain != nil {
		args.CertificateArn = d.domain.CertificateArn
	}
	balancer, err := loadbalancer.New(d.ctx, "loadbalancer", args)
	if err != nil {
		return err
	}
	d.balancer = balancer
	err = errors.Join(
		balancer.AllowTargets(d.ctx, d.web.SecurityGroupID),
		d.web.AllowFrom(d.ctx, "loadbalancer", balancer.SecurityGroupID),
	)
	for _, instance := range d.web.Instances {
		err = errors.Join(err, balancer.Attach(d.ctx, instance.Name, instance.ID))
	}
	if err != nil {
		return err
	}
	url := balancer.URL
	if d.domain != nil {
		url = pulumi.String(d.domain.URL).ToStringOutput()
		err := d.domain.PointToLoadBalancer(d.ctx, balancer.DNSName, balancer.ZoneID, pulumi.DependsOn(balancer.Serving))
		if err != nil {
			return err
		}
	}
	d.ctx.Export("url", url)
	d.service = append(d.service, balancer.Alarms...)
	return d.show("Load balancer", balancer.Alarms)
}

func (d *deployment) enterByAddress() error {
	d.ctx.Export("url", d.web.URL)
	if d.domain == nil {
		return nil
	}
	return d.domain.PointToAddress(d.ctx, d.web.Address)
}

// configure tells the service where the database is. While there is no replica, it reads where it writes.
func (d *deployment) configure() error {
	_, err := configuration.New(d.ctx, "configuration", &configuration.Args{
		Values: map[string]pulumi.StringInput{
			"DATABASE_WRITER":     d.database.Endpoint,
			"DATABASE_READER":     d.database.Endpoint,
			"DATABASE_NAME":       pulumi.String(database.Name),
			"DATABASE_SECRET_ARN": d.database.SecretArn,
		},
		Tags: d.tags("configuration"),
	})
	return err
}

// deliver makes the pipelines by which the service, and the stack itself, are released.
func (d *deployment) deliver() error {
	configured := d.settings.Delivery
	if configured.Repository == "" {
		return nil
	}
	instances := delivery.Instances{
		Tags:           map[string]string{"Stack": d.ctx.Stack(), "Tier": "web"},
		RoleName:       d.web.RoleName,
		RollbackAlarms: d.web.Alarms,
	}
	if d.balancer != nil {
		instances.TargetGroupArn, instances.RollbackAlarms = d.balancer.TargetGroupArn, d.balancer.Alarms
	}
	args := &delivery.Args{
		AccountID:        d.place.account,
		Region:           d.place.region,
		Repository:       configured.Repository,
		Branch:           configured.Branch,
		SourceProvider:   configured.Provider,
		Approval:         configured.Approval,
		Instances:        instances,
		LogRetentionDays: d.settings.LogRetentionDays,
		Ephemeral:        d.settings.Ephemeral,
		AlarmTopicArn:    d.topic.Arn,
		Tags:             d.tags("delivery"),
	}
	if configured.Connection != "" {
		args.ConnectionArn = pulumi.String(configured.Connection)
	}
	if configured.Infrastructure {
		args.Infrastructure = d.bootstrap()
	}
	made, err := delivery.New(d.ctx, "delivery", args)
	if err != nil {
		return err
	}
	d.ctx.Export("pipeline", made.PipelineURL)
	d.ctx.Export("repositoryConnection", made.ConnectionURL)
	if configured.Infrastructure {
		d.ctx.Export("infrastructurePipeline", made.InfrastructureURL)
	}
	return d.show("Delivery", made.Alarms)
}

// bootstrap names what the template in bootstrap/ makes before Pulumi runs.
func (d *deployment) bootstrap() *delivery.Infrastructure {
	project := d.ctx.Project()
	return &delivery.Infrastructure{
		StateBucket:     fmt.Sprintf("%s-state-%s-%s", project, d.place.account, d.place.region),
		SecretsKeyAlias: fmt.Sprintf("alias/%s-state", project),
		DeployRoleArn:   fmt.Sprintf("arn:aws:iam::%s:role/%s-deploy", d.place.account, project),
	}
}

// show gives a tier its place on the dashboard; no tier goes without.
func (d *deployment) show(title string, alarms observability.Alarms) error {
	if len(alarms) == 0 {
		return fmt.Errorf("the tier %q has no alarms", title)
	}
	d.sections = append(d.sections, observability.Section{Title: title, Alarms: alarms})
	return nil
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

// tags are what a tier's resources carry: the user's own, and by which stack and tier costs are allocated.
func (d *deployment) tags(tier string) pulumi.StringMap {
	tags := pulumi.ToStringMap(d.settings.Tags)
	tags["Project"] = pulumi.String(d.ctx.Project())
	tags["Stack"] = pulumi.String(d.ctx.Stack())
	tags["Tier"] = pulumi.String(tier)
	if !slices.Contains(d.tiers, tier) {
		d.tiers = append(d.tiers, tier)
	}
	return tags
}
