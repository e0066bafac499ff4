package aws

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"

	"stagecraft/internal/offline/cloud"
)

const loadBalancerToken = "aws:lb/loadBalancer:LoadBalancer"

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
			{Path: "accessLogs.bucket", Type: bucketToken, TargetProperty: "bucket", Weak: true},
			{Path: "connectionLogs.bucket", Type: bucketToken, TargetProperty: "bucket", Weak: true},
		},
		Unique: [][]string{{"name"}},
		Exists: cloud.Error{
			Code:    "DuplicateLoadBalancerName",
			Message: "A load balancer with the same name '${name}' exists, but with different settings",
		},
		Quota: &cloud.Quota{Limit: 50, Error: cloud.Error{
			Code: "TooManyLoadBalancers", Message: "The maximum number of load balancers has been reached",
		}},
		Check:      validateLoadBalancer,
		AfterWrite: describeLoadBalancer,
		Protected:  "enableDeletionProtection",
		Protection: cloud.Error{
			Code:    "OperationNotPermitted",
			Message: "Load balancer '${id}' cannot be deleted because deletion protection is enabled",
		},
		NotFound: cloud.Error{Code: "LoadBalancerNotFound", Message: "Load balancer '${value}' not found"},
	}
}

// minLoadBalancerSubnet is the smallest subnet for a load balancer (Application Load Balancers guide, "Subnets for your
// load balancer").
const minLoadBalancerSubnet = 27

// validateLoadBalancer rejects subnets that are not in two zones of one VPC, security groups of another VPC, and
// buckets that do not accept logs.
func validateLoadBalancer(account cloud.Account, balancer *cloud.Resource) error {
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
			return apiError("InvalidConfigurationRequest", "All subnets must belong to the same VPC: '%s'", vpc)
		case slices.Contains(seen, zone):
			return apiError("InvalidConfigurationRequest",
				"A load balancer cannot be attached to multiple subnets in the same Availability Zone")
		case cidrBlock(subnet).Bits() > minLoadBalancerSubnet:
			return apiError("InvalidSubnet", "Not enough IP space available in %s. "+
				"ELB requires at least 8 free IP addresses in each subnet.", id)
		}
		seen = append(seen, zone)
	}
	if len(seen) < 2 {
		return apiError("ValidationError", "At least two subnets in two different Availability Zones must be specified")
	}
	for _, id := range balancer.Texts("securityGroups[*]") {
		group, err := account.Find(securityGroupToken, "", id)
		if err != nil {
			return err
		}
		if group.Text("vpcId") != vpc {
			return apiError("InvalidConfigurationRequest", "One or more security groups are invalid")
		}
	}
	return validateLoadBalancerNetwork(account, balancer, vpc)
}

// validateLoadBalancerNetwork rejects an internet-facing load balancer in a VPC without an internet gateway, and logs
// to an unsuitable bucket.
func validateLoadBalancerNetwork(account cloud.Account, balancer *cloud.Resource, vpc string) error {
	gateway, err := account.Find(internetGatewayToken, "vpcId", vpc)
	if err != nil {
		return err
	}
	if gateway == nil && balancer.Text("internal") != "true" {
		return apiError("InvalidSubnet", "VPC %s has no internet gateway", vpc)
	}
	for _, logs := range []string{"accessLogs", "connectionLogs"} {
		if balancer.Text(logs+".enabled") != "true" {
			continue
		}
		name := balancer.Text(logs + ".bucket")
		allowed, err := allowsLogs(account, balancer.Region, name, balancer.Text(logs+".prefix"))
		if err != nil {
			return err
		}
		if !allowed {
			return apiError("InvalidConfigurationRequest", "Access Denied for bucket: %s. Please check S3bucket permission", name)
		}
	}
	return nil
}

// allowsLogs reports whether a bucket is in the region, encrypts with S3's own keys, and allows Elastic Load Balancing
// to write.
func allowsLogs(account cloud.Account, region, name, prefix string) (bool, error) {
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

// logObject returns the key of the object with which Elastic Load Balancing tests its permission.
func logObject(prefix string) string {
	if prefix != "" {
		prefix += "/"
	}
	return prefix + "AWSLogs/" + Account + "/ELBAccessLogTestFile"
}

// describeLoadBalancer sets the outputs of a load balancer, and adds the test file that Elastic Load Balancing writes
// into the buckets for logs.
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
