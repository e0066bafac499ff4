package guard_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/guard"
	"stagecraft/internal/mock"
)

const (
	encryptionType = "aws:ebs/encryptionByDefault:EncryptionByDefault"
	findEncryption = "aws:ebs/getEncryptionByDefault:getEncryptionByDefault"
)

// warnings keeps the warnings of a program, and no other logs.
type warnings struct {
	pulumi.Log
	messages []string
}

func (w *warnings) Warn(message string, _ *pulumi.LogArgs) error {
	w.messages = append(w.messages, message)
	return nil
}

// run makes the guard of an account whose lookups give the answers; without one, a lookup fails.
func run(args guard.Args, answers map[string]map[string]any) (mock.Resources, []string, error) {
	log := &warnings{}
	resources, err := mock.Run(func(ctx *pulumi.Context) error {
		log.Log = ctx.Log
		ctx.Log = log
		_, err := guard.New(ctx, "guard", &args)
		return err
	}, nil, answers)
	return resources, log.messages, err
}

func TestNewOwned(t *testing.T) {
	t.Parallel()
	resources, warned, err := run(guard.Args{Owned: true}, nil)
	require.NoError(t, err)
	require.Empty(t, warned)
	resources.RequireParents(t, "stagecraft:guard:Guard")
	require.Equal(t, map[string]any{"enabled": true}, resources.One(t, encryptionType).Inputs)
}

func TestNewFound(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answers map[string]map[string]any
		want    []string
	}{
		"on":     {map[string]map[string]any{findEncryption: {"id": "eu-central-1", "enabled": true}}, nil},
		"off":    {map[string]map[string]any{findEncryption: {"id": "eu-central-1", "enabled": false}}, []string{"is off"}},
		"denied": {nil, []string{"could not be looked up"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resources, warned, err := run(guard.Args{}, test.answers)
			require.NoError(t, err)
			require.Empty(t, resources.Of(encryptionType))
			require.Len(t, warned, len(test.want))
			for i, want := range test.want {
				require.Contains(t, warned[i], "EBS encryption by default "+want)
				require.Contains(t, warned[i], "accountSingletons: owned")
			}
		})
	}
}
