package loadbalancer

import (
	"strings"

	"stagecraft/internal/validate"
)

// Limits of a target group (Elastic Load Balancing API Reference, "CreateTargetGroup" and "TargetGroupAttribute").
const (
	maxPort                = 65535
	maxPathLength          = 1024
	maxDeregistrationDelay = 3600
)

func (a *Args) validate() error {
	var problems validate.Problems
	if a.AccountID == "" {
		problems.Addf("AccountID must be set")
	}
	if a.Targets != nil {
		problems.Add(a.Targets.validate())
	}
	if a.Public == nil && a.CloudFront == nil {
		problems.Addf("Public or CloudFront must be set, or nobody can connect")
	}
	if a.Targets != nil && a.Public == nil {
		problems.Addf("Targets without Public: leave them out, and have rules demand the secret header")
	}
	if a.Public != nil && len(a.Public.OtherCertificateArns) > 0 && !a.Public.https() {
		problems.Addf("Public.OtherCertificateArns without CertificateArn: clients that name no host get the first certificate")
	}
	if a.CloudFront != nil && len(a.CloudFront.OtherCertificateArns) > 0 {
		problems.Addf("CloudFront.OtherCertificateArns is set: CloudFront connects to one name, whose certificate is CertificateArn")
	}
	problems.Retention("AccessLogRetentionDays", a.AccessLogRetentionDays)
	return problems.Err()
}

func (t *Targets) validate() error {
	var problems validate.Problems
	if t.Port < 1 || t.Port > maxPort {
		problems.Addf("Targets.Port is %d: it must be 1 to %d", t.Port, maxPort)
	}
	if !strings.HasPrefix(t.HealthCheckPath, "/") || len(t.HealthCheckPath) > maxPathLength {
		problems.Addf("Targets.HealthCheckPath is %q: it must begin with / and have %d characters at most", t.HealthCheckPath, maxPathLength)
	}
	if t.DeregistrationDelay < 0 || t.DeregistrationDelay > maxDeregistrationDelay {
		problems.Addf("Targets.DeregistrationDelay is %d: it must be 1 to %d seconds, or 0 for the default of %d",
			t.DeregistrationDelay, maxDeregistrationDelay, defaultDeregistrationDelay)
	}
	return problems.Err()
}
