// Package parameters creates the parameters of the application: parameters in Systems Manager Parameter Store that every
// instance of it reads by name, so that what they say may change and the application does not.
package parameters

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Args describes the settings.
type Args struct {
	// Values are the settings by the names of the environment variables that the application reads, such as
	// "DATABASE_WRITER". They are readable to everyone who may read parameters: a secret's place is Secrets Manager, and
	// its ARN here. Required.
	Values map[string]pulumi.StringInput
	// Tags go on every parameter.
	Tags pulumi.StringMap
}

// Parameters is the application's settings.
type Parameters struct {
	pulumi.ResourceState

	// Path is what the names of all parameters begin with: /PROJECT/STACK/service/.
	Path string
	// Arns are the parameters' own, by variable.
	Arns map[string]pulumi.StringOutput
}

// variable leaves no way out of the path, and its last word is checked for what must not be notified.
var (
	variable = regexp.MustCompile(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$`)
	secret   = regexp.MustCompile(`(^|_)(PASSWORD|SECRET|TOKEN)$`)
)

// New creates a parameter of each setting. It rejects names that are no environment variables, and names of a secret
// itself.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Parameters, error) {
	if err := args.validate(); err != nil {
		return nil, fmt.Errorf("configuration %q: %w", name, err)
	}
	component := &Parameters{
		Path: fmt.Sprintf("/%s/%s/service/", ctx.Project(), ctx.Stack()), Arns: map[string]pulumi.StringOutput{},
	}
	if err := ctx.RegisterComponentResource("stagecraft:configuration:Configuration", name, component, opts...); err != nil {
		return nil, err
	}
	for _, variable := range slices.Sorted(maps.Keys(args.Values)) {
		logicalName := name + "-" + strings.ToLower(strings.ReplaceAll(variable, "_", "-"))
		parameter, err := ssm.NewParameter(ctx, logicalName, &ssm.ParameterArgs{
			Name:        pulumi.String(component.Path + variable),
			Description: pulumi.String("Setting of the application"),
			Type:        pulumi.String("String"),
			// There is no secret in it, so that a preview may show what changes.
			InsecureValue: args.Values[variable],
			Tags:          args.Tags,
		}, pulumi.Parent(component))
		if err != nil {
			return nil, err
		}
		component.Arns[variable] = parameter.Arn
	}
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{"path": pulumi.String(component.Path)})
}

func (a *Args) validate() error {
	if len(a.Values) == 0 {
		return errors.New("it must have Values")
	}
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(a.Values)) {
		switch {
		case !variable.MatchString(name):
			errs = append(errs, fmt.Errorf("the name %q must be an environment variable's, such as DATABASE_WRITER", name))
		case secret.MatchString(name):
			errs = append(errs, fmt.Errorf("the name %q is a secret's: keep it in Secrets Manager, and tell its ARN", name))
		case a.Values[name] == nil:
			errs = append(errs, fmt.Errorf("the setting %q has no value", name))
		}
	}
	return errors.Join(errs...)
}
