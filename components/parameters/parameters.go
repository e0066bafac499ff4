// Package parameters creates the parameters of an application in Systems Manager Parameter Store. Every instance reads
// them by name, so that their values may change while the application does not.
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

// Args describes the parameters.
type Args struct {
	// Values are the values by the names of the environment variables that the application reads, such as
	// "DATABASE_WRITER". Everyone who may read parameters can read them: keep a secret in Secrets Manager, and its ARN
	// here. Required.
	Values map[string]pulumi.StringInput
	// Tags are set on every parameter.
	Tags pulumi.StringMap
}

// Parameters is an application's parameters.
type Parameters struct {
	pulumi.ResourceState

	// Path is the prefix of all names: /PROJECT/STACK/service/.
	Path string
	// Arns are the ARNs of the parameters, by variable.
	Arns map[string]pulumi.StringOutput
}

// variable matches names that cannot leave the path; their last word must not name a secret.
var (
	variable = regexp.MustCompile(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$`)
	secret   = regexp.MustCompile(`(^|_)(PASSWORD|SECRET|TOKEN)$`)
)

// New creates a parameter for each value. It rejects names that are not environment variables, and names of secrets.
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
			// It holds no secret, so a preview may show what changes.
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
			errs = append(errs, fmt.Errorf("the name %q is a secret's: keep it in Secrets Manager, and set its ARN here", name))
		case a.Values[name] == nil:
			errs = append(errs, fmt.Errorf("the setting %q has no value", name))
		}
	}
	return errors.Join(errs...)
}
