package aws

import (
	"maps"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"stagecraft/internal/offline/cloud"
)

// number is a property as a number, 0 if it is none.
func number(of *cloud.Resource, path string) float64 {
	value, _ := strconv.ParseFloat(of.Text(path), 64)
	return value
}

// provided is a resource that AWS makes by itself.
func provided(id string, properties ...map[string]any) *cloud.Resource {
	outputs := resource.PropertyMap{}
	for _, part := range properties {
		maps.Copy(outputs, resource.NewPropertyMapFromMap(part))
	}
	return &cloud.Resource{ID: id, Inputs: resource.PropertyMap{}, Outputs: outputs}
}

func mustExist(account cloud.Account, token, property, value, code, message string) error {
	found, err := account.Find(token, property, value)
	if err == nil && found == nil {
		err = &cloud.APIError{Code: code, Message: message}
	}
	return err
}
