package deploy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// place is the account and region that the stack goes to.
type place struct {
	account, region string
	zones           []string
}

// find asks AWS where the stack goes. A region with fewer zones than the settings ask for is an error.
func find(ctx *pulumi.Context, zones int) (place, error) {
	identity, err := aws.GetCallerIdentity(ctx, nil)
	if err != nil {
		return place{}, fmt.Errorf("finding the AWS account: %w", err)
	}
	region, err := aws.GetRegion(ctx, nil)
	if err != nil {
		return place{}, fmt.Errorf("finding the AWS region: %w", err)
	}
	// Every zone of the account counts, whatever its present state: a zone that fails must not move any subnet.
	offered, err := aws.GetAvailabilityZones(ctx, &aws.GetAvailabilityZonesArgs{
		Filters: []aws.GetAvailabilityZonesFilter{{Name: "opt-in-status", Values: []string{"opt-in-not-required"}}},
	})
	if err != nil {
		return place{}, fmt.Errorf("finding the availability zones of %s: %w", region.Name, err)
	}
	names := slices.Sorted(slices.Values(offered.Names))
	if len(names) < zones {
		return place{}, fmt.Errorf("%s:availabilityZones is %d, and %s has %d (%s): lower it, or choose another aws:region",
			ctx.Project(), zones, region.Name, len(names), strings.Join(names, ", "))
	}
	return place{account: identity.AccountId, region: region.Name, zones: names[:zones]}, nil
}
