package aws

// zones are the availability zones that an account finds in each region (AWS documentation, "AWS Regions" and
// "Availability Zones"). us-west-1 offers a new account two of its zones.
func zones() map[string][]string {
	letters := map[string]string{
		"ap-northeast-1": "acd",
		"ap-northeast-2": "abcd",
		"ap-south-1":     "abc",
		"ap-southeast-1": "abc",
		"ap-southeast-2": "abc",
		"ca-central-1":   "abd",
		"eu-central-1":   "abc",
		"eu-north-1":     "abc",
		"eu-west-1":      "abc",
		"eu-west-2":      "abc",
		"eu-west-3":      "abc",
		"sa-east-1":      "abc",
		"us-east-1":      "abcdef",
		"us-east-2":      "abc",
		"us-west-1":      "ac",
		"us-west-2":      "abcd",
	}
	zones := map[string][]string{}
	for region, suffixes := range letters {
		for _, letter := range suffixes {
			zones[region] = append(zones[region], region+string(letter))
		}
	}
	return zones
}
