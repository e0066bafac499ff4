package aws

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"stagecraft/internal/offline/cloud"
)

const dbInstanceToken = "aws:rds/instance:Instance"

// minorVersions are the oldest and the newest minor version that RDS offers for a new instance of each major version
// (Amazon RDS for PostgreSQL Release Notes, as of the first half of 2026).
var minorVersions = map[string][2]int{"14": {18, 22}, "15": {13, 17}, "16": {9, 13}, "17": {5, 9}, "18": {1, 3}}

// notSimulatedOfDatabase are inputs for other engines and for restoring.
var notSimulatedOfDatabase = []string{
	"blueGreenUpdate", "characterSetName", "customIamInstanceProfile", "customerOwnedIpEnabled", "dedicatedLogVolume",
	"domain", "domainAuthSecretArn", "domainDnsIps", "domainFqdn", "domainIamRoleName", "domainOu", "name",
	"ncharCharacterSetName", "optionGroupName", "replicaMode", "restoreToPointInTime", "s3Import", "snapshotIdentifier",
	"timezone", "upgradeStorageConfig",
}

func dbInstanceType() cloud.Type {
	values := map[string]cloud.Value{
		"backupRetentionPeriod": cloud.Range(0, 35),
		"backupTarget":          cloud.OneOf("region"),
		"backupWindow":          cloud.Match("^"+timeOfDay+"-"+timeOfDay+"$", `of the format "hh24:mi-hh24:mi"`),
		"databaseInsightsMode":  cloud.OneOf("standard", "advanced"),
		"engine":                cloud.OneOf(dbEngine),
		"engineLifecycleSupport": cloud.OneOf(
			"open-source-rds-extended-support", "open-source-rds-extended-support-disabled"),
		"finalSnapshotIdentifier": cloud.All(cloud.Length(1, 255), cloud.Match(`^[A-Za-z](-?[0-9A-Za-z])*$`,
			"a letter, then letters, digits and single hyphens")),
		"licenseModel": cloud.OneOf("postgresql-license"),
		"maintenanceWindow": cloud.Match("(?i)^("+weekdays+"):"+timeOfDay+"-("+weekdays+"):"+timeOfDay+"$",
			`of the format "ddd:hh24:mi-ddd:hh24:mi"`),
		"monitoringInterval":                 cloud.NumberIn(0, 1, 5, 10, 15, 30, 60),
		"networkType":                        cloud.OneOf("IPV4"),
		"performanceInsightsRetentionPeriod": insightsRetention,
		"port":                               cloud.Range(1150, 65535),
		"replicateSourceDb":                  sourceIdentifier,
		"storageType":                        cloud.OneOf("standard", "gp2", "gp3", "io1", "io2"),
	}
	for _, property := range notSimulatedOfDatabase {
		values[property] = cloud.NotSimulated
	}
	name := rdsName("identifier", "a-z", "a-z0-9", 63)
	name.NoHyphen = true
	return cloud.Type{
		Token:     dbInstanceToken,
		Args:      rds.InstanceArgs{},
		State:     rds.Instance{},
		Service:   "RDS",
		Operation: "CreateDBInstance",
		Source: "CloudFormation resource schema AWS::RDS::DBInstance; SDK doc; RDS API Reference, CreateDBInstance, " +
			"CreateDBInstanceReadReplica, ModifyDBInstance and DeleteDBInstance. Its times are what users report; AWS publishes " +
			"none. Replicas are of a source in their own region",
		Name: name,
		ID:   "db-${capitals26}",
		Conflicts: [][]string{
			{"identifier", "identifierPrefix"},
			{"manageMasterUserPassword", "password"},
			{"dbName", "replicateSourceDb"},
			{"username", "replicateSourceDb"},
		},
		Values: values,
		Computed: map[string]any{
			"applyImmediately":                 false,
			"autoMinorVersionUpgrade":          true,
			"backupRetentionPeriod":            0,
			"backupTarget":                     "region",
			"backupWindow":                     "03:00-03:30",
			"caCertIdentifier":                 "rds-ca-rsa2048-g1",
			"copyTagsToSnapshot":               false,
			"databaseInsightsMode":             "standard",
			"deleteAutomatedBackups":           true,
			"deletionProtection":               false,
			"engineLifecycleSupport":           "open-source-rds-extended-support",
			"hostedZoneId":                     "Z${capitals13}",
			"iamDatabaseAuthenticationEnabled": false,
			"identifier":                       "${identifierPrefix}${digits26}",
			"licenseModel":                     "postgresql-license",
			"maintenanceWindow":                "sun:04:00-sun:04:30",
			"masterUserSecrets": []any{map[string]any{
				"secretArn":    "arn:aws:secretsmanager:${region}:${account}:secret:rds!db-" + uuid + "-${letters6}",
				"secretStatus": "active",
			}},
			"monitoringInterval":         0,
			"multiAz":                    false,
			"networkType":                "IPV4",
			"performanceInsightsEnabled": false,
			"port":                       dbPort,
			"publiclyAccessible":         false,
			"resourceId":                 "${id}",
			"skipFinalSnapshot":          false,
			"status":                     "available",
			"storageEncrypted":           false,
		},
		Replace: []string{
			"availabilityZone", "backupTarget", "characterSetName", "customIamInstanceProfile", "dbName", "engine", "kmsKeyId",
			"ncharCharacterSetName", "restoreToPointInTime", "s3Import", "snapshotIdentifier", "storageEncrypted", "timezone",
			"username",
		},
		Refs: []cloud.Ref{
			{Path: "dbSubnetGroupName", Type: dbSubnetGroupToken, TargetProperty: "name"},
			{Path: "parameterGroupName", Type: dbParameterGroupToken, TargetProperty: "name", External: regexp.MustCompile(`^default\.`)},
			{Path: "vpcSecurityGroupIds[*]", Type: securityGroupToken, NotFound: cloud.Error{
				Code: "InvalidParameterValue", Message: "Invalid security group , groupId= ${value}, groupName=.",
			}},
			{Path: "replicateSourceDb", Type: dbInstanceToken, TargetProperty: "identifier", Weak: true},
			{Path: "monitoringRoleArn", Type: roleToken, TargetProperty: "arn", Weak: true, NotFound: cloud.Error{
				Code: "InvalidParameterValue", Message: noEnhancedMonitoring,
			}},
		},
		Unique:     [][]string{{"identifier"}},
		Quota:      rdsQuota(40, "InstanceQuotaExceeded", "DB instances"),
		Check:      validateDBInstance,
		AfterWrite: setDatabaseOutputs,
		Protected:  "deletionProtection",
		Protection: cloud.Error{
			Code:    "InvalidParameterCombination",
			Message: "Cannot delete protected DB Instance, please disable deletion protection and try again.",
		},
		Delete:   deleteDatabase,
		NotFound: cloud.Error{Code: "DBInstanceNotFound", Message: "DBInstance ${value} not found."},
		Exists:   cloud.Error{Code: "DBInstanceAlreadyExists", Message: "DB instance already exists"},
	}
}

// insightsRetention allows a week, months of 31 days, and two years (RDS User Guide, "Pricing and data retention for
// Performance Insights").
func insightsRetention(value resource.PropertyValue) string {
	if value.IsNumber() {
		if days := int(value.NumberValue()); days == 7 || days == 731 || days > 0 && days < 731 && days%31 == 0 {
			return ""
		}
	}
	return fmt.Sprintf("must be 7, a multiple of 31 up to 713, or 731 days, got %v", value)
}

// accountDomain is the part of the host names of all of an account's databases in a region.
const accountDomain = "c0ffl1ne0db"

// setDatabaseOutputs sets the outputs that depend on other properties, and creates the log groups to which RDS writes.
func setDatabaseOutputs(account cloud.Account, instance *cloud.Resource) error {
	if isAutoscaledStorage(instance) {
		instance.Set("allocatedStorage", number(instance.Before, "allocatedStorage"))
	}
	identifier := instance.Text("identifier")
	host := fmt.Sprintf("%s.%s.%s.rds.amazonaws.com", identifier, accountDomain, instance.Region)
	instance.Set("arn", fmt.Sprintf("arn:aws:rds:%s:%s:db:%s", instance.Region, Account, identifier))
	instance.Set("address", host)
	instance.Set("endpoint", host+":"+instance.Text("port"))
	instance.Set("storageType", storageTypeOf(instance))
	setVersion(instance)
	setKeys(instance)
	if err := setDatabasePlacement(account, instance); err != nil {
		return err
	}
	return createLogGroups(account, instance)
}

func setVersion(instance *cloud.Resource) {
	actual := actualVersion(instance)
	instance.Set("engineVersionActual", actual)
	if instance.Text("engineVersion") == "" {
		instance.Set("engineVersion", actual)
	}
	major, _, _ := strings.Cut(actual, ".")
	instance.Set("optionGroupName", "default:"+dbEngine+"-"+major)
	if !instance.Inputs.HasValue("parameterGroupName") && !isReplica(instance) {
		instance.Set("parameterGroupName", "default."+dbEngine+major)
	}
}

// setKeys sets the AWS managed keys for encryption where the program names no other.
func setKeys(instance *cloud.Resource) {
	fill := func(encrypted, property string) {
		if instance.Text(encrypted) == "true" && !instance.Inputs.HasValue(resource.PropertyKey(property)) {
			instance.Set(property, awsManagedKey(instance.Region, "rds"))
		}
	}
	if !isReplica(instance) { // which has its source's
		fill("storageEncrypted", "kmsKeyId")
	}
	fill("performanceInsightsEnabled", "performanceInsightsKmsKeyId")
	if instance.Text("performanceInsightsEnabled") == "true" && number(instance, "performanceInsightsRetentionPeriod") == 0 {
		instance.Set("performanceInsightsRetentionPeriod", 7)
	}
	if instance.Text("manageMasterUserPassword") != "true" {
		delete(instance.Outputs, "masterUserSecrets")
	}
	for _, secret := range instance.Elements("masterUserSecrets") {
		secret.Set("kmsKeyId", cmp.Or(instance.Text("masterUserSecretKmsKeyId"), awsManagedKey(instance.Region, "secretsmanager")))
	}
}

// setDatabasePlacement sets the zone and the VPC's default security group, unless the program sets them.
func setDatabasePlacement(account cloud.Account, instance *cloud.Resource) error {
	group, err := account.Find(dbSubnetGroupToken, "name", instance.Text("dbSubnetGroupName"))
	if err != nil {
		return err
	}
	if instance.Text("availabilityZone") == "" {
		zones, err := zonesOf(account, group)
		if err != nil {
			return err
		}
		instance.Set("availabilityZone", zones[0])
	}
	if len(instance.Texts("vpcSecurityGroupIds[*]")) == 0 {
		vpc, err := account.Find(vpcToken, "", group.Text("vpcId"))
		if err != nil {
			return err
		}
		instance.Set("vpcSecurityGroupIds", []any{vpc.Text("defaultSecurityGroupId")})
	}
	return nil
}

// createLogGroups creates the missing log groups for exported logs, as RDS does. They remain when the instance is
// deleted.
func createLogGroups(account cloud.Account, instance *cloud.Resource) error {
	for _, export := range instance.Texts("enabledCloudwatchLogsExports[*]") {
		name := fmt.Sprintf("/aws/rds/instance/%s/%s", instance.Text("identifier"), export)
		known, err := account.Find(logGroupToken, "name", name)
		if err != nil {
			return err
		}
		if known != nil {
			continue
		}
		err = account.Put(logGroupToken, awsManaged(name, map[string]any{
			"arn":  fmt.Sprintf("arn:aws:logs:%s:%s:log-group:%s", instance.Region, Account, name),
			"name": name, "logGroupClass": "STANDARD", "retentionInDays": 0, "tags": map[string]any{}, "tagsAll": map[string]any{},
		}))
		if err != nil {
			return err
		}
	}
	return nil
}

func deleteDatabase(account cloud.Account, instance *cloud.Resource) error {
	if err := createFinalSnapshot(account, instance); err != nil {
		return err
	}
	return promoteReplicas(account, instance)
}
