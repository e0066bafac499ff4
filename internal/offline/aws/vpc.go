package aws

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"stagecraft/internal/offline/cloud"
)

const (
	vpcToken             = "aws:ec2/vpc:Vpc"
	subnetToken          = "aws:ec2/subnet:Subnet"
	internetGatewayToken = "aws:ec2/internetGateway:InternetGateway"
	routeTableToken      = "aws:ec2/routeTable:RouteTable"
	natGatewayToken      = "aws:ec2/natGateway:NatGateway"
	vpcEndpointToken     = "aws:ec2/vpcEndpoint:VpcEndpoint"
	flowLogToken         = "aws:ec2/flowLog:FlowLog"

	vpcEndpointRouteTableAssociationToken = "aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation"
)

// otherGateway is a target of routes that the offline cloud takes on trust.
var otherGateway = regexp.MustCompile(`^(local$|vgw-|vpce-)`)

// notBucket and notLogGroup are the destinations of flow logs that are something else.
var (
	notBucket   = regexp.MustCompile(`^arn:aws:(logs|firehose):`)
	notLogGroup = regexp.MustCompile(`^arn:aws:(s3|firehose):`)
)

// vpcRange allows IPv4 ranges of the sizes that a VPC or subnet may have, /16 to /28.
var vpcRange = cloud.All(cloud.CIDR, cloud.PrefixBits(16, 28))

// inUse is what EC2 says of the deletion of what others need.
func inUse(kind string) cloud.Error {
	return cloud.Error{
		Code: "DependencyViolation", Message: "The " + kind + " '${id}' has dependencies and cannot be deleted.",
	}
}

// vpcTypes are networks. The account has no default VPC in any region.
func vpcTypes() []cloud.Type {
	return []cloud.Type{
		vpcType(), subnetType(), internetGatewayType(), natGatewayType(),
		routeTableType(), routeTableAssociationType(), routeType(),
		vpcEndpointType(), vpcEndpointRouteTableAssociationType(),
		flowLogType(),
	}
}

func vpcType() cloud.Type {
	return cloud.Type{
		Token:     vpcToken,
		Args:      ec2.VpcArgs{},
		State:     ec2.Vpc{},
		Service:   "EC2",
		Operation: "CreateVpc",
		Source:    "CloudFormation resource schema AWS::EC2::VPC; VPC User Guide, Amazon VPC quotas",
		ID:        "vpc-${hex17}",
		OneOf:     [][]string{{"cidrBlock", "ipv4IpamPoolId"}},
		Values: map[string]cloud.Value{
			"cidrBlock":       vpcRange,
			"instanceTenancy": cloud.OneOf("default", "dedicated"),
		},
		Computed: map[string]any{
			"arn":                    "arn:aws:ec2:${region}:${account}:vpc/${id}",
			"defaultNetworkAclId":    "acl-${hex17}",
			"defaultRouteTableId":    "rtb-${hex17}",
			"defaultSecurityGroupId": "sg-${hex17}",
			"dhcpOptionsId":          "dopt-${hex17}",
			"enableDnsHostnames":     false,
			"enableDnsSupport":       true,
			"instanceTenancy":        "default",
			"mainRouteTableId":       "${defaultRouteTableId}",
			"ownerId":                "${account}",
		},
		Replace: []string{"cidrBlock", "ipv4IpamPoolId", "ipv4NetmaskLength"},
		Make:    furnishVpc,
		Quota: &cloud.Quota{Limit: 5, Error: cloud.Error{
			Code: "VpcLimitExceeded", Message: "The maximum number of VPCs has been reached.",
		}},
		NotFound: cloud.Error{Code: "InvalidVpcID.NotFound", Message: "The vpc ID '${value}' does not exist"},
		InUse:    inUse("vpc"),
		Takes:    3 * time.Second,
	}
}

func subnetType() cloud.Type {
	return cloud.Type{
		Token:     subnetToken,
		Args:      ec2.SubnetArgs{},
		State:     ec2.Subnet{},
		Service:   "EC2",
		Operation: "CreateSubnet",
		Source:    "CloudFormation resource schema AWS::EC2::Subnet; VPC User Guide, Subnet CIDR blocks and Amazon VPC quotas",
		ID:        "subnet-${hex17}",
		Conflicts: [][]string{{"availabilityZone", "availabilityZoneId"}},
		Values:    map[string]cloud.Value{"cidrBlock": vpcRange},
		Computed: map[string]any{
			"arn":                            "arn:aws:ec2:${region}:${account}:subnet/${id}",
			"mapPublicIpOnLaunch":            false,
			"ownerId":                        "${account}",
			"privateDnsHostnameTypeOnLaunch": "ip-name",
		},
		Replace: []string{"vpcId", "cidrBlock", "availabilityZone", "availabilityZoneId", "ipv6Native", "outpostArn"},
		Refs:    []cloud.Ref{{Path: "vpcId", Type: vpcToken}},
		Check:   subnetFits,
		Make:    placeSubnet,
		Quota: &cloud.Quota{Limit: 200, Per: "vpcId", Error: cloud.Error{
			Code: "SubnetLimitExceeded", Message: "The maximum number of subnets has been reached.",
		}},
		NotFound: cloud.Error{Code: "InvalidSubnetID.NotFound", Message: "The subnet ID '${value}' does not exist"},
		InUse:    inUse("subnet"),
	}
}

func internetGatewayType() cloud.Type {
	return cloud.Type{
		Token:     internetGatewayToken,
		Args:      ec2.InternetGatewayArgs{},
		State:     ec2.InternetGateway{},
		Service:   "EC2",
		Operation: "CreateInternetGateway",
		Source:    "SDK doc; VPC User Guide, Amazon VPC quotas",
		ID:        "igw-${hex17}",
		Computed: map[string]any{
			"arn":     "arn:aws:ec2:${region}:${account}:internet-gateway/${id}",
			"ownerId": "${account}",
		},
		Refs:   []cloud.Ref{{Path: "vpcId", Type: vpcToken}},
		Unique: [][]string{{"vpcId"}},
		Exists: cloud.Error{
			Code: "InvalidParameterValue", Message: "Network ${vpcId} already has an internet gateway attached",
		},
		Quota: &cloud.Quota{Limit: 5, Error: cloud.Error{
			Code: "InternetGatewayLimitExceeded", Message: "The maximum number of internet gateways has been reached.",
		}},
		NotFound: cloud.Error{
			Code: "InvalidInternetGatewayID.NotFound", Message: "The internetGateway ID '${value}' does not exist",
		},
	}
}

func natGatewayType() cloud.Type {
	return cloud.Type{
		Token:     natGatewayToken,
		Args:      ec2.NatGatewayArgs{},
		State:     ec2.NatGateway{},
		Service:   "EC2",
		Operation: "CreateNatGateway",
		Source:    "CloudFormation resource schema AWS::EC2::NatGateway; VPC User Guide, Amazon VPC quotas",
		ID:        "nat-${hex17}",
		Values:    map[string]cloud.Value{"connectivityType": cloud.OneOf("public", "private")},
		Computed: map[string]any{
			"associationId":      "eipassoc-${hex17}",
			"connectivityType":   "public",
			"networkInterfaceId": "eni-${hex17}",
			"publicIp":           "${allocationId.publicIp}",
		},
		Replace: []string{"allocationId", "connectivityType", "privateIp", "subnetId"},
		Refs: []cloud.Ref{
			{Path: "subnetId", Type: subnetToken},
			{Path: "allocationId", Type: eipToken},
			{Path: "secondaryAllocationIds[*]", Type: eipToken},
		},
		Check: natGatewayFits,
		Make:  giveAddress,
		NotFound: cloud.Error{
			Code: "InvalidNatGatewayID.NotFound", Message: "The Nat Gateway ID '${value}' does not exist",
		},
		Takes: 100 * time.Second,
	}
}

// furnishVpc makes the security group and the route table that every VPC comes with.
func furnishVpc(account cloud.Account, vpc *cloud.Resource) error {
	group := vpc.Text("defaultSecurityGroupId")
	known, err := account.Find(securityGroupToken, "", group)
	if err != nil || known != nil {
		return err
	}
	common := map[string]any{"vpcId": vpc.ID, "ownerId": Account, "tags": map[string]any{}, "tagsAll": map[string]any{}}
	err = account.Put(securityGroupToken, provided(group, common, map[string]any{
		"arn":         fmt.Sprintf("arn:aws:ec2:%s:%s:security-group/%s", vpc.Region, Account, group),
		"name":        defaultGroupName,
		"description": "default VPC security group",
		"ingress":     []any{map[string]any{"protocol": "-1", "fromPort": 0, "toPort": 0, "self": true}},
		"egress":      []any{map[string]any{"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": []any{"0.0.0.0/0"}}},
	}))
	if err != nil {
		return err
	}
	table := vpc.Text("mainRouteTableId")
	return account.Put(routeTableToken, provided(table, common, map[string]any{
		"arn":    fmt.Sprintf("arn:aws:ec2:%s:%s:route-table/%s", vpc.Region, Account, table),
		"routes": []any{},
	}))
}

// subnetFits refuses a subnet in a zone that the region lacks, outside of its VPC's range or on top of another subnet.
func subnetFits(account cloud.Account, subnet *cloud.Resource) error {
	offered := zones()[subnet.Region]
	if zone := subnet.Text("availabilityZone"); zone != "" && !slices.Contains(offered, zone) {
		return refuse("InvalidParameterValue", "Value (%s) for parameter availabilityZone is invalid. "+
			"Subnets can currently only be created in the following availability zones: %s.", zone, strings.Join(offered, ", "))
	}
	if id := subnet.Text("availabilityZoneId"); id != "" && zoneWithID(subnet.Region, id) == "" {
		return refuse("InvalidParameterValue", "Value (%s) for parameter availabilityZoneId is invalid.", id)
	}
	network, err := account.Find(vpcToken, "", subnet.Text("vpcId"))
	if err != nil || subnet.Text("cidrBlock") == "" {
		return err
	}
	block, within := blockOf(subnet), blockOf(network)
	if !within.Contains(block.Addr()) || block.Bits() < within.Bits() {
		return refuse("InvalidSubnet.Range", "The CIDR '%s' is invalid.", block)
	}
	others, err := account.List(subnetToken)
	if err != nil {
		return err
	}
	for _, other := range others {
		if other.ID != subnet.ID && other.Text("vpcId") == subnet.Text("vpcId") && blockOf(other).Overlaps(block) {
			return refuse("InvalidSubnet.Conflict", "The CIDR '%s' conflicts with another subnet", block)
		}
	}
	return nil
}

// placeSubnet puts a subnet that names no zone into the region's first one.
func placeSubnet(_ cloud.Account, subnet *cloud.Resource) error {
	zone := subnet.Text("availabilityZone")
	if zone == "" {
		zone = zones()[subnet.Region][0]
	}
	if id := subnet.Text("availabilityZoneId"); id != "" {
		zone = zoneWithID(subnet.Region, id)
	}
	subnet.Set("availabilityZone", zone)
	subnet.Set("availabilityZoneId", zoneID(zone))
	return nil
}

// blockOf is a VPC's or subnet's range, which Values has checked; the zero prefix, which nothing overlaps, without one.
func blockOf(network *cloud.Resource) netip.Prefix {
	block, _ := netip.ParsePrefix(network.Text("cidrBlock"))
	return block
}

// natGatewaysPerZone is a quota (VPC User Guide, Amazon VPC quotas).
const natGatewaysPerZone = 5

// natGatewayFits refuses a public NAT gateway without a free Elastic IP or without a way out of its VPC, and one too
// many in a zone.
func natGatewayFits(account cloud.Account, gateway *cloud.Resource) error {
	subnet, err := account.Find(subnetToken, "", gateway.Text("subnetId"))
	if err != nil {
		return err
	}
	if err := natGatewayConnects(account, gateway, subnet.Text("vpcId")); err != nil {
		return err
	}
	others, err := account.List(natGatewayToken)
	if err != nil {
		return err
	}
	zone := 0
	for _, other := range others {
		place, err := account.Find(subnetToken, "", other.Text("subnetId"))
		if err != nil {
			return err
		}
		if other.ID != gateway.ID && place.Text("availabilityZone") == subnet.Text("availabilityZone") {
			zone++
		}
	}
	if zone >= natGatewaysPerZone {
		return refuse("NatGatewayLimitExceeded",
			"Performing this operation would exceed the limit of %d NAT gateways", natGatewaysPerZone)
	}
	return nil
}

func natGatewayConnects(account cloud.Account, gateway *cloud.Resource, vpc string) error {
	allocation := gateway.Text("allocationId")
	switch {
	case gateway.Text("connectivityType") == "private" && allocation != "":
		return refuse("InvalidParameter", "Private NAT gateways do not support the AllocationId parameter.")
	case gateway.Text("connectivityType") == "private":
		return nil
	case allocation == "":
		return refuse("MissingParameter", "The request must include the AllocationId parameter. "+
			"Add the required parameter and retry the request.")
	}
	holder, err := holderOf(account, allocation, gateway.ID)
	if err != nil {
		return err
	}
	if holder != "" {
		return refuse("Resource.AlreadyAssociated", "Elastic IP address [%s] is already associated", allocation)
	}
	attached, err := account.Find(internetGatewayToken, "vpcId", vpc)
	if err == nil && attached == nil {
		err = refuse("Gateway.NotAttached", "Network %s has no Internet gateway attached", vpc)
	}
	return err
}

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
			{Path: "routes[*].gatewayId", Type: internetGatewayToken, Loose: true, External: otherGateway},
			{Path: "routes[*].natGatewayId", Type: natGatewayToken, Loose: true},
		},
		Check: func(account cloud.Account, table *cloud.Resource) error {
			return routesFit(account, table, table.Texts("routes[*].gatewayId"), table.Texts("routes[*].natGatewayId"))
		},
		Quota: &cloud.Quota{Limit: 200, Per: "vpcId", Error: cloud.Error{
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
			{Path: "subnetId", Type: subnetToken, Part: true},
			{Path: "gatewayId", Type: internetGatewayToken, Part: true, External: otherGateway},
		},
		Unique: [][]string{{"subnetId"}, {"gatewayId"}},
		Exists: cloud.Error{
			Code: "Resource.AlreadyAssociated",
			Message: "the specified association for route table ${routeTableId} conflicts with an existing association " +
				"of ${subnetId}${gatewayId}",
		},
		Check: func(account cloud.Account, association *cloud.Resource) error {
			return sameNetwork(account, association.Text("routeTableId"), "subnet", subnetToken, association.Texts("subnetId"))
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
			{Path: "routeTableId", Type: routeTableToken, Part: true},
			{Path: "gatewayId", Type: internetGatewayToken, Loose: true, External: otherGateway},
			{Path: "natGatewayId", Type: natGatewayToken, Loose: true},
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
		Quota: &cloud.Quota{Limit: 500, Per: "routeTableId", Error: cloud.Error{
			Code: "RouteLimitExceeded", Message: "The maximum number of routes has been reached for ${routeTableId}.",
		}},
		Check: func(account cloud.Account, route *cloud.Resource) error {
			table, err := account.Find(routeTableToken, "", route.Text("routeTableId"))
			if err != nil {
				return err
			}
			return routesFit(account, table, route.Texts("gatewayId"), route.Texts("natGatewayId"))
		},
	}
}

// routesFit refuses routes out of a table's VPC into another one.
func routesFit(account cloud.Account, table *cloud.Resource, gateways, natGateways []string) error {
	for _, id := range gateways {
		gateway, err := account.Find(internetGatewayToken, "", id)
		if err != nil {
			return err
		}
		if gateway != nil && gateway.Text("vpcId") != table.Text("vpcId") {
			return refuse("InvalidParameterValue",
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
			return refuse("InvalidParameterValue",
				"route table %s and interface %s belong to different networks", table.ID, gateway.Text("networkInterfaceId"))
		}
	}
	return nil
}

// sameNetwork refuses what is not in the VPC of a route table.
func sameNetwork(account cloud.Account, tableID, kind, token string, ids []string) error {
	table, err := account.Find(routeTableToken, "", tableID)
	if err != nil {
		return err
	}
	for _, id := range ids {
		found, err := account.Find(token, "", id)
		if err != nil {
			return err
		}
		if found.Text("vpcId") != table.Text("vpcId") {
			return refuse("InvalidParameterValue", "route table %s and %s %s belong to different networks", tableID, kind, id)
		}
	}
	return nil
}

func flowLogType() cloud.Type {
	configuration := []string{
		"logDestinationType", "logDestination", "trafficType", "maxAggregationInterval", "logFormat",
	}
	return cloud.Type{
		Token:     flowLogToken,
		Args:      ec2.FlowLogArgs{},
		State:     ec2.FlowLog{},
		Service:   "EC2",
		Operation: "CreateFlowLogs",
		Source:    "CloudFormation resource schema AWS::EC2::FlowLog; EC2 API Reference, CreateFlowLogs",
		ID:        "fl-${hex17}",
		OneOf:     [][]string{{"eniId", "subnetId", "transitGatewayAttachmentId", "transitGatewayId", "vpcId"}},
		Conflicts: [][]string{{"logDestination", "logGroupName"}},
		Values: map[string]cloud.Value{
			"logDestinationType":     cloud.OneOf("cloud-watch-logs", "s3", "kinesis-data-firehose"),
			"maxAggregationInterval": cloud.NumberIn(60, 600),
			"trafficType":            cloud.OneOf("ACCEPT", "REJECT", "ALL"),
		},
		Computed: map[string]any{
			"arn":                    "arn:aws:ec2:${region}:${account}:vpc-flow-log/${id}",
			"logDestination":         "${logGroupName.arn}",
			"logDestinationType":     "cloud-watch-logs",
			"logFormat":              resource.NewProperty(flowLogFormat),
			"maxAggregationInterval": 600,
		},
		Replace: []string{
			"deliverCrossAccountRole", "destinationOptions", "eniId", "iamRoleArn", "logDestination", "logDestinationType",
			"logFormat", "logGroupName", "maxAggregationInterval", "subnetId", "trafficType", "transitGatewayAttachmentId",
			"transitGatewayId", "vpcId",
		},
		Refs: []cloud.Ref{
			{Path: "vpcId", Type: vpcToken, Part: true},
			{Path: "subnetId", Type: subnetToken, Part: true},
			{Path: "iamRoleArn", Type: roleToken, By: "arn", Loose: true},
			{Path: "logGroupName", Type: logGroupToken, By: "name", Loose: true},
			{Path: "logDestination", Type: logGroupToken, By: "arn", Loose: true, External: notLogGroup},
			{Path: "logDestination", Type: bucketToken, By: "arn", Loose: true, External: notBucket},
		},
		Unique: [][]string{
			append([]string{"vpcId"}, configuration...), append([]string{"subnetId"}, configuration...),
		},
		Exists: cloud.Error{
			Code:    "FlowLogAlreadyExists",
			Message: "Error. There is an existing Flow Log with the same configuration and log destination.",
		},
		Check: flowLogFits,
	}
}

func flowLogFits(_ cloud.Account, log *cloud.Resource) error {
	kind := log.Text("logDestinationType")
	switch {
	case log.Text("trafficType") == "" && log.Text("vpcId")+log.Text("subnetId")+log.Text("eniId") != "":
		return refuse("MissingParameter", "The request must contain the parameter TrafficType")
	case log.Text("logDestination") == "":
		return refuse("InvalidParameter", "LogDestination can't be empty if LogGroupName is not provided.")
	case kind == "cloud-watch-logs" && log.Text("iamRoleArn") == "":
		return refuse("InvalidParameter", "DeliverLogsPermissionArn can't be empty if LogDestinationType is %s.", kind)
	case kind != "cloud-watch-logs" && log.Text("iamRoleArn") != "":
		return refuse("InvalidParameter", "DeliverLogsPermissionArn is not applicable for %s delivery", kind)
	}
	return nil
}

// flowLogFormat is the default format (VPC User Guide, Flow log records).
const flowLogFormat = "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} " +
	"${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}"

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
			{Path: "routeTableIds[*]", Type: routeTableToken, Loose: true},
			{Path: "securityGroupIds[*]", Type: securityGroupToken},
			{Path: "subnetIds[*]", Type: subnetToken},
		},
		Check: endpointFits,
		NotFound: cloud.Error{
			Code: "InvalidVpcEndpointId.NotFound", Message: "The Vpc Endpoint Id '${value}' does not exist",
		},
		InUse: inUse("vpc endpoint"),
		Takes: 10 * time.Second,
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
			{Path: "routeTableId", Type: routeTableToken, Part: true},
			{Path: "vpcEndpointId", Type: vpcEndpointToken, Part: true},
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

// endpointFits refuses a service that the region lacks, and what the other kind of endpoint takes.
func endpointFits(account cloud.Account, endpoint *cloud.Resource) error {
	service, gateway := endpoint.Text("serviceName"), endpoint.Text("vpcEndpointType") == "Gateway"
	name, here := strings.CutPrefix(service, "com.amazonaws."+endpoint.Region+".")
	switch {
	case service != "" && !here, gateway && name != "s3" && name != "dynamodb":
		return refuse("InvalidServiceName", "The Vpc Endpoint Service '%s' does not exist", service)
	case gateway && len(endpoint.Texts("subnetIds[*]"))+len(endpoint.Texts("securityGroupIds[*]")) > 0:
		return refuse("InvalidParameter", "Subnet and security group IDs are only supported for Interface type VPC Endpoints.")
	case !gateway && len(endpoint.Texts("routeTableIds[*]")) > 0:
		return refuse("InvalidParameter", "Route table IDs are only supported for Gateway type VPC Endpoint.")
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
		return refuse("VpcEndpointLimitExceeded", "The maximum number of VPC endpoints has been reached.")
	}
	return endpointRoutes(account, endpoint, endpoint.Texts("routeTableIds[*]"), "")
}

// endpointRoutes refuses a route table of another VPC, and one that leads to the same service already.
func endpointRoutes(account cloud.Account, endpoint *cloud.Resource, tables []string, association string) error {
	for _, id := range tables {
		table, err := account.Find(routeTableToken, "", id)
		if err != nil {
			return err
		}
		if table.Text("vpcId") != endpoint.Text("vpcId") {
			return refuse("InvalidParameter", "Route table %s does not belong to VPC %s", id, endpoint.Text("vpcId"))
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
		var taken []string
		if other.ID != endpoint.ID || association != "" {
			taken = other.Texts("routeTableIds[*]")
		}
		for _, made := range associations {
			if made.Text("vpcEndpointId") == other.ID && made.ID != association {
				taken = append(taken, made.Text("routeTableId"))
			}
		}
		for _, id := range tables {
			if slices.Contains(taken, id) {
				return refuse("RouteAlreadyExists", "route table %s already has a route with destination-prefix-list-id %s",
					id, other.Text("prefixListId"))
			}
		}
	}
	return nil
}
