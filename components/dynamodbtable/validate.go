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

// validate reports everything that is wrong with the arguments.
func (a *Args) validate() error {
	var errs []error
	reject := func(format string, values ...any) { errs = append(errs, fmt.Errorf(format, values...)) }

	if a.AlarmTopicArn == nil {
		reject("AlarmTopicArn must be set")
	}
	if len(a.Operations) == 0 {
		reject("Operations must name the operations that clients call, from %s", strings.Join(operations, ", "))
	}
	for _, operation := range a.Operations {
		if !slices.Contains(operations, operation) {
			reject("Operations contains %q: it must contain only %s", operation, strings.Join(operations, ", "))
		}
	}
	if a.Stream != "" && !slices.Contains(streamViews, a.Stream) {
		reject("Stream is %q: it must be one of %s, or empty", a.Stream, strings.Join(streamViews, ", "))
	}
	if a.MaxReadUnits < 0 || a.MaxWriteUnits < 0 {
		reject("MaxReadUnits is %d and MaxWriteUnits is %d: they must be 1 or more, or 0 for no limit", a.MaxReadUnits, a.MaxWriteUnits)
	}
	if len(a.TimeToLive) > maxAttributeName {
		reject("TimeToLive has %d characters: DynamoDB accepts at most %d", len(a.TimeToLive), maxAttributeName)
	}
	return errors.Join(append(errs, a.validateKeys(), a.validateIndexes())...)
}

// validateKeys reports everything that is wrong with the keys of the table and its indexes.
func (a *Args) validateKeys() error {
	var errs []error
	if (a.HashKey == Key{}) {
		errs = append(errs, errors.New("HashKey must be set"))
	}
	if a.HashKey.Name == a.RangeKey.Name {
		errs = append(errs, fmt.Errorf("HashKey and RangeKey are both %q: they must be different attributes", a.HashKey.Name))
	}
	types := map[string]string{}
	for _, key := range a.keys() {
		switch known, ok := types[key.Name]; {
		case key.Name == "" || len(key.Name) > maxAttributeName:
			errs = append(errs, fmt.Errorf("the key %q must have a name of 1 to %d characters", key.Name, maxAttributeName))
		case !slices.Contains(keyTypes, key.Type):
			errs = append(errs, fmt.Errorf("the key %q has the type %q: it must be one of %s",
				key.Name, key.Type, strings.Join(keyTypes, ", ")))
		case ok && known != key.Type:
			errs = append(errs, fmt.Errorf("the key %q has the types %s and %s: an attribute has only one type", key.Name, known, key.Type))
		default:
			types[key.Name] = key.Type
		}
	}
	return errors.Join(errs...)
}

// validateIndexes reports everything that is wrong with the indexes, except for the attributes of their keys.
func (a *Args) validateIndexes() error {
	var errs []error
	if len(a.Indexes) > maxIndexes {
		errs = append(errs, fmt.Errorf("there are %d Indexes: DynamoDB accepts at most %d", len(a.Indexes), maxIndexes))
	}
	var names []string
	for _, index := range a.Indexes {
		switch {
		case !indexName.MatchString(index.Name):
			errs = append(errs, fmt.Errorf("the index %q must have a name of 3 to 255 letters, digits, underscores, hyphens and dots",
				index.Name))
		case slices.Contains(names, index.Name):
			errs = append(errs, fmt.Errorf("two indexes have the name %q: rename one", index.Name))
		case index.HashKey == Key{}:
			errs = append(errs, fmt.Errorf("the index %q must have a HashKey", index.Name))
		}
		names = append(names, index.Name)
	}
	return errors.Join(errs...)
}
