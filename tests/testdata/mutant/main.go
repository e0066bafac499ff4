// Command mutant is the project's program with one property of every resource of a type changed, as MUTANT_TYPE,
// MUTANT_PROPERTY and MUTANT_VALUE say, the last in JSON; or, without a property, with every resource of the type left out.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/internal/program/stack"
)

func main() {
	token, property := os.Getenv("MUTANT_TYPE"), os.Getenv("MUTANT_PROPERTY")
	if property != "" {
		pulumi.Run(changed(token, property, os.Getenv("MUTANT_VALUE")))
		return
	}
	if err := leaveOut(token); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	pulumi.Run(stack.Program)
}

// changed is the program with a property changed.
func changed(token, property, encoded string) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		var value any
		if err := json.Unmarshal([]byte(encoded), &value); err != nil {
			return err
		}
		err := ctx.RegisterResourceTransform(func(_ context.Context, args *pulumi.ResourceTransformArgs) *pulumi.ResourceTransformResult {
			if args.Type != token {
				return nil
			}
			args.Props[property] = pulumi.ToOutput(value)
			return &pulumi.ResourceTransformResult{Props: args.Props, Opts: args.Opts}
		})
		if err != nil {
			return err
		}
		return stack.Program(ctx)
	}
}
