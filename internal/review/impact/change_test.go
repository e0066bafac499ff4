package impact

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/stretchr/testify/require"
)

func TestOperations(t *testing.T) {
	t.Parallel()
	for op, want := range map[apitype.OpType]Op{
		apitype.OpCreate: Create, apitype.OpImport: Create, apitype.OpUpdate: Update, apitype.OpReplace: Replace,
		apitype.OpCreateReplacement: Replace, apitype.OpDeleteReplaced: Replace, apitype.OpImportReplacement: Replace,
		apitype.OpDelete: Delete, apitype.OpDiscardReplaced: Delete,
	} {
		operation, changing := operation(op)
		require.True(t, changing, op)
		require.Equal(t, want, operation, op)
	}
	for _, op := range []apitype.OpType{apitype.OpSame, apitype.OpRead, apitype.OpReadReplacement, apitype.OpRefresh, apitype.OpRemovePendingReplace} {
		_, changing := operation(op)
		require.False(t, changing, op)
	}
}
