package rule

import (
	"maps"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"
)

var evaluated = &Rule{
	Fix: "Mend it.", Parameters: map[string]Parameter{"days": {Default: 7, Min: 1, Max: 35}},
}

func fails(t *testing.T, check Check, properties map[string]any) []string {
	t.Helper()
	resource, reports := seen("aws:rds/instance:Instance", properties, nil, evaluated)
	check(resource)
	return *reports
}

// TestChecks runs each check on passing and failing properties, and on unknown ones, which always pass.
func TestChecks(t *testing.T) {
	t.Parallel()
	list := func(values ...any) map[string]any { return map[string]any{"x": append([]any{}, values...)} }
	x := func(value any) map[string]any { return map[string]any{"x": value} }
	secret := func(value string) map[string]any { return x(property.New(value).WithSecret(true)) }
	nothing := map[string]any{}
	for name, test := range map[string]struct {
		check      Check
		pass, fail []map[string]any
	}{
		"true": {
			True("x"),
			[]map[string]any{x(true), x("true"), secret("true")},
			[]map[string]any{nothing, x(nil), x(false), x("yes"), x(1), list(true), x(map[string]any{"x": true}), secret("false")},
		},
		"false, and AWS's default is": {
			False("x", false),
			[]map[string]any{nothing, x(nil), x(false), x("false")},
			[]map[string]any{x(true), x("no"), x(0), secret("true")},
		},
		"false, and AWS's default is not": {
			False("x", true),
			[]map[string]any{x(false), secret("false")},
			[]map[string]any{nothing, x(nil), x(true)},
		},
		"true, which AWS's default is": {
			Bool("x", true, true), []map[string]any{nothing, x(true)}, []map[string]any{x(false), x("odd")},
		},
		"set": {
			Set("x"),
			[]map[string]any{x("a"), x(0), x(false), list("a"), x(map[string]any{"a": nil}), secret("a")},
			[]map[string]any{nothing, x(nil), x(""), list(), x(map[string]any{}), secret("")},
		},
		"one of, and AWS's default is": {
			OneOf("x", "a", "a", "b"), []map[string]any{nothing, x("a"), x("b"), secret("b")}, []map[string]any{x("c"), x(""), list("a")},
		},
		"one of, and AWS has no default": {
			OneOf("x", "", "a", "b"), []map[string]any{x("a")}, []map[string]any{nothing, x(nil), x("")},
		},
		"at least": {
			AtLeast("x", "days", 0),
			[]map[string]any{x(7), x(30), x("7")},
			[]map[string]any{nothing, x(nil), x(6), x("six"), x("NaN"), x(true), list(7)},
		},
		"at least, and AWS's default is": {
			AtLeast("x", "days", 7), []map[string]any{nothing, x(7)}, []map[string]any{x(0)},
		},
		"both": {
			All(True("x"), Set("y")),
			[]map[string]any{{"x": true, "y": "a"}},
			[]map[string]any{{"x": true}, {"y": "a"}, nothing},
		},
		"when it is chosen": {
			When(func(r *Resource) bool { return r.Get("y").Text() == "a" }, True("x")),
			[]map[string]any{nothing, {"x": false}, {"y": "a", "x": true}},
			[]map[string]any{{"y": "a"}, {"y": "a", "x": false}},
		},
		"by its type": {
			ByType(map[string]Check{"aws:rds/instance:Instance": True("x"), "aws:rds/cluster:Cluster": Set("y")}),
			[]map[string]any{x(true)},
			[]map[string]any{nothing},
		},
		"by another type": {
			ByType(map[string]Check{"aws:rds/cluster:Cluster": Set("y")}), []map[string]any{nothing}, nil,
		},
	} {
		for _, properties := range test.pass {
			require.Empty(t, fails(t, test.check, properties), "%s: %v", name, properties)
		}
		for _, properties := range test.fail {
			require.NotEmpty(t, fails(t, test.check, properties), "%s: %v", name, properties)
			unknowns := maps.Collect(maps.All(properties))
			for _, key := range []string{"x", "y"} {
				unknowns[key] = unknown
			}
			require.Empty(t, fails(t, test.check, unknowns), "%s: unknown", name)
		}
	}
}

func TestMessagesNameWhatIsWrong(t *testing.T) {
	t.Parallel()
	for want, check := range map[string]Check{
		`aws:rds/instance:Instance "web": a.b is "x": it must be true. Mend it.`:        True("a.b"),
		`aws:rds/instance:Instance "web": none is not set: it must be set. Mend it.`:    Set("none"),
		`aws:rds/instance:Instance "web": few is 3: it must be 7 or more. Mend it.`:     AtLeast("few", "days", 0),
		`aws:rds/instance:Instance "web": key is a secret: it must be a or b. Mend it.`: OneOf("key", "", "a", "b"),
	} {
		require.Equal(t, []string{want}, fails(t, check, map[string]any{
			"a": map[string]any{"b": "x"}, "few": 3, "key": property.New("hidden").WithSecret(true),
		}))
	}
}

func TestNumbersAreConfigured(t *testing.T) {
	t.Parallel()
	check := AtLeast("x", "days", 0)
	for _, test := range []struct {
		numbers map[string]any
		fails   bool
	}{
		{nil, false}, {map[string]any{"days": 14.0}, true}, {map[string]any{"days": "14"}, false}, {map[string]any{"other": 14.0}, false},
	} {
		resource, reports := seen("aws:rds/instance:Instance", map[string]any{"x": 7}, test.numbers, evaluated)
		check(resource)
		require.Equal(t, test.fails, len(*reports) > 0, "%v", test.numbers)
	}
}

func TestPut(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		properties map[string]any
		path       string
		want       map[string]any
	}{
		"missing":         {map[string]any{"y": 1}, "x", map[string]any{"x": "new", "y": 1}},
		"there":           {map[string]any{"x": "old"}, "x", map[string]any{"x": "new"}},
		"missing objects": {map[string]any{}, "a.b.c", map[string]any{"a": map[string]any{"b": map[string]any{"c": "new"}}}},
		"beside others": {
			map[string]any{"a": map[string]any{"b": 1, "c": 2}},
			"a.b",
			map[string]any{"a": map[string]any{"b": "new", "c": 2}},
		},
		"no object":             {map[string]any{"a": "odd"}, "a.b", map[string]any{"a": map[string]any{"b": "new"}}},
		"unknown":               {map[string]any{"x": unknown}, "x", map[string]any{"x": "new"}},
		"below what is unknown": {map[string]any{"a": unknown}, "a.b", map[string]any{"a": unknown}},
		"below a secret": {
			map[string]any{"a": object(map[string]any{"c": 2}).WithSecret(true)},
			"a.b",
			map[string]any{"a": object(map[string]any{"b": "new", "c": 2}).WithSecret(true)},
		},
	} {
		resource, _ := seen("aws:rds/instance:Instance", test.properties, nil, evaluated)
		resource.Set(test.path, property.New("new"))
		require.Equal(t, object(test.want).AsMap(), resource.Properties(), name)
	}
}

func TestCanonical(t *testing.T) {
	t.Parallel()
	for token, want := range map[string]string{
		"aws:lb/loadBalancer:LoadBalancer":                   "aws:lb/loadBalancer:LoadBalancer",
		"aws:alb/loadBalancer:LoadBalancer":                  "aws:lb/loadBalancer:LoadBalancer",
		"aws:applicationloadbalancing/listener:Listener":     "aws:lb/listener:Listener",
		"aws:elasticloadbalancingv2/targetGroup:TargetGroup": "aws:lb/targetGroup:TargetGroup",
		"aws:elasticloadbalancing/loadBalancer:LoadBalancer": "aws:elb/loadBalancer:LoadBalancer",
		"aws:s3/bucketV2:BucketV2":                           "aws:s3/bucket:Bucket",
		"aws:s3/bucket:Bucket":                               "aws:s3/bucket:Bucket",
		"aws:s3/bucketVersioningV2:BucketVersioningV2":       "aws:s3/bucketVersioning:BucketVersioning",
		"aws:s3/bucketObjectv2:BucketObjectv2":               "aws:s3/bucketObject:BucketObject",
		"aws:apigatewayv2/stage:Stage":                       "aws:apigatewayv2/stage:Stage",
		"aws:kinesisanalyticsv2/application:Application":     "aws:kinesisanalyticsv2/application:Application",
		"pulumi:pulumi:Stack":                                "pulumi:pulumi:Stack",
		"":                                                   "",
		"aws:s3/bucketIntelligentTieringConfiguration:BucketIntelligentTieringConfiguration": "aws:s3/bucketIntelligentTieringConfiguration:BucketIntelligentTieringConfiguration",
	} {
		require.Equal(t, want, Canonical(token))
		require.Equal(t, want, Canonical(want), "it is canonical itself")
	}
	seen, _ := seen("aws:alb/listener:Listener", nil, nil, evaluated)
	require.True(t, seen.IsType("aws:lb/loadBalancer:LoadBalancer", "aws:lb/listener:Listener"))
	require.False(t, seen.IsType("aws:lb/loadBalancer:LoadBalancer"))
}
