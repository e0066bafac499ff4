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

// New makes a cloud of the given types, kept in a store. Faults may be nil.
func New(account string, zones map[string][]string, types []Type, kept *store.Store, faults *Faults) *Cloud {
	cloud := &Cloud{Account: account, Zones: zones, types: map[string]*Type{}, store: kept, faults: faults}
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

// Types gives the tokens that the cloud knows, sorted.
func (c *Cloud) Types() []string { return slices.Sorted(maps.Keys(c.types)) }

// Region is one region of the cloud, as a provider is configured for it.
type Region struct {
	// Name is such as "eu-west-1".
	Name string
	// DefaultTags go on every resource that takes tags.
	DefaultTags resource.PropertyMap

	cloud *Cloud
}

// Region gives a region; one that does not exist is an error.
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

// Create makes a resource of checked inputs. A preview makes nothing, and leaves unknown what only AWS knows.
func (r *Region) Create(
	ctx context.Context, token string, urn resource.URN, inputs resource.PropertyMap, preview bool,
) (string, resource.PropertyMap, error) {
	declared, err := r.cloud.lookup(token)
	if err != nil {
		return "", nil, err
	}
	made := &Resource{URN: urn, Region: r.Name, Inputs: inputs, Outputs: outputsOf(inputs)}
	if preview {
		declared.foresee(made.Outputs)
		return "", made.Outputs, nil
	}
	if err := r.cloud.faults.provision(ctx, declared.takes(made)); err != nil {
		return "", nil, declared.fail("creating", made, err)
	}
	err = r.cloud.faults.commit(func() error {
		return r.cloud.store.Update(func(tx *store.Tx) error { return r.create(tx, declared, made) })
	})
	if err != nil {
		return "", nil, declared.fail("creating", made, err)
	}
	return made.ID, made.Outputs, nil
}

func (r *Region) create(tx *store.Tx, declared *Type, made *Resource) error {
	account := account{r, tx}
	held, err := account.resolve(declared, made)
	if err != nil {
		return err
	}
	if err := account.within(declared.Quota, declared.Token, made); err != nil {
		return err
	}
	expand := expander{cloud: r.cloud, resource: made, computed: declared.Computed, targets: held.targets}
	made.ID = expand.text(declared.ID)
	return r.settle(account, declared, made, expand, held, "")
}

// settle computes, checks and keeps a resource that was created or changed; known is its id if it was there before.
func (r *Region) settle(
	account account, declared *Type, settled *Resource, expand expander, held links, known string,
) (err error) {
	if settled.Before, err = account.get(declared.Token, settled.ID); err != nil {
		return err
	}
	for name := range declared.Computed {
		expand.property(name)
	}
	declared.complete(r, settled)
	if declared.Check != nil {
		if err := declared.Check(account, settled); err != nil {
			return err
		}
	}
	if err := account.unique(declared, settled, known); err != nil {
		return err
	}
	if declared.Make != nil {
		// What it adds may refer to the resource.
		if err := account.put(declared.Token, settled, held); err != nil {
			return err
		}
		if err := declared.Make(account, settled); err != nil {
			return err
		}
	}
	return account.put(declared.Token, settled, held)
}

// Read gives a resource's inputs and state as they are now; none if it is gone.
func (r *Region) Read(token, id string) (inputs, outputs resource.PropertyMap, err error) {
	if _, err := r.cloud.lookup(token); err != nil {
		return nil, nil, err
	}
	err = r.cloud.store.View(func(tx *store.Tx) error {
		found, err := account{r, tx}.get(token, id)
		if err == nil && found != nil {
			inputs, outputs = found.Inputs, found.Outputs
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
	changed := &Resource{URN: urn, ID: id, Region: r.Name, Inputs: inputs, Outputs: outputsOf(inputs)}
	if preview {
		declared.keep(changed.Outputs, olds)
		for _, name := range declared.Renewed {
			changed.Outputs[resource.PropertyKey(name)] = resource.MakeComputed(resource.NewProperty(""))
		}
		declared.foresee(changed.Outputs)
		return changed.Outputs, nil
	}
	err = r.cloud.store.Update(func(tx *store.Tx) error { return r.update(tx, declared, changed) })
	if err != nil {
		return nil, declared.fail("updating", changed, err)
	}
	return changed.Outputs, nil
}

func (r *Region) update(tx *store.Tx, declared *Type, changed *Resource) error {
	account := account{r, tx}
	before, err := account.get(declared.Token, changed.ID)
	if err != nil {
		return err
	}
	expand := expander{cloud: r.cloud, resource: changed, computed: declared.Computed}
	if before == nil {
		expand.extra = map[string]string{"value": changed.ID}
		return declared.NotFound.expand(expand)
	}
	held, err := account.resolve(declared, changed)
	if err != nil {
		return err
	}
	declared.keep(changed.Outputs, before.Outputs)
	expand.targets = held.targets
	return r.settle(account, declared, changed, expand, held, changed.ID)
}

// Delete removes a resource. One that is gone already is no error.
func (r *Region) Delete(token, id string) error {
	declared, err := r.cloud.lookup(token)
	if err != nil {
		return err
	}
	gone := &Resource{ID: id}
	err = r.cloud.store.Update(func(tx *store.Tx) error {
		account := account{r, tx}
		found, err := account.get(token, id)
		if err != nil || found == nil {
			return err
		}
		gone = found
		return account.remove(declared, found)
	})
	if err != nil {
		return declared.fail("deleting", gone, err)
	}
	return nil
}

// takes is how long a resource takes to create.
func (t *Type) takes(made *Resource) time.Duration { return t.Typically(made.Outputs.Mappable()) }

// Typically is how long AWS typically takes to create a resource with such properties.
func (t *Type) Typically(properties map[string]any) time.Duration {
	takes := cmp.Or(t.Takes, time.Second)
	for property, more := range t.TakesMore {
		if fmt.Sprint(properties[property]) == "true" {
			takes += more
		}
	}
	return takes
}

// fail says which resource and API call an error is about, in the words of the AWS provider.
func (t *Type) fail(doing string, about *Resource, err error) error {
	var apiError *APIError
	if !errors.As(err, &apiError) {
		return err
	}
	operation := t.Operation
	switch doing {
	case "deleting":
		operation = deletion(operation)
	case "updating":
		operation = cmp.Or(t.Change, change(operation))
	}
	subject := about.ID
	if t.Name != nil {
		subject = plainText(about.Outputs[resource.PropertyKey(t.Name.Property)])
	}
	return fmt.Errorf("%s %s (%s): operation error %s: %s, %w", doing, t.Token, subject, t.Service, operation, err)
}

// foresee marks as unknown what a preview cannot know: properties that AWS computes.
func (t *Type) foresee(outputs resource.PropertyMap) {
	for name, property := range t.outputs {
		key := resource.PropertyKey(name)
		if _, known := outputs[key]; known {
			continue
		}
		template, computed := t.Computed[name]
		_, input := t.inputs[name]
		switch {
		case computed && constant(template):
			outputs[key] = expander{}.value(template)
		case computed, !input, !property.Optional:
			outputs[key] = resource.MakeComputed(resource.NewProperty(""))
		}
	}
}

// keep carries over what AWS computed when the resource was created.
func (t *Type) keep(outputs, before resource.PropertyMap) {
	for name := range t.outputs {
		key := resource.PropertyKey(name)
		_, given := outputs[key]
		_, input := t.inputs[name]
		if value, known := before[key]; known && !given && (!input || !t.outputs[name].Optional) {
			outputs[key] = value
		}
	}
	delete(outputs, "tagsAll")
}

// complete adds what every type has: all tags, and empty values for what nothing is known of.
func (t *Type) complete(region *Region, made *Resource) {
	if _, taggable := t.outputs["tagsAll"]; taggable {
		tags := region.DefaultTags.Copy()
		if tags == nil {
			tags = resource.PropertyMap{}
		}
		if own := made.Outputs["tags"]; own.IsObject() {
			maps.Copy(tags, own.ObjectValue())
		}
		made.Outputs["tagsAll"] = resource.NewProperty(tags)
	}
	for name, property := range t.outputs {
		if _, known := made.Outputs[resource.PropertyKey(name)]; !known && !property.Optional {
			made.Outputs[resource.PropertyKey(name)] = resource.NewPropertyValue(property.Zero())
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
