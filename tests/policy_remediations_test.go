package tests

import (
	"encoding/json"
	"maps"
	"testing"

	"github.com/stretchr/testify/require"
)

// remediations checks that enabled remediations change what a careless program deploys.
func (f foreign) remediations(t *testing.T) {
	t.Helper()
	const (
		logGroup = "aws:cloudwatch/logGroup:LogGroup"
		instance = "aws:ec2/instance:Instance"
	)
	type properties = map[string]any
	careless := f.stack(t)
	deploy := func(config map[string]any, wanted map[string]properties) {
		output, err := careless.runWithPolicies("up", tools.Policy, config, "FOREIGN=careless")
		require.NoError(t, err, output)
		for token, want := range wanted {
			var found properties
			require.NoError(t, json.Unmarshal(careless.one(token).Inputs, &found))
			for name, value := range want {
				require.Equal(t, value, found[name], "%s of %s", name, token)
			}
		}
	}

	advisory := map[string]any{"all": "advisory"}
	deploy(advisory, map[string]properties{
		logGroup: {"retentionInDays": nil, "tags": nil},
		instance: {
			"metadataOptions": properties{"httpTokens": "optional"},
			"rootBlockDevice": properties{"volumeType": "gp2", "volumeSize": 20.0},
			"tags":            nil,
		},
	})
	enabled := maps.Clone(advisory)
	for _, rule := range []string{
		"cloudwatch-log-groups-have-retention", "ec2-imds-v2", "ec2-root-volume-gp3", "resources-tagged",
	} {
		enabled["fix-"+rule] = map[string]any{"enabled": true}
	}
	tags := properties{"Project": "foreign", "Stack": "dev"}
	deploy(enabled, map[string]properties{
		logGroup: {"retentionInDays": 365.0, "tags": tags},
		instance: {
			"metadataOptions": properties{"httpTokens": "required"},
			"rootBlockDevice": properties{"volumeType": "gp3", "volumeSize": 20.0},
			"tags":            tags,
		},
	})
}
