package rules

var identityExamples = map[string]examples{}
