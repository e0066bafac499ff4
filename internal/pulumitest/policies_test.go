package pulumitest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/pulumitest"
)

func TestPolicies(t *testing.T) {
	t.Parallel()
	policy := func(name, role, document string) pulumitest.Resource {
		return pulumitest.Resource{
			Type: "aws:iam/rolePolicy:RolePolicy", Name: name, Inputs: map[string]any{"role": role, "policy": document},
		}
	}
	resources := pulumitest.Resources{
		policy("a", "one", `{"Version": "2012-10-17", "Statement": [
			{"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": ["arn:a", "arn:b"]},
			{"Effect": "Deny", "Action": ["s3:ListBucket"], "Resource": ["*"], "Condition": {"Bool": {"key": "false"}}}
		]}`),
		policy("b", "two", `{"Version": "2012-10-17", "Statement": []}`),
		{Type: topicType, Name: "topic"},
	}
	require.Equal(t, map[string][]string{
		"a of one": {
			"Allow s3:GetObject s3:PutObject on arn:a arn:b",
			`Deny s3:ListBucket on * if {"Bool": {"key": "false"}}`,
		},
		"b of two": {},
	}, resources.Policies(t))
}
