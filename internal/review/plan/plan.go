// Package plan is what an update would do, as the engine's own preview tells it.
package plan

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Plan is a preview. Resources that stay as they are have a step, too.
type Plan struct {
	Steps []Step `json:"steps"`
	// Config is the configuration that was previewed, defaults included.
	Config map[string]string `json:"config"`
	// Diagnostics are what the program and the engine said, refusals among it.
	Diagnostics []Diagnostic `json:"diagnostics"`
}

// Step is what happens to one resource. A replacement has several.
type Step struct {
	Op  apitype.OpType `json:"op"`
	URN resource.URN   `json:"urn"`
	// Old is the resource before, nil where there was none, and New the one after, nil where there is none any more.
	Old *apitype.ResourceV3 `json:"oldState"`
	New *apitype.ResourceV3 `json:"newState"`
	// DiffReasons are the properties that change, and ReplaceReasons those whose change replaces the resource.
	DiffReasons    []string `json:"diffReasons"`
	ReplaceReasons []string `json:"replaceReasons"`
}

// Diagnostic is a message of the preview.
type Diagnostic struct {
	URN      resource.URN `json:"urn"`
	Severity string       `json:"severity"`
	Message  string       `json:"message"`
}

// Read reads what `pulumi preview --json --show-sames` prints.
func Read(from io.Reader) (Plan, error) {
	var read Plan
	if err := json.NewDecoder(from).Decode(&read); err != nil {
		return Plan{}, fmt.Errorf("reading the preview: %w", err)
	}
	return read, nil
}

// Tier is the component directly below the stack that a resource belongs to, such as "database"; the AWS service of one
// that belongs to none.
func Tier(urn resource.URN) string {
	outermost, _, _ := strings.Cut(string(urn.QualifiedType()), "$")
	words := strings.FieldsFunc(outermost, func(r rune) bool { return r == ':' || r == '/' })
	if len(words) < 2 {
		return ""
	}
	return words[1]
}
