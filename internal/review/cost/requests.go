package cost

var requestRules = map[string]rule{
	"aws:apigatewayv2/api:Api": func(r resource, s *stack) []charge {
		if r.text("protocolType") != "HTTP" {
			return []charge{{key: "apigateway/" + r.text("protocolType")}}
		}
		return []charge{{"apigateway/http", s.share(s.usage.RequestsPerMonth*s.usage.FunctionShare/1e6, r), true}}
	},
	"aws:sqs/queue:Queue": func(_ resource, s *stack) []charge {
		s.note("queues hold failed messages only, and cost next to nothing")
		return []charge{{"sqs/requests", 0, true}}
	},
	"aws:sfn/stateMachine:StateMachine": func(r resource, s *stack) []charge {
		if r.text("type") == "EXPRESS" {
			return []charge{{key: "stepfunctions/express"}}
		}
		s.note("a state machine makes ten transitions for each run of a pipeline")
		return []charge{{"stepfunctions/transitions", s.usage.BuildsPerMonth * 10 / 1000, true}}
	},
}
