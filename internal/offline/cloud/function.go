package cloud

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"

	"stagecraft/internal/offline/schema"
	"stagecraft/internal/offline/store"
)

// Function declares an invoke.
type Function struct {
	// Token is the Pulumi function, such as "aws:index/getRegion:getRegion".
	Token string
	// Args is a zero value of the SDK's args struct; nil if there are no arguments.
	Args any
	// Source names the documents from which the facts of the result are.
	Source string
	// Invoke returns the result.
	Invoke func(InvokeRequest) (map[string]any, error)
}

// InvokeRequest holds the arguments of an invoke and its context.
type InvokeRequest struct {
	Account Account
	// Number is the account's number, Region its region and Zones the region's availability zones.
	Number, Region string
	Zones          []string
	Args           resource.PropertyMap
}

// Text returns a string argument, "" if it is not set.
func (q InvokeRequest) Text(argument string) string {
	return plainText(q.Args[resource.PropertyKey(argument)])
}

// Invoke returns the result of a function, or what is wrong with its arguments.
func (r *Region) Invoke(
	functions map[string]Function, token string, args resource.PropertyMap,
) (resource.PropertyMap, []plugin.CheckFailure, error) {
	function, ok := functions[token]
	if !ok {
		return nil, nil, fmt.Errorf("the offline cloud does not know the function %s: declare it in internal/offline/aws "+
			"(docs/offline.md says how)", token)
	}
	known := schema.Object{}
	if function.Args != nil {
		known = schema.Inputs(function.Args)
	}
	var failures []plugin.CheckFailure
	for _, problem := range known.Check(args) {
		failures = append(failures, failure(problem.Path.String(), problem.Reason))
	}
	if len(failures) > 0 {
		return nil, failures, nil
	}
	var answer map[string]any
	err := r.cloud.store.View(func(tx *store.Tx) (err error) {
		answer, err = function.Invoke(InvokeRequest{
			Account: account{r, tx}, Number: r.cloud.Account, Region: r.Name, Zones: r.cloud.Zones[r.Name], Args: args,
		})
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", token[strings.LastIndex(token, ":")+1:], err)
	}
	return resource.NewPropertyMapFromMap(answer), nil, nil
}
