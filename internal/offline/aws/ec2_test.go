package aws

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var minimalEC2 = map[string]func(*testAccount) map[string]any{
	instanceToken: func(a *testAccount) map[string]any {
		network := a.network("0")
		return with(instanceInputs(network.subnets[0]), map[string]any{
			"vpcSecurityGroupIds": []any{a.securityGroup(network.vpc, "web").id},
		})
	},
	eipToken: func(*testAccount) map[string]any { return nil },
	eipAssociationToken: func(a *testAccount) map[string]any {
		return map[string]any{
			"allocationId": a.create(eipToken, nil).id,
			"instanceId":   a.create(instanceToken, instanceInputs(a.network("0").subnets[0])).id,
		}
	},
	encryptionDefaultToken: func(*testAccount) map[string]any { return nil },
}

func TestInstanceRejections(t *testing.T) {
	t.Parallel()
	runRejections(t, []rejection{
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
			subnet := created{id: inputs["subnetId"].(string)}
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

// TestReassociation moves an Elastic IP, which deletes its association with the old instance.
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
		answer, failures, err := account.Invoke(functions(), "aws:ebs/getEncryptionByDefault:getEncryptionByDefault", nil)
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

const armParameter = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"

var armImage = imageID(testRegion, armParameter)

func instanceInputs(subnet created) map[string]any {
	return map[string]any{"ami": armImage, "instanceType": "t4g.small", "subnetId": subnet.id}
}

func TestEC2InputsRejected(t *testing.T) {
	t.Parallel()
	runInputRejections(t, []inputRejection{
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
	})
}

func TestEC2Changes(t *testing.T) {
	t.Parallel()
	runChanges(t, []change{
		{instanceToken, "instanceType", false, map[string]any{"instanceType": "t4g.large"}},
		{instanceToken, "ami", true, map[string]any{"ami": "ami-0"}},
		{instanceToken, "userData", false, map[string]any{"userData": "new"}},
		{instanceToken, "userData", true, map[string]any{"userData": "new", "userDataReplaceOnChange": true}},
		{instanceToken, "encrypted volume", true, map[string]any{"rootBlockDevice": map[string]any{"encrypted": true}}},
		{instanceToken, "larger volume", false, map[string]any{"rootBlockDevice": map[string]any{"volumeSize": 20}}},
		{instanceToken, "security groups", false, map[string]any{"vpcSecurityGroupIds": []any{"sg-1"}}},
	})
}
