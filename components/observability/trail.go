package observability

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudtrail"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/logbucket"
)

// TrailArgs describes the account's audit log. Every field is required unless a default is named.
type TrailArgs struct {
	// AccountID is the AWS account whose API calls are logged.
	AccountID string
	// Region is the region of the trail, which logs the calls of all regions.
	Region string
	// RetentionDays is for how many days the bucket keeps the log.
	RetentionDays int
	// Ephemeral allows the deletion of the log with the stack, for throw-away stacks. Default: false.
	Ephemeral bool
	// TopicArn is the SNS topic that is notified when somebody changes or stops the trail.
	TopicArn pulumi.StringInput
	// KmsKeyArn is the KMS key that encrypts the log. Default: nil, S3's own key.
	KmsKeyArn pulumi.StringInput
	// Tags are set on every resource.
	Tags pulumi.StringMap
}

// Trail is the CloudTrail trail of an account: the log of its AWS API calls.
type Trail struct {
	pulumi.ResourceState

	// Arn is the trail's ARN, and Bucket the bucket of its log.
	Arn, Bucket pulumi.StringOutput
	// Alarms are the alarms for the dashboard.
	Alarms Alarms
}

// A trail's name has 3 to 128 characters (AWS CloudTrail User Guide, "Naming requirements for CloudTrail resources").
const maxTrailName = 128

// NewTrail creates a trail, named project-stack, that logs the management events of all regions to a bucket of its own,
// signed so that later changes of the log show. Pulumi cannot look up a trail, and each after the first costs: create
// one for an account, in the stack that owns the account's singletons. It rejects a name that is too long.
func NewTrail(ctx *pulumi.Context, name string, args *TrailArgs, opts ...pulumi.ResourceOption) (*Trail, error) {
	trailName := ctx.Project() + "-" + ctx.Stack()
	if err := args.validate(trailName); err != nil {
		return nil, fmt.Errorf("trail %q: %w", name, err)
	}
	component := &Trail{}
	if err := ctx.RegisterComponentResource("stagecraft:observability:Trail", name, component, opts...); err != nil {
		return nil, err
	}
	parent := pulumi.Parent(component)

	bucket, err := logbucket.New(ctx, name+"-logs", &logbucket.Args{
		Delivery:      func(bucketArn pulumi.StringInput) []pulumi.Map { return args.delivery(bucketArn, trailName) },
		RetentionDays: args.RetentionDays,
		Ephemeral:     args.Ephemeral,
		Tags:          args.Tags,
	}, parent)
	if err != nil {
		return nil, err
	}
	trail, err := cloudtrail.NewTrail(ctx, name, &cloudtrail.TrailArgs{
		Name:                       pulumi.String(trailName),
		S3BucketName:               bucket,
		IsMultiRegionTrail:         pulumi.Bool(true),
		IncludeGlobalServiceEvents: pulumi.Bool(true),
		EnableLogFileValidation:    pulumi.Bool(true),
		EnableLogging:              pulumi.Bool(true),
		KmsKeyId:                   args.KmsKeyArn,
		Tags:                       args.Tags,
	}, parent)
	if err != nil {
		return nil, err
	}
	component.Arn, component.Bucket = trail.Arn, bucket

	component.Alarms, err = NewNotifications(ctx, name, AlarmsArgs{TopicArn: args.TopicArn, Tags: args.Tags},
		[]Notification{trailChanged()}, parent)
	if err != nil {
		return nil, err
	}
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{"arn": component.Arn, "bucket": component.Bucket})
}

func (a *TrailArgs) validate(trailName string) error {
	var errs []error
	if a.AccountID == "" || a.Region == "" || a.TopicArn == nil {
		errs = append(errs, errors.New("it must have an AccountID, a Region and a TopicArn"))
	}
	if len(trailName) > maxTrailName {
		errs = append(errs, fmt.Errorf("its name would be %q, of %d characters: CloudTrail takes %d, so give the stack a "+
			"shorter name", trailName, len(trailName), maxTrailName))
	}
	return errors.Join(errs...)
}

// delivery returns AWS's policy for trails (AWS CloudTrail User Guide, "Amazon S3 bucket policy for CloudTrail"). Its
// condition excludes other trails, of other accounts too.
func (a *TrailArgs) delivery(bucketArn pulumi.StringInput, trailName string) []pulumi.Map {
	cloudTrail := pulumi.StringMap{"Service": pulumi.String("cloudtrail.amazonaws.com")}
	trailArn := fmt.Sprintf("arn:aws:cloudtrail:%s:%s:trail/%s", a.Region, a.AccountID, trailName)
	return []pulumi.Map{{
		"Sid":       pulumi.String("CheckAcl"),
		"Effect":    pulumi.String("Allow"),
		"Principal": cloudTrail,
		"Action":    pulumi.String("s3:GetBucketAcl"),
		"Resource":  bucketArn,
		"Condition": pulumi.Any(map[string]map[string]string{"StringEquals": {"aws:SourceArn": trailArn}}),
	}, {
		"Sid":       pulumi.String("DeliverLogs"),
		"Effect":    pulumi.String("Allow"),
		"Principal": cloudTrail,
		"Action":    pulumi.String("s3:PutObject"),
		"Resource":  pulumi.Sprintf("%s/AWSLogs/%s/*", bucketArn, a.AccountID),
		"Condition": pulumi.Any(map[string]map[string]string{"StringEquals": {
			"aws:SourceArn": trailArn, "s3:x-amz-acl": "bucket-owner-full-control",
		}}),
	}}
}

// trailChanged describes the calls by which somebody might hide something (AWS Security Hub User Guide, control
// CloudWatch.5, without the calls that only add logs).
func trailChanged() Notification {
	return Notification{
		Name:   "changed",
		Event:  "AWS API Call via CloudTrail",
		Source: "aws.cloudtrail",
		Detail: pulumi.Map{
			"eventSource": pulumi.ToStringArray([]string{"cloudtrail.amazonaws.com"}),
			"eventName":   pulumi.ToStringArray([]string{"DeleteTrail", "PutEventSelectors", "StopLogging", "UpdateTrail"}),
		},
		Message: "<who> called <call> of CloudTrail: see whether all of the account's API calls are still logged.",
		Values:  map[string]string{"who": "$.detail.userIdentity.arn", "call": "$.detail.eventName"},
	}
}
