package awsx

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	awsxec2 "github.com/pulumi/pulumi-awsx/sdk/v2/go/awsx/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
)

// defaultCidrBlock is awsx's default (vpc.ts, decideCidrBlockVpcInput).
const defaultCidrBlock = "10.0.0.0/16"

// vpcArgs are the inputs of awsx:ec2:Vpc that the offline awsx simulates; any other input is rejected. The SDK's
// ec2.VpcArgs cannot be read into: its fields carry no pulumi tags, and ConstructInputs.CopyTo panics on its enum
// types. Inputs that awsx needs before it registers anything are plain; the rest may be unknown at preview.
type vpcArgs struct {
	AssignGeneratedIpv6CidrBlock     pulumi.BoolPtrInput           `pulumi:"assignGeneratedIpv6CidrBlock"`
	AvailabilityZoneCidrMask         *int                          `pulumi:"availabilityZoneCidrMask"`
	AvailabilityZoneNames            []string                      `pulumi:"availabilityZoneNames"`
	CidrBlock                        *string                       `pulumi:"cidrBlock"`
	EnableDNSHostnames               pulumi.BoolPtrInput           `pulumi:"enableDnsHostnames"`
	EnableDNSSupport                 pulumi.BoolPtrInput           `pulumi:"enableDnsSupport"`
	EnableNetworkAddressUsageMetrics pulumi.BoolPtrInput           `pulumi:"enableNetworkAddressUsageMetrics"`
	InstanceTenancy                  pulumi.StringPtrInput         `pulumi:"instanceTenancy"`
	Ipv6CidrBlockNetworkBorderGroup  pulumi.StringPtrInput         `pulumi:"ipv6CidrBlockNetworkBorderGroup"`
	NatGateways                      natGatewayArgs                `pulumi:"natGateways"`
	NumberOfAvailabilityZones        *int                          `pulumi:"numberOfAvailabilityZones"`
	SubnetSpecs                      []subnetSpecArgs              `pulumi:"subnetSpecs"`
	SubnetStrategy                   *string                       `pulumi:"subnetStrategy"`
	Tags                             map[string]pulumi.StringInput `pulumi:"tags"`
	VpcEndpointSpecs                 []vpcEndpointSpecArgs         `pulumi:"vpcEndpointSpecs"`
}

// natGatewayArgs mirrors the SDK's ec2.NatGatewayConfigurationArgs.
type natGatewayArgs struct {
	ElasticIPAllocationIDs []pulumi.StringInput `pulumi:"elasticIpAllocationIds"`
	Strategy               *string              `pulumi:"strategy"`
}

// subnetSpecArgs mirrors the SDK's ec2.SubnetSpecArgs.
type subnetSpecArgs struct {
	CidrBlocks []string                      `pulumi:"cidrBlocks"`
	CidrMask   *int                          `pulumi:"cidrMask"`
	Name       *string                       `pulumi:"name"`
	Size       *int                          `pulumi:"size"`
	Tags       map[string]pulumi.StringInput `pulumi:"tags"`
	Type       string                        `pulumi:"type"`
}

// vpcEndpointSpecArgs is the part of the SDK's ec2.VpcEndpointSpecArgs that awsx 2.22.0 passes on (vpc.ts, initialize);
// it drops dnsOptions, ipAddressType, serviceRegion and subnetConfigurations silently, which are rejected here.
type vpcEndpointSpecArgs struct {
	AutoAccept        *bool                         `pulumi:"autoAccept"`
	Policy            pulumi.StringPtrInput         `pulumi:"policy"`
	PrivateDNSEnabled *bool                         `pulumi:"privateDnsEnabled"`
	RouteTableIDs     pulumi.StringArrayInput       `pulumi:"routeTableIds"`
	SecurityGroupIDs  pulumi.StringArrayInput       `pulumi:"securityGroupIds"`
	ServiceName       string                        `pulumi:"serviceName"`
	SubnetIDs         pulumi.StringArrayInput       `pulumi:"subnetIds"`
	Tags              map[string]pulumi.StringInput `pulumi:"tags"`
	VpcEndpointType   pulumi.StringPtrInput         `pulumi:"vpcEndpointType"`
}

// nestedInputs reads the same inputs as maps, for the names of their properties.
type nestedInputs struct {
	NatGateways      map[string]pulumi.AnyOutput   `pulumi:"natGateways"`
	SubnetSpecs      []map[string]pulumi.AnyOutput `pulumi:"subnetSpecs"`
	VpcEndpointSpecs []map[string]pulumi.AnyOutput `pulumi:"vpcEndpointSpecs"`
}

// readVpcArgs reads and checks the inputs. Nothing has been registered when it returns an error.
func readVpcArgs(inputs provider.ConstructInputs) (*vpcArgs, error) {
	if err := checkNames(inputs); err != nil {
		return nil, err
	}
	args := &vpcArgs{}
	if err := inputs.CopyTo(args); err != nil {
		return nil, fmt.Errorf("%w; awsx needs a value that is known at preview there", err)
	}
	if err := args.check(); err != nil {
		return nil, err
	}
	return args, nil
}

// checkNames rejects the inputs that vpcArgs has no field for.
func checkNames(inputs provider.ConstructInputs) error {
	values, err := inputs.Map()
	if err != nil {
		return fmt.Errorf("reading the inputs: %w", err)
	}
	var nested nestedInputs
	if err := inputs.CopyTo(&nested); err != nil {
		return fmt.Errorf("%w; awsx needs a value that is known at preview there", err)
	}
	unknown := unknownNames("", values, reflect.TypeFor[vpcArgs]())
	unknown = append(unknown, unknownNames("natGateways.", nested.NatGateways, reflect.TypeFor[natGatewayArgs]())...)
	for i, spec := range nested.SubnetSpecs {
		path := fmt.Sprintf("subnetSpecs[%d].", i)
		unknown = append(unknown, unknownNames(path, spec, reflect.TypeFor[subnetSpecArgs]())...)
	}
	for i, spec := range nested.VpcEndpointSpecs {
		path := fmt.Sprintf("vpcEndpointSpecs[%d].", i)
		unknown = append(unknown, unknownNames(path, spec, reflect.TypeFor[vpcEndpointSpecArgs]())...)
	}
	if len(unknown) > 0 {
		return fmt.Errorf("the offline awsx does not simulate %s; remove it or use the official awsx plugin",
			strings.Join(unknown, ", "))
	}
	return nil
}

func unknownNames[V any](path string, inputs map[string]V, args reflect.Type) []string {
	known := map[string]bool{}
	for i := range args.NumField() {
		known[args.Field(i).Tag.Get("pulumi")] = true
	}
	var unknown []string
	for _, name := range slices.Sorted(maps.Keys(inputs)) {
		if !known[name] {
			unknown = append(unknown, path+name)
		}
	}
	return unknown
}

// check rejects inputs that are invalid whatever the availability zones.
func (a *vpcArgs) check() error {
	if err := a.checkZones(); err != nil {
		return err
	}
	if err := a.checkStrategy(); err != nil {
		return err
	}
	for i, spec := range a.SubnetSpecs {
		if !slices.Contains(subnetTypes, awsxec2.SubnetType(spec.Type)) {
			return fmt.Errorf("subnetSpecs[%d].type is %q; use one of %v", i, spec.Type, subnetTypes)
		}
	}
	for i, spec := range a.VpcEndpointSpecs {
		if spec.ServiceName == "" {
			return fmt.Errorf("vpcEndpointSpecs[%d].serviceName is missing", i)
		}
	}
	_, err := a.natStrategy()
	return err
}

var subnetTypes = []awsxec2.SubnetType{
	awsxec2.SubnetTypePublic, awsxec2.SubnetTypePrivate, awsxec2.SubnetTypeIsolated, awsxec2.SubnetTypeUnused,
}

// checkZones: awsx's own words in vpc.ts, initialize. awsx accepts an empty list and creates a VPC without subnets.
func (a *vpcArgs) checkZones() error {
	switch {
	case a.AvailabilityZoneNames != nil && a.NumberOfAvailabilityZones != nil:
		return awsxError("Only one of [availabilityZoneNames] and [numberOfAvailabilityZones] can be specified")
	case a.AvailabilityZoneNames != nil && len(a.AvailabilityZoneNames) == 0:
		return errors.New("availabilityZoneNames is empty; name at least one zone or leave it out")
	case a.NumberOfAvailabilityZones != nil && *a.NumberOfAvailabilityZones < 1:
		return fmt.Errorf("numberOfAvailabilityZones is %d; ask for at least one zone", *a.NumberOfAvailabilityZones)
	}
	return nil
}

// checkStrategy: awsx falls back to the Legacy layout when no strategy is set, and under Exact when no subnets are
// (vpc.ts, initialize and pickSubnetAllocator).
func (a *vpcArgs) checkStrategy() error {
	strategy := awsxec2.SubnetAllocationStrategyLegacy
	if a.SubnetStrategy != nil {
		strategy = awsxec2.SubnetAllocationStrategy(*a.SubnetStrategy)
	}
	switch strategy {
	case awsxec2.SubnetAllocationStrategyAuto:
		return nil
	case awsxec2.SubnetAllocationStrategyExact:
		if a.SubnetSpecs == nil {
			return errors.New("the offline awsx does not simulate subnetStrategy Exact without subnetSpecs, " +
				"which awsx lays out as Legacy; set subnetSpecs or use Auto")
		}
		return nil
	case awsxec2.SubnetAllocationStrategyLegacy:
		return errors.New("the offline awsx does not simulate subnetStrategy Legacy, the default; set it to Auto or Exact")
	default:
		return fmt.Errorf("subnetStrategy is %q; use Auto or Exact", strategy)
	}
}

// natStrategy: the default and the case-insensitive reading are awsx's (vpc.ts, initialize and validateEips).
func (a *vpcArgs) natStrategy() (awsxec2.NatGatewayStrategy, error) {
	if a.NatGateways.Strategy == nil {
		return awsxec2.NatGatewayStrategyOnePerAz, nil
	}
	for _, strategy := range []awsxec2.NatGatewayStrategy{
		awsxec2.NatGatewayStrategyNone, awsxec2.NatGatewayStrategySingle, awsxec2.NatGatewayStrategyOnePerAz,
	} {
		if strings.EqualFold(*a.NatGateways.Strategy, string(strategy)) {
			return strategy, nil
		}
	}
	return "", awsxError("Unknown NatGatewayStrategy '%s'", *a.NatGateways.Strategy)
}

func (a *vpcArgs) cidrBlock() string {
	if a.CidrBlock == nil {
		return defaultCidrBlock
	}
	return *a.CidrBlock
}

// awsxMessage is an error in the words of awsx, which users also see on AWS.
type awsxMessage string

func (r awsxMessage) Error() string { return string(r) }

func awsxError(format string, values ...any) error {
	return awsxMessage(fmt.Sprintf(format, values...))
}
