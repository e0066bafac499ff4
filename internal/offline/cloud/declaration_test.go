package cloud_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/offline/cloud"
	"stagecraft/internal/offline/store"
)

// openGarden returns a cloud of gardens alone, declared in another way.
func openGarden(t *testing.T, declared cloud.Type, faults *cloud.Faults) *cloud.Region {
	t.Helper()
	declared.Token, declared.Args, declared.State = gardenToken, gardenInputs{}, garden{}
	zones := map[string][]string{region: {"eu-west-1a"}}
	opened, err := cloud.New("123456789012", zones, []cloud.Type{declared}, store.Open(t.TempDir()), faults).Region(region, nil)
	require.NoError(t, err)
	return opened
}

func TestNamesOfOtherKinds(t *testing.T) {
	t.Parallel()
	in := openGarden(t, cloud.Type{Name: &cloud.Name{Property: "name", Max: 20, AutoMax: 12, NoHyphen: true}}, nil)
	news := properties(map[string]any{"size": 1})
	inputs, failures, err := in.Check(gardenToken, cloud.CheckRequest{Name: "rose", News: news})
	require.NoError(t, err)
	require.Empty(t, failures)
	require.Regexp(t, `^rose[0-9a-f]{7}$`, inputs["name"].StringValue())

	_, failures, err = in.Check(gardenToken, cloud.CheckRequest{Name: "roses-", News: news})
	require.NoError(t, err)
	require.Len(t, failures, 1, "an automatic name of 13 letters is too long, a given one is not")
}

func TestTexts(t *testing.T) {
	t.Parallel()
	in := openGarden(t, cloud.Type{ID: "${name}", Computed: map[string]any{"arn": "$LATEST/${capitals4}/${letters3}", "gate": "${now}"}}, nil)
	_, outputs := create(t, in, gardenToken, map[string]any{"name": "rose", "size": 1})
	require.Regexp(t, `^\$LATEST/[A-Z0-9]{4}/[a-z0-9]{3}$`, outputs["arn"])
	now, err := time.Parse(time.RFC3339, outputs["gate"].(string))
	require.NoError(t, err)
	require.WithinDuration(t, time.Now(), now, time.Minute)
}

func TestBefore(t *testing.T) {
	t.Parallel()
	var sizes []string
	record := func(_ cloud.Account, res *cloud.Resource) error {
		before := "nothing"
		if res.Before != nil {
			before = res.Before.Text("size")
		}
		sizes = append(sizes, before)
		return nil
	}
	in := openGarden(t, cloud.Type{ID: "${name}", Check: record, AfterWrite: record}, nil)
	for _, size := range []int{1, 2} {
		create(t, in, gardenToken, map[string]any{"name": "rose", "size": size})
	}
	_, err := in.Update(gardenToken, "rose", "urn:it", nil, properties(map[string]any{"name": "rose", "size": 3}), false)
	require.NoError(t, err)
	require.Equal(t, []string{"nothing", "nothing", "1", "1", "2", "2"}, sizes)
}

func TestCreateDurationDependsOnProperties(t *testing.T) {
	t.Parallel()
	in := openGarden(t, cloud.Type{ID: "${name}", CreateDuration: func(properties map[string]any) time.Duration {
		if properties["shut"] == true {
			return 200 * time.Millisecond
		}
		return 10 * time.Millisecond
	}}, &cloud.Faults{TimeScale: 1})
	start := time.Now()
	create(t, in, gardenToken, map[string]any{"name": "rose", "size": 1, "shut": false})
	open := time.Since(start)
	create(t, in, gardenToken, map[string]any{"name": "lily", "size": 1, "shut": true})
	require.GreaterOrEqual(t, time.Since(start)-open, 200*time.Millisecond)
}

func TestCountAndNotSimulated(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		allowed cloud.Value
		value   any
		fits    bool
	}{
		{cloud.Count(1, 2), []any{"a", "b"}, true},
		{cloud.Count(1, 2), []any{}, false},
		{cloud.Count(1, 2), map[string]any{"a": "b"}, true},
		{cloud.Count(0, 2), []any{"a", "b", "c"}, false},
		{cloud.Count(0, 2), "ab", false},
		{cloud.NotSimulated, false, true},
		{cloud.NotSimulated, true, false},
		{cloud.NotSimulated, "rose", false},
	} {
		wrong := test.allowed(resource.NewPropertyValue(test.value))
		require.Equal(t, test.fits, wrong == "", fmt.Sprint(test.value, wrong))
	}
}

func TestElements(t *testing.T) {
	t.Parallel()
	garden := &cloud.Resource{Region: region, Outputs: properties(map[string]any{
		"beds": []any{map[string]any{"plant": "rose"}, "none", map[string]any{"plant": "lily"}}, "soil": "clay",
	})}
	var plants []string
	for _, bed := range garden.Elements("beds") {
		plants = append(plants, bed.Region+" "+bed.Text("plant"))
	}
	require.Equal(t, []string{"eu-west-1 rose", "eu-west-1 lily"}, plants)
	require.Empty(t, garden.Elements("soil"))
}

func TestChangeIsNamed(t *testing.T) {
	t.Parallel()
	refuse := func(_ cloud.Account, res *cloud.Resource) error {
		if res.Before == nil {
			return nil
		}
		return &cloud.APIError{Code: "Conflict", Message: "no"}
	}
	for change, want := range map[string]string{"": "ModifyGarden", "ReplantGarden": "ReplantGarden"} {
		in := openGarden(t, cloud.Type{ID: "${name}", Operation: "CreateGarden", Change: change, Check: refuse}, nil)
		inputs := map[string]any{"name": "rose", "size": 1}
		create(t, in, gardenToken, inputs)
		_, err := in.Update(gardenToken, "rose", "urn:it", nil, properties(inputs), false)
		require.ErrorContains(t, err, want+", api error Conflict: no")
	}
}
