package aws

import (
	"fmt"
	"testing"
)

var minimalECR = map[string]func(*testAccount) map[string]any{
	repositoryToken: func(*testAccount) map[string]any { return map[string]any{"name": "users"} },
	lifecyclePolicyToken: func(a *testAccount) map[string]any {
		return map[string]any{
			"repository": a.create(repositoryToken, map[string]any{"name": "users"}).id,
			"policy":     imageLifecycleOf(lifecycleRuleOf(1, "untagged", "sinceImagePushed", `"countUnit": "days"`)),
		}
	},
}

const lifecyclePolicyToken = "aws:ecr/lifecyclePolicy:LifecyclePolicy"

func lifecycleRuleOf(priority int, tagStatus, countType, more string) string {
	if more != "" {
		more = ", " + more
	}
	return fmt.Sprintf(`{"rulePriority": %d, "action": {"type": "expire"}, "selection": {"tagStatus": %q, "countType": %q,
		"countNumber": 7%s}}`, priority, tagStatus, countType, more)
}

func imageLifecycleOf(rules ...string) string {
	list, separator := "", ""
	for _, rule := range rules {
		list, separator = list+separator+rule, ","
	}
	return `{"rules": [` + list + `]}`
}

func TestImageLifecycleRejected(t *testing.T) {
	t.Parallel()
	const untagged, pushed, count, days = "untagged", "sinceImagePushed", "imageCountMoreThan", `"countUnit": "days"`
	last := lifecycleRuleOf(9, untagged, count, "")
	for name, policy := range map[string]string{
		"no document":            "expire all",
		"no rules":               imageLifecycleOf(),
		"no priority":            imageLifecycleOf(lifecycleRuleOf(0, untagged, pushed, days)),
		"a priority twice":       imageLifecycleOf(last, last),
		"another action":         `{"rules": [{"rulePriority": 1, "selection": {"tagStatus": "any"}, "action": {"type": "keep"}}]}`,
		"tagged with any tag":    imageLifecycleOf(lifecycleRuleOf(1, "tagged", count, "")),
		"untagged with a tag":    imageLifecycleOf(lifecycleRuleOf(1, untagged, count, `"tagPrefixList": ["v"]`)),
		"another status":         imageLifecycleOf(lifecycleRuleOf(1, "old", count, "")),
		"time without a unit":    imageLifecycleOf(lifecycleRuleOf(1, untagged, pushed, "")),
		"count with a unit":      imageLifecycleOf(lifecycleRuleOf(1, untagged, count, days)),
		"any status not at last": imageLifecycleOf(lifecycleRuleOf(1, "any", count, ""), last),
		"nothing to keep": `{"rules": [{"rulePriority": 1, "action": {"type": "expire"},
			"selection": {"tagStatus": "any", "countType": "imageCountMoreThan"}}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			account := newTestAccount(t)
			account.rejectsInput("policy", lifecyclePolicyToken, map[string]any{"repository": "users", "policy": policy})
		})
	}
	account := newTestAccount(t)
	account.create(lifecyclePolicyToken, with(minimal[lifecyclePolicyToken](account), map[string]any{
		"policy": imageLifecycleOf(
			lifecycleRuleOf(1, "tagged", count, `"tagPatternList": ["*"]`), lifecycleRuleOf(2, "any", pushed, days)),
	}))
}

func TestECRInputsRejected(t *testing.T) {
	t.Parallel()
	runInputRejections(t, []inputRejection{
		{repositoryToken, "name", map[string]any{"name": "Users"}},
		{repositoryToken, "name", map[string]any{"name": "a--b"}},
		{repositoryToken, "name", map[string]any{"name": "a"}},
		{repositoryToken, "imageTagMutability", map[string]any{"imageTagMutability": "FIXED"}},
		{repositoryToken, "encryptionConfigurations[0].encryptionType", map[string]any{
			"encryptionConfigurations": []any{map[string]any{"encryptionType": "ROT13"}},
		}},
	})
}
