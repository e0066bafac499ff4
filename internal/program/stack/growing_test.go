package stack_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/pulumitest"
)

const ruleType = "aws:lb/listenerRule:ListenerRule"

func kept(from, to int, changes map[string]string) (pulumitest.Resources, error) {
	values := map[string]string{
		"stagecraft:stage": fmt.Sprint(to), "stagecraft:keepStage": fmt.Sprint(from),
		"stagecraft:domain": "www.example.com", "stagecraft:hostedZone": "example.com",
	}
	for key, value := range changes {
		values[key] = value
	}
	return runWithNetwork(values)
}

// TestKeepStage has everything that either stage has, by the same names, on every way between two stages.
func TestKeepStage(t *testing.T) {
	t.Parallel()
	alone := map[int][]string{}
	for number := 1; number <= 5; number++ {
		resources, err := runWithNetwork(map[string]string{
			"stagecraft:stage": fmt.Sprint(number), "stagecraft:domain": "www.example.com", "stagecraft:hostedZone": "example.com",
		})
		require.NoError(t, err)
		alone[number] = names(resources)
	}
	for from := 1; from <= 5; from++ {
		for to := 1; to <= 5; to++ {
			if from == to {
				continue
			}
			t.Run(fmt.Sprintf("%d to %d", from, to), func(t *testing.T) {
				t.Parallel()
				resources, err := kept(from, to, nil)
				require.NoError(t, err)
				both := names(resources)
				require.Equal(t, slices.Compact(slices.Clone(both)), both, "no name twice")
				// IPv6 records are for CloudFront's clients, and come and go with the names.
				for _, name := range slices.Concat(alone[from], alone[to]) {
					if !strings.HasSuffix(name, "-ipv6") {
						require.Contains(t, both, name)
					}
				}
			})
		}
	}
}

// TestKeepStageLeads has the name lead to the stack's own stage.
func TestKeepStageLeads(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		from, to int
		records  bool
		alias    string
	}{
		"up from the instance":       {1, 2, false, "lb.example.com"},
		"down to it":                 {2, 1, true, ""},
		"up from the load balancer":  {3, 4, false, "d1.cloudfront.net"},
		"down to it from CloudFront": {4, 3, false, "lb.example.com"},
		"CloudFront for everything":  {4, 5, false, "d1.cloudfront.net"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resources, err := kept(test.from, test.to, nil)
			require.NoError(t, err)
			record := resources.Named(t, recordType, "domain").Inputs
			require.Equal(t, test.records, record["records"] != nil)
			if test.alias != "" {
				require.Equal(t, test.alias, record["aliases"].([]any)[0].(map[string]any)["name"])
			}
		})
	}
}

// TestKeepStageWithoutDomain declares every way between two stages without a public name.
func TestKeepStageWithoutDomain(t *testing.T) {
	t.Parallel()
	for from := 1; from <= 5; from++ {
		for to := 1; to <= 5; to++ {
			if from != to {
				_, err := kept(from, to, map[string]string{"stagecraft:domain": "", "stagecraft:hostedZone": ""})
				require.NoError(t, err, "%d to %d", from, to)
			}
		}
	}
}

// TestOneServerAfterTheOther requires that a change reaches a fixed server only after the one before serves again.
func TestOneServerAfterTheOther(t *testing.T) {
	t.Parallel()
	resources, err := runWithNetwork(map[string]string{"stagecraft:stage": "3"})
	require.NoError(t, err)
	order := []string{"web-private-1-1", "web-private-1-2", "web-private-2-1", "web-private-2-2"}
	for i, name := range order[1:] {
		waits := strings.Join(resources.Named(t, "aws:ec2/instance:Instance", name).DependsOn, "\n")
		require.Contains(t, waits, "::"+order[i]+"-serves-4")
	}
	first := resources.Named(t, "aws:lambda/invocation:Invocation", "web-private-1-1-serves-1")
	require.Equal(t, "t4g.small", first.Inputs["triggers"].(map[string]any)["instanceType"], "another type asks again")
}

// TestKeptPage requires that the page of a stage that does not have the name yet calls its own origin: the API allows
// only the name's.
func TestKeptPage(t *testing.T) {
	t.Parallel()
	for from, want := range map[int]string{4: `content="/api"`, 5: `content="/api"`} {
		resources, err := kept(from, 3, nil)
		require.NoError(t, err)
		page := resources.Named(t, "aws:s3/bucketObjectv2:BucketObjectv2", "frontend-index.html")
		require.Contains(t, page.Inputs["source"].(*resource.Asset).Text, want)
	}
}

// TestAPINameMoves requires that the API's own name follows to CloudFront, after CloudFront serves, and that the page is
// uploaded after the name that it calls.
func TestAPINameMoves(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]struct{ alias, waits string }{
		"4": {"lb.example.com", "web-group-serves-4"}, "5": {"d1.cloudfront.net", "frontend-serves-4"},
	} {
		resources, err := runWithNetwork(map[string]string{
			"stagecraft:stage": number, "stagecraft:domain": "www.example.com", "stagecraft:hostedZone": "example.com",
		})
		require.NoError(t, err)
		record := resources.Named(t, recordType, "domain-api")
		require.Equal(t, want.alias, record.Inputs["aliases"].([]any)[0].(map[string]any)["name"])
		require.Contains(t, strings.Join(record.DependsOn, "\n"), "::"+want.waits)
		page := resources.Named(t, "aws:s3/bucketObjectv2:BucketObjectv2", "frontend-index.html")
		require.Equal(t, number == "4", strings.Contains(strings.Join(page.DependsOn, "\n"), "::domain-api"))
	}
}

// TestPointWaits requires that the name moves only when the gates have proved everything that serves.
func TestPointWaits(t *testing.T) {
	t.Parallel()
	for number, want := range map[string][]string{
		"1": {"web-public-serves-4"},
		"2": {"web-private-1-1-serves-4", "web-private-2-1-serves-4"},
		"4": {"web-group-serves-4", "frontend-serves-4"},
	} {
		t.Run(number, func(t *testing.T) {
			t.Parallel()
			resources, err := runWithNetwork(map[string]string{
				"stagecraft:stage": number, "stagecraft:domain": "www.example.com", "stagecraft:hostedZone": "example.com",
			})
			require.NoError(t, err)
			waits := resources.Named(t, recordType, "domain").DependsOn
			for _, name := range want {
				require.True(t, slices.ContainsFunc(waits, func(urn string) bool {
					return strings.HasSuffix(urn, "::"+name)
				}), "%s in %v", name, waits)
			}
		})
	}
}

// TestTrafficPercent moves requests from the web tier to a service while both are there.
func TestTrafficPercent(t *testing.T) {
	t.Parallel()
	resources, err := kept(4, 5, map[string]string{
		"stagecraft:services": `[{"name": "users", "paths": ["/api/users*"], "trafficPercent": 30}]`,
	})
	require.NoError(t, err)
	rule := resources.Named(t, ruleType, "users-shift").Inputs
	require.Equal(t, "arn:loadbalancer-https", rule["listenerArn"])
	forward := rule["actions"].([]any)[0].(map[string]any)["forward"].(map[string]any)
	var weights []any
	for _, group := range forward["targetGroups"].([]any) {
		weights = append(weights, group.(map[string]any)["weight"])
	}
	require.Equal(t, []any{30.0, 70.0}, weights)

	resources, err = runWithNetwork(map[string]string{"stagecraft:stage": "5"})
	require.NoError(t, err)
	require.NotContains(t, resources.Names(ruleType), "users-shift", "the web tier is gone")
}

func TestKeepStageRefuses(t *testing.T) {
	t.Parallel()
	for number, says := range map[int]string{
		2: `stagecraft:keepStage is "2": it must be another stage than stage`, 9: "stagecraft:keepStage: 9 is not a stage",
	} {
		_, err := kept(number, 2, nil)
		require.ErrorContains(t, err, says)
	}
}
