package awsx

import (
	"encoding/binary"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"

	awsxec2 "github.com/pulumi/pulumi-awsx/sdk/v2/go/awsx/ec2"
)

// subnetPlan is the layout of a VPC's subnets, decided before anything is registered.
type subnetPlan struct {
	subnets []plannedSubnet
	layout  []subnetSpecArgs // the specs of one zone with their sizes filled in: the output subnetLayout
}

type plannedSubnet struct {
	name string
	zone string
	cidr netip.Prefix
	spec subnetSpecArgs
}

func (s plannedSubnet) is(typ awsxec2.SubnetType) bool { return s.spec.Type == string(typ) }

// planSubnets lays out the subnets in the zones by subnetStrategy Auto, Exact or explicit CIDR blocks, and rejects what
// awsx rejects, in the same order (vpc.ts, decideAndValidateSubnetSpecs).
func planSubnets(vpcName string, args *vpcArgs, zones []string, nat awsxec2.NatGatewayStrategy) (*subnetPlan, error) {
	vpc, err := parseIPv4(args.cidrBlock())
	if err != nil {
		return nil, fmt.Errorf("cidrBlock: %w", err)
	}
	specs, blocks, err := allocate(vpc, args, len(zones))
	if err != nil {
		return nil, err
	}
	plan := &subnetPlan{layout: specs}
	for z, zone := range zones {
		for s, spec := range specs {
			name := subnetName(vpcName, spec, z+1)
			plan.subnets = append(plan.subnets, plannedSubnet{name: name, zone: zone, cidr: blocks[z][s], spec: spec})
		}
	}
	return plan, plan.check(vpc, *args.SubnetStrategy, nat)
}

// inZone returns the subnets to register in a zone: public ones first, since they hold the NAT gateways that the
// private ones route to; unused ones are left out (vpc.ts, initialize and compareSubnetSpecs).
func (p *subnetPlan) inZone(zone string) []plannedSubnet {
	var subnets []plannedSubnet
	for _, typ := range []awsxec2.SubnetType{awsxec2.SubnetTypePublic, awsxec2.SubnetTypePrivate, awsxec2.SubnetTypeIsolated} {
		for _, subnet := range p.subnets {
			if subnet.zone == zone && subnet.is(typ) {
				subnets = append(subnets, subnet)
			}
		}
	}
	return subnets
}

// subnetName: subnetDistributorNew.ts, subnetName.
func subnetName(vpcName string, spec subnetSpecArgs, zoneNumber int) string {
	name := strings.ToLower(spec.Type)
	if spec.Name != nil {
		name = *spec.Name
	}
	return fmt.Sprintf("%s-%s-%d", vpcName, name, zoneNumber)
}

// allocate returns the specs of one zone and the CIDR blocks by zone and spec.
func allocate(vpc netip.Prefix, args *vpcArgs, zones int) (specs []subnetSpecArgs, blocks [][]netip.Prefix, err error) {
	zoneMask := vpc.Bits() + newBits(zones)
	if args.AvailabilityZoneCidrMask != nil {
		zoneMask = *args.AvailabilityZoneCidrMask
	}
	if args.SubnetSpecs == nil {
		specs, err = defaultSpecs(zoneMask)
	} else {
		specs, err = normalizeSpecs(args.SubnetSpecs, zones)
	}
	if err != nil {
		return nil, nil, err
	}
	if hasExplicitBlocks(specs) {
		return specs, explicitBlocks(specs, zones), nil
	}
	blocks, err = allocateBlocks(vpc, zoneMask, zones, specs)
	return specs, blocks, err
}

// allocateBlocks divides the VPC evenly between the zones, and each zone between its subnets in the order of the specs;
// a spec without a mask receives an even share of the zone (subnetDistributorNew.ts, allocateSubnetCidrBlocks).
func allocateBlocks(vpc netip.Prefix, zoneMask, zones int, specs []subnetSpecArgs) ([][]netip.Prefix, error) {
	if len(specs) == 0 {
		return nil, awsxError("No subnets specified")
	}
	zone, err := vpc.Addr().Prefix(zoneMask)
	if err != nil {
		return nil, fmt.Errorf("a zone of %s would be a /%d block: %w; make the VPC larger or use fewer zones", vpc, zoneMask, err)
	}
	masks := make([]int, len(specs))
	required := 0
	for i, spec := range specs {
		masks[i] = zoneMask + newBits(len(specs))
		if spec.CidrMask != nil {
			masks[i] = *spec.CidrMask
		}
		block, err := vpc.Addr().Prefix(masks[i])
		if err != nil {
			return nil, fmt.Errorf("subnetSpecs[%d] would be a /%d block: %w; use a larger VPC or another cidrMask", i, masks[i], err)
		}
		required += addresses(block.Bits())
	}
	if available := addresses(zoneMask); required > available {
		return nil, awsxError("Subnets are too large for VPC. VPC has %d addresses, but subnets require %d addresses.", available, required)
	}
	blocks := make([][]netip.Prefix, zones)
	for z := range zones {
		block := netip.PrefixFrom(zone.Addr(), masks[0])
		blocks[z] = append(blocks[z], block)
		for _, mask := range masks[1:] {
			block = blockAfter(block, mask)
			blocks[z] = append(blocks[z], block)
		}
		zone = next(zone)
	}
	return blocks, nil
}

// defaultSpecs returns the layout without subnetSpecs (subnetDistributorNew.ts, defaultSubnetInputs; the missing space
// in the message is awsx's).
func defaultSpecs(zoneMask int) ([]subnetSpecArgs, error) {
	if zoneMask > 26 {
		return nil, awsxError("Automatic subnet creation requires a VPC with at least /26 available per AZ, but only /%d is available."+
			"If you do need very small subnets, please specify them explicitly.", zoneMask)
	}
	largest := max(zoneMask, 16)
	private, public := largest+1, largest+2
	return []subnetSpecArgs{
		{Type: string(awsxec2.SubnetTypePrivate), CidrMask: &private},
		{Type: string(awsxec2.SubnetTypePublic), CidrMask: &public},
	}, nil
}

// normalizeSpecs fills in cidrMask and size from one another and collects all contradictions (subnetDistributorNew.ts,
// validateAndNormalizeSubnetInputs).
func normalizeSpecs(specs []subnetSpecArgs, zones int) ([]subnetSpecArgs, error) {
	issues := invalidSizes(specs)
	explicit := hasExplicitBlocks(specs)
	normalized := make([]subnetSpecArgs, len(specs))
	for i, spec := range specs {
		var issue string
		if explicit {
			normalized[i], issue = spec, explicitIssue(i, spec, zones)
		} else {
			normalized[i], issue = resolveMask(spec)
		}
		if issue != "" {
			issues = append(issues, issue)
		}
	}
	if len(issues) > 0 {
		return nil, awsxError("Invalid subnet specifications:\n - %s", strings.Join(issues, "\n - "))
	}
	return normalized, nil
}

func hasExplicitBlocks(specs []subnetSpecArgs) bool {
	return slices.ContainsFunc(specs, func(spec subnetSpecArgs) bool { return spec.CidrBlocks != nil })
}

// longestSizedMask is the mask of the smallest size awsx knows, 4 addresses (subnetDistributorNew.ts,
// validSubnetSizes).
const longestSizedMask = 30

func sizeMask(size int) (int, bool) {
	for mask := range longestSizedMask + 1 {
		if addresses(mask) == size {
			return mask, true
		}
	}
	return 0, false
}

func invalidSizes(specs []subnetSpecArgs) []string {
	var invalid []string
	for _, spec := range specs {
		if spec.Size == nil {
			continue
		}
		if _, ok := sizeMask(*spec.Size); !ok {
			invalid = append(invalid, fmt.Sprint(*spec.Size))
		}
	}
	if len(invalid) == 0 {
		return nil
	}
	var valid []string
	for mask := range longestSizedMask + 1 {
		valid = append(valid, fmt.Sprint(addresses(mask)))
	}
	return []string{fmt.Sprintf("The following subnet sizes are invalid: %s. Valid sizes are: %s.",
		strings.Join(invalid, ", "), strings.Join(valid, ", "))}
}

func resolveMask(spec subnetSpecArgs) (resolved subnetSpecArgs, issue string) {
	if spec.CidrMask == nil && spec.Size != nil {
		if mask, ok := sizeMask(*spec.Size); ok {
			spec.CidrMask = &mask
		}
	}
	if spec.CidrMask == nil || *spec.CidrMask < 1 || *spec.CidrMask > longestSizedMask {
		spec.Size = nil
		return spec, ""
	}
	size := addresses(*spec.CidrMask)
	if spec.Size != nil && *spec.Size != size {
		return spec, fmt.Sprintf("Subnet size %d does not match the expected size for a /%d subnet (%d).",
			*spec.Size, *spec.CidrMask, size)
	}
	spec.Size = &size
	return spec, ""
}

func explicitIssue(i int, spec subnetSpecArgs, zones int) string {
	if spec.CidrBlocks == nil {
		return "If any subnet spec has explicit cidrBlocks, all subnets must have explicit cidrBlocks."
	}
	if len(spec.CidrBlocks) != zones {
		return fmt.Sprintf("The number of CIDR blocks in subnetSpecs[%d] must match the number of availability zones (%d).", i, zones)
	}
	for _, text := range spec.CidrBlocks {
		block, err := parseIPv4(text)
		switch {
		case err != nil:
			return fmt.Sprintf("subnetSpecs[%d].cidrBlocks: %v", i, err)
		case spec.CidrMask != nil && *spec.CidrMask != block.Bits():
			return fmt.Sprintf("The cidrMask in subnetSpecs[%d] must match all cidrBlocks or be left undefined.", i)
		case spec.Size != nil && *spec.Size != addresses(block.Bits()):
			return fmt.Sprintf("The size in subnetSpecs[%d] must match all cidrBlocks or be left undefined.", i)
		}
	}
	return ""
}

// explicitBlocks returns the blocks that normalizeSpecs has checked.
func explicitBlocks(specs []subnetSpecArgs, zones int) [][]netip.Prefix {
	blocks := make([][]netip.Prefix, zones)
	for z := range zones {
		for _, spec := range specs {
			blocks[z] = append(blocks[z], netip.MustParsePrefix(spec.CidrBlocks[z]))
		}
	}
	return blocks
}

// check: vpc.ts, decideAndValidateSubnetSpecs.
func (p *subnetPlan) check(vpc netip.Prefix, strategy string, nat awsxec2.NatGatewayStrategy) error {
	if err := checkOverlaps(p.subnets); err != nil {
		return err
	}
	if strategy == string(awsxec2.SubnetAllocationStrategyExact) {
		if err := checkGaps(vpc, p.subnets); err != nil {
			return err
		}
	}
	return checkNATSubnets(nat, p.subnets)
}

// checkOverlaps: vpc.ts, getOverlappingSubnets and validateSubnets.
func checkOverlaps(subnets []plannedSubnet) error {
	var overlapping []string
	for i, subnet := range subnets {
		others := slices.Concat(subnets[:i], subnets[i+1:])
		if slices.ContainsFunc(others, func(s plannedSubnet) bool { return s.cidr.Overlaps(subnet.cidr) }) {
			overlapping = append(overlapping, fmt.Sprintf("%d. %s: %s\n", len(overlapping)+1, subnet.name, subnet.cidr))
		}
	}
	if len(overlapping) == 0 {
		return nil
	}
	return awsxError("The following subnets overlap with at least one other subnet. Make the CIDR for the VPC larger, reduce "+
		"the size of the subnets per AZ, or use less Availability Zones:\n\n%s", strings.Join(overlapping, ""))
}

// checkGaps: vpc.ts, validateNoGaps; the stray brace in the message is awsx's.
func checkGaps(vpc netip.Prefix, subnets []plannedSubnet) error {
	var gaps []string
	expected := vpc.Masked().Addr()
	for i, subnet := range subnets {
		if subnet.cidr.Masked().Addr() != expected {
			if i == 0 {
				gaps = append(gaps, fmt.Sprintf("%s (%s) does not start at the beginning of the VPC (%s)", subnet.name, subnet.cidr, vpc))
			} else {
				gaps = append(gaps, fmt.Sprintf("%s (%s) <=> %s (%s)", subnets[i-1].name, subnets[i-1].cidr, subnet.name, subnet.cidr))
			}
		}
		expected = next(subnet.cidr).Addr()
	}
	final := subnets[len(subnets)-1]
	if last(final.cidr) != last(vpc) {
		gaps = append(gaps, fmt.Sprintf("%s (ending %s) ends before VPC ends (at %s})", final.name, last(final.cidr), last(vpc)))
	}
	if len(gaps) == 0 {
		return nil
	}
	return awsxError("There are gaps in the subnet ranges. Please fix the following gaps: %s", strings.Join(gaps, ", "))
}

// checkNATSubnets: vpc.ts, validateNatGatewayStrategy.
func checkNATSubnets(nat awsxec2.NatGatewayStrategy, subnets []plannedSubnet) error {
	has := func(typ awsxec2.SubnetType) bool {
		return slices.ContainsFunc(subnets, func(s plannedSubnet) bool { return s.is(typ) })
	}
	if nat == awsxec2.NatGatewayStrategyNone || has(awsxec2.SubnetTypePublic) && has(awsxec2.SubnetTypePrivate) {
		return nil
	}
	return awsxError("If NAT Gateway strategy is 'OnePerAz' or 'Single', both private and public subnets must be declared. " +
		"The private subnet creates the need for a NAT Gateway, and the public subnet is required to host the NAT Gateway resource.")
}

func parseIPv4(cidr string) (netip.Prefix, error) {
	prefix, err := netip.ParsePrefix(cidr)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%q is not a CIDR block: %w", cidr, err)
	}
	if !prefix.Addr().Is4() {
		return netip.Prefix{}, fmt.Errorf("%q is not an IPv4 CIDR block", cidr)
	}
	return prefix, nil
}

// newBits returns the number of bits that can count parts (subnetDistributorNew.ts, newBits).
func newBits(count int) int { return int(math.Ceil(math.Log2(float64(count)))) }

func addresses(mask int) int { return 1 << (32 - mask) }

// blockAfter returns the first block with that mask past previous (subnetDistributorNew.ts, nextNetmask).
func blockAfter(previous netip.Prefix, mask int) netip.Prefix {
	return next(netip.PrefixFrom(last(previous), mask))
}

func next(block netip.Prefix) netip.Prefix {
	return netip.PrefixFrom(offset(block.Masked().Addr(), uint32(1)<<(32-block.Bits())), block.Bits())
}

// last returns the last host address, as in the netmask package that awsx calculates with: a block of more than two
// addresses ends before its broadcast address.
func last(block netip.Prefix) netip.Addr {
	end := uint32(1)<<(32-block.Bits()) - 1
	if block.Bits() <= 30 {
		end--
	}
	return offset(block.Masked().Addr(), end)
}

func offset(addr netip.Addr, n uint32) netip.Addr {
	base := addr.As4()
	var moved [4]byte
	binary.BigEndian.PutUint32(moved[:], binary.BigEndian.Uint32(base[:])+n)
	return netip.AddrFrom4(moved)
}
