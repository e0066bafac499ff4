package stack

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/delivery"
	"stagecraft/components/observability"
)

// export sets the stack's outputs.
func export(
	ctx *pulumi.Context, in inputs, base foundation, data dataStores, entry entry, visits *visits, compute compute, edge edge,
	pipelines *delivery.Delivery, dashboard *observability.Dashboard,
) {
	ctx.Export("url", serviceURL(in, entry, compute, edge))
	if in.kept.Entry != in.goal.Entry {
		ctx.Export("keptUrl", entryURL(in.kept.Entry, entry, compute, edge))
	}
	ctx.Export("dashboard", dashboard.URL)
	if base.trail != nil {
		ctx.Export("auditLogBucket", base.trail.Bucket)
	}
	ctx.Export("databaseEndpoint", data.database.Endpoint)
	ctx.Export("databaseReader", data.database.Reader)
	ctx.Export("databaseReplicaEndpoints", data.database.ReplicaEndpoints)
	ctx.Export("databaseSecretArn", data.database.SecretArn)
	if data.cache != nil {
		ctx.Export("cacheEndpoint", data.cache.Endpoint)
	}
	if compute.web != nil {
		ctx.Export("openSession", pulumi.Sprintf(
			"aws ssm start-session --region %s --document-name %s --target INSTANCE-ID", in.region, base.nodes.SessionDocument))
	}
	if compute.cluster != nil {
		repositories := pulumi.StringMap{}
		for _, service := range compute.services {
			repositories[service.Name] = service.RepositoryURL
		}
		ctx.Export("cluster", compute.cluster.Name)
		ctx.Export("imageRepositories", repositories)
	}
	if visits != nil {
		ctx.Export("functionName", visits.function.FunctionName)
		ctx.Export("functionUrl", pulumi.Sprintf("https://%s%s", visits.api.Endpoint, visitsPath))
	}
	if edge.frontend != nil {
		ctx.Export("frontendBucket", edge.frontend.BucketName)
		ctx.Export("distribution", edge.frontend.DistributionID)
	}
	if pipelines != nil {
		ctx.Export("pipeline", pipelines.PipelineURL)
		ctx.Export("repositoryConnection", pipelines.ConnectionURL)
		if in.settings.Delivery.Infrastructure {
			ctx.Export("infrastructurePipeline", pipelines.InfrastructureURL)
		}
	}
}
