package pulumitest

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"

	"go.yaml.in/yaml/v3"
)

// project is the part of Pulumi.yaml that declares settings.
type project struct {
	Name   string
	Config map[string]struct{ Default any }
}

func readProject(path string) (read project) {
	text, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	if err := yaml.Unmarshal(text, &read); err != nil {
		panic(fmt.Errorf("%s: %w", path, err))
	}
	return read
}

// Keys returns the settings that the Pulumi.yaml at path declares, sorted. It panics if the file cannot be read.
func Keys(path string) []string {
	return slices.Sorted(maps.Keys(readProject(path).Config))
}

// Defaults returns the default configuration of the project whose Pulumi.yaml is at path, as Pulumi passes it to a
// program: by namespaced key, structured values as JSON. It panics if the file cannot be read.
func Defaults(path string) map[string]string {
	project := readProject(path)
	values := map[string]string{}
	for key, declared := range project.Config {
		switch value := declared.Default.(type) {
		case nil:
		case string:
			values[project.Name+":"+key] = value
		default:
			encoded, err := json.Marshal(value)
			if err != nil {
				panic(fmt.Errorf("%s: %s: %w", path, key, err))
			}
			values[project.Name+":"+key] = string(encoded)
		}
	}
	return values
}
