// Command pulumi-resource-aws is the simulated aws provider of the offline cloud.
package main

import (
	"fmt"
	"os"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"stagecraft/internal/offline/aws"
	"stagecraft/internal/offline/backendguard"
	"stagecraft/internal/offline/cloud"
	"stagecraft/internal/offline/store"
)

func main() {
	if err := provider.Main("aws", serve); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(host *provider.HostClient) (pulumirpc.ResourceProviderServer, error) {
	backend, err := backendguard.Backend()
	if err != nil {
		return nil, err
	}
	faults, err := cloud.FaultsFromEnvironment()
	if err != nil {
		return nil, err
	}
	return aws.Serve(host, aws.New(store.Open(backend), faults)), nil
}
