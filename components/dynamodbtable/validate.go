package dynamodbtable

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var (
	keyTypes    = []string{"S", "N", "B"}
	streamViews = []string{"KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"}
	operations  = []string{
		"BatchGetItem", "BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "Scan", "UpdateItem",
	}
	indexName = regexp.MustCompile(`^[\w.-]{3,255}$`)
)

// Limits of DynamoDB (Amazon DynamoDB Developer Guide, "Quotas in Amazon DynamoDB").
const (
	maxAttributeName = 255
	maxIndexes       = 20
)

// validate collects everything that is wrong.
func (a *Args) validate() error {
	var errs []error
	refuse := func(format string, values ...any) { errs = append(errs, fmt.Errorf(format, values...)) }

	if a.AlarmTopicArn == nil {
		refuse("AlarmTopicArn must be set")
	}
	if len(a.Operations) == 0 {
		refuse("Operations must name what clients do: some of %s", strings.Join(operations, ", "))
	}
	for _, operation := range a.Operations {
		if !slices.Contains(operations, operation) {
			refuse("Operations has %q: DynamoDB's are %s", operation, strings.Join(operations, ", "))
		}
	}
	if a.Stream != "" && !slices.Contains(streamViews, a.Stream) {
		refuse("Stream is %q: it must be one of %s, or empty", a.Stream, strings.Join(streamViews, ", "))
	}
	if a.MaxReadUnits < 0 || a.MaxWriteUnits < 0 {
		refuse("MaxReadUnits is %d and MaxWriteUnits %d: they must be 1 or more, or 0 for no limit", a.MaxReadUnits, a.MaxWriteUnits)
	}
	if len(a.TimeToLive) > maxAttributeName {
		refuse("TimeToLive has %d characters: DynamoDB takes %d", len(a.TimeToLive), maxAttributeName)
	}
	return errors.Join(append(errs, a.validateKeys(), a.validateIndexes())...)
}

func (a *Args) validateKeys() error {
	var errs []error
	if (a.HashKey == Key{}) {
		errs = append(errs, errors.New("HashKey must be set"))
	}
	if a.HashKey.Name == a.RangeKey.Name {
		errs = append(errs, fmt.Errorf("HashKey and RangeKey are both %q: they must be two attributes", a.HashKey.Name))
	}
	types := map[string]string{}
	for _, key := range a.keys() {
		switch known, there := types[key.Name]; {
		case key.Name == "" || len(key.Name) > maxAttributeName:
			errs = append(errs, fmt.Errorf("the key %q must have a name of 1 to %d characters", key.Name, maxAttributeName))
		case !slices.Contains(keyTypes, key.Type):
			errs = append(errs, fmt.Errorf("the key %q is of the type %q: it must be one of %s",
				key.Name, key.Type, strings.Join(keyTypes, ", ")))
		case there && known != key.Type:
			errs = append(errs, fmt.Errorf("the key %q is of the types %s and %s: an attribute has one", key.Name, known, key.Type))
		default:
			types[key.Name] = key.Type
		}
	}
	return errors.Join(errs...)
}

func (a *Args) validateIndexes() error {
	var errs []error
	if len(a.Indexes) > maxIndexes {
		errs = append(errs, fmt.Errorf("there are %d Indexes: DynamoDB takes %d", len(a.Indexes), maxIndexes))
	}
	var names []string
	for _, index := range a.Indexes {
		switch {
		case !indexName.MatchString(index.Name):
			errs = append(errs, fmt.Errorf("the index %q must have a name of 3 to 255 letters, digits, underscores, hyphens and dots",
				index.Name))
		case slices.Contains(names, index.Name):
			errs = append(errs, fmt.Errorf("there are two indexes %q: rename one", index.Name))
		case index.HashKey == Key{}:
			errs = append(errs, fmt.Errorf("the index %q must have a HashKey", index.Name))
		}
		names = append(names, index.Name)
	}
	return errors.Join(errs...)
}
