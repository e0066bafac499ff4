package aws

import (
	"fmt"

	"stagecraft/internal/offline/cloud"
)

// apiError returns an error of the AWS API.
func apiError(code, format string, values ...any) error {
	return &cloud.APIError{Code: code, Message: fmt.Sprintf(format, values...)}
}

func invalidCombination(format string, values ...any) error {
	return apiError("InvalidParameterCombination", format, values...)
}

func invalidValue(format string, values ...any) error {
	return apiError("InvalidParameterValue", format, values...)
}

func invalidParameter(format string, values ...any) error {
	return apiError("InvalidParameter", "Invalid parameter: "+format, values...)
}
