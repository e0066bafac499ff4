package loadbalancer_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/loadbalancer"
	"stagecraft/internal/pulumitest"
)

const (
	balancerType = "aws:lb/loadBalancer:LoadBalancer"
	targetsType  = "aws:lb/targetGroup:TargetGroup"
	listenerType = "aws:lb/listener:Listener"
	ingressType  = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	bucketType   = "aws:s3/bucketV2:BucketV2"
	policyType   = "aws:s3/bucketPolicy:BucketPolicy"
)

var outputs = map[string]map[string]any{
	balancerType: {"arnSuffix": "app/lb/1", "dnsName": "lb.example.com", "zoneId": "Z1"},
	targetsType:  {"arnSuffix": "targetgroup/tg/1"},
}

var answers = map[string]map[string]any{"aws:ec2/getManagedPrefixList:getManagedPrefixList": {"id": "pl-1"}}

func valid() loadbalancer.Args {
	return loadbalancer.Args{
		AccountID:              "123456789012",
		VpcID:                  pulumi.String("vpc-1"),
		SubnetIDs:              pulumi.ToStringArray([]string{"subnet-1", "subnet-2"}),
		Public:                 &loadbalancer.Listener{},
		Targets:                &loadbalancer.Targets{Port: 8080, HealthCheckPath: "/healthz"},
		AccessLogRetentionDays: 90,
		AlarmTopicArn:          pulumi.String("arn:topic"),
		Tags:                   pulumi.StringMap{"project": pulumi.String("stagecraft")},
	}
}

func withCertificate() loadbalancer.Args {
	args := valid()
	args.Public.CertificateArn = pulumi.String("arn:certificate")
	return args
}

func cloudFrontOnly(args loadbalancer.Args) loadbalancer.Args {
	args.Targets, args.Public, args.CloudFront = nil, nil, args.Public
	return args
}

func run(args loadbalancer.Args, check func(*loadbalancer.LoadBalancer)) (pulumitest.Resources, error) {
	return pulumitest.Run(func(ctx *pulumi.Context) error {
		made, err := loadbalancer.New(ctx, "loadbalancer", &args)
		if err != nil {
			return err
		}
		if check != nil {
			check(made)
		}
		if err := made.AllowTargets(ctx, "targets", 8080, pulumi.String("sg-web")); err != nil || args.Targets == nil {
			return err
		}
		attachment, err := made.Attach(ctx, "web-1", pulumi.String("i-1"))
		if err == nil && attachment == nil {
			return errors.New("Attach returned no attachment")
		}
		return err
	}, outputs, answers)
}

func TestNew(t *testing.T) {
	t.Parallel()
	resources, err := run(valid(), func(made *loadbalancer.LoadBalancer) { require.Len(t, made.Alarms, 6) })
	require.NoError(t, err)

	require.Subset(t, resources.One(t, balancerType).Inputs, map[string]any{
		"loadBalancerType":         "application",
		"securityGroups":           []any{"loadbalancer-id"},
		"subnets":                  []any{"subnet-1", "subnet-2"},
		"accessLogs":               map[string]any{"bucket": "loadbalancer-logs-id", "enabled": true},
		"desyncMitigationMode":     "defensive",
		"dropInvalidHeaderFields":  true,
		"enableDeletionProtection": true,
		"idleTimeout":              60.0,
	})
	require.Subset(t, resources.One(t, targetsType).Inputs, map[string]any{
		"vpcId":               "vpc-1",
		"targetType":          "instance",
		"protocol":            "HTTP",
		"port":                8080.0,
		"deregistrationDelay": 60.0,
		"healthCheck": map[string]any{
			"enabled": true, "protocol": "HTTP", "path": "/healthz", "matcher": "200",
			"interval": 15.0, "timeout": 5.0, "healthyThreshold": 2.0, "unhealthyThreshold": 3.0,
		},
		"stickiness": map[string]any{"type": "lb_cookie", "enabled": false},
	})
	require.Subset(t, resources.One(t, "aws:lb/targetGroupAttachment:TargetGroupAttachment").Inputs, map[string]any{
		"targetGroupArn": "arn:loadbalancer",
		"targetId":       "i-1",
	})
}

func TestLimits(t *testing.T) {
	t.Parallel()
	for name, limits := range map[string]struct {
		port, pathLength, delay, days int
	}{
		"least": {1, 1, 1, 1},
		"most":  {65535, 1024, 3600, 3650},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := valid()
			args.AccessLogRetentionDays = limits.days
			args.Targets = &loadbalancer.Targets{
				Port: limits.port, HealthCheckPath: "/" + strings.Repeat("a", limits.pathLength-1), DeregistrationDelay: limits.delay,
			}
			resources, err := run(args, nil)
			require.NoError(t, err)
			require.InDelta(t, limits.delay, resources.One(t, targetsType).Inputs["deregistrationDelay"], 0)
		})
	}
}

func TestSecurityGroup(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args   loadbalancer.Args
		source string
		names  []string
		ports  []any
	}{
		"plain":            {valid(), "cidrIpv4", []string{"loadbalancer-80"}, []any{80.0}},
		"with certificate": {withCertificate(), "cidrIpv4", []string{"loadbalancer-443", "loadbalancer-80"}, []any{443.0, 80.0}},
		"CloudFront only": {
			cloudFrontOnly(withCertificate()), "prefixListId", []string{"loadbalancer-cloudfront"}, []any{8443.0},
		},
		"CloudFront only, plain": {
			cloudFrontOnly(valid()), "prefixListId", []string{"loadbalancer-cloudfront"}, []any{8080.0},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resources, err := run(test.args, nil)
			require.NoError(t, err)

			var ports []any
			for _, rule := range resources.Of(ingressType) {
				require.Subset(t, rule.Inputs, map[string]any{
					"securityGroupId": "loadbalancer-id",
					test.source:       map[string]any{"cidrIpv4": "0.0.0.0/0", "prefixListId": "pl-1"}[test.source],
					"ipProtocol":      "tcp",
					"toPort":          rule.Inputs["fromPort"],
				})
				ports = append(ports, rule.Inputs["fromPort"])
			}
			require.ElementsMatch(t, test.ports, ports)
			require.Equal(t, test.names, resources.Names(ingressType))

			group := resources.One(t, "aws:ec2/securityGroup:SecurityGroup")
			require.Equal(t, "vpc-1", group.Inputs["vpcId"])
			require.Equal(t, []string{"description"}, group.IgnoreChanges, "another text would replace it")
			require.NotContains(t, group.Inputs, "ingress")
			require.NotContains(t, group.Inputs, "egress")
			egress := resources.Named(t, "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "loadbalancer-to-targets")
			require.Subset(t, egress.Inputs, map[string]any{
				"securityGroupId":           "loadbalancer-id",
				"referencedSecurityGroupId": "sg-web",
				"ipProtocol":                "tcp",
				"fromPort":                  8080.0,
				"toPort":                    8080.0,
			})
		})
	}
}

func TestListeners(t *testing.T) {
	t.Parallel()
	forward := []any{map[string]any{"type": "forward", "targetGroupArn": "arn:loadbalancer"}}
	forbidden := []any{map[string]any{"type": "fixed-response", "fixedResponse": map[string]any{
		"contentType": "text/plain", "messageBody": "Forbidden", "statusCode": "403",
	}}}
	withoutTargets := valid()
	withoutTargets.Targets = nil
	for name, test := range map[string]struct {
		args      loadbalancer.Args
		url       string
		port      int
		listeners map[string]map[string]any
	}{
		"without targets": {withoutTargets, "http://lb.example.com", 80, map[string]map[string]any{
			"loadbalancer-http": {"protocol": "HTTP", "port": 80.0, "defaultActions": forbidden},
		}},
		"CloudFront only": {cloudFrontOnly(withCertificate()), "", 8443, map[string]map[string]any{
			"loadbalancer-cloudfront": {
				"protocol": "HTTPS", "port": 8443.0, "certificateArn": "arn:certificate",
				"sslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-2021-06", "defaultActions": forbidden,
			},
		}},
		"CloudFront only, plain": {cloudFrontOnly(valid()), "", 8080, map[string]map[string]any{
			"loadbalancer-cloudfront": {"protocol": "HTTP", "port": 8080.0, "defaultActions": forbidden},
		}},
		"plain": {valid(), "http://lb.example.com", 80, map[string]map[string]any{
			"loadbalancer-http": {"protocol": "HTTP", "port": 80.0, "defaultActions": forward},
		}},
		"with certificate": {withCertificate(), "https://lb.example.com", 443, map[string]map[string]any{
			"loadbalancer-http": {"protocol": "HTTP", "port": 80.0, "defaultActions": []any{map[string]any{
				"type":     "redirect",
				"redirect": map[string]any{"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301"},
			}}},
			"loadbalancer-https": {
				"protocol": "HTTPS", "port": 443.0, "certificateArn": "arn:certificate",
				"sslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-2021-06", "defaultActions": forward,
			},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			known := make(chan []any, 1)
			resources, err := run(test.args, func(made *loadbalancer.LoadBalancer) {
				listening, url := made.Public, made.URL
				if listening == nil {
					listening, url = made.CloudFront, pulumi.String("").ToStringOutput()
				}
				require.Equal(t, test.port, listening.Port)
				pulumi.All(url, made.DNSName, made.ZoneID, made.ArnSuffix, made.SecurityGroupID, listening.Arn).
					ApplyT(func(values []any) error { known <- values; return nil })
			})
			require.NoError(t, err)
			resources.RequireParents(t, "stagecraft:loadbalancer:LoadBalancer")
			resources.RequireTags(t, map[string]string{"project": "stagecraft"})
			values := <-known
			require.Equal(t, []any{test.url, "lb.example.com", "Z1", "app/lb/1", "loadbalancer-id"}, values[:5])
			serving := strings.TrimPrefix(values[5].(string), "arn:")
			require.InDelta(t, test.port, resources.Named(t, listenerType, serving).Inputs["port"], 0)

			require.Len(t, resources.Of(listenerType), len(test.listeners))
			for listener, inputs := range test.listeners {
				made := resources.Named(t, listenerType, listener)
				require.Equal(t, "arn:loadbalancer", made.Inputs["loadBalancerArn"])
				require.Subset(t, made.Inputs, inputs)
			}
			for _, https := range resources.Names(listenerType)[1:] {
				require.True(t, waitsFor(resources.Named(t, listenerType, "loadbalancer-http"), listenerType, https))
			}
		})
	}
}

// TestBothListeners stand side by side while a stack grows, under the names that they have alone.
func TestBothListeners(t *testing.T) {
	t.Parallel()
	args := withCertificate()
	args.CloudFront = &loadbalancer.Listener{CertificateArn: pulumi.String("arn:api")}
	resources, err := run(args, func(made *loadbalancer.LoadBalancer) {
		require.Equal(t, 443, made.Public.Port)
		require.Equal(t, 8443, made.CloudFront.Port)
		require.Len(t, made.Alarms, 7)
	})
	require.NoError(t, err)
	require.Equal(t, []string{"loadbalancer-cloudfront", "loadbalancer-http", "loadbalancer-https"}, resources.Names(listenerType))
	require.Equal(t, "arn:api", resources.Named(t, listenerType, "loadbalancer-cloudfront").Inputs["certificateArn"])
	require.Equal(t, []string{"loadbalancer-443", "loadbalancer-80", "loadbalancer-cloudfront"}, resources.Names(ingressType))
}

func TestTargets(t *testing.T) {
	t.Parallel()
	known := make(chan []any, 1)
	_, err := run(valid(), func(made *loadbalancer.LoadBalancer) {
		require.Equal(t, 60, made.DeregistrationDelay)
		pulumi.All(made.TargetGroupArn, made.ResourceLabel).ApplyT(func(values []any) error { known <- values; return nil })
	})
	require.NoError(t, err)
	require.Equal(t, []any{"arn:loadbalancer", "app/lb/1/targetgroup/tg/1"}, <-known)

	_, err = pulumitest.Run(func(ctx *pulumi.Context) error {
		args := cloudFrontOnly(valid())
		made, err := loadbalancer.New(ctx, "loadbalancer", &args)
		require.NoError(t, err)
		_, err = made.Attach(ctx, "web-1", pulumi.String("i-1"))
		return err
	}, outputs, answers)
	require.ErrorContains(t, err, `load balancer "loadbalancer": target "web-1": Targets must be set`)
}

func TestOtherCertificates(t *testing.T) {
	t.Parallel()
	args := withCertificate()
	args.Public.OtherCertificateArns = map[string]pulumi.StringInput{"api": pulumi.String("arn:api")}
	resources, err := run(args, func(made *loadbalancer.LoadBalancer) { require.Len(t, made.Public.Serving, 3) })
	require.NoError(t, err)
	added := resources.One(t, "aws:lb/listenerCertificate:ListenerCertificate")
	require.Equal(t, "loadbalancer-api", added.Name)
	require.Equal(t, map[string]any{"listenerArn": "arn:loadbalancer-https", "certificateArn": "arn:api"}, added.Inputs)
}

func TestLogBucket(t *testing.T) {
	t.Parallel()
	resources, err := run(valid(), nil)
	require.NoError(t, err)

	for _, token := range []string{
		"aws:s3/bucketOwnershipControls:BucketOwnershipControls",
		"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
		"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
		"aws:s3/bucketVersioningV2:BucketVersioningV2",
		"aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2",
		policyType,
	} {
		require.Equal(t, "loadbalancer-logs-id", resources.One(t, token).Inputs["bucket"], token)
	}
	inputs := func(token string) map[string]any { return resources.One(t, token).Inputs }
	require.Subset(t, inputs("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"), map[string]any{
		"blockPublicAcls": true, "blockPublicPolicy": true, "ignorePublicAcls": true, "restrictPublicBuckets": true,
	})
	require.Equal(t, map[string]any{"objectOwnership": "BucketOwnerEnforced"},
		inputs("aws:s3/bucketOwnershipControls:BucketOwnershipControls")["rule"])
	require.Equal(t, map[string]any{"status": "Enabled"},
		inputs("aws:s3/bucketVersioningV2:BucketVersioningV2")["versioningConfiguration"])
	require.Equal(t,
		[]any{map[string]any{"applyServerSideEncryptionByDefault": map[string]any{"sseAlgorithm": "AES256"}}},
		inputs("aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2")["rules"])
	require.Equal(t, []any{map[string]any{
		"id":                             "expire",
		"status":                         "Enabled",
		"filter":                         map[string]any{"prefix": ""},
		"expiration":                     map[string]any{"days": 90.0},
		"noncurrentVersionExpiration":    map[string]any{"noncurrentDays": 7.0},
		"abortIncompleteMultipartUpload": map[string]any{"daysAfterInitiation": 7.0},
	}}, inputs("aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2")["rules"])
}

func TestLogDelivery(t *testing.T) {
	t.Parallel()
	resources, err := run(valid(), nil)
	require.NoError(t, err)

	policy := resources.One(t, policyType)
	require.JSONEq(t, `{"Version": "2012-10-17", "Statement": [{
		"Sid": "DeliverAccessLogs",
		"Effect": "Allow",
		"Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
		"Action": "s3:PutObject",
		"Resource": "arn:loadbalancer-logs/AWSLogs/123456789012/*"
	}, {
		"Sid": "DenyWithoutTLS",
		"Effect": "Deny",
		"Principal": "*",
		"Action": "s3:*",
		"Resource": ["arn:loadbalancer-logs", "arn:loadbalancer-logs/*"],
		"Condition": {"Bool": {"aws:SecureTransport": "false"}}
	}]}`, policy.Inputs["policy"].(string))

	require.True(t, waitsFor(resources.One(t, balancerType), policyType, policy.Name))
}

func waitsFor(waiting pulumitest.Resource, token, name string) bool {
	return slices.ContainsFunc(waiting.DependsOn, func(urn string) bool {
		return strings.HasSuffix(urn, token+"::"+name)
	})
}

// TestUnprotected removes the protection of the load balancer alone: its logs stay.
func TestUnprotected(t *testing.T) {
	t.Parallel()
	args := valid()
	args.Unprotected = true
	resources, err := run(args, nil)
	require.NoError(t, err)
	require.False(t, resources.One(t, balancerType).Protect)
	require.Equal(t, false, resources.One(t, balancerType).Inputs["enableDeletionProtection"])
	require.True(t, resources.One(t, bucketType).RetainOnDelete)
	require.Equal(t, false, resources.One(t, bucketType).Inputs["forceDestroy"])
}

func TestEphemeral(t *testing.T) {
	t.Parallel()
	for _, ephemeral := range []bool{true, false} {
		args := valid()
		args.Ephemeral = ephemeral
		resources, err := run(args, nil)
		require.NoError(t, err)

		bucket := resources.One(t, bucketType)
		require.False(t, bucket.Protect, "a stack may do without a load balancer")
		require.Equal(t, !ephemeral, bucket.RetainOnDelete, "its logs stay")
		require.Equal(t, !ephemeral, resources.One(t, policyType).RetainOnDelete)
		require.Equal(t, !ephemeral, resources.One(t, balancerType).Protect)
		require.Equal(t, ephemeral, bucket.Inputs["forceDestroy"])
		require.Equal(t, !ephemeral, resources.One(t, balancerType).Inputs["enableDeletionProtection"])
	}
}

func TestAlarms(t *testing.T) {
	t.Parallel()
	resources, err := run(valid(), nil)
	require.NoError(t, err)

	const (
		balancer = " LoadBalancer=app/lb/1 "
		targets  = " LoadBalancer=app/lb/1 TargetGroup=targetgroup/tg/1 "
	)
	ofBalancer := map[string]string{
		"loadbalancer-elb-5xx": "Sum of AWS/ApplicationELB HTTPCode_ELB_5XX_Count" + balancer +
			">= 10 in 1 x 300 s, missing data notBreaching: arn:topic",
		"loadbalancer-rejected-connections": "Sum of AWS/ApplicationELB RejectedConnectionCount" + balancer +
			">= 1 in 1 x 60 s, missing data notBreaching: arn:topic",
	}
	ofTargets := map[string]string{
		"loadbalancer-target-5xx": "Sum of AWS/ApplicationELB HTTPCode_Target_5XX_Count" + targets +
			">= 10 in 1 x 300 s, missing data notBreaching: arn:topic",
		"loadbalancer-unhealthy-hosts": "Maximum of AWS/ApplicationELB UnHealthyHostCount" + targets +
			">= 1 in 5 x 60 s, missing data missing: arn:topic",
		"loadbalancer-healthy-hosts": "Minimum of AWS/ApplicationELB HealthyHostCount" + targets +
			"< 1 in 2 x 60 s, missing data breaching: arn:topic",
		"loadbalancer-latency": "p99 of AWS/ApplicationELB TargetResponseTime" + targets +
			"> 1 in 5 x 60 s, missing data notBreaching: arn:topic",
	}
	ofRules := map[string]string{
		"loadbalancer-refusals": "Sum of AWS/ApplicationELB HTTP_Fixed_Response_Count" + balancer +
			">= 100 in 1 x 300 s, missing data notBreaching: arn:topic",
	}
	alarms := func(parts ...map[string]string) map[string]string {
		all := map[string]string{}
		for _, part := range parts {
			maps.Copy(all, part)
		}
		return all
	}
	require.Equal(t, alarms(ofBalancer, ofTargets), resources.Alarms(t))

	resources, err = run(cloudFrontOnly(valid()), nil)
	require.NoError(t, err)
	require.Empty(t, resources.Of(targetsType))
	require.Equal(t, alarms(ofBalancer, ofRules), resources.Alarms(t), "without targets none is about them")

	args := valid()
	args.CloudFront = &loadbalancer.Listener{}
	resources, err = run(args, nil)
	require.NoError(t, err)
	require.Equal(t, alarms(ofBalancer, ofTargets, ofRules), resources.Alarms(t))
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*loadbalancer.Args)
		says   string
	}{
		"no account": {func(args *loadbalancer.Args) { args.AccountID = "" }, "AccountID must be set"},
		"no port":    {func(args *loadbalancer.Args) { args.Targets.Port = 0 }, "Targets.Port is 0: it must be 1 to 65535"},
		"high port":  {func(args *loadbalancer.Args) { args.Targets.Port = 65536 }, "Targets.Port is 65536"},
		"no path":    {func(args *loadbalancer.Args) { args.Targets.HealthCheckPath = "" }, `HealthCheckPath is ""`},
		"relative":   {func(args *loadbalancer.Args) { args.Targets.HealthCheckPath = "healthz" }, `HealthCheckPath is "healthz"`},
		"long path":  {func(args *loadbalancer.Args) { args.Targets.HealthCheckPath += strings.Repeat("a", 1024) }, "1024 characters"},
		"past delay": {func(args *loadbalancer.Args) { args.Targets.DeregistrationDelay = -1 }, "DeregistrationDelay is -1"},
		"long delay": {func(args *loadbalancer.Args) { args.Targets.DeregistrationDelay = 3601 }, "it must be 1 to 3600 seconds"},
		"targets":    {func(args *loadbalancer.Args) { args.CloudFront, args.Public = args.Public, nil }, "Targets without Public"},
		"certificates": {func(args *loadbalancer.Args) {
			args.Public.OtherCertificateArns = map[string]pulumi.StringInput{"api": pulumi.String("arn:api")}
		}, "OtherCertificateArns without CertificateArn"},
		"no listener": {func(args *loadbalancer.Args) { args.Public = nil }, "Public or CloudFront must be set"},
		"names of CloudFront": {func(args *loadbalancer.Args) {
			args.CloudFront = &loadbalancer.Listener{
				OtherCertificateArns: map[string]pulumi.StringInput{"api": pulumi.String("arn:api")},
			}
		}, "CloudFront.OtherCertificateArns is set"},
		"no retention": {func(args *loadbalancer.Args) { args.AccessLogRetentionDays = 0 }, "AccessLogRetentionDays is 0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := valid()
			test.change(&args)
			resources, err := run(args, nil)
			require.ErrorContains(t, err, `load balancer "loadbalancer": `)
			require.ErrorContains(t, err, test.says)
			require.Empty(t, resources)
		})
	}
}
