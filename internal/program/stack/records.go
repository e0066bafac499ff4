package stack

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/loadbalancer"
	"stagecraft/internal/program/stage"
)

// newRecords declares the DNS records that route users to the stage's entry, after everything that serves them.
func newRecords(ctx *pulumi.Context, in inputs, entry entry, compute compute, edge edge) error {
	var ready []pulumi.Resource
	if compute.web != nil {
		ready = append(ready, compute.web.serving...)
	}
	if edge.frontend != nil {
		ready = append(ready, edge.serving)
	}
	if entry.api != nil {
		record, err := newAPIRecord(ctx, entry, compute)
		if err != nil {
			return err
		}
		ready = append(ready, record)
	}
	if entry.domain == nil {
		return nil
	}
	after := pulumi.DependsOn(ready)
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

// newAPIRecord declares the record of the API's own name, which routes users to the load balancer where that is public,
// else CloudFront.
func newAPIRecord(ctx *pulumi.Context, entry entry, compute compute) (pulumi.Resource, error) {
	var ready []pulumi.Resource
	for _, listener := range []*loadbalancer.ListenerOutput{entry.balancer.Public, entry.balancer.CloudFront} {
		if listener != nil {
			ready = append(ready, listener.Serving...)
		}
	}
	if compute.web != nil {
		ready = slices.Concat(ready, compute.web.serving)
	}
	return entry.api.PointToLoadBalancer(ctx, entry.balancer.DNSName, entry.balancer.ZoneID, pulumi.DependsOn(ready))
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
