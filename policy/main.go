// Command policy is the policy pack: pulumi preview --policy-pack policy.
package main

import (
	"fmt"
	"os"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"stagecraft/policy/pack"
	"stagecraft/policy/rules"
)

func main() {
	if err := policyx.Main(pack.Of(rules.All())); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
