package aws

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/acm"

	"stagecraft/internal/offline/cloud"
)

const (
	certificateToken           = "aws:acm/certificate:Certificate"
	certificateValidationToken = "aws:acm/certificateValidation:CertificateValidation"
)

const certificateIssued = "ISSUED"

func acmTypes() []cloud.Type {
	return []cloud.Type{certificateType(), certificateValidationType()}
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
		Check:      validateCertificate,
		AfterWrite: describeCertificate,
		NotFound:   cloud.Error{Code: "CertificateNotFound", Message: "Certificate '${value}' not found"},
		InUse:      cloud.Error{Code: "ResourceInUseException", Message: "Certificate ${id} is in use."},
	}
}

func certificateValidationType() cloud.Type {
	return cloud.Type{
		Token:      certificateValidationToken,
		Args:       acm.CertificateValidationArgs{},
		State:      acm.CertificateValidation{},
		Service:    "ACM",
		Operation:  "DescribeCertificate",
		Source:     "SDK doc: waits until the certificate is issued; ACM User Guide, DNS validation",
		ID:         "${certificateArn}",
		Replace:    []string{"certificateArn", "validationRecordFqdns"},
		Refs:       []cloud.Ref{{Path: "certificateArn", Type: certificateToken, OwnedBy: true}},
		Check:      validateValidation,
		AfterWrite: issueCertificate,
	}
}

var certificateName = cloud.All(cloud.Length(1, 253), cloud.Match(
	`^(\*\.)?([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$`,
	"a domain name such as www.example.com or *.example.com"))

func validateCertificate(_ cloud.Account, certificate *cloud.Resource) error {
	if certificate.Text("privateKey") == "" && certificate.Text("domainName") == "" {
		return apiError("ValidationException", "1 validation error detected: Value null at 'domainName' failed to satisfy "+
			"constraint: Member must not be null")
	}
	return nil
}

// describeCertificate sets the DNS records that validate the domains. A domain has the same record for every
// certificate of the account (ACM User Guide, "DNS validation").
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

// validateValidation rejects a wait that would never end: ACM issues a certificate once each of its domains has its
// record.
func validateValidation(account cloud.Account, validation *cloud.Resource) error {
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
			return record.Text("zoneId") == ownZoneID && record.Text("fqdn") == name && record.Text("type") == "CNAME" &&
				record.Text("records[*]") == value
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
