package stack

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/internal/program/stage"
)

// newAPIRecord declares the record of the API's own name where that routes to the public load balancer; nil where it
// routes to CloudFront, or without such a name.
func newAPIRecord(ctx *pulumi.Context, in inputs, entry entry, compute compute) (pulumi.Resource, error) {
	if entry.api == nil || routesToServices(in, entry) {
		return nil, nil
	}
	ready := slices.Concat(entry.balancer.Public.Serving, compute.web.serving)
	return entry.api.PointToLoadBalancer(ctx, entry.balancer.DNSName, entry.balancer.ZoneID, pulumi.DependsOn(ready))
}

// newRecords declares the DNS records that route users to the stage's entry, after everything that serves them. The API's
// own name follows to CloudFront, where pages that are still open find the API.
func newRecords(
	ctx *pulumi.Context, in inputs, entry entry, compute compute, apiRecord pulumi.Resource, edge edge,
) error {
	if entry.domain == nil {
		return nil
	}
	var ready []pulumi.Resource
	if compute.web != nil {
		ready = append(ready, compute.web.serving...)
	}
	if edge.frontend != nil {
		ready = append(ready, edge.serving)
	}
	if apiRecord != nil {
		ready = append(ready, apiRecord)
	}
	after := pulumi.DependsOn(ready)
	if entry.api != nil && apiRecord == nil {
		err := entry.api.PointToDistribution(ctx, edge.frontend.DomainName, edge.frontend.HostedZoneID, after)
		if err != nil {
			return err
		}
	}
	switch in.goal.Entry {
	case stage.EntryInstance:
		return entry.domain.PointToAddress(ctx, compute.web.Address, after)
	case stage.EntryLoadBalancer:
		_, err := entry.domain.PointToLoadBalancer(ctx, entry.balancer.DNSName, entry.balancer.ZoneID, after)
		return err
	default:
		return entry.domain.PointToDistribution(ctx, edge.frontend.DomainName, edge.frontend.HostedZoneID, after)
	}
}

// entryURL returns the address at which an entry answers by itself, whatever name routes to it.
func entryURL(at stage.Entry, entry entry, compute compute, edge edge) pulumi.StringInput {
	switch at {
	case stage.EntryInstance:
		return pulumi.Sprintf("http://%s", compute.web.Address)
	case stage.EntryLoadBalancer:
		return entry.balancer.URL
	default:
		return pulumi.Sprintf("https://%s", edge.frontend.DomainName)
	}
}

// serviceURL returns the address of the service: its name, or that of its entry.
func serviceURL(in inputs, entry entry, compute compute, edge edge) pulumi.StringInput {
	switch {
	case entry.domain == nil:
		return entryURL(in.goal.Entry, entry, compute, edge)
	case in.goal.Entry == stage.EntryInstance:
		return compute.web.URL
	default:
		return pulumi.String(entry.domain.URL)
	}
}
