package cost

import "cmp"

var networkRules = map[string]rule{
	"aws:ec2/eip:Eip": fixed("ipv4/address", hours),
	"aws:ec2/natGateway:NatGateway": func(r resource, s *stack) []charge {
		return []charge{{"nat/hour", hours, false}, {"nat/processed", s.share(s.usage.NATGBPerMonth, r), true}}
	},
	"aws:ec2/vpcEndpoint:VpcEndpoint": func(r resource, _ *stack) []charge {
		if cmp.Or(r.text("vpcEndpointType"), "Gateway") == "Gateway" {
			return nil // Amazon VPC User Guide, "Gateway endpoints": no charge
		}
		return []charge{{key: "vpc/interface endpoint"}}
	},
	"aws:lb/loadBalancer:LoadBalancer": loadBalancer,
	"aws:cloudfront/distribution:Distribution": func(r resource, s *stack) []charge {
		return []charge{
			{"cloudfront/transfer", s.share(s.responses(), r), true},
			{"cloudfront/requests", s.share(s.usage.RequestsPerMonth/1e4, r), true},
		}
	},
	"aws:cloudfront/function:Function": func(r resource, s *stack) []charge {
		return []charge{{"cloudfront/functions", s.share(s.usage.RequestsPerMonth/1e6, r), true}}
	},
	"aws:route53/zone:Zone": func(r resource, s *stack) []charge {
		s.note("one of ten requests queries Route 53")
		return []charge{
			{"route53/zone", 1, false},
			{"route53/queries", s.share(s.usage.RequestsPerMonth/1e7, r), true},
		}
	},
	"aws:route53/healthCheck:HealthCheck": func(r resource, _ *stack) []charge {
		switch r.text("type") {
		case "CLOUDWATCH_METRIC", "CALCULATED":
			return []charge{{"route53/check", 1, false}}
		default:
			return []charge{{"route53/endpoint", 1, false}}
		}
	},
	"aws:wafv2/webAcl:WebAcl": func(r resource, s *stack) []charge {
		return []charge{
			{"waf/acl", 1, false},
			{"waf/rule", float64(len(r.list("rules"))), false},
			{"waf/requests", s.share(s.usage.RequestsPerMonth/1e6, r), true},
		}
	},
}

// loadBalancer returns the charges of an Application Load Balancer. Of the four measures of an LCU, 1 GB an hour is
// mostly the largest (Elastic Load Balancing pricing).
func loadBalancer(r resource, s *stack) []charge {
	if kind := cmp.Or(r.text("loadBalancerType"), "application"); kind != "application" {
		return []charge{{key: kind + " load balancer"}}
	}
	gigabytes := s.requests() * s.usage.KilobytesPerResponse // millions × kB = GB
	charges := []charge{
		{"alb/hour", hours, false},
		{"alb/lcu", s.share(gigabytes, r), true},
	}
	if s.counts["aws:cloudfront/distribution:Distribution"] == 0 {
		charges = append(charges, charge{"transfer/internet", s.share(s.responses(), r), true})
	}
	if !r.isTrue("internal") {
		zones := float64(len(r.list("subnets")))
		if zones == 0 {
			zones = float64(len(s.zones))
			s.note("a load balancer is in every zone of the stack where a preview does not know its subnets")
		}
		if zones == 0 {
			return append(charges, charge{key: "ipv4/addresses, whose zones are unknown"})
		}
		charges = append(charges, charge{"ipv4/address", zones * hours, false})
	}
	return charges
}
