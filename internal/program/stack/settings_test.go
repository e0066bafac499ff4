package stack_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/pulumitest"
)

// setting is another value of a setting, and what goes with it.
type setting struct {
	stage, value string
	with         map[string]string
}

// settings has another value for each key of Pulumi.yaml but those of the stage, at a stage where it matters.
var settings = map[string]setting{
	"accountSingletons":              {"1", "found", nil},
	"activateCostTags":               {"1", "true", nil},
	"alarmEmail":                     {"1", "operations@example.com", nil},
	"anomalyMonitorArn":              {"1", "arn:aws:ce::123456789012:anomalymonitor/1b3c4d5e-1111-2222-3333-444455556666", nil},
	"anomalyUsd":                     {"1", "77", nil},
	"auditLogRetentionDays":          {"1", "400", nil},
	"availabilityZones":              {"4", "2", nil},
	"cacheNodeType":                  {"4", "cache.m7g.large", nil},
	"cacheSnapshotDays":              {"4", "9", nil},
	"databaseApplyImmediately":       {"2", "false", nil},
	"databaseBackupRetentionDays":    {"1", "21", nil},
	"databaseEngineVersion":          {"1", "16", nil},
	"databaseInstanceClass":          {"3", "db.m7g.large", nil},
	"databaseMaxConnections":         {"1", "300", nil},
	"databaseMaxStorageGiB":          {"1", "500", nil},
	"databaseReplicaClass":           {"3", "db.m7g.large", nil},
	"databaseStorageGiB":             {"1", "40", nil},
	"domain":                         {"4", "www.example.com", map[string]string{"hostedZone": "example.com"}},
	"encryptionKey":                  {"5", "customer", nil},
	"ephemeral":                      {"5", "true", nil},
	"findingSeverity":                {"1", "7", nil},
	"frontendDirectory":              {"4", "internal/program/stack/testdata/site", nil},
	"functionArchive":                {"5", "components/functions/placeholder.zip", nil},
	"functionProvisionedConcurrency": {"5", "3", nil},
	"functionReservedConcurrency":    {"5", "30", nil},
	"guardDutyPlans":                 {"1", `["S3_DATA_EVENTS"]`, nil},
	"infrastructurePipeline":         {"1", "false", nil},
	"logRetentionDays":               {"5", "90", nil},
	"monthlyBudgetUsd":               {"1", "250", nil},
	"networkCidr":                    {"1", "10.9.0.0/16", nil},
	"originSecretVersion":            {"5", "2", nil},
	"originShield":                   {"4", "eu-west-1", nil},
	"priceClass":                     {"4", "PriceClass_All", nil},
	"readinessPath":                  {"2", "/api/health", nil},
	"releaseApproval":                {"1", "false", nil},
	"repository":                     {"1", "acme/shop", nil},
	"repositoryBranch":               {"1", "production", nil},
	"repositoryConnection": {
		"1", "arn:aws:codeconnections:eu-west-1:123456789012:connection/1b3c4d5e-1111-2222-3333-444455556666", nil,
	},
	"repositoryProvider":  {"1", "GitLab", nil},
	"services":            {"5", `[{"name": "orders", "paths": ["/api/orders*", "/api/users/ready"]}]`, nil},
	"singleNatGateway":    {"4", "true", nil},
	"tags":                {"1", `{"CostCenter":"43"}`, nil},
	"tierBudgetPercent":   {"1", "33", nil},
	"wafRateLimit":        {"5", "900", nil},
	"webFloor":            {"4", `{"instances":6,"begin":"0 7 * * *","end":"0 19 * * *","timeZone":"Europe/Berlin"}`, nil},
	"webInstanceType":     {"2", "m7g.large", nil},
	"webMaxInstances":     {"4", "12", nil},
	"webMinInstances":     {"4", "4", nil},
	"webTargetCpuPercent": {"4", "66", nil},
	"webTargetRequests":   {"4", "1234", nil},
	"webVolumeGiB":        {"2", "44", nil},
}

// elsewhere are settings whose effect another test shows, by the test.
var elsewhere = map[string]string{
	"stage": "TestInputs", "keepStage": "TestInputs", "hostedZone": "with domain",
}

// TestEverySettingArrives changes each setting of Pulumi.yaml and holds the inputs that change, and no others, against
// testdata/settings.json, from which docs/settings.md says what a setting changes. With -update it writes the file.
func TestEverySettingArrives(t *testing.T) {
	t.Parallel()
	type change struct {
		Stage   string   `json:"stage"`
		To      string   `json:"to"`
		Changes []string `json:"changes"`
	}
	recorded := map[string]change{}
	require.ElementsMatch(t, pulumitest.Keys("Pulumi.yaml"), slices.Concat(slices.Collect(maps.Keys(settings)), slices.Collect(maps.Keys(elsewhere))))
	before := map[string]pulumitest.Resources{}
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		setting := settings[key]
		if before[setting.stage] == nil {
			resources, err := runWithNetwork(stageOf(setting.stage))
			require.NoError(t, err)
			before[setting.stage] = resources
		}
		changed := merged(stageOf(setting.stage), map[string]string{"stagecraft:" + key: setting.value})
		for other, value := range setting.with {
			changed["stagecraft:"+other] = value
		}
		after, err := runWithNetwork(changed)
		require.NoError(t, err, key)
		var inputs []string
		for resource, properties := range pulumitest.Changes(before[setting.stage], after) {
			token, name, _ := strings.Cut(resource, " ")
			for property := range properties {
				inputs = append(inputs, fmt.Sprintf("%s.%s %s", token, property, name))
			}
		}
		inputs = append(inputs, changedOptions(before[setting.stage], after)...)
		require.NotEmpty(t, inputs, "nothing depends on %s", key)
		slices.Sort(inputs)
		recorded[key] = change{setting.stage, setting.value, inputs}
	}
	text, err := json.MarshalIndent(recorded, "", " ")
	require.NoError(t, err)
	requireGolden(t, filepath.Join(testdata, "settings.json"), string(text)+"\n")
}

// changedOptions returns the resources that only one run protects or retains.
func changedOptions(before, after pulumitest.Resources) []string {
	type options struct{ protect, retain bool }
	all := map[string]options{}
	for _, resource := range before {
		all[resource.Type+" "+resource.Name] = options{resource.Protect, resource.RetainOnDelete}
	}
	var changed []string
	for _, resource := range after {
		old, existed := all[resource.Type+" "+resource.Name]
		if existed && old != (options{resource.Protect, resource.RetainOnDelete}) {
			changed = append(changed, fmt.Sprintf("%s.(options) %s", resource.Type, resource.Name))
		}
	}
	return changed
}
