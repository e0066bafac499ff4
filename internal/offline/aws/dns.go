package aws

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/acm"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"

	"stagecraft/internal/offline/cloud"
)

const (
	recordToken                = "aws:route53/record:Record"
	certificateToken           = "aws:acm/certificate:Certificate"
	certificateValidationToken = "aws:acm/certificateValidation:CertificateValidation"
)

// The account owns one public hosted zone from the start; programs find it, and make none.
const (
	ownZoneName = "example.com"
	ownZoneID   = "Z0OFFLINE0EXAMPLE0COM"
)

const certificateIssued = "ISSUED"

func dnsTypes() []cloud.Type {
	return []cloud.Type{recordType(), certificateType(), certificateValidationType()}
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
			"Route 53 Developer Guide, Quotas",
		Name:  &cloud.Name{Property: "name", Max: 255, Manual: true},
		ID:    "${zoneId}_${name}_${type}",
		OneOf: [][]string{{"records", "aliases"}},
		Values: map[string]cloud.Value{
			"ttl": cloud.Range(0, 2147483647),
			"type": cloud.OneOf("A", "AAAA", "CAA", "CNAME", "DS", "HTTPS", "MX", "NAPTR", "NS", "PTR", "SOA", "SPF", "SRV",
				"SSHFP", "SVCB", "TLSA", "TXT"),
		},
		Computed:   map[string]any{"allowOverwrite": false},
		Replace:    []string{"name", "setIdentifier", "zoneId"},
		Unique:     [][]string{{"zoneId", "name", "type"}},
		Overwrites: "allowOverwrite",
		Exists: cloud.Error{
			Code:    "InvalidChangeBatch",
			Message: "[Tried to create resource record set [name='${name}.', type='${type}'] but it already exists]",
		},
		Quota: &cloud.Quota{Limit: 10000, Per: "zoneId", Error: cloud.Error{
			Code: "InvalidChangeBatch", Message: "[Number of records limit of 10000 exceeded.]",
		}},
		Check: recordFits,
		Make: func(_ cloud.Account, record *cloud.Resource) error {
			record.Set("fqdn", fullName(record.Text("name")))
			return nil
		},
		Takes: 30 * time.Second,
	}
}

func certificateType() cloud.Type {
	return cloud.Type{
		Token:     certificateToken,
		Args:      acm.CertificateArgs{},
		State:     acm.Certificate{},
		Service:   "ACM",
		Operation: "RequestCertificate",
		Source: "CloudFormation resource schema AWS::CertificateManager::Certificate; ACM API Reference, " +
			"RequestCertificate; ACM User Guide, Quotas",
		ID:        "arn:aws:acm:${region}:${account}:certificate/${hex8}-${hex4}-4${hex3}-8${hex3}-${hex12}",
		OneOf:     [][]string{{"certificateAuthorityArn", "privateKey", "validationMethod"}},
		Conflicts: [][]string{{"domainName", "privateKey"}},
		Values: map[string]cloud.Value{
			// RFC 5280 has no room for more in a certificate's common name.
			"domainName": cloud.All(certificateName, cloud.Length(1, 64)),
			"keyAlgorithm": cloud.OneOf(
				"RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1"),
			"subjectAlternativeNames[*]": certificateName,
			"validationMethod":           cloud.OneOf("DNS", "EMAIL", "HTTP"),
		},
		Computed: map[string]any{
			"arn":                "${id}",
			"keyAlgorithm":       "RSA_2048",
			"renewalEligibility": "INELIGIBLE",
			"status":             "PENDING_VALIDATION",
			"type":               "AMAZON_ISSUED",
			"validationEmails":   []any{},
		},
		Replace: []string{
			"certificateAuthorityArn", "domainName", "keyAlgorithm", "subjectAlternativeNames", "validationMethod",
			"validationOptions",
		},
		Quota: &cloud.Quota{Limit: 2500, Error: cloud.Error{
			Code: "LimitExceededException", Message: "Error: you have reached your limit of 2500 certificates in the last year.",
		}},
		Check:    certificateFits,
		Make:     describeCertificate,
		NotFound: cloud.Error{Code: "CertificateNotFound", Message: "Certificate '${value}' not found"},
		InUse:    cloud.Error{Code: "ResourceInUseException", Message: "Certificate ${id} is in use."},
		Takes:    5 * time.Second,
	}
}

func certificateValidationType() cloud.Type {
	return cloud.Type{
		Token:     certificateValidationToken,
		Args:      acm.CertificateValidationArgs{},
		State:     acm.CertificateValidation{},
		Service:   "ACM",
		Operation: "DescribeCertificate",
		Source:    "SDK doc: waits until the certificate is issued; ACM User Guide, DNS validation",
		ID:        "${certificateArn}",
		Replace:   []string{"certificateArn", "validationRecordFqdns"},
		Refs:      []cloud.Ref{{Path: "certificateArn", Type: certificateToken, Part: true}},
		Check:     validationFits,
		Make:      issueCertificate,
		Takes:     time.Minute,
	}
}

// fullName is a record's name in its zone, as the AWS provider completes it.
func fullName(name string) string {
	name = strings.TrimSuffix(strings.ToLower(name), ".")
	switch {
	case name == "":
		return ownZoneName
	case name == ownZoneName || strings.HasSuffix(name, "."+ownZoneName):
		return name
	default:
		return name + "." + ownZoneName
	}
}

// recordFits refuses records outside of the account's zone, of a wrong form, and aliases of nothing.
func recordFits(_ cloud.Account, record *cloud.Resource) error {
	kind, name := record.Text("type"), fullName(record.Text("name"))
	values := record.Texts("records[*]")
	switch {
	case record.Text("zoneId") != ownZoneID:
		return refuse("NoSuchHostedZone", "No hosted zone found with ID: %s", record.Text("zoneId"))
	case record.Text("setIdentifier") != "":
		return fmt.Errorf("%s: the offline cloud has no routing policies: leave setIdentifier out", name)
	case len(values) > 0 && record.Text("ttl") == "":
		return refuse("InvalidInput", "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and "+
			"ResourceRecords], or TrafficPolicyInstanceId], but found none in Change with [Action=CREATE, Name=%s., Type=%s, "+
			"SetIdentifier=null]", name, kind)
	case kind == "CNAME" && name == ownZoneName:
		return refuse("InvalidChangeBatch", "[RRSet of type CNAME with DNS name %s. is not permitted at apex in zone %s.]",
			name, ownZoneName)
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
	return aliasFits(record)
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

var certificateName = cloud.All(cloud.Length(1, 253), cloud.Match(
	`^(\*\.)?([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$`,
	"a domain name such as www.example.com or *.example.com"))

func certificateFits(_ cloud.Account, certificate *cloud.Resource) error {
	if certificate.Text("privateKey") == "" && certificate.Text("domainName") == "" {
		return refuse("ValidationException", "1 validation error detected: Value null at 'domainName' failed to satisfy "+
			"constraint: Member must not be null")
	}
	return nil
}

// describeCertificate says which DNS records prove the domains. A domain has the same record for every certificate of
// the account (ACM User Guide, "DNS validation").
func describeCertificate(_ cloud.Account, certificate *cloud.Resource) error {
	names := certificate.Texts("subjectAlternativeNames[*]")
	if domain := certificate.Text("domainName"); domain != "" && !slices.Contains(names, domain) {
		names = append([]string{domain}, names...)
	}
	certificate.Set("subjectAlternativeNames", names)
	if certificate.Text("privateKey") != "" {
		certificate.Set("type", "IMPORTED")
		certificate.Set("status", certificateIssued)
	}
	options := []any{}
	for _, name := range names {
		if certificate.Text("validationMethod") != "DNS" {
			break
		}
		domain := strings.TrimPrefix(name, "*.")
		sum := sha256.Sum256([]byte(Account + domain))
		text := hex.EncodeToString(sum[:])
		options = append(options, map[string]any{
			"domainName":          name,
			"resourceRecordName":  "_" + text[:32] + "." + domain + ".",
			"resourceRecordType":  "CNAME",
			"resourceRecordValue": "_" + text[32:] + ".acm-validations.aws.",
		})
	}
	certificate.Set("domainValidationOptions", options)
	return nil
}

// validationFits refuses to wait for ever: ACM issues a certificate once each of its domains has its record.
func validationFits(account cloud.Account, validation *cloud.Resource) error {
	certificate, err := account.Find(certificateToken, "", validation.Text("certificateArn"))
	if err != nil {
		return err
	}
	if certificate.Text("type") != "AMAZON_ISSUED" {
		return fmt.Errorf("ACM Certificate (%s) has type %s, no validation necessary", certificate.ID, certificate.Text("type"))
	}
	records, err := account.List(recordToken)
	if err != nil {
		return err
	}
	listed := map[string]bool{}
	for _, name := range validation.Texts("validationRecordFqdns[*]") {
		listed[strings.TrimSuffix(name, ".")] = true
	}
	for _, option := range certificate.Elements("domainValidationOptions") {
		name, value := strings.TrimSuffix(option.Text("resourceRecordName"), "."), option.Text("resourceRecordValue")
		if len(listed) > 0 && !listed[name] {
			return fmt.Errorf("missing %s DNS validation record: have %v", name, slices.Sorted(maps.Keys(listed)))
		}
		proves := func(record *cloud.Resource) bool {
			return record.Text("fqdn") == name && record.Text("type") == "CNAME" && record.Text("records[*]") == value
		}
		if !slices.ContainsFunc(records, proves) {
			return fmt.Errorf("waiting for ACM Certificate (%s) to be issued: timeout while waiting for state to become "+
				"'ISSUED' (last state: 'PENDING_VALIDATION', timeout: 45m0s): the record %s is missing or wrong",
				certificate.ID, name)
		}
	}
	return nil
}

// certificateLife is how long a public certificate is valid (ACM User Guide, "ACM certificate characteristics").
const certificateLife = 198 * 24 * time.Hour

func issueCertificate(account cloud.Account, validation *cloud.Resource) error {
	certificate, err := account.Find(certificateToken, "", validation.Text("certificateArn"))
	if err != nil || certificate.Text("status") == certificateIssued {
		return err
	}
	today := time.Now().UTC().Truncate(24 * time.Hour)
	certificate.Set("status", certificateIssued)
	certificate.Set("notBefore", today.Format(time.RFC3339))
	certificate.Set("notAfter", today.Add(certificateLife).Format(time.RFC3339))
	return account.Put(certificateToken, certificate)
}

// dnsFunctions are questions to Route 53.
func dnsFunctions() []cloud.Function {
	return []cloud.Function{{
		Token:  "aws:route53/getZone:getZone",
		Args:   route53.LookupZoneArgs{},
		Source: "SDK doc; Route 53 API Reference, HostedZone",
		Answer: findZone,
	}}
}

func findZone(question cloud.Question) (map[string]any, error) {
	name, id := strings.TrimSuffix(question.Text("name"), "."), question.Text("zoneId")
	private := question.Text("privateZone") == "true" || question.Text("vpcId") != ""
	if name == "" && id == "" {
		return nil, fmt.Errorf("either name or zoneId must be set")
	}
	if name != "" && name != ownZoneName || id != "" && id != ownZoneID || private {
		return nil, fmt.Errorf("no matching Route 53 Hosted Zone found for %q: the offline account owns one public zone, %s: "+
			"use a name in it to try HTTPS offline", name+id, ownZoneName)
	}
	records, err := question.Account.List(recordToken)
	if err != nil {
		return nil, err
	}
	servers := []string{"ns-1.awsdns-00.example", "ns-2.awsdns-01.example", "ns-3.awsdns-02.example", "ns-4.awsdns-03.example"}
	return map[string]any{
		"id": ownZoneID, "zoneId": ownZoneID, "name": ownZoneName, "arn": "arn:aws:route53:::hostedzone/" + ownZoneID,
		"callerReference": "offline", "comment": "Owned by the offline account from the start",
		"linkedServiceDescription": "", "linkedServicePrincipal": "", "nameServers": servers,
		"primaryNameServer": servers[0], "privateZone": false, "resourceRecordSetCount": len(records) + 2,
		"tags": map[string]any{}, "vpcId": "",
	}, nil
}
