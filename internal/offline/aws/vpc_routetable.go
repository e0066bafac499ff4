package aws

import (
	"regexp"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"

	"stagecraft/internal/offline/cloud"
)

const routeTableToken = "aws:ec2/routeTable:RouteTable"

// otherGateway matches targets of routes that the offline cloud does not check.
var otherGateway = regexp.MustCompile(`^(local$|vgw-|vpce-)`)

func routeTableType() cloud.Type {
	return cloud.Type{
		Token:     routeTableToken,
		Args:      ec2.RouteTableArgs{},
		State:     ec2.RouteTable{},
		Service:   "EC2",
		Operation: "CreateRouteTable",
		Source:    "CloudFormation resource schema AWS::EC2::RouteTable; VPC User Guide, Amazon VPC quotas",
		ID:        "rtb-${hex17}",
		Values:    map[string]cloud.Value{"routes[*].cidrBlock": cloud.CIDR},
		Computed: map[string]any{
			"arn":     "arn:aws:ec2:${region}:${account}:route-table/${id}",
			"ownerId": "${account}",
			"routes":  []any{},
		},
		Replace: []string{"vpcId"},
		Refs: []cloud.Ref{
			{Path: "vpcId", Type: vpcToken},
			{Path: "routes[*].gatewayId", Type: internetGatewayToken, Weak: true, External: otherGateway},
			{Path: "routes[*].natGatewayId", Type: natGatewayToken, Weak: true},
		},
		Check: func(account cloud.Account, table *cloud.Resource) error {
			return validateRoutes(account, table, table.Texts("routes[*].gatewayId"), table.Texts("routes[*].natGatewayId"))
		},
		Quota: &cloud.Quota{Limit: 200, Scope: "vpcId", Error: cloud.Error{
			Code: "RouteTableLimitExceeded", Message: "The maximum number of route tables has been reached.",
		}},
		NotFound: cloud.Error{Code: "InvalidRouteTableID.NotFound", Message: "The routeTable ID '${value}' does not exist"},
		InUse:    inUse("routeTable"),
	}
}

func routeTableAssociationType() cloud.Type {
	return cloud.Type{
		Token:     "aws:ec2/routeTableAssociation:RouteTableAssociation",
		Args:      ec2.RouteTableAssociationArgs{},
		State:     ec2.RouteTableAssociation{},
		Service:   "EC2",
		Operation: "AssociateRouteTable",
		Source: "SDK doc; EC2 API Reference, AssociateRouteTable; replaced as by the AWS provider, since " +
			"ReplaceRouteTableAssociation changes the table in place",
		ID:      "rtbassoc-${hex17}",
		OneOf:   [][]string{{"subnetId", "gatewayId"}},
		Replace: []string{"subnetId", "gatewayId"},
		Refs: []cloud.Ref{
			{Path: "routeTableId", Type: routeTableToken},
			{Path: "subnetId", Type: subnetToken, OwnedBy: true},
			{Path: "gatewayId", Type: internetGatewayToken, OwnedBy: true, External: otherGateway},
		},
		Unique: [][]string{{"subnetId"}, {"gatewayId"}},
		Exists: cloud.Error{
			Code: "Resource.AlreadyAssociated",
			Message: "the specified association for route table ${routeTableId} conflicts with an existing association " +
				"of ${subnetId}${gatewayId}",
		},
		Check: func(account cloud.Account, association *cloud.Resource) error {
			return validateSameNetwork(account, association.Text("routeTableId"), "subnet", subnetToken, association.Texts("subnetId"))
		},
	}
}

func routeType() cloud.Type {
	return cloud.Type{
		Token:     "aws:ec2/route:Route",
		Args:      ec2.RouteArgs{},
		State:     ec2.Route{},
		Service:   "EC2",
		Operation: "CreateRoute",
		Source:    "CloudFormation resource schema AWS::EC2::Route; VPC User Guide, Amazon VPC quotas",
		ID:        "r-${routeTableId}${digits10}",
		OneOf: [][]string{
			{"destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId"},
			{
				"carrierGatewayId", "coreNetworkArn", "egressOnlyGatewayId", "gatewayId", "localGatewayId", "natGatewayId",
				"networkInterfaceId", "transitGatewayId", "vpcEndpointId", "vpcPeeringConnectionId",
			},
		},
		Values:   map[string]cloud.Value{"destinationCidrBlock": cloud.CIDR},
		Computed: map[string]any{"origin": "CreateRoute", "state": "active"},
		Replace: []string{
			"routeTableId", "destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId",
		},
		Refs: []cloud.Ref{
			{Path: "routeTableId", Type: routeTableToken, OwnedBy: true},
			{Path: "gatewayId", Type: internetGatewayToken, Weak: true, External: otherGateway},
			{Path: "natGatewayId", Type: natGatewayToken, Weak: true},
			{Path: "vpcEndpointId", Type: vpcEndpointToken},
		},
		Unique: [][]string{
			{"routeTableId", "destinationCidrBlock"},
			{"routeTableId", "destinationIpv6CidrBlock"},
			{"routeTableId", "destinationPrefixListId"},
		},
		Exists: cloud.Error{
			Code: "RouteAlreadyExists",
			Message: "The route identified by ${destinationCidrBlock}${destinationIpv6CidrBlock}${destinationPrefixListId} " +
				"already exists.",
		},
		Quota: &cloud.Quota{Limit: 500, Scope: "routeTableId", Error: cloud.Error{
			Code: "RouteLimitExceeded", Message: "The maximum number of routes has been reached for ${routeTableId}.",
		}},
		Check: func(account cloud.Account, route *cloud.Resource) error {
			table, err := account.Find(routeTableToken, "", route.Text("routeTableId"))
			if err != nil {
				return err
			}
			return validateRoutes(account, table, route.Texts("gatewayId"), route.Texts("natGatewayId"))
		},
	}
}

// validateRoutes rejects routes to gateways of another VPC than the table's.
func validateRoutes(account cloud.Account, table *cloud.Resource, gateways, natGateways []string) error {
	for _, id := range gateways {
		gateway, err := account.Find(internetGatewayToken, "", id)
		if err != nil {
			return err
		}
		if gateway != nil && gateway.Text("vpcId") != table.Text("vpcId") {
			return apiError("InvalidParameterValue",
				"route table %s and network gateway %s belong to different networks", table.ID, id)
		}
	}
	for _, id := range natGateways {
		gateway, err := account.Find(natGatewayToken, "", id)
		if err != nil || gateway == nil {
			return err
		}
		subnet, err := account.Find(subnetToken, "", gateway.Text("subnetId"))
		if err != nil {
			return err
		}
		if subnet.Text("vpcId") != table.Text("vpcId") {
			return apiError("InvalidParameterValue",
				"route table %s and interface %s belong to different networks", table.ID, gateway.Text("networkInterfaceId"))
		}
	}
	return nil
}

// validateSameNetwork rejects resources outside the VPC of a route table.
func validateSameNetwork(account cloud.Account, tableID, kind, token string, ids []string) error {
	table, err := account.Find(routeTableToken, "", tableID)
	if err != nil {
		return err
	}
	for _, id := range ids {
		res, err := account.Find(token, "", id)
		if err != nil {
			return err
		}
		if res.Text("vpcId") != table.Text("vpcId") {
			return apiError("InvalidParameterValue", "route table %s and %s %s belong to different networks", tableID, kind, id)
		}
	}
	return nil
}
