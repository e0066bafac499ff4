package role_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/role"
	"stagecraft/internal/pulumitest"
)

const (
	roleType       = "aws:iam/role:Role"
	attachmentType = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
	policyType     = "aws:iam/rolePolicy:RolePolicy"
	topicType      = "aws:sns/topic:Topic"
)

func valid() role.Args {
	return role.Args{
		Service:     "ec2.amazonaws.com",
		Description: "Web servers",
		Tags:        pulumi.StringMap{"tier": pulumi.String("web")},
	}
}

// run creates a role, and a topic that depends on its policies.
func run(args role.Args) (pulumitest.Resources, error) {
	return pulumitest.Run(func(ctx *pulumi.Context) error {
		made, err := role.New(ctx, "web", &args)
		if err != nil {
			return err
		}
		_, err = sns.NewTopic(ctx, "after", &sns.TopicArgs{
			DisplayName: pulumi.Sprintf("%s %s", made.Name, made.Arn),
			Tags:        args.Tags,
		}, pulumi.DependsOn(made.Policies))
		return err
	}, nil, nil)
}

func TestNew(t *testing.T) {
	t.Parallel()
	resources, err := run(valid())
	require.NoError(t, err)
	resources.RequireTags(t, map[string]string{"tier": "web"})
	resources.RequireParents(t, "stagecraft:role:Role", topicType)

	made := resources.One(t, roleType)
	require.Equal(t, "Web servers", made.Inputs["description"])
	require.JSONEq(t, `{
		"Version": "2012-10-17",
		"Statement": [{
			"Effect": "Allow",
			"Action": "sts:AssumeRole",
			"Principal": {"Service": "ec2.amazonaws.com"}
		}]
	}`, made.Inputs["assumeRolePolicy"].(string))
	require.Empty(t, resources.Of(attachmentType))
	require.Empty(t, resources.Of(policyType))
	require.Equal(t, "web arn:web", resources.One(t, topicType).Inputs["displayName"])
}

func TestNewForOneAccount(t *testing.T) {
	t.Parallel()
	args := valid()
	args.SourceAccount = "123456789012"
	resources, err := run(args)
	require.NoError(t, err)
	require.JSONEq(t, `{
		"Version": "2012-10-17",
		"Statement": [{
			"Effect": "Allow",
			"Action": "sts:AssumeRole",
			"Principal": {"Service": "ec2.amazonaws.com"},
			"Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}}
		}]
	}`, resources.One(t, roleType).Inputs["assumeRolePolicy"].(string))
}

func TestAllow(t *testing.T) {
	t.Parallel()
	allow := func(statement role.Statement) (pulumitest.Resources, error) {
		return pulumitest.Run(func(ctx *pulumi.Context) error {
			_, err := role.Allow(ctx, "deploy", pulumi.String("web"), []role.Statement{statement})
			return err
		}, nil, nil)
	}
	resources, err := allow(role.Statement{
		Actions: []string{"s3:GetObject"}, Resources: pulumi.ToStringArray([]string{"arn:bucket/*"}),
	})
	require.NoError(t, err)
	inline := resources.One(t, policyType)
	require.Equal(t, "deploy", inline.Name)
	require.Equal(t, "web", inline.Inputs["role"])
	require.JSONEq(t, `{
		"Version": "2012-10-17",
		"Statement": [{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:bucket/*"]}]
	}`, inline.Inputs["policy"].(string))

	resources, err = allow(role.Statement{Actions: []string{"*"}, Resources: pulumi.ToStringArray([]string{"*"})})
	require.ErrorContains(t, err, `policy "deploy": statement 0 must name its actions`)
	require.Empty(t, resources.Of(policyType))
}

func TestNewPolicies(t *testing.T) {
	t.Parallel()
	args := valid()
	args.ManagedPolicies = []iam.ManagedPolicy{
		iam.ManagedPolicyAmazonSSMManagedInstanceCore,
		iam.ManagedPolicyAmazonRDSEnhancedMonitoringRole,
	}
	args.Statements = []role.Statement{{
		Actions:   []string{"s3:GetObject", "s3:ListBucket"},
		Resources: pulumi.StringArray{pulumi.String("arn:bucket"), pulumi.Sprintf("%s/*", "arn:bucket")},
	}, {
		Actions:   []string{"cloudwatch:PutMetricData"},
		Resources: pulumi.ToStringArray([]string{"*"}),
		Condition: map[string]map[string]string{"StringEquals": {"cloudwatch:namespace": "Stagecraft"}},
	}}
	resources, err := run(args)
	require.NoError(t, err)
	resources.RequireParents(t, "stagecraft:role:Role", topicType)

	attached := map[string]any{}
	for _, attachment := range resources.Of(attachmentType) {
		require.Equal(t, "web", attachment.Inputs["role"])
		attached[attachment.Name] = attachment.Inputs["policyArn"]
	}
	require.Equal(t, map[string]any{
		"web-AmazonSSMManagedInstanceCore":    "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
		"web-AmazonRDSEnhancedMonitoringRole": "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
	}, attached)

	inline := resources.One(t, policyType)
	require.Equal(t, "web", inline.Inputs["role"])
	require.JSONEq(t, `{
		"Version": "2012-10-17",
		"Statement": [{
			"Effect": "Allow",
			"Action": ["s3:GetObject", "s3:ListBucket"],
			"Resource": ["arn:bucket", "arn:bucket/*"]
		}, {
			"Effect": "Allow",
			"Action": ["cloudwatch:PutMetricData"],
			"Resource": ["*"],
			"Condition": {"StringEquals": {"cloudwatch:namespace": "Stagecraft"}}
		}]
	}`, inline.Inputs["policy"].(string))

	waitsFor := strings.Join(resources.One(t, topicType).DependsOn, "\n")
	for _, policy := range append(resources.Of(attachmentType), inline) {
		require.Contains(t, waitsFor, policy.Type+"::"+policy.Name)
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	good := role.Statement{Actions: []string{"s3:GetObject"}, Resources: pulumi.ToStringArray([]string{"*"})}
	with := func(change func(*role.Statement)) []role.Statement {
		bad := good
		change(&bad)
		return []role.Statement{good, bad}
	}
	for name, test := range map[string]struct {
		change func(*role.Args)
		want   string
	}{
		"no service":     {func(a *role.Args) { a.Service = "" }, "it must have a Service and a Description"},
		"no description": {func(a *role.Args) { a.Description = "" }, "it must have a Service and a Description"},
		"no actions": {func(a *role.Args) {
			a.Statements = with(func(s *role.Statement) { s.Actions = nil })
		}, "statement 1 must name its actions"},
		"every action": {func(a *role.Args) {
			a.Statements = with(func(s *role.Statement) { s.Actions = []string{"s3:GetObject", "*"} })
		}, "statement 1 must name its actions"},
		"no resources": {func(a *role.Args) {
			a.Statements = with(func(s *role.Statement) { s.Resources = nil })
		}, "statement 1 (s3:GetObject) must name its resources"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := valid()
			test.change(&args)
			resources, err := run(args)
			require.ErrorContains(t, err, `role "web": `)
			require.ErrorContains(t, err, test.want)
			require.Empty(t, resources.Of(roleType))
		})
	}
}
