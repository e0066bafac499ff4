package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/offline/clitest"
	"stagecraft/internal/toolchain"
)

func TestMain(m *testing.M) { clitest.Main(m) }

// person runs commands in a project of a test, with a stand-in for Pulumi.
type person struct {
	t           *testing.T
	root        string
	cli         *clitest.CLI
	env         environment
	out, errors *bytes.Buffer
	// built are the folders of the projects that were built, and candidates the CLIs that they may use.
	built, candidates []string
}

// newPerson writes a project, with a stack file for each of the stacks, and goes to its folder.
func newPerson(t *testing.T, stacks ...string) *person {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	user := &person{t: t, root: root, cli: clitest.New(t), out: &bytes.Buffer{}, errors: &bytes.Buffer{}}
	user.env = environment{in: &bytes.Buffer{}, out: user.out, errors: user.errors, build: user.build}
	t.Chdir(root)
	user.write("Pulumi.yaml", "name: garden\nruntime: go\n")
	for _, stack := range stacks {
		user.write("Pulumi."+stack+".yaml", "config:\n  garden:stage: "+stack[len(stack)-1:]+"\n  aws:region: eu-west-1\n")
	}
	return user
}

func (p *person) build(_ context.Context, root string, out io.Writer, candidates ...string) (toolchain.Tools, error) {
	p.built, p.candidates = append(p.built, root), candidates
	_, err := io.WriteString(out, "built\n")
	providers := p.t.TempDir()
	return toolchain.Tools{Pulumi: p.cli.Path, Program: p.cli.Path, Policy: "/bin/policy", Providers: providers}, err
}

// noBuild fails to build anything.
func noBuild(context.Context, string, io.Writer, ...string) (toolchain.Tools, error) {
	return toolchain.Tools{}, errors.New("no compiler")
}

func (p *person) write(name, content string) {
	p.t.Helper()
	require.NoError(p.t, os.MkdirAll(filepath.Dir(name), 0o750))
	require.NoError(p.t, os.WriteFile(name, []byte(content), 0o600))
}

// run runs a command line, and returns its exit code and what it printed.
func (p *person) run(args ...string) (code int, out, errors string) {
	p.t.Helper()
	p.out.Reset()
	p.errors.Reset()
	code = run(p.t.Context(), p.env, args)
	return code, p.out.String(), p.errors.String()
}

// succeeds runs a command line that must succeed, and returns what it printed.
func (p *person) succeeds(args ...string) (out, errors string) {
	p.t.Helper()
	code, out, errors := p.run(args...)
	require.Zero(p.t, code, errors)
	return out, errors
}

// parsed runs a command with the arguments; the command's own run function keeps the options.
func parsed[O any](
	t *testing.T, newCommand func(environment, func(context.Context, O) error) *cobra.Command, args ...string,
) (options O, err error) {
	t.Helper()
	command := newCommand(environment{}, func(_ context.Context, given O) error {
		options = given
		return nil
	})
	command.SilenceErrors, command.SilenceUsage = true, true
	command.SetArgs(args)
	return options, command.ExecuteContext(t.Context())
}

// urn returns the URN of a resource of the stack.
func urn(typ, name string) string { return "urn:pulumi:rose1::garden::" + typ + "::" + name }

func prelude() apitype.EngineEvent { return apitype.EngineEvent{PreludeEvent: &apitype.PreludeEvent{}} }

func steps(op apitype.OpType, typ, name string) []apitype.EngineEvent {
	metadata := apitype.StepEventMetadata{
		Op: op, URN: urn(typ, name), Type: typ, New: &apitype.StepEventStateMetadata{Custom: true},
	}
	return []apitype.EngineEvent{
		{ResourcePreEvent: &apitype.ResourcePreEvent{Metadata: metadata}},
		{ResOutputsEvent: &apitype.ResOutputsEvent{Metadata: metadata}},
	}
}

func summary(preview bool, changes map[apitype.OpType]int) apitype.EngineEvent {
	return apitype.EngineEvent{SummaryEvent: &apitype.SummaryEvent{
		IsPreview: preview, ResourceChanges: changes, Result: apitype.OperationResultSucceeded, DurationSeconds: 3,
	}}
}

// phase returns the events of a preview or update in which one queue changes.
func phase(preview bool, op apitype.OpType) []apitype.EngineEvent {
	events := append([]apitype.EngineEvent{prelude()}, steps(op, "stagecraft:web:Web$aws:sqs/queue:Queue", "jobs")...)
	return append(events, summary(preview, map[apitype.OpType]int{op: 1, apitype.OpSame: 2}))
}

// planned returns what `pulumi preview --json` prints of resources that are created.
func planned(t *testing.T, resources ...apitype.ResourceV3) string {
	t.Helper()
	type step struct {
		Op       string             `json:"op"`
		URN      string             `json:"urn"`
		NewState apitype.ResourceV3 `json:"newState"`
	}
	preview := struct {
		Config map[string]string `json:"config"`
		Steps  []step            `json:"steps"`
	}{Config: map[string]string{"aws:region": "eu-west-1"}}
	for _, resource := range resources {
		preview.Steps = append(preview.Steps, step{"create", string(resource.URN), resource})
	}
	encoded, err := json.Marshal(preview)
	require.NoError(t, err)
	return string(encoded)
}

// gateway is a resource with a price.
var gateway = apitype.ResourceV3{
	URN: "urn:pulumi:rose1::garden::stagecraft:network:Network$aws:ec2/natGateway:NatGateway::exit", Custom: true,
	Type: "aws:ec2/natGateway:NatGateway", Inputs: map[string]any{}, Outputs: map[string]any{},
}
