package rules

const snapshotType = "aws:rds/snapshot:Snapshot"

var snapshotExamples = map[string]examples{
	"rds-snapshot-not-public": {
		typ:  snapshotType,
		pass: []props{{}, {"sharedAccounts": []any{"123456789012"}}},
		fail: []props{{"sharedAccounts": []any{"all"}}, {"sharedAccounts": []any{"123456789012", "all"}}},
	},
}

// taken returns a database and a snapshot of it.
func taken(database, snapshot props) []part {
	return []part{
		{typ: rdsInstance, name: "database", props: database},
		{typ: snapshotType, name: "snapshot", props: snapshot, from: cameFrom("dbInstanceIdentifier", "database")},
	}
}

var snapshotStacks = map[string]stacks{
	"rds-snapshot-encrypted": {
		pass: [][]part{
			taken(props{"storageEncrypted": true}, props{}),
			taken(props{}, props{"encrypted": true}),
			taken(props{"replicateSourceDb": "app"}, props{}),
			{
				{typ: rdsCluster, name: "cluster", props: props{"engineMode": "serverless"}},
				{typ: "aws:rds/clusterSnapshot:ClusterSnapshot", name: "snapshot", from: cameFrom("dbClusterIdentifier", "cluster")},
			},
			// A copy may be encrypted with another key, so the configuration of the database counts.
			taken(props{"storageEncrypted": false}, props{"encrypted": true}),
			{{typ: snapshotType, name: "snapshot", props: props{"dbInstanceIdentifier": "elsewhere"}}},
		},
		fail: [][]part{
			taken(props{"storageEncrypted": false}, props{}),
			taken(props{}, props{}),
			taken(props{}, props{"encrypted": false}),
			{
				{typ: rdsCluster, name: "cluster", props: props{"storageEncrypted": false}},
				{typ: "aws:rds/clusterSnapshot:ClusterSnapshot", name: "snapshot", from: cameFrom("dbClusterIdentifier", "cluster")},
			},
			{{typ: "aws:rds/clusterSnapshot:ClusterSnapshot", name: "snapshot", props: props{"storageEncrypted": false}}},
		},
	},
}
