package cost

var requestRules = map[string]rule{
	"aws:apigatewayv2/api:Api": func(of resource, in *stack) []charge {
		if of.text("protocolType") != "HTTP" {
			return []charge{{key: "apigateway/" + of.text("protocolType")}}
		}
		return []charge{{"apigateway/http", in.share(in.usage.RequestsPerMonth*in.usage.FunctionShare/1e6, of), true}}
	},
	"aws:sqs/queue:Queue": func(_ resource, in *stack) []charge {
		in.note("queues hold what failed, and cost nothing that matters")
		return []charge{{"sqs/requests", 0, true}}
	},
	"aws:sfn/stateMachine:StateMachine": func(of resource, in *stack) []charge {
		if of.text("type") == "EXPRESS" {
			return []charge{{key: "stepfunctions/express"}}
		}
		in.note("a state machine makes ten transitions for each run of a pipeline")
		return []charge{{"stepfunctions/transitions", in.usage.BuildsPerMonth * 10 / 1000, true}}
	},
}
