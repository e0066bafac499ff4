package frontend

import (
	"regexp"
	"slices"
	"strings"

	limits "stagecraft/internal/awslimits/cloudfront"
	"stagecraft/internal/validate"
)

// Limits of an origin (Amazon CloudFront Developer Guide, "Origin settings" and "Quotas").
const (
	minTimeout = 1
	maxTimeout = 60
	httpPort   = 80
	httpsPort  = 443
	minPort    = 1024
	maxPort    = 65535
)

// pathPattern has the characters that CloudFront accepts (Amazon CloudFront API Reference, "CacheBehavior").
var pathPattern = regexp.MustCompile(`^/[A-Za-z0-9_\-.*$/~"'@:+&?]{1,254}$`)

func (a *Args) validate() error {
	var problems validate.Problems
	if a.AccountID == "" || a.AlarmTopicArn == nil || a.Global.AlarmTopicArn == nil {
		problems.Addf("AccountID, AlarmTopicArn and Global.AlarmTopicArn must be set")
	}
	if (len(a.Aliases) == 0) != (a.CertificateArn == nil) {
		problems.Addf("Aliases are %v: set them together with CertificateArn, a certificate in us-east-1 for these names", a.Aliases)
	}
	if a.PriceClass != "" && !slices.Contains(limits.PriceClasses(), a.PriceClass) {
		problems.Addf("PriceClass is %q: it must be one of %v", a.PriceClass, limits.PriceClasses())
	}
	if !knownShield(a.OriginShield) {
		problems.Addf("OriginShield is %q: it must be one of %v", a.OriginShield, limits.ShieldRegions())
	}
	problems.Retention("LogRetentionDays", a.LogRetentionDays)
	problems.Add(a.validateOrigins())
	return problems.Err()
}

// validateOrigins rejects origins with the name or a path pattern of another origin or of the app.
func (a *Args) validateOrigins() error {
	var problems validate.Problems
	names, patterns := []string{appOrigin}, []string{assetPattern, "/*"}
	for _, origin := range a.Origins {
		if slices.Contains(names, origin.Name) {
			problems.Addf("the origin %q exists twice, or has the app's own name: rename it", origin.Name)
		}
		names = append(names, origin.Name)
		for _, pattern := range origin.PathPatterns {
			if slices.Contains(patterns, pattern) {
				problems.Addf("the origin %q has the path pattern %q, which is in use already: remove it",
					origin.Name, pattern)
			}
			patterns = append(patterns, pattern)
		}
		if err := origin.validate(); err != nil {
			problems.Addf("origin %q: %w", origin.Name, err)
		}
	}
	return problems.Err()
}

func (o Origin) validate() error {
	var problems validate.Problems
	if !validate.Name.MatchString(o.Name) {
		problems.Addf("Name must be in kebab case, such as \"load-balancer\"")
	}
	if o.DomainName == nil || len(o.PathPatterns) == 0 {
		problems.Addf("DomainName and PathPatterns must be set")
	}
	if o.Protocol != "http-only" && o.Protocol != "https-only" {
		problems.Addf("Protocol is %q: it must be http-only or https-only", o.Protocol)
	}
	if o.Timeout != 0 && (o.Timeout < minTimeout || o.Timeout > maxTimeout) {
		problems.Addf("Timeout is %d: it must be %d to %d seconds, or 0 for the default of %d",
			o.Timeout, minTimeout, maxTimeout, defaultTimeout)
	}
	if o.Port != 0 && o.Port != httpPort && o.Port != httpsPort && (o.Port < minPort || o.Port > maxPort) {
		problems.Addf("Port is %d: it must be %d, %d, or %d to %d", o.Port, httpPort, httpsPort, minPort, maxPort)
	}
	if !knownShield(o.Shield) {
		problems.Addf("Shield is %q: it must be one of %v", o.Shield, limits.ShieldRegions())
	}
	for _, pattern := range o.PathPatterns {
		if !pathPattern.MatchString(pattern) {
			problems.Addf("the path pattern %q must begin with / and have no spaces, such as \"/api/*\"", pattern)
		}
	}
	for name := range o.Headers {
		if !settableHeader(name) {
			problems.Addf("CloudFront does not allow the header %q to be set: use a name such as X-Origin-Verify", name)
		}
	}
	return problems.Err()
}

// knownShield reports whether a region offers Origin Shield; "" is none.
func knownShield(region string) bool {
	return region == "" || slices.Contains(limits.ShieldRegions(), region)
}

// fixedHeaders are some of those that CloudFront sets itself (Amazon CloudFront Developer Guide, "Add custom headers to
// origin requests").
var fixedHeaders = []string{
	"cache-control", "connection", "content-length", "cookie", "host", "if-match", "if-modified-since", "if-none-match",
	"if-range", "if-unmodified-since", "max-forwards", "pragma", "proxy-authenticate", "proxy-authorization",
	"proxy-connection", "range", "request-range", "te", "trailer", "transfer-encoding", "upgrade", "via", "x-real-ip",
}

// settableHeader reports whether CloudFront allows an origin's header to be set.
func settableHeader(name string) bool {
	lower := strings.ToLower(name)
	return lower != "" && !slices.Contains(fixedHeaders, lower) &&
		!strings.HasPrefix(lower, "x-amz-") && !strings.HasPrefix(lower, "x-edge-")
}
