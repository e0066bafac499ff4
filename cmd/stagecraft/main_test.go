package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
)

func TestUsageErrors(t *testing.T) {
	tests := map[string]struct {
		args []string
		want string
	}{
		"unknown command":         {[]string{"deploy"}, `unknown command "deploy" for "stagecraft"`},
		"unknown flag":            {[]string{"up", "--stak", "stage1"}, "unknown flag: --stak"},
		"unknown subcommand":      {[]string{"offline", "lst"}, `unknown command "lst" for "stagecraft offline"`},
		"no stack":                {[]string{"up"}, "--stack is missing"},
		"no stack to preview":     {[]string{"preview"}, "--stack is missing"},
		"no stack to refresh":     {[]string{"refresh"}, "--stack is missing"},
		"no stack to destroy":     {[]string{"destroy"}, "--stack is missing"},
		"a word too many":         {[]string{"up", "--stack", "rose1", "extra"}, `unexpected argument "extra": only flags of Pulumi may follow, after --`},
		"a word before flags":     {[]string{"up", "extra", "--stack", "rose1", "--", "--diff"}, `unexpected argument "extra"`},
		"a word for Pulumi":       {[]string{"up", "--stack", "rose1", "--", "extra"}, `unexpected argument "extra": only flags of Pulumi may follow --`},
		"negative fault":          {[]string{"up", "--stack", "rose1", "--fail-create", "-1"}, "--fail-create is -1: it must be 1 or more"},
		"negative crash":          {[]string{"up", "--stack", "rose1", "--kill-create=-1"}, "--kill-create is -1: it must be 1 or more"},
		"negative time":           {[]string{"up", "--stack", "rose1", "--time-scale=-0.5"}, "--time-scale is -0.5: it must be 0 or more"},
		"fault without creation":  {[]string{"preview", "--stack", "rose1", "--fail-create", "1"}, "unknown flag: --fail-create"},
		"fault in a refresh":      {[]string{"refresh", "--stack", "rose1", "--kill-create", "1"}, "unknown flag: --kill-create"},
		"policies of a refresh":   {[]string{"refresh", "--stack", "rose1", "--no-policy"}, "unknown flag: --no-policy"},
		"advisories of a destroy": {[]string{"destroy", "--stack", "rose1", "--advisories"}, "unknown flag: --advisories"},
		"words for build":         {[]string{"build", "all"}, `unknown command "all"`},
		"words for version":       {[]string{"version", "all"}, `unknown command "all"`},
		"words for list":          {[]string{"offline", "list", "all"}, `unknown command "all"`},
		"no resource to show":     {[]string{"offline", "show", "aws:sns/topic:Topic"}, "accepts 2 arg(s), received 1"},
		"no resource to delete":   {[]string{"offline", "delete", "aws:sns/topic:Topic"}, "accepts 2 arg(s), received 1"},
		"no value to set":         {[]string{"offline", "set", "aws:sns/topic:Topic", "x", "displayName"}, "accepts 4 arg(s), received 3"},
		"a value that isn't JSON": {[]string{"offline", "set", "aws:sns/topic:Topic", "x", "displayName", "new"}, `"new" is not JSON (a text needs double quotes)`},
		"unknown usage":           {[]string{"cost", "rose1", "--usage", "visitors=1"}, "visitors"},
		"unknown cost format":     {[]string{"cost", "rose1", "--format", "xml"}, `"xml" is not a format: choose one of table`},
		"no usage file":           {[]string{"cost", "rose1", "--usage-file", "nowhere"}, "open nowhere: no such file or directory"},
		"no cost stack":           {[]string{"cost"}, "accepts 1 arg(s), received 0"},
		"no graph stack":          {[]string{"graph"}, "accepts 1 arg(s), received 0"},
		"no folder for a graph":   {[]string{"graph", "rose1", "--output", "nowhere/x.svg"}, "--output nowhere/x.svg: stat nowhere: no such file or directory"},
		"Pulumi without --":       {[]string{"pulumi", "stack", "ls"}, "put -- before the Pulumi command"},
		"Pulumi without words":    {[]string{"pulumi", "--"}, "put -- before the Pulumi command"},
		"a word before Pulumi":    {[]string{"pulumi", "stack", "--", "ls"}, "put -- before the Pulumi command"},
		"half a diff":             {[]string{"diff", "1"}, "diff takes FROM and TO"},
	}
	user := newPerson(t, "rose1")
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			user.t = t
			code, out, printed := user.run(test.args...)
			require.Equal(t, exitUsage, code)
			require.True(t, strings.HasPrefix(printed, "stagecraft: "), printed)
			require.Contains(t, printed, test.want)
			require.Empty(t, out)
			require.Empty(t, user.built, "a usage error costs no build")
		})
	}
	_, _, printed := user.run("offline", "show", "x")
	require.Contains(t, printed, "\nRun 'stagecraft offline show --help' for the commands and flags.\n")
	_, _, printed = user.run("deploy")
	require.Contains(t, printed, "\nRun 'stagecraft --help' for the commands and flags.\n")
}

func TestExitCodes(t *testing.T) {
	failed := exec.CommandContext(t.Context(), "sh", "-c", "exit 7").Run()
	_, failedWithWords := exec.CommandContext(t.Context(), "sh", "-c", "echo 'no login' >&2; exit 7").Output()
	for name, test := range map[string]struct {
		err     error
		code    int
		printed string
	}{
		"success":          {nil, 0, ""},
		"data at risk":     {errAtRisk, 2, ""},
		"update rejected":  {errRefused, 1, ""},
		"already printed":  {alreadyPrinted(failed), 7, ""},
		"a failed process": {failed, 1, "stagecraft: exit status 7\n"},
		"with its words":   {failedWithWords, 1, "stagecraft: exit status 7\nno login\n\n"},
		"a failure":        {errors.New("no space"), 1, "stagecraft: no space\n"},
		"bad usage":        {usageError{errors.New("what?")}, 64, "stagecraft: what?\nRun 'stagecraft --help' for the commands and flags.\n"},
	} {
		t.Run(name, func(t *testing.T) {
			user := newPerson(t)
			require.Equal(t, test.code, exitCode(user.env, &cobra.Command{Use: "stagecraft"}, nil, true, test.err))
			require.Equal(t, test.printed, user.errors.String())
		})
	}
}

func TestHelp(t *testing.T) {
	user := newPerson(t)
	out, errors := user.succeeds("--help")
	require.Contains(t, out, "Works from any folder of the project.")
	require.Empty(t, errors)
	out, _ = user.succeeds("offline")
	for _, command := range []string{"list", "show", "set", "delete"} {
		require.Contains(t, out, "\n  "+command+" ")
	}
	out, _ = user.succeeds("offline", "list", "--help")
	require.Contains(t, out, "--region string")
	out, _ = user.succeeds("offline", "show", "--help")
	require.Contains(t, out, `(default "eu-west-1")`)
}

// TestEveryCommandHasHelp checks that each command says what it does.
func TestEveryCommandHasHelp(t *testing.T) {
	t.Parallel()
	var check func(command *cobra.Command)
	names := []string{}
	check = func(command *cobra.Command) {
		names = append(names, command.CommandPath())
		require.NotEmpty(t, command.Short, command.CommandPath())
		for _, subcommand := range command.Commands() {
			check(subcommand)
		}
	}
	check(newRootCommand(environment{}))
	require.Equal(t, []string{
		"stagecraft", "stagecraft build", "stagecraft cost", "stagecraft destroy", "stagecraft diff", "stagecraft graph",
		"stagecraft offline", "stagecraft offline delete", "stagecraft offline list", "stagecraft offline set",
		"stagecraft offline show", "stagecraft preview", "stagecraft pulumi", "stagecraft refresh", "stagecraft up",
		"stagecraft version",
	}, names)
}

func TestVersion(t *testing.T) {
	user := newPerson(t)
	out, _ := user.succeeds("version")
	require.Equal(t, version(), out)
	flagged, _ := user.succeeds("--version")
	require.Equal(t, out, flagged)
	require.Equal(t, "stagecraft (devel), go1.26.6\ngithub.com/pulumi/pulumi-aws/sdk/v6 v6.83.4\n", versionOf(&debug.BuildInfo{
		GoVersion: "go1.26.6",
		Main:      debug.Module{Path: "stagecraft", Version: "(devel)"},
		Deps: []*debug.Module{
			{Path: "github.com/spf13/cobra", Version: "v1.10.2"},
			{Path: "github.com/pulumi/pulumi-aws/sdk/v6", Version: "v6.83.4"},
		},
	}))
}

func TestBuild(t *testing.T) {
	user := newPerson(t)
	require.NoError(t, os.MkdirAll("beds/roses", 0o750))
	t.Chdir("beds/roses")
	_, printed := user.succeeds("build")
	require.Equal(t, "built\n", printed)
	require.Equal(t, []string{user.root}, user.built, "the project of any folder below it")
}

func TestOutsideOfAProject(t *testing.T) {
	user := newPerson(t, "rose1")
	t.Chdir(t.TempDir())
	for _, args := range [][]string{
		{"build"},
		{"up", "--stack", "rose1"},
		{"preview", "--stack", "rose1"},
		{"refresh", "--stack", "rose1"},
		{"destroy", "--stack", "rose1"},
		{"pulumi", "--", "about"},
		{"offline", "list"},
		{"offline", "show", "x", "y"},
		{"offline", "set", "x", "y", "z", "1"},
		{"offline", "delete", "x", "y"},
		{"diff", "1", "2"},
		{"cost", "rose1"},
		{"graph", "rose1"},
	} {
		code, _, printed := user.run(args...)
		require.Equal(t, exitFailure, code)
		require.Equal(t,
			"stagecraft: this folder and those above it have no Pulumi.yaml: run stagecraft in the project's folder\n", printed)
	}
}

func TestFailedBuild(t *testing.T) {
	user := newPerson(t, "rose1")
	user.env.build = noBuild
	for _, args := range [][]string{
		{"build"}, {"up", "--stack", "rose1"}, {"pulumi", "--", "about"}, {"diff", "1", "2"}, {"cost", "rose1"}, {"graph", "rose1"},
	} {
		code, _, printed := user.run(args...)
		require.Equal(t, exitFailure, code, args)
		require.Equal(t, "stagecraft: no compiler\n", printed)
	}
}

// TestNoFailureIsSilent reviews a stack with a Pulumi CLI that fails as one without a login does: its words and its
// exit code are not lost, and no code of Pulumi's passes for "data at risk".
func TestNoFailureIsSilent(t *testing.T) {
	user := newPerson(t, "shop2")
	bin := t.TempDir()
	script := "#!/bin/sh\necho 'error: log in first' >&2\nexit 2\n"
	require.NoError(t, os.WriteFile(filepath.Join(bin, "pulumi"), []byte(script), 0o700))
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	for _, args := range [][]string{{"diff", "--stack", "shop2", "--to", "3"}, {"graph", "shop2", "--live"}} {
		code, _, printed := user.run(args...)
		require.Equal(t, exitFailure, code, args)
		require.Contains(t, printed, "error: log in first", args)
		require.Contains(t, printed, "exit status 2", args)
	}
}

func TestTerminal(t *testing.T) {
	t.Parallel()
	env := terminal()
	require.Equal(t, []any{os.Stdin, os.Stdout, os.Stderr}, []any{env.in, env.out, env.errors})
	require.NotNil(t, env.build)
}
