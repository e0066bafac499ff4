// Package frontend makes the tier that users see first: a single-page app in S3, served from the edge by CloudFront,
// through which dynamic content may come too.
package frontend

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/bucket"
	"stagecraft/components/observability"
)

// Args describes the single-page app and what it is served with. Every field is required unless a default is named.
type Args struct {
	// AccountID is the AWS account on whose behalf Step Functions and EventBridge act.
	AccountID string
	// Directory holds the app: index.html, and below assets/ what it loads; hidden files and Go files are left out. A
	// relative path starts at the program's working directory, the project's own.
	Directory string
	// APIURL is what index.html says in its meta element named "api": a URL, or a path on the app's own name such as
	// "/api". Default: nil, what is written there.
	APIURL pulumi.StringInput
	// CrossOriginAPI says that APIURL leads past the distribution. Default: false, it leads to one of Origins.
	CrossOriginAPI bool
	// Meta is what index.html says in other meta elements, by their names. Default: what is written there.
	Meta map[string]pulumi.StringInput
	// Aliases are the app's own names, which CertificateArn, an ACM certificate in us-east-1, is for. Default: none, a name
	// of CloudFront's.
	Aliases        []string
	CertificateArn pulumi.StringInput
	// Origins are where dynamic content comes from; of path patterns that overlap, the earlier wins. Default: none.
	Origins []Origin
	// PriceClass says from which of the edge locations users are served: PriceClass_100, PriceClass_200 or PriceClass_All.
	// Default: PriceClass_100, North America, Europe and Israel.
	PriceClass string
	// OriginShield is the region of one more cache before the bucket. Default: "", none.
	OriginShield string
	// WebACLArn is an AWS WAF web ACL of scope CLOUDFRONT. Default: nil, none.
	WebACLArn pulumi.StringInput
	// LogRetentionDays is how long CloudWatch Logs keeps access logs and those of invalidations.
	LogRetentionDays int
	// Ephemeral opens every protection against loss: for throw-away stacks. Default: false.
	Ephemeral bool
	// KmsKeyArn is the KMS key, of the stack's region, that encrypts logs there: those of invalidations, and in us-east-1
	// access logs too. The page is public. Default: nil, AWS's own key.
	KmsKeyArn pulumi.StringInput
	// AlarmTopicArn is the SNS topic that is notified of alarms in the stack's region.
	AlarmTopicArn pulumi.StringInput
	// Global is where CloudFront's metrics and logs are.
	Global observability.Global
	// Tags go on every resource.
	Tags pulumi.StringMap
}

// Origin is a server that CloudFront asks each time, as its answers are never kept. Requests come with the name of the
// origin, and with everything else that viewers send.
type Origin struct {
	// Name is unique among the origins, in kebab case.
	Name string
	// DomainName is the name at which the origin answers.
	DomainName pulumi.StringInput
	// Protocol is http-only or https-only.
	Protocol string
	// Port is where the origin listens: 80, 443 or 1024 to 65535. Default: 80 or 443, by the protocol.
	Port int
	// Headers go with each request, so that the origin can tell CloudFront from others. They are kept secret. Default: none.
	Headers map[string]pulumi.StringInput
	// PathPatterns are what it is asked for, such as "/api/*".
	PathPatterns []string
	// Timeout is for how many seconds an answer may keep CloudFront waiting, 1 to 60. Default: 30.
	Timeout int
	// Shield is the region of one more stop on the way to the origin. Default: "", none.
	Shield string
	// Serving is what must exist before requests are led there. Default: nothing.
	Serving []pulumi.Resource
}

// Frontend is a single-page app in a bucket, and the CloudFront distribution before it.
type Frontend struct {
	pulumi.ResourceState

	// DomainName and HostedZoneID are what an alias record points at; URL is where the app is.
	DomainName, HostedZoneID, URL pulumi.StringOutput
	// BucketName is the bucket that holds the app.
	BucketName pulumi.StringOutput
	// DistributionID and DistributionArn identify the distribution.
	DistributionID, DistributionArn pulumi.StringOutput
	// Serving is what must exist before users find the app.
	Serving []pulumi.Resource
	// Alarms are what the dashboard shows of the stack's region, and GlobalAlarms of us-east-1.
	Alarms, GlobalAlarms observability.Alarms

	name         string
	args         *Args
	parent       pulumi.ResourceOption
	functionName pulumi.StringOutput
}

// New uploads the app and makes the distribution. It refuses a directory that is no single-page app, and what CloudFront
// does not take.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Frontend, error) {
	if err := args.validate(); err != nil {
		return nil, fmt.Errorf("frontend %q: %w", name, err)
	}
	app, err := read(args.Directory, args.metaNames())
	if err != nil {
		return nil, fmt.Errorf("frontend %q: Directory is %q: %w", name, args.Directory, err)
	}
	component := &Frontend{name: name, args: args}
	if err := ctx.RegisterComponentResource("stagecraft:frontend:Frontend", name, component, opts...); err != nil {
		return nil, err
	}
	component.parent = pulumi.Parent(component)

	content, err := bucket.New(ctx, name, &bucket.Args{Outlives: true, Ephemeral: args.Ephemeral, Tags: args.Tags}, component.parent)
	if err != nil {
		return nil, err
	}
	component.BucketName = content.Name
	if err := component.serve(ctx, app, content); err != nil {
		return nil, err
	}
	if err := component.observe(ctx); err != nil {
		return nil, err
	}
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{
		"domainName":      component.DomainName,
		"hostedZoneId":    component.HostedZoneID,
		"url":             component.URL,
		"bucketName":      component.BucketName,
		"distributionId":  component.DistributionID,
		"distributionArn": component.DistributionArn,
	})
}

// serve uploads the app and makes the distribution, in the order in which a page that users have always finds its API: a
// page that calls elsewhere comes before the distribution changes, and one that calls the distribution after.
func (f *Frontend) serve(ctx *pulumi.Context, app app, content *bucket.Bucket) error {
	var page []pulumi.Resource
	if f.args.CrossOriginAPI {
		if err := f.upload(ctx, app); err != nil {
			return err
		}
		page = f.Serving
	}
	distribution, err := f.newDistribution(ctx, content, page)
	if err != nil {
		return err
	}
	if err := f.open(ctx, content, distribution); err != nil || f.args.CrossOriginAPI {
		return err
	}
	return f.upload(ctx, app, distribution)
}

// open lets the distribution, and nobody else, read the bucket (Amazon CloudFront Developer Guide, "Restrict access to an
// Amazon S3 origin"). What is not there S3 calls missing only to those who may list; to others it is forbidden.
func (f *Frontend) open(ctx *pulumi.Context, content *bucket.Bucket, distribution *cloudfront.Distribution) error {
	allow := func(sid, action string, resource pulumi.StringInput) pulumi.Map {
		return pulumi.Map{
			"Sid":       pulumi.String(sid),
			"Effect":    pulumi.String("Allow"),
			"Principal": pulumi.StringMap{"Service": pulumi.String("cloudfront.amazonaws.com")},
			"Action":    pulumi.String(action),
			"Resource":  resource,
			"Condition": pulumi.Map{"StringEquals": pulumi.StringMap{"aws:SourceArn": distribution.Arn}},
		}
	}
	policy, err := content.Allow(ctx,
		allow("Read", "s3:GetObject", pulumi.Sprintf("%s/*", content.Arn)),
		allow("TellWhatIsMissing", "s3:ListBucket", content.Arn))
	f.Serving = append(f.Serving, distribution, policy)
	return err
}

// observe keeps the logs, brings new pages to the edge, and makes the alarms.
func (f *Frontend) observe(ctx *pulumi.Context) error {
	if err := f.keepAccessLogs(ctx); err != nil {
		return err
	}
	if err := f.invalidate(ctx); err != nil {
		return err
	}
	return f.measure(ctx)
}

// metas are all meta elements that index.html gets its values from.
func (a *Args) metas() pulumi.StringMap {
	metas := pulumi.StringMap{}
	for name, value := range a.Meta {
		metas[name] = value
	}
	if a.APIURL != nil {
		metas["api"] = a.APIURL
	}
	return metas
}

func (a *Args) metaNames() []string {
	var names []string
	for name := range a.metas() {
		names = append(names, name)
	}
	return names
}
