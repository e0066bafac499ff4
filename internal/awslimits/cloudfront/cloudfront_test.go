package cloudfront_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/awslimits/cloudfront"
)

func TestOffers(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"PriceClass_100", "PriceClass_200", "PriceClass_All"}, cloudfront.PriceClasses())
	require.Equal(t, []string{
		"ap-northeast-1", "ap-northeast-2", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "eu-central-1", "eu-west-1",
		"eu-west-2", "me-central-1", "sa-east-1", "us-east-1", "us-east-2", "us-west-2",
	}, cloudfront.ShieldRegions())

	cloudfront.PriceClasses()[0], cloudfront.ShieldRegions()[0] = "", ""
	require.Equal(t, "PriceClass_100", cloudfront.PriceClasses()[0], "callers get copies")
	require.Equal(t, "ap-northeast-1", cloudfront.ShieldRegions()[0], "callers get copies")
}
