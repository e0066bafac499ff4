package cost

import "cmp"

var networkRules = map[string]rule{
	"aws:ec2/eip:Eip": fixed("ipv4/address", hours),
	"aws:ec2/natGateway:NatGateway": func(of resource, in *stack) []charge {
		return []charge{{"nat/hour", hours, false}, {"nat/processed", in.share(in.usage.NATGBPerMonth, of), true}}
	},
	"aws:ec2/vpcEndpoint:VpcEndpoint": func(of resource, _ *stack) []charge {
		if cmp.Or(of.text("vpcEndpointType"), "Gateway") == "Gateway" {
			return nil // Amazon VPC User Guide, "Gateway endpoints": no charge
		}
		return []charge{{key: "vpc/interface endpoint"}}
	},
	"aws:lb/loadBalancer:LoadBalancer": loadBalancer,
	"aws:cloudfront/distribution:Distribution": func(of resource, in *stack) []charge {
		return []charge{
			{"cloudfront/transfer", in.share(in.responses(), of), true},
			{"cloudfront/requests", in.share(in.usage.RequestsPerMonth/1e4, of), true},
		}
	},
	"aws:cloudfront/function:Function": func(of resource, in *stack) []charge {
		return []charge{{"cloudfront/functions", in.share(in.usage.RequestsPerMonth/1e6, of), true}}
	},
	"aws:route53/zone:Zone": func(of resource, in *stack) []charge {
		in.note("one of ten requests asks Route 53 for the address")
		return []charge{
			{"route53/zone", 1, false},
			{"route53/queries", in.share(in.usage.RequestsPerMonth/1e7, of), true},
		}
	},
	"aws:route53/healthCheck:HealthCheck": func(of resource, _ *stack) []charge {
		switch of.text("type") {
		case "CLOUDWATCH_METRIC", "CALCULATED":
			return []charge{{"route53/check", 1, false}}
		default:
			return []charge{{"route53/endpoint", 1, false}}
		}
	},
	"aws:wafv2/webAcl:WebAcl": func(of resource, in *stack) []charge {
		return []charge{
			{"waf/acl", 1, false},
			{"waf/rule", float64(len(of.list("rules"))), false},
			{"waf/requests", in.share(in.usage.RequestsPerMonth/1e6, of), true},
		}
	},
}

// loadBalancer is an Application Load Balancer. An LCU is, of four measures, mostly 1 GB an hour (Elastic Load Balancing
// pricing).
func loadBalancer(of resource, in *stack) []charge {
	if kind := cmp.Or(of.text("loadBalancerType"), "application"); kind != "application" {
		return []charge{{key: kind + " load balancer"}}
	}
	gigabytes := in.requests() * in.usage.KilobytesPerResponse // millions × kB = GB
	charges := []charge{
		{"alb/hour", hours, false},
		{"alb/lcu", in.share(gigabytes, of), true},
	}
	if in.counts["aws:cloudfront/distribution:Distribution"] == 0 {
		charges = append(charges, charge{"transfer/internet", in.share(in.responses(), of), true})
	}
	if !of.is("internal") {
		zones := float64(len(of.list("subnets")))
		if zones == 0 {
			zones = float64(len(in.zones))
			in.note("a load balancer is in every zone of the stack where a preview does not know its subnets")
		}
		if zones == 0 {
			return append(charges, charge{key: "ipv4/addresses, whose zones nothing tells"})
		}
		charges = append(charges, charge{"ipv4/address", zones * hours, false})
	}
	return charges
}
