package awsx

import (
	"fmt"
	"maps"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	awsxec2 "github.com/pulumi/pulumi-awsx/sdk/v2/go/awsx/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const (
	defaultZones = 3 // vpc.ts, getDefaultAzs
	anywhere     = "0.0.0.0/0"
)

// network registers the children of one awsx:ec2:Vpc and collects the component's outputs. Names, parents, inputs and
// dependencies are those of vpc.ts, initialize.
type network struct {
	ctx  *pulumi.Context
	name string
	args *vpcArgs
	nat  awsxec2.NatGatewayStrategy

	vpc               *ec2.Vpc
	internetGateway   *ec2.InternetGateway
	endpoints         ec2.VpcEndpointArray
	subnets           ec2.SubnetArray
	publicSubnetIDs   pulumi.StringArray
	privateSubnetIDs  pulumi.StringArray
	isolatedSubnetIDs pulumi.StringArray
	routeTables       ec2.RouteTableArray
	associations      ec2.RouteTableAssociationArray
	routes            ec2.RouteArray
	eips              ec2.EipArray
	natGateways       ec2.NatGatewayArray
	natGatewayIDs     []pulumi.IDOutput
}

// newVpc registers the component and its children. It plans the whole network before the first child, so that an error
// leaves no AWS resource behind.
func newVpc(ctx *pulumi.Context, name string, args *vpcArgs, opts ...pulumi.ResourceOption) (*awsxec2.Vpc, error) {
	component := &awsxec2.Vpc{}
	if err := ctx.RegisterComponentResource(vpcType, name, component, opts...); err != nil {
		return nil, fmt.Errorf("registering the component: %w", err)
	}
	zones, err := availabilityZones(ctx, args, component)
	if err != nil {
		return nil, err
	}
	nat, err := args.natStrategy()
	if err != nil {
		return nil, err
	}
	if err := checkEIPs(nat, len(args.NatGateways.ElasticIPAllocationIDs), len(zones)); err != nil {
		return nil, err
	}
	plan, err := planSubnets(name, args, zones, nat)
	if err != nil {
		return nil, err
	}
	n := newNetwork(ctx, name, args, nat)
	if err := n.register(component, plan, zones); err != nil {
		return nil, err
	}
	n.setOutputs(component, plan.layout)
	// The recordings hold no outputs of the component: they are in the response to Construct.
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{})
}

// newNetwork starts with empty lists, not nil ones: an output without elements is an empty list.
func newNetwork(ctx *pulumi.Context, name string, args *vpcArgs, nat awsxec2.NatGatewayStrategy) *network {
	return &network{
		ctx: ctx, name: name, args: args, nat: nat,
		endpoints: ec2.VpcEndpointArray{}, subnets: ec2.SubnetArray{},
		publicSubnetIDs: pulumi.StringArray{}, privateSubnetIDs: pulumi.StringArray{}, isolatedSubnetIDs: pulumi.StringArray{},
		routeTables: ec2.RouteTableArray{}, associations: ec2.RouteTableAssociationArray{}, routes: ec2.RouteArray{},
		eips: ec2.EipArray{}, natGateways: ec2.NatGatewayArray{},
	}
}

// availabilityZones returns the named zones or the first ones of the provider's region (vpc.ts, getDefaultAzs).
func availabilityZones(ctx *pulumi.Context, args *vpcArgs, component pulumi.Resource) ([]string, error) {
	if args.AvailabilityZoneNames != nil {
		return args.AvailabilityZoneNames, nil
	}
	count := defaultZones
	if args.NumberOfAvailabilityZones != nil {
		count = *args.NumberOfAvailabilityZones
	}
	region, err := aws.GetAvailabilityZones(ctx, nil, pulumi.Parent(component))
	if err != nil {
		return nil, fmt.Errorf("listing the availability zones: %w", err)
	}
	if len(region.Names) < count {
		return nil, awsxError("The configured region for this provider does not have at least %d Availability Zones. Either specify "+
			"an explicit list of zones in availabilityZoneNames or choose a region with at least %d AZs.", count, count)
	}
	return region.Names[:count], nil
}

// checkEIPs: vpc.ts, validateEips.
func checkEIPs(nat awsxec2.NatGatewayStrategy, count, zones int) error {
	switch {
	case nat == awsxec2.NatGatewayStrategyNone && count > 0:
		return awsxError("Elastic IP allocation IDs cannot be specified when NAT Gateway strategy is '%s'.", nat)
	case nat == awsxec2.NatGatewayStrategySingle && count > 1:
		return awsxError("Exactly one Elastic IP may be specified when NAT Gateway strategy is '%s'.", nat)
	case nat == awsxec2.NatGatewayStrategyOnePerAz && count > 0 && count != zones:
		return awsxError("The number of Elastic IPs, if specified, must match the number of availability zones for the VPC (%d) "+
			"when NAT Gateway strategy is '%s'", zones, nat)
	}
	return nil
}

func (n *network) register(component pulumi.Resource, plan *subnetPlan, zones []string) (err error) {
	if n.vpc, err = n.newVpc(component); err != nil {
		return err
	}
	n.internetGateway, err = ec2.NewInternetGateway(n.ctx, n.name, &ec2.InternetGatewayArgs{
		VpcId: n.vpc.ID(), Tags: n.sharedTags(),
	}, childOf(n.vpc)...)
	if err != nil {
		return err
	}
	for _, spec := range n.args.VpcEndpointSpecs {
		if err := n.addEndpoint(spec); err != nil {
			return err
		}
	}
	for z, zone := range zones {
		for _, subnet := range plan.inZone(zone) {
			if err := n.addSubnet(subnet, z); err != nil {
				return err
			}
		}
	}
	return nil
}

func (n *network) newVpc(component pulumi.Resource) (*ec2.Vpc, error) {
	return ec2.NewVpc(n.ctx, n.name, &ec2.VpcArgs{
		AssignGeneratedIpv6CidrBlock:     n.args.AssignGeneratedIpv6CidrBlock,
		CidrBlock:                        pulumi.String(n.args.cidrBlock()),
		EnableDnsHostnames:               n.args.EnableDNSHostnames,
		EnableDnsSupport:                 n.args.EnableDNSSupport,
		EnableNetworkAddressUsageMetrics: n.args.EnableNetworkAddressUsageMetrics,
		InstanceTenancy:                  n.args.InstanceTenancy,
		Ipv6CidrBlockNetworkBorderGroup:  n.args.Ipv6CidrBlockNetworkBorderGroup,
		Tags:                             n.sharedTags(),
	}, pulumi.Parent(component))
}

// addEndpoint: the tags and the output came with awsx 2.22.0 (pulumi-awsx pull request 1580).
func (n *network) addEndpoint(spec vpcEndpointSpecArgs) error {
	endpoint, err := ec2.NewVpcEndpoint(n.ctx, spec.ServiceName, &ec2.VpcEndpointArgs{
		AutoAccept:        pulumi.BoolPtrFromPtr(spec.AutoAccept),
		Policy:            spec.Policy,
		PrivateDnsEnabled: pulumi.BoolPtrFromPtr(spec.PrivateDNSEnabled),
		RouteTableIds:     spec.RouteTableIDs,
		SecurityGroupIds:  spec.SecurityGroupIDs,
		ServiceName:       pulumi.String(spec.ServiceName),
		SubnetIds:         spec.SubnetIDs,
		Tags:              mergeTags(n.sharedTags(), spec.Tags),
		VpcEndpointType:   spec.VpcEndpointType,
		VpcId:             n.vpc.ID(),
	}, childOf(n.vpc)...)
	n.endpoints = append(n.endpoints, endpoint)
	return err
}

// addSubnet registers a subnet of the zone with that index, with its route table and what its type needs.
func (n *network) addSubnet(planned plannedSubnet, zone int) error {
	subnetTags := pulumi.StringMap{"Name": pulumi.String(planned.name), "SubnetType": pulumi.String(planned.spec.Type)}
	subnet, err := ec2.NewSubnet(n.ctx, planned.name, &ec2.SubnetArgs{
		AvailabilityZone:    pulumi.String(planned.zone),
		CidrBlock:           pulumi.String(planned.cidr.String()),
		MapPublicIpOnLaunch: pulumi.Bool(planned.is(awsxec2.SubnetTypePublic)),
		Tags:                mergeTags(n.sharedTags(), planned.spec.Tags, subnetTags),
		VpcId:               n.vpc.ID(),
	}, childOf(n.vpc)...)
	if err != nil {
		return err
	}
	n.subnets = append(n.subnets, subnet)

	routeTable, err := ec2.NewRouteTable(n.ctx, planned.name, &ec2.RouteTableArgs{
		Tags: mergeTags(n.sharedTags(), subnetTags), VpcId: n.vpc.ID(),
	}, childOf(subnet)...)
	if err != nil {
		return err
	}
	n.routeTables = append(n.routeTables, routeTable)

	association, err := ec2.NewRouteTableAssociation(n.ctx, planned.name, &ec2.RouteTableAssociationArgs{
		RouteTableId: routeTable.ID(), SubnetId: subnet.ID(),
	}, childOf(routeTable)...)
	if err != nil {
		return err
	}
	n.associations = append(n.associations, association)

	switch awsxec2.SubnetType(planned.spec.Type) {
	case awsxec2.SubnetTypePublic:
		n.publicSubnetIDs = append(n.publicSubnetIDs, subnet.ID())
		if n.wantsNATGateway(zone) {
			if err := n.addNATGateway(subnet, zone); err != nil {
				return err
			}
		}
		return n.addRoute(planned.name, routeTable, &ec2.RouteArgs{GatewayId: n.internetGateway.ID()})
	case awsxec2.SubnetTypePrivate:
		n.privateSubnetIDs = append(n.privateSubnetIDs, subnet.ID())
		if n.nat == awsxec2.NatGatewayStrategyNone {
			return nil
		}
		return n.addRoute(planned.name, routeTable, &ec2.RouteArgs{NatGatewayId: n.natGatewayID(zone)})
	default:
		n.isolatedSubnetIDs = append(n.isolatedSubnetIDs, subnet.ID())
		return nil
	}
}

// wantsNATGateway: the first public subnet of a zone holds its NAT gateway (vpc.ts, shouldCreateNatGateway).
func (n *network) wantsNATGateway(zone int) bool {
	switch n.nat {
	case awsxec2.NatGatewayStrategySingle:
		return len(n.natGateways) == 0
	case awsxec2.NatGatewayStrategyOnePerAz:
		return len(n.natGateways) == zone
	default:
		return false
	}
}

func (n *network) natGatewayID(zone int) pulumi.IDOutput {
	if n.nat == awsxec2.NatGatewayStrategySingle {
		return n.natGatewayIDs[0]
	}
	return n.natGatewayIDs[zone]
}

func (n *network) addNATGateway(subnet *ec2.Subnet, zone int) error {
	name := fmt.Sprintf("%s-%d", n.name, zone+1)
	tags := mergeTags(n.args.Tags, pulumi.StringMap{"Name": pulumi.String(name)})
	allocationID, err := n.allocationID(name, tags, subnet, zone)
	if err != nil {
		return err
	}
	gateway, err := ec2.NewNatGateway(n.ctx, name, &ec2.NatGatewayArgs{
		AllocationId: allocationID, SubnetId: subnet.ID(), Tags: tags,
	}, childOf(subnet)...)
	if err != nil {
		return err
	}
	n.natGateways = append(n.natGateways, gateway)
	n.natGatewayIDs = append(n.natGatewayIDs, gateway.ID())
	return nil
}

// allocationID returns the allocation given for the zone, or that of a new Elastic IP.
func (n *network) allocationID(name string, tags pulumi.StringMap, subnet *ec2.Subnet, zone int) (pulumi.StringPtrInput, error) {
	if ids := n.args.NatGateways.ElasticIPAllocationIDs; len(ids) > 0 {
		return ids[zone].ToStringOutput().ToStringPtrOutput(), nil
	}
	eip, err := ec2.NewEip(n.ctx, name, &ec2.EipArgs{Tags: tags}, childOf(subnet)...)
	if err != nil {
		return nil, err
	}
	n.eips = append(n.eips, eip)
	return eip.AllocationId, nil
}

func (n *network) addRoute(name string, routeTable *ec2.RouteTable, args *ec2.RouteArgs) error {
	args.DestinationCidrBlock = pulumi.String(anywhere)
	args.RouteTableId = routeTable.ID()
	route, err := ec2.NewRoute(n.ctx, name, args, childOf(routeTable)...)
	n.routes = append(n.routes, route)
	return err
}

// sharedTags: a Name tag among the inputs wins over the component's name.
func (n *network) sharedTags() pulumi.StringMap {
	return mergeTags(pulumi.StringMap{"Name": pulumi.String(n.name)}, n.args.Tags)
}

// setOutputs fills in the component's outputs, which are those of the awsx SDK's type.
func (n *network) setOutputs(component *awsxec2.Vpc, layout []subnetSpecArgs) {
	component.Vpc = n.vpc.ToVpcOutput()
	component.VpcId = n.vpc.ID().ToStringOutput()
	component.InternetGateway = n.internetGateway.ToInternetGatewayOutput()
	component.VpcEndpoints = n.endpoints.ToVpcEndpointArrayOutput()
	component.Subnets = n.subnets.ToSubnetArrayOutput()
	component.PublicSubnetIds = n.publicSubnetIDs.ToStringArrayOutput()
	component.PrivateSubnetIds = n.privateSubnetIDs.ToStringArrayOutput()
	component.IsolatedSubnetIds = n.isolatedSubnetIDs.ToStringArrayOutput()
	component.RouteTables = n.routeTables.ToRouteTableArrayOutput()
	component.RouteTableAssociations = n.associations.ToRouteTableAssociationArrayOutput()
	component.Routes = n.routes.ToRouteArrayOutput()
	component.Eips = n.eips.ToEipArrayOutput()
	component.NatGateways = n.natGateways.ToNatGatewayArrayOutput()
	component.SubnetLayout = resolvedLayout(layout)
}

// resolvedLayout: vpcConverters.ts, toResolvedSubnetSpecOutputs. The SDK's type has an empty list where awsx leaves
// cidrBlocks out.
func resolvedLayout(layout []subnetSpecArgs) awsxec2.ResolvedSubnetSpecArrayOutput {
	resolved := make([]awsxec2.ResolvedSubnetSpec, len(layout))
	for i, spec := range layout {
		resolved[i] = awsxec2.ResolvedSubnetSpec{
			CidrBlocks: spec.CidrBlocks, CidrMask: spec.CidrMask, Name: spec.Name, Size: spec.Size,
			Type: awsxec2.SubnetType(spec.Type),
		}
	}
	return pulumi.ToOutput(resolved).(awsxec2.ResolvedSubnetSpecArrayOutput)
}

func childOf(parent pulumi.Resource) []pulumi.ResourceOption {
	return []pulumi.ResourceOption{pulumi.Parent(parent), pulumi.DependsOn([]pulumi.Resource{parent})}
}

// mergeTags merges maps of tags; later maps win.
func mergeTags(layers ...pulumi.StringMap) pulumi.StringMap {
	merged := pulumi.StringMap{}
	for _, layer := range layers {
		maps.Copy(merged, layer)
	}
	return merged
}
