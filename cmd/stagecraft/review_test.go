package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/offline/clitest"
	"stagecraft/internal/review/cost"
)

func TestCost(t *testing.T) {
	user := newPerson(t, "rose1")
	user.cli.Answer("preview", clitest.Answer{Stdout: planned(t, gateway)})
	out, _ := user.succeeds("cost", "rose1", "--format", "json")
	var estimate map[string]any
	require.NoError(t, json.Unmarshal([]byte(out), &estimate))
	total, _ := estimate["total"].(map[string]any)
	require.InDelta(t, 35.04, total["fixed"], 0.01, "730 hours of a NAT gateway in eu-west-1, at 0.048 USD")

	more, _ := user.succeeds("cost", "rose1", "-f", "json", "-u", "natGBPerMonth=1000")
	require.NotEqual(t, out, more)
	user.write("usage.yaml", "natGBPerMonth: 1000\n")
	file, _ := user.succeeds("cost", "rose1", "-f", "json", "--usage-file", "usage.yaml")
	require.Equal(t, more, file)
	table, _ := user.succeeds("cost", "rose1")
	require.Contains(t, table, "network")

	user.write("usage.yaml", "visitors: 1\n")
	code, _, errors := user.run("cost", "rose1", "--usage-file", "usage.yaml")
	require.Equal(t, exitUsage, code)
	require.Contains(t, errors, "usage.yaml: ")
}

func TestPreviewOfACostFails(t *testing.T) {
	user := newPerson(t, "rose1")
	user.cli.Answer("preview", clitest.Answer{
		Stdout: `{"diagnostics": [{"severity": "error", "message": "no such stage"}, {"severity": "error", "message": "no zone"}]}`, Code: 1,
	})
	for _, command := range []string{"cost", "graph"} {
		code, out, errors := user.run(command, "rose1")
		require.Equal(t, exitFailure, code)
		require.Empty(t, out)
		require.Equal(t, "built\nstagecraft: previewing rose1: no such stage\nno zone\n", errors)
	}
	user.cli.Answer("preview", clitest.Answer{Stdout: strings.Replace(planned(t, gateway), "eu-west-1", "mars-1", 1)})
	code, _, errors := user.run("cost", "rose1")
	require.Equal(t, exitFailure, code)
	require.Contains(t, errors, "mars-1")
}

func TestUsage(t *testing.T) {
	t.Parallel()
	got, err := parsed(t, newCostCommand, "rose1", "-f", "markdown", "-u", "requestsPerMonth=5")
	require.NoError(t, err)
	usage := cost.DefaultUsage()
	require.NoError(t, usage.Set("requestsPerMonth=5"))
	require.Equal(t, costOptions{
		stack: "rose1", format: "markdown", usageOptions: usageOptions{settings: []string{"requestsPerMonth=5"}, usage: usage},
	}, got)
}

func TestGraph(t *testing.T) {
	user := newPerson(t, "rose1")
	user.cli.Answer("preview", clitest.Answer{Stdout: planned(t, gateway)})
	out, errors := user.succeeds("graph", "rose1")
	require.Contains(t, out, "</svg>")
	require.Equal(t, "built\n", errors)
	written, errors := user.succeeds("graph", "rose1", "--output", "rose.svg")
	require.Empty(t, written)
	require.Equal(t, "built\nWrote rose.svg\n", errors)
	picture, err := os.ReadFile("rose.svg")
	require.NoError(t, err)
	require.Equal(t, out, string(picture))
}

// TestGraphOfALiveStack draws a stack of the user's own Pulumi.
func TestGraphOfALiveStack(t *testing.T) {
	user := newPerson(t, "rose1")
	exported, err := json.Marshal(map[string]any{"deployment": apitype.DeploymentV3{Resources: []apitype.ResourceV3{gateway}}})
	require.NoError(t, err)
	user.cli.Answer("stack export", clitest.Answer{Stdout: string(exported)})
	t.Setenv("PATH", filepath.Dir(user.cli.Path)+string(os.PathListSeparator)+os.Getenv("PATH"))
	out, errors := user.succeeds("graph", "rose1", "--live")
	require.Contains(t, out, "</svg>")
	require.Empty(t, errors)
	require.Equal(t, []string{"stack export --stack rose1"}, user.cli.Calls())
	require.Empty(t, user.built)

	user.cli.Answer("stack export", clitest.Answer{Stdout: "{"})
	code, _, errors := user.run("graph", "rose1", "--live")
	require.Equal(t, exitFailure, code)
	require.Equal(t, "stagecraft: reading the stack rose1: unexpected end of JSON input\n", errors)
}

// newReviewer returns a person whose Pulumi previews an update that adds a NAT gateway.
func newReviewer(t *testing.T) *person {
	t.Helper()
	user := newPerson(t, "stage1", "rose1")
	user.write("Pulumi.big.yaml", "config:\n  garden:stage: 4\n  aws:region: eu-west-1\n")
	user.cli.Answer("preview", clitest.Answer{Stdout: planned(t, gateway)})
	return user
}

// review runs diff, and returns its report and what it printed beside it.
func (p *person) review(args ...string) (report map[string]any, errors string) {
	p.t.Helper()
	out, errors := p.succeeds(append([]string{"diff", "--format", "json"}, args...)...)
	require.NoError(p.t, json.Unmarshal([]byte(out), &report))
	return report, errors
}

// calls returns the calls of Pulumi, without the names of temporary files.
func (p *person) calls() []string {
	calls := p.cli.Calls()
	for i := range calls {
		words := strings.Fields(calls[i])
		for j := range words {
			if j > 0 && words[j-1] == "--config-file" {
				words[j] = "FILE"
			}
		}
		calls[i] = strings.Join(words, " ")
	}
	return calls
}

func TestDiff(t *testing.T) {
	user := newReviewer(t)
	_, errors := user.review("1", "2")
	require.Equal(t, "built\nDeploying stage1 to an offline cloud of its own, once\n", errors)
	require.Equal(t, []string{
		"stack init stage1", "up --yes --skip-preview --non-interactive --stack stage1",
		"preview --json --show-sames --non-interactive --stack stage1 --config-file FILE --config stage=2",
	}, user.calls())
	require.DirExists(t, ".stagecraft/diff")

	base := t.TempDir()
	for _, name := range []string{"Pulumi.yaml", "Pulumi.stage1.yaml"} {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(base, name), append(text, '\n'), 0o600))
	}
	user.built = nil
	user.review("1", "2", "--base", base)
	require.Equal(t, []string{user.root, base}, user.built)
	require.Equal(t, []string{user.cli.Path}, user.candidates, "the base needs no Pulumi CLI of its own")
}

func TestDiffDescribesWhatItCompares(t *testing.T) {
	user := newReviewer(t)
	t.Setenv("PATH", filepath.Dir(user.cli.Path)+string(os.PathListSeparator)+os.Getenv("PATH"))
	for name, test := range map[string]struct {
		args                    []string
		from, to, configuration string
		rollback                []any
		call                    string
	}{
		"two stages": {
			[]string{"1", "2"},
			"stage1", "stage 2", "Pulumi.stage1.yaml with stage: 2 in the place of 1",
			[]any{"pulumi config set stage 1", "pulumi up"},
			"--stack stage1 --config-file FILE --config stage=2",
		},
		"with settings": {
			[]string{"1", "2", "-c", "domain=a", "-c", "tags={}"},
			"stage1", "stage 2",
			"Pulumi.stage1.yaml with stage: 2 in the place of 1, and domain=a, tags={}",
			[]any{"pulumi config set stage 1", "pulumi up"},
			"--stack stage1 --config-file FILE --config stage=2 --config domain=a --config tags={}",
		},
		"a stack file": {
			[]string{"rose1", "big"},
			"rose1", "big", "Pulumi.big.yaml in the place of Pulumi.rose1.yaml",
			[]any{"git checkout Pulumi.rose1.yaml", "pulumi up"},
			"--stack rose1 --config-file FILE",
		},
		"a base": {
			[]string{"--base", ".", "1", "1"},
			"stage1", "stage 1",
			"Pulumi.stage1.yaml with stage: 1 in the place of 1, deployed with the program in .",
			[]any{"git revert the change of the program", "pulumi up"},
			"--stack stage1 --config-file FILE --config stage=1",
		},
		"an offline stack": {
			[]string{"--stack", "rose1", "--to", "3", "--offline"},
			"rose1", "stage 3",
			"Pulumi.rose1.yaml with stage: 3 in the place of 1",
			[]any{"pulumi config set stage 1", "pulumi up"},
			"--stack rose1 --config-file FILE --config stage=3",
		},
		"a live stack": {
			[]string{"--stack", "company/garden/rose1", "--to", "3"},
			"company/garden/rose1", "stage 3",
			"Pulumi.rose1.yaml with stage: 3 in the place of 1",
			[]any{"pulumi config set stage 1 --stack company/garden/rose1", "pulumi up --stack company/garden/rose1"},
			"--stack company/garden/rose1 --config-file FILE --config stage=3",
		},
		"a live stack with a stack file": {
			[]string{"--stack", "rose1", "--to", "Pulumi.big.yaml"},
			"rose1", "big", "Pulumi.big.yaml in the place of Pulumi.rose1.yaml",
			[]any{"git checkout Pulumi.rose1.yaml", "pulumi up --stack rose1"},
			"--stack rose1 --config-file FILE",
		},
	} {
		t.Run(name, func(t *testing.T) {
			user.t = t
			report, _ := user.review(test.args...)
			require.Equal(t, test.from, report["from"])
			require.Equal(t, test.to, report["to"])
			require.Equal(t, test.configuration, report["configuration"])
			rollback, _ := report["rollback"].(map[string]any)
			require.Equal(t, test.rollback, rollback["commands"])
			calls := user.calls()
			require.Equal(t, "preview --json --show-sames --non-interactive "+test.call, calls[len(calls)-1])
		})
	}
}

func TestDiffEstimates(t *testing.T) {
	user := newReviewer(t)
	report, _ := user.review("1", "2", "--usage", "natGBPerMonth=0")
	costs, _ := report["cost"].(map[string]any)
	require.Equal(t, map[string]any{"fixed": 0.0, "usage": 0.0}, costs["before"])
	require.Equal(t, map[string]any{"fixed": 35.04, "usage": 0.0}, costs["after"])
	duration, _ := report["duration"].(map[string]any)
	require.NotZero(t, duration["seconds"])

	user.cli.Answer("preview", clitest.Answer{Stdout: strings.Replace(planned(t, gateway), "eu-west-1", "mars-1", 1)})
	report, errors := user.review("1", "2")
	require.Nil(t, report["cost"])
	require.Contains(t, errors, "Without cost estimate: ")
	require.Contains(t, errors, "mars-1")
}

func TestDiffWritesAFile(t *testing.T) {
	user := newReviewer(t)
	parameter := gateway
	parameter.Type, parameter.URN = "aws:ssm/parameter:Parameter", resource.URN(urn("aws:ssm/parameter:Parameter", "domain"))
	state, err := json.Marshal(parameter)
	require.NoError(t, err)
	user.cli.Answer("preview", clitest.Answer{Stdout: fmt.Sprintf(
		`{"config": {"aws:region": "eu-west-1"}, "steps": [{"op": "update", "urn": %q, "oldState": %s, "newState": %s}]}`,
		parameter.URN, state, state)})
	out, errors := user.succeeds("diff", "1", "2", "--format", "html", "--output", "report.html")
	require.Empty(t, out)
	require.Contains(t, errors, "Writing report.html\n")
	text, err := os.ReadFile("report.html")
	require.NoError(t, err)
	require.Equal(t, 2, strings.Count(string(text), "<figure"), "a picture of the stack before, and one after")
	require.Equal(t, 1, strings.Count(string(text), "</html>"))
}

// TestDiffNamesBrokenFiles reviews with stack files that are not YAML.
func TestDiffNamesBrokenFiles(t *testing.T) {
	user := newReviewer(t)
	user.write("Pulumi.big.yaml", "config:\n\tstage: 3\n")
	for _, args := range [][]string{
		{"diff", "1", "big"},
		{"diff", "big", "1"},
		{"diff", "--stack", "big", "--to", "1"},
		{"diff", "--stack", "rose1", "--to", "big", "--offline"},
		{"cost", "big"},
		{"up", "--stack", "big"},
	} {
		code, _, errors := user.run(args...)
		require.Equal(t, exitFailure, code)
		require.Contains(t, errors, "Pulumi.big.yaml: invalid YAML file", args)
	}
}

// TestDiffExitCodes reviews updates that lose data, and that Pulumi rejects.
func TestDiffExitCodes(t *testing.T) {
	user := newReviewer(t)
	const table = "urn:pulumi:rose1::garden::stagecraft:datastore:Table$aws:dynamodb/table:Table::visits"
	user.cli.Answer("preview", clitest.Answer{Stdout: `{"config": {"aws:region": "eu-west-1"}, "steps": [{"op": "delete", "urn": "` + table +
		`", "oldState": {"urn": "` + table + `", "type": "aws:dynamodb/table:Table", "custom": true, "inputs": {}, "outputs": {}}}]}`})
	code, out, errors := user.run("diff", "2", "1")
	require.Equal(t, exitFailure, code)
	require.Contains(t, errors, "stage2")
	require.Empty(t, out)
	code, out, _ = user.run("diff", "1", "2")
	require.Equal(t, exitAtRisk, code)
	require.Contains(t, out, "visits")

	user.cli.Answer("preview", clitest.Answer{
		Stdout: `{"config": {"aws:region": "eu-west-1"}, "diagnostics": [{"severity": "error", "message": "it is protected"}]}`, Code: 1,
	})
	code, out, _ = user.run("diff", "1", "2")
	require.Equal(t, exitFailure, code)
	require.Contains(t, out, "it is protected")
}
