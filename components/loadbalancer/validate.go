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
	if a.Targets != nil && a.CloudFrontOnly {
		refuse("Targets with CloudFrontOnly: leave one out, and have rules ask for the secret header")
	}
	if len(a.OtherCertificateArns) > 0 && !a.https() {
		refuse("OtherCertificateArns without CertificateArn: the first certificate is that of clients who name none")
	}
	if a.AccessLogRetentionDays < 1 {
		refuse("AccessLogRetentionDays is %d: keep access logs for a day at least", a.AccessLogRetentionDays)
	}
	return errors.Join(errs...)
}

func (t *Targets) validate() error {
	var errs []error
	refuse := func(format string, values ...any) { errs = append(errs, fmt.Errorf(format, values...)) }

	if t.Port < 1 || t.Port > maxPort {
		refuse("Targets.Port is %d: it takes 1 to %d", t.Port, maxPort)
	}
	if !strings.HasPrefix(t.HealthCheckPath, "/") || len(t.HealthCheckPath) > maxPathLength {
		refuse("Targets.HealthCheckPath is %q: it starts with / and has %d characters at most", t.HealthCheckPath, maxPathLength)
	}
	if t.DeregistrationDelay < 0 || t.DeregistrationDelay > maxDeregistrationDelay {
		refuse("Targets.DeregistrationDelay is %d: it takes 1 to %d seconds, or 0 for %d",
			t.DeregistrationDelay, maxDeregistrationDelay, defaultDeregistrationDelay)
	}
	return errors.Join(errs...)
}

func (a *Args) https() bool { return a.CertificateArn != nil }

func (a *Args) scheme() string {
	if a.https() {
		return "https"
	}
	return "http"
}
