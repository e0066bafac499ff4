package mock_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/mock"
)

func TestKeepWarnings(t *testing.T) {
	t.Parallel()
	var kept *mock.Warnings
	_, err := mock.Run(func(ctx *pulumi.Context) error {
		kept = mock.KeepWarnings(ctx)
		if err := ctx.Log.Info("fine", nil); err != nil {
			return err
		}
		return ctx.Log.Warn("odd", nil)
	}, nil, nil)
	require.NoError(t, err)
	require.Equal(t, []string{"odd"}, kept.Messages())
}
