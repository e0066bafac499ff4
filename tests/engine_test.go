// Package tests runs whole stacks through the real Pulumi engine on the offline cloud.
package tests

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/offline/aws"
	"stagecraft/internal/offline/cloud"
	"stagecraft/internal/offline/store"
	"stagecraft/internal/offline/workspace"
	"stagecraft/internal/toolchain"
)

var (
	root  string
	tools toolchain.Tools
	// shared is the folder of the deployed stacks from which several tests start.
	shared string
)

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// run builds the tools, runs the tests and deletes what they shared.
func run(m *testing.M) (code int, err error) {
	if root, err = filepath.Abs(".."); err != nil {
		return 0, err
	}
	if tools, err = toolchain.Build(context.Background(), root, os.Stderr); err != nil {
		return 0, err
	}
	if shared, err = os.MkdirTemp("", "stagecraft-tests-"); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(shared)) }()
	return m.Run(), nil
}

// account is an offline account of a test's own.
type account struct {
	t         *testing.T
	workspace *workspace.Workspace
}

func newAccount(t *testing.T) account {
	t.Helper()
	return newAccountOf(t, tools.Program)
}

// newAccountOf returns an account with another program instead of the project's.
func newAccountOf(t *testing.T, program string) account {
	t.Helper()
	binaries := tools
	binaries.Program = program
	return openAccount(t, root, binaries)
}

// openAccount returns an account for the project in a folder.
func openAccount(t *testing.T, folder string, binaries toolchain.Tools) account {
	t.Helper()
	opened, err := workspace.Open(folder, t.TempDir(), binaries)
	require.NoError(t, err)
	return account{t, opened}
}

// stack is a stack of an account.
type stack struct {
	account

	name string
}

func (a account) stack(name string) stack {
	a.t.Helper()
	require.NoError(a.t, a.workspace.Select(a.t.Context(), name))
	return stack{a, name}
}

// try runs a Pulumi command on the stack, with more variables, and returns its output.
func (s stack) try(variables []string, args ...string) (string, error) {
	s.t.Helper()
	command := s.workspace.Command(s.t.Context(), append(args, "--stack", s.name, "--non-interactive")...)
	command.Env = append(command.Env, variables...)
	output, err := command.CombinedOutput()
	return string(output), err
}

func (s stack) run(args ...string) string {
	s.t.Helper()
	output, err := s.try(workspace.WithoutCheckpoints, args...)
	require.NoError(s.t, err, output)
	return output
}

func (s stack) up(args ...string) string {
	s.t.Helper()
	return s.run(append([]string{"up", "--yes", "--skip-preview"}, args...)...)
}

// destroy deletes the stack as a person would: first open its protections.
func (s stack) destroy() {
	s.t.Helper()
	s.up("--config", "ephemeral=true")
	s.run("destroy", "--yes", "--skip-preview")
}

func (s stack) requireEmpty(want bool) {
	s.t.Helper()
	empty, err := s.workspace.Empty(s.t.Context(), s.name)
	require.NoError(s.t, err)
	require.Equal(s.t, want, empty)
}

func (s stack) outputs() map[string]any {
	s.t.Helper()
	command := s.workspace.Command(s.t.Context(), "stack", "output", "--json", "--stack", s.name)
	printed, err := command.Output()
	require.NoError(s.t, err)
	var outputs map[string]any
	require.NoError(s.t, json.Unmarshal(printed, &outputs))
	return outputs
}

// state is what Pulumi believes to exist on AWS: type, id and URN.
func (s stack) state() []apitype.ResourceV3 {
	s.t.Helper()
	command := s.workspace.Command(s.t.Context(), "stack", "export", "--stack", s.name)
	printed, err := command.Output()
	require.NoError(s.t, err)
	var exported struct{ Deployment apitype.DeploymentV3 }
	require.NoError(s.t, json.Unmarshal(printed, &exported))
	require.Empty(s.t, exported.Deployment.PendingOperations)
	return slices.DeleteFunc(exported.Deployment.Resources, func(resource apitype.ResourceV3) bool {
		return !resource.Custom || strings.HasPrefix(string(resource.Type), "pulumi:")
	})
}

// store is what exists in the offline cloud.
func (a account) store() []store.Record {
	a.t.Helper()
	var records []store.Record
	require.NoError(a.t, store.Open(a.workspace.Backend()).View(func(tx *store.Tx) (err error) {
		records, err = tx.All()
		return err
	}))
	return records
}

// one returns the only resource of a type.
func (a account) one(token string) store.Record {
	a.t.Helper()
	records := slices.DeleteFunc(a.store(), func(record store.Record) bool { return record.Type != token })
	require.Len(a.t, records, 1, token)
	return records[0]
}

// cloud returns the account's region, for changes outside of Pulumi.
func (a account) cloud() *cloud.Region {
	a.t.Helper()
	region, err := aws.New(store.Open(a.workspace.Backend()), nil).Region("eu-west-1", nil)
	require.NoError(a.t, err)
	return region
}

// requireSame compares the state of all stacks with the cloud: nothing is lost, recorded twice or unmanaged.
func (a account) requireSame(stacks ...stack) {
	a.t.Helper()
	recorded, existing := a.inventories(stacks...)
	require.ElementsMatch(a.t, recorded, existing)
}

// inventories returns the resources in the stacks' state, and those in the cloud.
func (a account) inventories(stacks ...stack) (recorded, existing []string) {
	a.t.Helper()
	for _, stack := range stacks {
		for _, resource := range stack.state() {
			recorded = append(recorded, fmt.Sprintf("%s %s %s", resource.Type, resource.ID, resource.URN))
		}
	}
	for _, record := range a.store() {
		if record.URN != "" { // no stack manages what AWS creates by itself
			existing = append(existing, fmt.Sprintf("%s %s %s", record.Type, record.ID, record.URN))
		}
	}
	return recorded, existing
}
