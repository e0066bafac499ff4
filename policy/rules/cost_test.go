package rules

var costExamples = map[string]examples{}
