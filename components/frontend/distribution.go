package frontend

import (
	"cmp"
	_ "embed"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/bucket"
	limits "stagecraft/internal/awslimits/cloudfront"
)

// AWS's managed policies (Amazon CloudFront Developer Guide, "Use managed cache policies" and "Use managed origin
// request policies").
const (
	viewerProtocol = "redirect-to-https"
	// cachingOptimized caches for as long as Cache-Control allows, separately for gzip, Brotli and neither.
	cachingOptimized = "658327ea-f89d-4fab-a63d-7e88639e58f6"
	// cachingDisabled caches nothing.
	cachingDisabled = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
	// allViewerExceptHost forwards what viewers send except the Host header, in which an origin finds its own name.
	allViewerExceptHost = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
)

const (
	appOrigin    = "app"
	assetPattern = "/" + assetFolder + "*"
	// pageSeconds is for how long CloudFront caches a page that browsers must revalidate each time, so that many users at
	// the front page do not reach S3. An invalidation brings a new page to users at once.
	pageSeconds = 300
	// defaultTimeout is CloudFront's own default, in seconds.
	defaultTimeout = 30
)

//go:embed pages.js
var pagesScript string

var (
	readMethods = pulumi.ToStringArray([]string{"GET", "HEAD"})
	allMethods  = pulumi.ToStringArray([]string{"GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"})
)

// distributionParts are the resources that the distribution's behaviours refer to.
type distributionParts struct {
	access  *cloudfront.OriginAccessControl
	headers *cloudfront.ResponseHeadersPolicy
	caching *cloudfront.CachePolicy
	pages   *cloudfront.Function
}

// newDistribution creates the distribution, after what must serve before requests reach it.
func (f *Frontend) newDistribution(
	ctx *pulumi.Context, content *bucket.Bucket,
) (*cloudfront.Distribution, error) {
	parts, err := f.newParts(ctx)
	if err != nil {
		return nil, err
	}
	args := &cloudfront.DistributionArgs{
		Comment:               pulumi.Sprintf("%s %s", ctx.Project(), ctx.Stack()),
		Enabled:               pulumi.Bool(true),
		IsIpv6Enabled:         pulumi.Bool(true),
		HttpVersion:           pulumi.String("http2and3"),
		PriceClass:            pulumi.String(cmp.Or(f.args.PriceClass, limits.PriceClasses()[0])),
		DefaultRootObject:     pulumi.String(page),
		Aliases:               pulumi.ToStringArray(f.args.Aliases),
		Origins:               f.origins(content, parts),
		DefaultCacheBehavior:  f.pageBehavior(parts),
		OrderedCacheBehaviors: f.orderedBehaviors(parts),
		Restrictions: cloudfront.DistributionRestrictionsArgs{
			GeoRestriction: cloudfront.DistributionRestrictionsGeoRestrictionArgs{RestrictionType: pulumi.String("none")},
		},
		ViewerCertificate: f.args.viewerCertificate(),
		Tags:              f.args.Tags,
	}
	if f.args.WebACLArn != nil {
		args.WebAclId = f.args.WebACLArn
	}
	var serving []pulumi.Resource
	for _, origin := range f.args.Origins {
		serving = append(serving, origin.Serving...)
	}
	distribution, err := cloudfront.NewDistribution(ctx, f.name, args, f.parent, pulumi.DependsOn(serving))
	if err != nil {
		return nil, err
	}
	f.functionName = parts.pages.Name
	f.DomainName, f.HostedZoneID = distribution.DomainName, distribution.HostedZoneId
	f.DistributionID, f.DistributionArn = distribution.ID().ToStringOutput(), distribution.Arn
	f.URL = f.args.url(distribution.DomainName)
	return distribution, nil
}

// newParts creates the resources that the distribution's behaviours refer to.
func (f *Frontend) newParts(ctx *pulumi.Context) (parts distributionParts, err error) {
	parts.access, err = cloudfront.NewOriginAccessControl(ctx, f.name, &cloudfront.OriginAccessControlArgs{
		Description:                   pulumi.Sprintf("%s %s reads its bucket", ctx.Project(), ctx.Stack()),
		OriginAccessControlOriginType: pulumi.String("s3"),
		SigningBehavior:               pulumi.String("always"),
		SigningProtocol:               pulumi.String("sigv4"),
	}, f.parent)
	if err != nil {
		return parts, err
	}
	parts.pages, err = cloudfront.NewFunction(ctx, f.name, &cloudfront.FunctionArgs{
		Comment: pulumi.Sprintf("%s %s: paths of the app lead to its page", ctx.Project(), ctx.Stack()),
		Runtime: pulumi.String("cloudfront-js-2.0"),
		Code:    pulumi.String(pagesScript),
		Publish: pulumi.Bool(true),
	}, f.parent)
	if err != nil {
		return parts, err
	}
	parts.caching, err = cloudfront.NewCachePolicy(ctx, f.name, &cloudfront.CachePolicyArgs{
		Comment:                                  pulumi.Sprintf("Pages of %s %s", ctx.Project(), ctx.Stack()),
		MinTtl:                                   pulumi.Int(pageSeconds),
		DefaultTtl:                               pulumi.Int(pageSeconds),
		MaxTtl:                                   pulumi.Int(pageSeconds),
		ParametersInCacheKeyAndForwardedToOrigin: onlyEncoding(),
	}, f.parent)
	if err != nil {
		return parts, err
	}
	parts.headers, err = f.newHeaders(ctx)
	return parts, err
}

// onlyEncoding returns a cache key of nothing but path and compression.
func onlyEncoding() cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginArgs {
	none := pulumi.String("none")
	return cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginArgs{
		EnableAcceptEncodingBrotli: pulumi.Bool(true),
		EnableAcceptEncodingGzip:   pulumi.Bool(true),
		CookiesConfig: cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginCookiesConfigArgs{
			CookieBehavior: none,
		},
		HeadersConfig: cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginHeadersConfigArgs{
			HeaderBehavior: none,
		},
		QueryStringsConfig: cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginQueryStringsConfigArgs{
			QueryStringBehavior: none,
		},
	}
}

// pageBehavior returns the behaviour for the app's page.
func (f *Frontend) pageBehavior(parts distributionParts) cloudfront.DistributionDefaultCacheBehaviorArgs {
	return cloudfront.DistributionDefaultCacheBehaviorArgs{
		TargetOriginId:          pulumi.String(appOrigin),
		ViewerProtocolPolicy:    pulumi.String(viewerProtocol),
		AllowedMethods:          readMethods,
		CachedMethods:           readMethods,
		Compress:                pulumi.Bool(true),
		CachePolicyId:           parts.caching.ID(),
		ResponseHeadersPolicyId: parts.headers.ID(),
		FunctionAssociations: cloudfront.DistributionDefaultCacheBehaviorFunctionAssociationArray{
			cloudfront.DistributionDefaultCacheBehaviorFunctionAssociationArgs{
				EventType: pulumi.String("viewer-request"), FunctionArn: parts.pages.Arn,
			},
		},
	}
}

// orderedBehaviors returns the behaviours for assets and for dynamic content. Neither serves the page for unknown
// paths: an error of the origin stays an error.
func (f *Frontend) orderedBehaviors(parts distributionParts) cloudfront.DistributionOrderedCacheBehaviorArray {
	behaviors := cloudfront.DistributionOrderedCacheBehaviorArray{cloudfront.DistributionOrderedCacheBehaviorArgs{
		PathPattern:             pulumi.String(assetPattern),
		TargetOriginId:          pulumi.String(appOrigin),
		ViewerProtocolPolicy:    pulumi.String(viewerProtocol),
		AllowedMethods:          readMethods,
		CachedMethods:           readMethods,
		Compress:                pulumi.Bool(true),
		CachePolicyId:           pulumi.String(cachingOptimized),
		ResponseHeadersPolicyId: parts.headers.ID(),
	}}
	for _, origin := range f.args.Origins {
		for _, pattern := range origin.PathPatterns {
			behaviors = append(behaviors, cloudfront.DistributionOrderedCacheBehaviorArgs{
				PathPattern:             pulumi.String(pattern),
				TargetOriginId:          pulumi.String(origin.Name),
				ViewerProtocolPolicy:    pulumi.String(viewerProtocol),
				AllowedMethods:          allMethods,
				CachedMethods:           readMethods,
				Compress:                pulumi.Bool(true),
				CachePolicyId:           pulumi.String(cachingDisabled),
				OriginRequestPolicyId:   pulumi.String(allViewerExceptHost),
				ResponseHeadersPolicyId: parts.headers.ID(),
			})
		}
	}
	return behaviors
}

// origins returns the origins: the bucket and those of Args.
func (f *Frontend) origins(content *bucket.Bucket, parts distributionParts) cloudfront.DistributionOriginArray {
	origins := cloudfront.DistributionOriginArray{cloudfront.DistributionOriginArgs{
		OriginId:              pulumi.String(appOrigin),
		DomainName:            content.DomainName,
		OriginAccessControlId: parts.access.ID(),
		OriginShield:          shield(f.args.OriginShield),
	}}
	for _, origin := range f.args.Origins {
		headers := cloudfront.DistributionOriginCustomHeaderArray{}
		for _, name := range slices.Sorted(maps.Keys(origin.Headers)) {
			headers = append(headers, cloudfront.DistributionOriginCustomHeaderArgs{
				Name: pulumi.String(name), Value: pulumi.ToSecret(origin.Headers[name]).(pulumi.StringOutput),
			})
		}
		origins = append(origins, cloudfront.DistributionOriginArgs{
			OriginId:      pulumi.String(origin.Name),
			DomainName:    origin.DomainName,
			CustomHeaders: headers,
			OriginShield:  shield(origin.Shield),
			CustomOriginConfig: cloudfront.DistributionOriginCustomOriginConfigArgs{
				HttpPort:             pulumi.Int(cmp.Or(origin.Port, httpPort)),
				HttpsPort:            pulumi.Int(cmp.Or(origin.Port, httpsPort)),
				OriginProtocolPolicy: pulumi.String(origin.Protocol),
				OriginReadTimeout:    pulumi.Int(cmp.Or(origin.Timeout, defaultTimeout)),
				OriginSslProtocols:   pulumi.ToStringArray([]string{"TLSv1.2"}),
			},
		})
	}
	return origins
}

// shield returns the Origin Shield in a region, nil for none.
func shield(region string) cloudfront.DistributionOriginOriginShieldPtrInput {
	if region == "" {
		return nil
	}
	return cloudfront.DistributionOriginOriginShieldArgs{
		Enabled: pulumi.Bool(true), OriginShieldRegion: pulumi.String(region),
	}
}

// viewerCertificate returns the certificate that viewers get.
func (a *Args) viewerCertificate() cloudfront.DistributionViewerCertificateArgs {
	if a.CertificateArn == nil {
		return cloudfront.DistributionViewerCertificateArgs{CloudfrontDefaultCertificate: pulumi.Bool(true)}
	}
	return cloudfront.DistributionViewerCertificateArgs{
		AcmCertificateArn:      a.CertificateArn,
		MinimumProtocolVersion: pulumi.String("TLSv1.2_2021"),
		SslSupportMethod:       pulumi.String("sni-only"),
	}
}

// url returns the address of the app.
func (a *Args) url(domainName pulumi.StringOutput) pulumi.StringOutput {
	if len(a.Aliases) > 0 {
		return pulumi.String("https://" + a.Aliases[0]).ToStringOutput()
	}
	return pulumi.Sprintf("https://%s", domainName)
}
