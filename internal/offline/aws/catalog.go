// Package aws declares the AWS resource types of the offline cloud, service by service, and serves them as a Pulumi
// provider. Where a text names a "CloudFormation resource schema", the fact is in that type's createOnlyProperties,
// required or definitions; "SDK doc" is the comment in pulumi-aws v6.83.4.
package aws

import (
	"slices"
	"time"

	"stagecraft/internal/awstimes"
	"stagecraft/internal/offline/cloud"
	"stagecraft/internal/offline/store"
)

// New returns the offline cloud of the simulated account, whose resources are in a store. Faults may be nil.
func New(backing *store.Store, faults *cloud.Faults) *cloud.Cloud {
	return cloud.New(Account, zones(), types(), backing, faults)
}

func types() []cloud.Type {
	all := withKeyChecks(slices.Concat(
		vpcTypes(),
		securityGroupTypes(),
		ec2Types(),
		elbTypes(),
		s3Types(),
		acmTypes(),
		route53Types(),
		iamTypes(),
		kmsTypes(),
		rdsTypes(),
		cloudwatchTypes(),
		snsTypes(),
		ssmTypes(),
		secretsManagerTypes(),
		budgetTypes(),
		guardDutyTypes(),
		[]cloud.Type{enablerType()},
		costExplorerTypes(),
		cloudTrailTypes(),
		compositeAlarmTypes(),
		[]cloud.Type{connectionType(), buildProjectType(), pipelineType()},
		codeDeployTypes(),
		lambdaTypes(),
		apiGatewayTypes(),
		dynamodbTypes(),
		sqsTypes(),
		elastiCacheTypes(),
		ecrTypes(),
		ecsTypes(),
		appAutoScalingTypes(),
		cloudFrontTypes(),
		logDeliveryTypes(),
		stateMachineTypes(),
		firewallTypes(),
		launchTemplateTypes(),
		autoScalingTypes(),
	))
	for i, declared := range all {
		all[i].CreateDuration = func(properties map[string]any) time.Duration {
			duration, _ := awstimes.Create(declared.Token, properties)
			return duration
		}
	}
	return all
}

func functions() map[string]cloud.Function {
	declared := slices.Concat(
		accountFunctions(), ec2Functions(), prefixListFunctions(), route53Functions(), ssmFunctions(), guardDutyFunctions(),
		secretsManagerFunctions(), quotaFunctions(),
	)
	byToken := make(map[string]cloud.Function, len(declared))
	for _, function := range declared {
		byToken[function.Token] = function
	}
	return byToken
}
