package web

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"stagecraft/internal/awslimits/ec2"
	"stagecraft/internal/validate"
)

// minVolumeGiB is the size of the Amazon Linux 2023 AMI's snapshot.
const minVolumeGiB = 8

// metadataKey is what instance metadata accepts as a tag's key (Amazon EC2 User Guide, "Tag restrictions").
var metadataKey = regexp.MustCompile(`^[A-Za-z0-9+\-=.,_:@]+$`)

func (a *Args) validate() error {
	var problems validate.Problems
	if a.Region == "" || a.PatchGroup == "" {
		problems.Addf("Region and PatchGroup must be set")
	}
	if a.Public == nil && a.Placement == nil && a.Group == nil {
		problems.Addf("one of Public, Placement and Group must be set, or there is no web server")
	}
	if (a.Placement != nil || a.Group != nil) && a.SubnetIDs == nil {
		problems.Addf("SubnetIDs must be set for Placement and Group")
	}
	if a.Public != nil {
		problems.Add(a.Public.validate())
	}
	if p := a.Placement; p != nil && (p.Zones < 1 || p.PerZone < 1) {
		problems.Addf("Placement is %d instances in each of %d zones: both must be 1 or more", p.PerZone, p.Zones)
	}
	if a.Group != nil {
		problems.Add(a.Group.validate())
	}
	for i, script := range a.Setup {
		if !strings.HasSuffix(script, "\n") || strings.Contains("\n"+script, "\nEND\n") {
			problems.Addf("Setup[%d] must end with a line break, and must not have a line END, which ends it in user data", i)
		}
	}
	if !ec2.GravitonType.MatchString(a.InstanceType) {
		problems.Addf("InstanceType is %q: it must be a Graviton (arm64) type, such as t4g.small or m7g.large", a.InstanceType)
	}
	if a.VolumeGiB < minVolumeGiB {
		problems.Addf("VolumeGiB is %d: Amazon Linux 2023 needs %d or more", a.VolumeGiB, minVolumeGiB)
	}
	for _, key := range slices.Sorted(maps.Keys(a.Tags)) {
		if !metadataKey.MatchString(key) {
			problems.Addf("tag %q: instance metadata accepts only letters, digits and +-=.,_:@ in a key", key)
		}
	}
	return problems.Err()
}

func (p *Public) validate() error {
	switch {
	case p.SubnetIDs == nil:
		return errors.New("Public.SubnetIDs must be set")
	case p.Domain == "" && p.Email == "" && p.HostedZoneID == "":
		return nil
	case p.Domain == "":
		return fmt.Errorf("Public has an Email (%q) or a HostedZoneID (%q) without Domain: set all of them or none",
			p.Email, p.HostedZoneID)
	case p.HostedZoneID == "":
		return errors.New("Public.HostedZoneID must be set with Domain")
	case !validate.HostName.MatchString(p.Domain):
		return fmt.Errorf("Public.Domain is %q: it must be a DNS name in lower case, such as www.example.com", p.Domain)
	case !validate.EmailAddress.MatchString(p.Email):
		return fmt.Errorf("Public.Email is %q: Domain needs an address for warnings about its certificate", p.Email)
	}
	return nil
}
