package stack_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/pulumitest"
)

const (
	distributionType = "aws:cloudfront/distribution:Distribution"
	firewallType     = "aws:wafv2/webAcl:WebAcl"
)

// TestFrontend is where the page comes from at each stage, and whom it calls.
func TestFrontend(t *testing.T) {
	t.Parallel()
	domain := map[string]string{"stagecraft:domain": "www.example.com", "stagecraft:hostedZone": "example.com"}
	for name, test := range map[string]struct {
		stage    string
		domain   map[string]string
		viewers  string
		api      string
		allowed  []any
		dynamic  map[string]any
		firewall int
	}{
		"4": {
			stage: "4", viewers: "redirect-to-https", api: "/api",
			dynamic: map[string]any{"domainName": "lb.example.com", "originProtocolPolicy": "http-only", "httpPort": 80.0},
		},
		"4 with a domain": {
			stage: "4", domain: domain, viewers: "redirect-to-https", api: "https://api.www.example.com/api",
			allowed: []any{"https://www.example.com"},
			dynamic: map[string]any{
				"domainName": "lb.www.example.com", "originProtocolPolicy": "https-only", "httpsPort": 443.0,
			},
		},
		"5": {
			stage: "5", viewers: "redirect-to-https", api: "/api", firewall: 1,
			dynamic: map[string]any{"domainName": "lb.example.com", "originProtocolPolicy": "http-only", "httpPort": 8080.0},
		},
		"5 with a domain": {
			stage: "5", domain: domain, viewers: "redirect-to-https", api: "/api", firewall: 1,
			allowed: []any{"https://www.example.com"},
			dynamic: map[string]any{
				"domainName": "lb.www.example.com", "originProtocolPolicy": "https-only", "httpsPort": 8443.0,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changes := map[string]string{"stagecraft:stage": test.stage, "stagecraft:singleNatGateway": "true"}
			maps.Copy(changes, test.domain)
			resources, err := runWithNetwork(changes)
			require.NoError(t, err)
			distribution := resources.One(t, distributionType).Inputs
			require.Equal(t, test.viewers, distribution["defaultCacheBehavior"].(map[string]any)["viewerProtocolPolicy"])
			page := resources.Named(t, "aws:s3/bucketObjectv2:BucketObjectv2", "frontend-index.html")
			require.Contains(t, page.Inputs["source"].(*resource.Asset).Text, `<meta name="api" content="`+test.api+`">`)
			require.Equal(t, test.allowed, variables(resources, "ALLOWED_ORIGINS"))
			require.Len(t, resources.Of(firewallType), test.firewall)
			require.Equal(t, test.firewall > 0, distribution["webAclId"] != nil)

			if test.domain != nil {
				require.Equal(t, []any{"www.example.com", "api.www.example.com"}, distribution["aliases"])
				headers := resources.One(t, "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy").Inputs
				require.Contains(t, fmt.Sprint(headers), "connect-src 'self' https://api.www.example.com;",
					"pages of either stage may call their API")
			}
			origins := distribution["origins"].([]any)
			dynamic := origins[1].(map[string]any)
			merged := maps.Clone(dynamic["customOriginConfig"].(map[string]any))
			maps.Copy(merged, dynamic)
			require.Subset(t, merged, test.dynamic)
			if test.firewall == 0 {
				require.Empty(t, dynamic["customHeaders"], "the load balancer is public")
				require.Len(t, origins, 2)
				return
			}
			require.Len(t, origins, 3)
			require.Equal(t, "functions", origins[2].(map[string]any)["originId"])
			require.Contains(t, page.Inputs["source"].(*resource.Asset).Text, `<meta name="visits" content="/visits">`)
			require.Contains(t, strings.Join(resources.One(t, distributionType).DependsOn, "\n"), "::services-users-serves-4",
				"services answer before CloudFront asks them")
			headers := dynamic["customHeaders"].([]any)
			require.Equal(t, "X-Origin-Verify", headers[0].(map[string]any)["name"])
			require.Contains(t, resources.One(t, distributionType).Secrets, "origins")
		})
	}
}

// variables returns the values of a variable of the service.
func variables(resources pulumitest.Resources, name string) []any {
	var values []any
	for _, parameter := range resources.Of("aws:ssm/parameter:Parameter") {
		if parameter.Inputs["name"] == "/stagecraft/test/service/"+name {
			values = append(values, parameter.Inputs["insecureValue"])
		}
	}
	return values
}

func TestNoFrontend(t *testing.T) {
	t.Parallel()
	resources, err := runWithNetwork(map[string]string{"stagecraft:stage": "3"})
	require.NoError(t, err)
	require.Empty(t, resources.Of(distributionType))
	require.Empty(t, variables(resources, "ALLOWED_ORIGINS"))
}

func TestFrontendSettings(t *testing.T) {
	t.Parallel()
	resources, err := runWithNetwork(map[string]string{
		"stagecraft:stage": "5", "stagecraft:singleNatGateway": "true", "stagecraft:priceClass": "PriceClass_200",
		"stagecraft:originShield": "eu-west-1", "stagecraft:wafRateLimit": "500",
	})
	require.NoError(t, err)
	distribution := resources.One(t, distributionType).Inputs
	require.Equal(t, "PriceClass_200", distribution["priceClass"])
	require.Equal(t, map[string]any{"enabled": true, "originShieldRegion": "eu-west-1"},
		distribution["origins"].([]any)[0].(map[string]any)["originShield"])
	rate := resources.One(t, firewallType).Inputs["rules"].([]any)[0].(map[string]any)["statement"].(map[string]any)
	require.Subset(t, rate["rateBasedStatement"], map[string]any{"limit": 500.0})
	_, err = runWithNetwork(map[string]string{
		"stagecraft:stage": "4", "stagecraft:singleNatGateway": "true", "stagecraft:frontendDirectory": "missing",
	})
	require.ErrorContains(t, err, `Directory is "missing"`)
}

// TestServicePaths requires that CloudFront answers the paths of services outside of the API, too.
func TestServicePaths(t *testing.T) {
	t.Parallel()
	for _, number := range []string{"4", "5"} {
		resources, err := runWithNetwork(map[string]string{
			"stagecraft:stage":    number,
			"stagecraft:services": `[{"name": "shop", "paths": ["/shop*", "/api/users/ready"]}]`,
		})
		require.NoError(t, err)
		var patterns []any
		for _, behavior := range resources.One(t, distributionType).Inputs["orderedCacheBehaviors"].([]any) {
			if behavior.(map[string]any)["targetOriginId"] == "load-balancer" {
				patterns = append(patterns, behavior.(map[string]any)["pathPattern"])
			}
		}
		require.Equal(t, []any{"/api/*", "/shop*"}, patterns, "stage %s", number)
	}
	_, err := runWithNetwork(map[string]string{
		"stagecraft:stage": "5", "stagecraft:services": `[{"name": "shop", "paths": ["/assets/*", "/api/users/ready"]}]`,
	})
	require.ErrorContains(t, err, "/assets/*")
}
