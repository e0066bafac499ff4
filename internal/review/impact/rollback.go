package impact

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
)

// Rollback is how to undo the update.
type Rollback struct {
	Commands []string `json:"commands"`
	// Obstacles are resources that are not restored, or that the engine protects from the rollback.
	Obstacles []Obstacle `json:"obstacles"`
}

// Obstacle is a resource that differs after a rollback, or prevents it.
type Obstacle struct {
	URN  resource.URN `json:"urn"`
	Type tokens.Type  `json:"type"`
	Name string       `json:"name"`
	// Refused: the engine rejects the rollback until Command is run.
	Refused bool   `json:"refused"`
	Reason  string `json:"reason"`
	// Command ends the resource's protection, once its data is safe.
	Command string `json:"command"`
	Source  string `json:"source"`
}

// irreversible are the changes that going back does not undo, by type.
var irreversible = map[tokens.Type][]fact{
	"aws:ec2/eip:Eip": {
		{
			Ops:    []Op{Delete, Replace},
			Reason: "the address returns to AWS; it can be recovered while nobody else has it",
			Source: "Amazon EC2 User Guide, Elastic IP addresses: Recover an Elastic IP address",
		},
	},
	"aws:rds/instance:Instance": {
		{
			Ops:        []Op{Update},
			Properties: []string{"engineVersion"},
			Reason:     "an engine cannot be downgraded: only a snapshot from before restores the old version, without later data",
			Source:     "Amazon RDS User Guide, Upgrading a DB instance engine version",
		},
		{
			Ops:        []Op{Update},
			Properties: []string{"allocatedStorage"},
			Condition:  raised("allocatedStorage"),
			Reason:     "storage cannot shrink",
			Source:     "Amazon RDS User Guide, Increasing DB instance storage capacity",
		},
	},
	"aws:elasticache/replicationGroup:ReplicationGroup": {
		{
			Ops:    []Op{Delete, Replace},
			Reason: "the cache comes back empty, and the database answers in its place until it is warm",
			Source: "Amazon ElastiCache User Guide, Caching strategies",
		},
	},
	"aws:lb/loadBalancer:LoadBalancer": {
		{
			Ops:    []Op{Delete, Replace},
			Reason: "the new one has another name in DNS",
			Source: "Elastic Load Balancing API Reference, CreateLoadBalancer",
		},
	},
	"aws:cloudfront/distribution:Distribution": {
		{
			Ops:    []Op{Delete, Replace},
			Reason: "the new one has another name in DNS",
			Source: "Amazon CloudFront API Reference, CreateDistribution",
		},
	},
	"aws:apigatewayv2/api:Api": {
		{
			Ops:    []Op{Delete, Replace},
			Reason: "the new one has another address",
			Source: "Amazon API Gateway Version 2 API Reference, Apis",
		},
	},
}

func newRollback(commands []string, changes []change) Rollback {
	rollback := Rollback{Commands: orEmpty(commands), Obstacles: []Obstacle{}}
	for _, change := range changes {
		for _, obstacle := range change.obstacles() {
			obstacle.URN, obstacle.Type, obstacle.Name = change.URN, change.Type, change.Name
			rollback.Obstacles = append(rollback.Obstacles, obstacle)
		}
	}
	return rollback
}

func (c change) obstacles() []Obstacle {
	var obstacles []Obstacle
	for _, risk := range c.risks() {
		obstacles = append(obstacles, Obstacle{Reason: "doesn't come back: " + risk.What, Source: risk.Source})
	}
	for _, fact := range irreversible[c.Type] {
		if fact.appliesTo(c) && (len(fact.Properties) == 0 || slices.ContainsFunc(fact.Properties, c.changesProperty)) {
			obstacles = append(obstacles, Obstacle{Reason: fact.Reason, Source: fact.Source})
		}
	}
	switch {
	case c.Op == Delete && c.Retained:
		obstacles = append(obstacles, Obstacle{
			Reason: "stays on AWS without Pulumi; going back creates a second one, or fails because the name exists", Source: planSource,
		})
	case c.Op == Create && c.Protected:
		obstacles = append(obstacles, Obstacle{
			Refused: true, Source: planSource, Command: unprotectCommand(c.URN),
			Reason: "protected from the start: the engine rejects going back until it is unprotected, once its data is safe",
		})
	case c.Op == Create && c.createsDataStore() && !c.Retained:
		obstacles = append(obstacles, Obstacle{Reason: "going back deletes it, with the data that it has by then", Source: planSource})
	}
	return obstacles
}
