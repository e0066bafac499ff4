package firewall_test

import (
	"flag"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files")

func TestGolden(t *testing.T) {
	t.Parallel()
	resources, err := run(valid())
	require.NoError(t, err)
	resources.RequireGolden(t, "testdata/golden.txt", *update)
}
