package rules

var backupExamples = map[string]examples{}
