package services

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"stagecraft/internal/awslimits/fargate"
)

// portVariable is the environment variable that holds the port on which the service listens.
const portVariable = "PORT"

// maxName leaves room for Pulumi's random suffix in the shortest name that AWS accepts, a target group's of 32
// characters.
const maxName = 24

// Limits of a rule (Application Load Balancers guide, "Condition types for listener rules"): three values a condition,
// of up to 128 characters each, five of them in all, and five wildcards (quotas).
const (
	maxPaths      = 3
	maxPathLength = 128
	maxWildcards  = 5
)

var (
	serviceName = regexp.MustCompile(`^[a-z]([a-z0-9]|-[a-z0-9])*$`)
	pathPattern = regexp.MustCompile(`^/[A-Za-z0-9_.$/~"'@:+&*?-]*$`)
	headerName  = regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}$`)
	variable    = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	// pinnedImage ends in a tag or a digest.
	pinnedImage = regexp.MustCompile(`^[a-z0-9.-]+(:\d+)?(/[a-z0-9._-]+)+(:[\w][\w.-]{0,127}|@sha256:[0-9a-f]{64})$`)
	latestImage = regexp.MustCompile(`:latest$`)
)

func (a *Args) validate(name string) error {
	var errs []error
	refuse := func(format string, values ...any) { errs = append(errs, fmt.Errorf(format, values...)) }

	if len(name) > maxName || !serviceName.MatchString(name) {
		refuse("its name must have %d characters at most: lower-case letters, digits and single hyphens, a letter first", maxName)
	}
	if a.Cluster == nil || a.AccountID == "" || a.Region == "" {
		refuse("Cluster, AccountID and Region must be set")
	}
	if a.VpcID == nil || a.SubnetIDs == nil || a.AlarmTopicArn == nil {
		refuse("VpcID, SubnetIDs and AlarmTopicArn must be set")
	}
	if a.Image != "" && (!pinnedImage.MatchString(a.Image) || latestImage.MatchString(a.Image)) {
		refuse("Image is %q: it must name its registry, and a tag other than latest or a digest, such as "+
			"public.ecr.aws/nginx/nginx-unprivileged:1.28-alpine", a.Image)
	}
	if err := fargate.CheckSize(a.CPU, a.MemoryMiB); err != nil {
		refuse("CPU and MemoryMiB: %w", err)
	}
	if a.LogRetentionDays < 1 {
		refuse("LogRetentionDays is %d: it must be 1 or more, or logs are kept forever", a.LogRetentionDays)
	}
	return errors.Join(append(errs, a.validateVariables(), a.Route.validate(), a.Scaling.validate())...)
}

func (a *Args) validateVariables() error {
	var errs []error
	known := []string{portVariable}
	for _, variables := range []string{"Environment", "Parameters"} {
		values := a.Environment
		if variables == "Parameters" {
			values = a.Parameters
		}
		for _, name := range slices.Sorted(maps.Keys(values)) {
			switch {
			case !variable.MatchString(name):
				errs = append(errs, fmt.Errorf("%s has %q: it must be the name of an environment variable", variables, name))
			case values[name] == nil:
				errs = append(errs, fmt.Errorf("%s has no value for %q", variables, name))
			case slices.Contains(known, name):
				errs = append(errs, fmt.Errorf("%s has %q, which the service has already", variables, name))
			}
			known = append(known, name)
		}
	}
	return errors.Join(errs...)
}

func (r Route) validate() error {
	var errs []error
	refuse := func(format string, values ...any) { errs = append(errs, fmt.Errorf(format, values...)) }

	if r.ListenerArn == nil || r.ArnSuffix == nil || r.SecurityGroupID == nil {
		refuse("Route.ListenerArn, Route.ArnSuffix and Route.SecurityGroupID must be set")
	}
	if len(r.Paths) < 1 || len(r.Paths) > maxPaths {
		refuse("Route.Paths has %d paths: a rule accepts 1 to %d", len(r.Paths), maxPaths)
	}
	for _, path := range r.Paths {
		if len(path) > maxPathLength || !pathPattern.MatchString(path) {
			refuse("Route.Paths has %q: a path must begin with / and have %d characters at most: letters, digits, "+
				`_-.$/~"'@:+& and the wildcards * and ?`, path, maxPathLength)
		}
	}
	all := strings.Join(r.Paths, "")
	if wildcards := strings.Count(all, "*") + strings.Count(all, "?"); wildcards > maxWildcards {
		refuse("Route.Paths has %d wildcards: a rule accepts %d", wildcards, maxWildcards)
	}
	if r.Priority < 0 || r.Priority > maxPriority {
		refuse("Route.Priority is %d: it must be 1 to %d, or 0 for one derived from the paths", r.Priority, maxPriority)
	}
	if w := r.WeightedRoute; w != nil && (w.ListenerArn == nil || w.TargetGroupArn == nil || w.Percent < 0 || w.Percent > allRequests) {
		refuse("Route.WeightedRoute has %d percent: it must have 0 to %d, a ListenerArn and a TargetGroupArn", w.Percent, allRequests)
	}
	if r.OriginHeader != nil && (!headerName.MatchString(r.OriginHeader.Name) || r.OriginHeader.Values == nil) {
		refuse("Route.OriginHeader is %q: it must have values, and a name of 1 to 40 letters, digits, hyphens and "+
			"underscores", r.OriginHeader.Name)
	}
	return errors.Join(errs...)
}

func (s Scaling) validate() error {
	var errs []error
	refuse := func(format string, values ...any) { errs = append(errs, fmt.Errorf(format, values...)) }

	if s.Min < 2 || s.Max < s.Min {
		refuse("Scaling is from %d to %d tasks: Min must be 2 or more, so that a zone may fail, and Max not less than Min", s.Min, s.Max)
	}
	if err := s.Signal.Check(); err != nil {
		refuse("Scaling.%w", err)
	}
	if err := s.Signal.CheckTarget(s.Target); err != nil {
		refuse("Scaling.%w", err)
	}
	return errors.Join(errs...)
}
