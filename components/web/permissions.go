package web

import (
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/role"
)

// newInstanceProfile creates the instances' role: Systems Manager manages them, the CloudWatch agent reports, and the
// application reads the database's secret and does what Permissions allow. AmazonSSMManagedInstanceCore also covers
// reading the agent's configuration.
func newInstanceProfile(
	ctx *pulumi.Context, name string, args *Args, parent pulumi.ResourceOption,
) (*iam.InstanceProfile, *role.Role, error) {
	var statements []role.Statement
	if args.DatabaseSecretArn != nil {
		statements = append(statements, role.Statement{
			Actions: []string{"secretsmanager:GetSecretValue"}, Resources: pulumi.StringArray{args.DatabaseSecretArn},
		})
	}
	permissions, err := role.New(ctx, name, &role.Args{
		Service:     "ec2.amazonaws.com",
		Description: "Web servers: managed by Systems Manager, observed by CloudWatch, reading the database's secret",
		ManagedPolicies: []iam.ManagedPolicy{
			iam.ManagedPolicyAmazonSSMManagedInstanceCore,
			iam.ManagedPolicyCloudWatchAgentServerPolicy,
		},
		Statements: slices.Concat(statements, args.Permissions),
		Tags:       args.Tags,
	}, parent)
	if err != nil {
		return nil, nil, err
	}
	profile, err := iam.NewInstanceProfile(ctx, name, &iam.InstanceProfileArgs{
		Role: permissions.Name,
		Tags: args.Tags,
	}, parent)
	return profile, permissions, err
}
