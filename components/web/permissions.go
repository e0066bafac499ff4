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
	statements = append(statements, args.Public.certificateStatements()...)
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

// certificateStatements allow the public instance to prove its name to Let's Encrypt, by one record and no other (Amazon
// Route 53 Developer Guide, "Using IAM policy conditions for fine-grained access control"). The first two actions
// are what certbot-dns-route53 needs beside; they support no zone.
func (p *Public) certificateStatements() []role.Statement {
	if p == nil || p.Domain == "" {
		return nil
	}
	return []role.Statement{{
		Actions: []string{"route53:GetChange", "route53:ListHostedZones"}, Resources: pulumi.ToStringArray([]string{"*"}),
	}, {
		Actions:   []string{"route53:ChangeResourceRecordSets"},
		Resources: pulumi.ToStringArray([]string{"arn:aws:route53:::hostedzone/" + p.HostedZoneID}),
		Condition: map[string]map[string]string{"ForAllValues:StringEquals": {
			"route53:ChangeResourceRecordSetsNormalizedRecordNames": "_acme-challenge." + p.Domain,
			"route53:ChangeResourceRecordSetsRecordTypes":           "TXT",
		}},
	}}
}
