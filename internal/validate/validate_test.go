package validate_test

import (
	"errors"
	"io/fs"
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/validate"
)

func TestProblems(t *testing.T) {
	t.Parallel()
	var problems validate.Problems
	problems.Add(nil)
	problems.Retention("LogRetentionDays", 1)
	require.NoError(t, problems.Err())

	problems.Addf("Port is %d: %w", 0, fs.ErrInvalid)
	problems.Add(errors.New("no name"))
	problems.Retention("LogRetentionDays", 0)
	require.EqualError(t, problems.Err(),
		"Port is 0: invalid argument\nno name\nLogRetentionDays is 0: it must be 1 or more, or logs are kept forever")
	require.ErrorIs(t, problems.Err(), fs.ErrInvalid)
}
