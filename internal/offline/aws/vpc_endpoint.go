package aws

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"

	"stagecraft/internal/offline/cloud"
)

const (
	vpcEndpointToken                      = "aws:ec2/vpcEndpoint:VpcEndpoint"
	vpcEndpointRouteTableAssociationToken = "aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation"
)

func vpcEndpointType() cloud.Type {
	return cloud.Type{
		Token:     vpcEndpointToken,
		Args:      ec2.VpcEndpointArgs{},
		State:     ec2.VpcEndpoint{},
		Service:   "EC2",
		Operation: "CreateVpcEndpoint",
		Source:    "CloudFormation resource schema AWS::EC2::VPCEndpoint; AWS PrivateLink guide, quotas",
		ID:        "vpce-${hex17}",
		OneOf:     [][]string{{"serviceName", "resourceConfigurationArn", "serviceNetworkArn"}},
		Values: map[string]cloud.Value{
			"ipAddressType": cloud.OneOf("ipv4", "dualstack", "ipv6"),
			"policy":        cloud.Policy,
			"vpcEndpointType": cloud.OneOf(
				"Gateway", "Interface", "GatewayLoadBalancer", "Resource", "ServiceNetwork"),
		},
		Computed: map[string]any{
			"arn":                 "arn:aws:ec2:${region}:${account}:vpc-endpoint/${id}",
			"cidrBlocks":          []any{},
			"dnsEntries":          []any{},
			"ipAddressType":       "ipv4",
			"networkInterfaceIds": []any{},
			"ownerId":             "${account}",
			"policy":              openEndpoint,
			"prefixListId":        "pl-${hex8}",
			"privateDnsEnabled":   false,
			"requesterManaged":    false,
			"routeTableIds":       []any{},
			"securityGroupIds":    []any{},
			"serviceRegion":       "${region}",
			"state":               "available",
			"subnetIds":           []any{},
			"vpcEndpointType":     "Gateway",
		},
		Replace: []string{
			"resourceConfigurationArn", "serviceName", "serviceNetworkArn", "serviceRegion", "vpcEndpointType", "vpcId",
		},
		Refs: []cloud.Ref{
			{Path: "vpcId", Type: vpcToken},
			{Path: "routeTableIds[*]", Type: routeTableToken, Weak: true},
			{Path: "securityGroupIds[*]", Type: securityGroupToken},
			{Path: "subnetIds[*]", Type: subnetToken},
		},
		Check: validateEndpoint,
		NotFound: cloud.Error{
			Code: "InvalidVpcEndpointId.NotFound", Message: "The Vpc Endpoint Id '${value}' does not exist",
		},
		InUse: inUse("vpc endpoint"),
	}
}

func vpcEndpointRouteTableAssociationType() cloud.Type {
	return cloud.Type{
		Token:     vpcEndpointRouteTableAssociationToken,
		Args:      ec2.VpcEndpointRouteTableAssociationArgs{},
		State:     ec2.VpcEndpointRouteTableAssociation{},
		Service:   "EC2",
		Operation: "ModifyVpcEndpoint",
		Source:    "SDK doc; EC2 API Reference, ModifyVpcEndpoint",
		ID:        "a-${vpcEndpointId}${digits10}",
		Replace:   []string{"routeTableId", "vpcEndpointId"},
		Refs: []cloud.Ref{
			{Path: "routeTableId", Type: routeTableToken, OwnedBy: true},
			{Path: "vpcEndpointId", Type: vpcEndpointToken, OwnedBy: true},
		},
		Check: func(account cloud.Account, association *cloud.Resource) error {
			endpoint, err := account.Find(vpcEndpointToken, "", association.Text("vpcEndpointId"))
			if err != nil {
				return err
			}
			return endpointRoutes(account, endpoint, association.Texts("routeTableId"), association.ID)
		},
	}
}

// openEndpoint is the default policy (AWS PrivateLink guide, Control access to VPC endpoints using endpoint policies).
const openEndpoint = `{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}],"Version":"2008-10-17"}`

// endpointQuotas are how many gateway endpoints a region, and how many other endpoints a VPC may have.
var endpointQuotas = map[bool]int{true: 20, false: 50}

// validateEndpoint rejects a service that does not exist in the region, and properties of another kind of endpoint.
func validateEndpoint(account cloud.Account, endpoint *cloud.Resource) error {
	service, gateway := endpoint.Text("serviceName"), endpoint.Text("vpcEndpointType") == "Gateway"
	name, isLocal := strings.CutPrefix(service, "com.amazonaws."+endpoint.Region+".")
	switch {
	case service != "" && !isLocal, gateway && name != "s3" && name != "dynamodb":
		return apiError("InvalidServiceName", "The Vpc Endpoint Service '%s' does not exist", service)
	case gateway && len(endpoint.Texts("subnetIds[*]"))+len(endpoint.Texts("securityGroupIds[*]")) > 0:
		return apiError("InvalidParameter", "Subnet and security group IDs are only supported for Interface type VPC Endpoints.")
	case !gateway && len(endpoint.Texts("routeTableIds[*]")) > 0:
		return apiError("InvalidParameter", "Route table IDs are only supported for Gateway type VPC Endpoint.")
	}
	others, err := account.List(vpcEndpointToken)
	if err != nil {
		return err
	}
	count := len(slices.DeleteFunc(others, func(other *cloud.Resource) bool {
		return other.ID == endpoint.ID || (other.Text("vpcEndpointType") == "Gateway") != gateway ||
			!gateway && other.Text("vpcId") != endpoint.Text("vpcId")
	}))
	if count >= endpointQuotas[gateway] {
		return apiError("VpcEndpointLimitExceeded", "The maximum number of VPC endpoints has been reached.")
	}
	return endpointRoutes(account, endpoint, endpoint.Texts("routeTableIds[*]"), "")
}

// endpointRoutes rejects a route table of another VPC, and one that already has a route to the service.
func endpointRoutes(account cloud.Account, endpoint *cloud.Resource, tables []string, association string) error {
	for _, id := range tables {
		table, err := account.Find(routeTableToken, "", id)
		if err != nil {
			return err
		}
		if table.Text("vpcId") != endpoint.Text("vpcId") {
			return apiError("InvalidParameter", "Route table %s does not belong to VPC %s", id, endpoint.Text("vpcId"))
		}
	}
	endpoints, err := account.List(vpcEndpointToken)
	if err != nil {
		return err
	}
	associations, err := account.List(vpcEndpointRouteTableAssociationToken)
	if err != nil {
		return err
	}
	for _, other := range endpoints {
		if other.Text("serviceName") != endpoint.Text("serviceName") {
			continue
		}
		var current []string
		if other.ID != endpoint.ID || association != "" {
			current = other.Texts("routeTableIds[*]")
		}
		for _, route := range associations {
			if route.Text("vpcEndpointId") == other.ID && route.ID != association {
				current = append(current, route.Text("routeTableId"))
			}
		}
		for _, id := range tables {
			if slices.Contains(current, id) {
				return apiError("RouteAlreadyExists", "route table %s already has a route with destination-prefix-list-id %s",
					id, other.Text("prefixListId"))
			}
		}
	}
	return nil
}
