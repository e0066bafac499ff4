package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/offline/clitest"
	"stagecraft/internal/offline/store"
	offline "stagecraft/internal/offline/workspace"
)

const banner = "built\nOFFLINE: this is the offline cloud. Nothing here exists on AWS.\n"

func TestUp(t *testing.T) {
	user := newPerson(t, "rose1")
	outputs := apitype.StepEventMetadata{
		Op: apitype.OpSame, Type: "pulumi:pulumi:Stack", URN: urn("pulumi:pulumi:Stack", "garden-rose1"),
		New: &apitype.StepEventStateMetadata{Outputs: map[string]any{"url": "http://x"}},
	}
	user.cli.Answer("up", clitest.Answer{
		Phases: [][]apitype.EngineEvent{
			phase(true, apitype.OpCreate),
			append(phase(false, apitype.OpCreate), apitype.EngineEvent{ResOutputsEvent: &apitype.ResOutputsEvent{Metadata: outputs}}),
		},
		Stdout: "what Pulumi prints",
	})
	out, errors := user.succeeds("up", "--stack", "rose1")
	require.Equal(t, banner, errors)
	require.Equal(t, "Previewing rose1 ...\n  1 to create; 2 unchanged\nUpdating rose1 ...\n  web              1 created\n"+
		"      +  aws:sqs:Queue jobs\nOutputs:\n  url  http://x\nrose1: 1 created; 2 unchanged in 3 s\n", out)
	require.Equal(t, []string{
		"stack init rose1", "up --yes --policy-pack /bin/policy --stack rose1 --non-interactive --event-log",
	}, user.cli.Calls())
	require.Empty(t, user.cli.Environment("STAGECRAFT_OFFLINE"))
}

func TestUpWithFlags(t *testing.T) {
	user := newPerson(t, "rose1")
	_, errors := user.succeeds("up", "-s", "rose1", "--no-policy", "--fail-create", "3", "--kill-create", "4", "--time-scale", "0.01",
		"--", "--target", "x")
	require.Equal(t, banner+"--fail-create: creation number 3 of this run will fail.\n"+
		"--kill-create: the provider will crash at creation number 4 of this run.\n", errors)
	require.Equal(t, "up --yes --target x --stack rose1 --non-interactive --event-log", user.cli.Calls()[1])
	require.Equal(t, []string{
		"STAGECRAFT_OFFLINE_FAIL_CREATE=3", "STAGECRAFT_OFFLINE_KILL_CREATE=4", "STAGECRAFT_OFFLINE_TIME_SCALE=0.01",
	}, user.cli.Environment("STAGECRAFT_OFFLINE"))
}

func TestAdvisories(t *testing.T) {
	user := newPerson(t, "rose1")
	violation := apitype.EngineEvent{PolicyEvent: &apitype.PolicyEvent{
		PolicyName: "queue-encrypted", EnforcementLevel: "advisory", Message: "Queues are encrypted",
	}}
	for command, phases := range map[string][][]apitype.EngineEvent{
		"preview": {append(phase(true, apitype.OpCreate), violation)},
		"up":      {phase(true, apitype.OpCreate), append(phase(false, apitype.OpCreate), violation)},
	} {
		user.cli.Answer(command, clitest.Answer{Phases: phases})
		out, _ := user.succeeds(command, "--stack", "rose1")
		require.Contains(t, out, "Policies: 1 advisory violation of 1 rule (--advisories lists them)\n")
		out, _ = user.succeeds(command, "--stack", "rose1", "--advisories")
		require.Contains(t, out, "Advisory policy queue-encrypted:\n  Queues are encrypted\n")
	}
}

func TestVerbose(t *testing.T) {
	user := newPerson(t, "rose1")
	user.cli.Answer("preview", clitest.Answer{Stdout: "all of it\n", Stderr: "and errors\n"})
	for _, args := range [][]string{
		{"preview", "--stack", "rose1", "--verbose"},
		{"preview", "--stack", "rose1", "-v"},
		{"preview", "--stack", "rose1", "--", "--diff"},
		{"preview", "--stack", "rose1", "--", "--json"},
	} {
		out, errors := user.succeeds(args...)
		require.Equal(t, "all of it\n", out)
		require.Equal(t, banner+"and errors\n", errors)
	}
	require.Contains(t, user.cli.Calls(), "preview --policy-pack /bin/policy --stack rose1")
	require.Contains(t, user.cli.Calls(), "preview --policy-pack /bin/policy --diff --stack rose1")

	user.cli.Answer("preview", clitest.Answer{Stdout: "all of it\n", Stderr: "error: locked\n", Code: 5})
	code, _, errors := user.run("preview", "--stack", "rose1", "--verbose")
	require.Equal(t, 5, code)
	require.Equal(t, banner+"error: locked\nRun the Pulumi commands that Pulumi suggests as: bin/stagecraft pulumi -- COMMAND\n", errors)
}

func TestPreview(t *testing.T) {
	user := newPerson(t, "rose1")
	user.cli.Answer("preview", clitest.Answer{Phases: [][]apitype.EngineEvent{phase(true, apitype.OpUpdate)}})
	out, errors := user.succeeds("preview", "--stack", "rose1", "--no-policy", "--", "--refresh")
	require.Equal(t, banner, errors)
	require.Equal(t, "Previewing rose1 ...\n  web              1 to update\n      ~  aws:sqs:Queue jobs\n"+
		"rose1: 1 to update; 2 unchanged in 3 s\n", out)
	require.Equal(t, "preview --refresh --stack rose1 --non-interactive --event-log", user.cli.Calls()[1])
}

func TestRefresh(t *testing.T) {
	user := newPerson(t, "rose1")
	user.cli.Answer("refresh", clitest.Answer{Phases: [][]apitype.EngineEvent{phase(false, apitype.OpUpdate)}})
	out, errors := user.succeeds("refresh", "--stack", "rose1", "--", "--target", "x")
	require.Equal(t, banner, errors)
	require.Equal(t, "Refreshing rose1 ...\n  web              1 updated\n      ~  aws:sqs:Queue jobs\n"+
		"rose1: 1 updated; 2 unchanged in 3 s\n", out)
	require.Equal(t, "refresh --yes --skip-preview --target x --stack rose1 --non-interactive --event-log", user.cli.Calls()[1])
}

func TestDestroy(t *testing.T) {
	user := newPerson(t, "rose1")
	user.cli.Answer("stack export", clitest.Answer{Stdout: `{"deployment": {"resources": [{"urn": "a"}]}}`})
	user.cli.Answer("up", clitest.Answer{Phases: [][]apitype.EngineEvent{phase(false, apitype.OpUpdate)}})
	user.cli.Answer("destroy", clitest.Answer{Phases: [][]apitype.EngineEvent{
		phase(true, apitype.OpDelete), phase(false, apitype.OpDelete),
	}})
	require.NoError(t, os.MkdirAll(".stagecraft/backend", 0o750))
	require.NoError(t, offline.Store(user.root).Update(func(tx *store.Tx) error {
		for key, urn := range map[string]string{
			"kept": urn("aws:s3/bucketV2:BucketV2", "logs"), "byAWS": "",
			"other": "urn:pulumi:lily1::garden::aws:s3/bucketV2:BucketV2::logs",
		} {
			record := store.Record{Key: store.Key{Region: "eu-west-1", Type: "aws:s3/bucketV2:BucketV2", ID: key}, URN: urn}
			record.Inputs, record.Outputs = []byte("{}"), []byte("{}")
			if err := tx.Put(record); err != nil {
				return err
			}
		}
		return nil
	}))
	out, errors := user.succeeds("destroy", "--stack", "rose1", "--", "--target", "x")
	require.Equal(t, banner+"Removing the stack's protections first (ephemeral: true), which AWS would require, too.\n", errors)
	require.Equal(t, "Removing the protections of rose1 ...\n  web              1 updated\n      ~  aws:sqs:Queue jobs\n"+
		"rose1: 1 updated; 2 unchanged in 3 s\n"+
		"Previewing the deletion of rose1 ...\n  1 to delete; 2 unchanged\n"+
		"Deleting rose1 ...\n  web              1 deleted\n      -  aws:sqs:Queue jobs\n"+
		"rose1: 1 deleted; 2 unchanged in 3 s\n"+
		"Still in the offline cloud, because their tier went away and their data is retained (docs/growing.md):\n"+
		"  aws:s3/bucketV2:BucketV2 kept\n"+
		"The stack's history stays. To delete it, too, run: bin/stagecraft pulumi -- stack rm rose1\n", out)
	require.Equal(t, []string{
		"stack init rose1", "stack export --stack rose1",
		"up --yes --skip-preview --config ephemeral=true --stack rose1 --non-interactive --event-log",
		"destroy --yes --target x --stack rose1 --non-interactive --event-log",
	}, user.cli.Calls())
}

func TestDestroyStops(t *testing.T) {
	user := newPerson(t, "rose1")
	user.cli.Answer("stack export", clitest.Answer{Stdout: `{"deployment": {"resources": []}}`})
	_, errors := user.succeeds("destroy", "--stack", "rose1")
	require.Equal(t, banner+"The stack rose1 is empty: there is nothing to delete.\n", errors)

	user.cli.Answer("stack export", clitest.Answer{Code: 1})
	code, _, errors := user.run("destroy", "--stack", "rose1")
	require.Equal(t, exitFailure, code)
	require.Contains(t, errors, "stagecraft: reading the offline stack rose1: exit status 1")

	user.cli.Answer("stack export", clitest.Answer{Stdout: `{"deployment": {"resources": [{"urn": "a"}]}}`})
	user.cli.Answer("destroy", clitest.Answer{Code: 4, Stdout: "cannot delete"})
	code, out, _ := user.run("destroy", "--stack", "rose1")
	require.Equal(t, 4, code)
	require.NotContains(t, out, "history stays")

	user.cli.Answer("up", clitest.Answer{Code: 3, Stdout: "error: locked, run `pulumi cancel`"})
	code, out, _ = user.run("destroy", "--stack", "rose1")
	require.Equal(t, 3, code)
	require.Contains(t, out, "error: locked, run `bin/stagecraft pulumi -- cancel`")
	require.NotContains(t, user.cli.Calls()[len(user.cli.Calls())-1], "destroy")
}

func TestFailures(t *testing.T) {
	user := newPerson(t, "rose1")
	for _, command := range []string{"up", "preview", "refresh", "destroy"} {
		code, _, errors := user.run(command, "--stack", "lily1")
		require.Equal(t, exitFailure, code)
		require.Contains(t, errors, `stagecraft: there is no stack "lily1": `+user.root+" has rose1")
	}
	for _, command := range []string{"up", "preview", "refresh"} {
		user.cli.Answer(command, clitest.Answer{Code: 6, Stderr: "error: no such thing\n"})
		code, out, errors := user.run(command, "--stack", "rose1")
		require.Equal(t, 6, code)
		require.Equal(t, "error: no such thing\n", out)
		require.Equal(t, banner, errors, "the error is not printed twice")
	}
}

func TestPulumi(t *testing.T) {
	user := newPerson(t, "rose1")
	user.cli.Answer("stack ls", clitest.Answer{Stdout: "rose1\n", Stderr: "words\n", Code: 2})
	code, out, errors := user.run("pulumi", "--", "stack", "ls", "--policy-pack", "bin/policy", "--plan=p.json", "--other", "a/b",
		"--policy-pack-config", "/c.json", "--message=x")
	require.Equal(t, 2, code)
	require.Equal(t, "rose1\n", out)
	require.Contains(t, errors, "words\nRun the Pulumi commands")
	require.Equal(t, []string{"stack ls --policy-pack " + user.root + "/bin/policy --plan=" + user.root +
		"/p.json --other a/b --policy-pack-config /c.json --message=x"}, user.cli.Calls())
	require.Equal(t, []string{"PWD=" + filepath.Join(user.root, ".stagecraft")}, user.cli.Environment("PWD="))
}

func TestPulumiReadsTheTerminal(t *testing.T) {
	user := newPerson(t, "rose1")
	user.out.Reset()
	input, err := os.Open("Pulumi.yaml")
	require.NoError(t, err)
	defer input.Close() //nolint:errcheck // it is only read
	user.env.in = input
	opened, err := user.env.openWorkspace(t.Context())
	require.NoError(t, err)
	command := opened.Command(t.Context())
	command.Path, command.Args = "/bin/cat", []string{"cat"}
	require.NoError(t, user.env.runOnTerminal(command))
	require.Equal(t, "name: garden\nruntime: go\n", user.out.String())
}
