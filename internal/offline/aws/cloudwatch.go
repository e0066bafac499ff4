package aws

import (
	"slices"

	"stagecraft/internal/offline/cloud"
)

// cloudwatchTypes returns the types of CloudWatch, CloudWatch Logs and EventBridge, which the SDK has in one module.
func cloudwatchTypes() []cloud.Type {
	return slices.Concat(alarmTypes(), logTypes(), eventTypes())
}
