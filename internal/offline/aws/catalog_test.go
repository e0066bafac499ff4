package aws

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"stagecraft/internal/offline/cloud"
	"stagecraft/internal/offline/schema"
)

// TestCatalog checks every declaration against the SDK's types and against the other declarations.
func TestCatalog(t *testing.T) {
	t.Parallel()
	declared := map[string]cloud.Type{}
	for _, known := range types() {
		assert.NotContains(t, declared, known.Token, "declared twice")
		declared[known.Token] = known
	}
	for _, known := range declared {
		t.Run(known.Token, func(t *testing.T) {
			t.Parallel()
			holdsAgainstSDK(t, known)
			saysWhatIsWrong(t, known)
			textsExpand(t, known)
			for _, ref := range known.Refs {
				target, ok := declared[ref.Type]
				if !assert.True(t, ok, "%s refers to %s, which is not declared", ref.Path, ref.Type) {
					continue
				}
				if ref.TargetProperty != "" {
					assertPath(t, schema.Outputs(target.State), ref.TargetProperty)
				}
				assert.NotZero(t, firstError(ref.NotFound, target.NotFound), "%s says nothing of references to nothing", ref.Type)
				if !ref.Weak && !ref.OwnedBy {
					assert.NotZero(t, target.InUse, "%s says nothing of deletions while in use", ref.Type)
				}
			}
		})
	}
}

func holdsAgainstSDK(t *testing.T, known cloud.Type) {
	t.Helper()
	inputs, outputs := schema.Inputs(known.Args), schema.Outputs(known.State)
	for path := range known.Values {
		assertPath(t, inputs, path)
	}
	for _, path := range slices.Concat(known.Replace, known.Required, slices.Concat(known.OneOf...), slices.Concat(known.Conflicts...)) {
		assertPath(t, inputs, path)
	}
	for property, condition := range known.ReplaceIf {
		assertPath(t, inputs, property)
		assertPath(t, inputs, condition)
	}
	for name := range known.Computed {
		assertPath(t, outputs, name)
	}
	for _, path := range slices.Concat(append(known.Unique, known.UnknownOnUpdate)...) {
		if path != "id" {
			assertPath(t, outputs, path)
		}
	}
	for _, ref := range known.Refs {
		assertPath(t, outputs, ref.Path)
	}
	if known.Quota != nil && known.Quota.Scope != "" {
		assertPath(t, outputs, known.Quota.Scope)
	}
	if known.Name != nil {
		assertPath(t, inputs, known.Name.Property)
		assert.Positive(t, known.Name.Max)
	}
	for _, name := range []string{known.Protected, known.Overwrites} {
		if name != "" {
			assertPath(t, inputs, name)
		}
	}
}

func saysWhatIsWrong(t *testing.T, known cloud.Type) {
	t.Helper()
	for what, text := range map[string]string{
		"Source": known.Source, "Service": known.Service, "Operation": known.Operation, "ID": known.ID,
	} {
		assert.NotEmpty(t, text, what)
	}
	if len(known.Unique) > 0 {
		assert.NotZero(t, known.Exists, "Unique without Exists")
	}
	if known.Protected != "" {
		assert.NotZero(t, known.Protection, "Protected without Protection")
	}
	if known.Quota != nil {
		assert.Positive(t, known.Quota.Limit)
		assert.NotZero(t, known.Quota.Error)
	}
	for _, said := range []cloud.Error{known.NotFound, known.Exists, known.InUse, known.Protection} {
		assert.Equal(t, said.Code == "", said.Message == "", "%v has half of an error", said)
	}
}

var placeholders = regexp.MustCompile(`\$\{([^}]+)\}`)

// textsExpand rejects ${…} that stands for nothing.
func textsExpand(t *testing.T, known cloud.Type) {
	t.Helper()
	check := func(text string, more ...string) {
		for _, parts := range placeholders.FindAllStringSubmatch(text, -1) {
			if name := parts[1]; !slices.Contains(more, name) && !expands(known, name) {
				t.Errorf("${%s} in %q is nothing of %s", name, text, known.Token)
			}
		}
	}
	check(known.ID)
	for _, template := range known.Computed {
		checkTemplate(template, check)
	}
	check(known.Exists.Message)
	check(known.InUse.Message)
	check(known.Protection.Message)
	check(known.NotFound.Message, "value")
	if known.Quota != nil {
		check(known.Quota.Error.Message)
	}
	for _, ref := range known.Refs {
		check(ref.NotFound.Message, "value")
	}
}

func checkTemplate(template any, check func(string, ...string)) {
	switch template := template.(type) {
	case string:
		check(template)
	case []any:
		for _, element := range template {
			checkTemplate(element, check)
		}
	case map[string]any:
		for _, element := range template {
			checkTemplate(element, check)
		}
	}
}

func expands(known cloud.Type, name string) bool {
	if dot := strings.LastIndex(name, "."); dot > 0 {
		path := strings.ReplaceAll(name[:dot], "[0]", "[*]")
		return slices.ContainsFunc(known.Refs, func(ref cloud.Ref) bool {
			return ref.Path == path && (name[dot+1:] == "id" || declaresOutput(ref.Type, name[dot+1:]))
		})
	}
	if slices.Contains([]string{"id", "region", "account", "zone", "now"}, name) {
		return true
	}
	for _, kind := range []string{"hex", "digits", "letters", "capitals"} {
		if count, ok := strings.CutPrefix(name, kind); ok && strings.Trim(count, "0123456789") == "" && count != "" {
			return true
		}
	}
	_, output := schema.Outputs(known.State)[strings.TrimPrefix(name, "_")]
	return output
}

func declaresOutput(token, name string) bool {
	i := slices.IndexFunc(types(), func(known cloud.Type) bool { return known.Token == token })
	return i >= 0 && hasPath(schema.Outputs(types()[i].State), name)
}

func assertPath(t *testing.T, object schema.Object, path string) {
	t.Helper()
	assert.True(t, hasPath(object, path), "the SDK's type has no %q", path)
}

// hasPath reports whether an object has a path such as "routes[*].gatewayId".
func hasPath(object schema.Object, path string) bool {
	steps := strings.Split(strings.ReplaceAll(path, "[*]", ".*"), ".")
	property, ok := object[steps[0]]
	if !ok {
		return false
	}
	typ := property.Type
	for _, step := range steps[1:] {
		for typ.Kind() == reflect.Pointer {
			typ = typ.Elem()
		}
		switch {
		case step == "*" && (typ.Kind() == reflect.Slice || typ.Kind() == reflect.Map):
			typ = typ.Elem()
		case typ.Kind() == reflect.Struct:
			field, exists := typ.FieldByNameFunc(func(name string) bool {
				field, _ := typ.FieldByName(name)
				return field.Tag.Get("pulumi") == step
			})
			if !exists {
				return false
			}
			typ = field.Type
		default:
			return false
		}
	}
	return true
}
