package validate_test

import (
	"errors"
	"io/fs"
	"regexp"
	"strings"
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

func TestPatterns(t *testing.T) {
	t.Parallel()
	label := strings.Repeat("a", 63)
	for _, test := range []struct {
		name      string
		pattern   *regexp.Regexp
		good, bad []string
	}{
		{
			"EmailAddress", validate.EmailAddress,
			[]string{"a@b.cd", "First.Last_1%x+tag-2@Mail-1.example.COM", "a@b." + label},
			[]string{
				"", "a@b", "@b.cd", "a@.cd", "a@b.c", "a@b.c1", "a b@c.de", "a@b_c.de", "a@b.cd ", " a@b.cd", "a@b@c.de", "a@b." + label + "a",
			},
		},
		{
			"HostName", validate.HostName,
			[]string{"a.bc", "www-1.example.com", "1.2.example.com", label + ".de", "a." + label},
			[]string{"", "com", "a.b", "A.bc", "-a.bc", "a-.bc", "a..bc", ".bc", "a.bc.", "a_b.cd", "a.b1", label + "a.de", "a." + label + "a"},
		},
		{
			"Name", validate.Name,
			[]string{"a", "a1", "users", "users-api-2"},
			[]string{"", "1a", "-a", "a-", "a--b", "A", "aB", "a_b", "a.b", " a", "a "},
		},
	} {
		for _, text := range test.good {
			require.True(t, test.pattern.MatchString(text), "%s: %q", test.name, text)
		}
		for _, text := range test.bad {
			require.False(t, test.pattern.MatchString(text), "%s: %q", test.name, text)
		}
	}
}
