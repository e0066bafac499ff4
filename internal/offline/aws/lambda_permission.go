package aws

import (
	"regexp"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"

	"stagecraft/internal/offline/cloud"
)

const permissionToken = "aws:lambda/permission:Permission"

func permissionType() cloud.Type {
	return cloud.Type{
		Token:     permissionToken,
		Args:      lambda.PermissionArgs{},
		State:     lambda.Permission{},
		Service:   "Lambda",
		Operation: "AddPermission",
		Source: "CloudFormation resource schema AWS::Lambda::Permission; SDK doc; Lambda API Reference, AddPermission. A " +
			"statement id is unique to the function, where Lambda has it unique to the qualifier; the id has the function, which " +
			"the AWS provider's lacks",
		Name:      &cloud.Name{Property: "statementId", Max: 100, Pattern: regexp.MustCompile(`^[\w-]+$`)},
		ID:        "${function}/${statementId}",
		Required:  []string{"function"},
		Conflicts: [][]string{{"statementId", "statementIdPrefix"}},
		Values: map[string]cloud.Value{
			"action":              cloud.Match(`^lambda:([a-zA-Z]+|\*)$`, "an action of Lambda"),
			"eventSourceToken":    cloud.Match(`^[\w.-]{1,256}$`, "a token"),
			"functionUrlAuthType": cloud.OneOf("AWS_IAM", "NONE"),
			"principal":           cloud.Match(principal.String(), "an account, an ARN or a service"),
			"principalOrgId":      cloud.Match(`^o-[a-z0-9]{10,32}$`, "an organization's id"),
			"sourceAccount":       cloud.Match(`^\d{12}$`, "an account's number"),
			"sourceArn":           cloud.Match(`^arn:aws:[a-z0-9-]+:[a-z0-9-]*:(\d{12})?:.+$`, "an ARN"),
		},
		Computed: map[string]any{"statementId": "${statementIdPrefix}${digits26}"},
		Replace: []string{
			"action", "eventSourceToken", "function", "functionUrlAuthType", "principal", "principalOrgId", "qualifier",
			"sourceAccount", "sourceArn", "statementId", "statementIdPrefix",
		},
		Refs:   functionRef("function"),
		Unique: [][]string{{"function", "statementId"}},
		Check: func(account cloud.Account, permission *cloud.Resource) error {
			if permission.Text("qualifier") == latest {
				return apiError(invalidFunction, "We currently do not support adding policies for $LATEST.")
			}
			return validateQualifier(account, permission, "function", permission.Text("qualifier"))
		},
		NotFound: cloud.Error{Code: "ResourceNotFoundException", Message: "No policy is associated with the given resource."},
		Exists: cloud.Error{
			Code: "ResourceConflictException",
			Message: "The statement id (${statementId}) provided already exists. Please provide a new statement id, or remove the " +
				"existing statement.",
		},
	}
}
