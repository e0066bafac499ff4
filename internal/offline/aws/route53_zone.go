package aws

import (
	"cmp"
	"regexp"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"

	"stagecraft/internal/offline/cloud"
)

const hostedZoneToken = "aws:route53/zone:Zone"

// nameServers are the name servers of every hosted zone.
var nameServers = []any{
	"ns-1.awsdns-00.example", "ns-2.awsdns-01.example", "ns-3.awsdns-02.example", "ns-4.awsdns-03.example",
}

func hostedZoneType() cloud.Type {
	return cloud.Type{
		Token:     hostedZoneToken,
		Args:      route53.ZoneArgs{},
		State:     route53.Zone{},
		Global:    true,
		Service:   "Route 53",
		Operation: "CreateHostedZone",
		Change:    "UpdateHostedZoneComment",
		Source: "CloudFormation resource schema AWS::Route53::HostedZone; SDK doc; Route 53 API Reference, CreateHostedZone " +
			"and DeleteHostedZone; Route 53 Developer Guide, Quotas",
		Name: &cloud.Name{Property: "name", Max: 255, Pattern: regexp.MustCompile(
			`^([A-Za-z0-9_-]{1,63}\.)*[A-Za-z0-9_-]{1,63}\.?$`)},
		ID:        "Z${capitals20}",
		Conflicts: [][]string{{"delegationSetId", "vpcs"}},
		Values: map[string]cloud.Value{
			"comment":         cloud.Length(0, 256),
			"delegationSetId": cloud.NotSimulated,
			"forceDestroy":    cloud.NotSimulated,
		},
		Computed: map[string]any{
			"arn":               "arn:aws:route53:::hostedzone/${id}",
			"comment":           "Managed by Pulumi",
			"forceDestroy":      false,
			"nameServers":       nameServers,
			"primaryNameServer": nameServers[0],
			"zoneId":            "${id}",
		},
		Replace: []string{"delegationSetId", "name"},
		Refs: []cloud.Ref{{Path: "vpcs[*].vpcId", Type: vpcToken, Weak: true, NotFound: cloud.Error{
			Code: "InvalidVPCId", Message: "The VPC: ${value} you provided is not authorized to make the association.",
		}}},
		Quota: &cloud.Quota{Limit: 500, Error: cloud.Error{
			Code: "TooManyHostedZones", Message: "Limits Exceeded: MAX_HOSTED_ZONES_BY_OWNER - Cannot create more hosted zones.",
		}},
		Check:      validateHostedZone,
		AfterWrite: setZoneOutputs,
		NotFound:   cloud.Error{Code: "NoSuchHostedZone", Message: "No hosted zone found with ID: ${value}"},
		InUse: cloud.Error{
			Code:    "HostedZoneNotEmpty",
			Message: "The specified hosted zone contains non-required resource record sets and so cannot be deleted.",
		},
	}
}

// setZoneOutputs sets the regions of a private zone's networks.
func setZoneOutputs(_ cloud.Account, zone *cloud.Resource) error {
	var networks []any
	for _, network := range zone.Elements("vpcs") {
		networks = append(networks, map[string]any{
			"vpcId": network.Text("vpcId"), "vpcRegion": cmp.Or(network.Text("vpcRegion"), zone.Region),
		})
	}
	if len(networks) > 0 {
		zone.Set("vpcs", networks)
	}
	return nil
}

// validateHostedZone rejects a second private zone of the same name in a network, and a change from private to public.
func validateHostedZone(account cloud.Account, zone *cloud.Resource) error {
	networks := zone.Texts("vpcs[*].vpcId")
	if before := zone.Before; before != nil && (len(before.Texts("vpcs[*].vpcId")) == 0) != (len(networks) == 0) {
		return apiError("InvalidInput", "A hosted zone stays public or private: %s", zone.Text("name"))
	}
	zones, err := account.List(hostedZoneToken)
	if err != nil {
		return err
	}
	for _, other := range zones {
		if other.ID == zone.ID || zoneName(other) != zoneName(zone) {
			continue
		}
		for _, network := range other.Texts("vpcs[*].vpcId") {
			for _, vpcID := range networks {
				if vpcID == network {
					return apiError("ConflictingDomainExists", "The VPC %s in region %s has already been associated with the hosted "+
						"zone %s with the same domain name.", network, zone.Region, other.ID)
				}
			}
		}
	}
	return nil
}

func zoneName(zone *cloud.Resource) string {
	return strings.ToLower(strings.TrimSuffix(zone.Text("name"), "."))
}
