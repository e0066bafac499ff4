// Package role creates the IAM roles that AWS services assume, so that trust and least privilege are written once.
package role

import (
	"errors"
	"fmt"
	"path"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Args describes a role that one AWS service assumes.
type Args struct {
	// Service is the principal that may assume the role, such as "ec2.amazonaws.com". Required.
	Service string
	// SourceAccount is the account on whose behalf the service may assume the role: for services that act for many
	// accounts and name the one they act for (IAM User Guide, "The confused deputy problem"). Default: any.
	SourceAccount string
	// Description is the purpose of the role. Required.
	Description string
	// ManagedPolicies are AWS managed policies to attach. Default: none.
	ManagedPolicies []iam.ManagedPolicy
	// Statements become one inline policy. Default: none.
	Statements []Statement
	// Tags are set on the role.
	Tags pulumi.StringMap
}

// Statement allows actions on resources.
type Statement struct {
	// Actions are IAM actions, such as "logs:PutLogEvents". "*" is rejected. Required.
	Actions []string
	// Resources are ARNs. Required: an action that supports no resource has an explicit "*".
	Resources pulumi.StringArray
	// Condition is the statement's Condition element: operator, key, value. Default: none.
	Condition map[string]map[string]string
}

// Role is an IAM role with its policies.
type Role struct {
	pulumi.ResourceState

	// Name and Arn identify the role.
	Name, Arn pulumi.StringOutput
	// Policies are the resources to depend on for the role to have its permissions. The role alone is not enough: the SDK
	// registers a component's children in the background, and a dependency on the component misses those that are not
	// registered yet.
	Policies []pulumi.Resource
}

// New creates a role with its policies. It rejects a role without service or description, and a statement that allows
// every action or names no resource.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Role, error) {
	if err := args.validate(); err != nil {
		return nil, fmt.Errorf("role %q: %w", name, err)
	}
	component := &Role{}
	if err := ctx.RegisterComponentResource("stagecraft:role:Role", name, component, opts...); err != nil {
		return nil, err
	}
	parent := pulumi.Parent(component)

	role, err := iam.NewRole(ctx, name, &iam.RoleArgs{
		Description:      pulumi.String(args.Description),
		AssumeRolePolicy: pulumi.JSONMarshal(trust(args.Service, args.SourceAccount)),
		Tags:             args.Tags,
	}, parent)
	if err != nil {
		return nil, err
	}
	for _, policy := range args.ManagedPolicies {
		attachment, err := iam.NewRolePolicyAttachment(ctx, name+"-"+path.Base(string(policy)), &iam.RolePolicyAttachmentArgs{
			Role:      role.Name,
			PolicyArn: policy,
		}, parent)
		if err != nil {
			return nil, err
		}
		component.Policies = append(component.Policies, attachment)
	}
	if len(args.Statements) > 0 {
		inline, err := Allow(ctx, name, role.Name, args.Statements, parent)
		if err != nil {
			return nil, err
		}
		component.Policies = append(component.Policies, inline)
	}

	component.Name, component.Arn = role.Name, role.Arn
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{"name": role.Name, "arn": role.Arn})
}

// Allow adds an inline policy to an existing role. It rejects the statements that New rejects.
func Allow(
	ctx *pulumi.Context, name string, roleName pulumi.StringInput, statements []Statement, opts ...pulumi.ResourceOption,
) (*iam.RolePolicy, error) {
	if err := validate(statements); err != nil {
		return nil, fmt.Errorf("policy %q: %w", name, err)
	}
	return iam.NewRolePolicy(ctx, name, &iam.RolePolicyArgs{
		Role:   roleName,
		Policy: pulumi.JSONMarshal(permissions(statements)),
	}, opts...)
}

func (a *Args) validate() error {
	if a.Service == "" || a.Description == "" {
		return errors.New("it must have a Service and a Description")
	}
	return validate(a.Statements)
}

func validate(statements []Statement) error {
	for i, statement := range statements {
		if len(statement.Actions) == 0 || slices.Contains(statement.Actions, "*") {
			return fmt.Errorf("statement %d must name its actions, and not \"*\"", i)
		}
		if len(statement.Resources) == 0 {
			return fmt.Errorf("statement %d (%s) must name its resources", i, statement.Actions[0])
		}
	}
	return nil
}

const policyVersion = "2012-10-17"

func trust(service, sourceAccount string) pulumi.Map {
	statement := pulumi.Map{
		"Effect":    pulumi.String("Allow"),
		"Action":    pulumi.String("sts:AssumeRole"),
		"Principal": pulumi.Map{"Service": pulumi.String(service)},
	}
	if sourceAccount != "" {
		statement["Condition"] = pulumi.Any(map[string]map[string]string{"StringEquals": {"aws:SourceAccount": sourceAccount}})
	}
	return pulumi.Map{"Version": pulumi.String(policyVersion), "Statement": pulumi.Array{statement}}
}

func permissions(statements []Statement) pulumi.Map {
	document := make(pulumi.Array, 0, len(statements))
	for _, statement := range statements {
		element := pulumi.Map{
			"Effect":   pulumi.String("Allow"),
			"Action":   pulumi.ToStringArray(statement.Actions),
			"Resource": statement.Resources,
		}
		if len(statement.Condition) > 0 {
			element["Condition"] = pulumi.Any(statement.Condition)
		}
		document = append(document, element)
	}
	return pulumi.Map{"Version": pulumi.String(policyVersion), "Statement": document}
}
