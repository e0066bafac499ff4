package rules

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"stagecraft/policy/rule"
)

func encryption() []rule.Rule {
	return []rule.Rule{{
		Name:        "rds-storage-encrypted",
		Description: "RDS databases encrypt their storage",
		Severity:    rule.High,
		Theme:       rule.Encryption,
		References:  []string{"FSBP RDS.3", "CIS 3.0.0 2.3.1", "WAF SEC08-BP02"},
		Fix:         "Set storageEncrypted to true. The database must be made anew from a snapshot for that.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{"aws:rds/instance:Instance"},
		Resource:    rule.When(ownsStorage, rule.True("storageEncrypted")),
	}}
}

// ownsStorage leaves out replicas of the same region, whose storage is encrypted as their source's is.
func ownsStorage(r *rule.Resource) bool { return r.Get("replicateSourceDb").Absent() }
