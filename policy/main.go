// Command policy is the policy pack: pulumi preview --policy-pack policy.
package main

import (
	"fmt"
	"os"

	"stagecraft/policy/pack"
	"stagecraft/policy/rules"
)

func main() {
	if err := pack.Main(rules.All()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
