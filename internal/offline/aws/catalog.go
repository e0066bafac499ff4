// Package aws declares the AWS resource types of the offline cloud, service by service, and serves them as a Pulumi
// provider. Where a text names a "CloudFormation resource schema", the fact is in that type's createOnlyProperties,
// required or definitions; "SDK doc" is the comment in pulumi-aws v6.83.2.
package aws

import (
	"slices"

	"stagecraft/internal/offline/cloud"
	"stagecraft/internal/offline/store"
)

// Account is the simulated account: AWS documentation's own example number.
const Account = "123456789012"

// New makes the offline cloud of the simulated account, kept in a store. Faults may be nil.
func New(kept *store.Store, faults *cloud.Faults) *cloud.Cloud {
	return cloud.New(Account, zones(), types(), kept, faults)
}

func types() []cloud.Type {
	return slices.Concat(ec2Types())
}
