package rules

var loggingExamples = map[string]examples{}
