// Command stagecraft is the Pulumi program: a web service on AWS at one of its stages of growth.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/internal/program/stack"
)

func main() { pulumi.Run(stack.Program) }
