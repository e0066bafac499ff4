// Package rule is what a rule of the policy pack consists of, and how it sees resources. What the engine does not know
// yet is never judged: a value that is unknown at preview is judged when it is known, at the update.
package rule

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"
)

// Severity is how much a violation matters.
type Severity string

// The severities, as AWS Security Hub has them.
const (
	Critical Severity = "critical"
	High     Severity = "high"
	Medium   Severity = "medium"
	Low      Severity = "low"
)

// Severities are all severities, the gravest first.
var Severities = []Severity{Critical, High, Medium, Low}

// Theme is what a rule is about.
type Theme string

// The themes: a file of rules each.
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

// Rule is one rule. Exactly one of Resource and Stack judges.
type Rule struct {
	// Name is its kebab-case name; Description says in a sentence what must hold.
	Name, Description string
	Severity          Severity
	Theme             Theme
	// References are the controls and questions of frameworks that it answers, such as "FSBP RDS.3", "CIS 3.0.0 2.3.1" or
	// "WAF REL10-BP01".
	References []string
	// FromStage is the first stage of growth that it holds for; 0 is every stack, whether it knows stages or not.
	FromStage int
	// Fix says what to do.
	Fix string
	// Level is the default enforcement level.
	Level policyx.EnforcementLevel
	// Numbers are what may be configured, by name.
	Parameters map[string]Parameter
	// Types are the resource types that Resource judges, and that Remediation changes, by their canonical tokens.
	Types []string
	// Resource judges one resource.
	Resource Check
	// Stack judges relations between resources.
	Stack func(*Stack)
	// Remediation, where one right answer exists, gives the properties as they should be, and whether that is a change. It
	// is off unless it is enabled under the rule's name with "fix-" before it.
	Remediation func(*Resource) bool
}

// Number is a configurable number of a rule.
type Parameter struct {
	Description       string
	Default, Min, Max float64
}

// Check judges one resource, and reports what is wrong to it.
type Check func(*Resource)
