package aws

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"stagecraft/internal/offline/cloud"
)

// mostReplicas is the quota of replicas per instance ("Quotas and constraints for Amazon RDS").
const mostReplicas = 15

// sourceIdentifier allows the identifier of a source in the same region. An ARN is for a source in another region, or
// for replicas with a subnet group (SDK doc).
func sourceIdentifier(value resource.PropertyValue) string {
	if value.IsString() && !strings.HasPrefix(value.StringValue(), "arn:") {
		return ""
	}
	return fmt.Sprintf("must be the identifier of a source in the same region, got %v: others are not simulated offline", value)
}

func isReplica(instance *cloud.Resource) bool { return instance.Text("replicateSourceDb") != "" }

// validateDBReplica rejects replicas that RDS rejects, and copies the source's properties to a new one (RDS API
// Reference, "CreateDBInstanceReadReplica").
func validateDBReplica(account cloud.Account, replica *cloud.Resource) error {
	if before := replica.Before; before != nil {
		// Removing the source promotes a replica.
		if isReplica(replica) && before.Text("replicateSourceDb") != replica.Text("replicateSourceDb") {
			return fmt.Errorf("cannot elect new source database for replication")
		}
		return nil
	}
	if !isReplica(replica) {
		return nil
	}
	source, err := account.Find(dbInstanceToken, "identifier", replica.Text("replicateSourceDb"))
	if err != nil {
		return err
	}
	siblings, err := replicasOf(account, source)
	if err != nil {
		return err
	}
	encrypted := replica.Inputs["storageEncrypted"]
	switch {
	case number(source, "backupRetentionPeriod") == 0:
		return apiError("InvalidDBInstanceState", "Automated backups are not enabled for this database instance. To enable automated "+
			"backups, use ModifyDBInstance to set the backup retention period to a non-zero value.")
	case source.Text("manageMasterUserPassword") == "true", replica.Text("manageMasterUserPassword") == "true":
		return invalidCombination("A read replica cannot be created of a DB instance that manages its master user password in " +
			"AWS Secrets Manager.")
	case replica.Inputs.HasValue("password"):
		return invalidCombination("MasterUserPassword cannot be set for a read replica: it has that of its source.")
	case replica.Inputs.HasValue("dbSubnetGroupName"):
		return apiError("DBSubnetGroupNotAllowedFault", "DbSubnetGroupName should not be specified for read replicas that are created "+
			"in the same region as the master.")
	case encrypted.IsBool() && encrypted.BoolValue() != (source.Text("storageEncrypted") == "true"):
		return invalidCombination("A read replica is encrypted if its source is: leave storageEncrypted out, or set what the source has.")
	case len(siblings) >= mostReplicas:
		return apiError("InvalidDBInstanceState", "DB instance %s already has %d read replicas.", source.Text("identifier"), mostReplicas)
	}
	inheritFromSource(replica, source)
	return nil
}

// inheritFromSource copies properties of the source to a new replica, unless the program sets them.
func inheritFromSource(replica, source *cloud.Resource) {
	for _, property := range []resource.PropertyKey{
		"allocatedStorage", "dbName", "dbSubnetGroupName", "engine", "instanceClass", "kmsKeyId", "parameterGroupName", "port",
		"storageEncrypted", "username",
	} {
		if value, has := source.Outputs[property]; has && !replica.Inputs.HasValue(property) {
			replica.Outputs[property] = value
		}
	}
	replica.Outputs["allocatedStorage"] = source.Outputs["allocatedStorage"] // whatever the program says (SDK doc)
	if !replica.Inputs.HasValue("engineVersion") {
		replica.Outputs["engineVersion"] = source.Outputs["engineVersionActual"]
	}
}

// validateDBSource rejects changes of a source that its replicas do not allow.
func validateDBSource(account cloud.Account, source *cloud.Resource) error {
	if source.Before == nil {
		return nil
	}
	replicas, err := replicasOf(account, source.Before)
	if err != nil || len(replicas) == 0 {
		return err
	}
	switch {
	case number(source, "backupRetentionPeriod") == 0:
		return invalidCombination("Backups cannot be disabled on DB instance %s because it has read replicas.", source.Text("identifier"))
	case source.Text("manageMasterUserPassword") == "true":
		return invalidCombination("The master user password of a DB instance with read replicas cannot be managed in AWS Secrets " +
			"Manager.")
	case source.Before.Text("identifier") != source.Text("identifier"):
		return fmt.Errorf("the offline cloud does not rename a source of replicas: %s", source.Before.Text("identifier"))
	}
	return nil
}

func replicasOf(account cloud.Account, source *cloud.Resource) ([]*cloud.Resource, error) {
	instances, err := account.List(dbInstanceToken)
	var replicas []*cloud.Resource
	for _, instance := range instances {
		if isReplica(instance) && instance.Text("replicateSourceDb") == source.Text("identifier") {
			replicas = append(replicas, instance)
		}
	}
	return replicas, err
}

// promoteReplicas promotes the replicas of a deleted instance (RDS User Guide, "Deleting a DB instance",
// "Considerations").
func promoteReplicas(account cloud.Account, source *cloud.Resource) error {
	replicas, err := replicasOf(account, source)
	if err != nil {
		return err
	}
	for _, replica := range replicas {
		delete(replica.Outputs, "replicateSourceDb")
		if err := account.Put(dbInstanceToken, replica); err != nil {
			return err
		}
	}
	return nil
}
