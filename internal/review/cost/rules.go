package cost

import "maps"

// rule tells what is charged for a resource. A key that the price table does not have is named as unpriced.
type rule func(of resource, in *stack) []charge

// rules are the priced types.
var rules = join(computeRules, databaseRules, networkRules, observabilityRules, requestRules, deliveryRules)

// reasons are why types of the five stages stay unpriced.
var reasons = map[string]string{
	"aws:guardduty/detectorFeature:DetectorFeature": "GuardDuty's protection plans cost by volumes that no resource tells",
	"aws:cloudwatch/logDelivery:LogDelivery":        "delivered access logs cost by volume beyond what CloudFront delivers for nothing",
	"aws:rds/snapshot:Snapshot":                     "a snapshot costs by the data in it, which no resource tells",
	"aws:sns/topic:Topic":                           "notifications cost by delivery; a few e-mails a day are in the free allowance",
}

func join(parts ...map[string]rule) map[string]rule {
	whole := map[string]rule{}
	for _, part := range parts {
		maps.Copy(whole, part)
	}
	return whole
}

// fixed is a rule for so much a resource and month.
func fixed(key string, quantity float64) rule {
	return func(resource, *stack) []charge { return []charge{{key, quantity, false}} }
}
