package aws

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestZoneIDs(t *testing.T) {
	t.Parallel()
	for zone, id := range map[string]string{
		"eu-west-1a": "euw1-az1", "us-east-1f": "use1-az6", "ap-southeast-2c": "apse2-az3", "ap-northeast-1d": "apne1-az4",
		"ca-central-1b": "cac1-az2", "ap-south-1a": "aps1-az1", "sa-east-1c": "sae1-az3",
	} {
		require.Equal(t, id, zoneID(zone))
		require.Equal(t, zone, zoneWithID(zone[:len(zone)-1], id))
	}
}

// TestEveryRegion checks the form of the facts about each region.
func TestEveryRegion(t *testing.T) {
	t.Parallel()
	for region, known := range locations {
		require.Regexp(t, `^\d{12}$`, known.elbAccount, region)
		require.Regexp(t, `^Z[A-Z0-9]+$`, known.elbZone, region)
		require.Regexp(t, `^Z[A-Z0-9]+$`, known.s3Zone, region)
		require.GreaterOrEqual(t, len(known.letters), 2, region)
	}
}
