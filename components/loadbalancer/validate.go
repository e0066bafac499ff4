package loadbalancer

import (
	"errors"
	"fmt"
	"strings"
)

// Limits of a target group (Elastic Load Balancing API Reference, "CreateTargetGroup" and "TargetGroupAttribute").
const (
	maxPort                = 65535
	maxPathLength          = 1024
	maxDeregistrationDelay = 3600
)

func (a *Args) validate() error {
	var errs []error
	refuse := func(format string, values ...any) { errs = append(errs, fmt.Errorf(format, values...)) }

	if a.AccountID == "" {
		refuse("AccountID must be set")
	}
	if a.Targets != nil {
		errs = append(errs, a.Targets.validate())
	}
	if a.Public == nil && a.CloudFront == nil {
		refuse("Public or CloudFront must be set, or nobody can connect")
	}
	if a.Targets != nil && a.Public == nil {
		refuse("Targets without Public: leave them out, and have rules demand the secret header")
	}
	if a.Public != nil && len(a.Public.OtherCertificateArns) > 0 && !a.Public.https() {
		refuse("Public.OtherCertificateArns without CertificateArn: clients that name no host get the first certificate")
	}
	if a.CloudFront != nil && len(a.CloudFront.OtherCertificateArns) > 0 {
		refuse("CloudFront.OtherCertificateArns is set: CloudFront connects to one name, whose certificate is CertificateArn")
	}
	if a.AccessLogRetentionDays < 1 {
		refuse("AccessLogRetentionDays is %d: it must be 1 or more", a.AccessLogRetentionDays)
	}
	return errors.Join(errs...)
}

func (t *Targets) validate() error {
	var errs []error
	refuse := func(format string, values ...any) { errs = append(errs, fmt.Errorf(format, values...)) }

	if t.Port < 1 || t.Port > maxPort {
		refuse("Targets.Port is %d: it must be 1 to %d", t.Port, maxPort)
	}
	if !strings.HasPrefix(t.HealthCheckPath, "/") || len(t.HealthCheckPath) > maxPathLength {
		refuse("Targets.HealthCheckPath is %q: it must begin with / and have %d characters at most", t.HealthCheckPath, maxPathLength)
	}
	if t.DeregistrationDelay < 0 || t.DeregistrationDelay > maxDeregistrationDelay {
		refuse("Targets.DeregistrationDelay is %d: it must be 1 to %d seconds, or 0 for the default of %d",
			t.DeregistrationDelay, maxDeregistrationDelay, defaultDeregistrationDelay)
	}
	return errors.Join(errs...)
}
