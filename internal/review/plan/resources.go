package plan

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Before are the resources as they are, in the order of the steps.
func (p Plan) Before() []apitype.ResourceV3 {
	return p.resources(func(step Step) *apitype.ResourceV3 { return step.Old })
}

// After are the resources as the update would leave them. The engine's preview tells their inputs only: ids and outputs
// are those from before, where there are any.
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

// resources gives each resource once, though a replacement has several steps.
func (p Plan) resources(of func(Step) *apitype.ResourceV3) []apitype.ResourceV3 {
	var found []apitype.ResourceV3
	seen := map[resource.URN]bool{}
	for _, step := range p.Steps {
		if its := of(step); its != nil && !seen[step.URN] {
			seen[step.URN] = true
			found = append(found, *its)
		}
	}
	return found
}

// Errors is why the engine or the program refuses the update; none where it would go ahead.
func (p Plan) Errors() []string { return p.messages("error", "preview failed") }

// Warnings are what the program wants people to know.
func (p Plan) Warnings() []string { return p.messages("warning", "") }

// messages leaves out the line by which the engine only repeats that there were errors.
func (p Plan) messages(severity, repeated string) []string {
	var found []string
	for _, diagnostic := range p.Diagnostics {
		message := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(diagnostic.Message), severity+":"))
		message = strings.TrimPrefix(message, "Preview failed: ")
		if diagnostic.Severity == severity && message != repeated {
			found = append(found, message)
		}
	}
	return found
}
