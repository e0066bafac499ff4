package cloud

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"stagecraft/internal/offline/store"
)

// account gives access to a region's resources within one transaction.
type account struct {
	region *Region
	tx     *store.Tx
}

func (a account) key(token, id string) store.Key {
	return store.Key{Region: a.storedRegion(token), Type: token, ID: id}
}

// storedRegion returns the region under which a type's resources are stored: none for a global type.
func (a account) storedRegion(token string) string {
	if known := a.region.cloud.types[token]; known != nil && known.Global {
		return ""
	}
	return a.region.Name
}

func (a account) get(token, id string) (*Resource, error) {
	record, exists, err := a.tx.Get(a.key(token, id))
	if err != nil || !exists {
		return nil, err
	}
	return a.load(record)
}

func (a account) load(record store.Record) (*Resource, error) {
	inputs, err := decode(record.Inputs)
	if err != nil {
		return nil, err
	}
	outputs, err := decode(record.Outputs)
	if err != nil {
		return nil, err
	}
	return &Resource{
		URN: resource.URN(record.URN), ID: record.ID, Region: a.region.Name, Inputs: inputs, Outputs: outputs,
	}, nil
}

// Find implements Account.
func (a account) Find(token, property, value string) (*Resource, error) {
	if property == "" {
		return a.get(token, value)
	}
	all, err := a.List(token)
	if err != nil {
		return nil, err
	}
	for _, candidate := range all {
		if plainText(candidate.Outputs[resource.PropertyKey(property)]) == value {
			return candidate, nil
		}
	}
	return nil, nil
}

// List implements Account.
func (a account) List(token string) ([]*Resource, error) {
	records, err := a.tx.List(a.storedRegion(token), token)
	if err != nil {
		return nil, err
	}
	resources := make([]*Resource, len(records))
	for i, record := range records {
		if resources[i], err = a.load(record); err != nil {
			return nil, err
		}
	}
	return resources, nil
}

// Put implements Account.
func (a account) Put(token string, res *Resource) error {
	record, exists, err := a.tx.Get(a.key(token, res.ID))
	if err != nil {
		return err
	}
	refs := links{needs: record.Needs, partOf: record.PartOf}
	if !exists {
		declared, err := a.region.cloud.lookup(token)
		if err != nil {
			return err
		}
		if refs, err = a.resolve(declared, res); err != nil {
			return err
		}
		refs = links{partOf: slices.Concat(refs.needs, refs.partOf)}
	}
	return a.put(token, res, refs)
}

func (a account) put(token string, res *Resource, refs links) error {
	inputs, err := encode(res.Inputs)
	if err != nil {
		return err
	}
	outputs, err := encode(res.Outputs)
	if err != nil {
		return err
	}
	return a.tx.Put(store.Record{
		Key: a.key(token, res.ID), URN: string(res.URN), Inputs: inputs, Outputs: outputs,
		Needs: refs.needs, PartOf: refs.partOf,
	})
}

// Remove implements Account.
func (a account) Remove(token, id string) error {
	records, err := a.tx.All()
	if err != nil {
		return err
	}
	return a.deleteAll(a.withOwned(records, a.key(token, id)))
}

// links are the references of a resource: the resources whose deletion it prevents, those with which it is deleted, and
// the target at the path of each reference, such as "subnets[0]".
type links struct {
	needs, partOf []store.Key
	targets       map[string]*Resource
}

// resolve returns the references of a resource; a missing target is an error.
func (a account) resolve(declared *Type, res *Resource) (links, error) {
	refs := links{targets: map[string]*Resource{}}
	for _, ref := range declared.Refs {
		values := valuesAt(res.Outputs, ref.Path)
		for _, path := range slices.Sorted(maps.Keys(values)) {
			text := plainText(values[path])
			if text == "" || ref.External != nil && ref.External.MatchString(text) {
				continue
			}
			target := a
			if ref.Region != "" {
				target = a.in(ref.Region)
			}
			referenced, err := target.Find(ref.Type, ref.TargetProperty, text)
			if err != nil {
				return links{}, err
			}
			if referenced == nil {
				return links{}, a.notFoundError(ref, text)
			}
			refs.targets[path] = referenced
			switch key := target.key(ref.Type, referenced.ID); {
			case ref.OwnedBy:
				refs.partOf = append(refs.partOf, key)
			case !ref.Weak:
				refs.needs = append(refs.needs, key)
			}
		}
	}
	return refs, nil
}

// In implements Account.
func (a account) In(region string) Account { return a.in(region) }

func (a account) in(region string) account {
	other := *a.region
	other.Name = region
	return account{&other, a.tx}
}

func (a account) notFoundError(ref Ref, value string) error {
	target, err := a.region.cloud.lookup(ref.Type)
	if err != nil {
		return err
	}
	return cmp.Or(ref.NotFound, target.NotFound).expand(expander{
		cloud: a.region.cloud, resource: &Resource{Region: a.region.Name}, extra: map[string]string{"value": value},
	})
}

// checkUnique rejects unique properties that another resource already has.
func (a account) checkUnique(declared *Type, res *Resource, known string) error {
	if len(declared.Unique) == 0 || declared.Overwrites != "" && res.Text(declared.Overwrites) == "true" {
		return nil
	}
	others, err := a.List(declared.Token)
	if err != nil {
		return err
	}
	for _, group := range declared.Unique {
		if slices.ContainsFunc(others, func(other *Resource) bool { return other.ID != known && equalProperties(res, other, group) }) {
			return declared.Exists.expand(expander{cloud: a.region.cloud, resource: res})
		}
	}
	return nil
}

// checkQuota rejects a resource above the quota.
func (a account) checkQuota(quota *Quota, token string, res *Resource) error {
	if quota == nil {
		return nil
	}
	others, err := a.List(token)
	if err != nil {
		return err
	}
	count := len(slices.DeleteFunc(others, func(other *Resource) bool {
		return quota.Scope != "" && !equalProperties(res, other, []string{quota.Scope})
	}))
	if count >= quota.Limit {
		return quota.Error.expand(expander{cloud: a.region.cloud, resource: res})
	}
	return nil
}

func equalProperties(one, other *Resource, properties []string) bool {
	for _, property := range properties {
		if property == "id" && one.ID != "" && one.ID == other.ID {
			continue
		}
		value := one.Outputs[resource.PropertyKey(property)]
		unset := value.IsNull() || value.IsString() && value.StringValue() == ""
		if unset || !value.DeepEquals(other.Outputs[resource.PropertyKey(property)]) {
			return false
		}
	}
	return true
}

func (a account) remove(declared *Type, res *Resource) error {
	expand := expander{cloud: a.region.cloud, resource: res}
	if protected := res.Outputs[resource.PropertyKey(declared.Protected)]; protected.IsBool() && protected.BoolValue() {
		return declared.Protection.expand(expand)
	}
	records, err := a.tx.All()
	if err != nil {
		return err
	}
	whole := a.withOwned(records, a.key(declared.Token, res.ID))
	for _, record := range records {
		if !slices.Contains(whole, record.Key) && intersect(record.Needs, whole) {
			return fmt.Errorf("%w (it is needed by %s %s)", declared.InUse.expand(expand), record.Type, record.ID)
		}
	}
	if declared.Delete != nil {
		if err := declared.Delete(a, res); err != nil {
			return err
		}
	}
	return a.deleteAll(whole)
}

// withOwned returns a resource and everything that is deleted with it.
func (a account) withOwned(records []store.Record, key store.Key) []store.Key {
	whole := []store.Key{key}
	for i := 0; i < len(whole); i++ {
		for _, record := range records {
			if slices.Contains(record.PartOf, whole[i]) && !slices.Contains(whole, record.Key) {
				whole = append(whole, record.Key)
			}
		}
	}
	return whole
}

func intersect(one, other []store.Key) bool {
	return slices.ContainsFunc(one, func(key store.Key) bool { return slices.Contains(other, key) })
}

func (a account) deleteAll(keys []store.Key) error {
	for _, key := range keys {
		if err := a.tx.Delete(key); err != nil {
			return err
		}
	}
	return nil
}

// Unhealthy implements Account.
func (a account) Unhealthy(token string) bool {
	return slices.Contains(a.region.cloud.faults.Unhealthy, token)
}

// Released implements Account.
func (a account) Released(token string) bool {
	return slices.Contains(a.region.cloud.faults.Released, token)
}
