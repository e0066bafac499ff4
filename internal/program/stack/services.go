package stack

import (
	"errors"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/originsecret"
	"stagecraft/components/role"
	"stagecraft/components/services"
	"stagecraft/internal/program/settings"
)

// orchestrate makes the services that take the monolith's place.
func (d *deployment) orchestrate() error {
	if !d.topology.Services {
		return nil
	}
	cluster, err := services.NewCluster(d.ctx, "services", &services.ClusterArgs{
		LogRetentionDays: d.settings.LogRetentionDays,
		Tags:             d.tags("services"),
	})
	if err != nil {
		return err
	}
	repositories := pulumi.StringMap{}
	for _, configured := range d.settings.Services {
		made, err := services.New(d.ctx, configured.Name, d.serviceArgs(cluster, configured))
		if err != nil {
			return err
		}
		if err := d.connect(configured, made); err != nil {
			return err
		}
		repositories[configured.Name] = made.RepositoryURL
		d.services = append(d.services, made)
		d.service = append(d.service, made.Alarms...)
		if err := d.show("Service "+configured.Name, made.Alarms); err != nil {
			return err
		}
	}
	d.ctx.Export("cluster", cluster.Name)
	d.ctx.Export("imageRepositories", repositories)
	return nil
}

func (d *deployment) serviceArgs(cluster *services.Cluster, configured settings.Service) *services.Args {
	args := &services.Args{
		Cluster:     cluster,
		AccountID:   d.place.account,
		Region:      d.place.region,
		VpcID:       d.network.VpcID,
		SubnetIDs:   d.network.PrivateSubnetIDs,
		Image:       configured.Image,
		CPU:         configured.CPU,
		MemoryMiB:   configured.MemoryMiB,
		Parameters:  d.told(configured),
		Permissions: d.permissions(configured),
		Route: services.Route{
			ListenerArn:     d.balancer.CloudFront.Arn,
			ArnSuffix:       d.balancer.ArnSuffix,
			SecurityGroupID: d.balancer.SecurityGroupID,
			Paths:           configured.Paths,
			OriginHeader:    &services.Header{Name: originsecret.HeaderName, Values: d.origin.HeaderValues},
		},
		Scaling: services.Scaling{
			Min: configured.Min, Max: configured.Max, Signal: configured.Signal, Target: configured.Target,
		},
		Exec:             configured.Exec,
		LogRetentionDays: d.settings.LogRetentionDays,
		Ephemeral:        d.settings.Ephemeral,
		AlarmTopicArn:    d.topic.Arn,
		Tags:             d.tags("services"),
	}
	if d.topology.PublicLoadBalancer {
		args.Route.WeightedRoute = &services.WeightedRoute{
			ListenerArn: d.balancer.Public.Arn, TargetGroupArn: d.balancer.TargetGroupArn, Percent: configured.TrafficPercent,
		}
	}
	if configured.Database != settings.NoDatabase {
		args.DatabaseSecurityGroupID = d.database.SecurityGroupID
	}
	if configured.Cache && d.cache != nil {
		args.CacheSecurityGroupID = d.cache.SecurityGroupID
	}
	return args
}

// told are the parameters of what a service works with: no service hears of a data store that is none of its own.
func (d *deployment) told(configured settings.Service) map[string]pulumi.StringInput {
	parameters := map[string]pulumi.StringInput{}
	for variable, arn := range d.configuration.Arns {
		switch {
		case strings.HasPrefix(variable, "DATABASE_") && configured.Database == settings.NoDatabase,
			variable == "DATABASE_READER" && configured.Database != settings.DatabaseReader,
			strings.HasPrefix(variable, "CACHE_") && !configured.Cache:
		default:
			parameters[variable] = arn
		}
	}
	return parameters
}

// permissions let a service log in to its data stores.
func (d *deployment) permissions(configured settings.Service) []role.Statement {
	var statements []role.Statement
	if configured.Database != settings.NoDatabase {
		statements = append(statements, role.Statement{
			Actions: []string{"secretsmanager:GetSecretValue"}, Resources: pulumi.StringArray{d.database.SecretArn},
		})
	}
	if configured.Cache && d.cache != nil {
		statements = append(statements, d.cache.Access()...)
	}
	return statements
}

// connect has a service's data stores let it in.
func (d *deployment) connect(configured settings.Service, made *services.Microservice) error {
	var err error
	client := "services-" + configured.Name
	if configured.Database != settings.NoDatabase {
		err = d.database.Allow(d.ctx, client, made.SecurityGroupID)
	}
	if configured.Cache && d.cache != nil {
		err = errors.Join(err, d.cache.Allow(d.ctx, client, made.SecurityGroupID))
	}
	return err
}
