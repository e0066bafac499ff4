package network

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// A VPC may have /16 at most (Amazon VPC User Guide, "VPC CIDR blocks"). At /22 an isolated subnet is a /27 with 27
// usable addresses, the least that suffices for databases, caches and their replacements.
const (
	minPrefix = 16
	maxPrefix = 22
	minZones  = 2
	maxZones  = 1 << zoneBits
)

// sharedSpace is RFC 6598's range, which AWS accepts for a VPC beside those of RFC 1918.
var sharedSpace = netip.MustParsePrefix("100.64.0.0/10")

func (a *Args) validate() error {
	var errs []error
	refuse := func(format string, values ...any) { errs = append(errs, fmt.Errorf(format, values...)) }

	if err := checkCIDR(a.CIDR); err != nil {
		errs = append(errs, err)
	}
	if a.Region == "" {
		refuse("Region must be set")
	}
	if zones := len(a.AvailabilityZones); zones < minZones || zones > maxZones {
		refuse("AvailabilityZones has %d zones: name %d to %d", zones, minZones, maxZones)
	}
	for i, zone := range a.AvailabilityZones {
		if zone == a.Region || !strings.HasPrefix(zone, a.Region) {
			refuse("AvailabilityZones names %q, which is no zone of region %q", zone, a.Region)
		}
		if slices.Contains(a.AvailabilityZones[:i], zone) {
			refuse("AvailabilityZones names %q twice", zone)
		}
	}
	if nat := []NAT{NoNAT, SingleNAT, NATPerZone}; !slices.Contains(nat, a.NAT) {
		refuse("NAT is %q: it takes %q", a.NAT, nat)
	}
	return errors.Join(errs...)
}

func checkCIDR(cidr netip.Prefix) error {
	switch {
	case !cidr.IsValid():
		return errors.New("CIDR must be set to a range such as 10.0.0.0/16")
	case cidr != cidr.Masked():
		return fmt.Errorf("CIDR is %s, an address within a range: write %s", cidr, cidr.Masked())
	case !cidr.Addr().Is4() || !cidr.Addr().IsPrivate() && !sharedSpace.Contains(cidr.Addr()):
		return fmt.Errorf("CIDR is %s: it must be private IPv4, within 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or %s",
			cidr, sharedSpace)
	case cidr.Bits() < minPrefix || cidr.Bits() > maxPrefix:
		return fmt.Errorf("CIDR is %s: its prefix must be /%d to /%d", cidr, minPrefix, maxPrefix)
	}
	return nil
}
