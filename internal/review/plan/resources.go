package plan

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Before returns the resources before the update, in the order of the steps.
func (p Plan) Before() []apitype.ResourceV3 {
	return p.resources(func(step Step) *apitype.ResourceV3 { return step.Old })
}

// After returns the resources after the update. A preview has their inputs only: of resources that stay or are updated
// in place, the ids and outputs are those from before.
func (p Plan) After() []apitype.ResourceV3 {
	return p.resources(func(step Step) *apitype.ResourceV3 {
		if step.New == nil || step.Old == nil || step.Op != apitype.OpSame && step.Op != apitype.OpUpdate {
			return step.New
		}
		after := *step.New
		after.ID, after.Outputs = step.Old.ID, step.Old.Outputs
		return &after
	})
}

// resources returns each resource once, although a replacement has several steps.
func (p Plan) resources(stateOf func(Step) *apitype.ResourceV3) []apitype.ResourceV3 {
	var states []apitype.ResourceV3
	seen := map[resource.URN]bool{}
	for _, step := range p.Steps {
		if state := stateOf(step); state != nil && !seen[step.URN] {
			seen[step.URN] = true
			states = append(states, *state)
		}
	}
	return states
}

// Errors returns the reasons why the engine or the program rejects the update.
func (p Plan) Errors() []string { return p.messages("error", "preview failed") }

// Warnings returns the warnings of the program and the engine.
func (p Plan) Warnings() []string { return p.messages("warning", "") }

// messages returns the messages of a severity without the engine's prefixes, and without its closing line.
func (p Plan) messages(severity, closing string) []string {
	var messages []string
	for _, diagnostic := range p.Diagnostics {
		message := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(diagnostic.Message), severity+":"))
		message = strings.TrimPrefix(message, "Preview failed: ")
		if diagnostic.Severity == severity && message != closing {
			messages = append(messages, message)
		}
	}
	return messages
}
