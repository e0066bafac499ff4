package aws

import (
	"slices"
	"strings"

	pulumiaws "github.com/pulumi/pulumi-aws/sdk/v6/go/aws"

	"stagecraft/internal/offline/cloud"
)

// zone is an Availability Zone, a Local Zone or a Wavelength Zone, by what DescribeAvailabilityZones filters by.
type zone struct{ name, id, group, zoneType, optInStatus string }

// localZones are some of the Local Zones and Wavelength Zones of the regions (AWS Local Zones User Guide, "Available
// Local Zones"; AWS Wavelength Developer Guide, "Available Wavelength Zones"). The simulated account has opted in to
// the Local Zones and not to the Wavelength Zones, so that a query with a missing or wrong filter finds too many zones.
var localZones = map[string][]string{
	"ap-northeast-1": {"wl1-nrt-wlz-1"},
	"ap-northeast-2": {"wl1-sel-wlz-1"},
	"eu-central-1":   {"ham-1a", "wl1-ber-wlz-1"},
	"eu-west-2":      {"wl1-lon-wlz-1"},
	"us-east-1":      {"atl-1a", "bos-1a", "wl1-bos-wlz-1"},
	"us-west-2":      {"lax-1a", "lax-1b", "wl1-las-wlz-1"},
}

// zonesOfRegion returns all zones of a region, sorted by name.
func zonesOfRegion(region string) []zone {
	var all []zone
	for _, name := range zones()[region] {
		all = append(all, zone{name, zoneID(name), region, "availability-zone", "opt-in-not-required"})
	}
	for _, suffix := range localZones[region] {
		name, prefix := region+"-"+suffix, shortRegion(region)
		if strings.HasPrefix(suffix, "wl") {
			carrier, _, _ := strings.Cut(suffix, "-")
			id := prefix + "-" + strings.Replace(suffix, "wlz-", "wlz", 1)
			all = append(all, zone{name, id, region + "-" + carrier, "wavelength-zone", "not-opted-in"})
			continue
		}
		city, number, _ := strings.Cut(suffix, "-") // such as "lax" and "1a"
		id := prefix + "-" + city + number[:1] + "-az" + zoneNumber(number[1])
		all = append(all, zone{name, id, region + "-" + city + "-" + number[:1], "local-zone", "opted-in"})
	}
	slices.SortFunc(all, func(a, b zone) int { return strings.Compare(a.name, b.name) })
	return all
}

func availabilityZonesFunction() cloud.Function {
	return cloud.Function{
		Token: "aws:index/getAvailabilityZones:getAvailabilityZones",
		Args:  pulumiaws.GetAvailabilityZonesArgs{},
		Source: "SDK doc; EC2 API Reference, DescribeAvailabilityZones, which leaves out the zones that an account has not " +
			"opted in to unless it is asked for all of them",
		Invoke: findAvailabilityZones,
	}
}

func findAvailabilityZones(request cloud.InvokeRequest) (map[string]any, error) {
	args := &cloud.Resource{Outputs: request.Args}
	names, ids, groups := []string{}, []string{}, []string{}
	for _, zone := range zonesOfRegion(request.Region) {
		matched, err := matchesFilters(zone, request.Region, args.Elements("filters"))
		if err != nil {
			return nil, err
		}
		if !matched || zone.optInStatus == "not-opted-in" && args.Text("allAvailabilityZones") != "true" ||
			!slices.Contains([]string{"", zoneState}, args.Text("state")) ||
			slices.Contains(args.Texts("excludeNames[*]"), zone.name) ||
			slices.Contains(args.Texts("excludeZoneIds[*]"), zone.id) {
			continue
		}
		names, ids, groups = append(names, zone.name), append(ids, zone.id), append(groups, zone.group)
	}
	slices.Sort(groups)
	answer := request.Args.Mappable() // the answer repeats the arguments
	answer["id"], answer["names"], answer["zoneIds"], answer["groupNames"] = request.Region, names, ids, slices.Compact(groups)
	return answer, nil
}

// zoneState is the state of every zone.
const zoneState = "available"

// matchesFilters reports whether a zone matches all filters. A filter that DescribeAvailabilityZones does not have is
// an error.
func matchesFilters(zone zone, region string, filters []*cloud.Resource) (bool, error) {
	attributes := map[string]string{
		"group-name": zone.group, "opt-in-status": zone.optInStatus, "region-name": region, "state": zoneState,
		"zone-id": zone.id, "zone-name": zone.name, "zone-type": zone.zoneType,
	}
	for _, filter := range filters {
		attribute, known := attributes[filter.Text("name")]
		if !known {
			return false, apiError("InvalidParameterValue", "The filter '%s' is invalid", filter.Text("name"))
		}
		if !matches(filter.Texts("values[*]"), attribute) {
			return false, nil
		}
	}
	return true, nil
}
