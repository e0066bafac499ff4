package aws

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var minimalLoadBalancer = map[string]func(*testAccount) map[string]any{
	loadBalancerToken: func(a *testAccount) map[string]any {
		network := a.network("0")
		return with(loadBalancerInputs(network, "web"), map[string]any{
			"securityGroups": []any{a.securityGroup(network.vpc, "web").id},
		})
	},
	targetGroupToken: func(a *testAccount) map[string]any {
		return targetGroupInputs(a.create(vpcToken, map[string]any{"cidrBlock": "10.0.0.0/16"}), "web")
	},
	"aws:lb/targetGroupAttachment:TargetGroupAttachment": func(a *testAccount) map[string]any {
		network := a.network("0")
		return map[string]any{
			"targetGroupArn": a.create(targetGroupToken, targetGroupInputs(network.vpc, "web")).id,
			"targetId":       a.create(instanceToken, instanceInputs(network.subnets[0])).id,
		}
	},
	listenerToken: func(a *testAccount) map[string]any {
		network := a.network("0")
		group := a.create(targetGroupToken, targetGroupInputs(network.vpc, "web"))
		return listenerInputs(a.loadBalancer(network, "web"), group)
	},
}

func TestLoadBalancerRejections(t *testing.T) {
	t.Parallel()
	const attachment = "aws:lb/targetGroupAttachment:TargetGroupAttachment"
	logs := func(prepare func(*testAccount)) func(*testAccount) map[string]any {
		return func(a *testAccount) map[string]any {
			a.bucket("logs")
			prepare(a)
			return with(minimal[loadBalancerToken](a), map[string]any{
				"accessLogs": map[string]any{"bucket": "logs", "enabled": true},
			})
		}
	}
	forward := func(change func(*testAccount, testNetwork, map[string]any)) func(*testAccount) map[string]any {
		return func(a *testAccount) map[string]any {
			network := a.network("0")
			group := a.create(targetGroupToken, targetGroupInputs(network.vpc, "web"))
			inputs := listenerInputs(a.loadBalancer(network, "web"), group)
			change(a, network, inputs)
			return inputs
		}
	}
	redirect := func(to map[string]any) func(*testAccount, testNetwork, map[string]any) {
		return func(_ *testAccount, _ testNetwork, inputs map[string]any) {
			inputs["defaultActions"] = []any{map[string]any{"type": "redirect", "redirect": to}}
		}
	}
	runRejections(t, []rejection{
		{"one subnet", "ValidationError", loadBalancerToken, func(a *testAccount) map[string]any {
			return map[string]any{"name": "web", "subnets": []any{a.network("0").subnets[0].id}}
		}},
		{"two subnets in one zone", "InvalidConfigurationRequest", loadBalancerToken, func(a *testAccount) map[string]any {
			network := a.network("0")
			second := a.create(subnetToken, map[string]any{
				"vpcId": network.vpc.id, "cidrBlock": "10.0.9.0/24", "availabilityZone": "eu-west-1a",
			})
			return map[string]any{"name": "web", "subnets": []any{network.subnets[0].id, second.id}}
		}},
		{"subnets of two VPCs", "InvalidConfigurationRequest", loadBalancerToken, func(a *testAccount) map[string]any {
			return map[string]any{"name": "web", "subnets": []any{
				a.network("0").subnets[0].id, a.network("1").subnets[1].id,
			}}
		}},
		{"small subnet", "InvalidSubnet", loadBalancerToken, func(a *testAccount) map[string]any {
			network := a.network("0")
			small := a.create(subnetToken, map[string]any{
				"vpcId": network.vpc.id, "cidrBlock": "10.0.9.0/28", "availabilityZone": "eu-west-1b",
			})
			return map[string]any{"name": "web", "subnets": []any{network.subnets[0].id, small.id}}
		}},
		{
			"another VPC's security group", "InvalidConfigurationRequest", loadBalancerToken,
			func(a *testAccount) map[string]any {
				return with(minimal[loadBalancerToken](a), map[string]any{
					"securityGroups": []any{a.securityGroup(a.network("1").vpc, "other").id},
				})
			},
		},
		{"no internet", "InvalidSubnet", loadBalancerToken, func(a *testAccount) map[string]any {
			network := a.network("0")
			require.NoError(a.t, a.Delete(internetGatewayToken, network.gateway.id))
			return loadBalancerInputs(network, "web")
		}},
		{"logs without permission", "InvalidConfigurationRequest", loadBalancerToken, logs(func(*testAccount) {})},
		{
			"logs with permission for another place", "InvalidConfigurationRequest", loadBalancerToken,
			logs(func(a *testAccount) {
				a.create(bucketPolicyToken, map[string]any{
					"bucket": "logs", "policy": strings.ReplaceAll(logsPolicy, Account, "210987654321"),
				})
			}),
		},
		{
			"logs with another key than S3's own", "InvalidConfigurationRequest", loadBalancerToken,
			logs(func(a *testAccount) {
				a.create(bucketPolicyToken, map[string]any{"bucket": "logs", "policy": logsPolicy})
				a.create(bucketEncryptionToken, map[string]any{"bucket": "logs", "rules": encryptionRules("aws:kms")})
			}),
		},

		{"target group without a port", "ValidationError", targetGroupToken, but(targetGroupToken, map[string]any{"port": nil})},
		{"target group without a VPC", "ValidationError", targetGroupToken, but(targetGroupToken, map[string]any{"vpcId": nil})},
		{
			"health check longer than its interval", "ValidationError", targetGroupToken,
			but(targetGroupToken, map[string]any{"healthCheck": map[string]any{"interval": 10, "timeout": 10}}),
		},
		{"slow start too short", "ValidationError", targetGroupToken, but(targetGroupToken, map[string]any{"slowStart": 10})},

		{"target in another VPC", "InvalidTarget", attachment, func(a *testAccount) map[string]any {
			return map[string]any{
				"targetGroupArn": a.create(targetGroupToken, targetGroupInputs(a.network("0").vpc, "web")).id,
				"targetId":       a.create(instanceToken, instanceInputs(a.network("1").subnets[0])).id,
			}
		}},
		{
			"address in a group of instances", "ValidationError", attachment,
			but(attachment, map[string]any{"targetId": "10.0.0.9"}),
		},

		{"listener without a port", "ValidationError", listenerToken, but(listenerToken, map[string]any{"port": nil})},
		{"HTTPS without a certificate", "ValidationError", listenerToken, but(listenerToken, map[string]any{"protocol": "HTTPS"})},
		{
			"HTTP with a certificate", "ValidationError", listenerToken,
			forward(func(a *testAccount, _ testNetwork, inputs map[string]any) {
				inputs["certificateArn"] = a.create(certificateToken, certificateInputs("www.example.com")).id
			}),
		},
		{
			"HTTP with a security policy", "ValidationError", listenerToken,
			but(listenerToken, map[string]any{"sslPolicy": "ELBSecurityPolicy-2016-08"}),
		},
		{
			"certificate that is not issued", "UnsupportedCertificate", listenerToken,
			forward(func(a *testAccount, _ testNetwork, inputs map[string]any) {
				inputs["protocol"] = "HTTPS"
				inputs["certificateArn"] = a.create(certificateToken, certificateInputs("www.example.com")).id
			}),
		},
		{
			"unknown security policy", "SSLPolicyNotFound", listenerToken,
			forward(func(a *testAccount, _ testNetwork, inputs map[string]any) {
				inputs["protocol"], inputs["sslPolicy"] = "HTTPS", "ELBSecurityPolicy-1999"
				inputs["certificateArn"] = a.create(certificateToken, certificateInputs("www.example.com")).id
			}),
		},
		{
			"redirect to itself", "InvalidLoadBalancerAction", listenerToken,
			forward(redirect(map[string]any{"statusCode": "HTTP_301", "port": "80"})),
		},
		{
			"forward to nothing", "ValidationError", listenerToken,
			but(listenerToken, map[string]any{"defaultActions": []any{map[string]any{"type": "forward"}}}),
		},
		{"another VPC's target group", "InvalidConfigurationRequest", listenerToken, func(a *testAccount) map[string]any {
			group := a.create(targetGroupToken, targetGroupInputs(a.network("1").vpc, "web"))
			return listenerInputs(a.loadBalancer(a.network("0"), "web"), group)
		}},
		{"target group of another kind", "IncompatibleProtocols", listenerToken, func(a *testAccount) map[string]any {
			network := a.network("0")
			group := a.create(targetGroupToken, with(targetGroupInputs(network.vpc, "db"), map[string]any{"protocol": "TCP"}))
			return listenerInputs(a.loadBalancer(network, "web"), group)
		}},
		{
			"another load balancer's target group", "TargetGroupAssociationLimit", listenerToken,
			forward(func(a *testAccount, network testNetwork, inputs map[string]any) {
				a.create(listenerToken, with(inputs, map[string]any{"loadBalancerArn": a.loadBalancer(network, "other").id}))
			}),
		},
	})
}

func TestHTTPS(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	network := account.network("0")
	certificate := account.create(certificateToken, certificateInputs("www.example.com"))
	account.create(recordToken, proof(certificate))
	validation := account.create(certificateValidationToken, map[string]any{"certificateArn": certificate.id})
	balancer := account.loadBalancer(network, "web")
	listener := account.create(listenerToken, map[string]any{
		"loadBalancerArn": balancer.id, "port": 443, "protocol": "HTTPS",
		"certificateArn": validation.text("certificateArn"), "defaultActions": []any{map[string]any{
			"type": "forward", "targetGroupArn": account.create(targetGroupToken, targetGroupInputs(network.vpc, "web")).id,
		}},
	})
	require.Equal(t, "ELBSecurityPolicy-2016-08", listener.text("sslPolicy"))
	account.create(listenerToken, map[string]any{
		"loadBalancerArn": balancer.id, "port": 80, "protocol": "HTTP",
		"defaultActions": []any{map[string]any{"type": "redirect", "redirect": map[string]any{
			"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301",
		}}},
	})
	requireCode(t, "ResourceInUseException", account.Delete(certificateToken, certificate.id))
	account.create(recordToken, map[string]any{
		"zoneId": ownZoneID, "name": "www.example.com", "type": "A", "aliases": []any{map[string]any{
			"name": balancer.text("dnsName"), "zoneId": balancer.text("zoneId"), "evaluateTargetHealth": true,
		}},
	})

	require.NoError(t, account.Delete(loadBalancerToken, balancer.id))
	require.False(t, account.exists(listener), "listeners go with their load balancer")
}

// TestAccessLogs checks that the test file of Elastic Load Balancing prevents the deletion of the bucket.
func TestAccessLogs(t *testing.T) {
	t.Parallel()
	for name, policy := range map[string]string{
		"service": logsPolicy,
		"account": strings.ReplaceAll(logsPolicy, `{"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}`,
			`{"AWS": ["arn:aws:iam::156460612806:root"]}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			account := newTestAccount(t)
			bucket := account.bucket("logs")
			account.create(bucketPolicyToken, map[string]any{"bucket": "logs", "policy": policy})
			balancer := account.create(loadBalancerToken, with(minimal[loadBalancerToken](account), map[string]any{
				"accessLogs": map[string]any{"bucket": "logs", "enabled": true},
			}))
			require.NoError(t, account.Delete(loadBalancerToken, balancer.id))
			requireCode(t, "BucketNotEmpty", account.Delete(bucketToken, bucket.id))
			_, err := account.update(bucket, map[string]any{"bucket": "logs", "forceDestroy": true})
			require.NoError(t, err)
			require.NoError(t, account.Delete(bucketToken, bucket.id))
		})
	}
}

func (a *testAccount) loadBalancer(network testNetwork, name string) created {
	a.t.Helper()
	return a.create(loadBalancerToken, loadBalancerInputs(network, name))
}

func loadBalancerInputs(network testNetwork, name string) map[string]any {
	return map[string]any{"name": name, "subnets": []any{network.subnets[0].id, network.subnets[1].id}}
}

func targetGroupInputs(vpc created, name string) map[string]any {
	return map[string]any{"name": name, "vpcId": vpc.id, "port": 80, "protocol": "HTTP"}
}

func listenerInputs(balancer, group created) map[string]any {
	return map[string]any{
		"loadBalancerArn": balancer.id, "port": 80, "protocol": "HTTP",
		"defaultActions": []any{map[string]any{"type": "forward", "targetGroupArn": group.id}},
	}
}

func TestLoadBalancerInputsRejected(t *testing.T) {
	t.Parallel()
	longName := strings.Repeat("a", 33)
	runInputRejections(t, []inputRejection{
		{loadBalancerToken, "name", map[string]any{"name": longName}},
		{loadBalancerToken, "name", map[string]any{"name": "-web"}},
		{loadBalancerToken, "idleTimeout", map[string]any{"idleTimeout": 4001}},
		{loadBalancerToken, "loadBalancerType", map[string]any{"loadBalancerType": "network"}},
		{loadBalancerToken, "subnets", map[string]any{"subnetMappings": []any{}}},
		{targetGroupToken, "name", map[string]any{"name": "web_"}},
		{targetGroupToken, "deregistrationDelay", map[string]any{"deregistrationDelay": 3601}},
		{targetGroupToken, "healthCheck.path", map[string]any{"healthCheck": map[string]any{"path": "health"}}},
		{targetGroupToken, "healthCheck.matcher", map[string]any{"healthCheck": map[string]any{"matcher": "ok"}}},
		{targetGroupToken, "healthCheck.interval", map[string]any{"healthCheck": map[string]any{"interval": 4}}},
		{targetGroupToken, "stickiness.type", map[string]any{"stickiness": map[string]any{"type": "sticky"}}},
		{targetGroupToken, "protocol", map[string]any{"protocol": "SMTP"}},
		{"aws:lb/targetGroupAttachment:TargetGroupAttachment", "port", map[string]any{"port": 0}},
		{listenerToken, "port", map[string]any{"port": 0}},
		{listenerToken, "protocol", map[string]any{"protocol": "TCP"}},
		{listenerToken, "defaultActions[0].type", map[string]any{"defaultActions": []any{map[string]any{"type": "drop"}}}},
	})
}

func TestLoadBalancerChanges(t *testing.T) {
	t.Parallel()
	runChanges(t, []change{
		{loadBalancerToken, "subnets", false, map[string]any{"subnets": []any{"subnet-1", "subnet-2"}}},
		{loadBalancerToken, "internal", true, map[string]any{"internal": true}},
		{targetGroupToken, "port", true, map[string]any{"port": 8080}},
		{targetGroupToken, "health check", false, map[string]any{"healthCheck": map[string]any{"path": "/health"}}},
		{listenerToken, "port", false, map[string]any{"port": 8080}},
		{listenerToken, "load balancer", true, map[string]any{"loadBalancerArn": "arn"}},
	})
}
