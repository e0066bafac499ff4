package aws

import (
	"testing"

	"github.com/stretchr/testify/require"
)

var minimalRDS = map[string]func(*testAccount) map[string]any{
	dbSubnetGroupToken: func(a *testAccount) map[string]any { return subnetGroupInputs(a.network("0")) },
	dbParameterGroupToken: func(*testAccount) map[string]any {
		return parameterGroupInputs("postgres17")
	},
	dbInstanceToken: func(a *testAccount) map[string]any { return a.databaseInputs(a.network("0")) },
	dbSnapshotToken: func(a *testAccount) map[string]any {
		a.create(dbInstanceToken, a.databaseInputs(a.network("0")))
		return map[string]any{"dbInstanceIdentifier": "app", "dbSnapshotIdentifier": "before"}
	},
	eventSubscriptionToken: func(a *testAccount) map[string]any {
		a.create(dbInstanceToken, a.databaseInputs(a.network("0")))
		return map[string]any{
			"name": "events", "snsTopic": a.topic().id, "sourceType": "db-instance", "sourceIds": []any{"app"},
			"eventCategories": []any{"failure", "low storage"},
		}
	},
}

const eventSubscriptionToken = "aws:rds/eventSubscription:EventSubscription"

func TestRDSInputsRejected(t *testing.T) {
	t.Parallel()
	rejections := []inputRejection{
		{dbSubnetGroupToken, "name", map[string]any{"name": "Data"}},
		{dbParameterGroupToken, "name", map[string]any{"name": "my--group"}},
		{dbParameterGroupToken, "parameters[0].applyMethod", map[string]any{
			"parameters": []any{map[string]any{"name": "jit", "value": "0", "applyMethod": "soon"}},
		}},
		{dbParameterGroupToken, "skipDestroy", map[string]any{"skipDestroy": true}},
		{dbInstanceToken, "backupRetentionPeriod", map[string]any{"backupRetentionPeriod": 36}},
		{dbInstanceToken, "backupWindow", map[string]any{"backupWindow": "2:00-3:00"}},
		{dbInstanceToken, "engine", map[string]any{"engine": "mysql"}},
		{dbInstanceToken, "finalSnapshotIdentifier", map[string]any{"finalSnapshotIdentifier": "app-"}},
		{dbInstanceToken, "identifier", map[string]any{"identifier": "App"}},
		{dbInstanceToken, "identifier", map[string]any{"identifierPrefix": "app"}},
		{dbInstanceToken, "maintenanceWindow", map[string]any{"maintenanceWindow": "sunday:04:00-sunday:05:00"}},
		{dbInstanceToken, "manageMasterUserPassword", map[string]any{"password": "correct horse"}},
		{dbInstanceToken, "monitoringInterval", map[string]any{"monitoringInterval": 20}},
		{dbInstanceToken, "performanceInsightsRetentionPeriod", map[string]any{"performanceInsightsRetentionPeriod": 30}},
		{dbInstanceToken, "port", map[string]any{"port": 80}},
		{dbInstanceToken, "storageType", map[string]any{"storageType": "st1"}},
		{dbSnapshotToken, "dbSnapshotIdentifier", map[string]any{"dbSnapshotIdentifier": "7"}},
		{eventSubscriptionToken, "sourceType", map[string]any{"sourceType": "db-cluster"}},
	}
	for _, property := range notSimulatedOfDatabase {
		rejections = append(rejections, inputRejection{dbInstanceToken, property, map[string]any{property: "something"}})
	}
	runInputRejections(t, rejections)
}

// inOneZone returns the inputs of a subnet group in one zone.
func inOneZone(a *testAccount) map[string]any {
	return map[string]any{"name": "data", "subnetIds": []any{a.network("0").subnets[0].id}}
}

func TestRDSGroupRejections(t *testing.T) {
	t.Parallel()
	parameter := func(name, apply string) map[string]any {
		return map[string]any{"parameters": []any{map[string]any{"name": name, "value": "1", "applyMethod": apply}}}
	}
	runRejections(t, []rejection{
		{"one zone", "DBSubnetGroupDoesNotCoverEnoughAZs", dbSubnetGroupToken, inOneZone},
		{"two networks", "InvalidParameterValue", dbSubnetGroupToken, func(a *testAccount) map[string]any {
			return map[string]any{"subnetIds": []any{a.network("0").subnets[0].id, a.network("1").subnets[1].id}}
		}},
		{
			"unknown family", "InvalidParameterValue", dbParameterGroupToken,
			but(dbParameterGroupToken, map[string]any{"family": "postgres9.6"}),
		},
		{
			"family of another engine", "InvalidParameterValue", dbParameterGroupToken,
			but(dbParameterGroupToken, map[string]any{"family": "17"}),
		},
		{
			"unknown parameter", "InvalidParameterValue", dbParameterGroupToken,
			but(dbParameterGroupToken, parameter("max_conections", "pending-reboot")),
		},
		{
			"static parameter at once", "InvalidParameterCombination", dbParameterGroupToken,
			but(dbParameterGroupToken, parameter("max_connections", "immediate")),
		},
		{
			"events without a source type", "InvalidParameterCombination", eventSubscriptionToken,
			but(eventSubscriptionToken, map[string]any{"sourceType": nil}),
		},
		{
			"categories without a source type", "InvalidParameterCombination", eventSubscriptionToken,
			but(eventSubscriptionToken, map[string]any{"sourceType": nil, "sourceIds": nil}),
		},
		{
			"unknown category", "SubscriptionCategoryNotFound", eventSubscriptionToken,
			but(eventSubscriptionToken, map[string]any{"eventCategories": []any{"flood"}}),
		},
		{
			"events of nothing", "SourceNotFound", eventSubscriptionToken,
			but(eventSubscriptionToken, map[string]any{"sourceIds": []any{"other"}}),
		},
	})
}

func TestDatabaseRejections(t *testing.T) {
	t.Parallel()
	value, combination := "InvalidParameterValue", "InvalidParameterCombination"
	var rejections []rejection
	for name, rejected := range map[string]struct {
		code string
		more map[string]any
	}{
		"no engine":             {value, map[string]any{"engine": nil}},
		"no user":               {value, map[string]any{"username": nil}},
		"user of no name":       {value, map[string]any{"username": "app-admin"}},
		"reserved user":         {value, map[string]any{"username": "admin"}},
		"database of no name":   {value, map[string]any{"dbName": "my-app"}},
		"no password":           {value, map[string]any{"manageMasterUserPassword": nil}},
		"password with a slash": {value, map[string]any{"manageMasterUserPassword": nil, "password": "correct/horse"}},
		"short password":        {value, map[string]any{"manageMasterUserPassword": nil, "password": "horse"}},
		"unknown version":       {combination, map[string]any{"engineVersion": "99"}},
		"withdrawn version":     {combination, map[string]any{"engineVersion": "17.1"}},
		"version to come":       {combination, map[string]any{"engineVersion": "17.99"}},
		"version of three":      {combination, map[string]any{"engineVersion": "17.5.1"}},
		"another family":        {combination, map[string]any{"engineVersion": "16"}},
		"another default": {combination, map[string]any{
			"engineVersion": "16", "parameterGroupName": "default.postgres17",
		}},
		"log of another engine":  {combination, map[string]any{"enabledCloudwatchLogsExports": []any{"audit"}}},
		"unknown class":          {value, map[string]any{"instanceClass": "db.t4g.tiny"}},
		"class of EC2":           {value, map[string]any{"instanceClass": "t4g.small"}},
		"unknown certificate":    {"CertificateNotFound", map[string]any{"caCertIdentifier": "rds-ca-2019"}},
		"no storage":             {value, map[string]any{"allocatedStorage": nil}},
		"little storage":         {value, map[string]any{"allocatedStorage": 19}},
		"much storage":           {value, map[string]any{"allocatedStorage": 65537}},
		"IOPS of little storage": {combination, map[string]any{"iops": 3000}},
		"throughput of gp2":      {combination, map[string]any{"storageType": "gp2", "storageThroughput": 500}},
		"io1 without IOPS":       {combination, map[string]any{"storageType": "io1", "allocatedStorage": 100}},
		"growth to less":         {combination, map[string]any{"maxAllocatedStorage": 20}},
		"growth by little":       {combination, map[string]any{"maxAllocatedStorage": 21}},
		"growth to too much":     {value, map[string]any{"maxAllocatedStorage": 70000}},
		"no subnet group":        {"InvalidSubnet", map[string]any{"dbSubnetGroupName": nil}},
		"a zone and two":         {combination, map[string]any{"availabilityZone": "eu-west-1a", "multiAz": true}},
		"another zone":           {"InvalidVPCNetworkStateFault", map[string]any{"availabilityZone": "eu-west-1c"}},
		"insights that are off":  {combination, map[string]any{"performanceInsightsRetentionPeriod": 7}},
		"advanced and short": {combination, map[string]any{
			"databaseInsightsMode": "advanced", "performanceInsightsEnabled": true, "performanceInsightsRetentionPeriod": 31,
		}},
		"monitoring by nobody": {combination, map[string]any{"monitoringInterval": 60}},
		"overlapping windows": {value, map[string]any{
			"backupWindow": "02:00-04:30", "maintenanceWindow": "sun:04:00-sun:05:00",
		}},
		"windows that overlap over night": {value, map[string]any{
			"backupWindow": "23:30-00:30", "maintenanceWindow": "sat:23:00-sun:00:00",
		}},
		"short backup":     {value, map[string]any{"backupWindow": "02:00-02:20"}},
		"long maintenance": {value, map[string]any{"maintenanceWindow": "sat:04:00-sun:05:00"}},
	} {
		rejections = append(rejections, rejection{name, rejected.code, dbInstanceToken, but(dbInstanceToken, rejected.more)})
	}
	rejections = append(rejections, rejection{
		"security group of another network", combination, dbInstanceToken, func(a *testAccount) map[string]any {
			other := a.create(vpcToken, map[string]any{"cidrBlock": "10.9.0.0/16"})
			return with(minimal[dbInstanceToken](a), map[string]any{
				"vpcSecurityGroupIds": []any{a.securityGroup(other, "other").id},
			})
		},
	}, rejection{
		"a role that does nothing", combination, dbInstanceToken, func(a *testAccount) map[string]any {
			return with(minimal[dbInstanceToken](a), map[string]any{"monitoringRoleArn": a.role("monitoring").text("arn")})
		},
	})
	runRejections(t, rejections)
}

// TestEnhancedMonitoring checks that RDS can assume the role, and that the role may write logs.
func TestEnhancedMonitoring(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	const managed = "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
	role := func(name, service string) string {
		return account.create(roleToken, roleInputs(name, service)).text("arn")
	}
	inputs := with(minimal[dbInstanceToken](account), map[string]any{"monitoringInterval": 60})

	inputs["monitoringRoleArn"] = role("distrusted", "ec2.amazonaws.com")
	account.create(rolePolicyAttachmentToken, map[string]any{"role": "distrusted", "policyArn": managed})
	account.rejects("InvalidParameterValue", dbInstanceToken, inputs)

	inputs["monitoringRoleArn"] = role("powerless", "monitoring.rds.amazonaws.com")
	account.rejects("InvalidParameterValue", dbInstanceToken, inputs)

	inputs["monitoringRoleArn"] = role("inline", "monitoring.rds.amazonaws.com")
	account.create(rolePolicyToken, map[string]any{"role": "inline", "policy": writeLogs})
	account.create(dbInstanceToken, inputs)

	inputs["monitoringRoleArn"], inputs["identifier"] = role("managed", "monitoring.rds.amazonaws.com"), "second"
	account.create(rolePolicyAttachmentToken, map[string]any{"role": "managed", "policyArn": managed})
	account.create(dbInstanceToken, inputs)
}

func TestDatabaseOutputs(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	database := account.create(dbInstanceToken, with(minimal[dbInstanceToken](account), map[string]any{
		"performanceInsightsEnabled": true,
	}))
	require.Regexp(t, `^db-[A-Z0-9]{26}$`, database.id)
	require.Equal(t, database.id, database.text("resourceId"))
	require.Regexp(t, `^app\.c[a-z0-9]{10}\.eu-west-1\.rds\.amazonaws\.com$`, database.text("address"))
	require.Equal(t, database.text("address")+":5432", database.text("endpoint"))
	require.Regexp(t, `^Z[A-Z0-9]{13}$`, database.text("hostedZoneId"))
	require.Equal(t, "17", database.text("engineVersion"))
	require.Equal(t, "17.9", database.text("engineVersionActual"))
	require.Equal(t, "eu-west-1a", database.text("availabilityZone"))
	require.Equal(t, "arn:aws:rds:eu-west-1:123456789012:db:app", database.text("arn"))
	require.Regexp(t, `^arn:aws:kms:eu-west-1:123456789012:key/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`, database.text("kmsKeyId"))
	require.Equal(t, database.text("kmsKeyId"), database.text("performanceInsightsKmsKeyId"))
	require.InDelta(t, 7, database.outputs["performanceInsightsRetentionPeriod"].NumberValue(), 0)
	secret := database.outputs["masterUserSecrets"].ArrayValue()[0].ObjectValue().Mappable()
	require.Regexp(t, `^arn:aws:secretsmanager:eu-west-1:123456789012:secret:rds!db-[0-9a-f-]{36}-[a-z0-9]{6}$`, secret["secretArn"])
	require.Equal(t, "active", secret["secretStatus"])
	require.Contains(t, secret["kmsKeyId"], "arn:aws:kms:")
}

// TestDatabaseDefaults creates a database from the required inputs alone.
func TestDatabaseDefaults(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	network := account.network("0")
	group := account.create(dbSubnetGroupToken, subnetGroupInputs(network))
	database := account.create(dbInstanceToken, map[string]any{
		"engine": "postgres", "instanceClass": "db.m7g.large", "allocatedStorage": 100, "iops": 3000,
		"username": "app", "password": "correct-horse", "dbSubnetGroupName": group.id,
	})
	require.Equal(t, "17.9", database.text("engineVersion"))
	require.Equal(t, "default.postgres17", database.text("parameterGroupName"))
	require.Equal(t, "io1", database.text("storageType"))
	require.Equal(t, network.vpc.text("defaultSecurityGroupId"),
		database.outputs["vpcSecurityGroupIds"].ArrayValue()[0].StringValue())
	require.NotContains(t, database.outputs.Mappable(), "masterUserSecrets")
	require.Empty(t, database.text("kmsKeyId"))
}

func TestDatabaseChanges(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		validateBefore, after map[string]any
		code                  string
		want                  map[string]any
	}{
		"renamed": {
			after: map[string]any{"identifier": "next"},
			want:  map[string]any{"address": "next.c0ffl1ne0db.eu-west-1.rds.amazonaws.com"},
		},
		"standby":      {after: map[string]any{"multiAz": true}, want: map[string]any{"multiAz": true}},
		"more storage": {after: map[string]any{"allocatedStorage": 40}, want: map[string]any{"allocatedStorage": 40.0}},
		"less storage": {validateBefore: map[string]any{"allocatedStorage": 40}, code: "InvalidParameterCombination"},
		"storage that grew": {
			validateBefore: map[string]any{"allocatedStorage": 40}, after: map[string]any{"maxAllocatedStorage": 100},
			want: map[string]any{"allocatedStorage": 40.0},
		},
		"newer minor version": {
			validateBefore: map[string]any{"engineVersion": "17.5"}, after: map[string]any{"engineVersion": "17.6"},
			want: map[string]any{"engineVersionActual": "17.6"},
		},
		"minor version left to RDS": {
			validateBefore: map[string]any{"engineVersion": "17.5"},
			want:           map[string]any{"engineVersion": "17", "engineVersionActual": "17.5"},
		},
		"older minor version": {
			validateBefore: map[string]any{"engineVersion": "17.6"}, after: map[string]any{"engineVersion": "17.5"},
			code: "InvalidParameterCombination",
		},
		"major version": {
			after: map[string]any{"engineVersion": "18", "parameterGroupName": nil}, code: "InvalidParameterCombination",
		},
		"major version that is allowed": {
			after: map[string]any{"engineVersion": "18", "parameterGroupName": nil, "allowMajorVersionUpgrade": true},
			want:  map[string]any{"engineVersionActual": "18.3", "parameterGroupName": "default.postgres18"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			account := newTestAccount(t)
			inputs := minimal[dbInstanceToken](account)
			database := account.create(dbInstanceToken, with(inputs, test.validateBefore))
			outputs, err := account.update(database, with(inputs, test.after))
			if test.code != "" {
				requireCode(t, test.code, err)
				return
			}
			require.NoError(t, err)
			for property, want := range test.want {
				require.Equal(t, want, outputs.Mappable()[property], property)
			}
			require.Equal(t, database.outputs["masterUserSecrets"], outputs["masterUserSecrets"], "the secret stays")
		})
	}
}

// TestDatabaseStaysInItsNetwork rejects another subnet group, even of the same network.
func TestDatabaseStaysInItsNetwork(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	network := account.network("0")
	inputs := account.databaseInputs(network)
	database := account.create(dbInstanceToken, inputs)
	account.create(dbSubnetGroupToken, with(subnetGroupInputs(network), map[string]any{"name": "other"}))
	_, err := account.update(database, with(inputs, map[string]any{"dbSubnetGroupName": "other"}))
	requireCode(t, "InvalidVPCNetworkStateFault", err)
}

func TestSubnetGroupStaysInItsNetwork(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	group := account.create(dbSubnetGroupToken, subnetGroupInputs(account.network("0")))
	_, err := account.update(group, subnetGroupInputs(account.network("1")))
	requireCode(t, "InvalidParameterValue", err)
}

// TestFinalSnapshot checks that the final snapshot is created, outlives its database, and is not overwritten.
func TestFinalSnapshot(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	inputs := with(minimal[dbInstanceToken](account), map[string]any{"skipFinalSnapshot": false})
	database := account.create(dbInstanceToken, inputs)
	requireCode(t, "InvalidParameterCombination", account.Delete(dbInstanceToken, database.id))

	_, err := account.update(database, with(inputs, map[string]any{"finalSnapshotIdentifier": "app-final"}))
	require.NoError(t, err)
	require.NoError(t, account.Delete(dbInstanceToken, database.id))
	_, snapshot, err := account.Read(dbSnapshotToken, "app-final")
	require.NoError(t, err)
	require.Equal(t, "app", snapshot["dbInstanceIdentifier"].StringValue())
	require.Equal(t, "17.9", snapshot["engineVersion"].StringValue())
	require.True(t, snapshot["encrypted"].BoolValue())

	second := account.create(dbInstanceToken, with(inputs, map[string]any{"finalSnapshotIdentifier": "app-final"}))
	requireCode(t, "DBSnapshotAlreadyExists", account.Delete(dbInstanceToken, second.id))
	require.True(t, account.exists(second))
}

// TestDatabaseLogGroups checks that RDS creates the missing log groups.
func TestDatabaseLogGroups(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	const existing, added = "/aws/rds/instance/app/postgresql", "/aws/rds/instance/app/upgrade"
	account.create(logGroupToken, map[string]any{"name": existing, "retentionInDays": 30})
	database := account.create(dbInstanceToken, with(minimal[dbInstanceToken](account), map[string]any{
		"enabledCloudwatchLogsExports": []any{"postgresql", "upgrade"},
	}))
	_, state, err := account.Read(logGroupToken, existing)
	require.NoError(t, err)
	require.InDelta(t, 30, state["retentionInDays"].NumberValue(), 0)

	account.rejects("ResourceAlreadyExistsException", logGroupToken, map[string]any{"name": added})
	require.NoError(t, account.Delete(dbInstanceToken, database.id))
	account.rejects("ResourceAlreadyExistsException", logGroupToken, map[string]any{"name": added})
}

func subnetGroupInputs(network testNetwork) map[string]any {
	return map[string]any{"name": "data", "subnetIds": []any{network.subnets[0].id, network.subnets[1].id}}
}

func parameterGroupInputs(family string) map[string]any {
	return map[string]any{"name": "tuned", "family": family, "parameters": []any{
		map[string]any{"name": "max_connections", "value": "200", "applyMethod": "pending-reboot"},
		map[string]any{"name": "rds.force_ssl", "value": "1", "applyMethod": "immediate"},
	}}
}

// databaseInputs returns for a database "app" in a network.
func (a *testAccount) databaseInputs(network testNetwork) map[string]any {
	a.t.Helper()
	return map[string]any{
		"identifier": "app", "engine": "postgres", "engineVersion": "17", "instanceClass": "db.t4g.small",
		"allocatedStorage": 20, "storageType": "gp3", "storageEncrypted": true, "username": "app_admin",
		"manageMasterUserPassword": true, "skipFinalSnapshot": true,
		"dbSubnetGroupName":   a.create(dbSubnetGroupToken, subnetGroupInputs(network)).id,
		"parameterGroupName":  a.create(dbParameterGroupToken, parameterGroupInputs("postgres17")).id,
		"vpcSecurityGroupIds": []any{a.securityGroup(network.vpc, "data").id},
	}
}
