package tests

import (
	"testing"

	"github.com/stretchr/testify/require"
)

var stages = []string{"stage1", "stage2", "stage3", "stage4", "stage5"}

func TestStages(t *testing.T) {
	t.Parallel()
	for _, name := range stages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			deployed := newAccount(t).stack(name)
			deployed.requireEmpty(true)
			deployed.up()
			deployed.requireEmpty(false)
			deployed.requireSame(deployed)
			require.Subset(t, keys(deployed.outputs()), []string{
				"dashboard", "databaseEndpoint", "databaseReader", "databaseReplicaEndpoints", "databaseSecretArn", "url",
			})

			deployed.run("preview", "--expect-no-changes", "--diff")
			deployed.run("refresh", "--yes", "--skip-preview", "--expect-no-changes")
			deployed.run("preview", "--expect-no-changes", "--diff")

			output, err := deployed.try(nil, "destroy", "--yes")
			require.Error(t, err, "a stack that is not ephemeral is protected")
			require.Contains(t, output, "protected")
			deployed.requireSame(deployed)

			deployed.destroy()
			deployed.requireEmpty(true)
			require.Empty(t, deployed.store())
		})
	}
}

func TestStagesShareAnAccount(t *testing.T) {
	t.Parallel()
	shared := newAccount(t)
	var deployed []stack
	for _, name := range stages {
		deployed = append(deployed, shared.stack(name))
		deployed[len(deployed)-1].up()
	}
	shared.requireSame(deployed...)
	for _, stack := range deployed {
		stack.destroy()
	}
	require.Empty(t, shared.store())
}

func keys(values map[string]any) []string {
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	return names
}
