package plan

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Marks returns the operation on each resource that changes. The steps of a replacement count as one.
func (p Plan) Marks() map[resource.URN]apitype.OpType {
	marks := map[resource.URN]apitype.OpType{}
	for _, step := range p.Steps {
		switch step.Op {
		case apitype.OpSame, apitype.OpRead, apitype.OpRefresh:
		case apitype.OpCreateReplacement, apitype.OpDeleteReplaced, apitype.OpImportReplacement:
			marks[step.URN] = apitype.OpReplace
		default:
			marks[step.URN] = step.Op
		}
	}
	return marks
}
