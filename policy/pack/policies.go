package pack

import (
	"context"
	"slices"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"stagecraft/policy/rule"
)

// policies is the pack as policyx asks for it. For each resource, policyx reads all its properties again for each policy
// that there is, however few judge its type: with 200 rules that takes longer than the preview itself. So each call gets
// a list of its own whose first policy, once it knows the resource's type, empties the places of those that have nothing
// to do with it; policyx passes over what is nil.
type policies struct {
	settings *resourcePolicy
	rest     []listed
}

// listed is a policy in the list.
type listed struct {
	policyx.Policy

	// types are what it judges or changes, nil where it judges no single resource.
	types []string
	// taken is what it is configured with, nil for remediations.
	taken *configuration
}

// Name implements policyx.PolicyPack.
func (p *policies) Name() string { return name }

// Version implements policyx.PolicyPack.
func (p *policies) Version() semver.Version { return version }

// Policies implements policyx.PolicyPack.
func (p *policies) Policies() []policyx.Policy {
	list := make([]policyx.Policy, 1, 1+len(p.rest))
	for _, each := range p.rest {
		list = append(list, each.Policy)
	}
	list[0] = &first{resourcePolicy: p.settings, rest: p.rest, places: list[1:]}
	return list
}

// first is the policy of the settings, at the head of one list.
type first struct {
	*resourcePolicy

	rest   []listed
	places []policyx.Policy
}

// Validate implements policyx.ResourceValidationPolicy.
func (f *first) Validate(ctx context.Context, args policyx.ResourceValidationArgs) error {
	token := rule.Canonical(args.Resource.Type)
	f.keep(func(each listed) bool { return slices.Contains(each.types, token) })
	return f.resourcePolicy.Validate(ctx, args)
}

// Remediate implements policyx.ResourceRemediationPolicy.
func (f *first) Remediate(ctx context.Context, args policyx.ResourceRemediationArgs) (*property.Map, error) {
	token := rule.Canonical(args.Resource.Type)
	f.keep(func(each listed) bool {
		if each.taken != nil {
			return !each.taken.here()
		}
		return slices.Contains(each.types, token)
	})
	return f.resourcePolicy.Remediate(ctx, args)
}

func (f *first) keep(needed func(listed) bool) {
	for i, each := range f.rest {
		if !needed(each) {
			f.places[i] = nil
		}
	}
}
