// Package optional turns an argument that may be nil into an input that a resource may lack.
package optional

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// String returns value as an optional input: nil, which leaves the input out, if value is nil.
func String(value pulumi.StringInput) pulumi.StringPtrInput {
	if value == nil {
		return nil
	}
	return value.ToStringOutput().ToStringPtrOutput()
}
