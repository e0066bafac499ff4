package cloud_test

import (
	"errors"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/offline/cloud"
)

type weatherArgs struct {
	Garden string  `pulumi:"garden"`
	Day    *string `pulumi:"day"`
}

const weatherToken = "aws:garden/getWeather:getWeather"

func TestInvoke(t *testing.T) {
	t.Parallel()
	functions := map[string]cloud.Function{
		weatherToken: {Token: weatherToken, Args: weatherArgs{}, Invoke: func(request cloud.InvokeRequest) (map[string]any, error) {
			garden, err := request.Account.Find(gardenToken, "name", request.Text("garden"))
			if err != nil {
				return nil, err
			}
			if garden == nil {
				return nil, errors.New("no such garden")
			}
			return map[string]any{
				"soil": garden.Text("soil"), "day": request.Text("day"), "account": request.Number, "region": request.Region,
				"zones": request.Zones,
			}, nil
		}},
		"aws:garden/getSeason:getSeason": {Invoke: func(cloud.InvokeRequest) (map[string]any, error) {
			return map[string]any{"season": "spring"}, nil
		}},
	}
	in := open(t, nil)
	create(t, in, gardenToken, map[string]any{"name": "rose", "size": 1})

	result, failures, err := in.Invoke(functions, weatherToken, properties(map[string]any{"garden": "rose"}))
	require.NoError(t, err)
	require.Empty(t, failures)
	require.Equal(t, map[string]any{
		"soil": "clay", "day": "", "account": "123456789012", "region": region, "zones": []any{"eu-west-1a"},
	}, result.Mappable())
	result, failures, err = in.Invoke(functions, "aws:garden/getSeason:getSeason", nil)
	require.NoError(t, err)
	require.Empty(t, failures)
	require.Equal(t, map[string]any{"season": "spring"}, result.Mappable())

	result, failures, err = in.Invoke(functions, weatherToken, properties(map[string]any{"day": 1, "hour": "noon"}))
	require.NoError(t, err)
	require.Nil(t, result)
	require.Equal(t, []plugin.CheckFailure{
		{Property: "day", Reason: "is number, and must be a string"},
		{Property: "hour", Reason: "is not a property of this type"},
		{Property: "garden", Reason: "is required, and missing"},
	}, failures)
	_, failures, err = in.Invoke(functions, "aws:garden/getSeason:getSeason", properties(map[string]any{"day": "monday"}))
	require.NoError(t, err)
	require.Len(t, failures, 1)

	_, _, err = in.Invoke(functions, weatherToken, properties(map[string]any{"garden": "lily"}))
	require.EqualError(t, err, "getWeather: no such garden")
	_, _, err = in.Invoke(functions, "aws:garden/getMoon:getMoon", nil)
	require.EqualError(t, err, "the offline cloud does not know the function aws:garden/getMoon:getMoon: declare it in "+
		"internal/offline/aws (docs/offline.md says how)")
}
