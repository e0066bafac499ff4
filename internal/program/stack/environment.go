package stack

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/internal/program/settings"
)

// environment is the account and region that the stack is deployed to.
type environment struct {
	account, region string
	zones           []string
	// hostedZoneID is the hosted zone of the domain, "" without one.
	hostedZoneID string
}

// lookUpEnvironment asks AWS for the account, the region, its zones and the hosted zone. It rejects a region with fewer
// zones than the settings ask for, and a hosted zone that the account does not have.
func lookUpEnvironment(ctx *pulumi.Context, configured settings.Settings) (environment, error) {
	identity, err := aws.GetCallerIdentity(ctx, nil)
	if err != nil {
		return environment{}, fmt.Errorf("finding the AWS account: %w", err)
	}
	region, err := aws.GetRegion(ctx, nil)
	if err != nil {
		return environment{}, fmt.Errorf("finding the AWS region: %w", err)
	}
	// Every zone of the account counts, whatever its present state: a zone that fails must not move any subnet.
	offered, err := aws.GetAvailabilityZones(ctx, &aws.GetAvailabilityZonesArgs{
		Filters: []aws.GetAvailabilityZonesFilter{{Name: "opt-in-status", Values: []string{"opt-in-not-required"}}},
	})
	if err != nil {
		return environment{}, fmt.Errorf("finding the availability zones of %s: %w", region.Name, err)
	}
	zones := configured.Network.AvailabilityZones
	names := slices.Sorted(slices.Values(offered.Names))
	if len(names) < zones {
		return environment{}, fmt.Errorf("%s:availabilityZones is %d, and %s has %d (%s): lower it, or choose another aws:region",
			ctx.Project(), zones, region.Name, len(names), strings.Join(names, ", "))
	}
	hostedZoneID, err := lookUpHostedZone(ctx, configured.Domain.HostedZone)
	if err != nil {
		return environment{}, fmt.Errorf("%s:hostedZone: %w", ctx.Project(), err)
	}
	return environment{
		account: identity.AccountId, region: region.Name, zones: names[:zones], hostedZoneID: hostedZoneID,
	}, nil
}

func lookUpHostedZone(ctx *pulumi.Context, name string) (string, error) {
	if name == "" {
		return "", nil
	}
	zone, err := route53.LookupZone(ctx, &route53.LookupZoneArgs{
		Name: pulumi.StringRef(name), PrivateZone: pulumi.BoolRef(false),
	})
	if err != nil {
		return "", fmt.Errorf("finding the public hosted zone %s in the account: %w", name, err)
	}
	return zone.ZoneId, nil
}
