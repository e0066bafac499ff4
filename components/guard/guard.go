// Package guard keeps the safety defaults that exist once in each AWS account and region, and that stacks which share an
// account share.
package guard

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ebs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Args says whose the defaults are.
type Args struct {
	// Owned has this stack set the defaults, and unset them when it is destroyed. Else it finds them, and warns of those
	// that are missing. Default: false.
	Owned bool
}

// Guard is the account's safety defaults in one region.
type Guard struct {
	pulumi.ResourceState
}

// New sets or finds the defaults: new EBS volumes are encrypted (AWS Security Hub control EC2.7). What it does not find
// is a warning and never an error, since this stack could not put it right.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Guard, error) {
	component := &Guard{}
	if err := ctx.RegisterComponentResource("stagecraft:guard:Guard", name, component, opts...); err != nil {
		return nil, err
	}
	var err error
	if args.Owned {
		err = component.setEncryption(ctx, name)
	} else {
		err = component.findEncryption(ctx)
	}
	if err != nil {
		return nil, err
	}
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{})
}

func (g *Guard) setEncryption(ctx *pulumi.Context, name string) error {
	_, err := ebs.NewEncryptionByDefault(ctx, name, &ebs.EncryptionByDefaultArgs{
		Enabled: pulumi.Bool(true),
	}, pulumi.Parent(g))
	return err
}

func (g *Guard) findEncryption(ctx *pulumi.Context) error {
	warn := func(problem string) error {
		return ctx.Log.Warn("EBS encryption by default "+problem+". See to it that the one stack of the account that has "+
			"accountSingletons: owned, or the owner of the account, turns it on in this region.", &pulumi.LogArgs{Resource: g})
	}
	found, err := ebs.LookupEncryptionByDefault(ctx, pulumi.Parent(g))
	switch {
	case err != nil:
		return warn("could not be looked up in this account and region: " + err.Error())
	case !found.Enabled:
		return warn("is off in this account and region: volumes made elsewhere may be unencrypted")
	}
	return nil
}
