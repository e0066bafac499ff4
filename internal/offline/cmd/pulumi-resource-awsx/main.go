// Command pulumi-resource-awsx is the simulated awsx provider of the offline cloud.
package main

import (
	"fmt"
	"os"

	"stagecraft/internal/offline/awsx"
	"stagecraft/internal/offline/backendguard"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	if err := backendguard.Check(); err != nil {
		return err
	}
	return awsx.Serve()
}
