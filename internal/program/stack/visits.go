package stack

import (
	"cmp"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/dynamodbtable"
	"stagecraft/components/functions"
	"stagecraft/components/role"
)

// visitsPath is the path of the function that counts visits, at the API and at CloudFront.
const visitsPath = "/visits"

// placeholderArchive is a file of the project, since Pulumi's own archives make no file executable (pulumi/pulumi issue
// 3593). The path is relative, so that the stack's state is the same on every machine.
const placeholderArchive = "components/functions/placeholder.zip"

// The API allows what one item of the table takes, a thousand changes a second (Amazon DynamoDB Developer Guide,
// "DynamoDB burst and adaptive capacity"), with room for retries.
const (
	functionRequestsPerSecond = 500
	functionBurst             = 1000
)

// visits is the function that counts visits, with its table and API.
type visits struct {
	table    *dynamodbtable.Table
	function *functions.Function
	api      *functions.API
}

// newVisits declares the visits' table, function and API, or returns nil where the stage has no functions.
func newVisits(ctx *pulumi.Context, in inputs, base foundation) (*visits, error) {
	if !in.topology.Functions {
		return nil, nil
	}
	table, err := newVisitsTable(ctx, in, base)
	if err != nil {
		return nil, err
	}
	function, err := newVisitsFunction(ctx, in, base, table)
	if err != nil {
		return nil, err
	}
	api, err := functions.NewAPI(ctx, "functions", &functions.APIArgs{
		Routes:            map[string]*functions.Function{"GET " + visitsPath: function, "POST " + visitsPath: function},
		RequestsPerSecond: functionRequestsPerSecond,
		Burst:             functionBurst,
		LogRetentionDays:  in.settings.LogRetentionDays,
		KmsKeyArn:         base.keyArn(),
		AlarmTopicArn:     base.topic.Arn,
		Tags:              in.tags("functions"),
	})
	return &visits{table: table, function: function, api: api}, err
}

func newVisitsTable(ctx *pulumi.Context, in inputs, base foundation) (*dynamodbtable.Table, error) {
	return dynamodbtable.New(ctx, "visits", &dynamodbtable.Args{
		HashKey:       dynamodbtable.Key{Name: "page", Type: "S"},
		Operations:    []string{"GetItem", "UpdateItem"},
		Ephemeral:     in.settings.Ephemeral || !in.goal.Functions,
		KmsKeyArn:     base.keyArn(),
		AlarmTopicArn: base.topic.Arn,
		Tags:          in.tags("datastore"),
	})
}

// newVisitsFunction declares the function. Without an archive a placeholder answers until the first release.
func newVisitsFunction(
	ctx *pulumi.Context, in inputs, base foundation, table *dynamodbtable.Table,
) (*functions.Function, error) {
	configured := in.settings.Functions
	return functions.New(ctx, "visits", &functions.Args{
		Description:            "Counts the visits of " + in.project + " " + in.stack,
		Archive:                cmp.Or(configured.Archive, placeholderArchive),
		Placeholder:            configured.Archive == "",
		MemoryMiB:              256,
		TimeoutSeconds:         5,
		Environment:            map[string]pulumi.StringInput{"VISITS_TABLE": table.Name},
		Permissions:            []role.Statement{table.Access()},
		ReservedConcurrency:    configured.ReservedConcurrency,
		ProvisionedConcurrency: configured.ProvisionedConcurrency,
		LogRetentionDays:       in.settings.LogRetentionDays,
		KmsKeyArn:              base.keyArn(),
		AlarmTopicArn:          base.topic.Arn,
		Tags:                   in.tags("functions"),
	})
}
