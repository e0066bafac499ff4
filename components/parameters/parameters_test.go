package parameters_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/parameters"
	"stagecraft/internal/pulumitest"
)

const parameterType = "aws:ssm/parameter:Parameter"

func run(values map[string]pulumi.StringInput) (*parameters.Parameters, pulumitest.Resources, error) {
	var made *parameters.Parameters
	resources, err := pulumitest.Run(func(ctx *pulumi.Context) (err error) {
		made, err = parameters.New(ctx, "configuration", &parameters.Args{
			Values: values,
			Tags:   pulumi.StringMap{"project": pulumi.String("stagecraft")},
		})
		return err
	}, nil, nil)
	return made, resources, err
}

func TestNew(t *testing.T) {
	t.Parallel()
	made, resources, err := run(map[string]pulumi.StringInput{
		"DATABASE_WRITER":     pulumi.String("writer.example.com:5432"),
		"DATABASE_SECRET_ARN": pulumi.String("arn:secret"),
	})
	require.NoError(t, err)
	resources.RequireParents(t, "stagecraft:configuration:Configuration")
	require.Equal(t, "/stagecraft/test/service/", made.Path)

	require.Equal(t, []string{"configuration-database-secret-arn", "configuration-database-writer"}, resources.Names(parameterType))
	require.Equal(t, map[string]any{
		"name":          "/stagecraft/test/service/DATABASE_WRITER",
		"description":   "Setting of the application",
		"type":          "String",
		"insecureValue": "writer.example.com:5432",
		"tags":          map[string]any{"project": "stagecraft"},
	}, resources.Named(t, parameterType, "configuration-database-writer").Inputs)
	require.Equal(t, []string{"DATABASE_SECRET_ARN", "DATABASE_WRITER"}, slices.Sorted(maps.Keys(made.Arns)))
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	value := pulumi.String("value")
	for name, test := range map[string]struct {
		values map[string]pulumi.StringInput
		want   string
	}{
		"nothing":       {nil, "it must have Values"},
		"no name":       {map[string]pulumi.StringInput{"": value}, `the name "" must be an environment variable's`},
		"a path":        {map[string]pulumi.StringInput{"../DATABASE": value}, `the name "../DATABASE" must be`},
		"small letters": {map[string]pulumi.StringInput{"Database": value}, `the name "Database" must be`},
		"a loose end":   {map[string]pulumi.StringInput{"DATABASE_": value}, `the name "DATABASE_" must be`},
		"a password":    {map[string]pulumi.StringInput{"DATABASE_PASSWORD": value}, `"DATABASE_PASSWORD" is a secret's`},
		"a named token": {map[string]pulumi.StringInput{"CACHE_AUTH_TOKEN": value}, `"CACHE_AUTH_TOKEN" is a secret's`},
		"no value":      {map[string]pulumi.StringInput{"DATABASE_WRITER": nil}, `the setting "DATABASE_WRITER" has no value`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, resources, err := run(test.values)
			require.ErrorContains(t, err, `configuration "configuration": `)
			require.ErrorContains(t, err, test.want)
			require.Empty(t, resources)
		})
	}
}
