package rules

var tls = props{"lbProtocol": "https", "sslCertificateId": "arn:aws:acm:eu-west-1:123456789012:certificate/1"}

var classicExamples = map[string]examples{
	"elb-https": {
		typ:  "aws:elasticloadbalancing/loadBalancer:LoadBalancer",
		pass: []props{{"listeners": []any{tls}}, {"listeners": []any{props{"lbProtocol": "SSL"}}}},
		fail: []props{{"listeners": []any{tls, props{"lbProtocol": "http"}}}, {"listeners": []any{props{"lbProtocol": "tcp"}}}},
	},
	"elb-acm-certificate": {
		typ:  elbLoadBalancer,
		pass: []props{{}, {"listeners": []any{tls}}, {"listeners": []any{props{"lbProtocol": "http"}}}},
		fail: []props{
			{"listeners": []any{props{"lbProtocol": "https"}}},
			{"listeners": []any{props{"lbProtocol": "ssl", "sslCertificateId": "arn:aws:iam::123456789012:server-certificate/a"}}},
		},
	},
	"elb-access-logs": {
		typ: elbLoadBalancer,
		pass: []props{
			{"accessLogs": props{"bucket": "logs"}},
			{"accessLogs": props{"bucket": "logs", "enabled": true}},
		},
		fail: []props{{}, {"accessLogs": props{"bucket": "logs", "enabled": false}}},
	},
	"elb-draining": {
		typ:  elbLoadBalancer,
		pass: []props{{"connectionDraining": true}},
		fail: []props{{}, {"connectionDraining": false}},
	},
	"elb-cross-zone": {
		typ:  elbLoadBalancer,
		pass: []props{{}, {"crossZoneLoadBalancing": true}},
		fail: []props{{"crossZoneLoadBalancing": false}},
	},
	"elb-spans-zones": {
		typ: elbLoadBalancer,
		pass: []props{
			{"subnets": []any{"subnet-1", "subnet-2"}},
			{"availabilityZones": []any{"eu-west-1a", "eu-west-1b"}},
		},
		fail: []props{{}, {"subnets": []any{"subnet-1"}}, {"availabilityZones": []any{"eu-west-1a"}}},
	},
	"elb-desync-mitigation": {
		typ:  elbLoadBalancer,
		pass: []props{{}, {"desyncMitigationMode": "strictest"}},
		fail: []props{{"desyncMitigationMode": "monitor"}},
	},
}

// negotiating returns a Classic Load Balancer with TLS and one of its policies.
func negotiating(typ, balancer string, policy props) []part {
	return []part{
		{typ: elbLoadBalancer, name: "entry", props: props{"listeners": []any{tls}}},
		{typ: typ, name: "policy", props: policy, from: cameFrom(balancer, "entry")},
	}
}

var classicStacks = map[string]stacks{
	"elb-tls-policy": {
		pass: [][]part{
			{{typ: elbLoadBalancer, name: "entry", props: props{"listeners": []any{props{"lbProtocol": "http"}}}}},
			negotiating("aws:elb/sslNegotiationPolicy:SslNegotiationPolicy", "loadBalancer", props{
				"attributes": []any{props{"name": classicReference, "value": classicPolicy}},
			}),
			negotiating("aws:elb/loadBalancerPolicy:LoadBalancerPolicy", "loadBalancerName", props{
				"policyAttributes": []any{props{"name": classicReference, "value": classicPolicy}},
			}),
		},
		fail: [][]part{
			{{typ: elbLoadBalancer, name: "entry", props: props{"listeners": []any{tls}}}},
			negotiating("aws:elb/sslNegotiationPolicy:SslNegotiationPolicy", "loadBalancer", props{
				"attributes": []any{props{"name": classicReference, "value": "ELBSecurityPolicy-2016-08"}},
			}),
			negotiating("aws:elb/sslNegotiationPolicy:SslNegotiationPolicy", "loadBalancer", props{
				"attributes": []any{props{"name": "Protocol-TLSv1.2", "value": "true"}},
			}),
			{
				{typ: elbLoadBalancer, name: "entry", props: props{"id": "entry", "listeners": []any{tls}}},
				{typ: "aws:elb/sslNegotiationPolicy:SslNegotiationPolicy", name: "policy", props: props{
					"loadBalancer": "other", "attributes": []any{props{"name": classicReference, "value": classicPolicy}},
				}},
			},
		},
	},
}
