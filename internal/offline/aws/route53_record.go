package aws

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"

	"stagecraft/internal/offline/cloud"
)

const recordToken = "aws:route53/record:Record"

func recordType() cloud.Type {
	return cloud.Type{
		Token:     recordToken,
		Args:      route53.RecordArgs{},
		State:     route53.Record{},
		Global:    true,
		Service:   "Route 53",
		Operation: "ChangeResourceRecordSets",
		Source: "CloudFormation resource schema AWS::Route53::RecordSet; Route 53 API Reference, ChangeResourceRecordSets; " +
			"Route 53 Developer Guide, Quotas. Of the routing policies, only simple and weighted ones",
		Name:  &cloud.Name{Property: "name", Max: 255, Manual: true},
		ID:    "${zoneId}_${name}_${type}${_setIdentifier}",
		OneOf: [][]string{{"records", "aliases"}},
		Values: map[string]cloud.Value{
			"cidrRoutingPolicy":             cloud.NotSimulated,
			"failoverRoutingPolicies":       cloud.NotSimulated,
			"geolocationRoutingPolicies":    cloud.NotSimulated,
			"geoproximityRoutingPolicy":     cloud.NotSimulated,
			"latencyRoutingPolicies":        cloud.NotSimulated,
			"multivalueAnswerRoutingPolicy": cloud.NotSimulated,
			"setIdentifier":                 cloud.Length(1, 128),
			"ttl":                           cloud.Range(0, 2147483647),
			"type": cloud.OneOf("A", "AAAA", "CAA", "CNAME", "DS", "HTTPS", "MX", "NAPTR", "NS", "PTR", "SOA", "SPF", "SRV",
				"SSHFP", "SVCB", "TLSA", "TXT"),
			"weightedRoutingPolicies":           cloud.Count(1, 1),
			"weightedRoutingPolicies[*].weight": cloud.Range(0, 255),
		},
		Computed: map[string]any{"allowOverwrite": false},
		Replace:  []string{"name", "setIdentifier", "zoneId"},
		Refs: []cloud.Ref{
			{Path: "zoneId", Type: hostedZoneToken, External: regexp.MustCompile("^" + ownZoneID + "$")},
			{Path: "healthCheckId", Type: healthCheckToken, Weak: true},
		},
		Unique:     [][]string{{"id"}},
		Overwrites: "allowOverwrite",
		Exists: cloud.Error{
			Code:    "InvalidChangeBatch",
			Message: "[Tried to create resource record set [name='${name}.', type='${type}'] but it already exists]",
		},
		Quota: &cloud.Quota{Limit: 10000, Scope: "zoneId", Error: cloud.Error{
			Code: "InvalidChangeBatch", Message: "[Number of records limit of 10000 exceeded.]",
		}},
		Check: validateRecord,
		AfterWrite: func(account cloud.Account, record *cloud.Resource) error {
			zone, err := zoneOf(account, record)
			record.Set("fqdn", fullName(record.Text("name"), zone))
			return err
		},
	}
}

// zoneOf returns the name of a record's hosted zone.
func zoneOf(account cloud.Account, record *cloud.Resource) (string, error) {
	if record.Text("zoneId") == ownZoneID {
		return ownZoneName, nil
	}
	zone, err := account.Find(hostedZoneToken, "", record.Text("zoneId"))
	if err != nil {
		return "", err
	}
	return zoneName(zone), nil
}

// fullName returns a record's name in its zone, as the AWS provider completes it.
func fullName(name, zone string) string {
	name = strings.TrimSuffix(strings.ToLower(name), ".")
	switch {
	case name == "":
		return zone
	case name == zone || strings.HasSuffix(name, "."+zone):
		return name
	default:
		return name + "." + zone
	}
}

// validateRecord rejects malformed values, conflicting routing policies, and aliases of unknown targets.
func validateRecord(account cloud.Account, record *cloud.Resource) error {
	zone, err := zoneOf(account, record)
	if err != nil {
		return err
	}
	kind, name := record.Text("type"), fullName(record.Text("name"), zone)
	values := record.Texts("records[*]")
	switch {
	case (record.Text("setIdentifier") == "") != (len(record.Elements("weightedRoutingPolicies")) == 0):
		return apiError("InvalidInput", "Invalid request: a SetIdentifier and a routing policy need each other in Change with "+
			"[Action=CREATE, Name=%s., Type=%s, SetIdentifier=%s]", name, kind, record.Text("setIdentifier"))
	case len(values) > 0 && record.Text("ttl") == "":
		return apiError("InvalidInput", "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and "+
			"ResourceRecords], or TrafficPolicyInstanceId], but found none in Change with [Action=CREATE, Name=%s., Type=%s, "+
			"SetIdentifier=null]", name, kind)
	case kind == "CNAME" && name == zone:
		return apiError("InvalidChangeBatch", "[RRSet of type CNAME with DNS name %s. is not permitted at apex in zone %s.]",
			name, zone)
	}
	if err := validateRecordValues(kind, values); err != nil {
		return err
	}
	if err := validateRoutingPolicy(account, record, name); err != nil {
		return err
	}
	return validateAlias(record)
}

func validateRecordValues(kind string, values []string) error {
	if kind == "CNAME" && len(values) > 1 {
		return apiError("InvalidChangeBatch", "[RRSet of type CNAME has %d records, and may have one.]", len(values))
	}
	for _, value := range values {
		address, err := netip.ParseAddr(value)
		switch {
		case kind == "A" && (err != nil || !address.Is4()):
			return apiError("InvalidChangeBatch", "[Invalid Resource Record: 'FATAL problem: ARRDATAIllegalIPv4Address "+
				"(Value is not a valid IPv4 address) encountered with '%s'']", value)
		case kind == "AAAA" && (err != nil || !address.Is6()):
			return apiError("InvalidChangeBatch", "[Invalid Resource Record: 'FATAL problem: AAAARRDATAIllegalIPv6Address "+
				"(Value is not a valid IPv6 address) encountered with '%s'']", value)
		}
	}
	return nil
}

// validateRoutingPolicy rejects simple and weighted records of the same name and type.
func validateRoutingPolicy(account cloud.Account, record *cloud.Resource, name string) error {
	records, err := account.List(recordToken)
	if err != nil {
		return err
	}
	for _, other := range records {
		policy := fmt.Sprint(other.Text("zoneId"), other.Text("fqdn"), other.Text("type"))
		if policy == fmt.Sprint(record.Text("zoneId"), name, record.Text("type")) && other.ID != record.ID &&
			(other.Text("setIdentifier") == "") != (record.Text("setIdentifier") == "") {
			return apiError("InvalidChangeBatch", "[RRSet with DNS name %s., type %s, SetIdentifier %s cannot be created as other "+
				"RRSets exist with the same name and type.]", name, record.Text("type"), record.Text("setIdentifier"))
		}
	}
	return nil
}

// cloudFrontZone is the hosted zone of all distributions' names (Route 53 API Reference, AliasTarget).
const cloudFrontZone = "Z2FDTNDATAQYW2"

// aliasZones returns the hosted zones of AWS services' names with the domain that their names end in.
func aliasZones() map[string]string {
	zones := map[string]string{
		ownZoneID:      "." + ownZoneName,
		cloudFrontZone: ".cloudfront.net",
	}
	for region, known := range locations {
		zones[known.elbZone] = "." + region + ".elb.amazonaws.com"
	}
	return zones
}

func validateAlias(record *cloud.Resource) error {
	for _, alias := range record.Elements("aliases") {
		zone, target := alias.Text("zoneId"), strings.TrimSuffix(alias.Text("name"), ".")
		domain, known := aliasZones()[zone]
		if !known || !strings.HasSuffix("."+target, domain) {
			return apiError("InvalidChangeBatch", "[Tried to create an alias that targets %s., type %s in zone %s, "+
				"but the alias target name does not lie within the target zone]", target, record.Text("type"), zone)
		}
		if zone == cloudFrontZone && alias.Text("evaluateTargetHealth") == "true" {
			return apiError("InvalidChangeBatch", "[EvaluateTargetHealth cannot be set to true when the alias target is a "+
				"CloudFront distribution: %s.]", target)
		}
	}
	return nil
}
