package aws

import (
	"context"
	"os"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/offline/store"
)

// newTestServer returns a server whose cloud is in a store, and the messages that it logs.
func newTestServer(db *store.Store) (*server, *[]string) {
	messages := &[]string{}
	log := func(_ context.Context, severity diag.Severity, _ resource.URN, text string) error {
		*messages = append(*messages, string(severity)+" "+text)
		return nil
	}
	return &server{log: log, cloud: New(db, nil), functions: functions()}, messages
}

func configure(t *testing.T, server *server, inputs map[string]any) error {
	t.Helper()
	_, err := server.Configure(t.Context(), plugin.ConfigureRequest{Inputs: resource.NewPropertyMapFromMap(inputs)})
	return err
}

func TestConfigure(t *testing.T) {
	t.Parallel()
	server, messages := newTestServer(store.Open(t.TempDir()))
	require.EqualError(t, configure(t, server, nil),
		"missing region configuration: set aws:region, such as `pulumi config set aws:region eu-west-1`")
	require.ErrorContains(t, configure(t, server, map[string]any{"region": "mars"}), `invalid AWS Region: "mars"`)
	require.ErrorContains(t, configure(t, server, map[string]any{"region": testRegion, "defaultTags": "{"}), "aws:defaultTags: ")
	require.Empty(t, *messages)

	require.NoError(t, configure(t, server, map[string]any{
		"region": testRegion, "defaultTags": `{"tags": {"Stack": "test"}}`,
	}))
	require.Equal(t, []string{
		"info OFFLINE: account 123456789012 in eu-west-1 is simulated; nothing is created on AWS",
	}, *messages)
	created, err := server.Create(t.Context(), plugin.CreateRequest{
		Type: topicToken, URN: urn(topicToken),
		Properties: resource.NewPropertyMapFromMap(map[string]any{"name": "alarms", "tags": map[string]any{"Tier": "web"}}),
	})
	require.NoError(t, err)
	require.Equal(t, map[string]any{"Stack": "test", "Tier": "web"}, created.Properties["tagsAll"].Mappable())
}

func TestDiffConfig(t *testing.T) {
	t.Parallel()
	server, _ := newTestServer(store.Open(t.TempDir()))
	diff := func(before, after string) plugin.DiffResponse {
		response, err := server.DiffConfig(t.Context(), plugin.DiffConfigRequest{
			OldInputs: resource.PropertyMap{"region": resource.NewProperty(before)},
			NewInputs: resource.PropertyMap{"region": resource.NewProperty(after), "skip": resource.NewProperty(true)},
		})
		require.NoError(t, err)
		return response
	}
	require.Equal(t, plugin.DiffResponse{Changes: plugin.DiffNone}, diff(testRegion, testRegion))
	require.Equal(t, plugin.DiffResponse{
		Changes: plugin.DiffSome, ReplaceKeys: []resource.PropertyKey{"region"},
	}, diff(testRegion, "eu-west-2"))
}

// TestEmptyStoreIsReported checks that the provider warns once of a store that is gone while the stack has resources.
func TestEmptyStoreIsReported(t *testing.T) {
	t.Parallel()
	db := store.Open(t.TempDir())
	region := map[string]any{"region": testRegion}
	alarms := resource.NewPropertyMapFromMap(map[string]any{"name": "alarms"})
	first, messages := newTestServer(db)
	require.NoError(t, configure(t, first, region))
	created, err := first.Create(t.Context(), plugin.CreateRequest{Type: topicToken, URN: urn(topicToken), Properties: alarms})
	require.NoError(t, err)
	require.Len(t, *messages, 1, "a new stack has a new store")

	for name, call := range map[string]func(*server) error{
		"diff": func(s *server) error {
			_, err := s.Diff(t.Context(), plugin.DiffRequest{Type: topicToken, URN: urn(topicToken), OldInputs: alarms, NewInputs: alarms})
			return err
		},
		"read": func(s *server) error {
			_, err := s.Read(t.Context(), plugin.ReadRequest{Type: topicToken, URN: urn(topicToken), ID: created.ID})
			return err
		},
		"delete": func(s *server) error {
			_, err := s.Delete(t.Context(), plugin.DeleteRequest{Type: topicToken, URN: urn(topicToken), ID: "missing"})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, messages := newTestServer(db)
			require.NoError(t, configure(t, server, region))
			require.NoError(t, call(server))
			require.Len(t, *messages, 1, "the store is full")

			gone := store.Open(t.TempDir())
			server, messages = newTestServer(gone)
			require.NoError(t, configure(t, server, region))
			require.NoError(t, call(server))
			require.NoError(t, call(server))
			require.Len(t, *messages, 2)
			require.Equal(t, "warning OFFLINE: the stack's state has resources, but the offline store "+gone.Path()+
				" is empty or gone: restore it from a copy, `refresh` to forget the resources, or `make clean` to start anew",
				(*messages)[1])
		})
	}
}

func TestConfigureRejectsABrokenStore(t *testing.T) {
	t.Parallel()
	db := store.Open(t.TempDir())
	require.NoError(t, os.WriteFile(db.Path(), []byte("broken"), 0o600))
	server, _ := newTestServer(db)
	require.ErrorContains(t, configure(t, server, map[string]any{"region": testRegion}), "is broken; it was left as it is")
}
