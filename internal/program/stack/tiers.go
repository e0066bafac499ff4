package stack

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/budgets"
	"stagecraft/components/delivery"
	"stagecraft/components/observability"
)

// tier is a part of the stack: its value of the tag Tier, which its budget has too, its sections of the dashboard, and
// those of its alarms that users depend on.
type tier struct {
	name     string
	sections []observability.Section
	service  observability.Alarms
}

// tiersOf returns the stack's tiers, in the order of the dashboard.
func tiersOf(
	base foundation, data dataStores, entry entry, visits *visits, compute compute, edge edge, pipelines *delivery.Delivery,
) []tier {
	regional := func(title string, alarms observability.Alarms) observability.Section {
		return observability.Section{Title: title, Alarms: alarms}
	}
	global := func(title string, alarms observability.Alarms) observability.Section {
		return observability.Section{Title: title, Alarms: alarms, Region: globalRegion}
	}
	var all []tier
	add := func(name string, service observability.Alarms, sections ...observability.Section) {
		all = append(all, tier{name, sections, service})
	}
	if base.key != nil {
		add("encryption", nil, regional("Encryption key", base.keyAlarms))
	}
	add("guard", nil, global("Trusted Advisor", base.security.GlobalAlarms), regional("Guard", base.security.Alarms))
	if base.trail != nil {
		add("observability", nil, regional("Audit log", base.trail.Alarms))
	} else {
		add("observability", nil)
	}
	add("network", nil, regional("Network", base.network.Alarms))
	add("fleet", nil, regional("Fleet", base.nodes.Alarms))
	add("gate", nil, regional("Gate", base.gate.Alarms))
	add("database", data.database.WriterAlarms, regional("Database", data.database.Alarms))
	if data.cache != nil { // without a cache, the database answers: its alarms are not the service's
		add("cache", nil, regional("Cache", data.cache.Alarms))
	}
	if entry.domain != nil {
		add("domain", nil, domainSections(entry)...)
	}
	if entry.balancer != nil {
		add("loadbalancer", entry.balancer.Alarms, regional("Load balancer", entry.balancer.Alarms))
	}
	if visits != nil {
		add("datastore", nil, regional("Tables", visits.table.Alarms))
		add("functions", visits.api.Alarms, regional("Functions", append(visits.function.Alarms, visits.api.Alarms...)))
	}
	add("configuration", nil)
	if compute.web != nil {
		add("web", compute.web.Alarms, regional("Web", compute.web.Alarms))
	}
	if compute.cluster != nil {
		services := tier{name: "services"}
		for _, service := range compute.services {
			services.sections = append(services.sections, regional("Service "+service.Name, service.Alarms))
			services.service = append(services.service, service.Alarms...)
		}
		all = append(all, services)
	}
	if edge.firewall != nil {
		add("firewall", nil, global("Firewall", edge.firewall.Alarms))
	}
	if edge.frontend != nil {
		add("frontend", nil, global("CloudFront", edge.frontend.GlobalAlarms), regional("Frontend", edge.frontend.Alarms))
	}
	if pipelines != nil {
		add("delivery", nil, regional("Delivery", pipelines.Alarms))
	}
	return all
}

func domainSections(entry entry) []observability.Section {
	var sections []observability.Section
	if alarms := entry.domain.GlobalAlarms; len(alarms) > 0 {
		sections = append(sections, observability.Section{Title: "Domain at CloudFront", Alarms: alarms, Region: globalRegion})
	}
	alarms := entry.domain.Alarms
	if entry.api != nil {
		alarms = slices.Concat(alarms, entry.api.Alarms, entry.origin.Alarms)
	}
	if len(alarms) > 0 {
		sections = append(sections, observability.Section{Title: "Domain", Alarms: alarms})
	}
	return sections
}

// newBudgets declares the budgets of the account and of each tier.
func newBudgets(ctx *pulumi.Context, in inputs, base foundation, tiers []tier) error {
	var names []string
	for _, tier := range tiers {
		names = append(names, tier.name)
	}
	_, err := budgets.New(ctx, "spend", &budgets.Args{
		MonthlyBudgetUSD:  in.settings.Budget.MonthlyUSD,
		Tiers:             names,
		TierPercent:       in.settings.Budget.TierPercent,
		Owned:             in.settings.OwnsAccountSingletons,
		AnomalyMonitorArn: in.settings.Budget.AnomalyMonitorArn,
		AnomalyUSD:        in.settings.Budget.AnomalyUSD,
		ActivateTags:      in.settings.Budget.ActivateTags,
		Email:             in.settings.Alarms.Email,
		AlarmTopicArn:     base.topic.Arn,
		Tags:              in.tags("spend"),
	})
	return err
}

// newDashboard declares the alarm of the whole service, and the dashboard of all tiers. It rejects a section without
// alarms.
func newDashboard(ctx *pulumi.Context, in inputs, base foundation, tiers []tier) (*observability.Dashboard, error) {
	var sections []observability.Section
	var alarms observability.Alarms
	for _, tier := range tiers {
		for _, section := range tier.sections {
			if len(section.Alarms) == 0 {
				return nil, fmt.Errorf("the section %q of the tier %q has no alarms", section.Title, tier.name)
			}
		}
		sections, alarms = append(sections, tier.sections...), append(alarms, tier.service...)
	}
	service, err := observability.NewServiceAlarm(ctx, "service", &observability.ServiceAlarmArgs{
		Alarms:   alarms,
		TopicArn: base.topic.Arn,
		Tags:     in.tags("observability"),
	})
	if err != nil {
		return nil, err
	}
	return observability.NewDashboard(ctx, "dashboard", &observability.DashboardArgs{
		Region:   in.region,
		Service:  service,
		Sections: sections,
	})
}
