package cost

import "strings"

var deliveryRules = map[string]rule{
	"aws:codebuild/project:Project": func(r resource, s *stack) []charge {
		environment := r.object("environment")
		size := strings.ToLower(strings.TrimPrefix(environment.text("computeType"), "BUILD_GENERAL1_"))
		key := "codebuild/" + strings.ToLower(environment.text("type")) + "/" + size
		return []charge{{key, s.usage.BuildsPerMonth * s.usage.MinutesPerBuild, true}}
	},
	"aws:codepipeline/pipeline:Pipeline": func(r resource, s *stack) []charge {
		if r.text("pipelineType") != "V2" {
			return []charge{{"codepipeline/v1", 1, false}}
		}
		s.note("a run of a pipeline takes twice a build's minutes")
		return []charge{{"codepipeline/v2", 2 * s.usage.BuildsPerMonth * s.usage.MinutesPerBuild, true}}
	},
}
