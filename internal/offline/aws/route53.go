package aws

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"

	"stagecraft/internal/offline/cloud"
)

// The account owns one public hosted zone from the start, which programs can look up.
const (
	ownZoneName = "example.com"
	ownZoneID   = "Z0OFFLINE0EXAMPLE0COM"
)

func route53Types() []cloud.Type {
	return []cloud.Type{hostedZoneType(), healthCheckType(), recordType()}
}

// route53Functions returns the functions of Route 53.
func route53Functions() []cloud.Function {
	return []cloud.Function{{
		Token:  "aws:route53/getZone:getZone",
		Args:   route53.LookupZoneArgs{},
		Source: "SDK doc; Route 53 API Reference, HostedZone",
		Invoke: findZone,
	}}
}

// findZone returns the hosted zone with an id, or the only one of a name that matches the other arguments: public
// unless privateZone or vpcId is given, with all given tags, as the AWS provider looks it up.
func findZone(request cloud.InvokeRequest) (map[string]any, error) {
	args := &cloud.Resource{Outputs: request.Args}
	name, id := zoneName(args), args.Text("zoneId")
	switch {
	case name == "" && id == "":
		return nil, errors.New("either name or zoneId must be set")
	case name != "" && id != "":
		return nil, errors.New("zoneId and name arguments can't be used together")
	}
	zones, err := request.Account.List(hostedZoneToken)
	if err != nil {
		return nil, err
	}
	zones = slices.DeleteFunc(append(zones, ownZone()), func(zone *cloud.Resource) bool { return !matchesZone(zone, args) })
	switch len(zones) {
	case 1:
		return describeZone(request.Account, zones[0])
	case 0:
		return nil, fmt.Errorf("no matching Route 53 Hosted Zone found for %q: the offline account owns one public zone, %s, "+
			"and those that programs create: use a name in it to try HTTPS offline", name+id, ownZoneName)
	default:
		return nil, errors.New("multiple Route 53 Hosted Zones matched; use additional constraints to reduce matches to a " +
			"single Route 53 Hosted Zone")
	}
}

// ownZone returns the hosted zone that the account owns from the start.
func ownZone() *cloud.Resource {
	return awsManaged(ownZoneID, map[string]any{
		"arn": "arn:aws:route53:::hostedzone/" + ownZoneID, "name": ownZoneName,
		"comment": "Owned by the offline account from the start", "nameServers": nameServers,
		"primaryNameServer": nameServers[0],
	})
}

func matchesZone(zone, args *cloud.Resource) bool {
	if id := args.Text("zoneId"); id != "" {
		return zone.ID == id
	}
	networks, vpc := zone.Texts("vpcs[*].vpcId"), args.Text("vpcId")
	private := args.Text("privateZone") == "true" || vpc != ""
	if zoneName(zone) != zoneName(args) || private != (len(networks) > 0) || vpc != "" && !slices.Contains(networks, vpc) {
		return false
	}
	for tag, value := range texts(args.Object("tags")) {
		if texts(zone.Object("tagsAll"))[tag] != value {
			return false
		}
	}
	return true
}

func describeZone(account cloud.Account, zone *cloud.Resource) (map[string]any, error) {
	records, err := account.List(recordToken)
	if err != nil {
		return nil, err
	}
	records = slices.DeleteFunc(records, func(record *cloud.Resource) bool { return record.Text("zoneId") != zone.ID })
	networks := append(zone.Texts("vpcs[*].vpcId"), "")
	return map[string]any{
		"id": zone.ID, "zoneId": zone.ID, "name": strings.TrimSuffix(zone.Text("name"), "."), "arn": zone.Text("arn"),
		"callerReference": "offline", "comment": zone.Text("comment"),
		"linkedServiceDescription": "", "linkedServicePrincipal": "", "nameServers": zone.Texts("nameServers[*]"),
		"primaryNameServer": zone.Text("primaryNameServer"), "privateZone": networks[0] != "",
		"resourceRecordSetCount": len(records) + 2, "tags": texts(zone.Object("tagsAll")), "vpcId": networks[0],
	}, nil
}
