package aws

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/servicequotas"

	"stagecraft/internal/offline/cloud"
)

// newAccountQuotas are what a new account has, by service and code (AWS General Reference, "Amazon EC2 endpoints and
// quotas", "AWS Fargate endpoints and quotas").
var newAccountQuotas = map[string]float64{"ec2 L-1216C47A": 5, "fargate L-3032A538": 6}

// quotaFunctions are questions to Service Quotas, and to EC2 about what counts there.
func quotaFunctions() []cloud.Function {
	return []cloud.Function{{
		Token:  "aws:servicequotas/getServiceQuota:getServiceQuota",
		Args:   servicequotas.LookupServiceQuotaArgs{},
		Source: "SDK doc; Service Quotas API Reference, GetServiceQuota. It knows the quotas that the project asks for",
		Answer: func(question cloud.Question) (map[string]any, error) {
			service, code := question.Text("serviceCode"), question.Text("quotaCode")
			value, ok := newAccountQuotas[service+" "+code]
			if !ok {
				return nil, fmt.Errorf("reading Service Quotas Service Quota (%s/%s): the offline cloud does not know it: "+
					"add it to newAccountQuotas in internal/offline/aws", service, code)
			}
			return map[string]any{
				"id":          "arn:aws:servicequotas:" + question.Region + ":" + question.Number + ":" + service + "/" + code,
				"arn":         "arn:aws:servicequotas:" + question.Region + ":" + question.Number + ":" + service + "/" + code,
				"serviceCode": service, "quotaCode": code, "quotaName": "", "serviceName": "", "adjustable": true,
				"globalQuota": false, "defaultValue": value, "value": value, "usageMetrics": []any{},
			}, nil
		},
	}, {
		Token:  "aws:ec2/getInstanceType:getInstanceType",
		Args:   ec2.GetInstanceTypeArgs{},
		Source: "SDK doc; Amazon EC2 Instance Types guide. Of a type it knows the vCPUs, and no more",
		Answer: func(question cloud.Question) (map[string]any, error) {
			name := question.Text("instanceType")
			if !instanceTypeName.MatchString(name) {
				return nil, refuse("InvalidInstanceType", "The following supplied instance types do not exist: [%s]", name)
			}
			return map[string]any{"id": name, "instanceType": name, "defaultVcpus": virtualCPUs(name)}, nil
		},
	}}
}

// virtualCPUs is how many vCPUs an instance type has: four times its number of xlarge, two below that, and one for the
// medium and smaller sizes of families that do not burst.
func virtualCPUs(instanceType string) int {
	family, size, _ := strings.Cut(instanceType, ".")
	times, isExtraLarge := strings.CutSuffix(size, "xlarge")
	switch {
	case size == "xlarge":
		return 4
	case isExtraLarge:
		number, _ := strconv.Atoi(times) // the name's pattern sees to it
		return 4 * number
	case size == "large" || strings.HasPrefix(family, "t"):
		return 2
	default:
		return 1
	}
}
