package aws

import (
	pulumiaws "github.com/pulumi/pulumi-aws/sdk/v6/go/aws"

	"stagecraft/internal/offline/cloud"
)

// Account is the simulated account: AWS documentation's own example number.
const Account = "123456789012"

// accountFunctions returns the functions about the account and its region.
func accountFunctions() []cloud.Function {
	return []cloud.Function{availabilityZonesFunction(), {
		Token:  "aws:index/getCallerIdentity:getCallerIdentity",
		Args:   pulumiaws.GetCallerIdentityArgs{},
		Source: "SDK doc",
		Invoke: func(request cloud.InvokeRequest) (map[string]any, error) {
			return map[string]any{
				"id": request.Number, "accountId": request.Number,
				"arn": "arn:aws:iam::" + request.Number + ":user/offline", "userId": "AIDAOFFLINE",
			}, nil
		},
	}, {
		Token:  "aws:index/getRegion:getRegion",
		Args:   pulumiaws.GetRegionArgs{},
		Source: "SDK doc",
		Invoke: func(request cloud.InvokeRequest) (map[string]any, error) {
			return map[string]any{
				"id": request.Region, "name": request.Region, "region": request.Region,
				"description": request.Region, "endpoint": "ec2." + request.Region + ".amazonaws.com",
			}, nil
		},
	}}
}
