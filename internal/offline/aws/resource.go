package aws

import (
	"maps"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"stagecraft/internal/offline/cloud"
)

// number returns a property as a number, 0 if it is none.
func number(res *cloud.Resource, path string) float64 {
	value, _ := strconv.ParseFloat(res.Text(path), 64)
	return value
}

// awsManaged returns a resource that AWS creates by itself.
func awsManaged(id string, properties ...map[string]any) *cloud.Resource {
	outputs := resource.PropertyMap{}
	for _, part := range properties {
		maps.Copy(outputs, resource.NewPropertyMapFromMap(part))
	}
	return &cloud.Resource{ID: id, Inputs: resource.PropertyMap{}, Outputs: outputs}
}

func requireExists(account cloud.Account, token, property, value, code, message string) error {
	existing, err := account.Find(token, property, value)
	if err == nil && existing == nil {
		err = &cloud.APIError{Code: code, Message: message}
	}
	return err
}

// texts returns the properties of an object as texts; none if there is no object.
func texts(object *cloud.Resource) map[string]string {
	values := map[string]string{}
	if object != nil {
		for property := range object.Outputs {
			values[string(property)] = object.Text(string(property))
		}
	}
	return values
}
