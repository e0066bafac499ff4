package functions

import (
	"maps"
	"regexp"
	"slices"

	"stagecraft/internal/validate"
)

// Limits of Lambda (AWS Lambda Developer Guide, "Lambda quotas"), and of API Gateway's time limit (API Gateway
// Developer Guide, "Quotas for configuring and running an HTTP API in API Gateway").
const (
	minMemoryMiB, maxMemoryMiB = 128, 10240
	maxTimeoutSeconds          = 29
	maxDescription             = 256
)

var (
	variable = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]+$`)
	routeKey = regexp.MustCompile(`^(ANY|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT) (/[\w.~-]+|/\{\w+\+?\})+$`)
)

// validate returns all problems of the arguments.
func (a *Args) validate() error {
	var problems validate.Problems
	if a.AlarmTopicArn == nil {
		problems.Addf("AlarmTopicArn must be set")
	}
	if a.Description == "" || len(a.Description) > maxDescription {
		problems.Addf("Description has %d characters: it must have 1 to %d", len(a.Description), maxDescription)
	}
	if err := validateArchive(a.Archive); err != nil {
		problems.Addf("Archive is %q: %w", a.Archive, err)
	}
	if a.MemoryMiB < minMemoryMiB || a.MemoryMiB > maxMemoryMiB {
		problems.Addf("MemoryMiB is %d: Lambda accepts %d to %d", a.MemoryMiB, minMemoryMiB, maxMemoryMiB)
	}
	if a.TimeoutSeconds < 1 || a.TimeoutSeconds > maxTimeoutSeconds {
		problems.Addf("TimeoutSeconds is %d: it must be 1 to %d, since API Gateway waits for 30", a.TimeoutSeconds, maxTimeoutSeconds)
	}
	for _, name := range slices.Sorted(maps.Keys(a.Environment)) {
		if !variable.MatchString(name) || a.Environment[name] == nil {
			problems.Addf("Environment has %q: a name must have two or more letters, digits and underscores, a letter first, and a value", name)
		}
	}
	if a.ReservedConcurrency < 0 || a.ProvisionedConcurrency < 0 {
		problems.Addf("ReservedConcurrency is %d and ProvisionedConcurrency %d: they must be 1 or more, or 0 for none",
			a.ReservedConcurrency, a.ProvisionedConcurrency)
	}
	if a.ReservedConcurrency > 0 && a.ProvisionedConcurrency > a.ReservedConcurrency {
		problems.Addf("ProvisionedConcurrency is %d: ReservedConcurrency allows %d at most", a.ProvisionedConcurrency,
			a.ReservedConcurrency)
	}
	problems.Retention("LogRetentionDays", a.LogRetentionDays)
	return problems.Err()
}

// validate returns all problems of the arguments.
func (a *APIArgs) validate() error {
	var problems validate.Problems
	if a.AlarmTopicArn == nil {
		problems.Addf("AlarmTopicArn must be set")
	}
	if len(a.Routes) == 0 {
		problems.Addf("it must have Routes")
	}
	for _, key := range slices.Sorted(maps.Keys(a.Routes)) {
		if !routeKey.MatchString(key) {
			problems.Addf(`Routes has %q: it must be a method and a path, such as "GET /visits"`, key)
		}
		if a.Routes[key] == nil {
			problems.Addf("Routes has no function for %q", key)
		}
	}
	if a.RequestsPerSecond < 1 || a.Burst < 1 {
		problems.Addf("RequestsPerSecond is %d and Burst %d: they must be 1 or more, or the API accepts no request",
			a.RequestsPerSecond, a.Burst)
	}
	problems.Retention("LogRetentionDays", a.LogRetentionDays)
	return problems.Err()
}
