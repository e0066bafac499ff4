package aws

import (
	"cmp"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"

	"stagecraft/internal/offline/cloud"
)

// nameServers are those of every hosted zone; nobody asks them.
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
		Refs: []cloud.Ref{{Path: "vpcs[*].vpcId", Type: vpcToken, Loose: true, NotFound: cloud.Error{
			Code: "InvalidVPCId", Message: "The VPC: ${value} you provided is not authorized to make the association.",
		}}},
		Quota: &cloud.Quota{Limit: 500, Error: cloud.Error{
			Code: "TooManyHostedZones", Message: "Limits Exceeded: MAX_HOSTED_ZONES_BY_OWNER - Cannot create more hosted zones.",
		}},
		Check:    hostedZoneFits,
		Make:     placeZone,
		NotFound: cloud.Error{Code: "NoSuchHostedZone", Message: "No hosted zone found with ID: ${value}"},
		InUse: cloud.Error{
			Code:    "HostedZoneNotEmpty",
			Message: "The specified hosted zone contains non-required resource record sets and so cannot be deleted.",
		},
		Takes: 40 * time.Second,
	}
}

// placeZone says which region a private zone's networks are in.
func placeZone(_ cloud.Account, zone *cloud.Resource) error {
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

// hostedZoneFits refuses a second private zone of a name in a network, and to make a private zone public.
func hostedZoneFits(account cloud.Account, zone *cloud.Resource) error {
	networks := zone.Texts("vpcs[*].vpcId")
	if before := zone.Before; before != nil && (len(before.Texts("vpcs[*].vpcId")) == 0) != (len(networks) == 0) {
		return refuse("InvalidInput", "A hosted zone stays public or private: %s", zone.Text("name"))
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
			for _, ours := range networks {
				if ours == network {
					return refuse("ConflictingDomainExists", "The VPC %s in region %s has already been associated with the hosted "+
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

func healthCheckType() cloud.Type {
	return cloud.Type{
		Token:     healthCheckToken,
		Args:      route53.HealthCheckArgs{},
		State:     route53.HealthCheck{},
		Global:    true,
		Service:   "Route 53",
		Operation: "CreateHealthCheck",
		Change:    "UpdateHealthCheck",
		Source: "CloudFormation resource schema AWS::Route53::HealthCheck; SDK doc; Route 53 API Reference, CreateHealthCheck " +
			"and DeleteHealthCheck, which deletes what records still use; Route 53 Developer Guide, \"Monitoring a CloudWatch " +
			"alarm\" and Quotas. Only checks of a CloudWatch alarm, in the provider's region",
		ID: "${hex8}-${hex4}-${hex4}-${hex4}-${hex12}",
		Values: map[string]cloud.Value{
			"insufficientDataHealthStatus": cloud.OneOf("Healthy", "LastKnownStatus", "Unhealthy"),
			"referenceName":                cloud.Length(0, 27),
			"type":                         cloud.OneOf("CLOUDWATCH_METRIC"),
		},
		Computed: map[string]any{
			"arn": "arn:aws:route53:::healthcheck/${id}", "disabled": false, "insufficientDataHealthStatus": "LastKnownStatus",
			"invertHealthcheck": false, "measureLatency": false,
		},
		Replace: []string{"measureLatency", "referenceName", "requestInterval", "routingControlArn", "type"},
		Refs: []cloud.Ref{{Path: "cloudwatchAlarmName", Type: metricAlarmToken, By: "name", Loose: true, NotFound: cloud.Error{
			Code: "InvalidInput", Message: "The CloudWatch alarm ${value} does not exist.",
		}}},
		Quota: &cloud.Quota{Limit: 200, Error: cloud.Error{
			Code: "TooManyHealthChecks", Message: "Limits Exceeded: MAX_HEALTH_CHECKS_BY_OWNER",
		}},
		Check:    healthCheckFits,
		NotFound: cloud.Error{Code: "NoSuchHealthCheck", Message: "A health check with id ${value} does not exist."},
	}
}

// healthCheckFits refuses alarms that Route 53 cannot follow (Route 53 Developer Guide, "Monitoring a CloudWatch alarm").
func healthCheckFits(account cloud.Account, check *cloud.Resource) error {
	name, region := check.Text("cloudwatchAlarmName"), check.Text("cloudwatchAlarmRegion")
	if name == "" || region == "" {
		return refuse("InvalidInput", "Basic request validation failed: AlarmIdentifier, with Region and Name, must be specified "+
			"for health checks of type CLOUDWATCH_METRIC.")
	}
	alarm, err := account.Find(metricAlarmToken, "name", name)
	if err != nil {
		return err
	}
	datapoints := alarm.Text("datapointsToAlarm")
	switch {
	case region != check.Region:
		return refuse("InvalidInput", "The CloudWatch alarm %s does not exist in %s.", name, region)
	case alarm.Text("statistic") == "":
		return refuse("InvalidInput", "The CloudWatch alarm %s has no standard statistic of one metric, which health checks need.",
			name)
	case datapoints != "" && datapoints != "0" && datapoints != alarm.Text("evaluationPeriods"):
		return refuse("InvalidInput", "The CloudWatch alarm %s is an \"M out of N\" alarm, which health checks do not support.", name)
	}
	return nil
}

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
			{Path: "healthCheckId", Type: healthCheckToken, Loose: true},
		},
		Unique:     [][]string{{"id"}},
		Overwrites: "allowOverwrite",
		Exists: cloud.Error{
			Code:    "InvalidChangeBatch",
			Message: "[Tried to create resource record set [name='${name}.', type='${type}'] but it already exists]",
		},
		Quota: &cloud.Quota{Limit: 10000, Per: "zoneId", Error: cloud.Error{
			Code: "InvalidChangeBatch", Message: "[Number of records limit of 10000 exceeded.]",
		}},
		Check: recordFits,
		Make: func(account cloud.Account, record *cloud.Resource) error {
			zone, err := zoneOf(account, record)
			record.Set("fqdn", fullName(record.Text("name"), zone))
			return err
		},
		Takes: 30 * time.Second,
	}
}

// zoneOf is the name of a record's hosted zone.
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

// fullName is a record's name in its zone, as the AWS provider completes it.
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

// recordFits refuses records of a wrong form, routing policies that do not go together, and aliases of nothing.
func recordFits(account cloud.Account, record *cloud.Resource) error {
	zone, err := zoneOf(account, record)
	if err != nil {
		return err
	}
	kind, name := record.Text("type"), fullName(record.Text("name"), zone)
	values := record.Texts("records[*]")
	switch {
	case (record.Text("setIdentifier") == "") != (len(record.Elements("weightedRoutingPolicies")) == 0):
		return refuse("InvalidInput", "Invalid request: a SetIdentifier and a routing policy need each other in Change with "+
			"[Action=CREATE, Name=%s., Type=%s, SetIdentifier=%s]", name, kind, record.Text("setIdentifier"))
	case len(values) > 0 && record.Text("ttl") == "":
		return refuse("InvalidInput", "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and "+
			"ResourceRecords], or TrafficPolicyInstanceId], but found none in Change with [Action=CREATE, Name=%s., Type=%s, "+
			"SetIdentifier=null]", name, kind)
	case kind == "CNAME" && name == zone:
		return refuse("InvalidChangeBatch", "[RRSet of type CNAME with DNS name %s. is not permitted at apex in zone %s.]",
			name, zone)
	}
	if err := valuesFit(kind, values); err != nil {
		return err
	}
	if err := policyFits(account, record, name); err != nil {
		return err
	}
	return aliasFits(record)
}

func valuesFit(kind string, values []string) error {
	if kind == "CNAME" && len(values) > 1 {
		return refuse("InvalidChangeBatch", "[RRSet of type CNAME has %d records, and may have one.]", len(values))
	}
	for _, value := range values {
		address, err := netip.ParseAddr(value)
		switch {
		case kind == "A" && (err != nil || !address.Is4()):
			return refuse("InvalidChangeBatch", "[Invalid Resource Record: 'FATAL problem: ARRDATAIllegalIPv4Address "+
				"(Value is not a valid IPv4 address) encountered with '%s'']", value)
		case kind == "AAAA" && (err != nil || !address.Is6()):
			return refuse("InvalidChangeBatch", "[Invalid Resource Record: 'FATAL problem: AAAARRDATAIllegalIPv6Address "+
				"(Value is not a valid IPv6 address) encountered with '%s'']", value)
		}
	}
	return nil
}

// policyFits refuses simple and weighted records of the same name and type.
func policyFits(account cloud.Account, record *cloud.Resource, name string) error {
	records, err := account.List(recordToken)
	if err != nil {
		return err
	}
	for _, other := range records {
		of := fmt.Sprint(other.Text("zoneId"), other.Text("fqdn"), other.Text("type"))
		if of == fmt.Sprint(record.Text("zoneId"), name, record.Text("type")) && other.ID != record.ID &&
			(other.Text("setIdentifier") == "") != (record.Text("setIdentifier") == "") {
			return refuse("InvalidChangeBatch", "[RRSet with DNS name %s., type %s, SetIdentifier %s cannot be created as other "+
				"RRSets exist with the same name and type.]", name, record.Text("type"), record.Text("setIdentifier"))
		}
	}
	return nil
}

// cloudFrontZone is the hosted zone of all distributions' names (Route 53 API Reference, AliasTarget).
const cloudFrontZone = "Z2FDTNDATAQYW2"

// aliasZones are the hosted zones of AWS services' names with the domain that their names end in.
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

func aliasFits(record *cloud.Resource) error {
	for _, alias := range record.Elements("aliases") {
		zone, target := alias.Text("zoneId"), strings.TrimSuffix(alias.Text("name"), ".")
		domain, known := aliasZones()[zone]
		if !known || !strings.HasSuffix("."+target, domain) {
			return refuse("InvalidChangeBatch", "[Tried to create an alias that targets %s., type %s in zone %s, "+
				"but the alias target name does not lie within the target zone]", target, record.Text("type"), zone)
		}
		if zone == cloudFrontZone && alias.Text("evaluateTargetHealth") == "true" {
			return refuse("InvalidChangeBatch", "[EvaluateTargetHealth cannot be set to true when the alias target is a "+
				"CloudFront distribution: %s.]", target)
		}
	}
	return nil
}
