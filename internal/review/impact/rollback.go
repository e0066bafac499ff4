package impact

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
)

// Rollback is what leads back to how it was.
type Rollback struct {
	// Commands are what a person types.
	Commands []string `json:"commands"`
	// Obstacles are what doesn't come back, or what the engine will refuse on the way.
	Obstacles []Obstacle `json:"obstacles"`
}

// Obstacle is a resource that is not as before after going back.
type Obstacle struct {
	URN  resource.URN `json:"urn"`
	Type tokens.Type  `json:"type"`
	Name string       `json:"name"`
	// Refused: the engine refuses the way back until something is done first.
	Refused bool   `json:"refused"`
	Reason  string `json:"reason"`
	// Command lets it go, once its data is safe.
	Command string `json:"command"`
	Source  string `json:"source"`
}

var irreversible = []fact{
	{
		Type:   "aws:ec2/eip:Eip",
		Ops:    []Op{Delete, Replace},
		Reason: "the address goes back to AWS; it may be had again while nobody else has it",
		Source: "Amazon EC2 User Guide, Elastic IP addresses: Recover an Elastic IP address",
	},
	{
		Type:       "aws:rds/instance:Instance",
		Ops:        []Op{Update},
		Properties: []string{"engineVersion"},
		Reason:     "an engine cannot be downgraded: only a snapshot from before leads back, without what came after",
		Source:     "Amazon RDS User Guide, Upgrading a DB instance engine version",
	},
	{
		Type:       "aws:rds/instance:Instance",
		Ops:        []Op{Update},
		Properties: []string{"allocatedStorage"},
		Where:      raised("allocatedStorage"),
		Reason:     "storage cannot shrink",
		Source:     "Amazon RDS User Guide, Increasing DB instance storage capacity",
	},
	{
		Type:   "aws:elasticache/replicationGroup:ReplicationGroup",
		Ops:    []Op{Delete, Replace},
		Reason: "the cache comes back empty, and the database answers for it until it is warm",
		Source: "Amazon ElastiCache User Guide, Caching strategies",
	},
	{
		Type:   "aws:lb/loadBalancer:LoadBalancer",
		Ops:    []Op{Delete, Replace},
		Reason: "the new one has another name in DNS",
		Source: "Elastic Load Balancing API Reference, CreateLoadBalancer",
	},
	{
		Type:   "aws:cloudfront/distribution:Distribution",
		Ops:    []Op{Delete, Replace},
		Reason: "the new one has another name in DNS",
		Source: "Amazon CloudFront API Reference, CreateDistribution",
	},
	{
		Type:   "aws:apigatewayv2/api:Api",
		Ops:    []Op{Delete, Replace},
		Reason: "the new one has another address",
		Source: "Amazon API Gateway Version 2 API Reference, Apis",
	},
}

func newRollback(commands []string, changes []change) Rollback {
	rollback := Rollback{Commands: orEmpty(commands), Obstacles: []Obstacle{}}
	for _, its := range changes {
		for _, reason := range its.obstacles() {
			reason.URN, reason.Type, reason.Name = its.URN, its.Type, its.Name
			rollback.Obstacles = append(rollback.Obstacles, reason)
		}
	}
	return rollback
}

func (c change) obstacles() []Obstacle {
	var found []Obstacle
	for _, risk := range c.risks() {
		found = append(found, Obstacle{Reason: "doesn't come back: " + risk.What, Source: risk.Source})
	}
	for _, its := range irreversible {
		if its.matches(c) && (len(its.Properties) == 0 || c.changes(its.Properties[0])) {
			found = append(found, Obstacle{Reason: its.Reason, Source: its.Source})
		}
	}
	switch {
	case c.Op == Delete && c.Retained:
		found = append(found, Obstacle{
			Reason: "stays on AWS without Pulumi; going back makes a second one, or meets its name", Source: planSource,
		})
	case c.Op == Create && c.Protected:
		found = append(found, Obstacle{
			Refused: true, Source: planSource, Command: unprotect(c.URN),
			Reason: "protected from the start: the way back is refused until it is let go, once its data is safe",
		})
	case c.Op == Create && c.holds() && !c.Retained:
		found = append(found, Obstacle{Reason: "going back deletes it with what it holds by then", Source: planSource})
	}
	return found
}
