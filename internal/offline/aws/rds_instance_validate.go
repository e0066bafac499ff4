package aws

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"

	"stagecraft/internal/offline/cloud"
)

const noEnhancedMonitoring = "IAM role ARN value is invalid or does not include the required permissions for: " +
	"ENHANCED_MONITORING"

// validateDBInstance rejects invalid combinations, conflicts with other resources, and invalid changes.
func validateDBInstance(account cloud.Account, instance *cloud.Resource) error {
	for _, validate := range []func(cloud.Account, *cloud.Resource) error{
		validateDBReplica, validateDBSource, validateDBLogin, validateDBVersion, validateDBClass, validateDBStorage,
		validateDBNetwork, validateDBMonitoring, validateDBWindows,
	} {
		if err := validate(account, instance); err != nil {
			return err
		}
	}
	return nil
}

var (
	dbIdentifier  = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,62}$`)
	dbPassword    = regexp.MustCompile(`^[!#-.0-?A-~]{8,128}$`)
	reservedNames = []string{"admin", "rdsadmin", "rdsrepladmin", "rds_superuser"}
)

func validateDBLogin(_ cloud.Account, instance *cloud.Resource) error {
	username, password, name := instance.Text("username"), instance.Text("password"), instance.Text("dbName")
	switch {
	case instance.Text("engine") == "":
		return invalidValue("The parameter Engine must be provided and must not be blank.")
	case username == "":
		return invalidValue("The parameter MasterUsername must be provided and must not be blank.")
	case !dbIdentifier.MatchString(username):
		return invalidValue("The parameter MasterUsername is not a valid identifier.")
	case slices.Contains(reservedNames, strings.ToLower(username)):
		return invalidValue("MasterUsername %s cannot be used as it is a reserved word used by the engine", username)
	case name != "" && !dbIdentifier.MatchString(name):
		return invalidValue("DBName must begin with a letter and contain only alphanumeric characters.")
	case instance.Text("manageMasterUserPassword") == "true", isReplica(instance):
		return nil
	case password == "" && isPasswordUnchanged(instance):
		return nil
	case password == "":
		return invalidValue("The parameter MasterUserPassword must be provided and must not be blank.")
	case !dbPassword.MatchString(password):
		return invalidValue("The parameter MasterUserPassword is not a valid password. Only printable ASCII characters " +
			`besides '/', '@', '"', ' ' may be used.`)
	}
	return nil
}

// isPasswordUnchanged reports whether an instance without a password in its inputs already has one.
func isPasswordUnchanged(instance *cloud.Resource) bool {
	return instance.Before != nil && instance.Before.Text("manageMasterUserPassword") != "true"
}

// actualVersion returns the version that RDS uses for the requested version, "" if none exists. For a major version
// alone, RDS keeps the current minor version, and a new instance gets the newest.
func actualVersion(instance *cloud.Resource) string {
	asked := cmp.Or(instance.Text("engineVersion"), defaultMajorVersion)
	if before := instance.Before; before != nil {
		if is := before.Text("engineVersionActual"); is == asked || strings.HasPrefix(is, asked+".") {
			return is
		}
	}
	major, minor, pinned := strings.Cut(asked, ".")
	offered, ok := minorVersions[major]
	if !ok {
		return ""
	}
	if !pinned {
		return fmt.Sprintf("%s.%d", major, offered[1])
	}
	if number, err := strconv.Atoi(minor); err != nil || number < offered[0] || number > offered[1] {
		return ""
	}
	return asked
}

// versionParts returns a version's major and minor number.
func versionParts(version string) [2]int {
	major, minor, _ := strings.Cut(version, ".")
	first, _ := strconv.Atoi(major) // both are from minorVersions
	second, _ := strconv.Atoi(minor)
	return [2]int{first, second}
}

func validateDBVersion(account cloud.Account, instance *cloud.Resource) error {
	actual := actualVersion(instance)
	if actual == "" {
		return invalidCombination("Cannot find version %s for %s", instance.Text("engineVersion"), dbEngine)
	}
	major := versionParts(actual)[0]
	if before := instance.Before; before != nil {
		is := before.Text("engineVersionActual")
		parts, was := versionParts(actual), versionParts(is)
		switch {
		case slices.Compare(parts[:], was[:]) < 0:
			return invalidCombination("Cannot upgrade %s from %s to %s", dbEngine, is, actual)
		case major > was[0] && instance.Text("allowMajorVersionUpgrade") != "true":
			return invalidCombination("The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version.")
		}
	}
	for _, log := range instance.Texts("enabledCloudwatchLogsExports[*]") {
		if !slices.Contains([]string{"postgresql", "upgrade", "iam-db-auth-error"}, log) {
			return invalidCombination("You cannot use the log types '%s' with engine version %s %s. For supported log types, "+
				"see the documentation.", log, dbEngine, actual)
		}
	}
	return validateDBParameters(account, instance, fmt.Sprintf("%s%d", dbEngine, major))
}

// validateDBParameters rejects a parameter group of another engine version.
func validateDBParameters(account cloud.Account, instance *cloud.Resource, family string) error {
	groupName := instance.Inputs["parameterGroupName"]
	if !groupName.IsString() || groupName.StringValue() == "" {
		return nil
	}
	has := strings.TrimPrefix(groupName.StringValue(), "default.")
	group, err := account.Find(dbParameterGroupToken, "name", groupName.StringValue())
	if err != nil {
		return err
	}
	if group != nil {
		has = group.Text("family")
	}
	if has != family {
		return invalidCombination("The parameter group %s with DBParameterGroupFamily %s can't be used for this instance. "+
			"Please use a parameter group with DBParameterGroupFamily %s", groupName.StringValue(), has, family)
	}
	return nil
}

// dbClass matches the instance classes of RDS for PostgreSQL (RDS User Guide, "DB instance class types").
var dbClass = regexp.MustCompile(`^db\.(` +
	`t(3|4g)\.(micro|small|medium|large|xlarge|2xlarge)` +
	`|([mr]5d?|r5b)\.(large|xlarge|(2|4|8|12|16|24)xlarge)` +
	`|([mr]6gd?|[mr]7g|x2g)\.(large|xlarge|(2|4|8|12|16)xlarge)` +
	`|[mr]6id?\.(large|xlarge|(2|4|8|12|16|24|32)xlarge)` +
	`|([mr]7i|[mr]8g)\.(large|xlarge|(2|4|8|12|16|24|48)xlarge))$`)

var caCertificates = []string{"rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1", "rds-ca-ecc384-g1"}

func validateDBClass(_ cloud.Account, instance *cloud.Resource) error {
	if class := instance.Text("instanceClass"); !dbClass.MatchString(class) {
		return invalidValue("Invalid DB Instance class: %s", class)
	}
	if certificate := instance.Text("caCertIdentifier"); !slices.Contains(caCertificates, certificate) {
		return apiError("CertificateNotFound", "Certificate not found: %s", certificate)
	}
	return nil
}

// dbStorage is the minimum and maximum storage of each type, in GiB (RDS User Guide, "Amazon RDS DB instance storage").
var dbStorage = map[string][2]float64{
	"standard": {5, 3072}, "gp2": {20, 65536}, "gp3": {20, 65536}, "io1": {100, 65536}, "io2": {100, 65536},
}

// stripedStorage is the size in GiB from which IOPS and throughput of gp3 storage can be set.
const stripedStorage = 400

// storageTypeOf returns the storage type, which RDS chooses if the program does not.
func storageTypeOf(instance *cloud.Resource) string {
	switch {
	case instance.Text("storageType") != "":
		return instance.Text("storageType")
	case number(instance, "iops") > 0:
		return "io1"
	default:
		return "gp2"
	}
}

func validateDBStorage(_ cloud.Account, instance *cloud.Resource) error {
	kind, size, most := storageTypeOf(instance), number(instance, "allocatedStorage"), number(instance, "maxAllocatedStorage")
	limits := dbStorage[kind]
	performance := number(instance, "iops")+number(instance, "storageThroughput") > 0
	switch {
	case size < limits[0] || size > limits[1]:
		return invalidValue("Invalid storage size for engine name %s and storage type %s: %g", dbEngine, kind, size)
	case kind == "gp3" && performance && size < stripedStorage:
		return invalidCombination("You can't specify IOPS or storage throughput for engine %s and a storage size less than %d.",
			dbEngine, stripedStorage)
	case (kind == "gp2" || kind == "standard") && performance:
		return invalidCombination("You can't specify IOPS or storage throughput for storage type %s.", kind)
	case strings.HasPrefix(kind, "io") && number(instance, "iops") == 0:
		return invalidCombination("You must specify the Iops parameter for storage type %s.", kind)
	case most > 0 && most <= size:
		return invalidCombination("Max storage size must be greater than storage size")
	case most > 0 && most < 1.1*size:
		return invalidCombination("The maximum allocated storage must be increased by at least 10 percent.")
	case most > limits[1]:
		return invalidValue("Invalid max storage size for engine name %s and storage type %s: %g", dbEngine, kind, most)
	case instance.Before != nil && size < number(instance.Before, "allocatedStorage") && !isAutoscaledStorage(instance):
		return invalidCombination("Requested storage size (%g) cannot be less than the current storage size (%g)",
			size, number(instance.Before, "allocatedStorage"))
	}
	return nil
}

// isAutoscaledStorage reports whether storage autoscaling has grown the storage, which the AWS provider ignores.
func isAutoscaledStorage(instance *cloud.Resource) bool {
	size := number(instance, "allocatedStorage")
	return instance.Before != nil && number(instance.Before, "allocatedStorage") > size &&
		number(instance, "maxAllocatedStorage") > size
}

func validateDBNetwork(account cloud.Account, instance *cloud.Resource) error {
	group, err := account.Find(dbSubnetGroupToken, "name", instance.Text("dbSubnetGroupName"))
	if err != nil {
		return err
	}
	if group == nil {
		return apiError("InvalidSubnet", "No default subnet detected in VPC. (The account has no default VPC: give "+
			"dbSubnetGroupName.)")
	}
	vpc := group.Text("vpcId")
	if before := instance.Before; before != nil && before.Text("dbSubnetGroupName") != group.ID {
		return apiError("InvalidVPCNetworkStateFault", "You cannot move DB instance %s to subnet group %s. The specified DB "+
			"subnet group and DB instance are in the same VPC. Choose a DB subnet group in different VPC than the specified DB "+
			"instance and try again. (To move between VPCs is not simulated.)", instance.Text("identifier"), group.ID)
	}
	zone := instance.Inputs["availabilityZone"]
	if zone.IsString() && instance.Text("multiAz") == "true" {
		return invalidCombination("Requesting a specific availability zone is not valid for Multi-AZ instances.")
	}
	covered, err := zonesOf(account, group)
	if err != nil {
		return err
	}
	if zone.IsString() && !slices.Contains(covered, zone.StringValue()) {
		return apiError("InvalidVPCNetworkStateFault", "DB subnet group %s has no subnet in availability zone %s: it covers %s",
			group.ID, zone.StringValue(), strings.Join(covered, ", "))
	}
	for _, id := range instance.Texts("vpcSecurityGroupIds[*]") {
		security, err := account.Find(securityGroupToken, "", id)
		if err != nil {
			return err
		}
		if security.Text("vpcId") != vpc {
			return invalidCombination("The DB instance and EC2 security group are in different VPCs. The DB instance is in %s "+
				"and the EC2 security group is in %s", vpc, security.Text("vpcId"))
		}
	}
	return nil
}

// advancedRetention is the minimum retention of Performance Insights, in days, for the advanced mode of Database
// Insights.
const advancedRetention = 465

func validateDBMonitoring(account cloud.Account, instance *cloud.Resource) error {
	insights := instance.Text("performanceInsightsEnabled") == "true"
	retention := number(instance, "performanceInsightsRetentionPeriod")
	switch {
	case !insights && instance.Inputs.HasValue("performanceInsightsRetentionPeriod"):
		return invalidCombination("To set the retention period of Performance Insights, you must enable it.")
	case instance.Text("databaseInsightsMode") == "advanced" && (!insights || retention < advancedRetention):
		return invalidCombination("To enable the Advanced mode of Database Insights, set your retention period for "+
			"Performance Insights to at least %d days.", advancedRetention)
	}
	interval, arn := number(instance, "monitoringInterval"), instance.Inputs["monitoringRoleArn"]
	switch {
	case interval > 0 && !arn.IsString():
		return invalidCombination("A MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0.")
	case interval == 0 && arn.IsString():
		return invalidCombination("You must specify a MonitoringInterval value other than 0 when you specify a " +
			"MonitoringRoleARN value.")
	case interval == 0:
		return nil
	}
	role, err := account.Find(roleToken, "arn", arn.StringValue())
	if err != nil {
		return err
	}
	permitted, err := hasPermission(account, role, iam.ManagedPolicyAmazonRDSEnhancedMonitoringRole, "logs:PutLogEvents")
	if err != nil {
		return err
	}
	if !permitted || !isAssumableBy(role, "monitoring.rds.amazonaws.com") {
		return invalidValue("%s", noEnhancedMonitoring)
	}
	return nil
}

// validateDBWindows rejects windows of less than half an hour, and windows that overlap (RDS API Reference,
// CreateDBInstance).
func validateDBWindows(_ cloud.Account, instance *cloud.Resource) error {
	backup := strings.Split(instance.Text("backupWindow"), "-")
	maintenance := strings.Split(strings.ToLower(instance.Text("maintenanceWindow")), "-")
	backupStart, maintenanceStart := minuteOfWeek(backup[0]), minuteOfWeek(maintenance[0])
	backupLength := (minuteOfWeek(backup[1]) - backupStart + day) % day
	maintenanceLength := (minuteOfWeek(maintenance[1]) - maintenanceStart + week) % week
	switch {
	case backupLength < leastMinutes:
		return invalidValue("The backup window must be at least %d minutes.", leastMinutes)
	case maintenanceLength < leastMinutes || maintenanceLength >= day:
		return invalidValue("The maintenance window must be at least %d minutes and less than 24 hours.", leastMinutes)
	case !instance.Inputs.HasValue("backupWindow") || !instance.Inputs.HasValue("maintenanceWindow"):
		return nil // RDS chooses the other one
	}
	// A window overlaps another if it starts in it.
	if (maintenanceStart-backupStart+week)%day < backupLength ||
		(backupStart-maintenanceStart+week)%day < maintenanceLength {
		return invalidValue("The backup window and maintenance window must not overlap.")
	}
	return nil
}
