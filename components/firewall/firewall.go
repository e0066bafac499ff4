// Package firewall creates an AWS WAF web ACL that blocks malicious requests before they reach CloudFront's cache and
// the origins.
package firewall

import (
	"cmp"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/wafv2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
	"stagecraft/internal/validate"
)

// Limits of a rate-based rule (AWS WAF Developer Guide, "Rate-based rule high-level settings").
const (
	minRateLimit     = 10
	maxRateLimit     = 2_000_000_000
	defaultRateLimit = 2000
)

// Args describes the firewall. Every field is required unless a default is named.
type Args struct {
	// RateLimit is how many requests one IP address may make in any five minutes, 10 to 2000000000. Users of an office or
	// of a mobile network share an address. Default: 2000.
	RateLimit int
	// LogRetentionDays is for how many days CloudWatch Logs keeps the log of requests that a rule matched, 1 or more.
	LogRetentionDays int
	// KmsKeyArn is the KMS key that encrypts that log. A key is of one region, here us-east-1. Default: nil, AWS's own
	// key.
	KmsKeyArn pulumi.StringInput
	// Global is the region us-east-1, the region of CloudFront's web ACLs, their metrics and logs.
	Global observability.GlobalRegion
	// Tags are set on every resource.
	Tags pulumi.StringMap
}

// Firewall is an AWS WAF web ACL for CloudFront distributions, with its log and alarms. All of it is in us-east-1.
type Firewall struct {
	pulumi.ResourceState

	// Arn is the web ACL's ARN, which a distribution refers to.
	Arn pulumi.StringOutput
	// Alarms are the alarms for the dashboard, in us-east-1.
	Alarms observability.Alarms

	name    string
	args    *Args
	options []pulumi.ResourceOption
}

// New creates the firewall. It rejects a limit that a rate-based rule does not accept.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Firewall, error) {
	if err := args.validate(); err != nil {
		return nil, fmt.Errorf("firewall %q: %w", name, err)
	}
	component := &Firewall{name: name, args: args}
	if err := ctx.RegisterComponentResource("stagecraft:firewall:Firewall", name, component, opts...); err != nil {
		return nil, err
	}
	component.options = args.Global.Options(pulumi.Parent(component))

	metric := fmt.Sprintf("%s-%s-%s", ctx.Project(), ctx.Stack(), name)
	acl, err := wafv2.NewWebAcl(ctx, name, &wafv2.WebAclArgs{
		Description:      pulumi.Sprintf("What %s %s lets in by way of CloudFront", ctx.Project(), ctx.Stack()),
		Scope:            pulumi.String("CLOUDFRONT"),
		DefaultAction:    wafv2.WebAclDefaultActionArgs{Allow: wafv2.WebAclDefaultActionAllowArgs{}},
		Rules:            args.rules(metric),
		VisibilityConfig: wafv2.WebAclVisibilityConfigArgs(visibility(metric)),
		Tags:             args.Tags,
	}, component.options...)
	if err != nil {
		return nil, err
	}
	component.Arn = acl.Arn
	if err := component.newLog(ctx); err != nil {
		return nil, err
	}
	component.Alarms, err = observability.NewAlarms(ctx, name,
		observability.AlarmsArgs{TopicArn: args.Global.AlarmTopicArn, Tags: args.Tags}, alarms(metric), component.options...)
	if err != nil {
		return nil, err
	}
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{"arn": component.Arn})
}

func (a *Args) validate() error {
	var problems validate.Problems
	if a.RateLimit != 0 && (a.RateLimit < minRateLimit || a.RateLimit > maxRateLimit) {
		problems.Addf("RateLimit is %d: it must be %d to %d requests in five minutes, or 0 for the default of %d",
			a.RateLimit, minRateLimit, maxRateLimit, defaultRateLimit)
	}
	problems.Retention("LogRetentionDays", a.LogRetentionDays)
	if a.Global.AlarmTopicArn == nil {
		problems.Addf("Global.AlarmTopicArn must be set")
	}
	return problems.Err()
}

func (a *Args) rateLimit() int { return cmp.Or(a.RateLimit, defaultRateLimit) }

// newLog logs the requests that a rule matched; CloudFront's access logs have all requests. AWS WAF delivers only to a
// log group whose name begins with aws-waf-logs- (AWS WAF Developer Guide, "Sending web ACL traffic logs to an Amazon
// CloudWatch Logs log group").
func (f *Firewall) newLog(ctx *pulumi.Context) error {
	logs, err := cloudwatch.NewLogGroup(ctx, f.name, &cloudwatch.LogGroupArgs{
		NamePrefix:      pulumi.Sprintf("aws-waf-logs-%s-%s-%s-", ctx.Project(), ctx.Stack(), f.name),
		RetentionInDays: pulumi.Int(f.args.LogRetentionDays),
		KmsKeyId:        f.args.KmsKeyArn,
		Tags:            f.args.Tags,
	}, f.options...)
	if err != nil {
		return err
	}
	_, err = wafv2.NewWebAclLoggingConfiguration(ctx, f.name, &wafv2.WebAclLoggingConfigurationArgs{
		ResourceArn:           f.Arn,
		LogDestinationConfigs: pulumi.StringArray{logs.Arn},
		RedactedFields: wafv2.WebAclLoggingConfigurationRedactedFieldArray{
			redactedHeader("authorization"), redactedHeader("cookie"),
		},
		LoggingFilter: wafv2.WebAclLoggingConfigurationLoggingFilterArgs{
			DefaultBehavior: pulumi.String("DROP"),
			Filters: wafv2.WebAclLoggingConfigurationLoggingFilterFilterArray{
				wafv2.WebAclLoggingConfigurationLoggingFilterFilterArgs{
					Behavior:    pulumi.String("KEEP"),
					Requirement: pulumi.String("MEETS_ANY"),
					Conditions: wafv2.WebAclLoggingConfigurationLoggingFilterFilterConditionArray{
						matched("BLOCK"), matched("COUNT"),
					},
				},
			},
		},
	}, f.options...)
	return err
}

// redactedHeader keeps a header that holds credentials out of the log.
func redactedHeader(name string) wafv2.WebAclLoggingConfigurationRedactedFieldArgs {
	return wafv2.WebAclLoggingConfigurationRedactedFieldArgs{
		SingleHeader: wafv2.WebAclLoggingConfigurationRedactedFieldSingleHeaderArgs{Name: pulumi.String(name)},
	}
}

// matched returns the condition that a rule matched with an action.
func matched(action string) wafv2.WebAclLoggingConfigurationLoggingFilterFilterConditionArgs {
	return wafv2.WebAclLoggingConfigurationLoggingFilterFilterConditionArgs{
		ActionCondition: wafv2.WebAclLoggingConfigurationLoggingFilterFilterConditionActionConditionArgs{
			Action: pulumi.String(action),
		},
	}
}
