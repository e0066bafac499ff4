package stack

import (
	"errors"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/delivery"
	"stagecraft/components/gate"
	"stagecraft/components/loadbalancer"
	"stagecraft/components/originsecret"
	"stagecraft/components/parameters"
	"stagecraft/components/role"
	"stagecraft/components/services"
	"stagecraft/components/web"
	"stagecraft/internal/program/settings"
)

// compute is what answers requests: the web tier, the services, or both.
type compute struct {
	parameters *parameters.Parameters
	web        *webTier
	// cluster is nil without services; services are in the order of the settings.
	cluster  *services.Cluster
	services []service
}

// webTier is the web servers and how they are attached to the load balancer.
type webTier struct {
	*web.Web
	// serving are the gates of the servers.
	serving []pulumi.Resource
}

// service is a service as it is configured and as it runs.
type service struct {
	settings.Service
	*services.Microservice
	// serving is the service's gate.
	serving pulumi.Resource
}

func newCompute(
	ctx *pulumi.Context, in inputs, base foundation, data dataStores, entry entry,
) (compute compute, err error) {
	if compute.parameters, err = newParameters(ctx, in, data); err != nil {
		return compute, err
	}
	if compute.web, err = newWebTier(ctx, in, base, data, entry); err != nil {
		return compute, err
	}
	compute.cluster, compute.services, err = newServices(ctx, in, base, data, entry, compute.parameters)
	return compute, err
}

// newParameters declares the environment variables of the service.
func newParameters(ctx *pulumi.Context, in inputs, data dataStores) (*parameters.Parameters, error) {
	variables := data.variables()
	if in.settings.Domain.Name != "" {
		// Servers read it when a release is deployed to them: it must exist before the page has another origin.
		variables["ALLOWED_ORIGINS"] = pulumi.String("https://" + in.settings.Domain.Name)
	}
	return parameters.New(ctx, "configuration", &parameters.Args{
		Values: variables,
		Tags:   in.tags("configuration"),
	})
}

// newWebTier declares the web servers, or returns nil where the stage has none.
func newWebTier(
	ctx *pulumi.Context, in inputs, base foundation, data dataStores, entry entry,
) (*webTier, error) {
	if !in.topology.Web() {
		return nil, nil
	}
	servers, err := web.New(ctx, "web", webArgs(ctx, in, base, data, entry))
	if err != nil {
		return nil, err
	}
	tier := &webTier{Web: servers}
	for _, instance := range servers.Instances {
		tier.serving = append(tier.serving, instance.Serving)
	}
	if err := data.allow(ctx, "web", servers.SecurityGroupID, true, true); err != nil {
		return nil, err
	}
	if in.topology.PublicInstance {
		serving, err := requirePublicInstance(ctx, in, base, entry, servers)
		if err != nil {
			return nil, err
		}
		tier.serving = append(tier.serving, serving)
	}
	if !in.topology.PublicLoadBalancer {
		return tier, nil
	}
	return tier, tier.attach(ctx, in, base, entry)
}

func webArgs(ctx *pulumi.Context, in inputs, base foundation, data dataStores, entry entry) *web.Args {
	args := &web.Args{
		VpcID:                   base.network.VpcID,
		SubnetIDs:               base.network.PrivateSubnetIDs,
		InstanceType:            in.settings.Web.InstanceType,
		VolumeGiB:               in.settings.Web.VolumeGiB,
		DatabaseSecurityGroupID: data.database.SecurityGroupID,
		DatabaseSecretArn:       data.database.SecretArn,
		PatchGroup:              base.nodes.PatchGroup,
		LogRetentionDays:        in.settings.LogRetentionDays,
		Region:                  in.region,
		KmsKeyArn:               base.keyArn(),
		AlarmTopicArn:           base.topic.Arn,
		Tags:                    in.tags("web"),
	}
	if data.cache != nil {
		args.CacheSecurityGroupID, args.Permissions = data.cache.SecurityGroupID, data.cache.Access()
	}
	if in.settings.Delivery.Repository != "" {
		args.Setup = []string{delivery.AgentScript()}
	}
	if in.topology.PublicInstance {
		args.Public = &web.Public{SubnetIDs: base.network.PublicSubnetIDs}
		if in.settings.Domain.Name != "" {
			args.Public.Domain, args.Public.HostedZoneID = in.settings.Domain.Name, in.hostedZoneID
			args.Public.Email = in.settings.Alarms.Email
		}
	}
	if spread := in.topology.Instances; spread.Zones > 0 {
		args.Placement = &web.Placement{
			Zones: spread.Zones, PerZone: spread.PerZone, Serving: fixedServerGate(ctx, in, base, entry),
		}
	}
	if in.topology.ScalingGroup {
		args.Group = webGroup(in, entry.balancer)
	}
	return args
}

// webGroup returns the auto-scaling group, which grows with the load balancer's traffic.
func webGroup(in inputs, balancer *loadbalancer.LoadBalancer) *web.Group {
	size := in.settings.Web
	return &web.Group{
		Min:                 size.MinInstances,
		Max:                 size.MaxInstances,
		TargetRequests:      size.TargetRequests,
		TargetCPU:           size.TargetCPUPercent,
		TargetGroupArn:      balancer.TargetGroupArn,
		ResourceLabel:       balancer.ResourceLabel,
		DeregistrationDelay: balancer.DeregistrationDelay,
		ScheduledMinimum:    size.ScheduledMinimum,
		After:               balancer.Public.Serving,
	}
}

// fixedServerGate returns a function that registers a fixed server with the load balancer and declares its gate.
func fixedServerGate(
	ctx *pulumi.Context, in inputs, base foundation, entry entry,
) func(web.Instance) (pulumi.Resource, error) {
	return func(instance web.Instance) (pulumi.Resource, error) {
		attachment, err := entry.balancer.Attach(ctx, instance.Name, instance.ID)
		if err != nil {
			return nil, err
		}
		targets := gate.Targets{IDs: []pulumi.StringInput{instance.ID}}
		return requireTargets(ctx, in, base, entry, instance.Name, targets, []pulumi.Resource{attachment})
	}
}

// attach declares the ways between the load balancer and the servers, and the gate of the group.
func (t *webTier) attach(ctx *pulumi.Context, in inputs, base foundation, entry entry) error {
	err := errors.Join(
		entry.balancer.AllowTargets(ctx, "targets", web.Port, t.SecurityGroupID),
		t.AllowFrom(ctx, "loadbalancer", entry.balancer.SecurityGroupID),
	)
	if err != nil || !in.topology.ScalingGroup {
		return err
	}
	group := gate.Targets{ScalingGroup: t.GroupName, Least: in.settings.Web.MinInstances}
	serving, err := requireTargets(ctx, in, base, entry, "web-group", group, t.Serving)
	t.serving = append(t.serving, serving)
	return err
}

// newServices declares the services that take the web tier's place, with their cluster, or returns neither where the
// stage has none.
func newServices(
	ctx *pulumi.Context, in inputs, base foundation, data dataStores, entry entry, variables *parameters.Parameters,
) (*services.Cluster, []service, error) {
	if !in.topology.Services {
		return nil, nil, nil
	}
	cluster, err := services.NewCluster(ctx, "services", &services.ClusterArgs{
		LogRetentionDays: in.settings.LogRetentionDays,
		KmsKeyArn:        base.keyArn(),
		Tags:             in.tags("services"),
	})
	if err != nil {
		return nil, nil, err
	}
	var all []service
	for _, configured := range in.settings.Services {
		args := serviceArgs(in, base, data, entry, cluster, configured)
		args.Parameters = serviceParameters(variables, configured)
		running, err := services.New(ctx, configured.Name, args)
		if err != nil {
			return nil, nil, err
		}
		err = data.allow(ctx, "services-"+configured.Name, running.SecurityGroupID,
			configured.Database != settings.NoDatabase, configured.Cache)
		if err != nil {
			return nil, nil, err
		}
		declared := service{Service: configured, Microservice: running}
		if declared.serving, err = requireService(ctx, in, base, entry, declared); err != nil {
			return nil, nil, err
		}
		all = append(all, declared)
	}
	return cluster, all, nil
}

func serviceArgs(
	in inputs, base foundation, data dataStores, entry entry, cluster *services.Cluster, configured settings.Service,
) *services.Args {
	args := &services.Args{
		Cluster:     cluster,
		AccountID:   in.account,
		Region:      in.region,
		VpcID:       base.network.VpcID,
		SubnetIDs:   base.network.PrivateSubnetIDs,
		Image:       configured.Image,
		CPU:         configured.CPU,
		MemoryMiB:   configured.MemoryMiB,
		Permissions: servicePermissions(data, configured),
		Route: services.Route{
			ListenerArn:     entry.balancer.CloudFront.Arn,
			ArnSuffix:       entry.balancer.ArnSuffix,
			SecurityGroupID: entry.balancer.SecurityGroupID,
			Paths:           configured.Paths,
			OriginHeader:    &services.Header{Name: originsecret.HeaderName, Values: entry.originSecret.HeaderValues},
		},
		Scaling: services.Scaling{
			Min: configured.Min, Max: configured.Max, Signal: configured.Signal, Target: configured.Target,
		},
		Exec:             configured.Exec,
		LogRetentionDays: in.settings.LogRetentionDays,
		Ephemeral:        in.settings.Ephemeral || !in.goal.Services,
		KmsKeyArn:        base.keyArn(),
		AlarmTopicArn:    base.topic.Arn,
		Tags:             in.tags("services"),
	}
	if in.topology.PublicLoadBalancer {
		args.Route.WeightedRoute = &services.WeightedRoute{
			ListenerArn:    entry.balancer.Public.Arn,
			TargetGroupArn: entry.balancer.TargetGroupArn,
			Percent:        configured.TrafficPercent,
		}
	}
	if configured.Database != settings.NoDatabase {
		args.DatabaseSecurityGroupID = data.database.SecurityGroupID
	}
	if configured.Cache && data.cache != nil {
		args.CacheSecurityGroupID = data.cache.SecurityGroupID
	}
	return args
}

// serviceParameters returns the parameters of the data stores that a service uses, by variable.
func serviceParameters(variables *parameters.Parameters, configured settings.Service) map[string]pulumi.StringInput {
	used := map[string]pulumi.StringInput{}
	for variable, arn := range variables.Arns {
		switch {
		case strings.HasPrefix(variable, "DATABASE_") && configured.Database == settings.NoDatabase,
			variable == "DATABASE_READER" && configured.Database != settings.DatabaseReader,
			strings.HasPrefix(variable, "CACHE_") && !configured.Cache:
		default:
			used[variable] = arn
		}
	}
	return used
}

// servicePermissions returns the permissions with which a service logs in to its data stores.
func servicePermissions(data dataStores, configured settings.Service) []role.Statement {
	var statements []role.Statement
	if configured.Database != settings.NoDatabase {
		statements = append(statements, role.Statement{
			Actions: []string{"secretsmanager:GetSecretValue"}, Resources: pulumi.StringArray{data.database.SecretArn},
		})
	}
	if configured.Cache && data.cache != nil {
		statements = append(statements, data.cache.Access()...)
	}
	return statements
}
