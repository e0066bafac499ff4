// Package stack declares the resources of a stack: one function per tier, called in an order that the compiler checks.
package stack

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/internal/awslimits/elasticloadbalancing"
	"stagecraft/internal/program/settings"
	"stagecraft/internal/program/stage"
)

// Program declares the stage that the stack's configuration names. It rejects wrong configuration, and configuration
// that the region cannot satisfy, before it declares any resource.
func Program(ctx *pulumi.Context) error {
	in, err := readInputs(ctx)
	if err != nil {
		return err
	}
	if err := warnAboutQuotas(ctx, in); err != nil {
		return err
	}
	return declare(ctx, in)
}

func readInputs(ctx *pulumi.Context) (inputs, error) {
	configured, err := settings.Read(ctx)
	if err != nil {
		return inputs{}, err
	}
	goal, err := topologyOf(ctx, "stage", configured.Stage)
	if err != nil {
		return inputs{}, err
	}
	kept := goal
	if configured.KeepStage != 0 {
		if kept, err = topologyOf(ctx, "keepStage", configured.KeepStage); err != nil {
			return inputs{}, err
		}
	}
	location, err := lookUpEnvironment(ctx, configured)
	if err != nil {
		return inputs{}, err
	}
	if err := validateReadinessPath(ctx, configured, goal); err != nil {
		return inputs{}, err
	}
	return inputs{
		settings: configured, goal: goal, kept: kept, topology: goal.Union(kept), environment: location,
		project: ctx.Project(), stack: ctx.Stack(),
	}, nil
}

// validateReadinessPath rejects services none of which would answer the path that the stage before answers: users would
// be moved to a path that looks worse, and the gate would stop the update after it created everything.
func validateReadinessPath(ctx *pulumi.Context, configured settings.Settings, goal stage.Topology) error {
	if goal.Entry != stage.EntryEdge {
		return nil
	}
	for _, service := range configured.Services {
		for _, pattern := range service.Paths {
			if elasticloadbalancing.Matches(pattern, configured.Entry.ReadinessPath) {
				return nil
			}
		}
	}
	return fmt.Errorf("%s:readinessPath is %q, which no service answers: add it to the paths of one of the services, or set "+
		"readinessPath to a path that one of them answers with 200 when it can serve", ctx.Project(), configured.Entry.ReadinessPath)
}

func topologyOf(ctx *pulumi.Context, setting string, number int) (stage.Topology, error) {
	topology, err := stage.For(number)
	if err != nil {
		return topology, fmt.Errorf("%s:%s: %w", ctx.Project(), setting, err)
	}
	return topology, nil
}

// inputs are what every tier is declared from. They do not change during a run.
type inputs struct {
	settings settings.Settings
	// goal is the stack's stage, kept the one whose tiers run beside it (goal, if none is kept), and topology both.
	goal, kept, topology stage.Topology
	environment
	project, stack string
}

// tags are the tags of a tier's resources: the user's own, and those by which costs are allocated to stack and tier.
func (in inputs) tags(tier string) pulumi.StringMap {
	tags := pulumi.ToStringMap(in.settings.Tags)
	tags["Project"] = pulumi.String(in.project)
	tags["Stack"] = pulumi.String(in.stack)
	tags["Tier"] = pulumi.String(tier)
	return tags
}

// declare declares all resources. Each tier is a function of the tiers above it: data first, then the entry, which has no
// targets yet, then the servers, and only then the records that route users to them. A nil component means that the
// stage does not have that tier.
func declare(ctx *pulumi.Context, in inputs) error {
	base, err := newFoundation(ctx, in)
	if err != nil {
		return err
	}
	data, err := newDataStores(ctx, in, base)
	if err != nil {
		return err
	}
	entry, err := newEntry(ctx, in, base)
	if err != nil {
		return err
	}
	visits, err := newVisits(ctx, in, base)
	if err != nil {
		return err
	}
	compute, err := newCompute(ctx, in, base, data, entry)
	if err != nil {
		return err
	}
	apiRecord, err := newAPIRecord(ctx, in, entry, compute)
	if err != nil {
		return err
	}
	edge, err := newEdge(ctx, in, base, entry, visits, compute, apiRecord)
	if err != nil {
		return err
	}
	if err := newRecords(ctx, in, entry, compute, apiRecord, edge); err != nil {
		return err
	}
	pipelines, err := newDelivery(ctx, in, base, entry, visits, compute)
	if err != nil {
		return err
	}
	tiers := tiersOf(base, data, entry, visits, compute, edge, pipelines)
	if err := newBudgets(ctx, in, base, tiers); err != nil {
		return err
	}
	dashboard, err := newDashboard(ctx, in, base, tiers)
	if err != nil {
		return err
	}
	export(ctx, in, base, data, entry, visits, compute, edge, pipelines, dashboard)
	return nil
}
