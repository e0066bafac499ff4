package pulumitest_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/pulumitest"
)

func TestKeepWarnings(t *testing.T) {
	t.Parallel()
	var warnings *pulumitest.Warnings
	_, err := pulumitest.Run(func(ctx *pulumi.Context) error {
		warnings = pulumitest.KeepWarnings(ctx)
		if err := ctx.Log.Info("fine", nil); err != nil {
			return err
		}
		return ctx.Log.Warn("odd", nil)
	}, nil, nil)
	require.NoError(t, err)
	require.Equal(t, []string{"odd"}, warnings.Messages())
}
