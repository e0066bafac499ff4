package aws

import (
	"fmt"

	"stagecraft/internal/offline/cloud"
)

// refuse is an error as the AWS API gives it.
func refuse(code, format string, values ...any) error {
	return &cloud.APIError{Code: code, Message: fmt.Sprintf(format, values...)}
}

func invalidCombination(format string, values ...any) error {
	return refuse("InvalidParameterCombination", format, values...)
}

func invalidValue(format string, values ...any) error {
	return refuse("InvalidParameterValue", format, values...)
}

func invalidParameter(format string, values ...any) error {
	return refuse("InvalidParameter", "Invalid parameter: "+format, values...)
}
