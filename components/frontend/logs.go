package frontend

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// newAccessLogs creates the delivery of access logs to CloudWatch Logs, which accepts them in us-east-1 only (Amazon
// CloudFront Developer Guide, "Configure standard logging (v2)"). With the prefix of the log group's name one statement
// of CloudWatch Logs' resource policy, which is limited in size, allows all such services to deliver (Amazon CloudWatch
// Logs User Guide, "Logs sent to CloudWatch Logs").
func (f *Frontend) newAccessLogs(ctx *pulumi.Context) error {
	options := f.args.Global.Options(f.parent)
	group := &cloudwatch.LogGroupArgs{
		NamePrefix:      pulumi.Sprintf("/aws/vendedlogs/cloudfront/%s-%s-%s-", ctx.Project(), ctx.Stack(), f.name),
		RetentionInDays: pulumi.Int(f.args.LogRetentionDays),
		Tags:            f.args.Tags,
	}
	if f.args.Global.Provider == nil { // a key belongs to one region, here us-east-1
		group.KmsKeyId = f.args.KmsKeyArn
	}
	logs, err := cloudwatch.NewLogGroup(ctx, f.name+"-access", group, options...)
	if err != nil {
		return err
	}
	source, err := cloudwatch.NewLogDeliverySource(ctx, f.name, &cloudwatch.LogDeliverySourceArgs{
		LogType:     pulumi.String("ACCESS_LOGS"),
		ResourceArn: f.DistributionArn,
		Tags:        f.args.Tags,
	}, options...)
	if err != nil {
		return err
	}
	destination, err := cloudwatch.NewLogDeliveryDestination(ctx, f.name, &cloudwatch.LogDeliveryDestinationArgs{
		DeliveryDestinationConfiguration: cloudwatch.LogDeliveryDestinationDeliveryDestinationConfigurationArgs{
			DestinationResourceArn: logs.Arn,
		},
		OutputFormat: pulumi.String("json"),
		Tags:         f.args.Tags,
	}, options...)
	if err != nil {
		return err
	}
	_, err = cloudwatch.NewLogDelivery(ctx, f.name, &cloudwatch.LogDeliveryArgs{
		DeliverySourceName:     source.Name,
		DeliveryDestinationArn: destination.Arn,
		Tags:                   f.args.Tags,
	}, options...)
	return err
}
