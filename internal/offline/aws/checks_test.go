package aws

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/offline/store"
)

// TestInputsRefused is what is refused before anything is made: a property, and a value that it does not take.
func TestInputsRefused(t *testing.T) {
	t.Parallel()
	longName := strings.Repeat("a", 33)
	runInputRefusals(t, []inputRefusal{
		{vpcToken, "cidrBlock", map[string]any{"cidrBlock": "10.0.0.1/16"}},
		{vpcToken, "cidrBlock", map[string]any{"cidrBlock": "10.0.0.0/8"}},
		{vpcToken, "instanceTenancy", map[string]any{"instanceTenancy": "shared"}},
		{subnetToken, "cidrBlock", map[string]any{"cidrBlock": "10.0.0.0/29"}},
		{subnetToken, "availabilityZone", map[string]any{
			"availabilityZone": "eu-west-1a", "availabilityZoneId": "euw1-az1",
		}},
		{natGatewayToken, "connectivityType", map[string]any{"connectivityType": "open"}},
		{"aws:ec2/route:Route", "destinationCidrBlock", map[string]any{"destinationCidrBlock": "anywhere"}},
		{"aws:ec2/route:Route", "carrierGatewayId", map[string]any{"natGatewayId": "nat-1"}},
		{"aws:ec2/routeTableAssociation:RouteTableAssociation", "subnetId", map[string]any{"gatewayId": "igw-1"}},
		{vpcEndpointToken, "vpcEndpointType", map[string]any{"vpcEndpointType": "Tunnel"}},
		{vpcEndpointToken, "policy", map[string]any{"policy": "{"}},
		{flowLogToken, "trafficType", map[string]any{"trafficType": "SOME"}},
		{flowLogToken, "maxAggregationInterval", map[string]any{"maxAggregationInterval": 120}},
		{flowLogToken, "eniId", map[string]any{"subnetId": "subnet-1"}},
		{flowLogToken, "logDestination", map[string]any{"logGroupName": "flow"}},
		{securityGroupToken, "description", map[string]any{"description": "Pulumi's"}},
		{securityGroupToken, "name", map[string]any{"name": "web?"}},
		{securityGroupToken, "name", map[string]any{"namePrefix": "web"}},
		{securityGroupToken, "ingress[0].cidrBlocks[0]", map[string]any{"ingress": []any{map[string]any{
			"protocol": "tcp", "fromPort": 80, "toPort": 80, "cidrBlocks": []any{"10.0.0.1/8"},
		}}}},
		{ingressRuleToken, "ipProtocol", map[string]any{"ipProtocol": "http"}},
		{ingressRuleToken, "fromPort", map[string]any{"fromPort": 65536}},
		{ingressRuleToken, "cidrIpv4", map[string]any{"cidrIpv4": "10.0.0.0/8"}},
		{egressRuleToken, "description", map[string]any{"description": strings.Repeat("d", 256)}},
		{instanceToken, "instanceType", map[string]any{"instanceType": "large"}},
		{instanceToken, "metadataOptions.httpTokens", map[string]any{"metadataOptions": map[string]any{"httpTokens": "never"}}},
		{instanceToken, "metadataOptions.httpPutResponseHopLimit", map[string]any{
			"metadataOptions": map[string]any{"httpPutResponseHopLimit": 65},
		}},
		{instanceToken, "rootBlockDevice.volumeType", map[string]any{"rootBlockDevice": map[string]any{"volumeType": "ssd"}}},
		{instanceToken, "creditSpecification.cpuCredits", map[string]any{
			"creditSpecification": map[string]any{"cpuCredits": "infinite"},
		}},
		{instanceToken, "userData", map[string]any{"userData": "a", "userDataBase64": "YQ=="}},
		{eipToken, "domain", map[string]any{"domain": "standard"}},
		{eipAssociationToken, "allocationId", map[string]any{"publicIp": "203.0.113.1"}},
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
		{bucketToken, "bucket", map[string]any{"bucket": "Logs"}},
		{bucketToken, "bucket", map[string]any{"bucket": "lo"}},
		{bucketToken, "bucket", map[string]any{"bucket": "192.168.0.1"}},
		{bucketToken, "bucket", map[string]any{"bucket": "a..b"}},
		{bucketToken, "bucket", map[string]any{"bucket": "xn--logs"}},
		{bucketToken, "bucket", map[string]any{"bucket": "logs-s3alias"}},
		{bucketPolicyToken, "policy", map[string]any{"policy": "no policy"}},
		{"aws:s3/bucketOwnershipControls:BucketOwnershipControls", "rule.objectOwnership", map[string]any{
			"rule": map[string]any{"objectOwnership": "Nobody"},
		}},
		{bucketEncryptionToken, "rules[0].applyServerSideEncryptionByDefault.sseAlgorithm", map[string]any{
			"rules": encryptionRules("DES"),
		}},
		{"aws:s3/bucketVersioningV2:BucketVersioningV2", "versioningConfiguration.status", map[string]any{
			"versioningConfiguration": map[string]any{"status": "On"},
		}},
		{lifecycleToken, "rules[0].expiration.days", map[string]any{"rules": []any{
			map[string]any{"id": "a", "status": "Enabled", "expiration": map[string]any{"days": 0}},
		}}},
		{lifecycleToken, "rules[0].transitions[0].storageClass", map[string]any{"rules": []any{
			map[string]any{"id": "a", "status": "Enabled", "transitions": []any{map[string]any{"storageClass": "COLD"}}},
		}}},
		{recordToken, "type", map[string]any{"type": "B"}},
		{recordToken, "records", map[string]any{"aliases": []any{}}},
		{certificateToken, "domainName", map[string]any{"domainName": "not a name"}},
		{certificateToken, "domainName", map[string]any{"domainName": strings.Repeat("a", 53) + ".example.com"}},
		{certificateToken, "subjectAlternativeNames[0]", map[string]any{"subjectAlternativeNames": []any{"*.*.example.com"}}},
		{certificateToken, "keyAlgorithm", map[string]any{"keyAlgorithm": "RSA"}},
	})
}

// inputRefusal changes a type's minimal inputs into what is refused before anything is made.
type inputRefusal struct {
	token, failing string
	more           map[string]any
}

func runInputRefusals(t *testing.T, refusals []inputRefusal) {
	t.Helper()
	for _, test := range refusals {
		t.Run(fmt.Sprintf("%s %v", test.token, test.more), func(t *testing.T) {
			t.Parallel()
			account := newTestAccountFor(t, test.token)
			account.refusesInput(test.failing, test.token, with(minimal[test.token](account), test.more))
		})
	}
}

// refusal prepares an account for what is then refused.
type refusal struct {
	name, code, token string
	inputs            func(*testAccount) map[string]any
}

func runRefusals(t *testing.T, refusals []refusal) {
	t.Helper()
	for _, test := range refusals {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			account := newTestAccountFor(t, test.token)
			inputs := test.inputs(account)
			account.check(test.token, inputs)
			account.refuses(test.code, test.token, inputs)
		})
	}
}

// but changes a type's minimal inputs.
func but(token string, more map[string]any) func(*testAccount) map[string]any {
	return func(a *testAccount) map[string]any { return with(minimal[token](a), more) }
}

func TestNetworkRefusals(t *testing.T) {
	t.Parallel()
	const route, association = "aws:ec2/route:Route", "aws:ec2/routeTableAssociation:RouteTableAssociation"
	runRefusals(t, []refusal{
		{
			"subnet in another region's zone", "InvalidParameterValue", subnetToken,
			but(subnetToken, map[string]any{"availabilityZone": "us-east-1a"}),
		},
		{
			"subnet in an unknown zone id", "InvalidParameterValue", subnetToken,
			but(subnetToken, map[string]any{"availabilityZoneId": "euw1-az9"}),
		},
		{
			"subnet outside of its VPC", "InvalidSubnet.Range", subnetToken,
			but(subnetToken, map[string]any{"cidrBlock": "10.1.0.0/24"}),
		},
		{"subnet on top of another", "InvalidSubnet.Conflict", subnetToken, func(a *testAccount) map[string]any {
			return map[string]any{"vpcId": a.network("0").vpc.id, "cidrBlock": "10.0.0.128/25"}
		}},
		{"second internet gateway", "InvalidParameterValue", internetGatewayToken, func(a *testAccount) map[string]any {
			return map[string]any{"vpcId": a.network("0").vpc.id}
		}},
		{
			"NAT gateway without an address", "MissingParameter", natGatewayToken,
			but(natGatewayToken, map[string]any{"allocationId": nil}),
		},
		{
			"private NAT gateway with an address", "InvalidParameter", natGatewayToken,
			but(natGatewayToken, map[string]any{"connectivityType": "private"}),
		},
		{"NAT gateway without internet", "Gateway.NotAttached", natGatewayToken, func(a *testAccount) map[string]any {
			inputs := minimal[natGatewayToken](a)
			gateways, err := a.list(internetGatewayToken)
			require.NoError(a.t, err)
			require.NoError(a.t, a.Delete(internetGatewayToken, gateways[0]))
			return inputs
		}},
		{
			"NAT gateway with another's address", "Resource.AlreadyAssociated", natGatewayToken,
			func(a *testAccount) map[string]any {
				inputs := minimal[natGatewayToken](a)
				a.create(natGatewayToken, inputs)
				return inputs
			},
		},
		{
			"NAT gateways beyond the zone's quota", "NatGatewayLimitExceeded", natGatewayToken,
			func(a *testAccount) map[string]any {
				private := map[string]any{"subnetId": a.network("0").subnets[0].id, "connectivityType": "private"}
				for range natGatewaysPerZone {
					a.create(natGatewayToken, private)
				}
				return private
			},
		},
		{"route to another VPC's gateway", "InvalidParameterValue", route, func(a *testAccount) map[string]any {
			return map[string]any{
				"routeTableId": a.network("0").table.id, "gatewayId": a.network("1").gateway.id,
				"destinationCidrBlock": "0.0.0.0/0",
			}
		}},
		{"route to another VPC's NAT gateway", "InvalidParameterValue", route, func(a *testAccount) map[string]any {
			gateway := a.create(natGatewayToken, minimal[natGatewayToken](a))
			return map[string]any{
				"routeTableId": a.network("1").table.id, "natGatewayId": gateway.id, "destinationCidrBlock": "0.0.0.0/0",
			}
		}},
		{
			"route table with a route to another VPC", "InvalidParameterValue", routeTableToken,
			func(a *testAccount) map[string]any {
				return with(minimal[routeTableToken](a), map[string]any{"vpcId": a.network("1").vpc.id})
			},
		},
		{"association with another VPC's subnet", "InvalidParameterValue", association, func(a *testAccount) map[string]any {
			return map[string]any{"routeTableId": a.network("0").table.id, "subnetId": a.network("1").subnets[0].id}
		}},
		{
			"endpoint of another region", "InvalidServiceName", vpcEndpointToken,
			but(vpcEndpointToken, map[string]any{"serviceName": "com.amazonaws.us-east-1.s3"}),
		},
		{
			"gateway endpoint of a service without", "InvalidServiceName", vpcEndpointToken,
			but(vpcEndpointToken, map[string]any{"serviceName": "com.amazonaws.eu-west-1.ssm"}),
		},
		{"gateway endpoint in subnets", "InvalidParameter", vpcEndpointToken, func(a *testAccount) map[string]any {
			network := a.network("0")
			return map[string]any{
				"vpcId": network.vpc.id, "serviceName": "com.amazonaws.eu-west-1.s3", "subnetIds": []any{network.subnets[0].id},
			}
		}},
		{
			"interface endpoint in route tables", "InvalidParameter", vpcEndpointToken,
			but(vpcEndpointToken, map[string]any{"vpcEndpointType": "Interface"}),
		},
		{"endpoint in another VPC's route table", "InvalidParameter", vpcEndpointToken, func(a *testAccount) map[string]any {
			return with(minimal[vpcEndpointToken](a), map[string]any{"vpcId": a.network("1").vpc.id})
		}},
		{"second endpoint in a route table", "RouteAlreadyExists", vpcEndpointToken, func(a *testAccount) map[string]any {
			inputs := minimal[vpcEndpointToken](a)
			a.create(vpcEndpointToken, inputs)
			return inputs
		}},
		{
			"endpoint associated twice", "RouteAlreadyExists", vpcEndpointRouteTableAssociationToken,
			func(a *testAccount) map[string]any {
				inputs := minimal[vpcEndpointRouteTableAssociationToken](a)
				a.create(vpcEndpointRouteTableAssociationToken, inputs)
				return inputs
			},
		},
		{"endpoints beyond the quota", "VpcEndpointLimitExceeded", vpcEndpointToken, func(a *testAccount) map[string]any {
			inputs := with(minimal[vpcEndpointToken](a), map[string]any{"routeTableIds": nil})
			for range endpointQuotas[true] {
				a.create(vpcEndpointToken, inputs)
			}
			return inputs
		}},
		{"flow log of no traffic", "MissingParameter", flowLogToken, but(flowLogToken, map[string]any{"trafficType": nil})},
		{"flow log to nowhere", "InvalidParameter", flowLogToken, but(flowLogToken, map[string]any{"logDestination": nil})},
		{
			"flow log to a bucket that is not there", "NoSuchBucket", flowLogToken,
			but(flowLogToken, map[string]any{"logDestination": "arn:aws:s3:::nowhere"}),
		},
	})
}

// list gives the ids of a type's resources.
func (a *testAccount) list(token string) ([]string, error) {
	var ids []string
	err := a.kept.View(func(tx *store.Tx) error {
		records, err := tx.List(testRegion, token)
		for _, record := range records {
			ids = append(ids, record.ID)
		}
		return err
	})
	return ids, err
}

func TestSecurityGroupRefusals(t *testing.T) {
	t.Parallel()
	runRefusals(t, []refusal{
		{"no VPC", "VPCIdNotSpecified", securityGroupToken, but(securityGroupToken, map[string]any{"vpcId": nil})},
		{
			"default's name", "InvalidParameterValue", securityGroupToken,
			but(securityGroupToken, map[string]any{"name": "default"}),
		},
		{
			"name like an id", "InvalidParameterValue", securityGroupToken,
			but(securityGroupToken, map[string]any{"name": "sg-web"}),
		},
		{
			"too many rules", "RulesPerSecurityGroupLimitExceeded", securityGroupToken,
			but(securityGroupToken, map[string]any{"egress": slices.Repeat([]any{
				map[string]any{"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": []any{"10.0.0.0/8"}},
			}, 61)}),
		},
		{
			"rule with half a port range", "InvalidParameterValue", ingressRuleToken,
			but(ingressRuleToken, map[string]any{"toPort": nil}),
		},
		{
			"rule with an upside-down port range", "InvalidParameterValue", ingressRuleToken,
			but(ingressRuleToken, map[string]any{"fromPort": 90}),
		},
		{"rule about another VPC's group", "InvalidGroup.NotFound", ingressRuleToken, func(a *testAccount) map[string]any {
			return with(ruleInputs(a), map[string]any{
				"referencedSecurityGroupId": a.securityGroup(a.network("1").vpc, "other").id,
			})
		}},
		{"rule twice", "InvalidPermission.Duplicate", egressRuleToken, func(a *testAccount) map[string]any {
			inputs := ruleInputs(a)
			a.create(ingressRuleToken, inputs) // the other direction is another rule
			a.create(egressRuleToken, inputs)
			return inputs
		}},
	})
}

func TestDefaultSecurityGroup(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	network := account.network("0")
	id := network.vpc.text("defaultSecurityGroupId")
	adopted := account.create("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", map[string]any{"vpcId": network.vpc.id})
	require.Equal(t, id, adopted.id)

	_, group, err := account.Read(securityGroupToken, id)
	require.NoError(t, err)
	require.Empty(t, group["ingress"].ArrayValue(), "adopted without rules")

	instance := account.create(instanceToken, instanceInputs(network.subnets[0]))
	require.Equal(t, id, instance.outputs["vpcSecurityGroupIds"].ArrayValue()[0].StringValue())
	account.create(ingressRuleToken, map[string]any{
		"securityGroupId": id, "ipProtocol": "-1", "cidrIpv4": "10.0.0.0/8",
	})
	requireCode(t, "CannotDelete", account.Delete(securityGroupToken, id))

	require.NoError(t, account.Delete(adopted.token, adopted.id))
	_, group, err = account.Read(securityGroupToken, id)
	require.NoError(t, err)
	require.NotNil(t, group, "it stays as long as its VPC")
}

func TestVpcGoesWithWhatItCameWith(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	vpc := account.create(vpcToken, map[string]any{"cidrBlock": "10.0.0.0/16"})
	require.NoError(t, account.Delete(vpcToken, vpc.id))
	account.records(func(_ *store.Tx, record store.Record) error {
		return fmt.Errorf("%s %s is left", record.Type, record.ID)
	})
}

func TestInstanceRefusals(t *testing.T) {
	t.Parallel()
	runRefusals(t, []refusal{
		{"no image", "MissingParameter", instanceToken, but(instanceToken, map[string]any{"ami": nil})},
		{"malformed image", "InvalidAMIID.Malformed", instanceToken, but(instanceToken, map[string]any{"ami": "al2023"})},
		{"another region's image", "InvalidAMIID.NotFound", instanceToken, but(instanceToken, map[string]any{
			"ami": imageID("us-east-1", "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"),
		})},
		{
			"x86 type for an arm64 image", "InvalidParameterValue", instanceToken,
			but(instanceToken, map[string]any{"instanceType": "t3.small"}),
		},
		{
			"volume smaller than the image", "InvalidBlockDeviceMapping", instanceToken,
			but(instanceToken, map[string]any{"rootBlockDevice": map[string]any{"volumeSize": 4}}),
		},
		{
			"long user data", "InvalidParameterValue", instanceToken,
			but(instanceToken, map[string]any{"userData": strings.Repeat("#", userDataBytes+1)}),
		},
		{
			"key pair that is not there", "InvalidKeyPair.NotFound", instanceToken,
			but(instanceToken, map[string]any{"keyName": "admin"}),
		},
		{"no subnet", "VPCIdNotSpecified", instanceToken, but(instanceToken, map[string]any{"subnetId": nil})},
		{"another VPC's security group", "InvalidParameter", instanceToken, func(a *testAccount) map[string]any {
			return with(minimal[instanceToken](a), map[string]any{"subnetId": a.network("1").subnets[0].id})
		}},
		{
			"too many security groups", "SecurityGroupsPerInterfaceLimitExceeded", instanceToken,
			func(a *testAccount) map[string]any {
				network, groups := a.network("0"), []any{}
				for i := range groupsPerSubnet + 1 {
					groups = append(groups, a.securityGroup(network.vpc, fmt.Sprint("group", i)).id)
				}
				return with(instanceInputs(network.subnets[0]), map[string]any{"vpcSecurityGroupIds": groups})
			},
		},
		{
			"address outside of the subnet", "InvalidParameterValue", instanceToken,
			but(instanceToken, map[string]any{"privateIp": "10.0.1.5"}),
		},
		{"another's address", "InvalidIPAddress.InUse", instanceToken, func(a *testAccount) map[string]any {
			inputs := with(minimal[instanceToken](a), map[string]any{"privateIp": "10.0.0.9"})
			a.create(instanceToken, inputs)
			return inputs
		}},
		{"full subnet", "InsufficientFreeAddressesInSubnet", instanceToken, func(a *testAccount) map[string]any {
			vpc := a.create(vpcToken, map[string]any{"cidrBlock": "10.0.0.0/16"})
			subnet := a.create(subnetToken, map[string]any{"vpcId": vpc.id, "cidrBlock": "10.0.0.0/28"})
			for range 11 { // 16 less the five that AWS keeps
				a.create(instanceToken, instanceInputs(subnet))
			}
			return instanceInputs(subnet)
		}},
		{
			"address of an instance without internet", "Gateway.NotAttached", eipAssociationToken,
			func(a *testAccount) map[string]any {
				vpc := a.create(vpcToken, map[string]any{"cidrBlock": "10.0.0.0/16"})
				subnet := a.create(subnetToken, map[string]any{"vpcId": vpc.id, "cidrBlock": "10.0.0.0/24"})
				return map[string]any{
					"allocationId": a.create(eipToken, nil).id, "instanceId": a.create(instanceToken, instanceInputs(subnet)).id,
				}
			},
		},
		{
			"address that must stay where it is", "Resource.AlreadyAssociated", eipAssociationToken,
			func(a *testAccount) map[string]any {
				inputs := with(minimal[eipAssociationToken](a), map[string]any{"allowReassociation": false})
				a.create(eipAssociationToken, inputs)
				return inputs
			},
		},
		{"a NAT gateway's address", "Resource.AlreadyAssociated", eipAssociationToken, func(a *testAccount) map[string]any {
			inputs := minimal[natGatewayToken](a)
			a.create(natGatewayToken, inputs)
			subnet := made{id: inputs["subnetId"].(string)}
			return map[string]any{
				"allocationId": inputs["allocationId"], "instanceId": a.create(instanceToken, instanceInputs(subnet)).id,
			}
		}},
	})
}

func TestInstanceAddresses(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	network := account.network("0")
	subnet := network.subnets[1]
	seen := map[string]bool{}
	for range 3 {
		instance := account.create(instanceToken, with(instanceInputs(subnet), map[string]any{
			"associatePublicIpAddress": true,
		}))
		private, public := instance.text("privateIp"), instance.text("publicIp")
		require.True(t, netip.MustParsePrefix("10.0.1.0/24").Contains(netip.MustParseAddr(private)))
		require.True(t, instanceAddresses.Contains(netip.MustParseAddr(public)))
		require.False(t, seen[private] || seen[public])
		seen[private], seen[public] = true, true
		require.Equal(t, "eu-west-1b", instance.text("availabilityZone"))
	}
	closed := account.create(instanceToken, instanceInputs(subnet))
	require.Empty(t, closed.text("publicIp"))
}

// TestReassociation moves an Elastic IP: its association with the old instance ends by itself.
func TestReassociation(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	inputs := minimal[eipAssociationToken](account)
	before := account.create(eipAssociationToken, inputs)
	_, address, err := account.Read(eipToken, inputs["allocationId"].(string))
	require.NoError(t, err)
	require.Equal(t, address["publicIp"], before.outputs["publicIp"])
	require.True(t, elasticAddresses.Contains(netip.MustParseAddr(before.text("publicIp"))))

	after := account.create(eipAssociationToken, inputs)
	require.False(t, account.exists(before))
	require.True(t, account.exists(after))
	require.NoError(t, account.Delete(before.token, before.id), "what is gone is no error")
}

func TestEncryptionByDefault(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	enabled := func() bool {
		answer, failures, err := account.Answer(functions(), "aws:ebs/getEncryptionByDefault:getEncryptionByDefault", nil)
		require.NoError(t, err)
		require.Empty(t, failures)
		return answer["enabled"].BoolValue()
	}
	volume := func() bool {
		network := account.network("0")
		instance := account.create(instanceToken, instanceInputs(network.subnets[0]))
		return instance.outputs["rootBlockDevice"].ObjectValue()["encrypted"].BoolValue()
	}
	require.False(t, enabled())
	require.False(t, volume())
	one := account.create(encryptionDefaultToken, nil)
	require.True(t, enabled())
	require.True(t, volume())
	require.NoError(t, account.Delete(one.token, one.id))
	require.False(t, enabled())
}

func TestLoadBalancerRefusals(t *testing.T) {
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
	runRefusals(t, []refusal{
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

// TestAccessLogs leaves the test file of Elastic Load Balancing, so that only a bucket that may be emptied can go.
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

func TestBucketRefusals(t *testing.T) {
	t.Parallel()
	policy := func(statement string) map[string]any {
		return map[string]any{"policy": `{"Version": "2012-10-17", "Statement": [` + statement + `]}`}
	}
	rules := func(rules ...any) func(*testAccount) map[string]any {
		return but(lifecycleToken, map[string]any{"rules": rules})
	}
	rule := func(more map[string]any) map[string]any { return with(expiry("a"), more) }
	const everyone = `{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::logs/*"}`
	runRefusals(t, []refusal{
		{
			"access control list", "AccessControlListNotSupported", bucketToken,
			but(bucketToken, map[string]any{"acl": "public-read"}),
		},
		{"policy for nobody", "MalformedPolicy", bucketPolicyToken, but(bucketPolicyToken, policy(
			`{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::logs/*"}`))},
		{"policy for nothing", "MalformedPolicy", bucketPolicyToken, but(bucketPolicyToken, policy(
			`{"Effect": "Allow", "Action": "s3:GetObject", "Principal": {"AWS": "123456789012"}}`))},
		{"policy for another bucket", "MalformedPolicy", bucketPolicyToken, but(bucketPolicyToken, policy(
			`{"Effect": "Allow", "Action": "s3:GetObject", "Principal": {"AWS": "123456789012"},
				"Resource": "arn:aws:s3:::logs-of-others/*"}`))},
		{"policy for everybody", "AccessDenied", bucketPolicyToken, but(bucketPolicyToken, policy(everyone))},
		{"policy for everybody, blocked", "AccessDenied", bucketPolicyToken, func(a *testAccount) map[string]any {
			inputs := with(minimal[bucketPolicyToken](a), policy(everyone))
			a.create(publicAccessToken, map[string]any{"bucket": "logs", "blockPublicPolicy": true})
			return inputs
		}},
		{"rules with one name", "InvalidArgument", lifecycleToken, rules(expiry("a"), expiry("a"))},
		{"rule without an action", "InvalidRequest", lifecycleToken, rules(rule(map[string]any{"expiration": nil}))},
		{"rule that expires twice", "MalformedXML", lifecycleToken, rules(rule(map[string]any{
			"expiration": map[string]any{"days": 1, "date": "2030-01-01T00:00:00Z"},
		}))},
		{"cold too early", "InvalidArgument", lifecycleToken, rules(rule(map[string]any{
			"transitions": []any{map[string]any{"storageClass": "STANDARD_IA", "days": 29}},
		}))},
		{"cold after its end", "InvalidArgument", lifecycleToken, rules(rule(map[string]any{
			"transitions": []any{map[string]any{"storageClass": "GLACIER", "days": 90}},
		}))},
	})
}

func TestPublicBucket(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	account.bucket("site")
	account.create(publicAccessToken, map[string]any{"bucket": "site", "blockPublicPolicy": false})
	account.create(bucketPolicyToken, map[string]any{"bucket": "site", "policy": `{"Version": "2012-10-17", "Statement": {
		"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::site/*"}}`})
}

// TestBucketNamesAreGlobal shares buckets and DNS records among regions, but nothing else.
func TestBucketNamesAreGlobal(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	account.bucket("logs")
	vpc := account.create(vpcToken, map[string]any{"cidrBlock": "10.0.0.0/16"})
	region, err := New(account.kept, nil).Region("us-east-1", nil)
	require.NoError(t, err)
	elsewhere := &testAccount{region, t, account.kept}
	elsewhere.refuses("BucketAlreadyOwnedByYou", bucketToken, map[string]any{"bucket": "logs"})
	require.True(t, elsewhere.exists(made{token: bucketToken, id: "logs"}))
	require.False(t, elsewhere.exists(made{token: vpcToken, id: vpc.id}))
}

func TestDNSRefusals(t *testing.T) {
	t.Parallel()
	alias := func(zone, name string) map[string]any {
		return map[string]any{"records": nil, "ttl": nil, "aliases": []any{map[string]any{
			"zoneId": zone, "name": name, "evaluateTargetHealth": false,
		}}}
	}
	runRefusals(t, []refusal{
		{"another's zone", "NoSuchHostedZone", recordToken, but(recordToken, map[string]any{"zoneId": "Z123"})},
		{"no time to live", "InvalidInput", recordToken, but(recordToken, map[string]any{"ttl": nil})},
		{"CNAME of the zone itself", "InvalidChangeBatch", recordToken, but(recordToken, map[string]any{
			"name": "example.com", "type": "CNAME", "records": []any{"www.example.com"},
		})},
		{
			"A without an address", "InvalidChangeBatch", recordToken,
			but(recordToken, map[string]any{"records": []any{"www.example.com"}}),
		},
		{"AAAA with an IPv4 address", "InvalidChangeBatch", recordToken, but(recordToken, map[string]any{"type": "AAAA"})},
		{"health of a distribution", "InvalidChangeBatch", recordToken, but(recordToken, map[string]any{
			"records": nil, "ttl": nil, "aliases": []any{map[string]any{
				"zoneId": cloudFrontZone, "name": "d111111abcdef8.cloudfront.net", "evaluateTargetHealth": true,
			}},
		})},
		{"alias of an unknown zone", "InvalidChangeBatch", recordToken, but(recordToken, alias("Z123", "a.example.net"))},
		{
			"alias into the wrong zone", "InvalidChangeBatch", recordToken,
			but(recordToken, alias(locations["us-east-1"].elbZone, "web-1.eu-west-1.elb.amazonaws.com")),
		},
		{
			"certificate for no name", "ValidationException", certificateToken,
			but(certificateToken, map[string]any{"domainName": nil}),
		},
	})
}

func TestRecords(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	for name, full := range map[string]string{
		"www": "www.example.com", "api.example.com": "api.example.com", "API2.example.com.": "api2.example.com",
		"example.com": "example.com", "www.example.net": "www.example.net.example.com",
	} {
		require.Equal(t, full, account.create(recordToken, addressRecord(name)).text("fqdn"))
	}
	account.create(recordToken, with(addressRecord("www"), map[string]any{"allowOverwrite": true}))
}

func TestCertificateValidation(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	certificate := account.create(certificateToken, with(certificateInputs("example.com"), map[string]any{
		"subjectAlternativeNames": []any{"*.example.com", "www.example.com"},
	}))
	options := certificate.outputs["domainValidationOptions"].ArrayValue()
	require.Len(t, options, 3)
	name := func(i int) string { return options[i].ObjectValue()["resourceRecordName"].StringValue() }
	require.Equal(t, name(0), name(1), "a wildcard is proven with its domain")

	validate := func(inputs map[string]any) error {
		_, _, err := account.Create(t.Context(), certificateValidationToken, urn(certificateValidationToken),
			resource.NewPropertyMapFromMap(with(inputs, map[string]any{"certificateArn": certificate.id})), false)
		return err
	}
	account.create(recordToken, proof(certificate))
	require.ErrorContains(t, validate(nil), "PENDING_VALIDATION")
	require.ErrorContains(t, validate(map[string]any{"validationRecordFqdns": []any{name(0)}}), "missing "+name(2)[:10])

	account.create(recordToken, map[string]any{
		"zoneId": ownZoneID, "name": name(2), "type": "CNAME", "ttl": 60,
		"records": []any{options[2].ObjectValue()["resourceRecordValue"].StringValue()},
	})
	require.NoError(t, validate(nil))
	_, state, err := account.Read(certificateToken, certificate.id)
	require.NoError(t, err)
	require.Equal(t, certificateIssued, state["status"].StringValue())
}

func TestGetZone(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	ask := func(args map[string]any) (resource.PropertyMap, error) {
		answer, failures, err := account.Answer(functions(), "aws:route53/getZone:getZone", resource.NewPropertyMapFromMap(args))
		require.Empty(t, failures)
		return answer, err
	}
	zone, err := ask(map[string]any{"name": "example.com.", "privateZone": false})
	require.NoError(t, err)
	require.Equal(t, ownZoneID, zone["zoneId"].StringValue())
	require.Equal(t, ownZoneName, zone["name"].StringValue())
	for _, args := range []map[string]any{
		nil, {"name": "example.org"}, {"zoneId": "Z123"}, {"name": "example.com", "privateZone": true},
	} {
		_, err := ask(args)
		require.Error(t, err, "%v", args)
	}
	_, err = ask(map[string]any{"name": "example.org"})
	require.ErrorContains(t, err, "the offline account owns one public zone, example.com")
}

// TestChanges says which changes a running stack survives in place.
func TestChanges(t *testing.T) {
	t.Parallel()
	runChanges(t, []change{
		{instanceToken, "instanceType", false, map[string]any{"instanceType": "t4g.large"}},
		{instanceToken, "ami", true, map[string]any{"ami": "ami-0"}},
		{instanceToken, "userData", false, map[string]any{"userData": "new"}},
		{instanceToken, "userData", true, map[string]any{"userData": "new", "userDataReplaceOnChange": true}},
		{instanceToken, "encrypted volume", true, map[string]any{"rootBlockDevice": map[string]any{"encrypted": true}}},
		{instanceToken, "larger volume", false, map[string]any{"rootBlockDevice": map[string]any{"volumeSize": 20}}},
		{instanceToken, "security groups", false, map[string]any{"vpcSecurityGroupIds": []any{"sg-1"}}},
		{"aws:ec2/route:Route", "target", false, map[string]any{"gatewayId": nil, "natGatewayId": "nat-1"}},
		{"aws:ec2/route:Route", "destination", true, map[string]any{"destinationCidrBlock": "10.0.0.0/8"}},
		{"aws:ec2/routeTableAssociation:RouteTableAssociation", "table", false, map[string]any{"routeTableId": "rtb-1"}},
		{ingressRuleToken, "ports", false, map[string]any{"fromPort": 1, "toPort": 2}},
		{securityGroupToken, "description", true, map[string]any{"description": "new"}},
		{securityGroupToken, "tags", false, map[string]any{"tags": map[string]any{"a": "b"}}},
		{loadBalancerToken, "subnets", false, map[string]any{"subnets": []any{"subnet-1", "subnet-2"}}},
		{loadBalancerToken, "internal", true, map[string]any{"internal": true}},
		{targetGroupToken, "port", true, map[string]any{"port": 8080}},
		{targetGroupToken, "health check", false, map[string]any{"healthCheck": map[string]any{"path": "/health"}}},
		{listenerToken, "port", false, map[string]any{"port": 8080}},
		{listenerToken, "load balancer", true, map[string]any{"loadBalancerArn": "arn"}},
		{recordToken, "from address to alias", false, map[string]any{"records": nil, "aliases": []any{}}},
		{recordToken, "name", true, map[string]any{"name": "api"}},
		{flowLogToken, "interval", true, map[string]any{"maxAggregationInterval": 60}},
		{bucketToken, "forceDestroy", false, map[string]any{"forceDestroy": true}},
		{certificateToken, "names", true, map[string]any{"subjectAlternativeNames": []any{"a.example.com"}}},
	})
}

// change changes a type's minimal inputs, in place or not.
type change struct {
	token, name string
	replaces    bool
	more        map[string]any
}

func runChanges(t *testing.T, changes []change) {
	t.Helper()
	for _, test := range changes {
		t.Run(test.token+" "+test.name, func(t *testing.T) {
			t.Parallel()
			account := newTestAccount(t)
			inputs := minimal[test.token](account)
			after := resource.NewPropertyMapFromMap(with(inputs, test.more))
			for key, value := range after {
				if value.IsNull() {
					delete(after, key)
				}
			}
			diff, err := account.Diff(test.token, resource.NewPropertyMapFromMap(inputs), after)
			require.NoError(t, err)
			require.NotEmpty(t, diff.ChangedKeys)
			require.Equal(t, test.replaces, diff.Replace(), "%v", diff.ReplaceKeys)
		})
	}
}

func TestZoneIDs(t *testing.T) {
	t.Parallel()
	for zone, id := range map[string]string{
		"eu-west-1a": "euw1-az1", "us-east-1f": "use1-az6", "ap-southeast-2c": "apse2-az3", "ap-northeast-1d": "apne1-az4",
		"ca-central-1b": "cac1-az2", "ap-south-1a": "aps1-az1", "sa-east-1c": "sae1-az3",
	} {
		require.Equal(t, id, zoneID(zone))
		require.Equal(t, zone, zoneWithID(zone[:len(zone)-1], id))
	}
}

func TestAllows(t *testing.T) {
	t.Parallel()
	const allow = `{"Effect": "Allow", "Principal": {"AWS": "a"}, "Action": ["s3:Get*", "s3:PutObject"], "Resource": "arn:b/*"}`
	cases := map[string]struct {
		statements string
		allowed    bool
	}{
		"allowed":                    {allow, true},
		"denied too":                 {allow + `, {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}`, false},
		"denied on a condition":      {allow + `, {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}`, true},
		"somebody else":              {strings.ReplaceAll(allow, `"a"`, `"c"`), false},
		"something else":             {strings.ReplaceAll(allow, "PutObject", "DeleteObject"), false},
		"somewhere else":             {strings.ReplaceAll(allow, "arn:b", "arn:c"), false},
		"statements of another form": {`"none"`, false},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, test.allowed, allows(`{"Statement": [`+test.statements+`]}`, "s3:PutObject", "arn:b/c/d", "a"))
		})
	}
}

// TestEveryRegion knows the facts of each region that the account has.
func TestEveryRegion(t *testing.T) {
	t.Parallel()
	for region, known := range locations {
		require.Regexp(t, `^\d{12}$`, known.elbAccount, region)
		require.Regexp(t, `^Z[A-Z0-9]+$`, known.elbZone, region)
		require.Regexp(t, `^Z[A-Z0-9]+$`, known.s3Zone, region)
		require.GreaterOrEqual(t, len(known.letters), 2, region)
	}
}

// TestPreviewKnowsDefaults gives a preview what AWS would choose without being asked.
func TestPreviewKnowsDefaults(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	inputs := account.check(loadBalancerToken, map[string]any{"subnets": []any{"a", "b"}})
	_, outputs, err := account.Create(t.Context(), loadBalancerToken, urn(loadBalancerToken), inputs, true)
	require.NoError(t, err)
	require.Equal(t, 60.0, outputs["idleTimeout"].NumberValue())
	require.True(t, outputs["dnsName"].IsComputed())
	require.True(t, outputs["arnSuffix"].IsComputed())
}
