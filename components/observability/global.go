package observability

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Global is the region us-east-1, where AWS keeps, and from where it reports, what is of no region.
type Global struct {
	// AlarmTopicArn is an SNS topic in us-east-1. Required.
	AlarmTopicArn pulumi.StringInput
	// Provider is AWS in us-east-1. Default: nil, the stack is there itself.
	Provider pulumi.ProviderResource
}

// There gives the options by which a resource is made in us-east-1.
func (g Global) There(opts ...pulumi.ResourceOption) []pulumi.ResourceOption {
	if g.Provider == nil {
		return opts
	}
	return append(slices.Clone(opts), pulumi.Provider(g.Provider))
}
