package aws

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"

	"stagecraft/internal/offline/cloud"
)

const dbSnapshotToken = "aws:rds/snapshot:Snapshot"

func dbSnapshotType() cloud.Type {
	name := rdsName("dbSnapshotIdentifier", "A-Za-z", "0-9A-Za-z", 255)
	name.Manual = true
	return cloud.Type{
		Token:     dbSnapshotToken,
		Args:      rds.SnapshotArgs{},
		State:     rds.Snapshot{},
		Service:   "RDS",
		Operation: "CreateDBSnapshot",
		Source:    "SDK doc; RDS API Reference, CreateDBSnapshot. A snapshot outlives its instance",
		Name:      name,
		ID:        "${dbSnapshotIdentifier}",
		Values:    map[string]cloud.Value{"sharedAccounts": cloud.NotSimulated},
		Replace:   []string{"dbInstanceIdentifier", "dbSnapshotIdentifier"},
		Refs:      []cloud.Ref{{Path: "dbInstanceIdentifier", Type: dbInstanceToken, TargetProperty: "identifier", Weak: true}},
		Unique:    [][]string{{"dbSnapshotIdentifier"}},
		Quota:     rdsQuota(100, "SnapshotQuotaExceeded", "manual DB snapshots"),
		AfterWrite: func(account cloud.Account, snapshot *cloud.Resource) error {
			instance, err := account.Find(dbInstanceToken, "identifier", snapshot.Text("dbInstanceIdentifier"))
			if err != nil || instance == nil {
				return err
			}
			for property, value := range snapshotProperties(instance, snapshot.ID) {
				snapshot.Set(property, value)
			}
			return nil
		},
		NotFound: cloud.Error{Code: "DBSnapshotNotFound", Message: "DBSnapshot ${value} not found."},
		Exists:   snapshotExists,
	}
}

var snapshotExists = cloud.Error{
	Code:    "DBSnapshotAlreadyExists",
	Message: "Cannot create the snapshot because a snapshot with the identifier ${dbSnapshotIdentifier} already exists.",
}

// createFinalSnapshot creates the final snapshot of a deleted instance.
func createFinalSnapshot(account cloud.Account, instance *cloud.Resource) error {
	if instance.Text("skipFinalSnapshot") == "true" {
		return nil
	}
	if isReplica(instance) {
		return invalidCombination("A final snapshot cannot be taken of a read replica: set skipFinalSnapshot.")
	}
	id := instance.Text("finalSnapshotIdentifier")
	if id == "" {
		return invalidCombination("FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.")
	}
	known, err := account.Find(dbSnapshotToken, "", id)
	if err != nil {
		return err
	}
	if known != nil {
		return apiError(snapshotExists.Code, "%s", strings.ReplaceAll(snapshotExists.Message, "${dbSnapshotIdentifier}", id))
	}
	return account.Put(dbSnapshotToken, awsManaged(id, snapshotProperties(instance, id)))
}

// snapshotProperties returns the properties of a snapshot of an instance.
func snapshotProperties(instance *cloud.Resource, id string) map[string]any {
	snapshot := map[string]any{
		"allocatedStorage":     number(instance, "allocatedStorage"),
		"dbInstanceIdentifier": instance.Text("identifier"),
		"dbSnapshotArn":        fmt.Sprintf("arn:aws:rds:%s:%s:snapshot:%s", instance.Region, Account, id),
		"dbSnapshotIdentifier": id,
		"encrypted":            instance.Text("storageEncrypted") == "true",
		"engineVersion":        instance.Text("engineVersionActual"),
		"port":                 number(instance, "port"),
		"snapshotType":         "manual",
		"status":               "available",
	}
	for _, property := range []string{
		"availabilityZone", "engine", "kmsKeyId", "licenseModel", "optionGroupName", "storageType",
	} {
		snapshot[property] = instance.Text(property)
	}
	return snapshot
}
