// Package plan reads the engine's preview: what an update would do.
package plan

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Plan is a preview. Unchanged resources have a step, too.
type Plan struct {
	Steps []Step `json:"steps"`
	// Config is the previewed configuration, defaults included.
	Config map[string]string `json:"config"`
	// Diagnostics are the messages of the program and the engine, errors included.
	Diagnostics []Diagnostic `json:"diagnostics"`
}

// Step is what happens to one resource. A replacement has several.
type Step struct {
	Op  apitype.OpType `json:"op"`
	URN resource.URN   `json:"urn"`
	// Old is the resource before the update, nil if it is new, and New the one after it, nil if it is deleted.
	Old *apitype.ResourceV3 `json:"oldState"`
	New *apitype.ResourceV3 `json:"newState"`
	// DiffReasons are the paths of the properties that change; ReplaceReasons are those that force a replacement.
	DiffReasons    []string `json:"diffReasons"`
	ReplaceReasons []string `json:"replaceReasons"`
}

// Diagnostic is a message of the preview.
type Diagnostic struct {
	URN      resource.URN `json:"urn"`
	Severity string       `json:"severity"`
	Message  string       `json:"message"`
}

// Read reads the output of `pulumi preview --json --show-sames`.
func Read(reader io.Reader) (Plan, error) {
	var plan Plan
	if err := json.NewDecoder(reader).Decode(&plan); err != nil {
		return Plan{}, fmt.Errorf("reading the preview: %w", err)
	}
	return plan, nil
}

// tiers are the component packages that belong to another package's tier: the secret between CloudFront and the load
// balancer is the load balancer's.
var tiers = map[string]string{"origin": "loadbalancer"}

// Tier returns the tier of a resource, such as "database": what its tag Tier, the budgets, the cost estimate and the
// review call it. It is the package of the component directly below the stack, and so known for resources without
// tags, too; of a resource outside of components, it is the AWS service.
func Tier(urn resource.URN) string {
	outermost, _, _ := strings.Cut(string(urn.QualifiedType()), "$")
	parts := strings.FieldsFunc(outermost, func(r rune) bool { return r == ':' || r == '/' })
	if len(parts) < 2 {
		return ""
	}
	return cmp.Or(tiers[parts[1]], parts[1])
}
