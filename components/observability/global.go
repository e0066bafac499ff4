package observability

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// GlobalRegion is us-east-1, the region of global resources and their metrics.
type GlobalRegion struct {
	// AlarmTopicArn is an SNS topic in us-east-1. Required.
	AlarmTopicArn pulumi.StringInput
	// Provider is a provider for us-east-1. Default: nil, the stack is in that region itself.
	Provider pulumi.ProviderResource
}

// Options returns the options that create a resource in us-east-1.
func (g GlobalRegion) Options(opts ...pulumi.ResourceOption) []pulumi.ResourceOption {
	if g.Provider == nil {
		return opts
	}
	return append(slices.Clone(opts), pulumi.Provider(g.Provider))
}
