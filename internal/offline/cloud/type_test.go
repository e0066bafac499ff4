package cloud_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/offline/cloud"
)

func TestResourceProperties(t *testing.T) {
	t.Parallel()
	res := &cloud.Resource{Region: region, Outputs: properties(map[string]any{
		"name": "rose", "size": 3, "part": 0.5, "shut": true, "empty": "", "null": nil, "list": []any{"a", "b"},
		"logs": map[string]any{"bucket": "logs"}, "beds": []any{map[string]any{"id": "x"}, "odd", map[string]any{"id": "y"}},
	})}
	for path, want := range map[string][]string{
		"name": {"rose"}, "size": {"3"}, "part": {"0.5"}, "shut": {"true"}, "empty": {""}, "null": {}, "none": {}, "list": {""},
		"list[*]": {"a", "b"}, "logs.bucket": {"logs"}, "logs.*": {"logs"}, "logs.none": {}, "beds[*].id": {"x", "y"},
		"name.first": {}, "name[*]": {}, "list[*].id": {},
	} {
		require.Equal(t, want, res.Texts(path), path)
		first := ""
		if len(want) > 0 {
			first = want[0]
		}
		require.Equal(t, first, res.Text(path), path)
	}
	require.Equal(t, []*cloud.Resource{
		{Region: region, Outputs: properties(map[string]any{"id": "x"})},
		{Region: region, Outputs: properties(map[string]any{"id": "y"})},
	}, res.Elements("beds"))
	require.Nil(t, res.Elements("name"))
	require.Equal(t, &cloud.Resource{Region: region, Outputs: properties(map[string]any{"bucket": "logs"})}, res.Object("logs"))
	require.Nil(t, res.Object("name"))
}

func TestSetAndFill(t *testing.T) {
	t.Parallel()
	res := &cloud.Resource{Outputs: properties(map[string]any{"logs": map[string]any{"bucket": "mine"}})}
	res.Set("name", "rose")
	res.Set("list", []any{"a"})
	res.Fill("logs", map[string]any{"bucket": "default", "prefix": "a/"})
	res.Fill("options", map[string]any{"depth": 1})
	require.Equal(t, map[string]any{
		"name": "rose", "list": []any{"a"}, "logs": map[string]any{"bucket": "mine", "prefix": "a/"},
		"options": map[string]any{"depth": 1.0},
	}, res.Outputs.Mappable())
}
