// Command policy is a policy pack of one rule: a database must have a standby.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"
)

func main() {
	if err := policyx.Main(pack); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func pack(*pulumi.Context) (policyx.PolicyPack, error) {
	standby := policyx.NewResourceValidationPolicy("standby", policyx.ResourceValidationPolicyArgs{
		Description:      "A database must have a standby",
		EnforcementLevel: policyx.EnforcementLevelMandatory,
		ValidateResource: func(_ context.Context, args policyx.ResourceValidationArgs) error {
			multiAZ := args.Resource.Properties.Get("multiAz")
			if args.Resource.Type == "aws:rds/instance:Instance" && !(multiAZ.IsBool() && multiAZ.AsBool()) {
				args.Manager.ReportViolation("the database has no standby", args.Resource.URN)
			}
			return nil
		},
	})
	return policyx.NewPolicyPack("test", semver.MustParse("1.0.0"), policyx.EnforcementLevelMandatory, []policyx.Policy{standby})
}
