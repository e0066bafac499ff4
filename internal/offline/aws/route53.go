package aws

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"

	"stagecraft/internal/offline/cloud"
)

// The account owns one public hosted zone from the start, which programs find.
const (
	ownZoneName = "example.com"
	ownZoneID   = "Z0OFFLINE0EXAMPLE0COM"
)

func route53Types() []cloud.Type {
	return []cloud.Type{hostedZoneType(), healthCheckType(), recordType()}
}

// route53Functions are questions to Route 53.
func route53Functions() []cloud.Function {
	return []cloud.Function{{
		Token:  "aws:route53/getZone:getZone",
		Args:   route53.LookupZoneArgs{},
		Source: "SDK doc; Route 53 API Reference, HostedZone",
		Invoke: findZone,
	}}
}

func findZone(request cloud.InvokeRequest) (map[string]any, error) {
	name, id := strings.TrimSuffix(request.Text("name"), "."), request.Text("zoneId")
	private := request.Text("privateZone") == "true" || request.Text("vpcId") != ""
	if name == "" && id == "" {
		return nil, fmt.Errorf("either name or zoneId must be set")
	}
	if name != "" && name != ownZoneName || id != "" && id != ownZoneID || private {
		return nil, fmt.Errorf("no matching Route 53 Hosted Zone found for %q: the offline account owns one public zone, %s: "+
			"use a name in it to try HTTPS offline", name+id, ownZoneName)
	}
	records, err := request.Account.List(recordToken)
	if err != nil {
		return nil, err
	}
	records = slices.DeleteFunc(records, func(record *cloud.Resource) bool { return record.Text("zoneId") != ownZoneID })
	return map[string]any{
		"id": ownZoneID, "zoneId": ownZoneID, "name": ownZoneName, "arn": "arn:aws:route53:::hostedzone/" + ownZoneID,
		"callerReference": "offline", "comment": "Owned by the offline account from the start",
		"linkedServiceDescription": "", "linkedServicePrincipal": "", "nameServers": nameServers,
		"primaryNameServer": nameServers[0], "privateZone": false, "resourceRecordSetCount": len(records) + 2,
		"tags": map[string]any{}, "vpcId": "",
	}, nil
}
