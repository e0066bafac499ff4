package aws

import (
	"regexp"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"

	"stagecraft/internal/offline/cloud"
)

const listenerToken = "aws:lb/listener:Listener"

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

// iamARN matches a server certificate in IAM.
var iamARN = regexp.MustCompile(`^arn:aws:iam:`)

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
			{Path: "loadBalancerArn", Type: loadBalancerToken, OwnedBy: true},
			{Path: "certificateArn", Type: certificateToken, External: iamARN},
		}, actionRefs("defaultActions")...),
		Unique: [][]string{{"loadBalancerArn", "port"}},
		Exists: cloud.Error{
			Code:    "DuplicateListener",
			Message: "A listener already exists on this port for this load balancer '${loadBalancerArn}'",
		},
		Quota: &cloud.Quota{Limit: 50, Scope: "loadBalancerArn", Error: cloud.Error{
			Code: "TooManyListeners", Message: "The maximum number of listeners per load balancer has been reached",
		}},
		Check: validateListener,
		AfterWrite: func(_ cloud.Account, listener *cloud.Resource) error {
			if listener.Text("protocol") == "HTTPS" && listener.Text("sslPolicy") == "" {
				listener.Set("sslPolicy", "ELBSecurityPolicy-2016-08")
			}
			return nil
		},
		NotFound: cloud.Error{Code: "ListenerNotFound", Message: "One or more listeners not found"},
	}
}

// validateListener rejects a certificate that does not fit the protocol, and invalid actions.
func validateListener(account cloud.Account, listener *cloud.Resource) error {
	certificate, policy := listener.Text("certificateArn"), listener.Text("sslPolicy")
	switch secure := listener.Text("protocol") == "HTTPS"; {
	case listener.Text("port") == "":
		return apiError("ValidationError", "A listener port must be specified")
	case secure && certificate == "":
		return apiError("ValidationError", "A certificate must be specified for HTTPS listeners")
	case !secure && certificate != "":
		return apiError("ValidationError", "A certificate cannot be specified for HTTP listeners")
	case !secure && policy != "":
		return apiError("ValidationError", "An SSL policy cannot be specified for HTTP listeners")
	case policy != "" && !slices.Contains(tlsPolicies, policy):
		return apiError("SSLPolicyNotFound", "SSL policy '%s' not found", policy)
	}
	if err := validateListenerCertificate(account, certificate); err != nil {
		return err
	}
	return validateActions(account, listener, "defaultActions", listener)
}
