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
	if a.TargetPort < 1 || a.TargetPort > maxPort {
		refuse("TargetPort is %d: it takes 1 to %d", a.TargetPort, maxPort)
	}
	if !strings.HasPrefix(a.HealthCheckPath, "/") || len(a.HealthCheckPath) > maxPathLength {
		refuse("HealthCheckPath is %q: it starts with / and has %d characters at most", a.HealthCheckPath, maxPathLength)
	}
	if a.DeregistrationDelay < 0 || a.DeregistrationDelay > maxDeregistrationDelay {
		refuse("DeregistrationDelay is %d: it takes 1 to %d seconds, or 0 for %d",
			a.DeregistrationDelay, maxDeregistrationDelay, defaultDeregistrationDelay)
	}
	if a.AccessLogRetentionDays < 1 {
		refuse("AccessLogRetentionDays is %d: keep access logs for a day at least", a.AccessLogRetentionDays)
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
