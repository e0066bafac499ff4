package systemsmanager

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Limits of a session, in minutes (AWS Systems Manager User Guide, "Session document schema").
const (
	idleMinutes    = "20"
	longestMinutes = "240"
)

// newSession creates the document for sessions whose every line is logged. AWS's own document logs nothing, and its
// preferences belong to the whole account and region. The instance's role writes the log, through the managed policy
// CloudWatchAgentServerPolicy.
func (f *ManagedNodes) newSession(ctx *pulumi.Context, name string, args *Args, parent pulumi.ResourceOption) error {
	logs, err := cloudwatch.NewLogGroup(ctx, name+"-sessions", &cloudwatch.LogGroupArgs{
		NamePrefix:      pulumi.Sprintf("/%s/%s/%s/sessions-", ctx.Project(), ctx.Stack(), name),
		RetentionInDays: pulumi.Int(args.LogRetentionDays),
		KmsKeyId:        args.KmsKeyArn,
		Tags:            args.Tags,
	}, parent)
	if err != nil {
		return err
	}
	document, err := ssm.NewDocument(ctx, name+"-session", &ssm.DocumentArgs{
		Name:         pulumi.Sprintf("%s-%s-session", ctx.Project(), ctx.Stack()),
		DocumentType: pulumi.String("Session"),
		Content: pulumi.JSONMarshal(pulumi.Map{
			"schemaVersion": pulumi.String("1.0"),
			"description":   pulumi.String("A shell whose every line is logged"),
			"sessionType":   pulumi.String("Standard_Stream"),
			"inputs": pulumi.Map{
				"cloudWatchLogGroupName": logs.Name,
				// Session Manager would require a customer key on the log group; CloudWatch Logs encrypts it in any case.
				"cloudWatchEncryptionEnabled": pulumi.Bool(false),
				"cloudWatchStreamingEnabled":  pulumi.Bool(true),
				"idleSessionTimeout":          pulumi.String(idleMinutes),
				"maxSessionDuration":          pulumi.String(longestMinutes),
				"runAsEnabled":                pulumi.Bool(false),
			},
		}),
		Tags: args.Tags,
	}, parent)
	if err != nil {
		return err
	}
	f.SessionDocument = document.Name
	return nil
}
