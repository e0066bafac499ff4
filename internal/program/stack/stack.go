// Package deploy wires the tiers of a stage together. It is the only place that knows their order.
package stack

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/cache"
	"stagecraft/components/database"
	"stagecraft/components/domain"
	"stagecraft/components/dynamodbtable"
	"stagecraft/components/encryption"
	"stagecraft/components/functions"
	"stagecraft/components/loadbalancer"
	"stagecraft/components/network"
	"stagecraft/components/observability"
	"stagecraft/components/originsecret"
	"stagecraft/components/parameters"
	"stagecraft/components/services"
	"stagecraft/components/systemsmanager"
	"stagecraft/components/web"
	"stagecraft/internal/program/settings"
	"stagecraft/internal/program/stage"
)

// Program deploys the stage that the stack's configuration asks for. Configuration that is wrong, or that the region
// cannot satisfy, is an error before any resource is declared.
func Program(ctx *pulumi.Context) error {
	configured, err := settings.Read(ctx)
	if err != nil {
		return err
	}
	goal, err := topologyOf(ctx, "stage", configured.Stage)
	if err != nil {
		return err
	}
	kept := goal
	if configured.KeepStage != 0 {
		if kept, err = topologyOf(ctx, "keepStage", configured.KeepStage); err != nil {
			return err
		}
	}
	place, err := find(ctx, configured)
	if err != nil {
		return err
	}
	deployment := &deployment{
		ctx: ctx, settings: configured, goal: goal, kept: kept, topology: goal.Beside(kept), place: place,
		variables: map[string]pulumi.StringInput{},
	}
	return deployment.run()
}

func topologyOf(ctx *pulumi.Context, setting string, number int) (stage.Topology, error) {
	topology, err := stage.For(number)
	if err != nil {
		return topology, fmt.Errorf("%s:%s: %w", ctx.Project(), setting, err)
	}
	return topology, nil
}

// deployment is one run of the program.
type deployment struct {
	ctx      *pulumi.Context
	settings settings.Settings
	// goal is the stack's stage, kept the one whose tiers stand beside it, and topology both: the same, if none is kept.
	goal, kept, topology stage.Topology
	place                place

	// key is the stack's own; nil where it uses AWS's.
	key      *encryption.Key
	topic    *observability.AlarmTopic
	global   observability.Global
	network  *network.Network
	database *database.Database
	cache    *cache.Cache
	fleet    *systemsmanager.Fleet
	domain   *domain.Domain
	// api is the API's own name, where the page comes from elsewhere.
	api      *domain.Domain
	balancer *loadbalancer.LoadBalancer
	// origin is the secret between CloudFront and the load balancer, where nobody else reaches it.
	origin *originsecret.Origin
	// edge is where CloudFront answers; nil without it.
	edge          *edge
	visitsTable   *dynamodbtable.Table
	visits        *functions.Function
	functions     *functions.API
	configuration *parameters.Configuration
	web           *web.Web
	// serving is what must be there before users are led to what serves.
	serving []pulumi.Resource
	// services are in the order of the settings.
	services []*services.Microservice

	// variables are what the service is told, by the names of its environment.
	variables map[string]pulumi.StringInput
	sections  []observability.Section
	// service are the alarms of what users depend on.
	service observability.Alarms
	// tiers are those that cost something.
	tiers []string
}

// run makes the tiers in an order in which each finds what it needs: data first, then the entry, which needs no target
// yet, then what serves, and only then the name that leads there.
func (d *deployment) run() error {
	steps := []func() error{
		d.fit,
		d.retain, d.encrypt, d.notify, d.watchKey, d.notifyGlobally, d.guard, d.audit, d.lay, d.manage,
		d.store, d.accelerate,
		d.name, d.enter, d.tabulate, d.compute,
		d.configure, d.serve, d.orchestrate, d.present, d.point,
		d.deliver, d.budget, d.watch,
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// show gives a tier its place on the dashboard; no tier goes without.
func (d *deployment) show(title string, alarms observability.Alarms) error {
	if len(alarms) == 0 {
		return fmt.Errorf("the tier %q has no alarms", title)
	}
	d.sections = append(d.sections, observability.Section{Title: title, Alarms: alarms})
	return nil
}

// tags are what a tier's resources carry: the user's own, and by which stack and tier costs are allocated.
func (d *deployment) tags(tier string) pulumi.StringMap {
	tags := pulumi.ToStringMap(d.settings.Tags)
	tags["Project"] = pulumi.String(d.ctx.Project())
	tags["Stack"] = pulumi.String(d.ctx.Stack())
	tags["Tier"] = pulumi.String(tier)
	if !slices.Contains(d.tiers, tier) {
		d.tiers = append(d.tiers, tier)
	}
	return tags
}
