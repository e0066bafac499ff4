package stack

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/gate"
	"stagecraft/components/services"
	"stagecraft/components/web"
)

// The minutes that a path may take until it serves, after its resources exist: a server boots and installs its packages,
// Fargate pulls an image, CloudFront deploys its configuration to all locations.
const (
	bootMinutes         = 15
	deploymentMinutes   = 15
	distributionMinutes = 15
)

func newGate(ctx *pulumi.Context, in inputs, base foundation) (*gate.Gate, error) {
	return gate.New(ctx, "gate", &gate.Args{
		AccountID:        in.account,
		Region:           in.region,
		LogRetentionDays: in.settings.LogRetentionDays,
		KmsKeyArn:        base.keyArn(),
		AlarmTopicArn:    base.topic.Arn,
		Tags:             in.tags("gate"),
	})
}

// today returns the addresses that users have now: the service's name, or the load balancer's without one.
func today(in inputs, entry entry) []gate.Address {
	switch {
	case in.settings.Domain.Name != "":
		name := pulumi.String(in.settings.Domain.Name)
		return []gate.Address{{Scheme: "https", Host: name}, {Scheme: "http", Host: name}}
	case entry.balancer != nil:
		return []gate.Address{{Scheme: "http", Host: entry.balancer.DNSName}}
	default:
		return nil
	}
}

// publicAddress returns a server as users of the service's name reach it, or of the server itself without a name.
func publicAddress(in inputs, server pulumi.StringInput) gate.Address {
	if in.settings.Domain.Name == "" {
		return gate.Address{Scheme: "http", Host: server}
	}
	return gate.Address{Scheme: "https", Host: pulumi.String(in.settings.Domain.Name), Connect: server}
}

// requirePath declares the gate of a path. It is asked again when the stage changes, since that is when users move.
func requirePath(
	ctx *pulumi.Context, in inputs, base foundation, entry entry, name string, path gate.Path, after []pulumi.Resource,
) (pulumi.Resource, error) {
	path.Today, path.ReadinessPath = today(in, entry), in.settings.Entry.ReadinessPath
	path.Triggers = pulumi.StringMap{"entry": pulumi.String(in.goal.Entry)}
	if path.Targets != nil && len(path.Targets.IDs) > 0 { // another type stops a server
		path.Triggers["instanceType"] = pulumi.String(in.settings.Web.InstanceType)
	}
	return base.gate.Require(ctx, name, &path, pulumi.DependsOn(after))
}

// requirePublicInstance declares the gate of the one public instance.
func requirePublicInstance(
	ctx *pulumi.Context, in inputs, base foundation, entry entry, servers *web.Web,
) (pulumi.Resource, error) {
	return requirePath(ctx, in, base, entry, "web-public", gate.Path{
		Name:    "the web server",
		Request: &gate.Request{Address: publicAddress(in, servers.Address), Path: web.HealthPath},
		Minutes: bootMinutes,
	}, servers.Serving)
}

// requireTargets declares the gate of servers behind the load balancer's public listener.
func requireTargets(
	ctx *pulumi.Context, in inputs, base foundation, entry entry, name string, targets gate.Targets, after []pulumi.Resource,
) (pulumi.Resource, error) {
	targets.GroupArn = entry.balancer.TargetGroupArn
	return requirePath(ctx, in, base, entry, name, gate.Path{
		Name:    "the load balancer's web servers",
		Targets: &targets,
		Request: &gate.Request{Address: publicAddress(in, entry.balancer.DNSName), Path: web.HealthPath},
		Minutes: bootMinutes,
	}, slices.Concat(after, entry.balancer.Public.Serving))
}

// requireService declares the gate of a service. It cannot send a request: only CloudFront reaches its listener.
func requireService(
	ctx *pulumi.Context, in inputs, base foundation, entry entry, service service,
) (pulumi.Resource, error) {
	running := &gate.Service{
		ClusterName: service.ClusterName, Name: service.ServiceName, Placeholder: services.PlaceholderImage,
	}
	if service.Image != "" {
		running.TaskDefinitionArn, running.Placeholder = service.TaskDefinitionArn, ""
	}
	return requirePath(ctx, in, base, entry, "services-"+service.Name, gate.Path{
		Name:    fmt.Sprintf("the service %q", service.Name),
		Service: running,
		Targets: &gate.Targets{GroupArn: service.TargetGroupArn, Least: service.Min},
		Minutes: deploymentMinutes,
	}, service.Serving)
}

// requireFrontend declares the gate of the distribution, asked by its own name.
func requireFrontend(ctx *pulumi.Context, in inputs, base foundation, entry entry, edge edge) (pulumi.Resource, error) {
	return requirePath(ctx, in, base, entry, "frontend", gate.Path{
		Name:           "CloudFront",
		DistributionID: edge.frontend.DistributionID,
		Request:        &gate.Request{Address: gate.Address{Scheme: "https", Host: edge.frontend.DomainName}, Path: "/"},
		Minutes:        distributionMinutes,
	}, edge.frontend.Serving)
}
