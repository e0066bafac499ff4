package aws

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAllows(t *testing.T) {
	t.Parallel()
	const allow = `{"Effect": "Allow", "Principal": {"AWS": "a"}, "Action": ["s3:Get*", "s3:PutObject"], "Resource": "arn:b/*"}`
	cases := map[string]struct {
		statements string
		allowed    bool
	}{
		"allowed":                    {allow, true},
		"denied too":                 {allow + `, {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}`, false},
		"denied on a condition":      {allow + `, {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}`, true},
		"somebody else":              {strings.ReplaceAll(allow, `"a"`, `"c"`), false},
		"something else":             {strings.ReplaceAll(allow, "PutObject", "DeleteObject"), false},
		"somewhere else":             {strings.ReplaceAll(allow, "arn:b", "arn:c"), false},
		"statements of another form": {`"none"`, false},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, test.allowed, allows(`{"Statement": [`+test.statements+`]}`, "s3:PutObject", "arn:b/c/d", "a"))
		})
	}
}

// policyOf returns a policy of one statement.
func policyOf(elements string) map[string]any {
	return map[string]any{"policy": `{"Version": "2012-10-17", "Statement": [{` + elements + `}]}`}
}

func trustOf(elements string) map[string]any {
	return map[string]any{"assumeRolePolicy": policyOf(elements)["policy"]}
}

func TestPoliciesWithout(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	account.create(policyToken, map[string]any{"policy": `{"Statement": [{"Effect": "Deny", "NotAction": "iam:*", "NotResource": "*"}]}`})
}
