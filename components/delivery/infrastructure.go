package delivery

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/role"
)

// newInfrastructurePipeline creates the pipeline that previews the stack with the policy pack, waits for an approval,
// and updates the stack.
func (d *Delivery) newInfrastructurePipeline(ctx *pulumi.Context) error {
	if d.args.Infrastructure == nil {
		return nil
	}
	preview, err := d.newBuild(ctx, build{
		name:        "preview",
		description: "Previews the stack, and may change nothing",
		buildspec:   infrastructureBuildspec,
		computeType: mediumBuild,
		variables:   d.pulumiVariables(ctx, "preview", ""),
		managed:     []iam.ManagedPolicy{iam.ManagedPolicySecurityAudit},
		statements:  d.previewStatements(),
	})
	if err != nil {
		return err
	}
	apply, err := d.newBuild(ctx, build{
		name:        "apply",
		description: "Updates the stack, as the deploy role",
		buildspec:   infrastructureBuildspec,
		computeType: mediumBuild,
		variables:   d.pulumiVariables(ctx, "up", d.args.Infrastructure.DeployRoleArn),
		statements: []role.Statement{{
			Actions:   []string{"sts:AssumeRole"},
			Resources: pulumi.ToStringArray([]string{d.args.Infrastructure.DeployRoleArn}),
		}},
	})
	if err != nil {
		return err
	}
	history := pulumi.Sprintf("https://%s.console.aws.amazon.com/codesuite/codebuild/projects/%s/history?region=%s",
		d.args.Region, preview.Name, d.args.Region)
	d.InfrastructureURL, err = d.newPipeline(ctx, pipeline{
		name:    "infrastructure",
		changes: d.infrastructureChanges(),
		stages: []stage{
			d.source(),
			{"Preview", []action{run("Preview", "Test", preview)}},
			d.approval("Apply what the newest preview shows?", history),
			{"Apply", []action{run("Apply", "Build", apply)}},
		},
		statements: []role.Statement{buildStatement(preview, apply), d.approvalStatement()},
	})
	return err
}

// infrastructureChanges returns the files whose changes start the pipeline: all but the service and the documentation.
// Where Pulumi publishes the page in app/web, it is not part of the service.
func (d *Delivery) infrastructureChanges() []paths {
	changes := []paths{{excludes: []string{"app/**", "docs/**"}}}
	if d.args.Frontend {
		changes = append(changes, paths{includes: []string{"app/web/**"}})
	}
	return changes
}

const infrastructureBuildspec = "delivery/buildspec-infrastructure.yml"

// pulumiVariables returns the variables by which the buildspec runs a Pulumi command, as a role if one is given.
func (d *Delivery) pulumiVariables(ctx *pulumi.Context, command, roleArn string) map[string]pulumi.StringInput {
	variables := map[string]pulumi.StringInput{
		"PULUMI_COMMAND": pulumi.String(command),
		"PULUMI_STACK":   pulumi.String(ctx.Stack()),
		"PULUMI_BACKEND_URL": pulumi.Sprintf("s3://%s?region=%s",
			d.args.Infrastructure.StateBucket, d.args.Region),
	}
	if roleArn != "" {
		variables["DEPLOY_ROLE_ARN"] = pulumi.String(roleArn)
	}
	return variables
}

// previewStatements allows Pulumi to read the state and its secrets, and what the program looks up: the parameter with
// the newest AMI, CloudFront's addresses, quotas, a text for a new secret. The managed policy SecurityAudit beside it
// allows to read configuration, and no data. A preview takes no lock and writes no state.
func (d *Delivery) previewStatements() []role.Statement {
	state := "arn:aws:s3:::" + d.args.Infrastructure.StateBucket
	return []role.Statement{{
		Actions:   []string{"s3:GetObject", "s3:ListBucket"},
		Resources: pulumi.ToStringArray([]string{state, state + "/*"}),
	}, {
		Actions:   []string{"kms:Decrypt", "kms:DescribeKey"},
		Resources: pulumi.StringArray{pulumi.Sprintf("arn:aws:kms:%s:%s:key/*", d.args.Region, d.args.AccountID)},
		Condition: map[string]map[string]string{
			"ForAnyValue:StringEquals": {"kms:ResourceAliases": d.args.Infrastructure.SecretsKeyAlias},
		},
	}, {
		Actions:   []string{"ssm:GetParameter"},
		Resources: pulumi.StringArray{pulumi.Sprintf("arn:aws:ssm:%s::parameter/aws/service/*", d.args.Region)},
	}, {
		Actions:   []string{"ec2:GetManagedPrefixListEntries"},
		Resources: pulumi.StringArray{pulumi.Sprintf("arn:aws:ec2:%s:aws:prefix-list/*", d.args.Region)},
	}, {
		// They take no resource: a random text that is not stored, and the account's quotas.
		Actions:   []string{"secretsmanager:GetRandomPassword", "servicequotas:GetServiceQuota"},
		Resources: pulumi.ToStringArray([]string{"*"}),
	}}
}
