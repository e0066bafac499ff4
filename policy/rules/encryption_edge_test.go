package rules

var (
	ownName     = props{"acmCertificateArn": "arn:aws:acm:us-east-1:111122223333:certificate/1"}
	defaultName = props{"cloudfrontDefaultCertificate": true}
)

// originOf returns a distribution with one origin.
func originOf(protocolPolicy string, versions ...any) []any {
	return []any{
		props{"originAccessControlId": "E1"},
		props{"customOriginConfig": props{"originProtocolPolicy": protocolPolicy, "originSslProtocols": versions}},
	}
}

var edgeExamples = map[string]examples{
	"cloudfront-viewer-https": {
		typ: "aws:cloudfront/distribution:Distribution",
		pass: []props{
			{},
			{"defaultCacheBehavior": props{"viewerProtocolPolicy": "redirect-to-https"}},
			{
				"defaultCacheBehavior":  props{"viewerProtocolPolicy": "https-only"},
				"orderedCacheBehaviors": []any{props{"viewerProtocolPolicy": "https-only"}},
			},
		},
		fail: []props{
			{"defaultCacheBehavior": props{"viewerProtocolPolicy": "allow-all"}},
			{"orderedCacheBehaviors": []any{props{"viewerProtocolPolicy": "allow-all"}}},
		},
	},
	"cloudfront-tls-version": {
		typ: "aws:cloudfront/distribution:Distribution",
		pass: []props{
			{},
			{"viewerCertificate": defaultName},
			{"viewerCertificate": props{"iamCertificateId": "1", "minimumProtocolVersion": "TLSv1.2_2021"}},
		},
		fail: []props{
			{"viewerCertificate": ownName},
			{"viewerCertificate": props{"acmCertificateArn": "arn", "minimumProtocolVersion": "TLSv1.1_2016"}},
		},
	},
	"cloudfront-own-certificate": {
		typ:  "aws:cloudfront/distribution:Distribution",
		pass: []props{{"viewerCertificate": ownName}, {"viewerCertificate": props{"iamCertificateId": "1"}}},
		fail: []props{{}, {"viewerCertificate": defaultName}},
	},
	"cloudfront-sni": {
		typ:  "aws:cloudfront/distribution:Distribution",
		pass: []props{{}, {"viewerCertificate": props{"sslSupportMethod": "sni-only"}}},
		fail: []props{{"viewerCertificate": props{"sslSupportMethod": "vip"}}},
	},
	"cloudfront-origin-https": {
		typ: "aws:cloudfront/distribution:Distribution",
		pass: []props{
			{},
			{"viewerCertificate": ownName, "origins": originOf("https-only")},
			{"viewerCertificate": ownName, "origins": originOf("match-viewer")},
			{"viewerCertificate": defaultName, "origins": originOf("http-only")},
		},
		fail: []props{{"viewerCertificate": ownName, "origins": originOf("http-only")}},
	},
	"cloudfront-default-certificate-origin-https": {
		typ: "aws:cloudfront/distribution:Distribution",
		pass: []props{
			{},
			{"viewerCertificate": defaultName, "origins": originOf("https-only")},
			{"viewerCertificate": ownName, "origins": originOf("http-only")},
		},
		fail: []props{{"viewerCertificate": defaultName, "origins": originOf("http-only")}, {"origins": originOf("http-only")}},
	},
	"cloudfront-origin-tls-version": {
		typ:  "aws:cloudfront/distribution:Distribution",
		pass: []props{{}, {"origins": originOf("https-only", "TLSv1.2")}, {"origins": originOf("http-only", "SSLv3")}},
		fail: []props{{"origins": originOf("https-only", "SSLv3", "TLSv1.2")}, {"origins": originOf("match-viewer", "TLSv1.1")}},
	},
	"lb-listener-tls-version": {
		typ: "aws:alb/listener:Listener",
		pass: []props{
			{},
			{"protocol": "HTTP"},
			{"protocol": "TCP"},
			{"protocol": "HTTPS", "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"},
			{"protocol": "TLS", "sslPolicy": "ELBSecurityPolicy-TLS13-1-3-2021-06"},
		},
		fail: []props{
			{"protocol": "HTTPS", "sslPolicy": ""},
			{"protocol": "HTTPS"},
			{"protocol": "HTTPS", "sslPolicy": "ELBSecurityPolicy-2016-08"},
			{"protocol": "TLS", "sslPolicy": "ELBSecurityPolicy-TLS13-1-1-2021-06"},
			{"protocol": "TLS", "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06"},
		},
	},
}

// listenerOf returns a listener of the load balancer lb that forwards or redirects.
func listenerOf(name, protocol string, redirects bool) part {
	action := props{"type": "forward"}
	if redirects {
		action = props{"type": "redirect", "redirect": props{"protocol": "HTTPS"}}
	}
	return part{
		typ: "aws:lb/listener:Listener", name: name,
		props: props{"protocol": protocol, "defaultActions": []any{action}}, from: map[string][]string{"loadBalancerArn": {"lb"}},
	}
}

// bucketPolicyOf returns a policy of the bucket data.
func bucketPolicyOf(text string) part {
	return part{
		typ: "aws:s3/bucketPolicy:BucketPolicy", name: "policy", props: props{"policy": text},
		from: map[string][]string{"bucket": {"data"}},
	}
}

const (
	denyPlain = `{"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": ["s3:*"], "Resource": "*",
		"Condition": {"Bool": {"aws:SecureTransport": ["false"]}}}`
	allowPlain = `{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}`
	// denySome denies requests from one network only.
	denySome = `{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
		"Condition": {"Bool": {"aws:SecureTransport": false}, "IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}`
)

var (
	balancer    = part{typ: "aws:lb/loadBalancer:LoadBalancer", name: "lb"}
	internal    = part{typ: "aws:lb/loadBalancer:LoadBalancer", name: "lb", props: props{"internal": true}}
	bucket      = part{typ: "aws:s3/bucketV2:BucketV2", name: "data"}
	otherBucket = part{typ: "aws:s3/bucketV2:BucketV2", name: "other"}
	secret1     = part{typ: "aws:secretsmanager/secret:Secret", name: "login"}
	rotation    = part{
		typ: "aws:secretsmanager/secretRotation:SecretRotation", name: "rotation", from: map[string][]string{"secretId": {"login"}},
	}
)

var encryptionStacks = map[string]stacks{
	"lb-http-redirects-to-https": {
		pass: [][]part{
			{balancer},
			{balancer, listenerOf("http", "HTTP", false)},
			{balancer, listenerOf("http", "HTTP", true), listenerOf("https", "HTTPS", false)},
			{{typ: balancer.typ, name: "lb", props: props{"loadBalancerType": "network"}}, listenerOf("tcp", "TCP", false)},
		},
		fail: [][]part{
			{balancer, listenerOf("http", "HTTP", false), listenerOf("https", "HTTPS", false)},
			{internal, listenerOf("http", "HTTP", false), listenerOf("https", "HTTPS", false)},
		},
	},
	"lb-https": {
		pass: [][]part{
			{balancer},
			{internal, listenerOf("http", "HTTP", false)},
			{balancer, listenerOf("http", "HTTP", true), listenerOf("https", "HTTPS", false)},
			{balancer, {typ: "aws:lb/listener:Listener", name: "other", props: props{"protocol": "HTTP", "loadBalancerArn": "arn:other"}}},
			{balancer, {typ: "aws:lb/listener:Listener", name: "http", props: props{"protocol": "HTTP"}, from: map[string][]string{
				"loadBalancerArn": {"lb"}, "defaultActions": {"lb"},
			}}},
		},
		fail: [][]part{{balancer, listenerOf("http", "HTTP", false)}},
	},
	"s3-bucket-tls-only": {
		pass: [][]part{
			{bucket, bucketPolicyOf(`{"Statement": [` + allowPlain + "," + denyPlain + "]}")},
			{bucket, bucketPolicyOf(`{"Statement": ` + denyPlain + "}")},
			{bucket, {typ: "aws:s3/bucketPolicy:BucketPolicy", name: "policy", from: map[string][]string{"bucket": {"data"}, "policy": {"data"}}}},
			{{typ: "aws:s3/bucket:Bucket", name: "data", props: props{"policy": `{"Statement": [` + denyPlain + "]}"}}},
			{
				{typ: bucket.typ, name: "data", props: props{"bucket": "data-1"}},
				{typ: "aws:s3/bucketPolicy:BucketPolicy", name: "policy", props: props{"bucket": "data-1", "policy": `{"Statement": [` + denyPlain + "]}"}},
			},
		},
		fail: [][]part{
			{bucket},
			{bucket, bucketPolicyOf(`{"Statement": [` + allowPlain + "]}")},
			{bucket, bucketPolicyOf(`{"Statement": [` + denySome + "]}")},
			{bucket, bucketPolicyOf("odd")},
			{bucket, otherBucket, bucketPolicyOf(`{"Statement": [` + denyPlain + "]}")},
			{{typ: "aws:s3/bucket:Bucket", name: "data", from: map[string][]string{"policy": {}}}},
		},
	},
	"secretsmanager-rotation": {
		pass: [][]part{
			{secret1, rotation},
			{
				secret1,
				{typ: "aws:secretsmanager/secretVersion:SecretVersion", name: "version", from: map[string][]string{"secretId": {"login"}}},
				{typ: rotation.typ, name: "rotation", from: map[string][]string{"secretId": {"version"}}},
			},
		},
		fail: [][]part{
			{secret1},
			{secret1, {typ: secret1.typ, name: "other"}, rotation},
			{secret1, {typ: rotation.typ, name: "rotation", props: props{"secretId": "arn:other"}}},
		},
	},
}
