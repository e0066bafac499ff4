package settings_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/program/settings"
	"stagecraft/internal/pulumitest"
)

// configuration is Pulumi.yaml's defaults with what has none, as the CLI passes them; changes are laid over it, and a
// nil change removes a key.
func configuration(t *testing.T, changes map[string]any) map[string]string {
	t.Helper()
	project, err := workspace.LoadProject("../../../Pulumi.yaml")
	require.NoError(t, err)
	values := map[string]any{"stage": 1, "alarmEmail": "platform@example.com", "monthlyBudgetUsd": 100}
	for key, declared := range project.Config {
		require.NotEmpty(t, declared.Description, key)
		require.NotEmpty(t, declared.TypeName(), key)
		if declared.Default != nil {
			values[strings.TrimPrefix(key, "stagecraft:")] = declared.Default
		}
	}
	maps.Copy(values, changes)
	texts := map[string]string{}
	for key, value := range values {
		switch value := value.(type) {
		case nil:
		case map[string]any, []any:
			encoded, err := json.Marshal(value)
			require.NoError(t, err)
			texts["stagecraft:"+key] = string(encoded)
		default:
			texts["stagecraft:"+key] = fmt.Sprint(value)
		}
	}
	return texts
}

func read(t *testing.T, changes map[string]any, stack string) (got settings.Settings, err error) {
	t.Helper()
	configured := configuration(t, changes)
	_, err = pulumitest.Run(func(ctx *pulumi.Context) (err error) {
		got, err = settings.Read(ctx)
		return err
	}, nil, nil, func(info *pulumi.RunInfo) { info.Config, info.Stack = configured, stack })
	return got, err
}

func TestReadDefaults(t *testing.T) {
	t.Parallel()
	got, err := read(t, nil, "stage1")
	require.NoError(t, err)
	require.Equal(t, settings.Settings{
		Stage:                 1,
		OwnsAccountSingletons: true,
		LogRetentionDays:      30,
		Tags:                  map[string]string{},
		Network:               settings.Network{CIDR: netip.MustParsePrefix("10.0.0.0/16"), AvailabilityZones: 3},
		Web: settings.Web{
			InstanceType: "t4g.small", VolumeGiB: 20, MinInstances: 3, MaxInstances: 9, TargetRequests: 1000, TargetCPUPercent: 50,
		},
		Database: settings.Database{
			InstanceClass: "db.t4g.small", EngineVersion: "17", StorageGiB: 20, MaxStorageGiB: 100, MaxConnections: 200,
			BackupRetentionDays: 7, ApplyImmediately: true,
		},
		Cache:    settings.Cache{NodeType: "cache.t4g.small", SnapshotDays: 1},
		Entry:    settings.Entry{ReadinessPath: "/api/ready", OriginSecretVersion: 1},
		Frontend: settings.Frontend{Directory: "app/web", PriceClass: "PriceClass_100", RateLimit: 2000},
		Alarms:   settings.Alarms{Email: "platform@example.com"},
		Guard: settings.Guard{
			Plans:                 []string{"S3_DATA_EVENTS", "EBS_MALWARE_PROTECTION", "RDS_LOGIN_EVENTS", "LAMBDA_NETWORK_LOGS"},
			MinSeverity:           4,
			AuditLogRetentionDays: 365,
		},
		Budget:   settings.Budget{MonthlyUSD: 100, TierPercent: 50, AnomalyUSD: 20},
		Delivery: settings.Delivery{Branch: "main", Provider: "GitHub", Approval: true},
		Services: []settings.Service{
			{
				Name: "signups", Paths: []string{"/api/signups*", "/api/ready"}, CPU: 256, MemoryMiB: 512, Min: 2, Max: 6,
				Signal: "cpu", Database: settings.DatabaseWriter,
			},
			{
				Name: "users", Paths: []string{"/api/users*"}, CPU: 256, MemoryMiB: 512, Min: 2, Max: 6,
				Signal: "requests", Database: settings.DatabaseReader, Cache: true,
			},
		},
	}, got)
}

func TestReadTakes(t *testing.T) {
	t.Parallel()
	tests := map[string]map[string]any{
		"no backups if ephemeral":     {"databaseBackupRetentionDays": 0, "ephemeral": true},
		"a domain with its zone":      {"domain": "www.example.com", "hostedZone": "example.com"},
		"the zone's own name":         {"domain": "example.com", "hostedZone": "example.com"},
		"tags":                        {"tags": map[string]any{"CostCenter": "42"}},
		"the smallest network":        {"networkCidr": "192.168.0.0/22"},
		"a key of one's own":          {"encryptionKey": "customer"},
		"the largest cache":           {"cacheNodeType": "cache.r7g.16xlarge", "cacheSnapshotDays": 35},
		"a cache of no snapshots":     {"cacheSnapshotDays": 0},
		"a pinned minor version":      {"databaseEngineVersion": "16.9"},
		"a large Graviton type":       {"webInstanceType": "c8gn.48xlarge"},
		"a type with local disks":     {"webInstanceType": "m7gd.xlarge"},
		"singletons of another stack": {"accountSingletons": "found"},
		"two zones":                   {"availabilityZones": 2},
		"a repository":                {"repository": "example/service"},
		"a group's repository":        {"repository": "example/team/service", "repositoryProvider": "GitLab"},
		"a function's archive":        {"functionArchive": "bin/function.zip"},
		"concurrency":                 {"functionReservedConcurrency": 5, "functionProvisionedConcurrency": 5},
		"started without a reserve":   {"functionProvisionedConcurrency": 5},
		"an authorized connection":    {"repositoryConnection": "arn:aws:codeconnections:eu-west-1:123456789012:connection/1a-b"},
		"no plans of GuardDuty":       {"guardDutyPlans": []any{}},
		"a floor":                     {"webFloor": map[string]any{"instances": 6, "begin": "0 7 * * MON-FRI", "end": "0 19 * * MON-FRI"}},
		"a group that does not scale": {"webMinInstances": 3, "webMaxInstances": 3},
		"a monitor of the account":    {"anomalyMonitorArn": "arn:aws:ce::123456789012:anomalymonitor/1abc-2"},
	}
	for name, changes := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := read(t, changes, "stage1")
			require.NoError(t, err)
		})
	}
}

// floor is a floor with changes.
func floor(changes map[string]any) map[string]any {
	value := map[string]any{"instances": 6, "begin": "0 7 * * *", "end": "0 19 * * *"}
	maps.Copy(value, changes)
	return map[string]any{"webFloor": value}
}

func TestReadRejects(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		changes map[string]any
		want    string
	}{
		"fewer than the least":   {map[string]any{"webMaxInstances": 2}, `stagecraft:webMaxInstances is "2": it must be webMinInstances, 3, or more`},
		"a CPU in alarm":         {map[string]any{"webTargetCpuPercent": 80}, "stagecraft:webTargetCpuPercent"},
		"no requests":            {map[string]any{"webTargetRequests": 0}, "stagecraft:webTargetRequests"},
		"a floor of nothing":     {floor(map[string]any{"instances": 3}), "of more instances than webMinInstances, 3"},
		"a floor too high":       {floor(map[string]any{"instances": 10}), "up to webMaxInstances, 9"},
		"a floor at no time":     {floor(map[string]any{"begin": "seven"}), "stagecraft:webFloor"},
		"a floor without end":    {floor(map[string]any{"end": nil}), "stagecraft:webFloor"},
		"a floor of no length":   {floor(map[string]any{"end": "0 7 * * *"}), "stagecraft:webFloor"},
		"a floor's zone":         {floor(map[string]any{"timeZone": "UTC +1"}), "stagecraft:webFloor"},
		"a floor's typo":         {floor(map[string]any{"minimum": 6}), "stagecraft:webFloor"},
		"the same stage is kept": {map[string]any{"keepStage": 1}, "keepStage is \"1\": it must be another stage than stage"},
		"no stage":               {map[string]any{"stage": nil}, "stagecraft:stage is not set: set it to a whole number with `pulumi config set stage VALUE`"},
		"a stage in words":       {map[string]any{"stage": "one"}, `stagecraft:stage is "one": it must be a whole number`},
		"no e-mail":              {map[string]any{"alarmEmail": nil}, "stagecraft:alarmEmail is not set"},
		"no address":             {map[string]any{"alarmEmail": "platform"}, `stagecraft:alarmEmail is "platform": it must be an e-mail address`},
		"no budget":              {map[string]any{"monthlyBudgetUsd": nil}, "stagecraft:monthlyBudgetUsd is not set"},
		"a budget of nothing":    {map[string]any{"monthlyBudgetUsd": 0}, `stagecraft:monthlyBudgetUsd is "0": it must be a whole number from 1`},
		"a network too small":    {map[string]any{"networkCidr": "10.0.0.0/24"}, `stagecraft:networkCidr is "10.0.0.0/24": it must be a private IPv4 range from /16 to /22`},
		"a network too large":    {map[string]any{"networkCidr": "10.0.0.0/8"}, "stagecraft:networkCidr is"},
		"a public network":       {map[string]any{"networkCidr": "8.8.0.0/16"}, "stagecraft:networkCidr is"},
		"host bits":              {map[string]any{"networkCidr": "10.0.0.1/16"}, "stagecraft:networkCidr is"},
		"no range at all":        {map[string]any{"networkCidr": "ten"}, "stagecraft:networkCidr is"},
		"one zone":               {map[string]any{"availabilityZones": 1}, `stagecraft:availabilityZones is "1": it must be a whole number from 2 to 4`},
		"no backups":             {map[string]any{"databaseBackupRetentionDays": 0}, `stagecraft:databaseBackupRetentionDays is "0": it must be 1 to 35`},
		"backups for too long":   {map[string]any{"databaseBackupRetentionDays": 36}, "from 0 to 35"},
		"no room to grow":        {map[string]any{"databaseStorageGiB": 100}, `stagecraft:databaseMaxStorageGiB is "100": it must be at least a tenth above`},
		"another's key":          {map[string]any{"encryptionKey": "alias/ours"}, "stagecraft:encryptionKey is"},
		"a cache of Intel":       {map[string]any{"cacheNodeType": "cache.m5.large"}, "stagecraft:cacheNodeType is"},
		"long snapshots":         {map[string]any{"cacheSnapshotDays": 36}, "stagecraft:cacheSnapshotDays is"},
		"an old engine":          {map[string]any{"databaseEngineVersion": "9.6"}, "stagecraft:databaseEngineVersion is"},
		"an Intel instance":      {map[string]any{"webInstanceType": "t3.small"}, `stagecraft:webInstanceType is "t3.small": it must be an EC2 instance type with Graviton`},
		"a bare-metal instance":  {map[string]any{"webInstanceType": "m7g.metal"}, `stagecraft:webInstanceType is "m7g.metal"`},
		"a volume too small":     {map[string]any{"webVolumeGiB": 7}, "from 8 to 16384"},
		"an odd retention":       {map[string]any{"logRetentionDays": 31}, `stagecraft:logRetentionDays is "31": it must be one of 1 3 5 7`},
		"no boolean":             {map[string]any{"ephemeral": "maybe"}, `stagecraft:ephemeral is "maybe": it must be true or false`},
		"singletons of nobody":   {map[string]any{"accountSingletons": "none"}, "it must be owned or found"},
		"half a repository":      {map[string]any{"repository": "service"}, `stagecraft:repository is "service": it must be a repository`},
		"a branch with a space":  {map[string]any{"repositoryBranch": "my main"}, "it must be a branch's name"},
		"a provider unknown":     {map[string]any{"repositoryProvider": "SourceForge"}, "GitHub or Bitbucket or GitLab or AzureDevOps"},
		"no connection's ARN":    {map[string]any{"repositoryConnection": "mine"}, "the ARN of a CodeConnections connection, or empty"},
		"a function's folder":    {map[string]any{"functionArchive": "bin"}, `stagecraft:functionArchive is "bin": it must be the path of a zip file, or empty`},
		"a negative reserve":     {map[string]any{"functionReservedConcurrency": -1}, "from 0 to 1000000"},
		"more than the reserve":  {map[string]any{"functionReservedConcurrency": 4, "functionProvisionedConcurrency": 5}, `stagecraft:functionProvisionedConcurrency is "5": it must be no more than functionReservedConcurrency`},
		"an unknown plan":        {map[string]any{"guardDutyPlans": []any{"S3"}}, "stagecraft:guardDutyPlans is"},
		"no list of plans":       {map[string]any{"guardDutyPlans": "S3_DATA_EVENTS"}, "it must be a list of some of S3_DATA_EVENTS"},
		"a severity beyond":      {map[string]any{"findingSeverity": 10}, "from 1 to 9"},
		"audit logs for no time": {map[string]any{"auditLogRetentionDays": 0}, "from 1 to 3653"},
		"more than the budget":   {map[string]any{"tierBudgetPercent": 101}, "from 1 to 100"},
		"an anomaly of nothing":  {map[string]any{"anomalyUsd": 0}, "from 1 to 1000000000"},
		"a monitor that is none": {map[string]any{"anomalyMonitorArn": "monitor"}, "the ARN of a Cost Explorer anomaly monitor, or empty"},
		"a domain without zone":  {map[string]any{"domain": "www.example.com"}, "set together with hostedZone"},
		"a zone without domain":  {map[string]any{"hostedZone": "example.com"}, "set together with hostedZone"},
		"a domain elsewhere":     {map[string]any{"domain": "www.example.org", "hostedZone": "example.com"}, `a name in the hosted zone "example.com"`},
		"a long domain": {
			map[string]any{"domain": strings.Repeat("a", 49) + ".example.com", "hostedZone": "example.com"}, "of 60 characters at most",
		},
		"no directory":           {map[string]any{"frontendDirectory": "a\nb"}, "stagecraft:frontendDirectory is"},
		"a price class unknown":  {map[string]any{"priceClass": "cheap"}, "PriceClass_100 or PriceClass_200 or PriceClass_All"},
		"a shield unknown":       {map[string]any{"originShield": "eu-north-1"}, "a region that offers Origin Shield"},
		"a rate of nothing":      {map[string]any{"wafRateLimit": 9}, "from 10 to 2000000000"},
		"an origin secret":       {map[string]any{"originSecretVersion": 0}, "stagecraft:originSecretVersion is"},
		"a domain that is none":  {map[string]any{"domain": "www_example", "hostedZone": "example.com"}, "a host name in lower case"},
		"our own tag":            {map[string]any{"tags": map[string]any{"Stack": "mine"}}, `stagecraft:tags is "Stack"`},
		"AWS's own tag":          {map[string]any{"tags": map[string]any{"aws:mine": "x"}}, `stagecraft:tags is "aws:mine"`},
		"a tag key with a space": {map[string]any{"tags": map[string]any{"Cost Center": "42"}}, `stagecraft:tags is "Cost Center=42"`},
		"a tag value too long":   {map[string]any{"tags": map[string]any{"Note": strings.Repeat("x", 257)}}, "stagecraft:tags is"},
		"a tag that is no text":  {map[string]any{"tags": map[string]any{"Note": []any{1}}}, "a map from tag keys to tag values"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := read(t, test.changes, "stage1")
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestReadNamesEveryProblem(t *testing.T) {
	t.Parallel()
	_, err := read(t, map[string]any{"alarmEmail": nil, "monthlyBudgetUsd": -1, "webVolumeGiB": 1}, "stage1")
	for _, key := range []string{"alarmEmail", "monthlyBudgetUsd", "webVolumeGiB"} {
		require.ErrorContains(t, err, "stagecraft:"+key)
	}
}

func TestReadRejectsStackNames(t *testing.T) {
	t.Parallel()
	for _, stack := range []string{"Stage1", "stage_1", "1stage", "stage--1", "stage1-", strings.Repeat("s", 41)} {
		_, err := read(t, nil, stack)
		require.ErrorContains(t, err, "the stack's name is", stack)
	}
}

func TestReadRejectsProjectNames(t *testing.T) {
	t.Parallel()
	configured := configuration(t, nil)
	read := func(project string) error {
		_, err := pulumitest.Run(func(ctx *pulumi.Context) error {
			_, err := settings.Read(ctx)
			return err
		}, nil, nil, func(info *pulumi.RunInfo) {
			info.Project, info.Config = project, map[string]string{}
			for key, value := range configured {
				info.Config[strings.Replace(key, "stagecraft:", project+":", 1)] = value
			}
		})
		return err
	}
	require.NoError(t, read(strings.Repeat("p", 20)))
	for project, want := range map[string]string{
		"Stagecraft":            "lower-case letters",
		"stage_craft":           "lower-case letters",
		"1stage":                "a letter first",
		strings.Repeat("p", 21): "it must be 20 characters at most (a pipeline's name, of 100",
		"aws-service":           "names of Systems Manager parameters must not begin with aws or ssm. Change name in Pulumi.yaml",
		"ssmservice":            "names of Systems Manager parameters must not begin with aws or ssm. Change name in Pulumi.yaml",
	} {
		err := read(project)
		require.ErrorContains(t, err, "the project's name is "+strconv.Quote(project))
		require.ErrorContains(t, err, want)
	}
}

// TestEverySettingIsRead guards against a key in Pulumi.yaml that nothing reads: a nonsense value of any key is rejected.
func TestEverySettingIsRead(t *testing.T) {
	t.Parallel()
	keys := slices.Sorted(maps.Keys(configuration(t, nil)))
	require.NotEmpty(t, keys)
	for _, key := range keys {
		_, err := read(t, map[string]any{strings.TrimPrefix(key, "stagecraft:"): "!"}, "stage1")
		require.ErrorContains(t, err, key[strings.Index(key, ":")+1:])
	}
}
