package aws

import (
	"fmt"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"
)

// sourceInputs returns the inputs of a database "app" that may have replicas.
func (a *testAccount) sourceInputs(more map[string]any) map[string]any {
	a.t.Helper()
	return with(with(a.databaseInputs(a.network("0")), map[string]any{
		"manageMasterUserPassword": nil, "password": "correct-horse", "backupRetentionPeriod": 7, "dbName": "app",
	}), more)
}

func replicaInputs(identifier string) map[string]any {
	return map[string]any{
		"identifier": identifier, "replicateSourceDb": "app", "instanceClass": "db.t4g.medium", "availabilityZone": "eu-west-1b",
		"skipFinalSnapshot": true,
	}
}

func TestReplicaRejections(t *testing.T) {
	t.Parallel()
	const combination, state = "InvalidParameterCombination", "InvalidDBInstanceState"
	replica := func(source, more map[string]any) func(*testAccount) map[string]any {
		return func(a *testAccount) map[string]any {
			a.create(dbInstanceToken, a.sourceInputs(source))
			return with(replicaInputs("copy"), more)
		}
	}
	runRejections(t, []rejection{
		{"of nothing", "DBInstanceNotFound", dbInstanceToken, replica(nil, map[string]any{"replicateSourceDb": "other"})},
		{"without backups", state, dbInstanceToken, replica(map[string]any{"backupRetentionPeriod": 0}, nil)},
		{"of a managed password", combination, dbInstanceToken, replica(map[string]any{
			"manageMasterUserPassword": true, "password": nil,
		}, nil)},
		{"with a password", combination, dbInstanceToken, replica(nil, map[string]any{"password": "battery-staple"})},
		{"that manages a password", combination, dbInstanceToken, replica(nil, map[string]any{"manageMasterUserPassword": true})},
		{"that is not encrypted", combination, dbInstanceToken, replica(nil, map[string]any{"storageEncrypted": false})},
		{"in a zone without subnet", "InvalidVPCNetworkStateFault", dbInstanceToken, replica(nil, map[string]any{
			"availabilityZone": "eu-west-1c",
		})},
		{"with a subnet group", "DBSubnetGroupNotAllowedFault", dbInstanceToken, replica(nil, map[string]any{
			"dbSubnetGroupName": "data",
		})},
		{"of another engine version", combination, dbInstanceToken, replica(nil, map[string]any{"engineVersion": "99"})},
		{"one too many", state, dbInstanceToken, func(a *testAccount) map[string]any {
			a.create(dbInstanceToken, a.sourceInputs(nil))
			for i := range mostReplicas {
				a.create(dbInstanceToken, replicaInputs(fmt.Sprintf("copy-%d", i)))
			}
			return replicaInputs("copy")
		}},
	})
	runInputRejections(t, []inputRejection{
		{dbInstanceToken, "replicateSourceDb", map[string]any{
			"replicateSourceDb": "arn:aws:rds:us-east-1:123456789012:db:app", "username": nil,
		}},
		{dbInstanceToken, "username", map[string]any{"replicateSourceDb": "app"}},
		{dbInstanceToken, "dbName", map[string]any{"replicateSourceDb": "app", "username": nil, "dbName": "app"}},
	})
}

func TestReplica(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	source := account.create(dbInstanceToken, account.sourceInputs(nil))
	replica := account.create(dbInstanceToken, replicaInputs("copy"))
	for _, property := range []resource.PropertyKey{
		"allocatedStorage", "dbName", "dbSubnetGroupName", "engine", "engineVersionActual", "kmsKeyId", "parameterGroupName",
		"port", "storageEncrypted", "username",
	} {
		require.Equal(t, source.outputs[property], replica.outputs[property], property)
	}
	require.Equal(t, "copy.c0ffl1ne0db.eu-west-1.rds.amazonaws.com:5432", replica.text("endpoint"))
	require.Equal(t, "eu-west-1b", replica.text("availabilityZone"))
	require.Equal(t, "db.t4g.medium", replica.text("instanceClass"))

	larger, err := account.update(replica, with(replicaInputs("copy"), map[string]any{"instanceClass": "db.m7g.large"}))
	require.NoError(t, err)
	require.Equal(t, replica.outputs["parameterGroupName"], larger["parameterGroupName"])
	require.Equal(t, replica.outputs["dbSubnetGroupName"], larger["dbSubnetGroupName"])

	account.create(dbInstanceToken, with(replicaInputs("copy-of-copy"), map[string]any{
		"replicateSourceDb": "app", "skipFinalSnapshot": false, "finalSnapshotIdentifier": "last",
	}))
	_, err = account.update(replica, with(replicaInputs("copy"), map[string]any{"replicateSourceDb": "copy-of-copy"}))
	require.ErrorContains(t, err, "cannot elect new source database for replication")
}

// TestReplicasKeepTheirSource checks which changes of a source its replicas prevent.
func TestReplicasKeepTheirSource(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	inputs := account.sourceInputs(nil)
	source := account.create(dbInstanceToken, inputs)
	replica := account.create(dbInstanceToken, with(replicaInputs("copy"), map[string]any{
		"skipFinalSnapshot": false, "finalSnapshotIdentifier": "last",
	}))
	for _, more := range []map[string]any{
		{"backupRetentionPeriod": 0}, {"manageMasterUserPassword": true, "password": nil},
	} {
		_, err := account.update(source, with(inputs, more))
		requireCode(t, "InvalidParameterCombination", err)
	}
	_, err := account.update(source, with(inputs, map[string]any{"identifier": "renamed"}))
	require.ErrorContains(t, err, "does not rename a source")
	_, err = account.update(source, with(inputs, map[string]any{"multiAz": true, "password": nil}))
	require.NoError(t, err, "it keeps the password that it has")

	requireCode(t, "InvalidParameterCombination", account.Delete(dbInstanceToken, replica.id))
	require.NoError(t, account.Delete(dbInstanceToken, source.id))
	_, promoted, err := account.Read(dbInstanceToken, replica.id)
	require.NoError(t, err)
	require.NotContains(t, promoted, resource.PropertyKey("replicateSourceDb"))
	require.NoError(t, account.Delete(dbInstanceToken, replica.id), "a promoted one leaves a snapshot")
}
