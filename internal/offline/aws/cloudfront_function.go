package aws

import (
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"

	"stagecraft/internal/offline/cloud"
)

const edgeFunctionToken = "aws:cloudfront/function:Function"

func edgeFunctionType() cloud.Type {
	return cloud.Type{
		Token:     edgeFunctionToken,
		Args:      cloudfront.FunctionArgs{},
		State:     cloudfront.Function{},
		Global:    true,
		Service:   "CloudFront",
		Operation: "CreateFunction",
		Change:    "UpdateFunction",
		Source: "CloudFormation resource schema AWS::CloudFront::Function; SDK doc; Amazon CloudFront API Reference, " +
			"CreateFunction; Amazon CloudFront Developer Guide, Quotas and Restrictions on CloudFront Functions",
		Name: edgeName(64),
		ID:   "${name}",
		Values: map[string]cloud.Value{
			"comment":                   cloud.Length(0, 128),
			"keyValueStoreAssociations": cloud.NotSimulated,
			"runtime":                   cloud.OneOf("cloudfront-js-1.0", "cloudfront-js-2.0"),
		},
		Computed: map[string]any{
			"arn":           "arn:aws:cloudfront::${account}:function/${name}",
			"etag":          "E${capitals13}",
			"liveStageEtag": "E${capitals13}",
			"publish":       true,
			"status":        "UNASSOCIATED",
		},
		Replace: []string{"name"},
		Unique:  [][]string{{"name"}},
		Quota:   edgeQuota(100, "TooManyFunctions"),
		Check: func(_ cloud.Account, function *cloud.Resource) error {
			switch code := function.Text("code"); {
			case len(code) > longestEdgeFunction:
				return apiError("FunctionSizeLimitExceeded", "The function is larger than the maximum size of 10 KB.")
			case !strings.Contains(code, "function handler("):
				return apiError(invalidArgument, "The function code must have a function called handler.")
			}
			return nil
		},
		NotFound: cloud.Error{
			Code: "InvalidFunctionAssociation", Message: "The function ARN ${value} isn't valid, or the function isn't published.",
		},
		Exists: cloud.Error{Code: "FunctionAlreadyExists", Message: "A function with the same name already exists."},
		InUse: cloud.Error{
			Code: "FunctionInUse", Message: "Cannot delete the function because it's attached to one or more cache behaviors.",
		},
	}
}
