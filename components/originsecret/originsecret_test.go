package originsecret_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/originsecret"
	"stagecraft/internal/pulumitest"
)

const (
	secretType  = "aws:secretsmanager/secret:Secret"
	versionType = "aws:secretsmanager/secretVersion:SecretVersion"
)

// known is what a program learns of the origin.
type known struct {
	value  string
	values []string
}

func run(args originsecret.Args) (pulumitest.Resources, known, error) {
	args.Tags = pulumi.StringMap{"project": pulumi.String("stagecraft")}
	values := make(chan known, 1)
	resources, err := pulumitest.Run(func(ctx *pulumi.Context) error {
		made, err := originsecret.New(ctx, "origin", &args)
		if err != nil {
			return err
		}
		pulumi.All(made.HeaderValue, made.HeaderValues).ApplyT(func(all []any) error {
			values <- known{all[0].(string), all[1].([]string)}
			return nil
		})
		return nil
	}, nil, map[string]map[string]any{
		"aws:secretsmanager/getRandomPassword:getRandomPassword": {"randomPassword": "random"},
	})
	if err != nil {
		return resources, known{}, err
	}
	return resources, <-values, nil
}

func TestNew(t *testing.T) {
	t.Parallel()
	resources, values, err := run(originsecret.Args{Version: 1})
	require.NoError(t, err)
	require.Equal(t, known{"random", []string{"random"}}, values)
	resources.RequireParents(t, "stagecraft:origin:Origin")
	resources.RequireTags(t, map[string]string{"project": "stagecraft"})
	require.NotContains(t, resources.One(t, secretType).Inputs, "recoveryWindowInDays")

	version := resources.One(t, versionType)
	require.Equal(t, "origin-1", version.Name)
	require.Equal(t, []string{"secretString"}, version.IgnoreChanges, "it must not change with each run")
	require.Equal(t, "arn:origin", version.Inputs["secretId"])
	require.Equal(t, []string{"secretString"}, version.Secrets)
}

func TestVersions(t *testing.T) {
	t.Parallel()
	resources, values, err := run(originsecret.Args{Version: 3})
	require.NoError(t, err)
	require.Len(t, values.values, 2)
	require.Equal(t, []string{"origin-2", "origin-3"}, resources.Names(versionType), "the one before is taken, too")
	require.True(t, strings.HasSuffix(strings.Join(resources.Named(t, versionType, "origin-3").DependsOn, " "), "::origin-2"),
		"the last one made is the current one")
}

func TestEphemeral(t *testing.T) {
	t.Parallel()
	resources, _, err := run(originsecret.Args{Version: 1, Ephemeral: true})
	require.NoError(t, err)
	require.InDelta(t, 0, resources.One(t, secretType).Inputs["recoveryWindowInDays"], 0)
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	resources, _, err := run(originsecret.Args{})
	require.ErrorContains(t, err, `origin "origin": Version is 0: it begins with 1`)
	require.Empty(t, resources)
}
