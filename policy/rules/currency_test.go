package rules

var currencyExamples = map[string]examples{}
