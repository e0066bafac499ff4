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

// Level is how much users notice of an interruption.
type Level int

// The levels, from nothing to what does not end by itself.
const (
	None      Level = iota // nobody notices
	Brief                  // requests under way fail, and a retry succeeds: two minutes at most
	Unknown                // this package has no fact about it
	Minutes                // not served for minutes
	Permanent              // an address, an entry or a store is gone for good
)

var levels = [...]string{"none", "brief", "unknown", "minutes", "permanent"}

// String returns the level as a word.
func (l Level) String() string { return levels[l] }

// MarshalText returns the level as a word.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// Interruption is what users of a tier notice, and why.
type Interruption struct {
	Level Level `json:"level"`
	// Resources are the names of those that cause it.
	Resources []string    `json:"resources"`
	Type      tokens.Type `json:"type"`
	// Properties are those whose change causes it; none if the resource itself is replaced or deleted.
	Properties []string `json:"properties"`
	Reason     string   `json:"reason"`
	// Lasts is its duration, "" if that does not apply.
	Lasts string `json:"lasts"`
	// When AWS does it, if there is a choice: during the update, or in a maintenance window; else "".
	When   string `json:"when"`
	Source string `json:"source"`
}

// window names the properties by which a type's changes wait for a maintenance window.
type window struct{ Immediately, Window string }

// windows: Amazon RDS API Reference, ModifyDBInstance; Amazon ElastiCache API Reference, ModifyReplicationGroup.
var windows = map[tokens.Type]window{
	"aws:rds/instance:Instance":                         {Immediately: "applyImmediately", Window: "maintenanceWindow"},
	"aws:elasticache/replicationGroup:ReplicationGroup": {Immediately: "applyImmediately", Window: "maintenanceWindow"},
}

// interruptions returns what users notice of the change. Serving is the number of resources that answer users after the
// update.
func (c change) interruptions(serving int) []Interruption {
	switch {
	case c.Op == Create, c.Retained && c.Op == Delete, slices.Contains(quietTypes, c.Type):
		return nil
	case c.Op == Update:
		return c.updateInterruptions()
	case slices.Contains(servers, c.Type):
		return []Interruption{c.serverInterruption(serving)}
	}
	for _, fact := range facts[c.Type] {
		if fact.appliesTo(c) && len(fact.Properties) == 0 {
			return c.reported(fact, nil)
		}
	}
	return []Interruption{c.interruptionByOrder()}
}

// updateInterruptions returns the facts about each property of an update.
func (c change) updateInterruptions() []Interruption {
	var interruptions []Interruption
	for _, property := range c.Properties {
		top, _, _ := strings.Cut(property.Path, ".")
		at := slices.IndexFunc(facts[c.Type], func(fact fact) bool {
			return fact.appliesTo(c) && (len(fact.Properties) == 0 || slices.Contains(fact.Properties, top))
		})
		if at < 0 {
			interruptions = append(interruptions, c.interruption(fact{
				Level: Unknown, Reason: "not in Stagecraft's table of facts: see AWS's documentation of the property",
			}, []string{top}))
			continue
		}
		interruptions = append(interruptions, c.reported(facts[c.Type][at], []string{top})...)
	}
	return interruptions
}

// reported returns the fact's interruption, or none for a fact without a reason.
func (c change) reported(fact fact, properties []string) []Interruption {
	if fact.Reason == "" {
		return nil
	}
	return []Interruption{c.interruption(fact, properties)}
}

func (c change) interruption(fact fact, properties []string) Interruption {
	return Interruption{
		Level: fact.Level, Resources: []string{c.Name}, Type: c.Type, Properties: orEmpty(properties),
		Reason: fact.Reason, Lasts: fact.Lasts, When: c.when(), Source: fact.Source,
	}
}

func (c change) when() string {
	properties, canWait := windows[c.Type]
	switch window, isSet := c.new[properties.Window].(string); {
	case !canWait || c.Op != Update:
		return ""
	case c.new[properties.Immediately] == true:
		return "during the update"
	case isSet:
		return "in the maintenance window, " + window
	default:
		return "in the maintenance window"
	}
}

// serverInterruption returns what users notice when a resource that answers them is replaced or deleted.
func (c change) serverInterruption(serving int) Interruption {
	if serving == 0 {
		return c.interruption(fact{Level: Permanent, Reason: "nothing is left that answers users", Source: planSource}, nil)
	}
	return c.interruption(fact{
		Level: Brief, Lasts: "seconds",
		Reason: fmt.Sprintf("requests that it is answering may fail; %s users after the update",
			counted(serving, "other resource answers", "other resources answer")),
		Source: "Elastic Load Balancing, Application Load Balancers: Deregistration delay",
	}, nil)
}

const planSource = "the engine's plan"

// interruptionByOrder is for types without facts: the order of the engine's steps shows whether there is a gap.
func (c change) interruptionByOrder() Interruption {
	switch {
	case c.Op == Replace && c.deleteBeforeCreate:
		return c.interruption(fact{
			Level: Minutes, Reason: "the old one is deleted before the new one is created", Source: planSource,
		}, nil)
	case c.Op == Replace:
		return c.interruption(fact{
			Level: Unknown, Source: planSource,
			Reason: "the new one is created before the old one is deleted; whatever else uses it must change over in between",
		}, nil)
	default:
		return c.interruption(fact{
			Level: Unknown, Reason: "deleted; not in Stagecraft's table of facts: see AWS's documentation of the resource",
		}, nil)
	}
}

// changesProperty reports whether a property, or a part of it, changes.
func (c change) changesProperty(name string) bool {
	return slices.ContainsFunc(c.Properties, func(property Property) bool {
		top, _, _ := strings.Cut(property.Path, ".")
		return top == name
	})
}

// servingAfter returns the number of resources that answer users after the update.
func servingAfter(update plan.Plan) int {
	deleted := map[resource.URN]bool{}
	for _, step := range update.Steps {
		deleted[step.URN] = deleted[step.URN] || step.Op == apitype.OpDelete
	}
	count := 0
	for _, state := range update.After() {
		if slices.Contains(servers, state.Type) && !deleted[state.URN] {
			count++
		}
	}
	return count
}

// merge adds an interruption, or its resources and properties to the one that says the same.
func merge(interruptions []Interruption, next Interruption) []Interruption {
	at := slices.IndexFunc(interruptions, func(known Interruption) bool {
		return known.Type == next.Type && known.Level == next.Level && known.Reason == next.Reason && known.When == next.When
	})
	if at < 0 {
		return append(interruptions, next)
	}
	interruptions[at].Resources = union(interruptions[at].Resources, next.Resources)
	interruptions[at].Properties = union(interruptions[at].Properties, next.Properties)
	return interruptions
}

// union appends those names that are not in the list yet.
func union(known, names []string) []string {
	for _, name := range names {
		if !slices.Contains(known, name) {
			known = append(known, name)
		}
	}
	return known
}
