// Package originsecret creates the secret by which a load balancer recognizes requests of the stack's own CloudFront
// distribution: everybody's distributions share CloudFront's addresses.
package originsecret

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// HeaderName is the header in which CloudFront sends the secret (Amazon CloudFront Developer Guide, "Restrict access to
// Application Load Balancers").
const HeaderName = "X-Origin-Verify"

// valueLength is half of the length that a rule of a load balancer compares. The value has letters and digits only:
// rules read punctuation as wildcards, and ignore case (Elastic Load Balancing API Reference,
// "HttpHeaderConditionConfig").
const valueLength = 64

// Args describes the secret. Every field is required unless a default is named.
type Args struct {
	// Version counts the values, from 1. The next number creates another value; the value before it is accepted until
	// then.
	Version int
	// Ephemeral deletes the secret at once with the stack, for throw-away stacks. Default: false, Secrets Manager keeps
	// it for 30 days.
	Ephemeral bool
	// KmsKeyArn is the KMS key that encrypts the secret. Default: nil, AWS's own key.
	KmsKeyArn pulumi.StringInput
	// Tags are set on the secret.
	Tags pulumi.StringMap
}

// Secret is the secret between CloudFront and the load balancer. Only operators and Pulumi read it from Secrets
// Manager.
type Secret struct {
	pulumi.ResourceState

	// SecretArn is the secret's ARN.
	SecretArn pulumi.StringOutput
	// HeaderValue is the value that CloudFront sends.
	HeaderValue pulumi.StringOutput
	// HeaderValues are the values that rules of the load balancer accept: the one that CloudFront sends and, from the
	// second version on, the one before it.
	HeaderValues pulumi.StringArrayOutput
}

// New creates the secret. It rejects a version below 1.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Secret, error) {
	if args.Version < 1 {
		return nil, fmt.Errorf("origin %q: Version is %d: it begins with 1", name, args.Version)
	}
	component := &Secret{}
	if err := ctx.RegisterComponentResource("stagecraft:origin:Origin", name, component, opts...); err != nil {
		return nil, err
	}
	parent := pulumi.Parent(component)

	described := &secretsmanager.SecretArgs{
		Description: pulumi.String("What CloudFront sends in " + HeaderName + " to the load balancer"),
		KmsKeyId:    args.KmsKeyArn,
		Tags:        args.Tags,
	}
	if args.Ephemeral {
		described.RecoveryWindowInDays = pulumi.Int(0)
	}
	secret, err := secretsmanager.NewSecret(ctx, name, described, parent)
	if err != nil {
		return nil, err
	}
	component.SecretArn = secret.Arn

	var accepted pulumi.StringArray
	after := []pulumi.Resource{}
	for version := max(1, args.Version-1); version <= args.Version; version++ {
		made, err := newVersion(ctx, fmt.Sprintf("%s-%d", name, version), secret, parent, pulumi.DependsOn(after))
		if err != nil {
			return nil, err
		}
		component.HeaderValue = made.SecretString.Elem()
		accepted, after = append(accepted, component.HeaderValue), append(after, made)
	}
	component.HeaderValues = accepted.ToStringArrayOutput()
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{"secretArn": component.SecretArn})
}

// newVersion creates a value that later runs do not change. The newest is current in Secrets Manager (Secrets Manager
// API Reference, "PutSecretValue").
func newVersion(
	ctx *pulumi.Context, name string, secret *secretsmanager.Secret, opts ...pulumi.ResourceOption,
) (*secretsmanager.SecretVersion, error) {
	length, yes := valueLength, true
	proposed, err := secretsmanager.GetRandomPassword(ctx, &secretsmanager.GetRandomPasswordArgs{
		PasswordLength: &length, ExcludePunctuation: &yes,
	})
	if err != nil {
		return nil, err
	}
	return secretsmanager.NewSecretVersion(ctx, name, &secretsmanager.SecretVersionArgs{
		SecretId:     secret.Arn,
		SecretString: pulumi.ToSecret(pulumi.String(proposed.RandomPassword)).(pulumi.StringOutput),
	}, append(opts, pulumi.IgnoreChanges([]string{"secretString"}),
		// Secrets Manager itself deletes a version without labels. The provider first removes the labels that the state
		// records, and fails if a newer version has taken one over (provider source,
		// internal/service/secretsmanager/secret_version.go).
		pulumi.RetainOnDelete(true))...)
}
