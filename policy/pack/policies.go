package pack

import (
	"context"
	"slices"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"stagecraft/policy/rule"
)

// policies is the pack as policyx asks for it. For each resource, policyx reads all its properties again for each policy
// that there is, however few judge its type: with 200 rules that takes longer than the preview itself. So each call gets
// a list of its own whose first policy, once it knows the resource's type, empties the places of those that do not judge
// it; policyx passes over what is nil.
type policies struct {
	settings policyx.ResourceValidationPolicy
	rest     []policyx.Policy
	// types are what each of the rest judges, nil for those that judge no single resource.
	types [][]string
}

// Name implements policyx.PolicyPack.
func (p *policies) Name() string { return name }

// Version implements policyx.PolicyPack.
func (p *policies) Version() semver.Version { return version }

// Policies implements policyx.PolicyPack.
func (p *policies) Policies() []policyx.Policy {
	list := make([]policyx.Policy, 1, 1+len(p.rest))
	list = append(list, p.rest...)
	list[0] = &first{ResourceValidationPolicy: p.settings, types: p.types, rest: list[1:]}
	return list
}

// first is the policy of the settings, at the head of one list.
type first struct {
	policyx.ResourceValidationPolicy

	types [][]string
	rest  []policyx.Policy
}

// Validate implements policyx.ResourceValidationPolicy.
func (f *first) Validate(ctx context.Context, args policyx.ResourceValidationArgs) error {
	token := rule.Canonical(args.Resource.Type)
	for i, types := range f.types {
		if !slices.Contains(types, token) {
			f.rest[i] = nil
		}
	}
	return f.ResourceValidationPolicy.Validate(ctx, args)
}
