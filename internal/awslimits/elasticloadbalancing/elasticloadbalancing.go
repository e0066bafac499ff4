// Package elasticloadbalancing knows what a rule of an application load balancer's listener accepts.
package elasticloadbalancing

import (
	"fmt"
	"regexp"
	"strings"
)

// Limits of the path patterns of a rule (Application Load Balancers guide, "Condition types for listener rules" and
// quotas): three in a condition beside a header, and five wildcards.
const (
	MaxPaths      = 3
	MaxPathLength = 128
	MaxWildcards  = 5
)

// MaxPriority is the greatest priority of a rule (Elastic Load Balancing API Reference, "CreateRule").
const MaxPriority = 50000

var pathPattern = regexp.MustCompile(`^/[A-Za-z0-9_.$/~"'@:+&*?-]*$`)

// CheckPath rejects a path pattern that a rule does not accept.
func CheckPath(path string) error {
	if len(path) > MaxPathLength || !pathPattern.MatchString(path) {
		return fmt.Errorf(`%q: a path must begin with / and have %d characters at most: letters, digits, _-.$/~"'@:+& and `+
			"the wildcards * and ?", path, MaxPathLength)
	}
	return nil
}

// Wildcards returns the number of wildcards of path patterns.
func Wildcards(paths []string) int {
	all := strings.Join(paths, "")
	return strings.Count(all, "*") + strings.Count(all, "?")
}

// Matches reports whether a path pattern matches a path: * stands for any characters, ? for one (Application Load
// Balancers guide, "Path conditions").
func Matches(pattern, path string) bool {
	expression := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern))
	return regexp.MustCompile("^" + expression + "$").MatchString(path)
}
