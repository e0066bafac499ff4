package aws

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"stagecraft/internal/offline/cloud"
)

const (
	dbSubnetGroupToken    = "aws:rds/subnetGroup:SubnetGroup"
	dbParameterGroupToken = "aws:rds/parameterGroup:ParameterGroup"
	dbInstanceToken       = "aws:rds/instance:Instance"
	dbSnapshotToken       = "aws:rds/snapshot:Snapshot"
)

// rdsTypes are databases: PostgreSQL on instances, no other engine and no cluster (quotas: RDS User Guide, "Quotas and
// constraints for Amazon RDS").
func rdsTypes() []cloud.Type {
	return slices.Concat(dbGroupTypes(), dbInstanceTypes(), dbEventTypes())
}

// rdsName is how the names of most things in RDS look (RDS API Reference): a letter, and no two hyphens in a row nor one
// at the end.
func rdsName(property, first, rest string, longest int) *cloud.Name {
	return &cloud.Name{
		Property: property, Max: longest, Pattern: regexp.MustCompile(`^[` + first + `](-?[` + rest + `])*$`),
	}
}

func rdsQuota(limit int, code, what string) *cloud.Quota {
	return &cloud.Quota{Limit: limit, Error: cloud.Error{
		Code: code, Message: fmt.Sprintf("Cannot create more than %d %s", limit, what),
	}}
}

func dbGroupTypes() []cloud.Type {
	return []cloud.Type{{
		Token:     dbSubnetGroupToken,
		Args:      rds.SubnetGroupArgs{},
		State:     rds.SubnetGroup{},
		Service:   "RDS",
		Operation: "CreateDBSubnetGroup",
		Source: "CloudFormation resource schema AWS::RDS::DBSubnetGroup; RDS API Reference, CreateDBSubnetGroup. It keeps " +
			"its subnets from being deleted, as on AWS the network interfaces of its instances do",
		Name:      &cloud.Name{Property: "name", Max: 255, Pattern: regexp.MustCompile(`^[a-z0-9_ .-]+$`)},
		ID:        "${name}",
		Required:  []string{"subnetIds"},
		Conflicts: [][]string{{"name", "namePrefix"}},
		Computed: map[string]any{
			"arn":                   "arn:aws:rds:${region}:${account}:subgrp:${name}",
			"description":           "Managed by Pulumi",
			"name":                  "${namePrefix}${digits26}",
			"supportedNetworkTypes": []any{"IPV4"},
			"vpcId":                 "${subnetIds[0].vpcId}",
		},
		Replace: []string{"name", "namePrefix"},
		Refs: []cloud.Ref{{Path: "subnetIds[*]", Type: subnetToken, NotFound: cloud.Error{
			Code: "InvalidParameterValue", Message: "Some input subnets in :[${value}] are invalid.",
		}}},
		Unique: [][]string{{"name"}},
		Quota:  rdsQuota(50, "DBSubnetGroupQuotaExceeded", "DB subnet groups"),
		Check:  dbSubnetGroupFits,
		NotFound: cloud.Error{
			Code: "DBSubnetGroupNotFoundFault", Message: "DB subnet group '${value}' does not exist.",
		},
		Exists: cloud.Error{
			Code: "DBSubnetGroupAlreadyExists", Message: "The DB subnet group '${name}' already exists.",
		},
		InUse: cloud.Error{
			Code:    "InvalidDBSubnetGroupStateFault",
			Message: "Cannot delete the subnet group '${name}' because at least one database instance is still using it.",
		},
	}, {
		Token:     dbParameterGroupToken,
		Args:      rds.ParameterGroupArgs{},
		State:     rds.ParameterGroup{},
		Service:   "RDS",
		Operation: "CreateDBParameterGroup",
		Source:    "CloudFormation resource schema AWS::RDS::DBParameterGroup; RDS API Reference, CreateDBParameterGroup",
		Name:      rdsName("name", "a-z", "a-z0-9.", 255),
		ID:        "${name}",
		Conflicts: [][]string{{"name", "namePrefix"}},
		Values: map[string]cloud.Value{
			"parameters[*].applyMethod": cloud.OneOf("immediate", "pending-reboot"),
			"skipDestroy":               cloud.NotSimulated,
		},
		Computed: map[string]any{
			"arn":         "arn:aws:rds:${region}:${account}:pg:${name}",
			"description": "Managed by Pulumi",
			"name":        "${namePrefix}${digits26}",
			"skipDestroy": false,
		},
		Replace: []string{"description", "family", "name", "namePrefix"},
		Unique:  [][]string{{"name"}},
		Quota:   rdsQuota(50, "DBParameterGroupQuotaExceeded", "DB parameter groups"),
		Check:   dbParameterGroupFits,
		NotFound: cloud.Error{
			Code: "DBParameterGroupNotFound", Message: "DBParameterGroup not found: ${value}",
		},
		Exists: cloud.Error{Code: "DBParameterGroupAlreadyExists", Message: "Parameter group ${name} already exists"},
		InUse: cloud.Error{
			Code: "InvalidDBParameterGroupState",
			Message: "One or more database instances are still members of this parameter group ${name}, so the group cannot " +
				"be deleted",
		},
	}}
}

// mostSubnets is how many subnets a DB subnet group may have.
const mostSubnets = 20

func dbSubnetGroupFits(account cloud.Account, group *cloud.Resource) error {
	subnets, err := subnetsOf(account, group)
	if err != nil {
		return err
	}
	zones := map[string]bool{}
	for _, subnet := range subnets {
		zones[subnet.Text("availabilityZone")] = true
		if subnet.Text("vpcId") != group.Text("vpcId") {
			return refuse("InvalidParameterValue", "The new Subnets are not in the same Vpc as the existing subnet group")
		}
	}
	switch {
	case len(zones) < 2:
		return refuse("DBSubnetGroupDoesNotCoverEnoughAZs", "The DB subnet group doesn't meet Availability Zone (AZ) "+
			"coverage requirement. Current AZ coverage: %s. Add subnets to cover at least 2 AZs.",
			subnets[0].Text("availabilityZone"))
	case len(subnets) > mostSubnets:
		return refuse("DBSubnetQuotaExceededFault", "A DB subnet group may have %d subnets at most", mostSubnets)
	}
	return nil
}

// subnetsOf are a DB subnet group's subnets.
func subnetsOf(account cloud.Account, group *cloud.Resource) ([]*cloud.Resource, error) {
	var subnets []*cloud.Resource
	for _, id := range group.Texts("subnetIds[*]") {
		subnet, err := account.Find(subnetToken, "", id)
		if err != nil {
			return nil, err
		}
		subnets = append(subnets, subnet)
	}
	return subnets, nil
}

// The parameters that the offline cloud knows: static ones wait for a restart (RDS User Guide, "RDS for PostgreSQL DB
// instance parameter list").
var (
	staticParameters = strings.Fields(`
		autovacuum_freeze_max_age autovacuum_max_workers cron.database_name huge_pages max_connections
		max_files_per_process max_locks_per_transaction max_logical_replication_workers max_prepared_transactions
		max_replication_slots max_wal_senders max_worker_processes pg_stat_statements.max rds.logical_replication
		rds.restrict_password_commands shared_buffers shared_preload_libraries track_activity_query_size
		track_commit_timestamp wal_buffers`)
	dynamicParameters = strings.Fields(`
		auto_explain.log_min_duration autovacuum autovacuum_analyze_scale_factor autovacuum_naptime
		autovacuum_vacuum_cost_delay autovacuum_vacuum_cost_limit autovacuum_vacuum_scale_factor autovacuum_work_mem
		checkpoint_completion_target checkpoint_timeout client_encoding deadlock_timeout default_statistics_target
		effective_cache_size effective_io_concurrency hot_standby_feedback idle_in_transaction_session_timeout
		idle_session_timeout jit lock_timeout log_autovacuum_min_duration log_checkpoints log_connections
		log_disconnections log_duration log_error_verbosity log_hostname log_line_prefix log_lock_waits
		log_min_duration_statement log_min_error_statement log_min_messages log_rotation_age log_rotation_size
		log_statement log_temp_files maintenance_work_mem max_parallel_maintenance_workers max_parallel_workers
		max_parallel_workers_per_gather max_standby_archive_delay max_standby_streaming_delay max_wal_size min_wal_size
		password_encryption pg_stat_statements.track random_page_cost rds.force_autovacuum_logging_level rds.force_ssl
		rds.log_retention_period seq_page_cost ssl_min_protocol_version statement_timeout synchronous_commit
		tcp_keepalives_count tcp_keepalives_idle tcp_keepalives_interval timezone track_functions track_io_timing
		wal_compression wal_receiver_timeout wal_sender_timeout work_mem`)
)

func dbParameterGroupFits(_ cloud.Account, group *cloud.Resource) error {
	family := group.Text("family")
	if _, ok := minorVersions[strings.TrimPrefix(family, dbEngine)]; !ok || !strings.HasPrefix(family, dbEngine) {
		return refuse("InvalidParameterValue", "ParameterGroupFamily %s is not a valid parameter group family", family)
	}
	for _, parameter := range group.Elements("parameters") {
		name := parameter.Text("name")
		static := slices.Contains(staticParameters, name)
		switch {
		case !static && !slices.Contains(dynamicParameters, name):
			return refuse("InvalidParameterValue", "Could not find parameter with name: %s (the offline cloud knows those of "+
				"internal/offline/aws/rds.go)", name)
		case static && parameter.Text("applyMethod") != "pending-reboot":
			return refuse("InvalidParameterCombination", "cannot use immediate apply method for static parameter %s", name)
		}
	}
	return nil
}

const (
	dbEngine = "postgres"
	dbPort   = 5432
	// defaultMajorVersion is what RDS takes when it is told no version.
	defaultMajorVersion = "17"
)

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

func dbInstanceTypes() []cloud.Type {
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
	instanceName, snapshotName := rdsName("identifier", "a-z", "a-z0-9", 63), rdsName("dbSnapshotIdentifier", "A-Za-z", "0-9A-Za-z", 255)
	instanceName.NoHyphen, snapshotName.Manual = true, true
	return []cloud.Type{{
		Token:     dbInstanceToken,
		Args:      rds.InstanceArgs{},
		State:     rds.Instance{},
		Service:   "RDS",
		Operation: "CreateDBInstance",
		Source: "CloudFormation resource schema AWS::RDS::DBInstance; SDK doc; RDS API Reference, CreateDBInstance, " +
			"CreateDBInstanceReadReplica, ModifyDBInstance and DeleteDBInstance. Its times are what users report; AWS publishes " +
			"none. Replicas are of a source in their own region",
		Name: instanceName,
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
			{Path: "dbSubnetGroupName", Type: dbSubnetGroupToken, By: "name"},
			{Path: "parameterGroupName", Type: dbParameterGroupToken, By: "name", External: regexp.MustCompile(`^default\.`)},
			{Path: "vpcSecurityGroupIds[*]", Type: securityGroupToken, NotFound: cloud.Error{
				Code: "InvalidParameterValue", Message: "Invalid security group , groupId= ${value}, groupName=.",
			}},
			{Path: "replicateSourceDb", Type: dbInstanceToken, By: "identifier", Loose: true},
			{Path: "monitoringRoleArn", Type: roleToken, By: "arn", Loose: true, NotFound: cloud.Error{
				Code: "InvalidParameterValue", Message: noEnhancedMonitoring,
			}},
		},
		Unique:    [][]string{{"identifier"}},
		Quota:     rdsQuota(40, "InstanceQuotaExceeded", "DB instances"),
		Check:     dbInstanceFits,
		Make:      describeDatabase,
		Protected: "deletionProtection",
		Protection: cloud.Error{
			Code:    "InvalidParameterCombination",
			Message: "Cannot delete protected DB Instance, please disable deletion protection and try again.",
		},
		Delete:    deleteDatabase,
		NotFound:  cloud.Error{Code: "DBInstanceNotFound", Message: "DBInstance ${value} not found."},
		Exists:    cloud.Error{Code: "DBInstanceAlreadyExists", Message: "DB instance already exists"},
		Takes:     8 * time.Minute,
		TakesMore: map[string]time.Duration{"multiAz": 4 * time.Minute},
	}, {
		Token:     dbSnapshotToken,
		Args:      rds.SnapshotArgs{},
		State:     rds.Snapshot{},
		Service:   "RDS",
		Operation: "CreateDBSnapshot",
		Source:    "SDK doc; RDS API Reference, CreateDBSnapshot. A snapshot outlives its instance",
		Name:      snapshotName,
		ID:        "${dbSnapshotIdentifier}",
		Values:    map[string]cloud.Value{"sharedAccounts": cloud.NotSimulated},
		Replace:   []string{"dbInstanceIdentifier", "dbSnapshotIdentifier"},
		Refs:      []cloud.Ref{{Path: "dbInstanceIdentifier", Type: dbInstanceToken, By: "identifier", Loose: true}},
		Unique:    [][]string{{"dbSnapshotIdentifier"}},
		Quota:     rdsQuota(100, "SnapshotQuotaExceeded", "manual DB snapshots"),
		Make: func(account cloud.Account, snapshot *cloud.Resource) error {
			instance, err := account.Find(dbInstanceToken, "identifier", snapshot.Text("dbInstanceIdentifier"))
			if err != nil || instance == nil {
				return err
			}
			for property, value := range snapshotOf(instance, snapshot.ID) {
				snapshot.Set(property, value)
			}
			return nil
		},
		NotFound: cloud.Error{Code: "DBSnapshotNotFound", Message: "DBSnapshot ${value} not found."},
		Exists:   snapshotExists,
		Takes:    2 * time.Minute,
	}}
}

var snapshotExists = cloud.Error{
	Code:    "DBSnapshotAlreadyExists",
	Message: "Cannot create the snapshot because a snapshot with the identifier ${dbSnapshotIdentifier} already exists.",
}

const noEnhancedMonitoring = "IAM role ARN value is invalid or does not include the required permissions for: " +
	"ENHANCED_MONITORING"

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

func invalidCombination(format string, values ...any) error {
	return refuse("InvalidParameterCombination", format, values...)
}

func invalidValue(format string, values ...any) error {
	return refuse("InvalidParameterValue", format, values...)
}

// dbInstanceFits refuses what RDS does not take together, with what else exists, or as a change of what was before.
func dbInstanceFits(account cloud.Account, instance *cloud.Resource) error {
	for _, fits := range []func(cloud.Account, *cloud.Resource) error{
		dbReplicaFits, dbSourceFits, dbLoginFits, dbVersionFits, dbClassFits, dbStorageFits, dbNetworkFits, dbMonitoringFits,
		dbWindowsFit,
	} {
		if err := fits(account, instance); err != nil {
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

func dbLoginFits(_ cloud.Account, instance *cloud.Resource) error {
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
	case password == "" && keepsPassword(instance):
		return nil
	case password == "":
		return invalidValue("The parameter MasterUserPassword must be provided and must not be blank.")
	case !dbPassword.MatchString(password):
		return invalidValue("The parameter MasterUserPassword is not a valid password. Only printable ASCII characters " +
			`besides '/', '@', '"', ' ' may be used.`)
	}
	return nil
}

// keepsPassword tells whether an instance that is told no password has one of its own.
func keepsPassword(instance *cloud.Resource) bool {
	return instance.Before != nil && instance.Before.Text("manageMasterUserPassword") != "true"
}

// actualVersion is the version that RDS takes for the one that was asked for, "" if there is none. Where only the major
// version was asked for, it is the one that is there, or else the newest.
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

// versionParts are a version's major and minor number.
func versionParts(version string) [2]int {
	major, minor, _ := strings.Cut(version, ".")
	first, _ := strconv.Atoi(major) // both are from minorVersions
	second, _ := strconv.Atoi(minor)
	return [2]int{first, second}
}

func dbVersionFits(account cloud.Account, instance *cloud.Resource) error {
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
	return dbParametersFit(account, instance, fmt.Sprintf("%s%d", dbEngine, major))
}

// dbParametersFit refuses a parameter group of another engine version.
func dbParametersFit(account cloud.Account, instance *cloud.Resource, family string) error {
	given := instance.Inputs["parameterGroupName"]
	if !given.IsString() || given.StringValue() == "" {
		return nil
	}
	has := strings.TrimPrefix(given.StringValue(), "default.")
	group, err := account.Find(dbParameterGroupToken, "name", given.StringValue())
	if err != nil {
		return err
	}
	if group != nil {
		has = group.Text("family")
	}
	if has != family {
		return invalidCombination("The parameter group %s with DBParameterGroupFamily %s can't be used for this instance. "+
			"Please use a parameter group with DBParameterGroupFamily %s", given.StringValue(), has, family)
	}
	return nil
}

// dbClass is the classes that run RDS for PostgreSQL (RDS User Guide, "DB instance class types").
var dbClass = regexp.MustCompile(`^db\.(` +
	`t(3|4g)\.(micro|small|medium|large|xlarge|2xlarge)` +
	`|([mr]5d?|r5b)\.(large|xlarge|(2|4|8|12|16|24)xlarge)` +
	`|([mr]6gd?|[mr]7g|x2g)\.(large|xlarge|(2|4|8|12|16)xlarge)` +
	`|[mr]6id?\.(large|xlarge|(2|4|8|12|16|24|32)xlarge)` +
	`|([mr]7i|[mr]8g)\.(large|xlarge|(2|4|8|12|16|24|48)xlarge))$`)

var caCertificates = []string{"rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1", "rds-ca-ecc384-g1"}

func dbClassFits(_ cloud.Account, instance *cloud.Resource) error {
	if class := instance.Text("instanceClass"); !dbClass.MatchString(class) {
		return invalidValue("Invalid DB Instance class: %s", class)
	}
	if certificate := instance.Text("caCertIdentifier"); !slices.Contains(caCertificates, certificate) {
		return refuse("CertificateNotFound", "Certificate not found: %s", certificate)
	}
	return nil
}

// dbStorage is the least and the most storage of each type, in GiB (RDS User Guide, "Amazon RDS DB instance storage").
var dbStorage = map[string][2]float64{
	"standard": {5, 3072}, "gp2": {20, 65536}, "gp3": {20, 65536}, "io1": {100, 65536}, "io2": {100, 65536},
}

// stripedStorage is from how many GiB gp3 storage has IOPS and throughput to choose.
const stripedStorage = 400

// storageTypeOf is the type that RDS chooses where none is asked for.
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

func dbStorageFits(_ cloud.Account, instance *cloud.Resource) error {
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
	case instance.Before != nil && size < number(instance.Before, "allocatedStorage") && !grown(instance):
		return invalidCombination("Requested storage size (%g) cannot be less than the current storage size (%g)",
			size, number(instance.Before, "allocatedStorage"))
	}
	return nil
}

// grown tells whether RDS grew the storage by itself, which the AWS provider leaves as it is.
func grown(instance *cloud.Resource) bool {
	size := number(instance, "allocatedStorage")
	return instance.Before != nil && number(instance.Before, "allocatedStorage") > size &&
		number(instance, "maxAllocatedStorage") > size
}

func dbNetworkFits(account cloud.Account, instance *cloud.Resource) error {
	group, err := account.Find(dbSubnetGroupToken, "name", instance.Text("dbSubnetGroupName"))
	if err != nil {
		return err
	}
	if group == nil {
		return refuse("InvalidSubnet", "No default subnet detected in VPC. (The account has no default VPC: give "+
			"dbSubnetGroupName.)")
	}
	vpc := group.Text("vpcId")
	if before := instance.Before; before != nil && before.Text("dbSubnetGroupName") != group.ID {
		return refuse("InvalidVPCNetworkStateFault", "You cannot move DB instance %s to subnet group %s. The specified DB "+
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
		return refuse("InvalidVPCNetworkStateFault", "DB subnet group %s has no subnet in availability zone %s: it covers %s",
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

// zonesOf are the availability zones of a DB subnet group, sorted.
func zonesOf(account cloud.Account, group *cloud.Resource) ([]string, error) {
	subnets, err := subnetsOf(account, group)
	var zones []string
	for _, subnet := range subnets {
		zones = append(zones, subnet.Text("availabilityZone"))
	}
	slices.Sort(zones)
	return slices.Compact(zones), err
}

// advancedRetention is how many days of Performance Insights the advanced mode of Database Insights needs at least.
const advancedRetention = 465

func dbMonitoringFits(account cloud.Account, instance *cloud.Resource) error {
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
	permitted, err := permits(account, role, iam.ManagedPolicyAmazonRDSEnhancedMonitoringRole, "logs:PutLogEvents")
	if err != nil {
		return err
	}
	if !permitted || !assumes(role, "monitoring.rds.amazonaws.com") {
		return invalidValue("%s", noEnhancedMonitoring)
	}
	return nil
}

const (
	weekdays     = "mon|tue|wed|thu|fri|sat|sun"
	timeOfDay    = `([01]\d|2[0-3]):[0-5]\d`
	day          = 24 * 60
	week         = 7 * day
	leastMinutes = 30
)

// dbWindowsFit refuses windows of less than half an hour, and windows that overlap (RDS API Reference, CreateDBInstance).
func dbWindowsFit(_ cloud.Account, instance *cloud.Resource) error {
	backup := strings.Split(instance.Text("backupWindow"), "-")
	maintenance := strings.Split(strings.ToLower(instance.Text("maintenanceWindow")), "-")
	backupStart, maintenanceStart := minutes(backup[0]), minutes(maintenance[0])
	backupLength := (minutes(backup[1]) - backupStart + day) % day
	maintenanceLength := (minutes(maintenance[1]) - maintenanceStart + week) % week
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

// minutes are those since the beginning of the day, or of the week for a time with a day, such as "sun:04:00".
func minutes(text string) int {
	parts := strings.Split(text, ":")
	days := 0
	if len(parts) == 3 {
		days, parts = slices.Index(strings.Split(weekdays, "|"), parts[0]), parts[1:]
	}
	hour, _ := strconv.Atoi(parts[0]) // Values has checked the format
	minute, _ := strconv.Atoi(parts[1])
	return days*day + hour*60 + minute
}

// accountDomain is the part of the host names of all of an account's databases in a region.
const accountDomain = "c0ffl1ne0db"

// describeDatabase computes what depends on other properties, and makes the log groups that RDS writes to.
func describeDatabase(account cloud.Account, instance *cloud.Resource) error {
	if grown(instance) {
		instance.Set("allocatedStorage", number(instance.Before, "allocatedStorage"))
	}
	identifier := instance.Text("identifier")
	host := fmt.Sprintf("%s.%s.%s.rds.amazonaws.com", identifier, accountDomain, instance.Region)
	instance.Set("arn", fmt.Sprintf("arn:aws:rds:%s:%s:db:%s", instance.Region, Account, identifier))
	instance.Set("address", host)
	instance.Set("endpoint", host+":"+instance.Text("port"))
	instance.Set("storageType", storageTypeOf(instance))
	describeVersion(instance)
	describeKeys(instance)
	if err := placeDatabase(account, instance); err != nil {
		return err
	}
	return makeLogGroups(account, instance)
}

func describeVersion(instance *cloud.Resource) {
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

// describeKeys names the AWS managed keys that encrypt what is encrypted, where the program names no other.
func describeKeys(instance *cloud.Resource) {
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

// awsManagedKey is the key that AWS manages for a service in a region.
func awsManagedKey(region, service string) string {
	sum := sha256.Sum256([]byte(region + service))
	id := hex.EncodeToString(sum[:16])
	return fmt.Sprintf("arn:aws:kms:%s:%s:key/%s-%s-%s-%s-%s",
		region, Account, id[:8], id[8:12], id[12:16], id[16:20], id[20:])
}

// placeDatabase puts an instance into a zone and under the VPC's default security group, unless the program says where.
func placeDatabase(account cloud.Account, instance *cloud.Resource) error {
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

// makeLogGroups makes those log groups for exported logs that are not there, as RDS does. They stay when it goes.
func makeLogGroups(account cloud.Account, instance *cloud.Resource) error {
	for _, export := range instance.Texts("enabledCloudwatchLogsExports[*]") {
		name := fmt.Sprintf("/aws/rds/instance/%s/%s", instance.Text("identifier"), export)
		known, err := account.Find(logGroupToken, "name", name)
		if err != nil {
			return err
		}
		if known != nil {
			continue
		}
		err = account.Put(logGroupToken, provided(name, map[string]any{
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
	if err := leaveSnapshot(account, instance); err != nil {
		return err
	}
	return promoteReplicas(account, instance)
}

// leaveSnapshot makes the final snapshot of an instance that goes.
func leaveSnapshot(account cloud.Account, instance *cloud.Resource) error {
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
		return refuse(snapshotExists.Code, "%s", strings.ReplaceAll(snapshotExists.Message, "${dbSnapshotIdentifier}", id))
	}
	return account.Put(dbSnapshotToken, provided(id, snapshotOf(instance, id)))
}

// snapshotOf describes a snapshot of an instance.
func snapshotOf(instance *cloud.Resource, id string) map[string]any {
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

// dbEvents are the categories of events of each type of source (RDS User Guide, "Amazon RDS event categories and event
// messages").
var dbEvents = map[string][]string{
	"db-instance": {
		"availability", "backup", "configuration change", "creation", "deletion", "failover", "failure", "low storage",
		"maintenance", "notification", "read replica", "recovery", "restoration", "security", "security patching",
	},
	"db-parameter-group": {"configuration change"},
	"db-security-group":  {"configuration change", "failure"},
	"db-snapshot":        {"creation", "deletion", "notification", "restoration"},
}

func dbEventTypes() []cloud.Type {
	return []cloud.Type{{
		Token:     "aws:rds/eventSubscription:EventSubscription",
		Args:      rds.EventSubscriptionArgs{},
		State:     rds.EventSubscription{},
		Service:   "RDS",
		Operation: "CreateEventSubscription",
		Source:    "CloudFormation resource schema AWS::RDS::EventSubscription; RDS API Reference, CreateEventSubscription",
		Name:      rdsName("name", "A-Za-z", "0-9A-Za-z", 255),
		ID:        "${name}",
		Conflicts: [][]string{{"name", "namePrefix"}},
		Values: map[string]cloud.Value{
			"sourceType": cloud.OneOf("db-instance", "db-parameter-group", "db-security-group", "db-snapshot"),
		},
		Computed: map[string]any{
			"arn":           "arn:aws:rds:${region}:${account}:es:${name}",
			"customerAwsId": "${account}",
			"enabled":       true,
			"name":          "${namePrefix}${digits26}",
		},
		Replace: []string{"name", "namePrefix"},
		Refs: []cloud.Ref{{Path: "snsTopic", Type: topicToken, By: "arn", Loose: true, NotFound: cloud.Error{
			Code: "SNSTopicArnNotFound", Message: "The SNS topic ARN ${value} does not exist.",
		}}},
		Unique:   [][]string{{"name"}},
		Quota:    rdsQuota(20, "EventSubscriptionQuotaExceeded", "event subscriptions"),
		Check:    dbEventsFit,
		NotFound: cloud.Error{Code: "SubscriptionNotFound", Message: "Subscription ${value} does not exist."},
		Exists:   cloud.Error{Code: "SubscriptionAlreadyExist", Message: "Subscription ${name} already exists."},
	}}
}

func dbEventsFit(account cloud.Account, subscription *cloud.Resource) error {
	kind, sources := subscription.Text("sourceType"), subscription.Texts("sourceIds[*]")
	if kind == "" && len(sources) > 0 {
		return invalidCombination("SourceType is required if SourceIds are specified.")
	}
	for _, category := range subscription.Texts("eventCategories[*]") {
		if kind == "" {
			return invalidCombination("SourceType is required if EventCategories are specified.")
		}
		if !slices.Contains(dbEvents[kind], category) {
			return refuse("SubscriptionCategoryNotFound", "The category %q does not exist for source type %s.", category, kind)
		}
	}
	if kind != "db-instance" {
		return nil
	}
	for _, source := range sources {
		instance, err := account.Find(dbInstanceToken, "identifier", source)
		if err != nil {
			return err
		}
		if instance == nil {
			return refuse("SourceNotFound", "Could not find source: %s", source)
		}
	}
	return nil
}
