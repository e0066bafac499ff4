package aws

import (
	"slices"
	"strings"
)

// location holds facts about a region.
type location struct {
	// letters are the letters of the region's zones (AWS documentation, "AWS Regions" and "Availability Zones"). A new
	// account sees two zones of us-west-1.
	letters string
	// elbAccount is the account of Elastic Load Balancing, for bucket policies that do not name the service (Application
	// Load Balancers guide, "Enable access logs").
	elbAccount string
	// elbZone and s3Zone are the hosted zones of application load balancers' and of bucket websites' names (AWS General
	// Reference, "Elastic Load Balancing endpoints and quotas", "Amazon S3 endpoints and quotas").
	elbZone, s3Zone string
}

var locations = map[string]location{
	"ap-northeast-1": {"acd", "582318560864", "Z14GRHDCWA56QT", "Z2M4EHUR26P7ZW"},
	"ap-northeast-2": {"abcd", "600734575887", "ZWKZPGTI48KDX", "Z3W03O7B5YMIYP"},
	"ap-south-1":     {"abc", "718504428378", "ZP97RAFLXTNZK", "Z11RGJOFQNVJUP"},
	"ap-southeast-1": {"abc", "114774131450", "Z1LMS91P8CMLE5", "Z3O0J2DXBE1FTB"},
	"ap-southeast-2": {"abc", "783225319266", "Z1GM3OXH4ZPM65", "Z1WCIGYICN2BYD"},
	"ca-central-1":   {"abd", "985666609251", "ZQSVJUPU6J1EY", "Z1QDHH18159H29"},
	"eu-central-1":   {"abc", "054676820928", "Z215JYRZR1TBD5", "Z21DNDUVLTQW6Q"},
	"eu-north-1":     {"abc", "897822967062", "Z23TAZ6LKFMNIO", "Z3BAZG2TWCNX0D"},
	"eu-west-1":      {"abc", "156460612806", "Z32O12XQLNTSW2", "Z1BKCTXD74EZPE"},
	"eu-west-2":      {"abc", "652711504416", "ZHURV8PSTC4K8", "Z3GKZC51ZF0DB4"},
	"eu-west-3":      {"abc", "009996457667", "Z3Q77PNBQS71R4", "Z3R1K369G5AVDG"},
	"sa-east-1":      {"abc", "507241528517", "Z2P70J7HTTTPLU", "Z7KQH4QJS55SO"},
	"us-east-1":      {"abcdef", "127311923021", "Z35SXDOTRQ7X7K", "Z3AQBSTGFYJSTF"},
	"us-east-2":      {"abc", "033677994240", "Z3AADJGX6KTTL2", "Z2O1EMRO9K5GLX"},
	"us-west-1":      {"ac", "027434742980", "Z368ELLRRE2KJ0", "Z2F56UZL2M1ACD"},
	"us-west-2":      {"abcd", "797873946194", "Z1H1FL5HABSF5", "Z3BJ6K6RIION7M"},
}

// zones returns the availability zones of each region.
func zones() map[string][]string {
	zones := map[string][]string{}
	for region, known := range locations {
		for _, letter := range known.letters {
			zones[region] = append(zones[region], region+string(letter))
		}
	}
	return zones
}

// zoneID returns the id of a zone, such as "euw1-az1" of "eu-west-1a" (AWS documentation, "AWS Availability Zones"). In
// real accounts the letters are shuffled; here they are in order.
func zoneID(zone string) string {
	region, letter := zone[:len(zone)-1], zone[len(zone)-1]
	return shortRegion(region) + "-az" + zoneNumber(letter)
}

func zoneNumber(letter byte) string { return string(letter - 'a' + '1') }

// shortRegion returns a region's part of zone ids, such as "euw1" of "eu-west-1".
func shortRegion(region string) string {
	area, rest, _ := strings.Cut(region, "-")
	direction, number, _ := strings.Cut(rest, "-")
	short := direction[:1]
	for _, half := range []string{"east", "west"} {
		if strings.HasSuffix(direction, half) && direction != half {
			short += half[:1]
		}
	}
	return area + short + number
}

// zoneWithID returns the zone of a region with the id, "" if there is none.
func zoneWithID(region, id string) string {
	offered := zones()[region]
	if i := slices.IndexFunc(offered, func(zone string) bool { return zoneID(zone) == id }); i >= 0 {
		return offered[i]
	}
	return ""
}
