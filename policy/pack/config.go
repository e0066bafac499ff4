package pack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"

	"github.com/agext/levenshtein"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"stagecraft/policy/rule"
)

// configuration is what one policy is configured with. policyx hands it to policies of resources, never to those of a
// stack, and to remediations of any name. So each policy is a remediation, too: one that changes nothing, and takes its
// configuration over when the engine asks for the remediations of the first resource, before anything is judged.
type configuration struct {
	// check refuses what the schema can't.
	check func(map[string]any) error
	taken atomic.Pointer[map[string]any]
}

// Remediate implements policyx.ResourceRemediationPolicy.
func (c *configuration) Remediate(_ context.Context, args policyx.ResourceRemediationArgs) (*property.Map, error) {
	return nil, c.take(args.Config)
}

func (c *configuration) take(properties map[string]any) error {
	if c.here() {
		return nil
	}
	if err := c.check(properties); err != nil {
		return err
	}
	c.taken.CompareAndSwap(nil, &properties)
	return nil
}

// here tells whether the configuration has come.
func (c *configuration) here() bool { return c.taken.Load() != nil }

// get is nil before the configuration has come.
func (c *configuration) get() map[string]any {
	if taken := c.taken.Load(); taken != nil {
		return *taken
	}
	return nil
}

// resourcePolicy and stackPolicy are policies with what they are configured with.
type (
	resourcePolicy struct {
		policyx.ResourceValidationPolicy
		*configuration
	}
	stackPolicy struct {
		policyx.StackValidationPolicy
		*configuration
	}
)

// checkKeys refuses keys that a policy does not have: the engine passes them on.
func checkKeys(policy string, properties map[string]any, schema *policyx.ConfigSchema) error {
	known := []string{"enforcementLevel"}
	if schema != nil {
		known = slices.AppendSeq(known, maps.Keys(schema.Properties))
	}
	var errs []error
	for _, key := range slices.Sorted(maps.Keys(properties)) {
		if !slices.Contains(known, key) {
			errs = append(errs, fmt.Errorf("%s: there is no key %q: did you mean %q?", policy, key, nearest(key, known)))
		}
	}
	return errors.Join(errs...)
}

// nearest is the name that is most like one that there is not.
func nearest(unknown string, known []string) string {
	return slices.MaxFunc(slices.Sorted(slices.Values(known)), func(a, b string) int {
		return cmp.Compare(levenshtein.Similarity(a, unknown, nil), levenshtein.Similarity(b, unknown, nil))
	})
}

// schema is the JSON schema of a rule's numbers.
func schema(of *rule.Rule) *policyx.ConfigSchema {
	if len(of.Numbers) == 0 {
		return nil
	}
	properties := map[string]map[string]any{}
	for name, number := range of.Numbers {
		properties[name] = map[string]any{
			"type": "number", "description": number.Description,
			"default": number.Default, "minimum": number.Least, "maximum": number.Most,
		}
	}
	return &policyx.ConfigSchema{Properties: properties}
}
