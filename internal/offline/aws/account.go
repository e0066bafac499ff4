package aws

import (
	pulumiaws "github.com/pulumi/pulumi-aws/sdk/v6/go/aws"

	"stagecraft/internal/offline/cloud"
)

// Account is the simulated account: AWS documentation's own example number.
const Account = "123456789012"

// accountFunctions are questions about the account and its region.
func accountFunctions() []cloud.Function {
	return []cloud.Function{{
		Token:  "aws:index/getAvailabilityZones:getAvailabilityZones",
		Args:   pulumiaws.GetAvailabilityZonesArgs{},
		Source: "SDK doc",
		Answer: func(question cloud.Question) (map[string]any, error) {
			ids := make([]string, len(question.Zones))
			for i, zone := range question.Zones {
				ids[i] = zoneID(zone)
			}
			return map[string]any{
				"id": question.Region, "names": question.Zones, "zoneIds": ids,
				"groupNames": []string{question.Region}, "state": question.Text("state"),
			}, nil
		},
	}, {
		Token:  "aws:index/getCallerIdentity:getCallerIdentity",
		Args:   pulumiaws.GetCallerIdentityArgs{},
		Source: "SDK doc",
		Answer: func(question cloud.Question) (map[string]any, error) {
			return map[string]any{
				"id": question.Number, "accountId": question.Number,
				"arn": "arn:aws:iam::" + question.Number + ":user/offline", "userId": "AIDAOFFLINE",
			}, nil
		},
	}, {
		Token:  "aws:index/getRegion:getRegion",
		Args:   pulumiaws.GetRegionArgs{},
		Source: "SDK doc",
		Answer: func(question cloud.Question) (map[string]any, error) {
			return map[string]any{
				"id": question.Region, "name": question.Region, "region": question.Region,
				"description": question.Region, "endpoint": "ec2." + question.Region + ".amazonaws.com",
			}, nil
		},
	}}
}
