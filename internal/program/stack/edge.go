package stack

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/firewall"
	"stagecraft/components/frontend"
	"stagecraft/components/originsecret"
	"stagecraft/internal/program/stage"
)

// apiPath is where the API answers, at the load balancer and at CloudFront.
const apiPath = "/api"

// edge is CloudFront with the page, and the firewall before it. A field is nil where the stage does not have it.
type edge struct {
	firewall *firewall.Firewall
	frontend *frontend.Frontend
	// serving is the gate of the distribution.
	serving pulumi.Resource
}

func newEdge(
	ctx *pulumi.Context, in inputs, base foundation, entry entry, visits *visits, compute compute, apiRecord pulumi.Resource,
) (edge edge, err error) {
	if edge.firewall, err = newFirewall(ctx, in, base); err != nil {
		return edge, err
	}
	edge.frontend, err = newFrontend(ctx, in, base, entry, visits, compute, apiRecord, edge.firewall)
	if err != nil || edge.frontend == nil {
		return edge, err
	}
	edge.serving, err = requireFrontend(ctx, in, base, entry, edge)
	return edge, err
}

// newFirewall declares the firewall before what CloudFront routes to services, or returns nil where there are none.
func newFirewall(ctx *pulumi.Context, in inputs, base foundation) (*firewall.Firewall, error) {
	if !in.topology.Frontend || !in.topology.EdgeLoadBalancer {
		return nil, nil
	}
	args := &firewall.Args{
		RateLimit:        in.settings.Frontend.RateLimit,
		LogRetentionDays: in.settings.LogRetentionDays,
		Global:           base.global,
		Tags:             in.tags("firewall"),
	}
	if base.global.Provider == nil { // the key belongs to the stack's region
		args.KmsKeyArn = base.keyArn()
	}
	return firewall.New(ctx, "firewall", args)
}

// newFrontend declares the page and its distribution, or returns nil where the stage has none.
func newFrontend(
	ctx *pulumi.Context, in inputs, base foundation, entry entry, visits *visits, compute compute, apiRecord pulumi.Resource,
	wall *firewall.Firewall,
) (*frontend.Frontend, error) {
	if !in.topology.Frontend {
		return nil, nil
	}
	args := &frontend.Args{
		AccountID:        in.account,
		Directory:        in.settings.Frontend.Directory,
		PriceClass:       in.settings.Frontend.PriceClass,
		OriginShield:     in.settings.Frontend.OriginShield,
		Origins:          origins(in, entry, visits, compute),
		LogRetentionDays: in.settings.LogRetentionDays,
		Ephemeral:        in.settings.Ephemeral,
		KmsKeyArn:        base.keyArn(),
		AlarmTopicArn:    base.topic.Arn,
		Global:           base.global,
		Tags:             in.tags("frontend"),
	}
	if entry.domain != nil {
		args.Aliases = []string{in.settings.Domain.Name, apiName(in)}
		args.CertificateArn = entry.domain.DistributionCertificateArn
		args.ConnectSources = []string{entry.api.URL}
	}
	if wall != nil {
		args.WebACLArn = wall.Arn
	}
	args.APIURL = pulumi.String(apiPath)
	if entry.api != nil && in.goal.Entry == stage.EntryFrontend {
		args.APIURL, args.After = pulumi.String(entry.api.URL+apiPath), []pulumi.Resource{apiRecord}
	}
	if visits != nil && in.goal.Entry == stage.EntryEdge {
		args.Meta = map[string]pulumi.StringInput{"visits": pulumi.String(visitsPath)}
	}
	return frontend.New(ctx, "frontend", args)
}

// origins returns the origins of dynamic content. CloudFront answers the API's paths at every stage that has it, for
// clients and open pages that call the service's own name.
func origins(in inputs, entry entry, visits *visits, compute compute) []frontend.Origin {
	all := []frontend.Origin{loadBalancerOrigin(in, entry, compute)}
	if visits != nil {
		all = append(all, frontend.Origin{
			Name:         "functions",
			DomainName:   visits.api.Endpoint,
			Protocol:     "https-only",
			PathPatterns: []string{visitsPath},
		})
	}
	return all
}

// loadBalancerOrigin returns the load balancer, by the name on its certificate if it has one.
func loadBalancerOrigin(in inputs, entry entry, compute compute) frontend.Origin {
	origin := frontend.Origin{
		Name:         "load-balancer",
		DomainName:   entry.balancer.DNSName,
		Protocol:     "http-only",
		PathPatterns: dynamicPaths(in),
	}
	if routesToServices(in, entry) {
		listener := entry.balancer.CloudFront
		origin.Port = listener.Port
		origin.Headers = map[string]pulumi.StringInput{originsecret.HeaderName: entry.originSecret.HeaderValue}
		for _, service := range compute.services {
			origin.Serving = append(origin.Serving, service.serving)
		}
		origin.Serving = append(origin.Serving, listener.Serving...)
	} else {
		listener := entry.balancer.Public
		origin.Port = listener.Port
		origin.Serving = slices.Concat(compute.web.serving, listener.Serving)
	}
	if entry.origin != nil {
		origin.DomainName, origin.Protocol = pulumi.String(originName(in)), "https-only"
		origin.Serving = append(origin.Serving, entry.originRecord)
	}
	return origin
}

// dynamicPaths returns the paths that CloudFront requests from the load balancer: the API's, and those of services outside
// of the API.
func dynamicPaths(in inputs) []string {
	patterns := []string{apiPath + "/*"}
	for _, service := range in.settings.Services {
		for _, path := range service.Paths {
			if !strings.HasPrefix(path, apiPath+"/") {
				patterns = append(patterns, path)
			}
		}
	}
	return patterns
}

// routesToServices reports whether CloudFront calls the services, and not the public load balancer.
func routesToServices(in inputs, entry entry) bool {
	return in.topology.EdgeLoadBalancer && (in.goal.Entry == stage.EntryEdge || entry.balancer.Public == nil)
}
