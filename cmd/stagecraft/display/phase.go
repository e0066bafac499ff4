package display

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"stagecraft/internal/review/plan"
)

// phase is a preview or an update.
type phase struct {
	began time.Time
	// running are the resources whose steps have begun and not ended, and when they began.
	running map[resource.URN]time.Time
	// changes are the resources that change, in the order in which that became known.
	changes []*change
	byURN   map[resource.URN]*change
	// started and finished are the steps that are known, so that none counts twice.
	started, finished map[step]bool
	// done and failures are how many steps of each tier have succeeded and failed.
	done, failures map[string]int
	// shown are the tiers whose lines are printed.
	shown        map[string]bool
	outputs      map[string]any
	diagnostics  []apitype.DiagnosticEvent
	violations   []apitype.PolicyEvent
	remediations []apitype.PolicyRemediationEvent
	summary      *apitype.SummaryEvent
}

// change is what happens to a resource; a replacement, which has several steps, is one change.
type change struct {
	urn        resource.URN
	tier       string
	op         apitype.OpType
	properties []string
}

type step struct {
	urn resource.URN
	op  apitype.OpType
}

func newPhase() *phase {
	return &phase{
		began:   time.Now(),
		running: map[resource.URN]time.Time{}, byURN: map[resource.URN]*change{},
		started: map[step]bool{}, finished: map[step]bool{},
		done: map[string]int{}, failures: map[string]int{}, shown: map[string]bool{},
	}
}

// kinds are the steps that change something. The step replace is left out: it only joins the creation and the deletion.
var kinds = map[apitype.OpType]apitype.OpType{
	apitype.OpCreate:            apitype.OpCreate,
	apitype.OpUpdate:            apitype.OpUpdate,
	apitype.OpDelete:            apitype.OpDelete,
	apitype.OpCreateReplacement: apitype.OpReplace,
	apitype.OpDeleteReplaced:    apitype.OpReplace,
}

// tierOf returns the tier of a resource; Pulumi's own resources belong to the stack itself.
func tierOf(urn resource.URN) string {
	if strings.HasPrefix(string(urn.QualifiedType()), "pulumi:") {
		return "stack"
	}
	return plan.Tier(urn)
}

// counts reports whether Pulumi counts a resource, which it does not for default providers.
func counts(urn resource.URN) bool {
	return !strings.HasPrefix(string(urn.Type()), "pulumi:providers:") || !strings.HasPrefix(urn.Name(), "default")
}

// plannedTier returns the tier of a step's resource.
func plannedTier(metadata apitype.StepEventMetadata) string {
	return tierOf(resource.URN(metadata.URN))
}

// start records that a step begins.
func (p *phase) start(metadata apitype.StepEventMetadata) {
	urn := resource.URN(metadata.URN)
	if metadata.New == nil || metadata.New.Custom { // components only group others
		p.running[urn] = time.Now()
	}
	p.record(metadata)
}

// finish records that a step has succeeded. During a refresh, only the outcome shows that a resource has changed.
func (p *phase) finish(metadata apitype.StepEventMetadata) {
	delete(p.running, resource.URN(metadata.URN))
	p.record(metadata)
	key := step{resource.URN(metadata.URN), metadata.Op}
	if kinds[metadata.Op] != "" && counts(key.urn) && !p.finished[key] {
		p.finished[key] = true
		p.done[tierOf(key.urn)]++
	}
	if metadata.Type == "pulumi:pulumi:Stack" && metadata.New != nil {
		p.outputs = metadata.New.Outputs
	}
}

// record adds a step to the changes.
func (p *phase) record(metadata apitype.StepEventMetadata) {
	key := step{resource.URN(metadata.URN), metadata.Op}
	op := kinds[metadata.Op]
	if op == "" || !counts(key.urn) || p.started[key] {
		return
	}
	p.started[key] = true
	known := p.byURN[key.urn]
	if known == nil {
		known = &change{urn: key.urn, tier: tierOf(key.urn), op: op}
		p.byURN[key.urn] = known
		p.changes = append(p.changes, known)
	}
	properties := metadata.Diffs
	if op == apitype.OpReplace && len(metadata.Keys) > 0 { // the properties that cause the replacement
		properties = metadata.Keys
	}
	if op != apitype.OpCreate && op != apitype.OpDelete && len(properties) > 0 {
		known.properties = slices.Sorted(slices.Values(properties))
	}
}

// fail records that a step has failed.
func (p *phase) fail(metadata apitype.StepEventMetadata) {
	urn := resource.URN(metadata.URN)
	delete(p.running, urn)
	p.failures[tierOf(urn)]++
	p.changes = slices.DeleteFunc(p.changes, func(change *change) bool { return change.urn == urn })
}

// diagnose keeps a message, once.
func (p *phase) diagnose(event apitype.DiagnosticEvent) {
	if !event.Ephemeral && !slices.Contains(p.diagnostics, event) {
		p.diagnostics = append(p.diagnostics, event)
	}
}

// steps returns how many steps each tier has.
func (p *phase) steps() map[string]int {
	steps := map[string]int{}
	for step := range p.started {
		steps[tierOf(step.urn)]++
	}
	return steps
}

// tiers returns the tiers in which something changes or fails.
func (p *phase) tiers() map[string]bool {
	tiers := map[string]bool{}
	for _, change := range p.changes {
		tiers[change.tier] = true
	}
	for tier := range p.failures {
		tiers[tier] = true
	}
	return tiers
}

// progress returns the progress line: how much is done, of a total if that is known, and what takes longest.
func (p *phase) progress(total int, now time.Time) string {
	line := fmt.Sprintf("  %d s", int(now.Sub(p.began).Seconds()))
	if total > 0 {
		line += fmt.Sprintf("  %d of %d changes", len(p.finished), total)
	} else {
		line += "  " + count(len(p.started), "change")
	}
	oldest := slices.SortedFunc(maps.Keys(p.running), func(a, b resource.URN) int {
		return cmp.Or(p.running[a].Compare(p.running[b]), cmp.Compare(a, b))
	})
	for i, urn := range oldest[:min(2, len(oldest))] {
		line += []string{"  ", ", "}[i] + name(urn)
		if seconds := int(now.Sub(p.running[urn]).Seconds()); seconds > 0 {
			line += fmt.Sprintf(" (%d s)", seconds)
		}
	}
	return line
}

// totals returns a summary such as "3 created, 1 updated; 217 unchanged".
func totals(changes map[apitype.OpType]int, planned bool) string {
	words := []struct {
		op           apitype.OpType
		plan, result string
	}{
		{apitype.OpCreate, "to create", "created"},
		{apitype.OpUpdate, "to update", "updated"},
		{apitype.OpReplace, "to replace", "replaced"},
		{apitype.OpDelete, "to delete", "deleted"},
	}
	var parts []string
	for _, word := range words {
		if count := changes[word.op]; count > 0 {
			text := word.result
			if planned {
				text = word.plan
			}
			parts = append(parts, fmt.Sprintf("%d %s", count, text))
		}
	}
	text := strings.Join(parts, ", ")
	if unchanged := changes[apitype.OpSame]; unchanged > 0 {
		if text == "" {
			return fmt.Sprintf("nothing changes, %d unchanged", unchanged)
		}
		text += fmt.Sprintf("; %d unchanged", unchanged)
	}
	return cmp.Or(text, "nothing changes")
}
