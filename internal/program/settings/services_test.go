package settings_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/program/settings"
)

func serviceOf(changes map[string]any) map[string]any {
	service := map[string]any{"name": "users", "paths": []any{"/api/users*"}}
	maps.Copy(service, changes)
	return service
}

func TestReadServices(t *testing.T) {
	t.Parallel()
	const digest = "ghcr.io/team/users@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	got, err := read(t, map[string]any{"services": []any{
		serviceOf(nil),
		serviceOf(map[string]any{
			"name": strings.Repeat("a", 20), "paths": []any{"/a/*", "/b/?", "/" + strings.Repeat("c", 127)}, "image": digest,
			"cpu": 1024, "memoryMiB": 2048, "min": 3, "max": 3, "signal": "requests", "target": 5000, "database": "writer",
			"cache": true, "exec": true,
		}),
	}}, "stage5")
	require.NoError(t, err)
	require.Equal(t, []settings.Service{{
		Name: "users", Paths: []string{"/api/users*"}, CPU: 256, MemoryMiB: 512, Min: 2, Max: 6, Signal: "cpu",
		Database: settings.NoDatabase,
	}, {
		Name: strings.Repeat("a", 20), Paths: []string{"/a/*", "/b/?", "/" + strings.Repeat("c", 127)}, Image: digest,
		CPU: 1024, MemoryMiB: 2048, Min: 3, Max: 3, Signal: "requests", Target: 5000, Database: settings.DatabaseWriter,
		Cache: true, Exec: true,
	}}, got.Services)
}

func TestReadRejectsServices(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		changes map[string]any
		want    string
	}{
		"a capital":               {map[string]any{"name": "Users"}, `name of the service "Users" is "Users": it must be 1 to 20`},
		"a long name":             {map[string]any{"name": strings.Repeat("a", 21)}, "it must be 1 to 20 lower-case letters"},
		"no path":                 {map[string]any{"paths": []any{}}, `paths of the service "users" is "0": it must be a list of 1 to 3 paths`},
		"four paths":              {map[string]any{"paths": []any{"/a", "/b", "/c", "/d"}}, "it must be a list of 1 to 3 paths"},
		"a path without a slash":  {map[string]any{"paths": []any{"users"}}, `paths of the service "users" is "users": it must be a path`},
		"a long path":             {map[string]any{"paths": []any{"/" + strings.Repeat("a", 128)}}, "a path of up to 128 characters"},
		"many wildcards":          {map[string]any{"paths": []any{"/*/*/*", "/?/?/?"}}, "paths with 5 wildcards at most"},
		"the latest image":        {map[string]any{"image": "ghcr.io/a/b:latest"}, `image of the service "users" is "ghcr.io/a/b:latest"`},
		"an image of no registry": {map[string]any{"image": "nginx:1"}, `image of the service "users" is "nginx:1"`},
		"a size of no task":       {map[string]any{"memoryMiB": 4096}, `cpu and memoryMiB of the service "users" is "256 and 4096": it must be a size of Fargate: `},
		"one task":                {map[string]any{"min": 1}, `min and max of the service "users" is "1 and 6": it must be 2 tasks or more`},
		"less at most":            {map[string]any{"max": 1}, `min and max of the service "users" is "2 and 1"`},
		"no signal":               {map[string]any{"signal": "noise"}, `signal of the service "users" is "noise": it must be requests, cpu or memory`},
		"more than all":           {map[string]any{"target": 101}, `target of the service "users" is "101"`},
		"less than none":          {map[string]any{"target": -1}, `target of the service "users" is "-1"`},
		"no database":             {map[string]any{"database": "standby"}, `database of the service "users" is "standby": it must be none, writer or reader`},
		"a field of nothing":      {map[string]any{"colour": "green"}, `stagecraft:services is "[{`},
		"a number in words":       {map[string]any{"cpu": "many"}, `it must be a list of services, such as`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := read(t, map[string]any{"services": []any{serviceOf(test.changes)}}, "stage5")
			require.ErrorContains(t, err, "stagecraft:services")
			require.ErrorContains(t, err, test.want)
		})
	}
	for name, test := range map[string]struct {
		services []any
		want     string
	}{
		"none":         {[]any{}, "it must be a list of 1 to 5 services"},
		"six":          {[]any{0: serviceOf(nil), 5: serviceOf(nil)}, "it must be a list of 1 to 5 services"},
		"a name twice": {[]any{serviceOf(nil), serviceOf(map[string]any{"paths": []any{"/b"}})}, `name of the service "users" is "users": it must be no other service's`},
		"a path twice": {[]any{serviceOf(nil), serviceOf(map[string]any{"name": "b"})}, `paths of the service "b" is "/api/users*": it must be no path of users`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for i, service := range test.services {
				if service == nil {
					test.services[i] = serviceOf(nil)
				}
			}
			_, err := read(t, map[string]any{"services": test.services}, "stage5")
			require.ErrorContains(t, err, test.want)
		})
	}
}
