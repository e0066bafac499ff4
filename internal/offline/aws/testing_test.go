package aws

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/offline/cloud"
	"stagecraft/internal/offline/store"
)

// testAccount is a new offline account, in one region.
type testAccount struct {
	*cloud.Region

	t  *testing.T
	db *store.Store
	// localized accounts move inputs that are written for testRegion to their own region.
	localized bool
}

const testRegion = "eu-west-1"

// onlyGlobal are the types that AWS creates in us-east-1 only.
var onlyGlobal = []string{logDeliveryToken, logSourceToken, webACLLoggingToken, webACLToken}

func newTestAccount(t *testing.T) *testAccount {
	t.Helper()
	return newTestAccountIn(t, testRegion)
}

// newTestAccountFor returns an account in a region that has a type.
func newTestAccountFor(t *testing.T, token string) *testAccount {
	t.Helper()
	if slices.Contains(onlyGlobal, token) {
		return newTestAccountIn(t, globalRegion)
	}
	return newTestAccount(t)
}

func newTestAccountIn(t *testing.T, name string) *testAccount {
	t.Helper()
	db := store.Open(t.TempDir())
	region, err := New(db, nil).Region(name, nil)
	require.NoError(t, err)
	return &testAccount{Region: region, t: t, db: db}
}

// created is a resource that a test created.
type created struct {
	token, id       string
	inputs, outputs resource.PropertyMap
}

func (m created) text(property string) string {
	value := m.outputs[resource.PropertyKey(property)]
	if !value.IsString() {
		return ""
	}
	return value.StringValue()
}

// check returns checked inputs, and requires that nothing is wrong with them.
func (a *testAccount) check(token string, inputs map[string]any) resource.PropertyMap {
	a.t.Helper()
	if a.localized {
		inputs = localize(inputs, a.Name).(map[string]any)
	}
	checked, failures, err := a.Check(token, cloud.CheckRequest{
		Name: "test", News: resource.NewPropertyMapFromMap(inputs), Seed: []byte(token),
	})
	require.NoError(a.t, err)
	require.Empty(a.t, failures)
	return checked
}

func (a *testAccount) create(token string, inputs map[string]any) created {
	a.t.Helper()
	checked := a.check(token, inputs)
	id, outputs, err := a.Create(a.t.Context(), token, urn(token), checked, false)
	require.NoError(a.t, err)
	require.NotEmpty(a.t, id)
	return created{token, id, checked, outputs}
}

// localize returns inputs that are written for testRegion as those for another region.
func localize(value any, region string) any {
	switch value := value.(type) {
	case string:
		value = strings.ReplaceAll(value, armImage, imageID(region, armParameter))
		return strings.ReplaceAll(value, testRegion, region)
	case []any:
		list := make([]any, len(value))
		for i, element := range value {
			list[i] = localize(element, region)
		}
		return list
	case map[string]any:
		object := map[string]any{}
		for key, element := range value {
			object[key] = localize(element, region)
		}
		return object
	default:
		return value
	}
}

// rejects requires that a resource is not created, with an AWS error code.
func (a *testAccount) rejects(code, token string, inputs map[string]any) {
	a.t.Helper()
	_, _, err := a.Create(a.t.Context(), token, urn(token), resource.NewPropertyMapFromMap(inputs), false)
	requireCode(a.t, code, err)
}

// rejectsInput requires that inputs are rejected before anything is created.
func (a *testAccount) rejectsInput(property, token string, inputs map[string]any) {
	a.t.Helper()
	_, failures, err := a.Check(token, cloud.CheckRequest{Name: "test", News: resource.NewPropertyMapFromMap(inputs)})
	require.NoError(a.t, err)
	require.True(a.t, slices.ContainsFunc(failures, func(failure plugin.CheckFailure) bool {
		return string(failure.Property) == property
	}), "%s: %v", property, failures)
}

func (a *testAccount) update(res created, inputs map[string]any) (resource.PropertyMap, error) {
	a.t.Helper()
	return a.Update(res.token, res.id, urn(res.token), res.outputs, resource.NewPropertyMapFromMap(inputs), false)
}

func (a *testAccount) exists(res created) bool {
	a.t.Helper()
	_, outputs, err := a.Read(res.token, res.id)
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

// with returns inputs with additional ones.
func with(inputs map[string]any, more map[string]any) map[string]any {
	merged := map[string]any{}
	maps.Copy(merged, inputs)
	maps.Copy(merged, more)
	return merged
}

// inputRejection changes a type's minimal inputs into inputs that Check rejects.
type inputRejection struct {
	token, failing string
	more           map[string]any
}

func runInputRejections(t *testing.T, rejections []inputRejection) {
	t.Helper()
	for _, test := range rejections {
		t.Run(fmt.Sprintf("%s %v", test.token, test.more), func(t *testing.T) {
			t.Parallel()
			account := newTestAccountFor(t, test.token)
			account.rejectsInput(test.failing, test.token, with(minimal[test.token](account), test.more))
		})
	}
}

// rejection prepares an account for inputs that AWS rejects.
type rejection struct {
	name, code, token string
	inputs            func(*testAccount) map[string]any
}

func runRejections(t *testing.T, rejections []rejection) {
	t.Helper()
	for _, test := range rejections {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			account := newTestAccountFor(t, test.token)
			inputs := test.inputs(account)
			account.check(test.token, inputs)
			account.rejects(test.code, test.token, inputs)
		})
	}
}

// but returns a type's minimal inputs with changes.
func but(token string, more map[string]any) func(*testAccount) map[string]any {
	return func(a *testAccount) map[string]any { return with(minimal[token](a), more) }
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
			before, after := account.check(test.token, inputs), account.check(test.token, with(inputs, test.more))
			diff, err := account.Diff(test.token, before, after)
			require.NoError(t, err)
			require.NotEmpty(t, diff.ChangedKeys)
			require.Equal(t, test.replaces, diff.Replace(), "%v", diff.ReplaceKeys)
		})
	}
}

// list returns the ids of a type's resources.
func (a *testAccount) list(token string) ([]string, error) {
	var ids []string
	err := a.db.View(func(tx *store.Tx) error {
		records, err := tx.List(testRegion, token)
		for _, record := range records {
			ids = append(ids, record.ID)
		}
		return err
	})
	return ids, err
}

// takesOver requires that a second resource of the same name silently replaces the first.
func (a *testAccount) takesOver(token string, inputs map[string]any) {
	a.t.Helper()
	first, second := a.create(token, inputs), a.create(token, inputs)
	require.Equal(a.t, first.id, second.id)
	require.NoError(a.t, a.Delete(token, first.id))
	require.False(a.t, a.exists(second))
}

// forEach runs a test for each type with minimal inputs.
func forEach(t *testing.T, test func(*testing.T, cloud.Type, *testAccount, map[string]any)) {
	t.Helper()
	for _, known := range types() {
		prepare, ok := minimal[known.Token]
		if !ok {
			continue
		}
		t.Run(known.Token, func(t *testing.T) {
			t.Parallel()
			account := newTestAccountFor(t, known.Token)
			test(t, known, account, prepare(account))
		})
	}
}

func notFound(token string) cloud.Error {
	i := slices.IndexFunc(types(), func(known cloud.Type) bool { return known.Token == token })
	return types()[i].NotFound
}

// at returns inputs with a value at a path such as "routes[*].gatewayId".
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

func inUseError(token string) cloud.Error {
	i := slices.IndexFunc(types(), func(known cloud.Type) bool { return known.Token == token })
	return types()[i].InUse
}

// target returns the id of the target of a reference.
func (a *testAccount) target(ref cloud.Ref, res created) (string, bool) {
	a.t.Helper()
	values := (&cloud.Resource{Outputs: res.outputs}).Texts(ref.Path)
	if len(values) == 0 || values[0] == "" || ref.External != nil && ref.External.MatchString(values[0]) {
		return "", false
	}
	id := ""
	a.records(func(_ *store.Tx, record store.Record) error {
		if record.Type == ref.Type && (ref.TargetProperty == "" && record.ID == values[0] ||
			ref.TargetProperty != "" && strings.Contains(string(record.Outputs), `"`+values[0]+`"`)) {
			id = record.ID
		}
		return nil
	})
	return id, id != ""
}

// records visits the account's records.
func (a *testAccount) records(visit func(*store.Tx, store.Record) error) {
	a.t.Helper()
	require.NoError(a.t, a.db.Update(func(tx *store.Tx) error {
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

func firstError(errs ...cloud.Error) cloud.Error {
	for _, err := range errs {
		if err != (cloud.Error{}) {
			return err
		}
	}
	return cloud.Error{}
}

// minimal returns, for each type, the minimal inputs to create it in an account, which it prepares.
var minimal = func() map[string]func(*testAccount) map[string]any {
	all := map[string]func(*testAccount) map[string]any{}
	for _, service := range []map[string]func(*testAccount) map[string]any{
		minimalAPIs, minimalAppAutoScaling, minimalAutoScaling, minimalBudget, minimalBuildProject,
		minimalCaches, minimalCertificate, minimalCloudFront, minimalCloudTrail, minimalCloudWatch,
		minimalCodeDeploy, minimalCompositeAlarm, minimalConnection, minimalCostExplorer, minimalDocument,
		minimalEC2, minimalECR, minimalECS, minimalEventBridge, minimalGuardDuty, minimalIAM,
		minimalInspector, minimalKeys, minimalLambda, minimalLaunchTemplate, minimalListenerRule,
		minimalLoadBalancer, minimalLogDelivery, minimalLogs, minimalPipeline, minimalRDS, minimalRoute53,
		minimalS3, minimalSNS, minimalSQS, minimalSSM, minimalSecrets, minimalSecurityGroup,
		minimalStateMachine, minimalVPC, minimalWebACL,
	} {
		maps.Copy(all, service)
	}
	return all
}()
