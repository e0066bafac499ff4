package aws

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"
)

var minimalCertificate = map[string]func(*testAccount) map[string]any{
	certificateToken: func(*testAccount) map[string]any {
		return certificateInputs("www.example.com")
	},
	certificateValidationToken: func(a *testAccount) map[string]any {
		certificate := a.create(certificateToken, certificateInputs("www.example.com"))
		a.create(recordToken, proof(certificate))
		return map[string]any{"certificateArn": certificate.id}
	},
}

func TestCertificateValidation(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	certificate := account.create(certificateToken, with(certificateInputs("example.com"), map[string]any{
		"subjectAlternativeNames": []any{"*.example.com", "www.example.com"},
	}))
	options := certificate.outputs["domainValidationOptions"].ArrayValue()
	require.Len(t, options, 3)
	name := func(i int) string { return options[i].ObjectValue()["resourceRecordName"].StringValue() }
	require.Equal(t, name(0), name(1), "a wildcard is proven with its domain")

	validate := func(inputs map[string]any) error {
		_, _, err := account.Create(t.Context(), certificateValidationToken, urn(certificateValidationToken),
			resource.NewPropertyMapFromMap(with(inputs, map[string]any{"certificateArn": certificate.id})), false)
		return err
	}
	account.create(recordToken, proof(certificate))
	require.ErrorContains(t, validate(nil), "PENDING_VALIDATION")
	require.ErrorContains(t, validate(map[string]any{"validationRecordFqdns": []any{name(0)}}), "missing "+name(2)[:10])

	account.create(recordToken, map[string]any{
		"zoneId": ownZoneID, "name": name(2), "type": "CNAME", "ttl": 60,
		"records": []any{options[2].ObjectValue()["resourceRecordValue"].StringValue()},
	})
	require.NoError(t, validate(nil))
	_, state, err := account.Read(certificateToken, certificate.id)
	require.NoError(t, err)
	require.Equal(t, certificateIssued, state["status"].StringValue())
}

func certificateInputs(domain string) map[string]any {
	return map[string]any{"domainName": domain, "validationMethod": "DNS"}
}

// proof returns the record that proves a certificate's domain.
func proof(certificate created) map[string]any {
	option := certificate.outputs["domainValidationOptions"].ArrayValue()[0].ObjectValue()
	return map[string]any{
		"zoneId": ownZoneID, "name": option["resourceRecordName"].StringValue(), "type": "CNAME", "ttl": 60,
		"records": []any{option["resourceRecordValue"].StringValue()},
	}
}

// certificate returns the ARN of an issued certificate.
func (a *testAccount) certificate(domain string) string {
	a.t.Helper()
	certificate := a.create(certificateToken, certificateInputs(domain))
	a.create(recordToken, proof(certificate))
	return a.create(certificateValidationToken, map[string]any{"certificateArn": certificate.id}).id
}

func TestCertificateInputsRejected(t *testing.T) {
	t.Parallel()
	runInputRejections(t, []inputRejection{
		{certificateToken, "domainName", map[string]any{"domainName": "not a name"}},
		{certificateToken, "domainName", map[string]any{"domainName": strings.Repeat("a", 53) + ".example.com"}},
		{certificateToken, "subjectAlternativeNames[0]", map[string]any{"subjectAlternativeNames": []any{"*.*.example.com"}}},
		{certificateToken, "keyAlgorithm", map[string]any{"keyAlgorithm": "RSA"}},
	})
}

func TestCertificateChanges(t *testing.T) {
	t.Parallel()
	runChanges(t, []change{
		{certificateToken, "names", true, map[string]any{"subjectAlternativeNames": []any{"a.example.com"}}},
	})
}

func TestCertificateRejections(t *testing.T) {
	t.Parallel()
	runRejections(t, []rejection{
		{
			"certificate for no name", "ValidationException", certificateToken,
			but(certificateToken, map[string]any{"domainName": nil}),
		},
	})
}
