package tests

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/review/cost"
	"stagecraft/internal/review/diagram"
	"stagecraft/internal/review/impact"
	"stagecraft/internal/review/plan"
)

// updateDocs writes the tables of docs/cost.md: go test ./tests -run TestStageReviews -update.
var updateDocs = flag.Bool("update", false, "write the tables of docs/cost.md")

// TestStageReviews draws and estimates each stage from one preview, and compares both with docs/. The tiers of tags,
// budgets, cost and review must be the same.
func TestStageReviews(t *testing.T) {
	t.Parallel()
	for name, nodes := range map[string][]string{
		"stage1": {"EC2 instance", "RDS writer"},
		"stage2": {"Application Load Balancer", "NAT gateway", "RDS standby"},
		"stage3": {"2 × EC2 instance", "RDS read replica", "database-reader"},
		"stage4": {"CloudFront", "Auto Scaling group", "ElastiCache Valkey", "S3 bucket"},
		"stage5": {"AWS WAF", "ECS service", "signups", "HTTP API", "Lambda function", "DynamoDB table"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stack := newAccount(t).stack(name)
			command := stack.workspace.Command(t.Context(), "preview", "--json", "--show-sames", "--non-interactive", "--stack", name)
			printed, err := command.Output()
			require.NoError(t, err)
			update, err := plan.Read(bytes.NewReader(printed))
			require.NoError(t, err)
			estimate, err := cost.Estimate(update.After(), update.Config["aws:region"], cost.DefaultUsage())
			require.NoError(t, err)
			t.Run("picture", func(t *testing.T) { requirePicture(t, name, update.After(), nodes) })
			t.Run("cost page", func(t *testing.T) { requireCostTable(t, name, estimate) })
			t.Run("tiers", func(t *testing.T) { requireSameTiers(t, update, estimate) })
		})
	}
}

// requirePicture requires nodes, and that docs/ shows the stage as it is.
func requirePicture(t *testing.T, name string, resources []apitype.ResourceV3, nodes []string) {
	t.Helper()
	drawn, err := diagram.SVG(t.Context(), resources, nil)
	require.NoError(t, err)
	for _, node := range append(nodes, "Users", "Internet gateway", "CloudWatch") {
		require.Contains(t, string(drawn), node)
	}
	require.NotContains(t, diagram.Source(resources, nil), "other:", "the table knows every type of the project")
	shown, err := os.ReadFile(filepath.Join(root, "docs", "images", name+".svg"))
	require.NoError(t, err)
	require.True(t, string(shown) == string(drawn), "docs/images is out of date: make pictures")
}

// costPage guards docs/cost.md while a test writes it.
var costPage sync.Mutex

// requireCostTable requires that docs/cost.md has the stage's table as `stagecraft cost` prints it.
func requireCostTable(t *testing.T, name string, estimate cost.Breakdown) {
	t.Helper()
	costPage.Lock()
	defer costPage.Unlock()
	path := filepath.Join(root, "docs", "cost.md")
	page, err := os.ReadFile(path)
	require.NoError(t, err)
	table := regexp.MustCompile(fmt.Sprintf(`(?m)^### Stage %s\n\n((?:\|.*\n)*)`, strings.TrimPrefix(name, "stage")))
	place := table.FindSubmatchIndex(page)
	require.NotNil(t, place, "docs/cost.md has no section of the stage")
	if *updateDocs {
		page = slices.Concat(page[:place[2]], []byte(estimate.MarkdownTable()), page[place[3]:])
		require.NoError(t, os.WriteFile(path, page, 0o600))
		return
	}
	require.Equal(t, estimate.MarkdownTable(), string(page[place[2]:place[3]]), "go test ./tests -run TestStageReviews -update")
}

// requireSameTiers requires the same tiers in the tags, the budgets, the estimate and the review of a new stack.
func requireSameTiers(t *testing.T, update plan.Plan, estimate cost.Breakdown) {
	t.Helper()
	tagged, budgeted := map[string]bool{}, map[string]bool{}
	for _, state := range update.After() {
		if tier := tierTag(state.Inputs); tier != "" {
			require.Equal(t, tier, plan.Tier(state.URN), state.URN)
			tagged[tier] = true
		}
		if state.Type == "aws:budgets/budget:Budget" {
			text, err := json.Marshal(state.Inputs)
			require.NoError(t, err)
			if filter := tierFilter.FindSubmatch(text); filter != nil {
				budgeted[string(filter[1])] = true
			}
		}
	}
	tiers := slices.Sorted(maps.Keys(tagged))
	require.NotEmpty(t, tiers)
	var estimated, reviewed []string
	for _, tier := range estimate.Tiers {
		estimated = append(estimated, tier.Name)
	}
	for _, tier := range impact.New(impact.Subject{}, update).Tiers {
		reviewed = append(reviewed, tier.Name)
	}
	slices.Sort(reviewed)
	require.Equal(t, tiers, estimated)
	require.Equal(t, tiers, reviewed)
	budgeted["spend"] = true // the budgets' own tier, which costs nothing
	require.Equal(t, tiers, slices.Sorted(maps.Keys(budgeted)))
}

var tierFilter = regexp.MustCompile(`user:Tier\$([a-z]+)`)

// tierTag returns the tag Tier of a resource, whose tags are a map or, as those of an auto-scaling group, a list.
func tierTag(inputs map[string]any) string {
	switch tags := inputs["tags"].(type) {
	case map[string]any:
		tier, _ := tags["Tier"].(string)
		return tier
	case []any:
		for _, entry := range tags {
			if tag, isMap := entry.(map[string]any); isMap && tag["key"] == "Tier" {
				tier, _ := tag["value"].(string)
				return tier
			}
		}
	}
	return ""
}
