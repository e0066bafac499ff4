package aws

import (
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/offline/cloud"
	"stagecraft/internal/offline/store"
)

// testAccount is an offline account of its own, in one region.
type testAccount struct {
	*cloud.Region

	t    *testing.T
	kept *store.Store
}

const testRegion = "eu-west-1"

// onlyGlobal are the types that AWS makes in us-east-1 only.
var onlyGlobal = []string{logDeliveryToken, logSourceToken, webACLLoggingToken, webACLToken}

func newTestAccount(t *testing.T) *testAccount {
	t.Helper()
	return newTestAccountIn(t, testRegion)
}

// newTestAccountFor is one in a region that has a type.
func newTestAccountFor(t *testing.T, token string) *testAccount {
	t.Helper()
	if slices.Contains(onlyGlobal, token) {
		return newTestAccountIn(t, globalRegion)
	}
	return newTestAccount(t)
}

func newTestAccountIn(t *testing.T, name string) *testAccount {
	t.Helper()
	kept := store.Open(t.TempDir())
	region, err := New(kept, nil).Region(name, nil)
	require.NoError(t, err)
	return &testAccount{region, t, kept}
}

// made is a resource that a test made.
type made struct {
	token, id       string
	inputs, outputs resource.PropertyMap
}

func (m made) text(property string) string {
	value := m.outputs[resource.PropertyKey(property)]
	if !value.IsString() {
		return ""
	}
	return value.StringValue()
}

// check gives checked inputs, and requires that nothing is wrong with them.
func (a *testAccount) check(token string, inputs map[string]any) resource.PropertyMap {
	a.t.Helper()
	checked, failures, err := a.Check(token, cloud.CheckRequest{
		Name: "test", News: resource.NewPropertyMapFromMap(inputs), Seed: []byte(token),
	})
	require.NoError(a.t, err)
	require.Empty(a.t, failures)
	return checked
}

func (a *testAccount) create(token string, inputs map[string]any) made {
	a.t.Helper()
	checked := a.check(token, inputs)
	id, outputs, err := a.Create(a.t.Context(), token, urn(token), checked, false)
	require.NoError(a.t, err)
	require.NotEmpty(a.t, id)
	return made{token, id, checked, outputs}
}

// refuses requires that a resource is not created, with an AWS error code.
func (a *testAccount) refuses(code, token string, inputs map[string]any) {
	a.t.Helper()
	_, _, err := a.Create(a.t.Context(), token, urn(token), resource.NewPropertyMapFromMap(inputs), false)
	requireCode(a.t, code, err)
}

// refusesInput requires that inputs are refused before anything is made.
func (a *testAccount) refusesInput(property, token string, inputs map[string]any) {
	a.t.Helper()
	_, failures, err := a.Check(token, cloud.CheckRequest{Name: "test", News: resource.NewPropertyMapFromMap(inputs)})
	require.NoError(a.t, err)
	require.True(a.t, slices.ContainsFunc(failures, func(failure plugin.CheckFailure) bool {
		return string(failure.Property) == property
	}), "%s: %v", property, failures)
}

func (a *testAccount) update(of made, inputs map[string]any) (resource.PropertyMap, error) {
	a.t.Helper()
	return a.Update(of.token, of.id, urn(of.token), of.outputs, resource.NewPropertyMapFromMap(inputs), false)
}

func (a *testAccount) exists(of made) bool {
	a.t.Helper()
	_, outputs, err := a.Read(of.token, of.id)
	require.NoError(a.t, err)
	return outputs != nil
}

func urn(token string) resource.URN {
	return resource.URN("urn:pulumi:test::test::" + token + "::test")
}

func requireCode(t *testing.T, code string, err error) {
	t.Helper()
	require.Error(t, err)
	var apiError *cloud.APIError
	require.ErrorAs(t, err, &apiError, "%v", err)
	require.Equal(t, code, apiError.Code, "%v", errors.Unwrap(err))
}

// with gives inputs with some more.
func with(inputs map[string]any, more map[string]any) map[string]any {
	merged := map[string]any{}
	maps.Copy(merged, inputs)
	maps.Copy(merged, more)
	return merged
}

// testNetwork is a VPC with a way to the internet.
type testNetwork struct {
	vpc, gateway, table made
	// subnets are one in each of three zones.
	subnets []made
}

// network makes a VPC of the range 10.N.0.0/16.
func (a *testAccount) network(n string) testNetwork {
	a.t.Helper()
	network := testNetwork{vpc: a.create(vpcToken, map[string]any{"cidrBlock": "10." + n + ".0.0/16"})}
	network.gateway = a.create(internetGatewayToken, map[string]any{"vpcId": network.vpc.id})
	network.table = a.create(routeTableToken, map[string]any{"vpcId": network.vpc.id})
	for i, letter := range []string{"a", "b", "c"} {
		network.subnets = append(network.subnets, a.create(subnetToken, map[string]any{
			"vpcId": network.vpc.id, "availabilityZone": testRegion + letter,
			"cidrBlock": "10." + n + "." + string(rune('0'+i)) + ".0/24",
		}))
	}
	return network
}

func (a *testAccount) securityGroup(vpc made, name string) made {
	a.t.Helper()
	return a.create(securityGroupToken, map[string]any{"vpcId": vpc.id, "name": name, "description": "test"})
}

var armImage = imageID(testRegion, "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64")

func instanceInputs(subnet made) map[string]any {
	return map[string]any{"ami": armImage, "instanceType": "t4g.small", "subnetId": subnet.id}
}

func (a *testAccount) loadBalancer(network testNetwork, name string) made {
	a.t.Helper()
	return a.create(loadBalancerToken, loadBalancerInputs(network, name))
}

func loadBalancerInputs(network testNetwork, name string) map[string]any {
	return map[string]any{"name": name, "subnets": []any{network.subnets[0].id, network.subnets[1].id}}
}

func targetGroupInputs(vpc made, name string) map[string]any {
	return map[string]any{"name": name, "vpcId": vpc.id, "port": 80, "protocol": "HTTP"}
}

func listenerInputs(balancer, group made) map[string]any {
	return map[string]any{
		"loadBalancerArn": balancer.id, "port": 80, "protocol": "HTTP",
		"defaultActions": []any{map[string]any{"type": "forward", "targetGroupArn": group.id}},
	}
}

func (a *testAccount) bucket(name string) made {
	a.t.Helper()
	return a.create(bucketToken, map[string]any{"bucket": name})
}

func certificateInputs(domain string) map[string]any {
	return map[string]any{"domainName": domain, "validationMethod": "DNS"}
}

// proof is the record that proves a certificate's domain.
func proof(certificate made) map[string]any {
	option := certificate.outputs["domainValidationOptions"].ArrayValue()[0].ObjectValue()
	return map[string]any{
		"zoneId": ownZoneID, "name": option["resourceRecordName"].StringValue(), "type": "CNAME", "ttl": 60,
		"records": []any{option["resourceRecordValue"].StringValue()},
	}
}

// certificate is the ARN of an issued certificate.
func (a *testAccount) certificate(domain string) string {
	a.t.Helper()
	certificate := a.create(certificateToken, certificateInputs(domain))
	a.create(recordToken, proof(certificate))
	return a.create(certificateValidationToken, map[string]any{"certificateArn": certificate.id}).id
}
