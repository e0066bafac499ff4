package stack

import (
	"cmp"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/dynamodbtable"
	"stagecraft/components/functions"
	"stagecraft/components/role"
)

// visitsPath is where visits are counted: whatever leads requests to the functions leads those of this path.
const visitsPath = "/visits"

// placeholderArchive is relative, so that it is the same on every machine, and beside what else is built.
const placeholderArchive = "bin/placeholder.zip"

// The API lets through what one item of the table takes, a thousand changes a second (Amazon DynamoDB Developer Guide,
// "DynamoDB burst and adaptive capacity"), with room for those that are tried again.
const (
	functionRequestsPerSecond = 500
	functionBurst             = 1000
)

// tabulate makes the tables for what a relational database is not made for.
func (d *deployment) tabulate() (err error) {
	if !d.topology.Functions {
		return nil
	}
	d.visitsTable, err = dynamodbtable.New(d.ctx, "visits", &dynamodbtable.Args{
		HashKey:       dynamodbtable.Key{Name: "page", Type: "S"},
		Operations:    []string{"GetItem", "UpdateItem"},
		Ephemeral:     d.settings.Ephemeral,
		AlarmTopicArn: d.topic.Arn,
		Tags:          d.tags("datastore"),
	})
	if err != nil {
		return err
	}
	return d.show("Tables", d.visitsTable.Alarms)
}

// compute makes the functions, and the API that leads to them.
func (d *deployment) compute() (err error) {
	if !d.topology.Functions {
		return nil
	}
	if d.visits, err = d.countVisits(); err != nil {
		return err
	}
	d.functions, err = functions.NewAPI(d.ctx, "functions", &functions.APIArgs{
		Routes:            map[string]*functions.Function{"GET " + visitsPath: d.visits, "POST " + visitsPath: d.visits},
		RequestsPerSecond: functionRequestsPerSecond,
		Burst:             functionBurst,
		LogRetentionDays:  d.settings.LogRetentionDays,
		AlarmTopicArn:     d.topic.Arn,
		Tags:              d.tags("functions"),
	})
	if err != nil {
		return err
	}
	d.ctx.Export("functionName", d.visits.FunctionName)
	d.ctx.Export("functionUrl", pulumi.Sprintf("https://%s%s", d.functions.Endpoint, visitsPath))
	d.service = append(d.service, d.functions.Alarms...)
	return d.show("Functions", append(d.visits.Alarms, d.functions.Alarms...))
}

// countVisits makes the function that counts visits. Without an archive a placeholder stands in for it until the first
// release.
func (d *deployment) countVisits() (*functions.Function, error) {
	configured := d.settings.Functions
	if configured.Archive == "" {
		if err := functions.WritePlaceholder(placeholderArchive); err != nil {
			return nil, err
		}
	}
	return functions.New(d.ctx, "visits", &functions.Args{
		Description:            "Counts the visits of " + d.ctx.Project() + " " + d.ctx.Stack(),
		Archive:                cmp.Or(configured.Archive, placeholderArchive),
		Placeholder:            configured.Archive == "",
		MemoryMiB:              256,
		TimeoutSeconds:         5,
		Environment:            map[string]pulumi.StringInput{"VISITS_TABLE": d.visitsTable.Name},
		Permissions:            []role.Statement{d.visitsTable.Access()},
		ReservedConcurrency:    configured.ReservedConcurrency,
		ProvisionedConcurrency: configured.ProvisionedConcurrency,
		LogRetentionDays:       d.settings.LogRetentionDays,
		AlarmTopicArn:          d.topic.Arn,
		Tags:                   d.tags("functions"),
	})
}
