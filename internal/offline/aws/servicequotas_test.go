package aws

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"
)

func TestQuotaFunctions(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	ask := func(token string, args map[string]any) (resource.PropertyMap, error) {
		answer, failures, err := account.Invoke(functions(), token, resource.NewPropertyMapFromMap(args))
		require.Empty(t, failures)
		return answer, err
	}
	const quotaToken, typeToken = "aws:servicequotas/getServiceQuota:getServiceQuota", "aws:ec2/getInstanceType:getInstanceType"
	answer, err := ask(quotaToken, map[string]any{"serviceCode": "fargate", "quotaCode": "L-3032A538"})
	require.NoError(t, err)
	require.Equal(t, 6.0, answer["value"].NumberValue())
	_, err = ask(quotaToken, map[string]any{"serviceCode": "fargate", "quotaCode": "L-0"})
	require.ErrorContains(t, err, "add it to newAccountQuotas")

	for name, virtual := range map[string]float64{
		"t4g.small": 2, "t4g.xlarge": 4, "m7g.medium": 1, "m7g.large": 2, "c7g.16xlarge": 64,
	} {
		answer, err := ask(typeToken, map[string]any{"instanceType": name})
		require.NoError(t, err)
		require.Equal(t, virtual, answer["defaultVcpus"].NumberValue(), name)
	}
	_, err = ask(typeToken, map[string]any{"instanceType": "large"})
	require.ErrorContains(t, err, "InvalidInstanceType")
}
