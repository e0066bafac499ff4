package rules

import (
	"stagecraft/policy/rule"
)

// reference is a property of a type that refers to other resources.
type reference struct{ token, property string }

// anyRefers reports whether a resource of a type refers, or may refer, to another by a property.
func anyRefers(s *rule.Stack, typ, property string, to *rule.Resource) bool {
	for _, from := range s.ResourcesOfType(typ) {
		if s.MightReference(from, property, to) {
			return true
		}
	}
	return false
}

// referring returns the resources by the resource of the type `to` that their property refers to. sure is false if one
// of them may refer to any.
func referring(
	s *rule.Stack, resources []*rule.Resource, property, to string,
) (referrers map[*rule.Resource][]*rule.Resource, sure bool) {
	referrers, sure = map[*rule.Resource][]*rule.Resource{}, true
	for _, from := range resources {
		targets, known := s.References(from, property, to)
		sure = sure && known
		for _, target := range targets {
			referrers[target] = append(referrers[target], from)
		}
	}
	return referrers, sure
}

// computes reports whether a stack contains resources that run a program.
func computes(s *rule.Stack) bool {
	return len(s.ResourcesOfType(ec2Instance, autoscalingGroup, ecsService, lambdaFunction)) > 0
}

// stackHas returns an evaluation that reports stacks that need something and do not have it.
func stackHas(needs func(*rule.Stack) bool, has func(*rule.Stack) bool, missing string) func(*rule.Stack) {
	return func(s *rule.Stack) {
		if needs(s) && !has(s) {
			s.Report(missing)
		}
	}
}

// functionsIn returns the functions that a property refers to, directly or by an alias.
func functionsIn(s *rule.Stack, from *rule.Resource, property string) (functions []*rule.Resource, sure bool) {
	functions, sure = s.References(from, property, lambdaFunction)
	aliases, _ := s.References(from, property, lambdaAlias)
	for _, alias := range aliases {
		targets, _ := s.References(alias, "functionName", lambdaFunction)
		functions = append(functions, targets...)
	}
	return functions, sure || len(functions) > 0
}
