package main

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// site is a public bucket that serves as a website, and CloudFront before it.
func site(ctx *pulumi.Context) error {
	bucket, err := s3.NewBucketV2(ctx, "site", nil)
	if err != nil {
		return err
	}
	website, err := s3.NewBucketWebsiteConfigurationV2(ctx, "site", &s3.BucketWebsiteConfigurationV2Args{
		Bucket:        bucket.ID(),
		IndexDocument: s3.BucketWebsiteConfigurationV2IndexDocumentArgs{Suffix: pulumi.String("index.html")},
		ErrorDocument: s3.BucketWebsiteConfigurationV2ErrorDocumentArgs{Key: pulumi.String("404.html")},
	})
	if err != nil {
		return err
	}
	open, err := s3.NewBucketPublicAccessBlock(ctx, "site", &s3.BucketPublicAccessBlockArgs{
		Bucket: bucket.ID(), BlockPublicAcls: pulumi.Bool(false), BlockPublicPolicy: pulumi.Bool(false),
	})
	if err != nil {
		return err
	}
	_, err = s3.NewBucketPolicy(ctx, "site", &s3.BucketPolicyArgs{
		Bucket: bucket.ID(),
		Policy: pulumi.Sprintf(
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"%s/*"}]}`,
			bucket.Arn),
	}, pulumi.DependsOn([]pulumi.Resource{open}))
	if err != nil {
		return err
	}
	_, err = s3.NewBucketObject(ctx, "index.html", &s3.BucketObjectArgs{
		Bucket: bucket.ID(), Content: pulumi.String("<h1>Hello</h1>"), ContentType: pulumi.String("text/html"),
	})
	if err != nil {
		return err
	}
	distribution, err := cloudfront.NewDistribution(ctx, "site", &cloudfront.DistributionArgs{
		Enabled: pulumi.Bool(true),
		Origins: cloudfront.DistributionOriginArray{cloudfront.DistributionOriginArgs{
			OriginId: bucket.Arn, DomainName: website.WebsiteEndpoint,
			CustomOriginConfig: cloudfront.DistributionOriginCustomOriginConfigArgs{
				OriginProtocolPolicy: pulumi.String("http-only"), HttpPort: pulumi.Int(80), HttpsPort: pulumi.Int(443),
				OriginSslProtocols: pulumi.ToStringArray([]string{"TLSv1.2"}),
			},
		}},
		DefaultRootObject: pulumi.String("index.html"),
		DefaultCacheBehavior: cloudfront.DistributionDefaultCacheBehaviorArgs{
			TargetOriginId: bucket.Arn, ViewerProtocolPolicy: pulumi.String("redirect-to-https"),
			AllowedMethods: pulumi.ToStringArray([]string{"GET", "HEAD", "OPTIONS"}),
			CachedMethods:  pulumi.ToStringArray([]string{"GET", "HEAD", "OPTIONS"}),
			ForwardedValues: cloudfront.DistributionDefaultCacheBehaviorForwardedValuesArgs{
				QueryString: pulumi.Bool(true),
				Cookies: cloudfront.DistributionDefaultCacheBehaviorForwardedValuesCookiesArgs{
					Forward: pulumi.String("all"),
				},
			},
		},
		Restrictions: cloudfront.DistributionRestrictionsArgs{
			GeoRestriction: cloudfront.DistributionRestrictionsGeoRestrictionArgs{RestrictionType: pulumi.String("none")},
		},
		ViewerCertificate: cloudfront.DistributionViewerCertificateArgs{CloudfrontDefaultCertificate: pulumi.Bool(true)},
	})
	if err != nil {
		return err
	}
	ctx.Export("url", pulumi.Sprintf("https://%s", distribution.DomainName))
	return nil
}
