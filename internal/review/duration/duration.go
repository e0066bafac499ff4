// Package duration tells how long an update takes: the longest chain of resources that wait for each other, with the
// times that AWS typically takes.
package duration

import (
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"stagecraft/internal/review/plan"
)

// Estimate is how long an update takes, and the chain that it waits for.
type Estimate struct {
	Total time.Duration `json:"total"`
	Path  []Step        `json:"path"`
}

// Step is a resource of the chain; From is when it begins.
type Step struct {
	URN   resource.URN   `json:"urn"`
	Op    apitype.OpType `json:"op"`
	From  time.Duration  `json:"from"`
	Takes time.Duration  `json:"takes"`
}

// Of estimates an update as Pulumi does it: creates and updates wait for their dependencies, deletes for all of those
// and then for what depends on them. It takes parallelism as unlimited.
func Of(update plan.Plan) Estimate {
	return chain(update, func(of *apitype.ResourceV3) []resource.URN { return append(dependencies(of), inside(of, update)...) })
}

// Bound estimates what AWS alone imposes: as Of, but a resource waits only for those whose properties it takes, neither
// for what the program orders (DependsOn), nor for its parents, nor for all that stands beside those in a component.
func Bound(update plan.Plan) Estimate { return chain(update, references) }

// dependencies are what the engine lets a resource wait for.
func dependencies(of *apitype.ResourceV3) []resource.URN {
	all := append(references(of), of.Dependencies...)
	if of.Parent != "" && strings.HasPrefix(string(of.Parent.Type()), "aws:") { // a component is known before its children
		all = append(all, of.Parent)
	}
	return all
}

func references(of *apitype.ResourceV3) []resource.URN {
	var all []resource.URN
	for _, urns := range of.PropertyDependencies {
		all = append(all, urns...)
	}
	return all
}

func chain(update plan.Plan, edges func(*apitype.ResourceV3) []resource.URN) Estimate {
	forward, backward := newGraph(), newGraph()
	for _, step := range update.Steps {
		switch step.Op {
		case apitype.OpDelete, apitype.OpDeleteReplaced:
			if step.Old == nil {
				continue
			}
			backward.add(step, deletes(step.Old))
			for _, waited := range edges(step.Old) { // what it depends on goes after it
				backward.edges[waited] = append(backward.edges[waited], step.URN)
			}
		default:
			if step.New == nil || step.Op == apitype.OpReplace {
				continue
			}
			forward.add(step, takes(step))
			forward.edges[step.URN] = append(forward.edges[step.URN], edges(step.New)...)
		}
	}
	made := forward.longest(0)
	gone := backward.longest(made.Total)
	return Estimate{gone.Total, append(made.Path, gone.Path...)}
}

// inside are the resources in a component that a provider makes, such as awsx's Vpc: its outputs come when all are done.
func inside(component *apitype.ResourceV3, update plan.Plan) []resource.URN {
	if !strings.HasPrefix(string(component.Type), "awsx:") {
		return nil
	}
	var all []resource.URN
	for _, step := range update.Steps {
		if strings.HasPrefix(string(step.URN.QualifiedType()), string(component.URN.QualifiedType())+"$") {
			all = append(all, step.URN)
		}
	}
	return all
}

// graph is what one half of an update does: its steps, and what each waits for.
type graph struct {
	steps map[resource.URN]Step
	edges map[resource.URN][]resource.URN
	// ends and before are when a resource is done, and which it waited for last.
	ends   map[resource.URN]time.Duration
	before map[resource.URN]resource.URN
}

func newGraph() *graph {
	return &graph{
		map[resource.URN]Step{}, map[resource.URN][]resource.URN{}, map[resource.URN]time.Duration{}, map[resource.URN]resource.URN{},
	}
}

func (g *graph) add(step plan.Step, takes time.Duration) {
	g.steps[step.URN] = Step{URN: step.URN, Op: step.Op, Takes: takes}
}

// end is when a resource is done. Where resources wait for each other in a circle, which no engine allows, it ends.
func (g *graph) end(urn resource.URN) time.Duration {
	if known, found := g.ends[urn]; found {
		return known
	}
	g.ends[urn] = 0
	var from time.Duration
	for _, waited := range g.edges[urn] {
		if until := g.end(waited); until > from {
			from, g.before[urn] = until, waited
		}
	}
	g.ends[urn] = from + g.steps[urn].Takes
	return g.ends[urn]
}

func (g *graph) longest(from time.Duration) Estimate {
	var last resource.URN
	for urn := range g.steps {
		if end := g.end(urn); last == "" || end > g.end(last) || end == g.end(last) && urn < last {
			last = urn
		}
	}
	total := from + g.ends[last]
	var path []Step
	for urn := last; urn != ""; urn = g.before[urn] {
		if step := g.steps[urn]; step.Takes > 0 {
			step.From = from + g.ends[urn] - step.Takes
			path = append(path, step)
		}
	}
	slices.Reverse(path)
	return Estimate{total, path}
}
