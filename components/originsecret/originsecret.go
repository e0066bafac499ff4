// Package originsecret creates the secret by which a load balancer knows requests that come through the stack's own CloudFront
// distribution: the addresses of CloudFront are those of everybody's distributions.
package originsecret

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// HeaderName is the header in which CloudFront sends the secret (Amazon CloudFront Developer Guide, "Restrict access to
// Application Load Balancers").
const HeaderName = "X-Origin-Verify"

// valueLength is half of what a rule of a load balancer compares. Letters and digits only: rules take punctuation for
// wildcards, and don't tell upper from lower case (Elastic Load Balancing API Reference, "HttpHeaderConditionConfig").
const valueLength = 64

// Args describes the secret. Every field is required unless a default is named.
type Args struct {
	// Version is 1 for a start. The next higher number makes another value; the value before it is taken until then.
	Version int
	// Ephemeral deletes the secret at once when the stack goes: for throw-away stacks. Default: false, Secrets Manager
	// keeps it for 30 days.
	Ephemeral bool
	// KmsKeyArn is the KMS key that encrypts the secret. Default: nil, AWS's own key.
	KmsKeyArn pulumi.StringInput
	// Tags go on the secret.
	Tags pulumi.StringMap
}

// Secret is the secret between CloudFront and the load balancer. Nobody reads it from Secrets Manager but people and
// Pulumi.
type Secret struct {
	pulumi.ResourceState

	// SecretArn is where people find it.
	SecretArn pulumi.StringOutput
	// HeaderValue is what CloudFront sends.
	HeaderValue pulumi.StringOutput
	// HeaderValues are what rules of the load balancer accept: what CloudFront sends and, from the second version on, what
	// it sent before.
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

// newVersion creates a value that stays as it was first made, whatever later runs propose. What is made last is current
// to Secrets Manager (Secrets Manager API Reference, "PutSecretValue").
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
		// Secrets Manager deletes a version without labels by itself. The provider first takes the labels away that the state
		// says it has, and fails where a newer version has taken them over since (provider source,
		// internal/service/secretsmanager/secret_version.go).
		pulumi.RetainOnDelete(true))...)
}
