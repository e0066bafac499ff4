package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/review/cost"
	"stagecraft/internal/review/preview"
)

func TestDiffArguments(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args []string
		want string // of the error; "" for none
	}{
		"two stages":            {[]string{"1", "2"}, ""},
		"stacks' names":         {[]string{"stage1", "Pulumi.big.yaml"}, ""},
		"a live stack":          {[]string{"--stack", "shop", "--to", "2"}, ""},
		"an offline stack":      {[]string{"--stack", "shop", "--to", "2", "--offline"}, ""},
		"a base branch":         {[]string{"--base", "../base", "1", "1"}, ""},
		"a setting":             {[]string{"1", "2", "--config", "domain="}, ""},
		"nothing":               {nil, "diff takes FROM and TO"},
		"one stage":             {[]string{"1"}, "diff takes FROM and TO"},
		"--to without a stack":  {[]string{"1", "2", "--to", "2"}, "diff takes FROM and TO"},
		"stages offline anyway": {[]string{"1", "2", "--offline"}, "diff takes FROM and TO"},
		"no --to":               {[]string{"--stack", "shop"}, "--to names"},
		"words too many":        {[]string{"--stack", "shop", "--to", "2", "3"}, "no other words"},
		"a live base":           {[]string{"--stack", "shop", "--to", "2", "--base", "../base"}, "--base goes with"},
		"no such format":        {[]string{"1", "2", "--format", "pdf"}, `"pdf" is not a format: choose one of table, `},
		"no such stage":         {[]string{"1", "9"}, "9 is not a stage: choose one of 1 (early days)"},
		"no such stage before":  {[]string{"stage9", "1"}, "9 is not a stage"},
		"no such live stage":    {[]string{"--stack", "shop", "--to", "6"}, "6 is not a stage"},
		"no such number":        {[]string{"1", "99999999999999999999"}, "value out of range"},
		"a key without a value": {[]string{"1", "2", "--config", "domain"}, "--config domain: it must be KEY=VALUE"},
		"a value without a key": {[]string{"1", "2", "--config", "=x"}, "--config =x: it must be KEY=VALUE"},
		"no folder":             {[]string{"1", "2", "--output", "nowhere/x"}, "--output nowhere/x: stat nowhere: no such file or directory"},
		"a file as folder":      {[]string{"1", "2", "--output", "diff.go/x"}, "--output diff.go/x: diff.go is not a folder"},
		"unknown usage":         {[]string{"1", "2", "--usage", "visitors=1"}, "visitors"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := parsed(t, newDiffCommand, test.args...)
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, test.want)
			require.ErrorAs(t, err, new(usageError))
		})
	}
}

func TestDiffOptions(t *testing.T) {
	t.Parallel()
	got, err := parsed(t, newDiffCommand, "1", "shop", "-c", "domain=a", "-c", "tags={}", "-u", "requestsPerMonth=5", "-f", "json",
		"-o", "report.json", "--base", "b")
	require.NoError(t, err)
	usage := cost.DefaultUsage()
	require.NoError(t, usage.Set("requestsPerMonth=5"))
	require.Equal(t, diffOptions{
		from: "stage1", target: "shop", config: []string{"domain=a", "tags={}"}, format: "json", output: "report.json", base: "b",
		usageOptions: usageOptions{settings: []string{"requestsPerMonth=5"}, usage: usage},
	}, got)
	got, err = parsed(t, newDiffCommand, "-s", "shop", "--to", "stage3", "--offline")
	require.NoError(t, err)
	require.Equal(t, diffOptions{
		from: "shop", target: "stage3", stack: "shop", to: "stage3", offline: true, format: "table",
		usageOptions: usageOptions{usage: cost.DefaultUsage()},
	}, got)
}

func TestWhatFromAndToName(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{
		"2": "stage2", "stage2": "stage2", "shop": "shop", "Pulumi.shop.yaml": "shop",
	} {
		require.Equal(t, want, stackName(word))
	}
	config := []string{"domain=a"}
	for word, want := range map[string]preview.Target{
		"2":                         {Stage: "2", Config: config},
		"stage2":                    {Stage: "2", Config: config},
		"shop":                      {File: "project/Pulumi.shop.yaml", Config: config},
		"elsewhere/Pulumi.big.yaml": {File: "elsewhere/Pulumi.big.yaml", Config: config},
	} {
		options := diffOptions{target: word, config: config}
		require.Equal(t, want, options.previewTarget("project"))
	}
}

func TestCheckOutput(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := filepath.Join(folder, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	require.NoError(t, checkOutput(""))
	require.NoError(t, checkOutput("file"))
	require.NoError(t, checkOutput(file))
	require.ErrorAs(t, checkOutput(filepath.Join(file, "x")), new(usageError))
	require.EqualError(t, checkOutput(folder), "--output "+folder+": it is a folder")
}
