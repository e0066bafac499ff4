package cost_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/review/cost"
)

// update writes the golden files: go test ./internal/review/cost -update.
var update = flag.Bool("update", false, "write the golden files")

func TestUsage(t *testing.T) {
	t.Parallel()
	usage := cost.DefaultUsage()
	require.NoError(t, usage.Read([]byte("requestsPerMonth: 5\ncacheShare: 0.25\n")))
	require.NoError(t, usage.Set("cacheShare=0.5"))
	want := cost.DefaultUsage()
	want.RequestsPerMonth, want.CacheShare = 5, 0.5
	require.Equal(t, want, usage)
	require.NoError(t, usage.Set("cacheShare=1"))
	require.NoError(t, usage.Set("bucketGB=2"))
	require.NoError(t, usage.Set("bucketGB=0"))
}

func TestDefaultUsage(t *testing.T) {
	t.Parallel()
	require.Equal(t, cost.Usage{
		RequestsPerMonth: 10e6, KilobytesPerResponse: 20, CacheShare: 0.6, FunctionShare: 0.1, FunctionMilliseconds: 100,
		LogKilobytesPerRequest: 1, LogMonthsKept: 3, NATGBPerMonth: 20, BucketGB: 5, ImageGB: 1, TableGB: 1, BuildsPerMonth: 20,
		MinutesPerBuild: 5, AccountEventsMillions: 0.5, FlowLogGB: 5, FreeShare: 1,
	}, cost.DefaultUsage())
}

// TestEveryFigureIsSetByItsName: each name sets the field of that name, and no other.
func TestEveryFigureIsSetByItsName(t *testing.T) {
	t.Parallel()
	var usage cost.Usage
	assumptions := usage.Assumptions()
	for _, assumption := range assumptions {
		require.NotEmpty(t, assumption.Meaning, assumption.Name)
		require.NoError(t, usage.Set(assumption.Name+"=1"))
	}
	require.Equal(t, cost.Usage{
		RequestsPerMonth: 1, KilobytesPerResponse: 1, CacheShare: 1, FunctionShare: 1, FunctionMilliseconds: 1,
		LogKilobytesPerRequest: 1, LogMonthsKept: 1, NATGBPerMonth: 1, BucketGB: 1, ImageGB: 1, TableGB: 1, BackupGBOverFree: 1,
		BuildsPerMonth: 1, MinutesPerBuild: 1, AccountEventsMillions: 1, FlowLogGB: 1, FreeShare: 1,
	}, usage)
}

func TestUsageRejects(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]string{
		"requests=1":            `there is no usage "requests": choose one of requestsPerMonth, kilobytesPerResponse, `,
		"requestsPerMonth":      `usage "requestsPerMonth": write NAME=NUMBER, such as requestsPerMonth=1000000`,
		"requestsPerMonth=many": "NAME=NUMBER",
		"requestsPerMonth=-1":   "usage requestsPerMonth is -1: it must be zero or a positive number",
		"requestsPerMonth=NaN":  "it must be zero or a positive number",
		"requestsPerMonth=+Inf": "it must be zero or a positive number",
		"cacheShare=1.1":        "usage cacheShare is 1.1: a share must be from 0 to 1",
	} {
		usage := cost.DefaultUsage()
		require.ErrorContains(t, usage.Set(setting), want)
		require.Equal(t, cost.DefaultUsage(), usage)
	}
	usage := cost.DefaultUsage()
	require.ErrorContains(t, usage.Read([]byte("requests: 1\nvisitors: 1")), `there is no usage "visitors"`)
	require.ErrorContains(t, usage.Read([]byte("- 1")), "map names to numbers")
}

// TestFormats holds each format as a golden file.
func TestFormats(t *testing.T) {
	t.Setenv("COLUMNS", "80")
	estimate, err := cost.Estimate([]apitype.ResourceV3{
		newState("aws:ec2/natGateway:NatGateway", "n", inputs{}, nil), newState("aws:msk/cluster:Cluster", "k", inputs{}, nil),
		newState("aws:lb/loadBalancer:LoadBalancer", "l", inputs{"subnets": []any{"a"}}, nil),
	}, region, cost.DefaultUsage())
	require.NoError(t, err)
	require.Equal(t, []string{"table", "markdown", "json"}, cost.Formats.Names())
	for _, format := range cost.Formats.Names() {
		var out bytes.Buffer
		require.NoError(t, cost.Formats.Write(&out, format, estimate))
		path := filepath.Join("testdata", "estimate."+map[string]string{"table": "txt", "markdown": "markdown", "json": "json"}[format])
		if *update {
			require.NoError(t, os.WriteFile(path, out.Bytes(), 0o600))
		}
		want, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, string(want), out.String())
	}
	for _, columns := range []string{"60", "80", "200"} {
		t.Setenv("COLUMNS", columns)
		var out bytes.Buffer
		require.NoError(t, cost.Formats.Write(&out, "table", estimate))
		widest := 0
		for line := range strings.Lines(out.String()) {
			widest = max(widest, utf8.RuneCountInString(strings.TrimSuffix(line, "\n")))
		}
		require.LessOrEqual(t, widest, map[string]int{"60": 60, "80": 80, "200": 200}[columns])
		require.Greater(t, widest, map[string]int{"60": 50, "80": 70, "200": 150}[columns], "it uses the width")
	}
}

func TestNothingIsEstimated(t *testing.T) {
	t.Setenv("COLUMNS", "80")
	estimate, err := cost.Estimate(nil, region, nothing(t))
	require.NoError(t, err)
	estimate.Assumptions, estimate.Notes = nil, nil
	var out bytes.Buffer
	require.NoError(t, cost.Formats.Write(&out, "table", estimate))
	require.Equal(t, "USD a month, eu-west-1  fixed  by usage  total\ntotal                   0.00   0.00      0.00\n", out.String())
}
