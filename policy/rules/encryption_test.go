package rules

var encryptionExamples = map[string]examples{
	"rds-storage-encrypted": {
		typ:  "aws:rds/instance:Instance",
		pass: []props{{"storageEncrypted": true}, {"replicateSourceDb": "app"}},
		fail: []props{{}, {"storageEncrypted": false}},
	},
}
