package impact

import (
	"cmp"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

	"stagecraft/internal/review/plan"
)

// Op is the operation on a resource; the steps of a replacement are one.
type Op string

// The operations on a resource.
const (
	Create  Op = "create"
	Update  Op = "update"
	Replace Op = "replace"
	Delete  Op = "delete"
)

// Change is the change of one resource.
type Change struct {
	Op   Op           `json:"op"`
	URN  resource.URN `json:"urn"`
	Type tokens.Type  `json:"type"`
	Name string       `json:"name"`
	// Properties are those that change, except tags and the provider's own.
	Properties []Property `json:"properties"`
	// Protected: the engine rejects deleting or replacing it.
	Protected bool `json:"protected"`
	// Retained: it stays on AWS when Pulumi deletes it.
	Retained bool `json:"retained"`
}

// change is a Change with the inputs of the resource before and after it.
type change struct {
	Change

	old, new map[string]any
	// deleteBeforeCreate: a replacement deletes the old resource before it creates the new one.
	deleteBeforeCreate bool
}

func (c change) tier() string { return plan.Tier(c.URN) }

// changesOf returns the changes of an update, sorted: the order of the engine's steps differs each time.
func changesOf(update plan.Plan) []change {
	var changes []change
	index := map[resource.URN]int{}
	for _, step := range update.Steps {
		op, changing := operation(step.Op)
		if !changing || !onAWS(step.URN, stateOf(step)) {
			continue
		}
		at, known := index[step.URN]
		if !known {
			at = len(changes)
			index[step.URN] = at
			changes = append(changes, change{
				Change:             Change{Op: op, URN: step.URN, Type: step.URN.Type(), Name: step.URN.Name(), Properties: []Property{}},
				deleteBeforeCreate: step.Op == apitype.OpDeleteReplaced,
			})
		}
		changes[at].add(step)
	}
	slices.SortFunc(changes, func(a, b change) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Name, b.Name), cmp.Compare(a.URN, b.URN))
	})
	return changes
}

// stateOf returns the state before the step, or else the one after it.
func stateOf(step plan.Step) *apitype.ResourceV3 {
	if step.Old != nil {
		return step.Old
	}
	return step.New
}

func (c *change) add(step plan.Step) {
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
	for _, property := range properties(step) {
		same := func(known Property) bool { return known.Path == property.Path }
		if !slices.ContainsFunc(c.Properties, same) {
			c.Properties = append(c.Properties, property)
		}
	}
}

// operation returns the operation that a step is part of, and whether it changes the resource.
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
