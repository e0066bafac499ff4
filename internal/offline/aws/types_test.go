package aws

import (
	"encoding/json"
	"fmt"
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
		state, outputs, err := account.Read(known.Token, one.id)
		require.NoError(t, err)
		require.True(t, one.inputs.DeepEquals(state))
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

// TestUSEast1 creates every type in us-east-1, whose names AWS forms in ways of their own.
func TestUSEast1(t *testing.T) {
	t.Parallel()
	for token, inputs := range minimal {
		t.Run(token, func(t *testing.T) {
			t.Parallel()
			account := newTestAccountIn(t, globalRegion)
			account.localized = true
			res := account.create(token, inputs(account))
			text, err := json.Marshal(res.outputs.Mappable())
			require.NoError(t, err)
			require.NotContains(t, string(text), testRegion)
		})
	}
}

func TestNamesInUSEast1(t *testing.T) {
	t.Parallel()
	account := newTestAccountIn(t, globalRegion)
	account.localized = true
	vpc := account.create(vpcToken, map[string]any{"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": true})
	subnet := account.create(subnetToken, map[string]any{
		"vpcId": vpc.id, "cidrBlock": "10.0.9.0/24", "availabilityZone": "us-east-1f", "mapPublicIpOnLaunch": true,
	})
	instance := account.create(instanceToken, instanceInputs(subnet))
	require.Equal(t, "ip-10-0-9-4.ec2.internal", instance.text("privateDns"))
	require.Equal(t, "ec2-198-51-100-1.compute-1.amazonaws.com", instance.text("publicDns"))
	require.Equal(t, "use1-az6", subnet.text("availabilityZoneId"))
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
		account.rejectsInput("colour", known.Token, with(inputs, map[string]any{"colour": "green"}))
		required := slices.Clone(known.Required)
		for name, property := range schema.Inputs(known.Args) {
			if !property.Optional {
				required = append(required, name)
			}
		}
		for _, name := range required {
			account.rejectsInput(name, known.Token, with(inputs, map[string]any{name: nil}))
		}
		for _, group := range known.OneOf {
			none := map[string]any{}
			for _, name := range group {
				none[name] = nil
			}
			account.rejectsInput(group[0], known.Token, with(inputs, none))
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
			account.rejects(firstError(ref.NotFound, notFound(ref.Type)).Code, known.Token,
				with(inputs, at(ref.Path, "missing-1")))
		}
	})
}

// TestDeletionOfReferences deletes the targets of references: the deletion is rejected, deletes the resource too, or
// leaves it.
func TestDeletionOfReferences(t *testing.T) {
	t.Parallel()
	for _, known := range types() {
		prepare, ok := minimal[known.Token]
		if !ok {
			continue
		}
		for i, ref := range known.Refs {
			t.Run(fmt.Sprintf("%s %d %s", known.Token, i, ref.Path), func(t *testing.T) {
				t.Parallel()
				account := newTestAccountFor(t, known.Token)
				one := account.create(known.Token, prepare(account))
				target, exists := account.target(ref, one)
				if !exists {
					t.Skip("the minimal inputs do not refer to it")
				}
				err := account.Delete(ref.Type, target)
				switch {
				case ref.OwnedBy:
					require.NoError(t, err)
					require.False(t, account.exists(one))
				case ref.Weak:
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

func TestDuplicates(t *testing.T) {
	t.Parallel()
	forEach(t, func(t *testing.T, known cloud.Type, account *testAccount, inputs map[string]any) {
		if len(known.Unique) == 0 {
			t.Skip("nothing is unique")
		}
		account.create(known.Token, inputs)
		account.rejects(known.Exists.Code, known.Token, inputs)
	})
}

// TestQuotas fills the account with copies without unique properties.
func TestQuotas(t *testing.T) {
	t.Parallel()
	forEach(t, func(t *testing.T, known cloud.Type, account *testAccount, inputs map[string]any) {
		if known.Quota == nil {
			t.Skip("there is no quota")
		}
		account.create(known.Token, inputs)
		existing := 0
		account.records(func(tx *store.Tx, record store.Record) error {
			if record.Type != known.Token {
				return nil
			}
			if existing++; existing > 1 {
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
		account.rejects(known.Quota.Error.Code, known.Token, inputs)
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
		account.rejectsInput(property, known.Token,
			with(inputs, map[string]any{property: strings.Repeat("a", known.Name.Max+1)}))
	})
}

// TestPreviewKnowsDefaults checks that a preview shows AWS's defaults.
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
