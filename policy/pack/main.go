package pack

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"

	"stagecraft/policy/rule"
)

// Main serves the pack of the rules to the engine, until that is done.
func Main(rules []rule.Rule) error {
	encoding.RegisterCodecV2(&codec{CodecV2: encoding.GetCodecV2(proto.Name), names: names(rules)})
	return policyx.Main(Of(rules))
}

// names are all that can be configured.
func names(rules []rule.Rule) []string {
	known := []string{"all", settingsName}
	for _, of := range rules {
		known = append(known, of.Name)
		if of.Remediation != nil {
			known = append(known, fixPrefix+of.Name)
		}
	}
	return known
}

// codec sees the whole configuration on its way in. policyx keeps it for policies that ask by their names, and its server
// takes no interceptor, so that nothing else would notice a name that there is not.
type codec struct {
	encoding.CodecV2

	names []string
}

// Unmarshal implements encoding.CodecV2. An error of its own reaches the engine as the call's.
func (c *codec) Unmarshal(data mem.BufferSlice, into any) error {
	if err := c.CodecV2.Unmarshal(data, into); err != nil {
		return err
	}
	request, ok := into.(*pulumirpc.ConfigureAnalyzerRequest)
	if !ok {
		return nil
	}
	// The engine disables the settings with "all", though they only select and exempt. Wrong ones must still be refused.
	if of := request.PolicyConfig[settingsName]; of.GetEnforcementLevel() == pulumirpc.EnforcementLevel_DISABLED {
		of.EnforcementLevel = pulumirpc.EnforcementLevel_ADVISORY
	}
	return c.refuse(request)
}

func (c *codec) refuse(request *pulumirpc.ConfigureAnalyzerRequest) error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(request.PolicyConfig)) {
		if !slices.Contains(c.names, name) {
			errs = append(errs, fmt.Errorf("there is no rule %q: did you mean %q?", name, nearest(name, c.names)))
		}
	}
	return errors.Join(errs...)
}
