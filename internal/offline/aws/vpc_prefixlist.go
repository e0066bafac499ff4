package aws

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"stagecraft/internal/offline/cloud"
)

// prefixList is a list of addresses that AWS manages.
type prefixList struct {
	id, name string
	// weight is how many rules it counts as in a security group.
	weight int
}

// prefixLists returns the lists of a region that the offline cloud knows (VPC User Guide, "AWS-managed prefix lists").
func prefixLists(region string) []prefixList {
	lists := []prefixList{
		{name: "com.amazonaws.global.cloudfront.origin-facing", weight: 55},
		{name: "com.amazonaws." + region + ".dynamodb", weight: 1},
		{name: "com.amazonaws." + region + ".s3", weight: 1},
	}
	for i, list := range lists {
		sum := sha256.Sum256([]byte(region + list.name))
		lists[i].id = "pl-" + hex.EncodeToString(sum[:4])
	}
	return lists
}

func prefixListFunctions() []cloud.Function {
	return []cloud.Function{{
		Token:  "aws:ec2/getManagedPrefixList:getManagedPrefixList",
		Args:   ec2.LookupManagedPrefixListArgs{},
		Source: "SDK doc; VPC User Guide, AWS-managed prefix lists",
		Invoke: findPrefixList,
	}}
}

// findPrefixList returns a list by its name or id. Its addresses are not simulated.
func findPrefixList(request cloud.InvokeRequest) (map[string]any, error) {
	for _, property := range []resource.PropertyKey{"filters", "tags"} {
		if _, ok := request.Args[property]; ok {
			return nil, fmt.Errorf("the offline cloud finds prefix lists by name or id: leave %s out", property)
		}
	}
	name, id := request.Text("name"), request.Text("id")
	for _, list := range prefixLists(request.Region) {
		if (name == "" || name == list.name) && (id == "" || id == list.id) && name+id != "" {
			return map[string]any{
				"id": list.id, "name": list.name, "addressFamily": "IPv4", "ownerId": "AWS", "maxEntries": 0, "version": 0,
				"arn":     "arn:aws:ec2:" + request.Region + ":aws:prefix-list/" + list.id,
				"entries": []any{}, "tags": map[string]any{},
			}, nil
		}
	}
	return nil, fmt.Errorf("no matching EC2 Managed Prefix List found")
}

// rulesPerGroup is the quota of rules of a security group in each direction (VPC User Guide, "Amazon VPC quotas").
const rulesPerGroup = 60

// validateRuleLimit rejects missing lists, and rules that exceed the quota of a security group.
func validateRuleLimit(region string, rules int, listIDs []string) error {
	weights := map[string]int{}
	for _, list := range prefixLists(region) {
		weights[list.id] = list.weight
	}
	for _, id := range listIDs {
		if weights[id] == 0 {
			return apiError("InvalidPrefixListID.NotFound", "The prefix list ID '%s' does not exist", id)
		}
		rules += weights[id]
	}
	if rules > rulesPerGroup {
		return apiError("RulesPerSecurityGroupLimitExceeded", "The maximum number of rules per security group has been reached.")
	}
	return nil
}
