package services

import (
	"errors"
	"maps"
	"regexp"
	"slices"

	"stagecraft/internal/awslimits/ecs"
	"stagecraft/internal/awslimits/elasticloadbalancing"
	"stagecraft/internal/awslimits/fargate"
	"stagecraft/internal/validate"
)

// portVariable is the environment variable that holds the port on which the service listens.
const portVariable = "PORT"

// maxName leaves room for Pulumi's random suffix in the shortest name that AWS accepts, a target group's of 32
// characters.
const maxName = 24

var (
	headerName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}$`)
	variable   = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

func (a *Args) validate(name string) error {
	var problems validate.Problems
	if len(name) > maxName || !validate.Name.MatchString(name) {
		problems.Addf("its name must have %d characters at most: lower-case letters, digits and single hyphens, a letter first", maxName)
	}
	if a.Cluster == nil || a.AccountID == "" || a.Region == "" {
		problems.Addf("Cluster, AccountID and Region must be set")
	}
	if a.VpcID == nil || a.SubnetIDs == nil || a.AlarmTopicArn == nil {
		problems.Addf("VpcID, SubnetIDs and AlarmTopicArn must be set")
	}
	if a.Image != "" {
		if err := ecs.CheckImage(a.Image); err != nil {
			problems.Addf("Image is %w", err)
		}
	}
	if err := fargate.CheckSize(a.CPU, a.MemoryMiB); err != nil {
		problems.Addf("CPU and MemoryMiB: %w", err)
	}
	problems.Retention("LogRetentionDays", a.LogRetentionDays)
	problems.Add(errors.Join(a.validateVariables(), a.Route.validate(), a.Scaling.validate()))
	return problems.Err()
}

func (a *Args) validateVariables() error {
	var problems validate.Problems
	known := []string{portVariable}
	for _, variables := range []string{"Environment", "Parameters"} {
		values := a.Environment
		if variables == "Parameters" {
			values = a.Parameters
		}
		for _, name := range slices.Sorted(maps.Keys(values)) {
			switch {
			case !variable.MatchString(name):
				problems.Addf("%s has %q: it must be the name of an environment variable", variables, name)
			case values[name] == nil:
				problems.Addf("%s has no value for %q", variables, name)
			case slices.Contains(known, name):
				problems.Addf("%s has %q, which the service has already", variables, name)
			}
			known = append(known, name)
		}
	}
	return problems.Err()
}

func (r Route) validate() error {
	var problems validate.Problems
	if r.ListenerArn == nil || r.ArnSuffix == nil || r.SecurityGroupID == nil {
		problems.Addf("Route.ListenerArn, Route.ArnSuffix and Route.SecurityGroupID must be set")
	}
	if len(r.Paths) < 1 || len(r.Paths) > elasticloadbalancing.MaxPaths {
		problems.Addf("Route.Paths has %d paths: a rule accepts 1 to %d", len(r.Paths), elasticloadbalancing.MaxPaths)
	}
	for _, path := range r.Paths {
		if err := elasticloadbalancing.CheckPath(path); err != nil {
			problems.Addf("Route.Paths has %w", err)
		}
	}
	if wildcards := elasticloadbalancing.Wildcards(r.Paths); wildcards > elasticloadbalancing.MaxWildcards {
		problems.Addf("Route.Paths has %d wildcards: a rule accepts %d", wildcards, elasticloadbalancing.MaxWildcards)
	}
	if r.Priority < 0 || r.Priority > elasticloadbalancing.MaxPriority {
		problems.Addf("Route.Priority is %d: it must be 1 to %d, or 0 for one derived from the paths",
			r.Priority, elasticloadbalancing.MaxPriority)
	}
	if w := r.WeightedRoute; w != nil && (w.ListenerArn == nil || w.TargetGroupArn == nil || w.Percent < 0 || w.Percent > allRequests) {
		problems.Addf("Route.WeightedRoute has %d percent: it must have 0 to %d, a ListenerArn and a TargetGroupArn", w.Percent, allRequests)
	}
	if r.OriginHeader != nil && (!headerName.MatchString(r.OriginHeader.Name) || r.OriginHeader.Values == nil) {
		problems.Addf("Route.OriginHeader is %q: it must have values, and a name of 1 to 40 letters, digits, hyphens and "+
			"underscores", r.OriginHeader.Name)
	}
	return problems.Err()
}

func (s Scaling) validate() error {
	var problems validate.Problems
	if s.Min < 2 || s.Max < s.Min {
		problems.Addf("Scaling is from %d to %d tasks: Min must be 2 or more, so that a zone may fail, and Max not less than Min", s.Min, s.Max)
	}
	if err := s.Signal.Check(); err != nil {
		problems.Addf("Scaling.%w", err)
	}
	if err := s.Signal.CheckTarget(s.Target); err != nil {
		problems.Addf("Scaling.%w", err)
	}
	return problems.Err()
}
