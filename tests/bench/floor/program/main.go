// Command program declares resources of which nothing is known: what the engine itself costs.
package main

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		for i := range config.RequireInt(ctx, "resources") {
			var resource pulumi.CustomResourceState
			err := ctx.RegisterResource("aws:floor:Resource", fmt.Sprint("resource-", i), pulumi.Map{}, &resource)
			if err != nil {
				return err
			}
		}
		return nil
	})
}
