// Package frontend creates the tier that users meet first: a single-page app in S3, which CloudFront serves, with
// dynamic content from further origins.
package frontend

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/bucket"
	"stagecraft/components/observability"
)

// Args describes the single-page app and how it is served. Every field is required unless a default is named.
type Args struct {
	// AccountID is the AWS account for which Step Functions and EventBridge act.
	AccountID string
	// Directory holds the app: index.html, and what it loads below assets/; hidden files and Go files are left out. A
	// relative path starts at the program's working directory, the project's own. A directory without index.html is
	// rejected.
	Directory string
	// APIURL is the content of the meta element "api" of index.html: a URL, or a path on the app's own name such as
	// "/api". Default: nil, the content in the file.
	APIURL pulumi.StringInput
	// ConnectSources are origins that the page may call beside its own and those of its meta elements, such as
	// "https://api.example.com": those that its next or its previous version calls, which browsers have open while the
	// page changes. Default: none.
	ConnectSources []string
	// After is what must exist before the page is uploaded, beside the distribution: what it calls. Default: nothing.
	After []pulumi.Resource
	// Meta are the contents of further meta elements of index.html, by their names; a name that index.html lacks is
	// rejected. Default: none, the contents in the file.
	Meta map[string]pulumi.StringInput
	// Aliases are the app's own names, and CertificateArn is their ACM certificate in us-east-1; one without the other is
	// rejected. Default: none, a name of CloudFront's.
	Aliases        []string
	CertificateArn pulumi.StringInput
	// Origins are the origins of dynamic content; of overlapping path patterns the first wins. Default: none.
	Origins []Origin
	// PriceClass selects the edge locations that serve users: PriceClass_100, PriceClass_200 or PriceClass_All. Default:
	// PriceClass_100, North America, Europe and Israel.
	PriceClass string
	// OriginShield is the region of an additional cache in front of the bucket, one of those that offer Origin Shield.
	// Default: "", none.
	OriginShield string
	// WebACLArn is an AWS WAF web ACL of scope CLOUDFRONT. Default: nil, none.
	WebACLArn pulumi.StringInput
	// LogRetentionDays is for how many days CloudWatch Logs keeps access logs and those of invalidations, 1 or more.
	LogRetentionDays int
	// Ephemeral removes every protection against loss, for throw-away stacks. Default: false.
	Ephemeral bool
	// KmsKeyArn is the KMS key, in the stack's region, that encrypts the logs in that region: those of invalidations, and
	// in us-east-1 access logs too. The page is public and not encrypted with it. Default: nil, AWS's own key.
	KmsKeyArn pulumi.StringInput
	// AlarmTopicArn is the SNS topic that is notified of alarms in the stack's region.
	AlarmTopicArn pulumi.StringInput
	// Global is the region us-east-1, the region of CloudFront's metrics and logs.
	Global observability.GlobalRegion
	// Tags are set on every resource.
	Tags pulumi.StringMap
}

// Origin is a server of dynamic content, whose answers CloudFront never caches. It gets everything that viewers send,
// except that the Host header has its own name. Every field is required unless a default is named.
type Origin struct {
	// Name is in kebab case and unique among the origins; "app" is rejected.
	Name string
	// DomainName is the origin's DNS name.
	DomainName pulumi.StringInput
	// Protocol is http-only or https-only.
	Protocol string
	// Port is the port on which the origin listens: 80, 443 or 1024 to 65535. Default: 80 or 443, by Protocol.
	Port int
	// Headers are added to each request, so that the origin can recognize CloudFront; their values are secret. Names that
	// CloudFront sets itself are rejected. Default: none.
	Headers map[string]pulumi.StringInput
	// PathPatterns are the paths that CloudFront requests from the origin, such as "/api/*". A pattern begins with a
	// slash; those of the app and of other origins are rejected.
	PathPatterns []string
	// Timeout is for how many seconds CloudFront waits for an answer, 1 to 60. Default: 30.
	Timeout int
	// Shield is the region of an additional cache in front of the origin, one of those that offer Origin Shield. Default:
	// "", none.
	Shield string
	// Serving is what must exist before CloudFront sends requests to the origin. Default: nothing.
	Serving []pulumi.Resource
}

// Frontend is a single-page app in a bucket, and the CloudFront distribution in front of it.
type Frontend struct {
	pulumi.ResourceState

	// DomainName and HostedZoneID are the target of an alias record; URL is the address of the app.
	DomainName, HostedZoneID, URL pulumi.StringOutput
	// BucketName is the bucket that holds the app.
	BucketName pulumi.StringOutput
	// DistributionID and DistributionArn identify the distribution.
	DistributionID, DistributionArn pulumi.StringOutput
	// Serving is what must exist before users find the app.
	Serving []pulumi.Resource
	// Alarms are the alarms for the dashboard in the stack's region, and GlobalAlarms those in us-east-1.
	Alarms, GlobalAlarms observability.Alarms

	name         string
	args         *Args
	parent       pulumi.ResourceOption
	functionName pulumi.StringOutput
}

// New uploads the app and creates the distribution. It rejects a directory that is not a single-page app, and what
// CloudFront does not accept.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Frontend, error) {
	if err := args.validate(); err != nil {
		return nil, fmt.Errorf("frontend %q: %w", name, err)
	}
	app, err := readApp(args.Directory, args.metaNames())
	if err != nil {
		return nil, fmt.Errorf("frontend %q: Directory is %q: %w", name, args.Directory, err)
	}
	component := &Frontend{name: name, args: args}
	if err := ctx.RegisterComponentResource("stagecraft:frontend:Frontend", name, component, opts...); err != nil {
		return nil, err
	}
	component.parent = pulumi.Parent(component)

	content, err := bucket.New(ctx, name, &bucket.Args{RetainOnDelete: true, Ephemeral: args.Ephemeral, Tags: args.Tags}, component.parent)
	if err != nil {
		return nil, err
	}
	component.BucketName = content.Name
	if err := component.publish(ctx, app, content); err != nil {
		return nil, err
	}
	if err := component.newOperations(ctx); err != nil {
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

// publish creates the distribution and uploads the app, the page last: it finds what it calls, at the distribution or
// elsewhere.
func (f *Frontend) publish(ctx *pulumi.Context, app app, content *bucket.Bucket) error {
	distribution, err := f.newDistribution(ctx, content)
	if err != nil {
		return err
	}
	if err := f.allowDistribution(ctx, content, distribution); err != nil {
		return err
	}
	return f.upload(ctx, app, append(f.args.After[:len(f.args.After):len(f.args.After)], distribution)...)
}

// allowDistribution allows the distribution, and nobody else, to read the bucket (Amazon CloudFront Developer Guide,
// "Restrict access to an Amazon S3 origin"). S3 answers 404 for a missing object only to those who may list the bucket,
// and 403 to others.
func (f *Frontend) allowDistribution(ctx *pulumi.Context, content *bucket.Bucket, distribution *cloudfront.Distribution) error {
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

// newOperations creates the access logs, the invalidation of old pages, and the alarms.
func (f *Frontend) newOperations(ctx *pulumi.Context) error {
	if err := f.newAccessLogs(ctx); err != nil {
		return err
	}
	if err := f.newInvalidation(ctx); err != nil {
		return err
	}
	return f.newGlobalAlarms(ctx)
}

// metas returns the contents of meta elements, by their names.
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

// metaNames returns the names of the meta elements that index.html must have.
func (a *Args) metaNames() []string {
	var names []string
	for name := range a.metas() {
		names = append(names, name)
	}
	return names
}
