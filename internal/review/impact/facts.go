package impact

import (
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
)

// fact is what AWS says about a change of a type.
type fact struct {
	Ops []Op
	// Properties are the inputs that the fact is about; none for the whole resource.
	Properties []string
	Condition  condition
	Level      Level
	Lasts      string
	Reason     string
	Source     string
}

// appliesTo reports whether the fact is about the change, its properties aside.
func (f fact) appliesTo(c change) bool { return slices.Contains(f.Ops, c.Op) && f.Condition.holds(c) }

// facts are what AWS says about changes that users may notice, by type. The first that applies is used, so the narrower
// ones come first. A fact without a Reason is not reported.
var facts = join(databaseFacts, cacheFacts, computeFacts, entryFacts, networkFacts)

func join(parts ...map[tokens.Type][]fact) map[tokens.Type][]fact {
	whole := map[tokens.Type][]fact{}
	for _, part := range parts {
		maps.Copy(whole, part)
	}
	return whole
}

// servers are the types that answer users.
var servers = []tokens.Type{
	"aws:autoscaling/group:Group",
	"aws:ec2/instance:Instance",
	"aws:ecs/service:Service",
}
