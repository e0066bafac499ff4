package cloud

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"stagecraft/internal/offline/store"
)

// Drift changes a property outside Pulumi, as a user of the console would. An unknown property and a value of the wrong
// type are errors.
func (r *Region) Drift(token, id, property string, value any) error {
	declared, err := r.cloud.lookup(token)
	if err != nil {
		return err
	}
	key, changed := resource.PropertyKey(property), resource.NewPropertyValue(value)
	if wrong := declared.outputs.CheckOne(property, changed); wrong != "" {
		return fmt.Errorf("%s.%s %s", token, property, wrong)
	}
	return r.change(token, id, func(account account, res *Resource) error {
		res.Outputs[key] = changed
		if _, isInput := res.Inputs[key]; isInput {
			res.Inputs[key] = changed
		}
		return account.Put(token, res)
	})
}

// ForceDelete deletes a resource outside Pulumi, even if it is protected. It rejects resources that others need.
func (r *Region) ForceDelete(token, id string) error {
	declared, err := r.cloud.lookup(token)
	if err != nil {
		return err
	}
	return r.change(token, id, func(account account, res *Resource) error {
		delete(res.Outputs, resource.PropertyKey(declared.Protected))
		return account.remove(declared, res)
	})
}

func (r *Region) change(token, id string, work func(account, *Resource) error) error {
	return r.cloud.store.Update(func(tx *store.Tx) error {
		account := account{r, tx}
		res, err := account.get(token, id)
		if err != nil {
			return err
		}
		if res == nil {
			return fmt.Errorf("%s has no %s with the id %q: `stagecraft offline list` lists the resources", r.Name, token, id)
		}
		return work(account, res)
	})
}
