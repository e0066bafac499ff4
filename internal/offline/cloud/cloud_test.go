package cloud_test

import (
	"context"
	"fmt"
	"reflect"
	"regexp"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/offline/cloud"
	"stagecraft/internal/offline/store"
)

// A made-up service: a garden has beds, and gates that let named visitors in.

type gardenArgs struct {
	Name  *string           `pulumi:"name"`
	Size  int               `pulumi:"size"`
	Shut  *bool             `pulumi:"shut"`
	Tags  map[string]string `pulumi:"tags"`
	Soil  *string           `pulumi:"soil"`
	Paths []string          `pulumi:"paths"`
}

type gardenInputs struct{}

func (gardenInputs) ElementType() reflect.Type { return reflect.TypeFor[gardenArgs]() }

type garden struct {
	pulumi.CustomResourceState

	Arn     pulumi.StringOutput      `pulumi:"arn"`
	Gate    pulumi.StringOutput      `pulumi:"gate"`
	Name    pulumi.StringOutput      `pulumi:"name"`
	Size    pulumi.IntOutput         `pulumi:"size"`
	Shut    pulumi.BoolPtrOutput     `pulumi:"shut"`
	Soil    pulumi.StringOutput      `pulumi:"soil"`
	Paths   pulumi.StringArrayOutput `pulumi:"paths"`
	Tags    pulumi.StringMapOutput   `pulumi:"tags"`
	TagsAll pulumi.StringMapOutput   `pulumi:"tagsAll"`
}

type bedArgs struct {
	Garden  string   `pulumi:"garden"`
	Place   *string  `pulumi:"place"`
	Plants  []string `pulumi:"plants"`
	Sun     *string  `pulumi:"sun"`
	Shade   *string  `pulumi:"shade"`
	Keepers []string `pulumi:"keepers"`
}

type bedInputs struct{}

func (bedInputs) ElementType() reflect.Type { return reflect.TypeFor[bedArgs]() }

type bed struct {
	pulumi.CustomResourceState

	Garden pulumi.StringOutput    `pulumi:"garden"`
	Place  pulumi.StringPtrOutput `pulumi:"place"`
}

const (
	gardenToken = "aws:garden:Garden"
	bedToken    = "aws:garden:Bed"
	region      = "eu-west-1"
)

func declared() []cloud.Type {
	return []cloud.Type{{
		Token: gardenToken, Args: gardenInputs{}, State: garden{}, Service: "Garden", Operation: "CreateGarden",
		Name: &cloud.Name{Property: "name", Max: 20, Pattern: regexp.MustCompile(`^[a-z0-9-]+$`)},
		ID:   "garden-${hex8}",
		Values: map[string]cloud.Value{
			"size": cloud.Range(1, 100),
			"soil": cloud.OneOf("clay", "sand"),
		},
		Computed: map[string]any{
			"arn":  "arn:aws:garden:${region}:${account}:garden/${id}",
			"gate": "${name}.${arn}",
			"soil": "clay",
		},
		Replace: []string{"size"},
		Unique:  [][]string{{"name"}},
		Quota: &cloud.Quota{Limit: 3, Error: cloud.Error{
			Code: "GardenLimitExceeded", Message: "The maximum number of gardens has been reached.",
		}},
		Protected:  "shut",
		Protection: cloud.Error{Code: "OperationNotPermitted", Message: "Garden ${name} is shut."},
		NotFound:   cloud.Error{Code: "InvalidGarden.NotFound", Message: "The garden '${value}' does not exist"},
		Exists:     cloud.Error{Code: "GardenAlreadyExists", Message: "A garden ${name} already exists"},
		InUse:      cloud.Error{Code: "DependencyViolation", Message: "The garden '${id}' has dependencies"},
	}, {
		Token: bedToken, Args: bedInputs{}, State: bed{}, Service: "Garden", Operation: "CreateBed",
		ID:       "bed-${hex8}",
		Required: []string{"plants"},
		OneOf:    [][]string{{"sun", "shade"}},
		Replace:  []string{"garden"},
		Refs: []cloud.Ref{
			{Path: "garden", Type: gardenToken},
			{Path: "keepers[*]", Type: gardenToken, TargetProperty: "name", Weak: true, External: regexp.MustCompile("^aws/")},
		},
	}}
}

func open(t *testing.T, faults *cloud.Faults) *cloud.Region {
	t.Helper()
	zones := map[string][]string{region: {"eu-west-1a"}, "us-east-1": {"us-east-1a"}}
	opened, err := cloud.New("123456789012", zones, declared(), store.Open(t.TempDir()), faults).
		Region(region, resource.PropertyMap{"Owner": resource.NewProperty("default")})
	require.NoError(t, err)
	return opened
}

func properties(values map[string]any) resource.PropertyMap {
	return resource.NewPropertyMapFromMap(values)
}

func create(t *testing.T, in *cloud.Region, token string, inputs map[string]any) (string, map[string]any) {
	t.Helper()
	id, outputs, err := in.Create(t.Context(), token, "urn:it", properties(inputs), false)
	require.NoError(t, err)
	return id, outputs.Mappable()
}

func plantedBed(garden string) map[string]any {
	return map[string]any{"garden": garden, "plants": []any{"rose"}, "sun": "south"}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		token  string
		inputs map[string]any
		want   []string
	}{
		"right":             {gardenToken, map[string]any{"name": "rose", "size": 2}, nil},
		"unknown property":  {gardenToken, map[string]any{"name": "rose", "size": 2, "sise": 3}, []string{"sise: is not a property of this type"}},
		"missing":           {gardenToken, map[string]any{"name": "rose"}, []string{"size: is required, and missing"}},
		"wrong type":        {gardenToken, map[string]any{"name": "rose", "size": "two"}, []string{"size: is string, and must be a whole number", "size: expected to be in the range (1 - 100), got {two}"}},
		"no whole number":   {gardenToken, map[string]any{"name": "rose", "size": 2.5}, []string{"size: is number, and must be a whole number"}},
		"wrong value":       {gardenToken, map[string]any{"name": "rose", "size": 2, "soil": "snow"}, []string{"soil: expected one of [clay, sand], got {snow}"}},
		"name too long":     {gardenToken, map[string]any{"name": "a-very-long-garden-name", "size": 2}, []string{`name: "a-very-long-garden-name" is 23 characters long, and AWS allows 20`}},
		"name of capitals":  {gardenToken, map[string]any{"name": "Rose", "size": 2}, []string{`name: "Rose" does not match ^[a-z0-9-]+$`}},
		"list missing":      {bedToken, map[string]any{"garden": "g", "sun": "south"}, []string{"plants: is required, and missing"}},
		"none of a group":   {bedToken, map[string]any{"garden": "g", "plants": []any{"rose"}}, []string{"sun: exactly one of [sun, shade] must be specified, and 0 are"}},
		"both of a group":   {bedToken, map[string]any{"garden": "g", "plants": []any{"rose"}, "sun": "s", "shade": "n"}, []string{"sun: exactly one of [sun, shade] must be specified, and 2 are"}},
		"element of a list": {bedToken, map[string]any{"garden": "g", "plants": []any{"rose", 7}, "sun": "s"}, []string{"plants[1]: is number, and must be a string"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, failures, err := open(t, nil).Check(test.token, cloud.CheckRequest{Name: "it", News: properties(test.inputs)})
			require.NoError(t, err)
			var got []string
			for _, failure := range failures {
				got = append(got, fmt.Sprintf("%s: %s", failure.Property, failure.Reason))
			}
			require.ElementsMatch(t, test.want, got)
		})
	}
}

func TestCheckAllowsUnknownValues(t *testing.T) {
	t.Parallel()
	unknown := resource.MakeComputed(resource.NewProperty(""))
	_, failures, err := open(t, nil).Check(gardenToken, cloud.CheckRequest{Name: "it", News: resource.PropertyMap{
		"name": unknown, "size": unknown, "soil": unknown,
	}})
	require.NoError(t, err)
	require.Empty(t, failures)
}

func TestAutomaticNames(t *testing.T) {
	t.Parallel()
	in := open(t, nil)
	check := func(request cloud.CheckRequest) (resource.PropertyMap, []plugin.CheckFailure) {
		inputs, failures, err := in.Check(gardenToken, request)
		require.NoError(t, err)
		return inputs, failures
	}
	news := properties(map[string]any{"size": 2})

	first, failures := check(cloud.CheckRequest{Name: "rose", News: news, Seed: []byte("seed")})
	require.Empty(t, failures)
	require.Regexp(t, `^rose-[0-9a-f]{7}$`, first["name"].StringValue())

	second, _ := check(cloud.CheckRequest{Name: "rose", Olds: first, News: news, Seed: []byte("other")})
	require.Equal(t, first["name"], second["name"], "an automatic name stays")

	renamed, _ := check(cloud.CheckRequest{
		Name: "rose", Olds: properties(map[string]any{"name": "given", "size": 2}), News: news, Seed: []byte("seed"),
	})
	require.NotEqual(t, "given", renamed["name"].StringValue(), "a given name that is taken away does not stay")

	proposed, _ := check(cloud.CheckRequest{Name: "rose", News: news, Autonaming: &plugin.AutonamingOptions{ProposedName: "ours"}})
	require.Equal(t, "ours", proposed["name"].StringValue())

	_, failures = check(cloud.CheckRequest{Name: "a-name-of-18-letters", News: news})
	require.Len(t, failures, 1)
	require.Contains(t, failures[0].Reason, "plus 7 random chars is longer than maximum length 20")
}

func TestCreate(t *testing.T) {
	t.Parallel()
	in := open(t, nil)
	id, outputs := create(t, in, gardenToken, map[string]any{"name": "rose", "size": 2, "tags": map[string]any{"Tier": "x"}})
	require.Regexp(t, `^garden-[0-9a-f]{8}$`, id)
	arn := "arn:aws:garden:eu-west-1:123456789012:garden/" + id
	require.Equal(t, map[string]any{
		"arn": arn, "gate": "rose." + arn, "name": "rose", "size": 2.0, "soil": "clay",
		"tags": map[string]any{"Tier": "x"}, "tagsAll": map[string]any{"Owner": "default", "Tier": "x"},
	}, outputs)

	inputs, read, err := in.Read(gardenToken, id)
	require.NoError(t, err)
	require.Equal(t, outputs, read.Mappable())
	require.Equal(t, "rose", inputs["name"].StringValue())
}

func TestPreviewCreatesNothing(t *testing.T) {
	t.Parallel()
	in := open(t, nil)
	id, outputs, err := in.Create(t.Context(), gardenToken, "urn:it", properties(map[string]any{"size": 2}), true)
	require.NoError(t, err)
	require.Empty(t, id)
	require.True(t, outputs["arn"].IsComputed())
	require.True(t, outputs["tagsAll"].IsComputed())
	require.Equal(t, "clay", outputs["soil"].StringValue(), "a constant default is known")
	require.NotContains(t, outputs, resource.PropertyKey("shut"), "an option that was not given stays absent")
	create(t, in, gardenToken, map[string]any{"name": "rose", "size": 2})
}

func TestCreateRejects(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		token  string
		inputs map[string]any
		want   string
	}{
		"a reference to nothing": {
			bedToken, plantedBed("garden-00000000"),
			"creating aws:garden:Bed (): operation error Garden: CreateBed, api error InvalidGarden.NotFound: " +
				"The garden 'garden-00000000' does not exist",
		},
		"a duplicate": {
			gardenToken,
			map[string]any{"name": "taken", "size": 1},
			"creating aws:garden:Garden (taken): operation error Garden: CreateGarden, api error GardenAlreadyExists: " +
				"A garden taken already exists",
		},
		"an unknown type": {"aws:pond:Pond", nil, "the offline cloud does not know the type aws:pond:Pond: declare it in"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := open(t, nil)
			create(t, in, gardenToken, map[string]any{"name": "taken", "size": 1})
			_, _, err := in.Create(t.Context(), test.token, "urn:it", properties(test.inputs), false)
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestQuota(t *testing.T) {
	t.Parallel()
	in := open(t, nil)
	for i := range 3 {
		create(t, in, gardenToken, map[string]any{"name": fmt.Sprint("g", i), "size": 1})
	}
	_, _, err := in.Create(t.Context(), gardenToken, "urn:it", properties(map[string]any{"name": "g4", "size": 1}), false)
	require.ErrorContains(t, err, "api error GardenLimitExceeded: The maximum number of gardens has been reached.")
}

func TestReferences(t *testing.T) {
	t.Parallel()
	in := open(t, nil)
	garden, _ := create(t, in, gardenToken, map[string]any{"name": "rose", "size": 1})
	keeper, _ := create(t, in, gardenToken, map[string]any{"name": "keeper", "size": 1})
	inputs := plantedBed(garden)
	inputs["keepers"] = []any{"keeper", "aws/anybody"}
	bed, _ := create(t, in, bedToken, inputs)

	require.NoError(t, in.Delete(gardenToken, keeper), "a loose reference does not keep it")
	err := in.Delete(gardenToken, garden)
	require.ErrorContains(t, err, "api error DependencyViolation: The garden '"+garden+"' has dependencies")
	require.ErrorContains(t, err, bed)
	require.NoError(t, in.Delete(bedToken, bed))
	require.NoError(t, in.Delete(gardenToken, garden))
	require.NoError(t, in.Delete(gardenToken, garden), "what is gone is gone")
}

func TestProtection(t *testing.T) {
	t.Parallel()
	in := open(t, nil)
	id, outputs := create(t, in, gardenToken, map[string]any{"name": "rose", "size": 1, "shut": true})
	require.ErrorContains(t, in.Delete(gardenToken, id), "api error OperationNotPermitted: Garden rose is shut.")
	_, err := in.Update(gardenToken, id, "urn:it", properties(outputs), properties(map[string]any{"name": "rose", "size": 1}), false)
	require.NoError(t, err)
	require.NoError(t, in.Delete(gardenToken, id))
}

func TestDiff(t *testing.T) {
	t.Parallel()
	before := map[string]any{"name": "rose", "size": 1, "paths": []any{"a", "b"}}
	tests := map[string]struct {
		after       map[string]any
		changed     bool
		replaced    []resource.PropertyKey
		deleteFirst bool
	}{
		"nothing":                {before, false, nil, false},
		"in place":               {map[string]any{"name": "rose", "size": 1, "paths": []any{"a", "c"}}, true, nil, false},
		"replaced, same name":    {map[string]any{"name": "rose", "size": 2, "paths": []any{"a", "b"}}, true, []resource.PropertyKey{"size"}, true},
		"replaced, another name": {map[string]any{"name": "lily", "size": 2, "paths": []any{"a", "b"}}, true, []resource.PropertyKey{"size"}, false},
		"taken away":             {map[string]any{"name": "rose", "size": 1}, true, nil, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			diff, err := open(t, nil).Diff(gardenToken, properties(before), properties(test.after))
			require.NoError(t, err)
			require.Equal(t, test.changed, diff.Changes == plugin.DiffSome)
			require.Equal(t, test.replaced, diff.ReplaceKeys)
			require.Equal(t, test.deleteFirst, diff.DeleteBeforeReplace)
		})
	}
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	in := open(t, nil)
	id, before := create(t, in, gardenToken, map[string]any{"name": "rose", "size": 1, "paths": []any{"a"}, "soil": "sand"})

	foreseen, err := in.Update(gardenToken, id, "urn:it", properties(before), properties(map[string]any{"name": "rose", "size": 1}), true)
	require.NoError(t, err)
	require.Equal(t, before["arn"], foreseen["arn"].StringValue(), "a preview knows what stays")

	after, err := in.Update(gardenToken, id, "urn:it", properties(before), properties(map[string]any{"name": "rose", "size": 1}), false)
	require.NoError(t, err)
	require.Equal(t, before["arn"], after["arn"].StringValue())
	require.NotContains(t, after, resource.PropertyKey("paths"))

	_, err = in.Update(gardenToken, "garden-gone", "urn:it", nil, properties(map[string]any{"name": "rose", "size": 1}), false)
	require.ErrorContains(t, err, "api error InvalidGarden.NotFound: The garden 'garden-gone' does not exist")
}

func TestDrift(t *testing.T) {
	t.Parallel()
	in := open(t, nil)
	id, _ := create(t, in, gardenToken, map[string]any{"name": "rose", "size": 1})
	require.NoError(t, in.Drift(gardenToken, id, "size", 9.0))
	inputs, outputs, err := in.Read(gardenToken, id)
	require.NoError(t, err)
	require.Equal(t, 9.0, inputs["size"].NumberValue())
	require.Equal(t, 9.0, outputs["size"].NumberValue())

	require.ErrorContains(t, in.Drift(gardenToken, id, "sise", 9.0), "aws:garden:Garden.sise is not a property of this type")
	require.ErrorContains(t, in.Drift(gardenToken, id, "size", "nine"), "must be a whole number")
	require.ErrorContains(t, in.Drift(gardenToken, "garden-gone", "size", 9.0), `no aws:garden:Garden with the id "garden-gone"`)
}

func TestForceDelete(t *testing.T) {
	t.Parallel()
	in := open(t, nil)
	id, _ := create(t, in, gardenToken, map[string]any{"name": "rose", "size": 1, "shut": true})
	require.NoError(t, in.ForceDelete(gardenToken, id), "the console's user turns protection off first")
	_, outputs, err := in.Read(gardenToken, id)
	require.NoError(t, err)
	require.Nil(t, outputs)
}

func TestRegions(t *testing.T) {
	t.Parallel()
	db := store.Open(t.TempDir())
	both := cloud.New("123456789012", map[string][]string{region: {"a"}, "us-east-1": {"b"}}, declared(), db, nil)
	ireland, err := both.Region(region, nil)
	require.NoError(t, err)
	virginia, err := both.Region("us-east-1", nil)
	require.NoError(t, err)
	id, _ := create(t, ireland, gardenToken, map[string]any{"name": "rose", "size": 1})
	_, outputs, err := virginia.Read(gardenToken, id)
	require.NoError(t, err)
	require.Nil(t, outputs, "a region does not see another's resources")
	create(t, virginia, gardenToken, map[string]any{"name": "rose", "size": 1})

	_, err = both.Region("mars-1", nil)
	require.ErrorContains(t, err, `invalid AWS Region: "mars-1": the offline cloud has [eu-west-1 us-east-1]`)
}

func TestReferenceToAnotherRegion(t *testing.T) {
	t.Parallel()
	types := declared()
	types[1].Refs[0].Region = "us-east-1"
	both := cloud.New("123456789012", map[string][]string{region: {"a"}, "us-east-1": {"b"}}, types, store.Open(t.TempDir()), nil)
	ireland, err := both.Region(region, nil)
	require.NoError(t, err)
	virginia, err := both.Region("us-east-1", nil)
	require.NoError(t, err)
	near, _ := create(t, ireland, gardenToken, map[string]any{"name": "rose", "size": 1})
	far, _ := create(t, virginia, gardenToken, map[string]any{"name": "lily", "size": 1})

	_, _, err = ireland.Create(t.Context(), bedToken, "urn", properties(plantedBed(near)), false)
	require.ErrorContains(t, err, "InvalidGarden.NotFound")
	create(t, ireland, bedToken, plantedBed(far))
	require.ErrorContains(t, virginia.Delete(gardenToken, far), "DependencyViolation")
	require.NoError(t, ireland.Delete(gardenToken, near))
}

func TestFailedCreate(t *testing.T) {
	t.Parallel()
	in := open(t, &cloud.Faults{FailCreate: 2})
	inputs := properties(map[string]any{"name": "rose", "size": 1})
	create(t, in, gardenToken, map[string]any{"name": "first", "size": 1})
	_, _, err := in.Create(t.Context(), gardenToken, "urn:it", inputs, false)
	require.ErrorContains(t, err, "api error InternalError: An internal error has occurred (injected by STAGECRAFT_OFFLINE_FAIL_CREATE=2)")
	_, _, err = in.Create(t.Context(), gardenToken, "urn:it", inputs, false)
	require.NoError(t, err, "the failed create left nothing behind")
}

func TestProvisioningTakesTime(t *testing.T) {
	t.Parallel()
	in := open(t, &cloud.Faults{TimeScale: 0.2})
	start := time.Now()
	create(t, in, gardenToken, map[string]any{"name": "rose", "size": 1})
	require.GreaterOrEqual(t, time.Since(start), 200*time.Millisecond)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := open(t, &cloud.Faults{TimeScale: 60}).
		Create(ctx, gardenToken, "urn:it", properties(map[string]any{"name": "rose", "size": 1}), false)
	require.ErrorIs(t, err, context.Canceled)
}

func TestFaultsFromEnvironment(t *testing.T) {
	tests := map[string]struct{ variable, value, want string }{
		"no number":     {cloud.FailCreateVariable, "two", `STAGECRAFT_OFFLINE_FAIL_CREATE is "two": it must be a whole number from 1`},
		"nought":        {cloud.KillCreateVariable, "0", `STAGECRAFT_OFFLINE_KILL_CREATE is "0": it must be a whole number from 1`},
		"negative time": {cloud.TimeScaleVariable, "-1", `STAGECRAFT_OFFLINE_TIME_SCALE is "-1": it must be a number from 0`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Setenv(test.variable, test.value)
			_, err := cloud.FaultsFromEnvironment()
			require.EqualError(t, err, test.want)
		})
	}
	t.Run("all of them", func(t *testing.T) {
		t.Setenv(cloud.FailCreateVariable, "3")
		t.Setenv(cloud.KillCreateVariable, "4")
		t.Setenv(cloud.TimeScaleVariable, "0.5")
		faults, err := cloud.FaultsFromEnvironment()
		require.NoError(t, err)
		require.EqualValues(t, 3, faults.FailCreate)
		require.EqualValues(t, 4, faults.KillCreate)
		require.InDelta(t, 0.5, faults.TimeScale, 0)
	})
}
