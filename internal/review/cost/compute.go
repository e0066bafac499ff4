package cost

import (
	"cmp"
	"strings"
)

var computeRules = map[string]rule{
	"aws:ec2/instance:Instance": func(r resource, s *stack) []charge {
		charges := instances(r, 1, r.isTrue("monitoring"))
		charges = append(charges, volume(r.object("rootBlockDevice"), 1, s))
		if r.isTrue("associatePublicIpAddress") && !s.hasElasticIP(r) {
			charges = append(charges, charge{"ipv4/address", hours, false})
		}
		if s.counts["aws:lb/loadBalancer:LoadBalancer"]+s.counts["aws:cloudfront/distribution:Distribution"] == 0 {
			charges = append(charges, charge{"transfer/internet", s.share(s.responses(), r), true})
		}
		return charges
	},
	"aws:ebs/volume:Volume": func(r resource, _ *stack) []charge {
		return []charge{{"ebs/" + cmp.Or(r.text("type"), "gp2"), r.number("size"), false}}
	},
	"aws:autoscaling/group:Group": group,
	"aws:ecs/service:Service":     service,
	"aws:lambda/function:Function": func(r resource, s *stack) []charge {
		calls := s.calls(r)
		memory := cmp.Or(r.number("memorySize"), 128) / 1024
		return []charge{
			{"lambda/requests", calls / 1e6, true},
			{"lambda/" + architecture(r), calls * s.usage.FunctionMilliseconds / 1000 * memory, true},
		}
	},
	"aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": func(r resource, s *stack) []charge {
		function, known := s.reference(r, "functionName")
		if !known {
			return []charge{{key: "lambda/provisioned, whose function is not in the stack"}}
		}
		memory := cmp.Or(function.number("memorySize"), 128) / 1024
		seconds := r.number("provisionedConcurrentExecutions") * hours * 3600
		return []charge{{"lambda/provisioned/" + architecture(function), seconds * memory, false}}
	},
}

// architecture returns the architecture of a function, by default x86_64.
func architecture(function resource) string {
	if list := function.list("architectures"); len(list) == 1 {
		if text, isText := list[0].(string); isText {
			return text
		}
	}
	return "x86_64"
}

// calls returns a month's calls of a function: functions behind an API Gateway share the users' requests; the few calls
// by AWS itself do not count.
func (s *stack) calls(function resource) float64 {
	if s.counts["aws:apigatewayv2/api:Api"] == 0 || strings.Contains(string(function.state.URN.QualifiedType()), "rotation") {
		s.note("functions that only AWS calls, such as for rotation, cost next to nothing")
		return 0
	}
	return s.usage.RequestsPerMonth * s.usage.FunctionShare
}

// metrics is the number of metrics of an instance with detailed monitoring (Amazon CloudWatch pricing).
const metrics = 7

func instances(r resource, count float64, detailed bool) []charge {
	charges := []charge{{"ec2/" + r.text("instanceType"), count * hours, false}}
	if detailed {
		charges = append(charges, charge{"cloudwatch/metric", count * metrics, false})
	}
	return charges
}

// volume returns the charge of root volumes, by default of 8 GB as in AWS's images.
func volume(disk resource, count float64, s *stack) charge {
	size := disk.number("volumeSize")
	if size == 0 {
		size = 8
		s.note("a root volume whose size is not given has 8 GB")
	}
	return charge{"ebs/" + cmp.Or(disk.text("volumeType"), "gp3"), count * size, false}
}

// hasElasticIP reports whether an Elastic IP replaces the instance's own public address: AWS charges for one of them.
func (s *stack) hasElasticIP(instance resource) bool {
	for _, state := range s.byURN {
		if state.Type != "aws:ec2/eipAssociation:EipAssociation" {
			continue
		}
		if associated, known := s.reference(resource{state.Inputs, state}, "instanceId"); known && associated.state == instance.state {
			return true
		}
	}
	return false
}

func group(r resource, s *stack) []charge {
	s.note("an auto-scaling group runs its minimum number of instances all month")
	template, known := s.reference(r, "launchTemplate")
	if !known {
		return []charge{{key: "ec2/instances, whose launch template is not in the stack"}}
	}
	count := r.number("minSize")
	charges := instances(template, count, template.object("monitoring").isTrue("enabled"))
	for _, mapping := range template.list("blockDeviceMappings") {
		if object, isObject := mapping.(map[string]any); isObject {
			disk := resource{object, r.state}.object("ebs")
			charges = append(charges, volume(disk, count, s))
		}
	}
	return charges
}

func service(r resource, s *stack) []charge {
	s.note("a service on Fargate runs its desired number of tasks all month, none of them Spot")
	task, known := s.reference(r, "taskDefinition")
	if !known {
		return []charge{{key: "fargate/tasks, whose task definition is not in the stack"}}
	}
	key := "fargate/" + strings.ToLower(cmp.Or(task.object("runtimePlatform").text("cpuArchitecture"), "X86_64"))
	count := r.number("desiredCount")
	charges := []charge{
		{key + "/vcpu", count * hours * task.number("cpu") / 1024, false},
		{key + "/memory", count * hours * task.number("memory") / 1024, false},
	}
	if r.object("networkConfiguration").isTrue("assignPublicIp") {
		charges = append(charges, charge{"ipv4/address", count * hours, false})
	}
	return charges
}
