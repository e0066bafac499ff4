package awsx

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
)

const (
	pluginName    = "awsx"
	pluginVersion = "2.22.0" // the version of the awsx Go SDK in go.mod, which asks the engine for it
	vpcType       = "awsx:ec2:Vpc"
)

// Serve runs the plugin until the engine closes it. The engine starts the plugin with its own address as the only
// argument. It returns an error when it cannot reach the engine or cannot listen.
func Serve() error {
	return provider.MainWithOptions(provider.Options{Name: pluginName, Version: pluginVersion, Construct: construct})
}

func construct(ctx *pulumi.Context, typ, name string, inputs provider.ConstructInputs,
	opts pulumi.ResourceOption,
) (*provider.ConstructResult, error) {
	// The engine puts the type and the name of the resource before these errors.
	if typ != vpcType {
		return nil, fmt.Errorf("the offline awsx does not simulate %s, only %s; "+
			"build it from aws resources or use the official awsx plugin", typ, vpcType)
	}
	args, err := readVpcArgs(inputs)
	if err != nil {
		return nil, err
	}
	vpc, err := newVpc(ctx, name, args, opts)
	if err != nil {
		return nil, err
	}
	return provider.NewConstructResult(vpc)
}
