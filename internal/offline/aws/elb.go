package aws

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"

	"stagecraft/internal/offline/cloud"
)

const (
	loadBalancerToken = "aws:lb/loadBalancer:LoadBalancer"
	targetGroupToken  = "aws:lb/targetGroup:TargetGroup"
	listenerToken     = "aws:lb/listener:Listener"

	targetGroupAttachmentToken = "aws:lb/targetGroupAttachment:TargetGroupAttachment"

	elbService = "Elastic Load Balancing v2"
)

// elbName is 1 to 32 letters, digits and hyphens, no hyphen first or last (Elastic Load Balancing API Reference,
// CreateLoadBalancer).
var elbName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$`)

// elbTypes are application load balancers: the other kinds are not simulated.
func elbTypes() []cloud.Type {
	return []cloud.Type{
		loadBalancerType(), targetGroupType(), targetGroupAttachmentType(), listenerType(), listenerRuleType(),
		listenerCertificateType(),
	}
}

var noSubnet = cloud.Error{Code: "SubnetNotFound", Message: "The subnet ID '${value}' is not valid"}

func loadBalancerType() cloud.Type {
	return cloud.Type{
		Token:     loadBalancerToken,
		Args:      lb.LoadBalancerArgs{},
		State:     lb.LoadBalancer{},
		Service:   elbService,
		Operation: "CreateLoadBalancer",
		Source: "CloudFormation resource schema AWS::ElasticLoadBalancingV2::LoadBalancer; Elastic Load Balancing API " +
			"Reference; Application Load Balancers guide, quotas",
		Name:      &cloud.Name{Property: "name", Max: 32, Pattern: elbName},
		ID:        "arn:aws:elasticloadbalancing:${region}:${account}:loadbalancer/app/${name}/${hex16}",
		OneOf:     [][]string{{"subnets", "subnetMappings"}},
		Conflicts: [][]string{{"name", "namePrefix"}},
		Values: map[string]cloud.Value{
			"clientKeepAlive":         cloud.Range(60, 604800),
			"desyncMitigationMode":    cloud.OneOf("monitor", "defensive", "strictest"),
			"idleTimeout":             cloud.Range(1, 4000),
			"ipAddressType":           cloud.OneOf("ipv4", "dualstack", "dualstack-without-public-ipv4"),
			"loadBalancerType":        cloud.OneOf("application"),
			"namePrefix":              cloud.Length(1, 6),
			"xffHeaderProcessingMode": cloud.OneOf("append", "preserve", "remove"),
		},
		Computed: map[string]any{
			"arn":                      "${id}",
			"clientKeepAlive":          3600,
			"desyncMitigationMode":     "defensive",
			"dnsName":                  "${name}-${digits10}.${region}.elb.amazonaws.com",
			"dropInvalidHeaderFields":  false,
			"enableDeletionProtection": false,
			"enableHttp2":              true,
			"idleTimeout":              60,
			"internal":                 false,
			"ipAddressType":            "ipv4",
			"loadBalancerType":         "application",
			"name":                     "${namePrefix}${digits26}",
			"preserveHostHeader":       false,
			"securityGroups":           []any{},
			"vpcId":                    "${subnets[0].vpcId}${subnetMappings[0].subnetId.vpcId}",
			"xffHeaderProcessingMode":  "append",
		},
		Replace: []string{"customerOwnedIpv4Pool", "internal", "loadBalancerType", "name", "namePrefix"},
		Refs: []cloud.Ref{
			{Path: "subnets[*]", Type: subnetToken, NotFound: noSubnet},
			{Path: "subnetMappings[*].subnetId", Type: subnetToken, NotFound: noSubnet},
			{Path: "securityGroups[*]", Type: securityGroupToken, NotFound: cloud.Error{
				Code: "InvalidSecurityGroup", Message: "Security group '${value}' does not exist",
			}},
			{Path: "accessLogs.bucket", Type: bucketToken, By: "bucket", Loose: true},
			{Path: "connectionLogs.bucket", Type: bucketToken, By: "bucket", Loose: true},
		},
		Unique: [][]string{{"name"}},
		Exists: cloud.Error{
			Code:    "DuplicateLoadBalancerName",
			Message: "A load balancer with the same name '${name}' exists, but with different settings",
		},
		Quota: &cloud.Quota{Limit: 50, Error: cloud.Error{
			Code: "TooManyLoadBalancers", Message: "The maximum number of load balancers has been reached",
		}},
		Check:     loadBalancerFits,
		Make:      describeLoadBalancer,
		Protected: "enableDeletionProtection",
		Protection: cloud.Error{
			Code:    "OperationNotPermitted",
			Message: "Load balancer '${id}' cannot be deleted because deletion protection is enabled",
		},
		NotFound: cloud.Error{Code: "LoadBalancerNotFound", Message: "Load balancer '${value}' not found"},
		Takes:    150 * time.Second,
	}
}

// minLoadBalancerSubnet is the smallest subnet for a load balancer (Application Load Balancers guide, "Subnets for your
// load balancer").
const minLoadBalancerSubnet = 27

// loadBalancerFits refuses subnets that are not in two zones of one VPC, security groups of another VPC, and buckets
// that don't take logs.
func loadBalancerFits(account cloud.Account, balancer *cloud.Resource) error {
	ids := append(balancer.Texts("subnets[*]"), balancer.Texts("subnetMappings[*].subnetId")...)
	vpc, seen := balancer.Text("vpcId"), []string{}
	for _, id := range ids {
		subnet, err := account.Find(subnetToken, "", id)
		if err != nil {
			return err
		}
		zone := subnet.Text("availabilityZone")
		switch {
		case subnet.Text("vpcId") != vpc:
			return refuse("InvalidConfigurationRequest", "All subnets must belong to the same VPC: '%s'", vpc)
		case slices.Contains(seen, zone):
			return refuse("InvalidConfigurationRequest",
				"A load balancer cannot be attached to multiple subnets in the same Availability Zone")
		case blockOf(subnet).Bits() > minLoadBalancerSubnet:
			return refuse("InvalidSubnet", "Not enough IP space available in %s. "+
				"ELB requires at least 8 free IP addresses in each subnet.", id)
		}
		seen = append(seen, zone)
	}
	if len(seen) < 2 {
		return refuse("ValidationError", "At least two subnets in two different Availability Zones must be specified")
	}
	for _, id := range balancer.Texts("securityGroups[*]") {
		group, err := account.Find(securityGroupToken, "", id)
		if err != nil {
			return err
		}
		if group.Text("vpcId") != vpc {
			return refuse("InvalidConfigurationRequest", "One or more security groups are invalid")
		}
	}
	return loadBalancerConnects(account, balancer, vpc)
}

// loadBalancerConnects refuses an internet-facing load balancer in a VPC without internet, and logs without a way.
func loadBalancerConnects(account cloud.Account, balancer *cloud.Resource, vpc string) error {
	gateway, err := account.Find(internetGatewayToken, "vpcId", vpc)
	if err != nil {
		return err
	}
	if gateway == nil && balancer.Text("internal") != "true" {
		return refuse("InvalidSubnet", "VPC %s has no internet gateway", vpc)
	}
	for _, logs := range []string{"accessLogs", "connectionLogs"} {
		if balancer.Text(logs+".enabled") != "true" {
			continue
		}
		name := balancer.Text(logs + ".bucket")
		allowed, err := takesLogs(account, balancer.Region, name, balancer.Text(logs+".prefix"))
		if err != nil {
			return err
		}
		if !allowed {
			return refuse("InvalidConfigurationRequest", "Access Denied for bucket: %s. Please check S3bucket permission", name)
		}
	}
	return nil
}

// takesLogs tells whether a bucket is in the region, encrypts with S3's own keys, and lets Elastic Load Balancing in.
func takesLogs(account cloud.Account, region, name, prefix string) (bool, error) {
	bucket, err := account.Find(bucketToken, "", name)
	if err != nil || bucket.Text("region") != region {
		return false, err
	}
	encryption, err := account.Find(bucketEncryptionToken, "bucket", name)
	if err != nil {
		return false, err
	}
	if encryption != nil {
		algorithm := encryption.Text("rules[*].applyServerSideEncryptionByDefault.sseAlgorithm")
		if algorithm != "" && algorithm != "AES256" {
			return false, nil
		}
	}
	policy, err := account.Find(bucketPolicyToken, "bucket", name)
	if err != nil || policy == nil {
		return false, err
	}
	owner := locations[region].elbAccount
	return allows(policy.Text("policy"), "s3:PutObject", objectArn(name, logObject(prefix)),
		"logdelivery.elasticloadbalancing.amazonaws.com", owner, "arn:aws:iam::"+owner+":root"), nil
}

// logObject is the object with which Elastic Load Balancing tries its permission.
func logObject(prefix string) string {
	if prefix != "" {
		prefix += "/"
	}
	return prefix + "AWSLogs/" + Account + "/ELBAccessLogTestFile"
}

// describeLoadBalancer names a load balancer, and leaves the test file that Elastic Load Balancing writes into the
// buckets for logs.
func describeLoadBalancer(account cloud.Account, balancer *cloud.Resource) error {
	_, suffix, _ := strings.Cut(balancer.ID, ":loadbalancer/")
	balancer.Set("arnSuffix", suffix)
	if name := balancer.Text("dnsName"); balancer.Text("internal") == "true" && !strings.HasPrefix(name, "internal-") {
		balancer.Set("dnsName", "internal-"+name)
	}
	balancer.Set("zoneId", locations[balancer.Region].elbZone)
	if len(balancer.Texts("securityGroups[*]")) == 0 {
		network, err := account.Find(vpcToken, "", balancer.Text("vpcId"))
		if err != nil {
			return err
		}
		balancer.Set("securityGroups", []string{network.Text("defaultSecurityGroupId")})
	}
	for _, logs := range []string{"accessLogs", "connectionLogs"} {
		if balancer.Text(logs+".enabled") != "true" {
			continue
		}
		err := putObject(account, balancer.Text(logs+".bucket"), logObject(balancer.Text(logs+".prefix")))
		if err != nil {
			return err
		}
	}
	return nil
}

func targetGroupType() cloud.Type {
	return cloud.Type{
		Token:     targetGroupToken,
		Args:      lb.TargetGroupArgs{},
		State:     lb.TargetGroup{},
		Service:   elbService,
		Operation: "CreateTargetGroup",
		Source: "CloudFormation resource schema AWS::ElasticLoadBalancingV2::TargetGroup; Elastic Load Balancing API " +
			"Reference, CreateTargetGroup and TargetGroupAttribute; Application Load Balancers guide, quotas",
		Name:      &cloud.Name{Property: "name", Max: 32, Pattern: elbName},
		ID:        "arn:aws:elasticloadbalancing:${region}:${account}:targetgroup/${name}/${hex16}",
		Conflicts: [][]string{{"name", "namePrefix"}},
		Values: map[string]cloud.Value{
			"deregistrationDelay":            cloud.Range(0, 3600),
			"healthCheck.healthyThreshold":   cloud.Range(2, 10),
			"healthCheck.interval":           cloud.Range(5, 300),
			"healthCheck.matcher":            cloud.Match(`^[2-5]\d\d([,-][2-5]\d\d)*$`, "codes such as 200, 200,202 or 200-299"),
			"healthCheck.path":               cloud.All(cloud.Length(1, 1024), cloud.Match(`^/`, "a path that begins with /")),
			"healthCheck.protocol":           cloud.OneOf("HTTP", "HTTPS", "TCP"),
			"healthCheck.timeout":            cloud.Range(2, 120),
			"healthCheck.unhealthyThreshold": cloud.Range(2, 10),
			"ipAddressType":                  cloud.OneOf("ipv4", "ipv6"),
			"loadBalancingAlgorithmType":     cloud.OneOf("round_robin", "least_outstanding_requests", "weighted_random"),
			"namePrefix":                     cloud.Length(1, 6),
			"port":                           cloud.Range(1, 65535),
			"protocol":                       cloud.OneOf("HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP", "GENEVE"),
			"protocolVersion":                cloud.OneOf("HTTP1", "HTTP2", "GRPC"),
			"stickiness.cookieDuration":      cloud.Range(0, 604800),
			"stickiness.type": cloud.OneOf(
				"lb_cookie", "app_cookie", "source_ip", "source_ip_dest_ip", "source_ip_dest_ip_proto"),
			"targetType": cloud.OneOf("instance", "ip", "lambda", "alb"),
		},
		Computed: map[string]any{
			"arn":                            "${id}",
			"deregistrationDelay":            300,
			"ipAddressType":                  "ipv4",
			"loadBalancingAlgorithmType":     "round_robin",
			"loadBalancingAnomalyMitigation": "off",
			"loadBalancingCrossZoneEnabled":  "use_load_balancer_configuration",
			"name":                           "${namePrefix}${digits26}",
			"protocolVersion":                "HTTP1",
			"slowStart":                      0,
			"targetType":                     "instance",
		},
		Replace: []string{
			"ipAddressType", "name", "namePrefix", "port", "protocol", "protocolVersion", "targetType", "vpcId",
		},
		Refs: []cloud.Ref{{Path: "vpcId", Type: vpcToken, Loose: true, NotFound: cloud.Error{
			Code: "ValidationError", Message: "The VPC ID '${value}' is not found",
		}}},
		Unique: [][]string{{"name"}},
		Exists: cloud.Error{
			Code:    "DuplicateTargetGroupName",
			Message: "A target group with the same name '${name}' exists, but with different settings",
		},
		Quota: &cloud.Quota{Limit: 3000, Error: cloud.Error{
			Code: "TooManyTargetGroups", Message: "The maximum number of target groups has been reached",
		}},
		Check:    targetGroupFits,
		Make:     describeTargetGroup,
		NotFound: cloud.Error{Code: "TargetGroupNotFound", Message: "Target group '${value}' not found"},
		InUse: cloud.Error{
			Code: "ResourceInUse", Message: "Target group '${id}' is currently in use by a listener or a rule",
		},
	}
}

func targetGroupAttachmentType() cloud.Type {
	return cloud.Type{
		Token:     targetGroupAttachmentToken,
		Args:      lb.TargetGroupAttachmentArgs{},
		State:     lb.TargetGroupAttachment{},
		Service:   elbService,
		Operation: "RegisterTargets",
		Source:    "SDK doc; Elastic Load Balancing API Reference, RegisterTargets; Application Load Balancers guide, quotas",
		ID:        "${targetGroupArn}-${digits26}",
		Values:    map[string]cloud.Value{"port": cloud.Range(1, 65535)},
		Replace:   []string{"availabilityZone", "port", "targetGroupArn", "targetId"},
		Refs: []cloud.Ref{
			{Path: "targetGroupArn", Type: targetGroupToken, Part: true},
			{Path: "targetId", Type: instanceToken, Part: true, External: notInstance, NotFound: cloud.Error{
				Code: "InvalidTarget", Message: "The following targets are not in a valid state or do not exist: '${value}'",
			}},
		},
		Quota: &cloud.Quota{Limit: 1000, Per: "targetGroupArn", Error: cloud.Error{
			Code: "TooManyTargets", Message: "The maximum number of targets per target group has been reached",
		}},
		Check: targetFits,
	}
}

// notInstance is a target by address or ARN.
var notInstance = regexp.MustCompile(`^(\d|arn:)`)

func targetGroupFits(_ cloud.Account, group *cloud.Resource) error {
	if group.Text("targetType") != "lambda" {
		for _, needed := range [][2]string{{"port", "port"}, {"protocol", "protocol"}, {"vpcId", "VPC ID"}} {
			if group.Text(needed[0]) == "" {
				return refuse("ValidationError", "A %s must be specified", needed[1])
			}
		}
	}
	timeout, interval := group.Text("healthCheck.timeout"), group.Text("healthCheck.interval")
	if timeout != "" && interval != "" && number(group, "healthCheck.timeout") >= number(group, "healthCheck.interval") {
		return refuse("ValidationError", "Health check timeout '%s' must be smaller than the interval '%s'", timeout, interval)
	}
	if delay := number(group, "slowStart"); delay != 0 && (delay < 30 || delay > 900) {
		return refuse("ValidationError", "Slow start duration '%v' must be between '30-900' inclusive or '0'", delay)
	}
	return nil
}

func describeTargetGroup(_ cloud.Account, group *cloud.Resource) error {
	_, suffix, _ := strings.Cut(group.ID, ":targetgroup/")
	group.Set("arnSuffix", "targetgroup/"+suffix)
	group.Fill("healthCheck", map[string]any{
		"enabled": true, "healthyThreshold": 3, "interval": 30, "matcher": "200", "path": "/", "port": "traffic-port",
		"protocol": "HTTP", "timeout": 5, "unhealthyThreshold": 3,
	})
	group.Fill("stickiness", map[string]any{"cookieDuration": 86400, "enabled": false, "type": "lb_cookie"})
	return nil
}

// targetFits refuses an instance outside of the target group's VPC, and a target of another kind than the group's.
func targetFits(account cloud.Account, attachment *cloud.Resource) error {
	group, err := account.Find(targetGroupToken, "", attachment.Text("targetGroupArn"))
	if err != nil {
		return err
	}
	target := attachment.Text("targetId")
	instance, err := account.Find(instanceToken, "", target)
	if err != nil {
		return err
	}
	if (group.Text("targetType") == "instance") != (instance != nil) {
		return refuse("ValidationError", "Target ID '%s' is not valid for target type '%s'", target, group.Text("targetType"))
	}
	if instance == nil {
		return nil
	}
	subnet, err := account.Find(subnetToken, "", instance.Text("subnetId"))
	if err != nil {
		return err
	}
	if vpc := group.Text("vpcId"); subnet.Text("vpcId") != vpc {
		return refuse("InvalidTarget",
			"The following targets are not in the target group VPC '%s': '%s'", vpc, target)
	}
	return nil
}

// tlsPolicies are the security policies of application load balancers (Application Load Balancers guide, "Security
// policies").
var tlsPolicies = []string{
	"ELBSecurityPolicy-TLS13-1-3-2021-06", "ELBSecurityPolicy-TLS13-1-2-2021-06",
	"ELBSecurityPolicy-TLS13-1-2-Res-2021-06", "ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06",
	"ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06", "ELBSecurityPolicy-TLS13-1-1-2021-06",
	"ELBSecurityPolicy-TLS13-1-0-2021-06", "ELBSecurityPolicy-TLS13-1-3-FIPS-2023-04",
	"ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04", "ELBSecurityPolicy-TLS13-1-2-Res-FIPS-2023-04",
	"ELBSecurityPolicy-TLS13-1-2-Ext0-FIPS-2023-04", "ELBSecurityPolicy-TLS13-1-2-Ext1-FIPS-2023-04",
	"ELBSecurityPolicy-TLS13-1-2-Ext2-FIPS-2023-04", "ELBSecurityPolicy-TLS13-1-1-FIPS-2023-04",
	"ELBSecurityPolicy-TLS13-1-0-FIPS-2023-04", "ELBSecurityPolicy-FS-1-2-Res-2020-10",
	"ELBSecurityPolicy-FS-1-2-Res-2019-08", "ELBSecurityPolicy-FS-1-2-2019-08", "ELBSecurityPolicy-FS-1-1-2019-08",
	"ELBSecurityPolicy-FS-2018-06", "ELBSecurityPolicy-TLS-1-2-Ext-2018-06", "ELBSecurityPolicy-TLS-1-2-2017-01",
	"ELBSecurityPolicy-TLS-1-1-2017-01", "ELBSecurityPolicy-2016-08",
}

// ofIAM is a server certificate that IAM keeps.
var ofIAM = regexp.MustCompile(`^arn:aws:iam:`)

func listenerType() cloud.Type {
	values := actionValues("defaultActions")
	values["port"] = cloud.Range(1, 65535)
	values["protocol"] = cloud.OneOf("HTTP", "HTTPS")
	return cloud.Type{
		Token:     listenerToken,
		Args:      lb.ListenerArgs{},
		State:     lb.Listener{},
		Service:   elbService,
		Operation: "CreateListener",
		Source: "CloudFormation resource schema AWS::ElasticLoadBalancingV2::Listener; Elastic Load Balancing API " +
			"Reference, CreateListener; Application Load Balancers guide, quotas",
		ID:       "arn:aws:elasticloadbalancing:${region}:${account}:listener/${loadBalancerArn.arnSuffix}/${hex16}",
		Required: []string{"defaultActions"},
		Values:   values,
		Computed: map[string]any{"arn": "${id}", "protocol": "HTTP"},
		Replace:  []string{"loadBalancerArn"},
		Refs: append([]cloud.Ref{
			{Path: "loadBalancerArn", Type: loadBalancerToken, Part: true},
			{Path: "certificateArn", Type: certificateToken, External: ofIAM},
		}, actionRefs("defaultActions")...),
		Unique: [][]string{{"loadBalancerArn", "port"}},
		Exists: cloud.Error{
			Code:    "DuplicateListener",
			Message: "A listener already exists on this port for this load balancer '${loadBalancerArn}'",
		},
		Quota: &cloud.Quota{Limit: 50, Per: "loadBalancerArn", Error: cloud.Error{
			Code: "TooManyListeners", Message: "The maximum number of listeners per load balancer has been reached",
		}},
		Check: listenerFits,
		Make: func(_ cloud.Account, listener *cloud.Resource) error {
			if listener.Text("protocol") == "HTTPS" && listener.Text("sslPolicy") == "" {
				listener.Set("sslPolicy", "ELBSecurityPolicy-2016-08")
			}
			return nil
		},
		NotFound: cloud.Error{Code: "ListenerNotFound", Message: "One or more listeners not found"},
	}
}

// listenerFits refuses a certificate that does not fit the protocol, and actions that lead nowhere.
func listenerFits(account cloud.Account, listener *cloud.Resource) error {
	certificate, policy := listener.Text("certificateArn"), listener.Text("sslPolicy")
	switch secure := listener.Text("protocol") == "HTTPS"; {
	case listener.Text("port") == "":
		return refuse("ValidationError", "A listener port must be specified")
	case secure && certificate == "":
		return refuse("ValidationError", "A certificate must be specified for HTTPS listeners")
	case !secure && certificate != "":
		return refuse("ValidationError", "A certificate cannot be specified for HTTP listeners")
	case !secure && policy != "":
		return refuse("ValidationError", "An SSL policy cannot be specified for HTTP listeners")
	case policy != "" && !slices.Contains(tlsPolicies, policy):
		return refuse("SSLPolicyNotFound", "SSL policy '%s' not found", policy)
	}
	if err := certificateServes(account, certificate); err != nil {
		return err
	}
	return actionsFit(account, listener, "defaultActions", listener)
}
