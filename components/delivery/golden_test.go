package delivery_test

import (
	"flag"
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/pulumitest"
)

var update = flag.Bool("update", false, "write the golden files")

// TestGolden declares both pipelines, with all kinds of targets.
func TestGolden(t *testing.T) {
	t.Parallel()
	resources, err := pulumitest.Run(everything, nil, nil)
	require.NoError(t, err)
	resources.RequireGolden(t, "testdata/golden.txt", *update)
}
