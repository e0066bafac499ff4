package cost

import "maps"

// rule returns the charges for a resource. The estimate names keys that are not in the price table as unpriced.
type rule func(r resource, s *stack) []charge

// rules are the priced types.
var rules = join(computeRules, databaseRules, networkRules, observabilityRules, requestRules, deliveryRules)

// reasons are why types of the five stages stay unpriced.
var reasons = map[string]string{
	"aws:guardduty/detectorFeature:DetectorFeature": "GuardDuty charges its protection plans by volumes that follow from no resource",
	"aws:cloudwatch/logDelivery:LogDelivery":        "access logs beyond CloudFront's free volume are charged by volume",
	"aws:rds/snapshot:Snapshot":                     "a snapshot is charged by its data, whose size follows from no resource",
	"aws:sns/topic:Topic":                           "notifications are charged by delivery; the free allowance covers a few e-mails a day",
}

func join(parts ...map[string]rule) map[string]rule {
	whole := map[string]rule{}
	for _, part := range parts {
		maps.Copy(whole, part)
	}
	return whole
}

// fixed returns a rule that charges the same quantity for each resource.
func fixed(key string, quantity float64) rule {
	return func(resource, *stack) []charge { return []charge{{key, quantity, false}} }
}
