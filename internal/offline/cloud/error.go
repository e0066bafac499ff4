package cloud

import (
	"fmt"
	"strings"
)

// APIError is an error of an AWS API.
type APIError Error

// Error formats the error as the AWS SDK for Go does.
func (e *APIError) Error() string { return fmt.Sprintf("api error %s: %s", e.Code, e.Message) }

func (e Error) expand(expand expander) error {
	return &APIError{Code: e.Code, Message: expand.text(e.Message)}
}

// opposites are the verbs of AWS API calls and the verbs that undo them.
var opposites = map[string]string{
	"Add": "Remove", "Allocate": "Release", "Associate": "Disassociate", "Attach": "Detach", "Authorize": "Revoke",
	"Create": "Delete", "Enable": "Disable", "Put": "Delete", "Register": "Deregister", "Request": "Delete",
	"Run": "Terminate", "Subscribe": "Unsubscribe",
}

// deleteOperation returns the call that undoes a creation, such as "TerminateInstances".
func deleteOperation(operation string) string {
	for verb, opposite := range opposites {
		if rest, ok := strings.CutPrefix(operation, verb); ok {
			return opposite + rest
		}
	}
	return operation
}

// updateOperation returns the call that updates a resource: the same Put again, or a Modify.
func updateOperation(operation string) string {
	for verb := range opposites {
		if rest, ok := strings.CutPrefix(operation, verb); ok && verb != "Put" {
			return "Modify" + rest
		}
	}
	return operation
}

func isConstant(template any) bool {
	switch template := template.(type) {
	case string:
		return !strings.Contains(template, "${")
	case []any, map[string]any:
		return false
	default:
		return true
	}
}
