package cloud_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/offline/cloud"
	"stagecraft/internal/offline/store"
)

// openWith returns a cloud of gardens and beds, whose declarations are changed.
func openWith(t *testing.T, change func(garden, bed *cloud.Type)) *cloud.Region {
	t.Helper()
	types := declared()
	change(&types[0], &types[1])
	zones := map[string][]string{region: {"eu-west-1a"}, "us-east-1": {"us-east-1a"}}
	opened, err := cloud.New("123456789012", zones, types, store.Open(t.TempDir()), nil).Region(region, nil)
	require.NoError(t, err)
	return opened
}

func exists(t *testing.T, in *cloud.Region, token, id string) bool {
	t.Helper()
	_, outputs, err := in.Read(token, id)
	require.NoError(t, err)
	return outputs != nil
}

// TestPutBesideAResource adds a bed to each garden, as AWS adds resources by itself, and updates the last one.
func TestPutBesideAResource(t *testing.T) {
	t.Parallel()
	in := openWith(t, func(garden, _ *cloud.Type) {
		garden.AfterWrite = func(account cloud.Account, res *cloud.Resource) error {
			bed := &cloud.Resource{ID: "own-" + res.Text("name"), Outputs: properties(map[string]any{"garden": res.ID, "place": "first"})}
			if err := account.Put(bedToken, bed); err != nil {
				return err
			}
			bed.Set("place", "second")
			return account.Put(bedToken, bed)
		}
	})
	rose, _ := create(t, in, gardenToken, map[string]any{"name": "rose", "size": 1})
	lily, _ := create(t, in, gardenToken, map[string]any{"name": "lily", "size": 1})
	_, outputs, err := in.Read(bedToken, "own-rose")
	require.NoError(t, err)
	require.Equal(t, map[string]any{"garden": rose, "place": "second"}, outputs.Mappable())
	require.NoError(t, in.Delete(gardenToken, rose), "what AWS added does not prevent the deletion")
	require.False(t, exists(t, in, bedToken, "own-rose"), "it is deleted with the resource")
	require.True(t, exists(t, in, bedToken, "own-lily"))
	require.True(t, exists(t, in, gardenToken, lily))
}

func TestOwnedResources(t *testing.T) {
	t.Parallel()
	in := openWith(t, func(_, bed *cloud.Type) { bed.Refs[0].OwnedBy = true })
	garden, _ := create(t, in, gardenToken, map[string]any{"name": "rose", "size": 1})
	bed, _ := create(t, in, bedToken, plantedBed(garden))
	require.NoError(t, in.Delete(gardenToken, garden))
	require.False(t, exists(t, in, bedToken, bed))
}

// TestRemove deletes a resource with what it owns, although another resource needs it.
func TestRemove(t *testing.T) {
	t.Parallel()
	in := openWith(t, func(_, bed *cloud.Type) {
		bed.Delete = func(account cloud.Account, res *cloud.Resource) error {
			return account.Remove(gardenToken, res.Text("garden"))
		}
	})
	garden, _ := create(t, in, gardenToken, map[string]any{"name": "rose", "size": 1})
	first, _ := create(t, in, bedToken, plantedBed(garden))
	second, _ := create(t, in, bedToken, plantedBed(garden))
	require.Error(t, in.Delete(gardenToken, garden))
	require.NoError(t, in.Delete(bedToken, first))
	require.False(t, exists(t, in, gardenToken, garden))
	require.True(t, exists(t, in, bedToken, second))
}

func TestQuotaWithinAProperty(t *testing.T) {
	t.Parallel()
	in := openWith(t, func(_, bed *cloud.Type) {
		bed.Quota = &cloud.Quota{Limit: 2, Scope: "garden", Error: cloud.Error{Code: "TooMany", Message: "${garden} is full"}}
	})
	rose, _ := create(t, in, gardenToken, map[string]any{"name": "rose", "size": 1})
	lily, _ := create(t, in, gardenToken, map[string]any{"name": "lily", "size": 1})
	for range 2 {
		create(t, in, bedToken, plantedBed(rose))
		create(t, in, bedToken, plantedBed(lily))
	}
	_, _, err := in.Create(t.Context(), bedToken, "urn:it", properties(plantedBed(rose)), false)
	require.ErrorContains(t, err, "api error TooMany: "+rose+" is full")
}

// TestUniqueProperties compares groups of properties; unset and empty ones never collide.
func TestUniqueProperties(t *testing.T) {
	t.Parallel()
	in := openWith(t, func(garden, bed *cloud.Type) {
		garden.Quota = nil
		bed.Unique = [][]string{{"garden", "place"}, {"id"}}
		bed.Exists = cloud.Error{Code: "BedExists", Message: "taken"}
	})
	rose, _ := create(t, in, gardenToken, map[string]any{"name": "rose", "size": 1})
	lily, _ := create(t, in, gardenToken, map[string]any{"name": "lily", "size": 1})
	at := func(garden string, place any) map[string]any {
		inputs := plantedBed(garden)
		inputs["place"] = place
		return inputs
	}
	for _, inputs := range []map[string]any{
		at(rose, "north"), at(rose, "south"), at(lily, "north"), at(rose, nil), at(rose, nil), at(rose, ""), at(rose, ""),
	} {
		create(t, in, bedToken, inputs)
	}
	_, _, err := in.Create(t.Context(), bedToken, "urn:it", properties(at(rose, "north")), false)
	require.ErrorContains(t, err, "api error BedExists: taken")
}

func TestGlobalTypes(t *testing.T) {
	t.Parallel()
	types := declared()
	types[0].Global = true
	zones := map[string][]string{region: {"eu-west-1a"}, "us-east-1": {"us-east-1a"}}
	account := cloud.New("123456789012", zones, types, store.Open(t.TempDir()), nil)
	near, err := account.Region(region, nil)
	require.NoError(t, err)
	far, err := account.Region("us-east-1", resource.PropertyMap{})
	require.NoError(t, err)
	id, _ := create(t, near, gardenToken, map[string]any{"name": "rose", "size": 1})
	bed, _ := create(t, near, bedToken, plantedBed(id))
	require.True(t, exists(t, far, gardenToken, id))
	require.False(t, exists(t, far, bedToken, bed))
}

// TestEmptyStore names the store until it holds a resource.
func TestEmptyStore(t *testing.T) {
	t.Parallel()
	db := store.Open(t.TempDir())
	account := cloud.New("123456789012", map[string][]string{region: {"eu-west-1a"}}, declared(), db, nil)
	path, err := account.EmptyStore()
	require.NoError(t, err)
	require.Equal(t, db.Path(), path)
	in, err := account.Region(region, nil)
	require.NoError(t, err)
	create(t, in, gardenToken, map[string]any{"name": "rose", "size": 1})
	path, err = account.EmptyStore()
	require.NoError(t, err)
	require.Empty(t, path)
}
