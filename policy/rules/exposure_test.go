package rules

var exposureExamples = map[string]examples{}
