// Package aws declares the AWS resource types of the offline cloud, service by service, and serves them as a Pulumi
// provider. Where a text names a "CloudFormation resource schema", the fact is in that type's createOnlyProperties,
// required or definitions; "SDK doc" is the comment in pulumi-aws v6.83.2.
package aws

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"stagecraft/internal/offline/cloud"
	"stagecraft/internal/offline/store"
)

// Account is the simulated account: AWS documentation's own example number.
const Account = "123456789012"

// New makes the offline cloud of the simulated account, kept in a store. Faults may be nil.
func New(kept *store.Store, faults *cloud.Faults) *cloud.Cloud {
	return cloud.New(Account, zones(), types(), kept, faults)
}

func types() []cloud.Type {
	return withKeys(slices.Concat(
		vpcTypes(),
		securityGroupTypes(),
		ec2Types(),
		elbTypes(),
		s3Types(),
		dnsTypes(),
		iamTypes(),
		kmsTypes(),
		rdsTypes(),
		cloudwatchTypes(),
		snsTypes(),
		ssmTypes(),
		secretsManagerTypes(),
		budgetTypes(),
		guardDutyTypes(),
		costExplorerTypes(),
		cloudTrailTypes(),
		compositeAlarmTypes(),
		deliveryTypes(),
		lambdaTypes(),
		lambdaConfigTypes(),
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
}

// refuse is an error as the AWS API gives it.
func refuse(code, format string, values ...any) error {
	return &cloud.APIError{Code: code, Message: fmt.Sprintf(format, values...)}
}

// number is a property as a number, 0 if it is none.
func number(of *cloud.Resource, path string) float64 {
	value, _ := strconv.ParseFloat(of.Text(path), 64)
	return value
}

// provided is a resource that AWS makes by itself.
func provided(id string, properties ...map[string]any) *cloud.Resource {
	outputs := resource.PropertyMap{}
	for _, part := range properties {
		maps.Copy(outputs, resource.NewPropertyMapFromMap(part))
	}
	return &cloud.Resource{ID: id, Inputs: resource.PropertyMap{}, Outputs: outputs}
}
