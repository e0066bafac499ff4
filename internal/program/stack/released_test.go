package stack_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/pulumitest"
)

// testdata is the folder of golden files: the tests run in the project's folder.
const testdata = "internal/program/stack/testdata"

// TestReleasedNames holds the names by which the engine knows a stage's resources against those of stacks that exist. A
// name that goes has its resource deleted and made anew: give the resource that takes its place an alias.
func TestReleasedNames(t *testing.T) {
	t.Parallel()
	for _, number := range []string{"1", "2", "3", "4", "5"} {
		t.Run(number, func(t *testing.T) {
			t.Parallel()
			resources, err := runWithNetwork(map[string]string{
				"stagecraft:stage": number, "stagecraft:domain": "www.example.com", "stagecraft:hostedZone": "example.com",
			})
			require.NoError(t, err)
			got := names(resources)
			file := filepath.Join(testdata, "names", "stage"+number+".txt")
			if *update {
				require.NoError(t, os.WriteFile(file, []byte(strings.Join(got, "\n")+"\n"), 0o600))
			}
			want, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, strings.Fields(string(want)), got, "run the test with -update where names are only added")
		})
	}
}

// names are URNs without what differs from stack to stack.
func names(resources pulumitest.Resources) []string {
	var names []string
	for _, found := range resources {
		prefix := ""
		if _, parents, ok := strings.Cut(found.Parent, "::"+pulumitest.Project+"::"); ok {
			types, _, _ := strings.Cut(parents, "::")
			if !strings.HasPrefix(types, "pulumi:pulumi:Stack") {
				prefix = types + "$"
			}
		}
		names = append(names, prefix+found.Type+"::"+strings.ReplaceAll(found.Name, " ", "_"))
	}
	slices.Sort(names)
	return names
}
