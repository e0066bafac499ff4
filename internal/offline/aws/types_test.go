package aws

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/offline/cloud"
	"stagecraft/internal/offline/schema"
	"stagecraft/internal/offline/store"
)

// minimal gives, for each type, inputs that suffice to create it in an account, which it prepares.
var minimal = func() map[string]func(*testAccount) map[string]any {
	all := maps.Clone(minimalNetworks)
	maps.Copy(all, minimalServices)
	maps.Copy(all, minimalWatching)
	maps.Copy(all, minimalDelivery)
	maps.Copy(all, minimalSecrets)
	maps.Copy(all, minimalNames)
	maps.Copy(all, minimalFunctions)
	maps.Copy(all, minimalCaches)
	maps.Copy(all, minimalContainers)
	maps.Copy(all, minimalEdge)
	maps.Copy(all, minimalAPIs)
	maps.Copy(all, minimalScaling)
	maps.Copy(all, minimalKeys)
	return all
}()

// minimalNetworks are for networks, instances, load balancers, buckets and names.
var minimalNetworks = map[string]func(*testAccount) map[string]any{
	vpcToken: func(*testAccount) map[string]any { return map[string]any{"cidrBlock": "10.0.0.0/16"} },
	subnetToken: func(a *testAccount) map[string]any {
		vpc := a.create(vpcToken, map[string]any{"cidrBlock": "10.0.0.0/16"})
		return map[string]any{"vpcId": vpc.id, "cidrBlock": "10.0.0.0/24"}
	},
	internetGatewayToken: func(a *testAccount) map[string]any {
		return map[string]any{"vpcId": a.create(vpcToken, map[string]any{"cidrBlock": "10.0.0.0/16"}).id}
	},
	natGatewayToken: func(a *testAccount) map[string]any {
		return map[string]any{"subnetId": a.network("0").subnets[0].id, "allocationId": a.create(eipToken, nil).id}
	},
	routeTableToken: func(a *testAccount) map[string]any {
		network := a.network("0")
		return map[string]any{"vpcId": network.vpc.id, "routes": []any{
			map[string]any{"cidrBlock": "0.0.0.0/0", "gatewayId": network.gateway.id},
		}}
	},
	"aws:ec2/routeTableAssociation:RouteTableAssociation": func(a *testAccount) map[string]any {
		network := a.network("0")
		return map[string]any{"routeTableId": network.table.id, "subnetId": network.subnets[0].id}
	},
	"aws:ec2/route:Route": func(a *testAccount) map[string]any {
		network := a.network("0")
		return map[string]any{
			"routeTableId": network.table.id, "destinationCidrBlock": "0.0.0.0/0", "gatewayId": network.gateway.id,
		}
	},
	vpcEndpointToken: func(a *testAccount) map[string]any {
		network := a.network("0")
		return map[string]any{
			"vpcId": network.vpc.id, "serviceName": "com.amazonaws.eu-west-1.s3", "routeTableIds": []any{network.table.id},
		}
	},
	vpcEndpointRouteTableAssociationToken: func(a *testAccount) map[string]any {
		network := a.network("0")
		endpoint := a.create(vpcEndpointToken, map[string]any{
			"vpcId": network.vpc.id, "serviceName": "com.amazonaws.eu-west-1.s3",
		})
		return map[string]any{"vpcEndpointId": endpoint.id, "routeTableId": network.table.id}
	},
	flowLogToken: func(a *testAccount) map[string]any {
		return map[string]any{
			"vpcId": a.create(vpcToken, map[string]any{"cidrBlock": "10.0.0.0/16"}).id, "trafficType": "ALL",
			"logDestinationType": "s3", "logDestination": a.bucket("flow-logs").text("arn"),
		}
	},
	securityGroupToken: func(a *testAccount) map[string]any {
		vpc := a.create(vpcToken, map[string]any{"cidrBlock": "10.0.0.0/16"})
		other := a.securityGroup(vpc, "other")
		return map[string]any{"vpcId": vpc.id, "name": "web", "ingress": []any{map[string]any{
			"protocol": "tcp", "fromPort": 80, "toPort": 80, "securityGroups": []any{other.id},
		}}}
	},
	"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": func(a *testAccount) map[string]any {
		return map[string]any{"vpcId": a.create(vpcToken, map[string]any{"cidrBlock": "10.0.0.0/16"}).id}
	},
	ingressRuleToken: ruleInputs,
	egressRuleToken:  ruleInputs,
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
	listenerRuleToken: func(a *testAccount) map[string]any {
		network := a.network("0")
		group := a.create(targetGroupToken, targetGroupInputs(network.vpc, "web"))
		inputs := listenerInputs(a.loadBalancer(network, "web"), group)
		return map[string]any{
			"listenerArn": a.create(listenerToken, inputs).id, "priority": 10,
			"actions": inputs["defaultActions"], "conditions": []any{pathCondition("/api/*")},
		}
	},
	listenerCertificateToken: func(a *testAccount) map[string]any {
		network := a.network("0")
		listener := listenerInputs(a.loadBalancer(network, "web"), a.create(targetGroupToken, targetGroupInputs(network.vpc, "web")))
		return map[string]any{
			"listenerArn": a.create(listenerToken, with(listener, map[string]any{
				"protocol": "HTTPS", "port": 443, "certificateArn": a.certificate("www.example.com"),
			})).id,
			"certificateArn": a.certificate("api.example.com"),
		}
	},
	bucketToken: func(*testAccount) map[string]any { return map[string]any{"bucket": "logs"} },
	objectToken: func(a *testAccount) map[string]any {
		bucket := a.create(bucketToken, map[string]any{"bucket": "logs", "forceDestroy": true})
		return map[string]any{"bucket": bucket.id, "key": "a/b", "content": "c"}
	},
	bucketPolicyToken: func(a *testAccount) map[string]any {
		return map[string]any{"bucket": a.bucket("logs").id, "policy": logsPolicy}
	},
	publicAccessToken: func(a *testAccount) map[string]any {
		return map[string]any{"bucket": a.bucket("logs").id, "blockPublicPolicy": true}
	},
	"aws:s3/bucketOwnershipControls:BucketOwnershipControls": func(a *testAccount) map[string]any {
		return map[string]any{
			"bucket": a.bucket("logs").id, "rule": map[string]any{"objectOwnership": "BucketOwnerEnforced"},
		}
	},
	bucketEncryptionToken: func(a *testAccount) map[string]any {
		return map[string]any{"bucket": a.bucket("logs").id, "rules": encryptionRules("AES256")}
	},
	"aws:s3/bucketVersioningV2:BucketVersioningV2": func(a *testAccount) map[string]any {
		return map[string]any{
			"bucket": a.bucket("logs").id, "versioningConfiguration": map[string]any{"status": "Enabled"},
		}
	},
	lifecycleToken: func(a *testAccount) map[string]any {
		return map[string]any{"bucket": a.bucket("logs").id, "rules": []any{expiry("expire")}}
	},
	recordToken: func(*testAccount) map[string]any { return addressRecord("www.example.com") },
	certificateToken: func(*testAccount) map[string]any {
		return certificateInputs("www.example.com")
	},
	certificateValidationToken: func(a *testAccount) map[string]any {
		certificate := a.create(certificateToken, certificateInputs("www.example.com"))
		a.create(recordToken, proof(certificate))
		return map[string]any{"certificateArn": certificate.id}
	},
}

func ruleInputs(a *testAccount) map[string]any {
	vpc := a.create(vpcToken, map[string]any{"cidrBlock": "10.0.0.0/16"})
	return map[string]any{
		"securityGroupId":           a.securityGroup(vpc, "web").id,
		"referencedSecurityGroupId": a.securityGroup(vpc, "balancer").id,
		"ipProtocol":                "tcp", "fromPort": 80, "toPort": 80,
	}
}

func encryptionRules(algorithm string) []any {
	return []any{map[string]any{"applyServerSideEncryptionByDefault": map[string]any{"sseAlgorithm": algorithm}}}
}

func expiry(id string) map[string]any {
	return map[string]any{"id": id, "status": "Enabled", "expiration": map[string]any{"days": 90}}
}

func addressRecord(name string) map[string]any {
	return map[string]any{"zoneId": ownZoneID, "name": name, "type": "A", "ttl": 60, "records": []any{"192.0.2.1"}}
}

// logsPolicy lets Elastic Load Balancing write into the bucket "logs".
const logsPolicy = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:PutObject",
	"Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
	"Resource": "arn:aws:s3:::logs/AWSLogs/` + Account + `/*"}]}`

// forEach runs a test of each type that there are minimal inputs for.
func forEach(t *testing.T, test func(*testing.T, cloud.Type, *testAccount, map[string]any)) {
	t.Helper()
	for _, known := range types() {
		prepare, ours := minimal[known.Token]
		if !ours {
			continue
		}
		t.Run(known.Token, func(t *testing.T) {
			t.Parallel()
			account := newTestAccountFor(t, known.Token)
			test(t, known, account, prepare(account))
		})
	}
}

func TestMinimalCoversTheTypes(t *testing.T) {
	t.Parallel()
	for _, known := range types() {
		require.Contains(t, minimal, known.Token)
	}
}

func TestLife(t *testing.T) {
	t.Parallel()
	forEach(t, func(t *testing.T, known cloud.Type, account *testAccount, inputs map[string]any) {
		one := account.create(known.Token, inputs)
		kept, outputs, err := account.Read(known.Token, one.id)
		require.NoError(t, err)
		require.True(t, one.inputs.DeepEquals(kept))
		require.True(t, one.outputs.DeepEquals(outputs))

		diff, err := account.Diff(known.Token, one.inputs, account.check(known.Token, inputs))
		require.NoError(t, err)
		require.Equal(t, plugin.DiffNone, diff.Changes)

		updated, err := account.Update(known.Token, one.id, urn(known.Token), outputs, one.inputs, false)
		require.NoError(t, err)
		require.Empty(t, difference(outputs, updated), "an update without a change changes nothing")

		for name, property := range schema.Outputs(known.State) {
			if !property.Optional {
				require.Contains(t, outputs, resource.PropertyKey(name))
			}
		}
		require.NoError(t, account.Delete(known.Token, one.id))
		require.False(t, account.exists(one))
	})
}

func difference(before, after resource.PropertyMap) []resource.PropertyKey {
	if diff := before.Diff(after); diff != nil {
		return diff.ChangedKeys()
	}
	return nil
}

func TestUnknownAndMissingProperties(t *testing.T) {
	t.Parallel()
	forEach(t, func(_ *testing.T, known cloud.Type, account *testAccount, inputs map[string]any) {
		account.refusesInput("colour", known.Token, with(inputs, map[string]any{"colour": "green"}))
		required := slices.Clone(known.Required)
		for name, property := range schema.Inputs(known.Args) {
			if !property.Optional {
				required = append(required, name)
			}
		}
		for _, name := range required {
			account.refusesInput(name, known.Token, with(inputs, map[string]any{name: nil}))
		}
		for _, group := range known.OneOf {
			none := map[string]any{}
			for _, name := range group {
				none[name] = nil
			}
			account.refusesInput(group[0], known.Token, with(inputs, none))
		}
	})
}

func TestReferencesToNothing(t *testing.T) {
	t.Parallel()
	forEach(t, func(_ *testing.T, known cloud.Type, account *testAccount, inputs map[string]any) {
		for i, ref := range known.Refs {
			if slices.ContainsFunc(known.Refs[:i], func(before cloud.Ref) bool { return before.Path == ref.Path }) {
				continue // it refers to one thing or another, and the first has spoken
			}
			account.refuses(firstError(ref.NotFound, notFound(ref.Type)).Code, known.Token,
				with(inputs, at(ref.Path, "missing-1")))
		}
	})
}

func notFound(token string) cloud.Error {
	i := slices.IndexFunc(types(), func(known cloud.Type) bool { return known.Token == token })
	return types()[i].NotFound
}

// at gives inputs with a value at a path such as "routes[*].gatewayId".
func at(path string, value any) map[string]any {
	step, rest, deeper := strings.Cut(path, ".")
	if deeper {
		value = at(rest, value)
	}
	if name, list := strings.CutSuffix(step, "[*]"); list {
		return map[string]any{name: []any{value}}
	}
	return map[string]any{step: value}
}

// TestDeletionOfReferences deletes what a resource refers to: it is refused, or the resource goes too, or stays.
func TestDeletionOfReferences(t *testing.T) {
	t.Parallel()
	for _, known := range types() {
		prepare, ours := minimal[known.Token]
		if !ours {
			continue
		}
		for i, ref := range known.Refs {
			t.Run(fmt.Sprintf("%s %d %s", known.Token, i, ref.Path), func(t *testing.T) {
				t.Parallel()
				account := newTestAccountFor(t, known.Token)
				one := account.create(known.Token, prepare(account))
				target, there := account.target(ref, one)
				if !there {
					t.Skip("the minimal inputs do not refer to it")
				}
				err := account.Delete(ref.Type, target)
				switch {
				case ref.Part:
					require.NoError(t, err)
					require.False(t, account.exists(one))
				case ref.Loose:
					require.NoError(t, err)
					require.True(t, account.exists(one))
				default:
					requireCode(t, inUseError(ref.Type).Code, err)
					require.True(t, account.exists(one))
				}
			})
		}
	}
}

func inUseError(token string) cloud.Error {
	i := slices.IndexFunc(types(), func(known cloud.Type) bool { return known.Token == token })
	return types()[i].InUse
}

// target is the id of what a resource refers to.
func (a *testAccount) target(ref cloud.Ref, of made) (string, bool) {
	a.t.Helper()
	values := (&cloud.Resource{Outputs: of.outputs}).Texts(ref.Path)
	if len(values) == 0 || values[0] == "" || ref.External != nil && ref.External.MatchString(values[0]) {
		return "", false
	}
	id := ""
	a.records(func(_ *store.Tx, record store.Record) error {
		if record.Type == ref.Type && (ref.By == "" && record.ID == values[0] ||
			ref.By != "" && strings.Contains(string(record.Outputs), `"`+values[0]+`"`)) {
			id = record.ID
		}
		return nil
	})
	return id, id != ""
}

// records visits what the account holds.
func (a *testAccount) records(visit func(*store.Tx, store.Record) error) {
	a.t.Helper()
	require.NoError(a.t, a.kept.Update(func(tx *store.Tx) error {
		all, err := tx.All()
		if err != nil {
			return err
		}
		for _, record := range all {
			if err := visit(tx, record); err != nil {
				return err
			}
		}
		return nil
	}))
}

func TestDuplicates(t *testing.T) {
	t.Parallel()
	forEach(t, func(t *testing.T, known cloud.Type, account *testAccount, inputs map[string]any) {
		if len(known.Unique) == 0 {
			t.Skip("nothing is unique")
		}
		account.create(known.Token, inputs)
		account.refuses(known.Exists.Code, known.Token, inputs)
	})
}

// TestQuotas fills the account with copies that have nothing of what is unique.
func TestQuotas(t *testing.T) {
	t.Parallel()
	forEach(t, func(t *testing.T, known cloud.Type, account *testAccount, inputs map[string]any) {
		if known.Quota == nil {
			t.Skip("there is no quota")
		}
		account.create(known.Token, inputs)
		there := 0
		account.records(func(tx *store.Tx, record store.Record) error {
			if record.Type != known.Token {
				return nil
			}
			if there++; there > 1 {
				return nil
			}
			for i := range known.Quota.Limit - 1 {
				copied := record
				copied.ID = fmt.Sprintf("copy-%d", i)
				if err := tx.Put(copied); err != nil {
					return err
				}
			}
			return nil
		})
		account.refuses(known.Quota.Error.Code, known.Token, inputs)
	})
}

func TestProtection(t *testing.T) {
	t.Parallel()
	forEach(t, func(t *testing.T, known cloud.Type, account *testAccount, inputs map[string]any) {
		if known.Protected == "" {
			t.Skip("nothing protects it")
		}
		one := account.create(known.Token, with(inputs, map[string]any{known.Protected: true}))
		requireCode(t, known.Protection.Code, account.Delete(known.Token, one.id))
		_, err := account.update(one, with(inputs, map[string]any{known.Protected: false}))
		require.NoError(t, err)
		require.NoError(t, account.Delete(known.Token, one.id))
	})
}

func TestAutomaticNames(t *testing.T) {
	t.Parallel()
	forEach(t, func(t *testing.T, known cloud.Type, account *testAccount, inputs map[string]any) {
		if known.Name == nil || known.Name.Manual {
			t.Skip("Pulumi does not name it")
		}
		property := known.Name.Property
		named := account.create(known.Token, with(inputs, map[string]any{property: nil}))
		hyphen := "-"
		if known.Name.NoHyphen {
			hyphen = ""
		}
		require.Regexp(t, "^test"+hyphen+"[0-9a-f]{7}$", named.text(property))
		account.refusesInput(property, known.Token,
			with(inputs, map[string]any{property: strings.Repeat("a", known.Name.Max+1)}))
	})
}
