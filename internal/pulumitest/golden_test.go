package pulumitest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/pulumitest"
)

func TestRequireGolden(t *testing.T) {
	t.Parallel()
	resources := pulumitest.Resources{
		{Type: topicType, Name: "z", Inputs: map[string]any{}},
		{
			Type: topicType, Name: "a", Parent: "urn:pulumi:test::stagecraft::a:b:C$d:e:F::parent",
			Provider: "urn:pulumi:test::stagecraft::pulumi:providers:aws::there::id", Protect: true, RetainOnDelete: true,
			IgnoreChanges: []string{"tags"}, ReplaceOnChanges: []string{"name"}, ReplacementTrigger: "domain", Secrets: []string{"name"},
			DependsOn: []string{"urn:pulumi:test::stagecraft::d:e:F::two", "urn:pulumi:test::stagecraft::d:e:F::one", "odd", "odd"},
			Inputs: map[string]any{
				"folder": "/tmp/1/file", "list": []any{1.0, "<a & b>", `{"Version": 1}`}, "map": map[string]any{"text": strings.Repeat("a", 3001)},
			},
		},
	}
	path := filepath.Join(t.TempDir(), "testdata", "golden.txt")
	resources.RequireGolden(t, path, true, "/tmp/1", "FOLDER")
	golden, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, `aws:sns/topic:Topic a
  parent: d:e:F parent
  provider: pulumi:providers:aws there
  protect: true
  retain on delete: true
  ignore changes: [tags]
  replace on changes: [name]
  replacement trigger: domain
  secrets: [name]
  needs d:e:F one
  needs d:e:F two
  needs odd
  {
    "folder": "FOLDER/file",
    "list": [
      1,
      "<a & b>",
      {
        "JSON": {
          "Version": 1
        }
      }
    ],
    "map": {
      "text": "3001 characters, SHA-256 d9b7e7a3f0d400e2ed6b70c369df7c721e5b95f68becf044d250d75ebf511d0c"
    }
  }

aws:sns/topic:Topic z
  {}

`, string(golden))
	resources.RequireGolden(t, path, false, "/tmp/1", "FOLDER")

	var different testing.T
	done := make(chan struct{})
	go func() {
		defer close(done)
		resources[1:].RequireGolden(&different, path, false, "/tmp/1", "FOLDER")
	}()
	<-done
	require.True(t, different.Failed(), "a resource is missing")
}
