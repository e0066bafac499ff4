package tests

import (
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/offline/cloud"
)

const (
	attachmentType   = "aws:lb/targetGroupAttachment:TargetGroupAttachment"
	distributionType = "aws:cloudfront/distribution:Distribution"
	ecsServiceType   = "aws:ecs/service:Service"
	instanceType     = "aws:ec2/instance:Instance"
	scalingGroupType = "aws:autoscaling/group:Group"
)

// TestGate grows stacks to what does not serve: the update fails each time that it is tried, users are served all the
// while, and an update finishes the growth once it serves.
func TestGate(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ from, to, behavior, want string }{
		"servers": {
			"1", "2", cloud.UnhealthyVariable + "=" + attachmentType, "0 of 1 targets are healthy",
		},
		"group": {
			"3", "4", cloud.UnhealthyVariable + "=" + scalingGroupType, "0 of 3 targets are healthy",
		},
		"distribution": {
			"3", "4", cloud.UnhealthyVariable + "=" + distributionType, "is InProgress",
		},
		"service": {
			"4", "5", cloud.UnhealthyVariable + "=" + ecsServiceType, "ECS rolled the deployment back",
		},
		"placeholder in the place of a service": {
			"4", "5", cloud.ReleasedVariable + "=" + instanceType, "nothing was released to the service",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grown := growing(t, test.from)
			before := grown.data()
			grown.set("stage", test.to)
			for range 2 { // a failed wait must not pass by an update without changes
				watched := grown.probe(interruption{behavior: test.behavior})
				require.Error(t, watched.failed, watched.output)
				require.Contains(t, watched.output, test.want)
				require.Empty(t, watched.breaks)
			}
			require.Subset(t, grown.data(), before)
			grown.grow(test.to)
		})
	}
}

// TestReleasedGrowth grows a stack whose application is released everywhere: every path answers as well as before.
func TestReleasedGrowth(t *testing.T) {
	t.Parallel()
	grown := growing(t, "3")
	for _, to := range []string{"4", "5"} {
		grown.set("stage", to)
		watched := grown.probe(interruption{behavior: cloud.ReleasedVariable + "=" + instanceType + "," + ecsServiceType})
		require.NoError(t, watched.failed, watched.output)
		require.Empty(t, watched.breaks)
	}
}
