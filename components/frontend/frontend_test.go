package frontend_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/frontend"
	"stagecraft/components/observability"
	"stagecraft/internal/pulumitest"
)

const (
	componentType    = "stagecraft:frontend:Frontend"
	bucketType       = "aws:s3/bucketV2:BucketV2"
	objectType       = "aws:s3/bucketObjectv2:BucketObjectv2"
	policyType       = "aws:s3/bucketPolicy:BucketPolicy"
	notificationType = "aws:s3/bucketNotification:BucketNotification"
	distributionType = "aws:cloudfront/distribution:Distribution"
	accessType       = "aws:cloudfront/originAccessControl:OriginAccessControl"
	cachingType      = "aws:cloudfront/cachePolicy:CachePolicy"
	headersType      = "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy"
	functionType     = "aws:cloudfront/function:Function"
	monitoringType   = "aws:cloudfront/monitoringSubscription:MonitoringSubscription"
	logGroupType     = "aws:cloudwatch/logGroup:LogGroup"
	logSourceType    = "aws:cloudwatch/logDeliverySource:LogDeliverySource"
	logTargetType    = "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination"
	logDeliveryType  = "aws:cloudwatch/logDelivery:LogDelivery"
	machineType      = "aws:sfn/stateMachine:StateMachine"
	ruleType         = "aws:cloudwatch/eventRule:EventRule"
	targetType       = "aws:cloudwatch/eventTarget:EventTarget"
	roleType         = "aws:iam/role:Role"
	rolePolicyType   = "aws:iam/rolePolicy:RolePolicy"
	alarmType        = "aws:cloudwatch/metricAlarm:MetricAlarm"
)

var outputs = map[string]map[string]any{
	bucketType:       {"bucketRegionalDomainName": "app.s3.eu-west-1.amazonaws.com"},
	distributionType: {"domainName": "d1.cloudfront.net", "hostedZoneId": "Z2"},
}

func valid() frontend.Args {
	return frontend.Args{
		AccountID:        "123456789012",
		Directory:        "../../app/web",
		APIURL:           pulumi.String("https://api.example.com/api"),
		LogRetentionDays: 30,
		AlarmTopicArn:    pulumi.String("arn:topic"),
		Global:           observability.GlobalRegion{AlarmTopicArn: pulumi.String("arn:global-topic")},
		Tags:             pulumi.StringMap{"project": pulumi.String("stagecraft")},
	}
}

func origin() frontend.Origin {
	return frontend.Origin{
		Name:         "load-balancer",
		DomainName:   pulumi.String("lb.example.com"),
		Protocol:     "http-only",
		Headers:      map[string]pulumi.StringInput{"X-Origin-Verify": pulumi.String("secret")},
		PathPatterns: []string{"/api/hot", "/api/*"},
	}
}

// run makes a frontend with a provider for us-east-1, and gives its outputs.
func run(args frontend.Args) (pulumitest.Resources, map[string]string, error) {
	values := map[string]string{}
	resources, err := pulumitest.Run(func(ctx *pulumi.Context) error {
		provider, err := aws.NewProvider(ctx, "us-east-1", &aws.ProviderArgs{})
		if err != nil {
			return err
		}
		args.Global.Provider = provider
		made, err := frontend.New(ctx, "frontend", &args)
		if err != nil {
			return err
		}
		done := make(chan struct{})
		pulumi.All(made.DomainName, made.HostedZoneID, made.URL, made.BucketName, made.DistributionID, made.DistributionArn).
			ApplyT(func(all []any) error {
				for i, name := range []string{"domain", "zone", "url", "bucket", "id", "arn"} {
					values[name], _ = all[i].(string)
				}
				close(done)
				return nil
			})
		<-done
		return nil
	}, outputs, nil)
	return resources, values, err
}

func TestNew(t *testing.T) {
	t.Parallel()
	resources, values, err := run(valid())
	require.NoError(t, err)
	require.Equal(t, map[string]string{
		"domain": "d1.cloudfront.net", "zone": "Z2", "url": "https://d1.cloudfront.net", "bucket": "frontend-id",
		"id": "frontend-id", "arn": "arn:frontend",
	}, values)
	resources.RequireTags(t, map[string]string{"project": "stagecraft"})
	resources.RequireParents(t, componentType, "pulumi:providers:aws")

	distribution := resources.One(t, distributionType).Inputs
	require.Subset(t, distribution, map[string]any{
		"enabled": true, "isIpv6Enabled": true, "httpVersion": "http2and3", "priceClass": "PriceClass_100",
		"defaultRootObject": "index.html",
		"origins": []any{map[string]any{
			"originId": "app", "domainName": "app.s3.eu-west-1.amazonaws.com", "originAccessControlId": "frontend-id",
		}},
		"defaultCacheBehavior": map[string]any{
			"targetOriginId": "app", "viewerProtocolPolicy": "redirect-to-https", "compress": true,
			"allowedMethods": []any{"GET", "HEAD"}, "cachedMethods": []any{"GET", "HEAD"},
			"cachePolicyId": "frontend-id", "responseHeadersPolicyId": "frontend-id",
			"functionAssociations": []any{map[string]any{"eventType": "viewer-request", "functionArn": "arn:frontend"}},
		},
		"orderedCacheBehaviors": []any{map[string]any{
			"pathPattern": "/assets/*", "targetOriginId": "app", "viewerProtocolPolicy": "redirect-to-https", "compress": true,
			"allowedMethods": []any{"GET", "HEAD"}, "cachedMethods": []any{"GET", "HEAD"},
			"cachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6", "responseHeadersPolicyId": "frontend-id",
		}},
		"viewerCertificate": map[string]any{"cloudfrontDefaultCertificate": true},
	})
	require.NotContains(t, distribution, "webAclId")
	require.Subset(t, resources.One(t, accessType).Inputs, map[string]any{
		"originAccessControlOriginType": "s3", "signingBehavior": "always", "signingProtocol": "sigv4",
	})
	require.Subset(t, resources.One(t, cachingType).Inputs, map[string]any{"minTtl": 300.0, "defaultTtl": 300.0, "maxTtl": 300.0})
	require.Subset(t, resources.One(t, functionType).Inputs, map[string]any{"runtime": "cloudfront-js-2.0", "publish": true})
}

func TestOnlyTheDistributionReads(t *testing.T) {
	t.Parallel()
	resources, _, err := run(valid())
	require.NoError(t, err)
	condition := `"Effect": "Allow", "Principal": {"Service": "cloudfront.amazonaws.com"},
		"Condition": {"StringEquals": {"aws:SourceArn": "arn:frontend"}}`
	require.JSONEq(t, `{"Version": "2012-10-17", "Statement": [
		{"Sid": "Read", "Action": "s3:GetObject", "Resource": "arn:frontend/*", `+condition+`},
		{"Sid": "TellWhatIsMissing", "Action": "s3:ListBucket", "Resource": "arn:frontend", `+condition+`},
		{"Sid": "DenyWithoutTLS", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
			"Resource": ["arn:frontend", "arn:frontend/*"], "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
	]}`, resources.One(t, policyType).Inputs["policy"].(string))
}

func TestUpload(t *testing.T) {
	t.Parallel()
	resources, _, err := run(valid())
	require.NoError(t, err)
	objects := resources.Of(objectType)
	require.Equal(t, []string{
		"frontend-assets/app.js", "frontend-assets/icon.svg", "frontend-assets/style.css", "frontend-index.html",
	}, resources.Names(objectType))
	page := resources.Named(t, objectType, "frontend-index.html")
	require.Subset(t, page.Inputs, map[string]any{
		"bucket": "frontend-id", "key": "index.html", "contentType": "text/html; charset=utf-8", "cacheControl": "no-cache",
	})
	require.False(t, page.RetainOnDelete)
	html := page.Inputs["source"].(*resource.Asset).Text
	require.Contains(t, html, `<meta name="api" content="https://api.example.com/api">`)
	for _, object := range objects {
		if object.Name == page.Name {
			continue
		}
		require.True(t, object.RetainOnDelete, "older pages load older assets")
		require.Equal(t, "public, max-age=31536000, immutable", object.Inputs["cacheControl"])
		require.Contains(t, html, "/"+object.Inputs["key"].(string))
		require.Contains(t, strings.Join(page.DependsOn, "\n"), "::"+object.Name, "the page comes last")
	}
	require.Equal(t, "text/css; charset=utf-8", resources.Named(t, objectType, "frontend-assets/style.css").Inputs["contentType"])
}

func TestMetaAndSecurityHeaders(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		api     pulumi.StringInput
		connect string
	}{
		"what the page says": {nil, "connect-src 'self';"},
		"a path":             {pulumi.String("/api"), "connect-src 'self';"},
		"another origin":     {pulumi.String("https://api.example.com:8443/api"), "connect-src 'self' https://api.example.com:8443;"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := valid()
			args.APIURL = test.api
			resources, values, err := run(args)
			require.NoError(t, err)
			policy := resources.One(t, headersType).Inputs
			security := policy["securityHeadersConfig"].(map[string]any)
			content := security["contentSecurityPolicy"].(map[string]any)
			require.Equal(t, true, content["override"])
			require.Contains(t, content["contentSecurityPolicy"], "default-src 'none'")
			require.Contains(t, content["contentSecurityPolicy"], test.connect)
			require.Contains(t, content["contentSecurityPolicy"], "frame-ancestors 'none'")
			require.Equal(t, map[string]any{"frameOption": "DENY", "override": true}, security["frameOptions"])
			require.Equal(t, map[string]any{"override": true}, security["contentTypeOptions"])
			require.Equal(t, map[string]any{"referrerPolicy": "no-referrer", "override": true}, security["referrerPolicy"])
			require.Contains(t, security, "strictTransportSecurity")
			require.Equal(t, "https://d1.cloudfront.net", values["url"])
			require.Contains(t, policy["customHeadersConfig"].(map[string]any)["items"], map[string]any{
				"header": "Permissions-Policy", "override": true,
				"value": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
			})
			protocol := resources.One(t, distributionType).Inputs["defaultCacheBehavior"].(map[string]any)["viewerProtocolPolicy"]
			require.Equal(t, "redirect-to-https", protocol)
		})
	}
}

func TestAPIURLThatIsNone(t *testing.T) {
	t.Parallel()
	args := valid()
	args.APIURL = pulumi.String("http://a b")
	_, err := pulumitest.Run(func(ctx *pulumi.Context) error {
		_, err := frontend.New(ctx, "frontend", &args)
		return err
	}, outputs, nil)
	require.ErrorContains(t, err, `the content of the meta element "api"`)
}

func TestOwnName(t *testing.T) {
	t.Parallel()
	args := valid()
	args.Aliases, args.CertificateArn = []string{"www.example.com"}, pulumi.String("arn:certificate")
	args.WebACLArn, args.OriginShield, args.PriceClass = pulumi.String("arn:acl"), "eu-west-1", "PriceClass_All"
	resources, values, err := run(args)
	require.NoError(t, err)
	require.Equal(t, "https://www.example.com", values["url"])
	require.Equal(t, map[string]any{"accessControlMaxAgeSec": 63072000.0, "override": true},
		resources.One(t, headersType).Inputs["securityHeadersConfig"].(map[string]any)["strictTransportSecurity"])
	distribution := resources.One(t, distributionType).Inputs
	require.Subset(t, distribution, map[string]any{
		"aliases": []any{"www.example.com"}, "webAclId": "arn:acl", "priceClass": "PriceClass_All",
		"viewerCertificate": map[string]any{
			"acmCertificateArn": "arn:certificate", "minimumProtocolVersion": "TLSv1.2_2021", "sslSupportMethod": "sni-only",
		},
	})
	require.Equal(t, map[string]any{"enabled": true, "originShieldRegion": "eu-west-1"},
		distribution["origins"].([]any)[0].(map[string]any)["originShield"])
}

func TestOrigins(t *testing.T) {
	t.Parallel()
	args := valid()
	args.Origins = []frontend.Origin{origin()}
	resources, _, err := run(args)
	require.NoError(t, err)
	distribution := resources.One(t, distributionType).Inputs
	dynamic := distribution["origins"].([]any)[1].(map[string]any)
	require.Equal(t, "load-balancer", dynamic["originId"])
	require.Equal(t, "lb.example.com", dynamic["domainName"])
	require.Equal(t, map[string]any{
		"httpPort": 80.0, "httpsPort": 443.0, "originProtocolPolicy": "http-only", "originReadTimeout": 30.0,
		"originSslProtocols": []any{"TLSv1.2"},
	}, dynamic["customOriginConfig"])

	behaviors := distribution["orderedCacheBehaviors"].([]any)
	require.Len(t, behaviors, 3)
	for i, pattern := range []string{"/api/hot", "/api/*"} {
		require.Equal(t, map[string]any{
			"pathPattern": pattern, "targetOriginId": "load-balancer", "viewerProtocolPolicy": "redirect-to-https", "compress": true,
			"allowedMethods": []any{"GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"}, "cachedMethods": []any{"GET", "HEAD"},
			"cachePolicyId":           "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
			"originRequestPolicyId":   "b689b0a8-53d0-40ab-baf2-68738e2966ac",
			"responseHeadersPolicyId": "frontend-id",
		}, behaviors[i+1], "errors of the API are not made pages")
	}
}

// TestOrder requires that CloudFront sends no requests to an origin that does not answer yet, and that the page is
// uploaded after all that it calls.
func TestOrder(t *testing.T) {
	t.Parallel()
	resources, err := pulumitest.Run(func(ctx *pulumi.Context) error {
		service, err := sns.NewTopic(ctx, "service", &sns.TopicArgs{})
		if err != nil {
			return err
		}
		api, err := sns.NewTopic(ctx, "api", &sns.TopicArgs{})
		if err != nil {
			return err
		}
		args, dynamic := valid(), origin()
		dynamic.Serving = []pulumi.Resource{service}
		args.Origins, args.After = []frontend.Origin{dynamic}, []pulumi.Resource{api}
		made, err := frontend.New(ctx, "frontend", &args)
		if err == nil {
			require.Len(t, made.Serving, 3, "the page, the distribution, and the policy with which it reads the bucket")
		}
		return err
	}, outputs, nil)
	require.NoError(t, err)
	distribution := strings.Join(resources.One(t, distributionType).DependsOn, "\n")
	require.Contains(t, distribution, "aws:sns/topic:Topic::service")
	require.NotContains(t, distribution, objectType)
	require.NotContains(t, distribution, "aws:sns/topic:Topic::api")
	page := strings.Join(resources.Named(t, objectType, "frontend-index.html").DependsOn, "\n")
	require.Contains(t, page, distributionType+"::frontend")
	require.Contains(t, page, "aws:sns/topic:Topic::api")
}

// TestConnectSources allows the page to call what its next version calls.
func TestConnectSources(t *testing.T) {
	t.Parallel()
	args := valid()
	args.APIURL, args.ConnectSources = pulumi.String("/api"), []string{"https://api.example.com"}
	resources, _, err := run(args)
	require.NoError(t, err)
	headers := resources.One(t, "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy").Inputs["securityHeadersConfig"]
	policy := headers.(map[string]any)["contentSecurityPolicy"].(map[string]any)["contentSecurityPolicy"]
	require.Contains(t, policy, "; connect-src 'self' https://api.example.com;")
}

// The engine must know that the headers' values are secret.
func TestOriginHeadersAreSecret(t *testing.T) {
	t.Parallel()
	args := valid()
	args.Origins = []frontend.Origin{origin()}
	resources, _, err := run(args)
	require.NoError(t, err)
	require.Equal(t, []string{"origins"}, resources.One(t, distributionType).Secrets)
	dynamic := resources.One(t, distributionType).Inputs["origins"].([]any)[1].(map[string]any)
	require.Equal(t, []any{map[string]any{"name": "X-Origin-Verify", "value": "secret"}}, dynamic["customHeaders"])
}

func TestLogs(t *testing.T) {
	t.Parallel()
	resources, _, err := run(valid())
	require.NoError(t, err)
	access := resources.Named(t, logGroupType, "frontend-access")
	require.Equal(t, "/aws/vendedlogs/cloudfront/stagecraft-test-frontend-", access.Inputs["namePrefix"])
	require.InDelta(t, 30, access.Inputs["retentionInDays"], 0)
	require.Subset(t, resources.One(t, logSourceType).Inputs, map[string]any{
		"logType": "ACCESS_LOGS", "resourceArn": "arn:frontend",
	})
	require.Subset(t, resources.One(t, logTargetType).Inputs, map[string]any{
		"outputFormat":                     "json",
		"deliveryDestinationConfiguration": map[string]any{"destinationResourceArn": "arn:frontend-access"},
	})
	require.Subset(t, resources.One(t, logDeliveryType).Inputs, map[string]any{
		"deliverySourceName": "frontend", "deliveryDestinationArn": "arn:frontend",
	})
	there := pulumitest.Resources{
		access, resources.One(t, logSourceType), resources.One(t, logTargetType), resources.One(t, logDeliveryType),
	}
	for _, found := range there {
		require.Contains(t, found.Provider, "::us-east-1::", found.Type)
	}
}

func TestInvalidation(t *testing.T) {
	t.Parallel()
	resources, _, err := run(valid())
	require.NoError(t, err)
	require.Equal(t, map[string]any{"bucket": "frontend-id", "eventbridge": true}, resources.One(t, notificationType).Inputs)
	require.JSONEq(t, `{"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": {
		"bucket": {"name": ["frontend-id"]}, "object": {"key": [{"anything-but": {"prefix": "assets/"}}]}
	}}`, resources.One(t, ruleType).Inputs["eventPattern"].(string))
	require.Equal(t, map[string]any{"rule": "frontend", "arn": "arn:frontend", "roleArn": "arn:frontend-start"},
		resources.One(t, targetType).Inputs)

	machine := resources.One(t, machineType)
	require.Equal(t, "arn:frontend-invalidation", machine.Inputs["roleArn"])
	require.JSONEq(t, `{"StartAt": "Invalidate", "States": {"Invalidate": {
		"Type": "Task",
		"Resource": "arn:aws:states:::aws-sdk:cloudfront:createInvalidation",
		"Parameters": {"DistributionId": "frontend-id", "InvalidationBatch": {
			"CallerReference.$": "$$.Execution.Name", "Paths": {"Quantity": 1, "Items": ["/*"]}
		}},
		"Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 60, "MaxAttempts": 5, "BackoffRate": 2}],
		"End": true
	}}}`, machine.Inputs["definition"].(string))
	require.Equal(t, map[string]any{
		"level": "ERROR", "includeExecutionData": true, "logDestination": "arn:frontend-invalidation:*",
	}, machine.Inputs["loggingConfiguration"])
	require.Equal(t, map[string][]string{
		"frontend-invalidation of frontend-invalidation": {
			"Allow cloudfront:CreateInvalidation on arn:frontend",
			"Allow logs:CreateLogDelivery logs:DeleteLogDelivery logs:DescribeLogGroups logs:DescribeResourcePolicies " +
				"logs:GetLogDelivery logs:ListLogDeliveries logs:PutResourcePolicy logs:UpdateLogDelivery on *",
		},
		"frontend-start of frontend-start": {"Allow states:StartExecution on arn:frontend"},
	}, resources.Policies(t), "a state machine that may not log is not created")
	for name, service := range map[string]string{"frontend-invalidation": "states", "frontend-start": "events"} {
		require.JSONEq(t, `{"Version": "2012-10-17", "Statement": [{
			"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "`+service+`.amazonaws.com"},
			"Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}}
		}]}`, resources.Named(t, roleType, name).Inputs["assumeRolePolicy"].(string))
	}
	require.Contains(t, strings.Join(resources.One(t, targetType).DependsOn, "\n"), rolePolicyType+"::frontend-start")
	require.Contains(t, strings.Join(machine.DependsOn, "\n"), rolePolicyType+"::frontend-invalidation")
}

func TestAlarms(t *testing.T) {
	t.Parallel()
	resources, _, err := run(valid())
	require.NoError(t, err)
	const (
		distribution = " DistributionId=frontend-id Region=Global "
		function     = " FunctionName=frontend Region=Global "
	)
	require.Equal(t, map[string]string{
		"frontend-4xx-rate": "Average of AWS/CloudFront 4xxErrorRate" + distribution +
			">= 25 in 3 x 300 s, missing data notBreaching: arn:global-topic",
		"frontend-5xx-rate": "Average of AWS/CloudFront 5xxErrorRate" + distribution +
			">= 5 in 5 x 60 s, missing data notBreaching: arn:global-topic",
		"frontend-origin-latency": "p99 of AWS/CloudFront OriginLatency" + distribution +
			"> 3000 in 5 x 60 s, missing data notBreaching: arn:global-topic",
		"frontend-function-errors": "Sum of AWS/CloudFront FunctionExecutionErrors" + function +
			">= 1 in 1 x 300 s, missing data notBreaching: arn:global-topic",
		"frontend-function-invalid": "Sum of AWS/CloudFront FunctionValidationErrors" + function +
			">= 1 in 1 x 300 s, missing data notBreaching: arn:global-topic",
		"frontend-invalidation-failed": "Sum of AWS/States ExecutionsFailed StateMachineArn=arn:frontend " +
			">= 1 in 1 x 300 s, missing data notBreaching: arn:topic",
		"frontend-invalidation-not-started": "Sum of AWS/Events FailedInvocations RuleName=frontend " +
			">= 1 in 1 x 300 s, missing data notBreaching: arn:topic",
	}, resources.Alarms(t))
	for _, alarm := range resources.Of(alarmType) {
		global := alarm.Inputs["namespace"] == "AWS/CloudFront"
		require.Equal(t, global, strings.Contains(alarm.Provider, "::us-east-1::"), alarm.Name)
	}
	require.Equal(t, map[string]any{
		"realtimeMetricsSubscriptionConfig": map[string]any{"realtimeMetricsSubscriptionStatus": "Enabled"},
	}, resources.One(t, monitoringType).Inputs["monitoringSubscription"])
}

func TestEphemeral(t *testing.T) {
	t.Parallel()
	for _, ephemeral := range []bool{true, false} {
		args := valid()
		args.Ephemeral = ephemeral
		resources, _, err := run(args)
		require.NoError(t, err)
		require.Equal(t, !ephemeral, resources.One(t, bucketType).RetainOnDelete, "a stack may do without it, and loses nothing")
		require.Equal(t, ephemeral, resources.One(t, bucketType).Inputs["forceDestroy"])
		require.False(t, slices.ContainsFunc(resources, func(found pulumitest.Resource) bool { return found.Protect }))
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	withOrigin := func(change func(*frontend.Origin)) func(*frontend.Args) {
		return func(a *frontend.Args) {
			changed := origin()
			change(&changed)
			a.Origins = []frontend.Origin{changed}
		}
	}
	for name, test := range map[string]struct {
		change func(*frontend.Args)
		want   string
	}{
		"no account":                {func(a *frontend.Args) { a.AccountID = "" }, "AccountID, AlarmTopicArn and Global.AlarmTopicArn must be set"},
		"no topic":                  {func(a *frontend.Args) { a.AlarmTopicArn = nil }, "must be set"},
		"no topic there":            {func(a *frontend.Args) { a.Global.AlarmTopicArn = nil }, "must be set"},
		"a directory of no app":     {func(a *frontend.Args) { a.Directory = "." }, `Directory is ".": it must hold index.html`},
		"no directory":              {func(a *frontend.Args) { a.Directory = "missing" }, `Directory is "missing"`},
		"an unknown meta":           {func(a *frontend.Args) { a.Meta = map[string]pulumi.StringInput{"colour": pulumi.String("red")} }, `<meta name="colour"`},
		"a name without a cert":     {func(a *frontend.Args) { a.Aliases = []string{"www.example.com"} }, "Aliases are [www.example.com]"},
		"a cert without a name":     {func(a *frontend.Args) { a.CertificateArn = pulumi.String("arn") }, "Aliases are []"},
		"an unknown price class":    {func(a *frontend.Args) { a.PriceClass = "cheap" }, `PriceClass is "cheap"`},
		"a shield that is not":      {func(a *frontend.Args) { a.OriginShield = "eu-north-1" }, `OriginShield is "eu-north-1"`},
		"logs for ever":             {func(a *frontend.Args) { a.LogRetentionDays = 0 }, "LogRetentionDays is 0"},
		"an origin twice":           {func(a *frontend.Args) { a.Origins = []frontend.Origin{origin(), origin()} }, `the origin "load-balancer" exists twice`},
		"the app's own name":        {withOrigin(func(o *frontend.Origin) { o.Name = "app" }), `the origin "app" exists twice, or has the app's own name`},
		"a name with capitals":      {withOrigin(func(o *frontend.Origin) { o.Name = "LB" }), `origin "LB": Name must be in kebab case`},
		"an origin nowhere":         {withOrigin(func(o *frontend.Origin) { o.DomainName = nil }), "DomainName and PathPatterns must be set"},
		"an origin for nothing":     {withOrigin(func(o *frontend.Origin) { o.PathPatterns = nil }), "DomainName and PathPatterns must be set"},
		"an unknown protocol":       {withOrigin(func(o *frontend.Origin) { o.Protocol = "http" }), `Protocol is "http"`},
		"a port of the system":      {withOrigin(func(o *frontend.Origin) { o.Port = 22 }), "Port is 22"},
		"a port below":              {withOrigin(func(o *frontend.Origin) { o.Port = 1023 }), "Port is 1023"},
		"a port above":              {withOrigin(func(o *frontend.Origin) { o.Port = 65536 }), "Port is 65536"},
		"too short":                 {withOrigin(func(o *frontend.Origin) { o.Timeout = -1 }), "Timeout is -1"},
		"too long":                  {withOrigin(func(o *frontend.Origin) { o.Timeout = 61 }), "Timeout is 61"},
		"a shield of an origin":     {withOrigin(func(o *frontend.Origin) { o.Shield = "eu-north-1" }), `Shield is "eu-north-1"`},
		"a pattern without a slash": {withOrigin(func(o *frontend.Origin) { o.PathPatterns = []string{"api/*"} }), `the path pattern "api/*" must begin with /`},
		"the app's own paths":       {withOrigin(func(o *frontend.Origin) { o.PathPatterns = []string{"/assets/*"} }), `"/assets/*", which is in use already`},
		"a pattern twice":           {withOrigin(func(o *frontend.Origin) { o.PathPatterns = []string{"/a", "/a"} }), `"/a", which is in use already`},
		"a header of CloudFront's": {withOrigin(func(o *frontend.Origin) {
			o.Headers = map[string]pulumi.StringInput{"Host": pulumi.String("a")}
		}), `the header "Host"`},
		"a header of AWS's": {withOrigin(func(o *frontend.Origin) {
			o.Headers = map[string]pulumi.StringInput{"X-Amz-Date": pulumi.String("a")}
		}), `the header "X-Amz-Date"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := valid()
			test.change(&args)
			resources, err := pulumitest.Run(func(ctx *pulumi.Context) error {
				_, err := frontend.New(ctx, "frontend", &args)
				return err
			}, nil, nil)
			require.ErrorContains(t, err, `frontend "frontend": `)
			require.ErrorContains(t, err, test.want)
			require.Empty(t, resources)
		})
	}
}

func TestOriginLimits(t *testing.T) {
	t.Parallel()
	for given, want := range map[int]float64{0: 30, 1: 1, 60: 60} {
		args, dynamic := valid(), origin()
		dynamic.Timeout, dynamic.Shield, dynamic.Port = given, "us-east-1", 8443
		args.Origins = []frontend.Origin{dynamic}
		resources, _, err := run(args)
		require.NoError(t, err)
		made := resources.One(t, distributionType).Inputs["origins"].([]any)[1].(map[string]any)
		require.Subset(t, made["customOriginConfig"], map[string]any{
			"originReadTimeout": want, "httpPort": 8443.0, "httpsPort": 8443.0,
		})
		require.Equal(t, map[string]any{"enabled": true, "originShieldRegion": "us-east-1"}, made["originShield"])
	}
}

func TestOriginPorts(t *testing.T) {
	t.Parallel()
	for given, want := range map[int][]any{
		0: {80.0, 443.0}, 80: {80.0, 80.0}, 443: {443.0, 443.0}, 1024: {1024.0, 1024.0}, 65535: {65535.0, 65535.0},
	} {
		args, dynamic := valid(), origin()
		dynamic.Port = given
		args.Origins = []frontend.Origin{dynamic}
		resources, _, err := run(args)
		require.NoError(t, err)
		config := resources.One(t, distributionType).Inputs["origins"].([]any)[1].(map[string]any)["customOriginConfig"].(map[string]any)
		require.Equal(t, want, []any{config["httpPort"], config["httpsPort"]})
	}
}
