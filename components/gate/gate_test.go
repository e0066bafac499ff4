package gate_test

import (
	"encoding/json"
	"flag"
	"os/exec"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/gate"
	"stagecraft/internal/pulumitest"
)

var update = flag.Bool("update", false, "write the golden files")

const (
	gateToken       = "stagecraft:gate:Gate"
	invocationToken = "aws:lambda/invocation:Invocation"
)

func valid() gate.Args {
	return gate.Args{
		AccountID:        "123456789012",
		Region:           "eu-west-1",
		LogRetentionDays: 30,
		AlarmTopicArn:    pulumi.String("arn:topic"),
		Tags:             pulumi.StringMap{"tier": pulumi.String("gate")},
	}
}

func request() *gate.Request {
	return &gate.Request{Address: gate.Address{Scheme: "http", Host: pulumi.String("192.0.2.1")}, Path: "/health"}
}

// run creates a gate, and one path that waits for a topic.
func run(args gate.Args, path gate.Path) (pulumitest.Resources, error) {
	return pulumitest.Run(func(ctx *pulumi.Context) error {
		before, err := sns.NewTopic(ctx, "before", &sns.TopicArgs{Tags: args.Tags})
		if err != nil {
			return err
		}
		guarded, err := gate.New(ctx, "gate", &args)
		if err != nil {
			return err
		}
		last, err := guarded.Require(ctx, "web", &path, pulumi.DependsOn([]pulumi.Resource{before}))
		if err != nil {
			return err
		}
		_, err = sns.NewTopic(ctx, "after", &sns.TopicArgs{Tags: args.Tags}, pulumi.DependsOn([]pulumi.Resource{last}))
		return err
	}, nil, nil)
}

// TestFunction runs the Python tests of the function.
func TestFunction(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not installed")
	}
	output, err := exec.CommandContext(t.Context(), python, "-B", "-m", "unittest", "gate_test").CombinedOutput()
	require.NoError(t, err, "%s", output)
	require.Contains(t, string(output), "OK")
}

func TestNew(t *testing.T) {
	t.Parallel()
	resources, err := run(valid(), gate.Path{Name: "the web server", Request: request(), Minutes: 4})
	require.NoError(t, err)
	resources.RequireTags(t, map[string]string{"tier": "gate"})
	resources.RequireParents(t, gateToken, "aws:sns/topic:Topic")
	resources.RequireGolden(t, "testdata/golden.txt", *update)
}

func TestRequire(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		path gate.Path
		want string
	}{
		"fixed servers": {
			gate.Path{
				Name: "the web servers", Minutes: 3,
				Targets: &gate.Targets{GroupArn: pulumi.String("arn:group"), IDs: []pulumi.StringInput{pulumi.String("i-1"), pulumi.String("i-2")}},
			},
			`{"name": "the web servers", "targets": {"group": "arn:group", "ids": ["i-1", "i-2"], "least": 2}, "seconds": 240, "call": 1, "last": true}`,
		},
		"group": {
			gate.Path{
				Name: "the group", Minutes: 3,
				Targets: &gate.Targets{GroupArn: pulumi.String("arn:group"), ScalingGroup: pulumi.String("web"), Least: 3},
			},
			`{"name": "the group", "targets": {"group": "arn:group", "scalingGroup": "web", "least": 3}, "seconds": 240, "call": 1, "last": true}`,
		},
		"service": {
			gate.Path{
				Name: "shop", Minutes: 3,
				Service: &gate.Service{
					ClusterName: pulumi.String("main"), Name: pulumi.String("shop"), TaskDefinitionArn: pulumi.String("arn:task"),
					Placeholder: "nginx",
				},
			},
			`{"name": "shop", "service": {"cluster": "main", "name": "shop", "taskDefinition": "arn:task", "placeholder": "nginx"},
			  "seconds": 240, "call": 1, "last": true}`,
		},
		"name": {
			gate.Path{
				Name: "CloudFront", Minutes: 3, DistributionID: pulumi.String("E1"), ReadinessPath: "/api/ready",
				Request: &gate.Request{
					Address: gate.Address{
						Scheme: "https", Host: pulumi.String("www.example.com"), Connect: pulumi.String("d1.cloudfront.net"),
					},
					Path: "/",
				},
				Today: []gate.Address{{Scheme: "http", Host: pulumi.String("www.example.com")}},
			},
			`{"name": "CloudFront", "distribution": "E1",
			  "request": {"scheme": "https", "host": "www.example.com", "connect": "d1.cloudfront.net", "port": 443, "path": "/"},
			  "today": [{"scheme": "http", "host": "www.example.com", "connect": "www.example.com", "port": 80}],
			  "readinessPath": "/api/ready", "seconds": 240, "call": 1, "last": true}`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resources, err := run(valid(), test.path)
			require.NoError(t, err)
			require.JSONEq(t, test.want, resources.One(t, invocationToken).Inputs["input"].(string))
		})
	}
}

// TestCalls requires that each call waits for the one before, and that only the last one may fail.
func TestCalls(t *testing.T) {
	t.Parallel()
	resources, err := run(valid(), gate.Path{
		Name: "the web server", Request: request(), Minutes: 9, Triggers: pulumi.StringMap{"stage": pulumi.String("2")},
	})
	require.NoError(t, err)
	before := map[string]string{"web-serves-1": "before", "web-serves-2": "web-serves-1", "web-serves-3": "web-serves-2"}
	calls := resources.Of(invocationToken)
	require.Len(t, calls, len(before))
	for _, call := range calls {
		var event struct{ Last bool }
		require.NoError(t, json.Unmarshal([]byte(call.Inputs["input"].(string)), &event))
		require.Equal(t, call.Name == "web-serves-3", event.Last, call.Name)
		require.Equal(t, map[string]any{"stage": "2"}, call.Inputs["triggers"])
		require.Contains(t, strings.Join(call.DependsOn, "\n")+"\n", "::"+before[call.Name]+"\n")
		require.Contains(t, strings.Join(call.DependsOn, "\n"), "aws:iam/rolePolicy:RolePolicy::gate")
	}
	after := resources.Named(t, "aws:sns/topic:Topic", "after")
	require.Contains(t, strings.Join(after.DependsOn, "\n"), "::web-serves-3")
}

func TestRejections(t *testing.T) {
	t.Parallel()
	arguments := map[string]func(*gate.Args){
		"AccountID, Region and AlarmTopicArn must be set": func(a *gate.Args) { a.Region = "" },
		"LogRetentionDays is 0":                           func(a *gate.Args) { a.LogRetentionDays = 0 },
	}
	for want, change := range arguments {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			args := valid()
			change(&args)
			_, err := run(args, gate.Path{Name: "the web server", Request: request(), Minutes: 1})
			require.ErrorContains(t, err, want)
		})
	}
	paths := map[string]gate.Path{
		"must have a Name":               {Request: request(), Minutes: 1},
		"has 0 Minutes":                  {Name: "web", Request: request()},
		"there is nothing to prove":      {Name: "web", Minutes: 1},
		"Targets.Least must be 1":        {Name: "web", Minutes: 1, Targets: &gate.Targets{GroupArn: pulumi.String("arn:group")}},
		"ReadinessPath must be set with": {Name: "web", Minutes: 1, Request: request(), Today: []gate.Address{request().Address}},
	}
	for want, path := range paths {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			_, err := run(valid(), path)
			require.ErrorContains(t, err, want)
		})
	}
}
