package rules

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"stagecraft/policy/rule"
)

// snapshots are rules for manual snapshots, not for automated backups.
func snapshots() []rule.Rule {
	return []rule.Rule{{
		Name:        "rds-snapshot-not-public",
		Description: "RDS snapshots are shared with specific accounts only",
		Severity:    rule.Critical,
		Theme:       rule.Exposure,
		References:  []string{"FSBP RDS.1", "WAF SEC03-BP07"},
		Fix:         "List the accounts in sharedAccounts.",
		Level:       policyx.EnforcementLevelMandatory,
		Types: []string{
			rdsSnapshot, rdsSnapshotCopy, rdsClusterSnapshot,
			rdsClusterSnapshotCopy,
		},
		Resource: forEach("sharedAccounts", func(r *rule.Resource, account rule.Value) {
			requireValue(r, account, "an account", func(account rule.Value) bool { return account.Text() != "all" })
		}),
	}, {
		Name:        "rds-snapshot-encrypted",
		Description: "RDS snapshots are encrypted, as snapshots of encrypted databases are",
		Severity:    rule.Medium,
		Theme:       rule.Encryption,
		References:  []string{"FSBP RDS.4", "WAF SEC08-BP02"},
		Fix:         "Encrypt the database, or copy the snapshot with a kmsKeyId and keep the copy.",
		Level:       policyx.EnforcementLevelMandatory,
		Stack: func(s *rule.Stack) {
			for _, kind := range []snapshotKind{
				{rdsSnapshot, "encrypted", "dbInstanceIdentifier", rdsInstance},
				{rdsClusterSnapshot, "storageEncrypted", "dbClusterIdentifier", rdsCluster},
			} {
				kind.evaluate(s)
			}
		},
	}}
}

// snapshotKind is a type of snapshot, the property that AWS sets on encrypted ones, and the type of its source.
type snapshotKind struct{ token, encrypted, source, of string }

// evaluate uses what AWS reports about the snapshot, and before it exists the configuration of its database.
func (k snapshotKind) evaluate(s *rule.Stack) {
	for _, snapshot := range s.ResourcesOfType(k.token) {
		databases, _ := s.References(snapshot, k.source, k.of)
		plain := func(database *rule.Resource) bool {
			return isFalse(database.Get("storageEncrypted")) && ownsStorage(database) && !isOneOf("engineMode", "", "serverless")(database)
		}
		if snapshot.Get(k.encrypted).Is(false) || !snapshot.Get(k.encrypted).Is(true) && slices.ContainsFunc(databases, plain) {
			snapshot.Report("the snapshot is not encrypted")
		}
	}
}
