package impact

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

	"stagecraft/internal/review/plan"
)

// Level is how much an interruption is noticed.
type Level int

// The levels, from nothing to what doesn't end by itself.
const (
	None    Level = iota // nobody notices
	Brief                // what is open at the time breaks, and a retry succeeds: two minutes at most
	Unknown              // this package has no fact about it
	Minutes              // not served for minutes
	Closed               // an address or a way in is gone for good
)

var levels = [...]string{"none", "brief", "unknown", "minutes", "closed"}

// String is the level in a word.
func (l Level) String() string { return levels[l] }

// MarshalText writes the word.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// Interruption is what users of a tier notice, and why.
type Interruption struct {
	Level Level `json:"level"`
	// Resources are the names of those that cause it.
	Resources []string    `json:"resources"`
	Type      tokens.Type `json:"type"`
	// Properties are those whose change causes it; none where the resource itself comes or goes.
	Properties []string `json:"properties"`
	Reason     string   `json:"reason"`
	// Lasts is how long; "" where that doesn't say anything.
	Lasts string `json:"lasts"`
	// When AWS does it, where that is a choice: during the update, or in a maintenance window; else "".
	When   string `json:"when"`
	Source string `json:"source"`
}

// fact is what AWS says about a change of a type.
type fact struct {
	Type tokens.Type
	Ops  []Op
	// Properties are the inputs that the fact is about; none for the whole resource.
	Properties []string
	Where      where
	Level      Level
	Lasts      string
	Reason     string
	Source     string
}

// window is how a type's changes can wait.
type window struct{ Immediately, Window string }

// windows: Amazon RDS API Reference, ModifyDBInstance; Amazon ElastiCache API Reference, ModifyReplicationGroup.
var windows = map[tokens.Type]window{
	"aws:rds/instance:Instance":                         {Immediately: "applyImmediately", Window: "maintenanceWindow"},
	"aws:elasticache/replicationGroup:ReplicationGroup": {Immediately: "applyImmediately", Window: "maintenanceWindow"},
}

// interruptions is what users notice of the change. Serving is how many resources answer users after the update.
func (c change) interruptions(serving int) []Interruption {
	switch {
	case c.Op == Create, c.Retained && c.Op == Delete, slices.Contains(quiet, c.Type):
		return nil
	case c.Op == Update:
		return c.byProperty()
	case slices.Contains(servers, c.Type):
		return []Interruption{c.handover(serving)}
	}
	for _, its := range facts {
		if its.matches(c) && len(its.Properties) == 0 {
			return c.noticed(its, nil)
		}
	}
	return []Interruption{c.general()}
}

// byProperty looks for the facts about each property of an update.
func (c change) byProperty() []Interruption {
	var found []Interruption
	for _, property := range c.Properties {
		top, _, _ := strings.Cut(property.Path, ".")
		at := slices.IndexFunc(facts, func(its fact) bool {
			return its.matches(c) && (len(its.Properties) == 0 || slices.Contains(its.Properties, top))
		})
		if at < 0 {
			found = append(found, c.interruption(fact{
				Level: Unknown, Reason: "not in Stagecraft's table of facts: AWS's documentation of the property tells",
			}, []string{top}))
			continue
		}
		found = append(found, c.noticed(facts[at], []string{top})...)
	}
	return found
}

// noticed leaves out what nobody notices and nobody needs to know of.
func (c change) noticed(its fact, properties []string) []Interruption {
	if its.Level == None && its.Reason == "" {
		return nil
	}
	return []Interruption{c.interruption(its, properties)}
}

func (c change) interruption(its fact, properties []string) Interruption {
	return Interruption{
		Level: its.Level, Resources: []string{c.Name}, Type: c.Type, Properties: orEmpty(properties),
		Reason: its.Reason, Lasts: its.Lasts, When: c.when(), Source: its.Source,
	}
}

func (c change) when() string {
	its, choice := windows[c.Type]
	switch window, set := c.new[its.Window].(string); {
	case !choice || c.Op != Update:
		return ""
	case c.new[its.Immediately] == true:
		return "during the update"
	case set:
		return "in the maintenance window, " + window
	default:
		return "in the maintenance window"
	}
}

// handover is what users notice when something that answers them goes.
func (c change) handover(serving int) Interruption {
	if serving == 0 {
		return c.interruption(fact{Level: Closed, Reason: "nothing is left that answers users", Source: planSource}, nil)
	}
	return c.interruption(fact{
		Level: Brief, Lasts: "seconds",
		Reason: fmt.Sprintf("requests that it is answering may fail; %s users after the update",
			counted(serving, "other resource answers", "other resources answer")),
		Source: "Elastic Load Balancing, Application Load Balancers: Deregistration delay",
	}, nil)
}

const planSource = "the engine's plan"

// general is for types of which nothing else is known: the engine's order tells whether there is a gap.
func (c change) general() Interruption {
	switch {
	case c.Op == Replace && c.gap:
		return c.interruption(fact{
			Level: Minutes, Reason: "the old one is deleted before the new one is made", Source: planSource,
		}, nil)
	case c.Op == Replace:
		return c.interruption(fact{
			Level: Unknown, Reason: "the new one is made before the old one is deleted; what else uses it must change over in between",
			Source: planSource,
		}, nil)
	default:
		return c.interruption(fact{
			Level: Unknown, Reason: "deleted; not in Stagecraft's table of facts: AWS's documentation of the resource tells",
		}, nil)
	}
}

func (f fact) matches(its change) bool {
	return f.Type == its.Type && slices.Contains(f.Ops, its.Op) && f.Where.holds(its)
}

// changes tells whether a property, or a part of it, changes.
func (c change) changes(property string) bool {
	return slices.ContainsFunc(c.Properties, func(its Property) bool {
		top, _, _ := strings.Cut(its.Path, ".")
		return top == property
	})
}

// servingAfter is how many resources answer users after the update.
func servingAfter(of plan.Plan) int {
	count := 0
	gone := map[resource.URN]bool{}
	for _, step := range of.Steps {
		gone[step.URN] = gone[step.URN] || step.Op == apitype.OpDelete
	}
	for _, its := range of.After() {
		if slices.Contains(servers, its.Type) && !gone[its.URN] {
			count++
		}
	}
	return count
}

// merge makes one line of what many resources cause in the same way.
func merge(known []Interruption, found Interruption) []Interruption {
	at := slices.IndexFunc(known, func(its Interruption) bool {
		return its.Type == found.Type && its.Level == found.Level && its.Reason == found.Reason && its.When == found.When
	})
	if at < 0 {
		return append(known, found)
	}
	known[at].Resources = union(known[at].Resources, found.Resources)
	known[at].Properties = union(known[at].Properties, found.Properties)
	return known
}

// union adds what is not there yet.
func union(known, found []string) []string {
	for _, its := range found {
		if !slices.Contains(known, its) {
			known = append(known, its)
		}
	}
	return known
}
