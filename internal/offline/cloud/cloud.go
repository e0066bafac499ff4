package cloud

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/structpb"

	"stagecraft/internal/offline/schema"
	"stagecraft/internal/offline/store"
)

// Cloud is one simulated account.
type Cloud struct {
	// Account is the account's number.
	Account string
	// Zones are the availability zones of each region.
	Zones map[string][]string

	types  map[string]*Type
	store  *store.Store
	faults *Faults
}

// New returns a cloud of the given types, whose resources are in a store. Faults may be nil.
func New(account string, zones map[string][]string, types []Type, backing *store.Store, faults *Faults) *Cloud {
	cloud := &Cloud{Account: account, Zones: zones, types: map[string]*Type{}, store: backing, faults: faults}
	if faults == nil {
		cloud.faults = &Faults{}
	}
	for _, declared := range types {
		declared.inputs = schema.Inputs(declared.Args)
		declared.outputs = schema.Outputs(declared.State)
		cloud.types[declared.Token] = &declared
	}
	return cloud
}

// Types returns the tokens that the cloud knows, sorted.
func (c *Cloud) Types() []string { return slices.Sorted(maps.Keys(c.types)) }

// EmptyStore returns the path of the store if it is empty, and "" otherwise. A store that cannot be read is an error.
func (c *Cloud) EmptyStore() (string, error) {
	empty, err := c.store.IsEmpty()
	if err != nil || !empty {
		return "", err
	}
	return c.store.Path(), nil
}

// Region is one region of the cloud, as a provider is configured for it.
type Region struct {
	// Name is the region's name, such as "eu-west-1".
	Name string
	// DefaultTags are added to every resource that has tags.
	DefaultTags resource.PropertyMap

	cloud *Cloud
}

// Region returns a region; one that does not exist is an error.
func (c *Cloud) Region(name string, defaultTags resource.PropertyMap) (*Region, error) {
	if _, ok := c.Zones[name]; !ok {
		return nil, fmt.Errorf("invalid AWS Region: %q: the offline cloud has %v", name, slices.Sorted(maps.Keys(c.Zones)))
	}
	return &Region{Name: name, DefaultTags: defaultTags, cloud: c}, nil
}

func (c *Cloud) lookup(token string) (*Type, error) {
	known, ok := c.types[token]
	if !ok {
		return nil, fmt.Errorf("the offline cloud does not know the type %s: declare it in internal/offline/aws, "+
			"a few lines beside a type of the same service (docs/offline.md says how)", token)
	}
	return known, nil
}

// Create creates a resource from checked inputs. A preview creates nothing, and marks as unknown what only AWS knows.
func (r *Region) Create(
	ctx context.Context, token string, urn resource.URN, inputs resource.PropertyMap, preview bool,
) (string, resource.PropertyMap, error) {
	declared, err := r.cloud.lookup(token)
	if err != nil {
		return "", nil, err
	}
	res := &Resource{URN: urn, Region: r.Name, Inputs: inputs, Outputs: outputsOf(inputs)}
	if preview {
		declared.markUnknown(res.Outputs)
		return "", res.Outputs, nil
	}
	if err := r.cloud.faults.provision(ctx, declared.createDuration(res)); err != nil {
		return "", nil, declared.wrapError("creating", res, err)
	}
	err = r.cloud.faults.commit(func() error {
		return r.cloud.store.Update(func(tx *store.Tx) error { return r.create(tx, declared, res) })
	})
	if err != nil {
		return "", nil, declared.wrapError("creating", res, err)
	}
	return res.ID, res.Outputs, nil
}

func (r *Region) create(tx *store.Tx, declared *Type, res *Resource) error {
	account := account{r, tx}
	refs, err := account.resolve(declared, res)
	if err != nil {
		return err
	}
	if err := account.checkQuota(declared.Quota, declared.Token, res); err != nil {
		return err
	}
	expand := expander{cloud: r.cloud, resource: res, computed: declared.Computed, targets: refs.targets}
	res.ID = expand.text(declared.ID)
	return r.finalize(account, declared, res, expand, refs, "")
}

// finalize computes the outputs of a created or updated resource, checks it and stores it; previousID is its id if it
// existed before.
func (r *Region) finalize(
	account account, declared *Type, res *Resource, expand expander, refs links, previousID string,
) (err error) {
	if res.Before, err = account.get(declared.Token, res.ID); err != nil {
		return err
	}
	for name := range declared.Computed {
		expand.property(name)
	}
	declared.addDefaults(r, res)
	if declared.Check != nil {
		if err := declared.Check(account, res); err != nil {
			return err
		}
	}
	if err := account.checkUnique(declared, res, previousID); err != nil {
		return err
	}
	if declared.AfterWrite != nil {
		// What AfterWrite adds may refer to the resource.
		if err := account.put(declared.Token, res, refs); err != nil {
			return err
		}
		if err := declared.AfterWrite(account, res); err != nil {
			return err
		}
	}
	return account.put(declared.Token, res, refs)
}

// Read returns a resource's current inputs and state; nil if it is gone.
func (r *Region) Read(token, id string) (inputs, outputs resource.PropertyMap, err error) {
	if _, err := r.cloud.lookup(token); err != nil {
		return nil, nil, err
	}
	err = r.cloud.store.View(func(tx *store.Tx) error {
		res, err := account{r, tx}.get(token, id)
		if err == nil && res != nil {
			inputs, outputs = res.Inputs, res.Outputs
		}
		return err
	})
	return inputs, outputs, err
}

// Update changes a resource in place.
func (r *Region) Update(
	token, id string, urn resource.URN, olds, inputs resource.PropertyMap, preview bool,
) (resource.PropertyMap, error) {
	declared, err := r.cloud.lookup(token)
	if err != nil {
		return nil, err
	}
	res := &Resource{URN: urn, ID: id, Region: r.Name, Inputs: inputs, Outputs: outputsOf(inputs)}
	if preview {
		declared.carryOver(res.Outputs, olds)
		for _, name := range declared.UnknownOnUpdate {
			res.Outputs[resource.PropertyKey(name)] = resource.MakeComputed(resource.NewProperty(""))
		}
		declared.markUnknown(res.Outputs)
		return res.Outputs, nil
	}
	err = r.cloud.store.Update(func(tx *store.Tx) error { return r.update(tx, declared, res) })
	if err != nil {
		return nil, declared.wrapError("updating", res, err)
	}
	return res.Outputs, nil
}

func (r *Region) update(tx *store.Tx, declared *Type, res *Resource) error {
	account := account{r, tx}
	before, err := account.get(declared.Token, res.ID)
	if err != nil {
		return err
	}
	expand := expander{cloud: r.cloud, resource: res, computed: declared.Computed}
	if before == nil {
		expand.extra = map[string]string{"value": res.ID}
		return declared.NotFound.expand(expand)
	}
	refs, err := account.resolve(declared, res)
	if err != nil {
		return err
	}
	declared.carryOver(res.Outputs, before.Outputs)
	expand.targets = refs.targets
	return r.finalize(account, declared, res, expand, refs, res.ID)
}

// Delete deletes a resource. It is not an error if the resource is already gone.
func (r *Region) Delete(token, id string) error {
	declared, err := r.cloud.lookup(token)
	if err != nil {
		return err
	}
	res := &Resource{ID: id}
	err = r.cloud.store.Update(func(tx *store.Tx) error {
		account := account{r, tx}
		existing, err := account.get(token, id)
		if err != nil || existing == nil {
			return err
		}
		res = existing
		return account.remove(declared, existing)
	})
	if err != nil {
		return declared.wrapError("deleting", res, err)
	}
	return nil
}

// createDuration returns how long AWS typically takes to create a resource.
func (t *Type) createDuration(res *Resource) time.Duration {
	if t.CreateDuration == nil {
		return time.Second
	}
	return t.CreateDuration(res.Outputs.Mappable())
}

// wrapError adds the resource and the API call to an error, in the words of the AWS provider.
func (t *Type) wrapError(doing string, about *Resource, err error) error {
	var apiError *APIError
	if !errors.As(err, &apiError) {
		return err
	}
	operation := t.Operation
	switch doing {
	case "deleting":
		operation = deleteOperation(operation)
	case "updating":
		operation = cmp.Or(t.Change, updateOperation(operation))
	}
	subject := about.ID
	if t.Name != nil {
		subject = plainText(about.Outputs[resource.PropertyKey(t.Name.Property)])
	}
	return fmt.Errorf("%s %s (%s): operation error %s: %s, %w", doing, t.Token, subject, t.Service, operation, err)
}

// markUnknown marks as unknown what a preview cannot know: properties that AWS computes.
func (t *Type) markUnknown(outputs resource.PropertyMap) {
	for name, property := range t.outputs {
		key := resource.PropertyKey(name)
		if _, known := outputs[key]; known {
			continue
		}
		template, computed := t.Computed[name]
		_, input := t.inputs[name]
		switch {
		case computed && isConstant(template):
			outputs[key] = expander{}.value(template)
		case computed, !input, !property.Optional:
			outputs[key] = resource.MakeComputed(resource.NewProperty(""))
		}
	}
}

// carryOver copies the outputs that AWS computed earlier.
func (t *Type) carryOver(outputs, before resource.PropertyMap) {
	for name := range t.outputs {
		key := resource.PropertyKey(name)
		_, isSet := outputs[key]
		_, input := t.inputs[name]
		if value, known := before[key]; known && !isSet && (!input || !t.outputs[name].Optional) {
			outputs[key] = value
		}
	}
	delete(outputs, "tagsAll")
}

// addDefaults adds what every type has: all tags, and empty values for unset outputs.
func (t *Type) addDefaults(region *Region, res *Resource) {
	if _, taggable := t.outputs["tagsAll"]; taggable {
		tags := region.DefaultTags.Copy()
		if tags == nil {
			tags = resource.PropertyMap{}
		}
		if own := res.Outputs["tags"]; own.IsObject() {
			maps.Copy(tags, own.ObjectValue())
		}
		res.Outputs["tagsAll"] = resource.NewProperty(tags)
	}
	for name, property := range t.outputs {
		if _, known := res.Outputs[resource.PropertyKey(name)]; !known && !property.Optional {
			res.Outputs[resource.PropertyKey(name)] = resource.NewPropertyValue(property.Zero())
		}
	}
}

func outputsOf(inputs resource.PropertyMap) resource.PropertyMap {
	outputs := inputs.Copy()
	maps.DeleteFunc(outputs, func(key resource.PropertyKey, value resource.PropertyValue) bool {
		return value.IsNull() || resource.IsInternalPropertyKey(key)
	})
	return outputs
}

func encode(properties resource.PropertyMap) (json.RawMessage, error) {
	fields, err := plugin.MarshalProperties(properties, plugin.MarshalOptions{SkipNulls: true})
	if err != nil {
		return nil, err
	}
	return protojson.Marshal(fields)
}

func decode(data json.RawMessage) (resource.PropertyMap, error) {
	fields := &structpb.Struct{}
	if err := protojson.Unmarshal(data, fields); err != nil {
		return nil, err
	}
	return plugin.UnmarshalProperties(fields, plugin.MarshalOptions{})
}
