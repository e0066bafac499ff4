package aws

import (
	"regexp"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"

	"stagecraft/internal/offline/cloud"
)

const (
	targetGroupToken           = "aws:lb/targetGroup:TargetGroup"
	targetGroupAttachmentToken = "aws:lb/targetGroupAttachment:TargetGroupAttachment"
)

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
		Refs: []cloud.Ref{{Path: "vpcId", Type: vpcToken, Weak: true, NotFound: cloud.Error{
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
		Check:      validateTargetGroup,
		AfterWrite: describeTargetGroup,
		NotFound:   cloud.Error{Code: "TargetGroupNotFound", Message: "Target group '${value}' not found"},
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
			{Path: "targetGroupArn", Type: targetGroupToken, OwnedBy: true},
			{Path: "targetId", Type: instanceToken, OwnedBy: true, External: notInstance, NotFound: cloud.Error{
				Code: "InvalidTarget", Message: "The following targets are not in a valid state or do not exist: '${value}'",
			}},
		},
		Quota: &cloud.Quota{Limit: 1000, Scope: "targetGroupArn", Error: cloud.Error{
			Code: "TooManyTargets", Message: "The maximum number of targets per target group has been reached",
		}},
		Check: validateTarget,
	}
}

// notInstance matches a target by address or ARN.
var notInstance = regexp.MustCompile(`^(\d|arn:)`)

func validateTargetGroup(_ cloud.Account, group *cloud.Resource) error {
	if group.Text("targetType") != "lambda" {
		for _, needed := range [][2]string{{"port", "port"}, {"protocol", "protocol"}, {"vpcId", "VPC ID"}} {
			if group.Text(needed[0]) == "" {
				return apiError("ValidationError", "A %s must be specified", needed[1])
			}
		}
	}
	timeout, interval := group.Text("healthCheck.timeout"), group.Text("healthCheck.interval")
	if timeout != "" && interval != "" && number(group, "healthCheck.timeout") >= number(group, "healthCheck.interval") {
		return apiError("ValidationError", "Health check timeout '%s' must be smaller than the interval '%s'", timeout, interval)
	}
	if delay := number(group, "slowStart"); delay != 0 && (delay < 30 || delay > 900) {
		return apiError("ValidationError", "Slow start duration '%v' must be between '30-900' inclusive or '0'", delay)
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

// validateTarget rejects an instance outside the target group's VPC, and a target of another type than the group's.
func validateTarget(account cloud.Account, attachment *cloud.Resource) error {
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
		return apiError("ValidationError", "Target ID '%s' is not valid for target type '%s'", target, group.Text("targetType"))
	}
	if instance == nil {
		return nil
	}
	subnet, err := account.Find(subnetToken, "", instance.Text("subnetId"))
	if err != nil {
		return err
	}
	if vpc := group.Text("vpcId"); subnet.Text("vpcId") != vpc {
		return apiError("InvalidTarget",
			"The following targets are not in the target group VPC '%s': '%s'", vpc, target)
	}
	return nil
}
