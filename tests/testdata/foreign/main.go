// Command foreign is programs as newcomers write them, who have never heard of this project or its rules: one is run, as
// FOREIGN says.
package main

import (
	"os"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() {
	pulumi.Run(map[string]pulumi.RunFunc{
		"careless":  careless,
		"databases": databases,
		"fargate":   fargate,
		"jobs":      jobs,
		"site":      site,
		"webserver": webserver,
	}[os.Getenv("FOREIGN")])
}
