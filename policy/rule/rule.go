// Package rule defines the rules of the policy pack and their view of resources. A value that the engine does not know
// at preview is never a violation; it is evaluated at the update, once it is known.
package rule

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"
)

// Severity is the importance of a violation.
type Severity string

// The severities of AWS Security Hub.
const (
	Critical Severity = "critical"
	High     Severity = "high"
	Medium   Severity = "medium"
	Low      Severity = "low"
)

// Severities are all severities, the highest first.
var Severities = []Severity{Critical, High, Medium, Low}

// Theme is the subject of a rule.
type Theme string

// The themes. Each has its own files in package rules.
const (
	DayOne      Theme = "day-one"
	Reliability Theme = "reliability"
	Encryption  Theme = "encryption"
	Exposure    Theme = "exposure"
	Identity    Theme = "identity"
	Backup      Theme = "backup"
	Logging     Theme = "logging"
	Lifecycle   Theme = "lifecycle"
	Cost        Theme = "cost"
)

// Themes are all themes.
var Themes = []Theme{DayOne, Reliability, Encryption, Exposure, Identity, Backup, Logging, Lifecycle, Cost}

// Rule is one rule. Exactly one of Resource and Stack is set.
type Rule struct {
	// Name is in kebab case; Description states the requirement in one sentence.
	Name, Description string
	Severity          Severity
	Theme             Theme
	// References are the controls and questions of frameworks that the rule covers, such as "FSBP RDS.3", "CIS 3.0.0
	// 2.3.1" or "WAF REL10-BP01".
	References []string
	// FromStage is the first stage of growth to which the rule applies; 0 is every stack, with or without a stage.
	FromStage int
	// Fix describes the remedy in one or more sentences.
	Fix string
	// Level is the default enforcement level.
	Level policyx.EnforcementLevel
	// Parameters are the configurable numbers, by name.
	Parameters map[string]Parameter
	// Types are the canonical tokens of the types that Resource evaluates and Remediation changes.
	Types []string
	// Resource evaluates one resource.
	Resource Check
	// Stack evaluates relations between resources.
	Stack func(*Stack)
	// Remediation changes a resource so that it follows the rule, and reports whether it changed anything. It is set only
	// if there is one right value, and runs only if it is enabled under the rule's name with the prefix "fix-".
	Remediation func(*Resource) bool
}

// Parameter is a configurable number of a rule.
type Parameter struct {
	Description       string
	Default, Min, Max float64
}

// Check evaluates one resource, and reports violations to it.
type Check func(*Resource)
