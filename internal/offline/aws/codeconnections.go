package aws

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/codeconnections"

	"stagecraft/internal/offline/cloud"
)

const connectionToken = "aws:codeconnections/connection:Connection"

func connectionType() cloud.Type {
	return cloud.Type{
		Token:     connectionToken,
		Args:      codeconnections.ConnectionArgs{},
		State:     codeconnections.Connection{},
		Service:   "CodeConnections",
		Operation: "CreateConnection",
		Source: "CloudFormation resource schema AWS::CodeConnections::Connection; SDK doc; CodeConnections API Reference, " +
			"CreateConnection, which allows duplicate names; Developer Tools console User Guide, Quotas for connections. " +
			"It stays PENDING, since no one authorizes it. Providers that need a host are not simulated",
		Name:  &cloud.Name{Property: "name", Max: 32},
		ID:    "arn:aws:codeconnections:${region}:${account}:connection/" + uuid,
		OneOf: [][]string{{"hostArn", "providerType"}},
		Values: map[string]cloud.Value{
			"hostArn":      cloud.NotSimulated,
			"providerType": cloud.OneOf("AzureDevOps", "Bitbucket", "GitHub", "GitLab"),
		},
		Computed: map[string]any{"arn": "${id}", "connectionStatus": "PENDING", "ownerAccountId": "${account}"},
		Replace:  []string{"hostArn", "name", "providerType"},
		Quota: &cloud.Quota{Limit: 250, Error: cloud.Error{
			Code: "LimitExceededException", Message: "The account has the maximum number of connections already.",
		}},
		NotFound: cloud.Error{Code: "ResourceNotFoundException", Message: "Connection ${value} not found"},
	}
}
