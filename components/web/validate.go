package web

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
)

// minVolumeGiB is the size of the Amazon Linux 2023 AMI's snapshot.
const minVolumeGiB = 8

var (
	// gravitonType is a family whose name has a g behind the generation, without bare metal, which EC2 cannot recover
	// (Amazon EC2 User Guide, "Amazon EC2 instance type naming conventions"). Amazon Linux 2023 does not run on a1.
	gravitonType = regexp.MustCompile(`^[a-z]+[0-9]+g[a-z]*\.(nano|micro|small|medium|large|[0-9]*xlarge)$`)
	domainName   = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$`)
	emailAddress = regexp.MustCompile(`^[A-Za-z0-9._%+-]+@([A-Za-z0-9-]+\.)+[A-Za-z]{2,63}$`)
	// metadataKey is what instance metadata takes as a tag's key (Amazon EC2 User Guide, "Tag restrictions").
	metadataKey = regexp.MustCompile(`^[A-Za-z0-9+\-=.,_:@]+$`)
)

func (a *Args) validate() error {
	var errs []error
	refuse := func(format string, values ...any) { errs = append(errs, fmt.Errorf(format, values...)) }

	if a.Region == "" || a.PatchGroup == "" {
		refuse("Region and PatchGroup must be set")
	}
	switch {
	case (a.Placement == nil) == (a.Group == nil):
		refuse("exactly one of Placement, for fixed instances, and Group must be set")
	case a.Group != nil && a.Public:
		refuse("Public takes one fixed instance: put a Group behind a load balancer")
	case a.Group != nil:
		errs = append(errs, a.Group.validate())
	default:
		errs = append(errs, a.Placement.validate(a.Public))
	}
	if !gravitonType.MatchString(a.InstanceType) {
		refuse("InstanceType is %q: it must be a Graviton (arm64) type, such as t4g.small or m7g.large", a.InstanceType)
	}
	if a.VolumeGiB < minVolumeGiB {
		refuse("VolumeGiB is %d: Amazon Linux 2023 needs %d or more", a.VolumeGiB, minVolumeGiB)
	}
	for _, key := range slices.Sorted(maps.Keys(a.Tags)) {
		if !metadataKey.MatchString(key) {
			refuse("tag %q: instance metadata takes only letters, digits and +-=.,_:@ in a key", key)
		}
	}
	return errors.Join(append(errs, a.validateDomain())...)
}

func (p *Placement) validate(public bool) error {
	switch {
	case p.Zones < 1 || p.PerZone < 1:
		return fmt.Errorf("Placement is %d instances in each of %d zones: both must be 1 or more", p.PerZone, p.Zones)
	case p.Tier != "public" && p.Tier != "private":
		return fmt.Errorf("Placement.Tier is %q: it must be public or private", p.Tier)
	case public && (p.Zones != 1 || p.PerZone != 1 || p.Tier != "public"):
		return fmt.Errorf("with Public there is one instance in one public subnet, not %d in each of %d zones of tier %q: "+
			"put several behind a load balancer", p.PerZone, p.Zones, p.Tier)
	}
	return nil
}

func (a *Args) validateDomain() error {
	switch {
	case a.Domain == "" && a.Email == "":
		return nil
	case a.Domain == "":
		return fmt.Errorf("an Email (%q) without Domain: set both or neither", a.Email)
	case !a.Public:
		return fmt.Errorf("a Domain (%q) without Public: behind a load balancer, HTTPS ends there", a.Domain)
	case !domainName.MatchString(a.Domain):
		return fmt.Errorf("the Domain %q must be a DNS name in lower case, such as www.example.com", a.Domain)
	case !emailAddress.MatchString(a.Email):
		return fmt.Errorf("the Email is %q: Domain needs an address that hears of its certificate", a.Email)
	}
	return nil
}
