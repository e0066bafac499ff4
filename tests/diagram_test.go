package tests

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/review/diagram"
	"stagecraft/internal/review/plan"
)

// TestPictures draws each stage from its preview: what must be there, and that docs/ shows it as it is.
func TestPictures(t *testing.T) {
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
			at := newAccount(t)
			of := at.stack(name)
			command := of.workspace.Command(t.Context(), "preview", "--json", "--show-sames", "--non-interactive", "--stack", name)
			printed, err := command.Output()
			require.NoError(t, err)
			read, err := plan.Read(strings.NewReader(string(printed)))
			require.NoError(t, err)
			drawn, err := diagram.SVG(t.Context(), read.After(), nil)
			require.NoError(t, err)
			for _, node := range append(nodes, "Users", "Internet gateway", "CloudWatch") {
				require.Contains(t, string(drawn), node)
			}
			require.NotContains(t, diagram.Source(read.After(), nil), "other:", "the table knows every type of the project")
			shown, err := os.ReadFile(filepath.Join(root, "docs", "images", name+".svg"))
			require.NoError(t, err)
			require.True(t, string(shown) == string(drawn), "docs/images is out of date: make pictures")
		})
	}
}
