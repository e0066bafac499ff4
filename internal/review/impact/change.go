package impact

import (
	"cmp"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

	"stagecraft/internal/review/plan"
)

// Op is what happens to a resource, replacements as one.
type Op string

// What can happen to a resource.
const (
	Create  Op = "create"
	Update  Op = "update"
	Replace Op = "replace"
	Delete  Op = "delete"
)

// Change is what happens to one resource.
type Change struct {
	Op   Op           `json:"op"`
	URN  resource.URN `json:"urn"`
	Type tokens.Type  `json:"type"`
	Name string       `json:"name"`
	// Properties are those that change, tags and the provider's own aside.
	Properties []Property `json:"properties"`
	// Protected: the engine refuses to delete or replace it.
	Protected bool `json:"protected"`
	// Retained: when Pulumi deletes it, it stays on AWS.
	Retained bool `json:"retained"`
}

// change is a Change with what the engine knows of it.
type change struct {
	Change

	old, new map[string]any
	// gap: the old one is deleted before the new one exists.
	gap bool
}

func (c change) tier() string { return plan.Tier(c.URN) }

// changesOf gives the resources that change. The engine comes to them in another order each time, so that they are put in
// one here.
func changesOf(of plan.Plan) []change {
	var changes []change
	index := map[resource.URN]int{}
	for _, step := range of.Steps {
		op, changing := operation(step.Op)
		if !changing || !onAWS(step.URN, stateOf(step)) {
			continue
		}
		at, known := index[step.URN]
		if !known {
			at = len(changes)
			index[step.URN] = at
			changes = append(changes, change{
				Change: Change{Op: op, URN: step.URN, Type: step.URN.Type(), Name: step.URN.Name(), Properties: []Property{}},
				gap:    step.Op == apitype.OpDeleteReplaced,
			})
		}
		changes[at].take(step)
	}
	slices.SortFunc(changes, func(a, b change) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Name, b.Name), cmp.Compare(a.URN, b.URN))
	})
	return changes
}

// stateOf is a state of the resource, the old one if there is one.
func stateOf(step plan.Step) *apitype.ResourceV3 {
	if step.Old != nil {
		return step.Old
	}
	return step.New
}

func (c *change) take(step plan.Step) {
	if step.Old != nil {
		c.old = step.Old.Inputs
		c.Protected, c.Retained = step.Old.Protect, step.Old.RetainOnDelete
	}
	if step.New != nil {
		c.new = step.New.Inputs
	}
	if c.Op == Create {
		c.Protected, c.Retained = step.New.Protect, step.New.RetainOnDelete
	}
	for _, found := range properties(step) {
		same := func(known Property) bool { return known.Path == found.Path }
		if !slices.ContainsFunc(c.Properties, same) {
			c.Properties = append(c.Properties, found)
		}
	}
}

// operation folds the engine's steps of a replacement into one.
func operation(op apitype.OpType) (Op, bool) {
	switch op {
	case apitype.OpCreate, apitype.OpImport:
		return Create, true
	case apitype.OpUpdate:
		return Update, true
	case apitype.OpReplace, apitype.OpCreateReplacement, apitype.OpDeleteReplaced, apitype.OpImportReplacement:
		return Replace, true
	case apitype.OpDelete, apitype.OpDiscardReplaced:
		return Delete, true
	default:
		return "", false
	}
}
