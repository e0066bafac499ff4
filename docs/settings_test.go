package docs

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

const settingsHead = `# Settings

A stack's settings are typed keys of its Pulumi configuration.
Set them with ` + "`pulumi config set KEY VALUE`" + ` or in ` + "`Pulumi.STACK.yaml`" + `.
The program rejects a wrong value before it creates anything.
AWS resources are named after the project and the stack.
The project's name (` + "`name` in `Pulumi.yaml`" + `) has at most 20 characters, a stack's at most 40.

` + "`aws:region`" + ` is the AWS region.
All other keys belong to the project.
A setting without a default is required.
The last column names the AWS resource types that a change of the setting reaches, as a test of the program found them.

This page is generated from ` + "`Pulumi.yaml`" + `: ` + "`go test ./docs -update`" + ` writes it.

| key | type | default | what it sets | what it changes |
|---|---|---|---|---|
`

const settingsTail = `
## A customer-managed key

With ` + "`encryptionKey: customer`" + `, one KMS key encrypts what the stack stores:
logs, databases, caches, secrets, volumes, artefacts and notifications.
Its policy allows the stack's account to use the key through the AWS services that need it, and nobody else.
The alarm topic is notified when somebody disables the key or schedules its deletion.
Resources in us-east-1 and the load balancer's access logs keep AWS's keys.
ElastiCache does not publish its own events to an encrypted topic, so these are not delivered; the cache's alarms are.

## A domain

With ` + "`domain`" + `, the load balancer of stage 2 holds an ACM certificate, serves HTTPS and redirects HTTP ([entry.md](entry.md)).
ACM certificates cannot be installed on an instance, so stage 1 gets its certificate from Let's Encrypt, with certbot.
`

// setting is a key of Pulumi.yaml.
type setting struct {
	Key         string
	Type        string
	Description string
	Default     any
	Required    bool
}

// TestSettings holds settings.md against Pulumi.yaml and the inputs that each setting changes.
func TestSettings(t *testing.T) {
	t.Parallel()
	page := &strings.Builder{}
	page.WriteString(settingsHead)
	types := typesBySetting(t)
	for _, setting := range settings(t) {
		value := "required"
		if !setting.Required {
			encoded, err := json.Marshal(setting.Default)
			require.NoError(t, err)
			value = "`" + string(encoded) + "`"
			if setting.Default == "" {
				value = "none"
			}
		}
		fmt.Fprintf(page, "| `%s` | %s | %s | %s | %s |\n",
			setting.Key, setting.Type, value, oneLine(setting.Description), listed(types[setting.Key]))
	}
	page.WriteString(settingsTail)
	requireCurrent(t, "settings.md", page.String())
}

// listed returns the first types, and how many more there are.
func listed(types []string) string {
	const most = 5
	if len(types) <= most {
		return strings.Join(types, ", ")
	}
	return fmt.Sprintf("%s and %d more types", strings.Join(types[:most], ", "), len(types)-most)
}

// settings returns the keys of Pulumi.yaml in their order.
func settings(t *testing.T) []setting {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "Pulumi.yaml"))
	require.NoError(t, err)
	var project struct{ Config yaml.Node }
	require.NoError(t, yaml.Unmarshal(text, &project))
	var all []setting
	for i := 0; i < len(project.Config.Content); i += 2 {
		var declared struct {
			Type, Description string
			Default           yaml.Node
		}
		require.NoError(t, project.Config.Content[i+1].Decode(&declared))
		declaration := setting{
			Key: project.Config.Content[i].Value, Type: declared.Type, Description: declared.Description,
			Required: declared.Default.IsZero(),
		}
		if !declaration.Required {
			require.NoError(t, declared.Default.Decode(&declaration.Default))
		}
		all = append(all, declaration)
	}
	return all
}

// typesBySetting returns the resource types whose inputs a setting changes, as the program's tests recorded them.
func typesBySetting(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "internal", "program", "stack", "testdata", "settings.json"))
	require.NoError(t, err)
	var recorded map[string]struct{ Changes []string }
	require.NoError(t, json.Unmarshal(text, &recorded))
	types := map[string][]string{}
	for key, change := range recorded {
		for _, input := range change.Changes {
			types[key] = append(types[key], shortType(input))
		}
		slices.Sort(types[key])
		types[key] = slices.Compact(types[key])
	}
	return types
}

// shortType returns the type of an input such as "aws:rds/instance:Instance.allocatedStorage" as "rds.Instance".
func shortType(input string) string {
	parts := strings.SplitN(input, ":", 3)
	name, _, _ := strings.Cut(parts[2], ".")
	name, _, _ = strings.Cut(name, " ")
	module, _, _ := strings.Cut(parts[1], "/")
	return module + "." + name
}
