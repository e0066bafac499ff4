package cost

import "strings"

var deliveryRules = map[string]rule{
	"aws:codebuild/project:Project": func(of resource, in *stack) []charge {
		environment := of.object("environment")
		size := strings.ToLower(strings.TrimPrefix(environment.text("computeType"), "BUILD_GENERAL1_"))
		key := "codebuild/" + strings.ToLower(environment.text("type")) + "/" + size
		return []charge{{key, in.usage.BuildsPerMonth * in.usage.MinutesPerBuild, true}}
	},
	"aws:codepipeline/pipeline:Pipeline": func(of resource, in *stack) []charge {
		if of.text("pipelineType") != "V2" {
			return []charge{{"codepipeline/v1", 1, false}}
		}
		in.note("a run of a pipeline takes twice a build's minutes")
		return []charge{{"codepipeline/v2", 2 * in.usage.BuildsPerMonth * in.usage.MinutesPerBuild, true}}
	},
}
