// Package duration estimates how long an update takes: the longest chain of resources that wait for each other, with
// the times that AWS typically takes.
package duration

import (
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"stagecraft/internal/awstimes"
	"stagecraft/internal/review/plan"
)

// Chain is the longest chain of steps that wait for each other, and the time that it takes.
type Chain struct {
	Total time.Duration
	Path  []Step
}

// Step is a step of the chain. Start counts from the beginning of the update.
type Step struct {
	URN      resource.URN
	Op       apitype.OpType
	Start    time.Duration
	Duration time.Duration
}

// Estimate returns the chain that an update waits for as Pulumi runs it: creates and updates wait for their
// dependencies, and deletes for all creates and updates, then for the deletes of what depends on them. It assumes
// unlimited parallelism.
func Estimate(update plan.Plan) Chain {
	return longestChain(update, func(state *apitype.ResourceV3) []resource.URN {
		return append(dependencies(state), childrenOf(state, update)...)
	})
}

// LowerBound returns the chain that AWS alone imposes. Unlike in Estimate, a resource waits only for those whose
// outputs it takes: not for DependsOn, its parents or the rest of a component.
func LowerBound(update plan.Plan) Chain { return longestChain(update, references) }

// dependencies returns the resources that the engine completes before this one.
func dependencies(state *apitype.ResourceV3) []resource.URN {
	urns := append(references(state), state.Dependencies...)
	if state.Parent != "" && strings.HasPrefix(string(state.Parent.Type()), "aws:") { // a component exists before its children
		urns = append(urns, state.Parent)
	}
	return urns
}

// references returns the resources whose outputs a resource takes, sorted.
func references(state *apitype.ResourceV3) []resource.URN {
	var urns []resource.URN
	for _, referenced := range state.PropertyDependencies {
		urns = append(urns, referenced...)
	}
	slices.Sort(urns)
	return urns
}

func longestChain(update plan.Plan, dependencies func(*apitype.ResourceV3) []resource.URN) Chain {
	forward, backward := newGraph(), newGraph()
	for _, step := range update.Steps {
		switch step.Op {
		case apitype.OpDelete, apitype.OpDeleteReplaced:
			if step.Old == nil {
				continue
			}
			backward.add(step, deleteDuration(step.Old))
			for _, dependency := range dependencies(step.Old) { // deleted after what depends on it
				backward.waitsFor[dependency] = append(backward.waitsFor[dependency], step.URN)
			}
		default:
			if step.New == nil || step.Op == apitype.OpReplace {
				continue
			}
			forward.add(step, createOrUpdateDuration(step))
			forward.waitsFor[step.URN] = append(forward.waitsFor[step.URN], dependencies(step.New)...)
		}
	}
	first := forward.longest(0)
	last := backward.longest(first.Total)
	return Chain{Total: last.Total, Path: append(first.Path, last.Path...)}
}

// createOrUpdateDuration returns zero for what does not exist on AWS, such as components and providers.
func createOrUpdateDuration(step plan.Step) time.Duration {
	if !step.New.Custom {
		return 0
	}
	token := string(step.New.Type)
	switch step.Op {
	case apitype.OpCreate, apitype.OpCreateReplacement:
		duration, _ := awstimes.Create(token, step.New.Inputs)
		return duration
	case apitype.OpUpdate:
		duration, _ := awstimes.Update(token, step.DiffReasons)
		return duration
	default:
		return 0
	}
}

func deleteDuration(state *apitype.ResourceV3) time.Duration {
	if !state.Custom || state.RetainOnDelete {
		return 0
	}
	duration, _ := awstimes.Delete(string(state.Type))
	return duration
}

// childrenOf returns the resources inside a component that a provider creates, such as awsx's Vpc: its outputs are
// known when all of them are done.
func childrenOf(component *apitype.ResourceV3, update plan.Plan) []resource.URN {
	if !strings.HasPrefix(string(component.Type), "awsx:") {
		return nil
	}
	var urns []resource.URN
	for _, step := range update.Steps {
		if strings.HasPrefix(string(step.URN.QualifiedType()), string(component.URN.QualifiedType())+"$") {
			urns = append(urns, step.URN)
		}
	}
	return urns
}

// graph is one half of an update: its steps, and what each waits for.
type graph struct {
	steps    map[resource.URN]Step
	waitsFor map[resource.URN][]resource.URN
	// ends is when a resource is done, and last the one that it waited for last.
	ends map[resource.URN]time.Duration
	last map[resource.URN]resource.URN
}

func newGraph() *graph {
	return &graph{
		steps:    map[resource.URN]Step{},
		waitsFor: map[resource.URN][]resource.URN{},
		ends:     map[resource.URN]time.Duration{},
		last:     map[resource.URN]resource.URN{},
	}
}

func (g *graph) add(step plan.Step, duration time.Duration) {
	g.steps[step.URN] = Step{URN: step.URN, Op: step.Op, Duration: duration}
}

// end returns when a resource is done. It ends for dependency cycles, too, which the engine rejects.
func (g *graph) end(urn resource.URN) time.Duration {
	if end, known := g.ends[urn]; known {
		return end
	}
	g.ends[urn] = 0
	var start time.Duration
	for _, dependency := range g.waitsFor[urn] {
		if end := g.end(dependency); end > start {
			start, g.last[urn] = end, dependency
		}
	}
	g.ends[urn] = start + g.steps[urn].Duration
	return g.ends[urn]
}

// longest returns the chain of the resource that is done last; of two such, the one whose URN sorts first.
func (g *graph) longest(start time.Duration) Chain {
	var final resource.URN
	for urn := range g.steps {
		if end := g.end(urn); final == "" || end > g.end(final) || end == g.end(final) && urn < final {
			final = urn
		}
	}
	total := start + g.ends[final]
	var path []Step
	for urn := final; urn != ""; urn = g.last[urn] {
		if step := g.steps[urn]; step.Duration > 0 {
			step.Start = start + g.ends[urn] - step.Duration
			path = append(path, step)
		}
	}
	slices.Reverse(path)
	return Chain{Total: total, Path: path}
}
