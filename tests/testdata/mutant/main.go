// Command mutant is the project's program with one property of every resource of a type changed, as MUTANT_TYPE,
// MUTANT_PROPERTY and MUTANT_VALUE say, the last in JSON.
package main

import (
	"context"
	"encoding/json"
	"os"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/internal/deploy"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		var value any
		if err := json.Unmarshal([]byte(os.Getenv("MUTANT_VALUE")), &value); err != nil {
			return err
		}
		err := ctx.RegisterResourceTransform(func(_ context.Context, args *pulumi.ResourceTransformArgs) *pulumi.ResourceTransformResult {
			if args.Type != os.Getenv("MUTANT_TYPE") {
				return nil
			}
			args.Props[os.Getenv("MUTANT_PROPERTY")] = pulumi.ToOutput(value)
			return &pulumi.ResourceTransformResult{Props: args.Props, Opts: args.Opts}
		})
		if err != nil {
			return err
		}
		return deploy.Program(ctx)
	})
}
