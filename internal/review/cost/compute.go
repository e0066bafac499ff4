package cost

import (
	"cmp"
	"strings"
)

var computeRules = map[string]rule{
	"aws:ec2/instance:Instance": func(of resource, in *stack) []charge {
		charges := instances(of, 1, of.is("monitoring"))
		charges = append(charges, volume(of.object("rootBlockDevice"), 1, in))
		if of.is("associatePublicIpAddress") && !in.replaced(of) {
			charges = append(charges, charge{"ipv4/address", hours, false})
		}
		if in.counts["aws:lb/loadBalancer:LoadBalancer"]+in.counts["aws:cloudfront/distribution:Distribution"] == 0 {
			charges = append(charges, charge{"transfer/internet", in.share(in.responses(), of), true})
		}
		return charges
	},
	"aws:ebs/volume:Volume": func(of resource, _ *stack) []charge {
		return []charge{{"ebs/" + cmp.Or(of.text("type"), "gp2"), of.number("size"), false}}
	},
	"aws:autoscaling/group:Group": group,
	"aws:ecs/service:Service":     service,
	"aws:lambda/function:Function": func(of resource, in *stack) []charge {
		calls := in.calls(of)
		memory := cmp.Or(of.number("memorySize"), 128) / 1024
		return []charge{
			{"lambda/requests", calls / 1e6, true},
			{"lambda/" + architecture(of), calls * in.usage.FunctionMilliseconds / 1000 * memory, true},
		}
	},
	"aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": func(of resource, in *stack) []charge {
		function, found := in.referred(of, "functionName")
		if !found {
			return []charge{{key: "lambda/provisioned, whose function is not in the stack"}}
		}
		memory := cmp.Or(function.number("memorySize"), 128) / 1024
		seconds := of.number("provisionedConcurrentExecutions") * hours * 3600
		return []charge{{"lambda/provisioned/" + architecture(function), seconds * memory, false}}
	},
}

// architecture is a function's; AWS's default is x86_64.
func architecture(of resource) string {
	if list := of.list("architectures"); len(list) == 1 {
		if text, isText := list[0].(string); isText {
			return text
		}
	}
	return "x86_64"
}

// calls are a month's calls of a function: those behind an API Gateway share the users' requests; others, which AWS
// itself calls now and then, have none that matter.
func (s *stack) calls(function resource) float64 {
	if s.counts["aws:apigatewayv2/api:Api"] == 0 || strings.Contains(string(function.its.URN.QualifiedType()), "rotation") {
		s.note("functions that only AWS calls, such as for rotation, cost nothing that matters")
		return 0
	}
	return s.usage.RequestsPerMonth * s.usage.FunctionShare
}

// metrics are the metrics of an instance with detailed monitoring (Amazon CloudWatch pricing).
const metrics = 7

func instances(of resource, count float64, detailed bool) []charge {
	charges := []charge{{"ec2/" + of.text("instanceType"), count * hours, false}}
	if detailed {
		charges = append(charges, charge{"cloudwatch/metric", count * metrics, false})
	}
	return charges
}

// volume is a root volume; AWS's images have 8 GB.
func volume(of resource, count float64, in *stack) charge {
	size := of.number("volumeSize")
	if size == 0 {
		size = 8
		in.note("a root volume whose size is not given has 8 GB")
	}
	return charge{"ebs/" + cmp.Or(of.text("volumeType"), "gp3"), count * size, false}
}

// replaced tells whether an Elastic IP takes the place of an instance's own address: one is charged, not both.
func (s *stack) replaced(instance resource) bool {
	for _, its := range s.byURN {
		if its.Type != "aws:ec2/eipAssociation:EipAssociation" {
			continue
		}
		if with, found := s.referred(resource{its.Inputs, its}, "instanceId"); found && with.its == instance.its {
			return true
		}
	}
	return false
}

func group(of resource, in *stack) []charge {
	in.note("an auto-scaling group has its least number of instances all month")
	template, found := in.referred(of, "launchTemplate")
	if !found {
		return []charge{{key: "ec2/instances, whose launch template is not in the stack"}}
	}
	count := of.number("minSize")
	charges := instances(template, count, template.object("monitoring").is("enabled"))
	for _, mapping := range template.list("blockDeviceMappings") {
		if object, isObject := mapping.(map[string]any); isObject {
			disk := resource{object, of.its}.object("ebs")
			charges = append(charges, volume(disk, count, in))
		}
	}
	return charges
}

func service(of resource, in *stack) []charge {
	in.note("a service on Fargate has its desired number of tasks all month, none of it Spot")
	task, found := in.referred(of, "taskDefinition")
	if !found {
		return []charge{{key: "fargate/tasks, whose task definition is not in the stack"}}
	}
	key := "fargate/" + strings.ToLower(cmp.Or(task.object("runtimePlatform").text("cpuArchitecture"), "X86_64"))
	count := of.number("desiredCount")
	charges := []charge{
		{key + "/vcpu", count * hours * task.number("cpu") / 1024, false},
		{key + "/memory", count * hours * task.number("memory") / 1024, false},
	}
	if of.object("networkConfiguration").is("assignPublicIp") {
		charges = append(charges, charge{"ipv4/address", count * hours, false})
	}
	return charges
}
