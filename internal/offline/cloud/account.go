package cloud

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"stagecraft/internal/offline/store"
)

// account is a region's resources within one transaction.
type account struct {
	region *Region
	tx     *store.Tx
}

func (a account) key(token, id string) store.Key {
	return store.Key{Region: a.home(token), Type: token, ID: id}
}

// home is the region that a type's resources are kept under: none for a global type.
func (a account) home(token string) string {
	if known := a.region.cloud.types[token]; known != nil && known.Global {
		return ""
	}
	return a.region.Name
}

func (a account) get(token, id string) (*Resource, error) {
	record, found, err := a.tx.Get(a.key(token, id))
	if err != nil || !found {
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
	records, err := a.tx.List(a.home(token), token)
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
func (a account) Put(token string, made *Resource) error {
	record, found, err := a.tx.Get(a.key(token, made.ID))
	if err != nil {
		return err
	}
	held := links{needs: record.Needs, partOf: record.PartOf}
	if !found {
		declared, err := a.region.cloud.lookup(token)
		if err != nil {
			return err
		}
		if held, err = a.resolve(declared, made); err != nil {
			return err
		}
		held = links{partOf: slices.Concat(held.needs, held.partOf)}
	}
	return a.put(token, made, held)
}

func (a account) put(token string, made *Resource, held links) error {
	inputs, err := encode(made.Inputs)
	if err != nil {
		return err
	}
	outputs, err := encode(made.Outputs)
	if err != nil {
		return err
	}
	return a.tx.Put(store.Record{
		Key: a.key(token, made.ID), URN: string(made.URN), Inputs: inputs, Outputs: outputs,
		Needs: held.needs, PartOf: held.partOf,
	})
}

// Remove implements Account.
func (a account) Remove(token, id string) error {
	records, err := a.tx.All()
	if err != nil {
		return err
	}
	return a.clear(a.whole(records, a.key(token, id)))
}

// links are what a resource refers to: what it keeps from being deleted, what it goes with, and the resource at the path
// of each reference, such as "subnets[0]".
type links struct {
	needs, partOf []store.Key
	targets       map[string]*Resource
}

// resolve finds everything that a resource refers to.
func (a account) resolve(declared *Type, made *Resource) (links, error) {
	held := links{targets: map[string]*Resource{}}
	for _, ref := range declared.Refs {
		values := at(made.Outputs, ref.Path)
		for _, path := range slices.Sorted(maps.Keys(values)) {
			text := plainText(values[path])
			if text == "" || ref.External != nil && ref.External.MatchString(text) {
				continue
			}
			there := a
			if ref.Region != "" {
				there = a.in(ref.Region)
			}
			found, err := there.Find(ref.Type, ref.By, text)
			if err != nil {
				return links{}, err
			}
			if found == nil {
				return links{}, a.missing(ref, text)
			}
			held.targets[path] = found
			switch key := there.key(ref.Type, found.ID); {
			case ref.Part:
				held.partOf = append(held.partOf, key)
			case !ref.Loose:
				held.needs = append(held.needs, key)
			}
		}
	}
	return held, nil
}

// In implements Account.
func (a account) In(region string) Account { return a.in(region) }

func (a account) in(region string) account {
	other := *a.region
	other.Name = region
	return account{&other, a.tx}
}

func (a account) missing(ref Ref, value string) error {
	target, err := a.region.cloud.lookup(ref.Type)
	if err != nil {
		return err
	}
	return cmp.Or(ref.NotFound, target.NotFound).expand(expander{
		cloud: a.region.cloud, resource: &Resource{Region: a.region.Name}, extra: map[string]string{"value": value},
	})
}

// unique refuses what another resource than the known one has already.
func (a account) unique(declared *Type, made *Resource, known string) error {
	if len(declared.Unique) == 0 || declared.Overwrites != "" && made.Text(declared.Overwrites) == "true" {
		return nil
	}
	others, err := a.List(declared.Token)
	if err != nil {
		return err
	}
	for _, group := range declared.Unique {
		if slices.ContainsFunc(others, func(other *Resource) bool { return other.ID != known && same(made, other, group) }) {
			return declared.Exists.expand(expander{cloud: a.region.cloud, resource: made})
		}
	}
	return nil
}

// within refuses what is more than the quota.
func (a account) within(quota *Quota, token string, made *Resource) error {
	if quota == nil {
		return nil
	}
	others, err := a.List(token)
	if err != nil {
		return err
	}
	count := len(slices.DeleteFunc(others, func(other *Resource) bool {
		return quota.Per != "" && !same(made, other, []string{quota.Per})
	}))
	if count >= quota.Limit {
		return quota.Error.expand(expander{cloud: a.region.cloud, resource: made})
	}
	return nil
}

func same(one, other *Resource, properties []string) bool {
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

func (a account) remove(declared *Type, gone *Resource) error {
	expand := expander{cloud: a.region.cloud, resource: gone}
	if protected := gone.Outputs[resource.PropertyKey(declared.Protected)]; protected.IsBool() && protected.BoolValue() {
		return declared.Protection.expand(expand)
	}
	records, err := a.tx.All()
	if err != nil {
		return err
	}
	whole := a.whole(records, a.key(declared.Token, gone.ID))
	for _, record := range records {
		if !slices.Contains(whole, record.Key) && intersect(record.Needs, whole) {
			return fmt.Errorf("%w (it is needed by %s %s)", declared.InUse.expand(expand), record.Type, record.ID)
		}
	}
	if declared.Delete != nil {
		if err := declared.Delete(a, gone); err != nil {
			return err
		}
	}
	return a.clear(whole)
}

// whole is a resource and everything that is part of it.
func (a account) whole(records []store.Record, key store.Key) []store.Key {
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

func (a account) clear(keys []store.Key) error {
	for _, key := range keys {
		if err := a.tx.Delete(key); err != nil {
			return err
		}
	}
	return nil
}
