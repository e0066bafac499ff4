package aws

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/servicequotas"

	"stagecraft/internal/offline/cloud"
)

// newAccountQuotas are the quotas of a new account, by service and code (AWS General Reference, "Amazon EC2 endpoints
// and quotas", "AWS Fargate endpoints and quotas").
var newAccountQuotas = map[string]float64{"ec2 L-1216C47A": 5, "fargate L-3032A538": 6}

// quotaFunctions returns the functions of Service Quotas.
func quotaFunctions() []cloud.Function {
	return []cloud.Function{{
		Token:  "aws:servicequotas/getServiceQuota:getServiceQuota",
		Args:   servicequotas.LookupServiceQuotaArgs{},
		Source: "SDK doc; Service Quotas API Reference, GetServiceQuota. It knows the quotas that the project asks for",
		Invoke: func(request cloud.InvokeRequest) (map[string]any, error) {
			service, code := request.Text("serviceCode"), request.Text("quotaCode")
			value, ok := newAccountQuotas[service+" "+code]
			if !ok {
				return nil, fmt.Errorf("reading Service Quotas Service Quota (%s/%s): the offline cloud does not know it: "+
					"add it to newAccountQuotas in internal/offline/aws", service, code)
			}
			return map[string]any{
				"id":          "arn:aws:servicequotas:" + request.Region + ":" + request.Number + ":" + service + "/" + code,
				"arn":         "arn:aws:servicequotas:" + request.Region + ":" + request.Number + ":" + service + "/" + code,
				"serviceCode": service, "quotaCode": code, "quotaName": "", "serviceName": "", "adjustable": true,
				"globalQuota": false, "defaultValue": value, "value": value, "usageMetrics": []any{},
			}, nil
		},
	}}
}
