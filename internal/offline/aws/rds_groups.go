package aws

import (
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"

	"stagecraft/internal/offline/cloud"
)

const (
	dbSubnetGroupToken    = "aws:rds/subnetGroup:SubnetGroup"
	dbParameterGroupToken = "aws:rds/parameterGroup:ParameterGroup"
)

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
		Check:  validateDBSubnetGroup,
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
		Check:   validateDBParameterGroup,
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

func validateDBSubnetGroup(account cloud.Account, group *cloud.Resource) error {
	subnets, err := subnetsOf(account, group)
	if err != nil {
		return err
	}
	zones := map[string]bool{}
	for _, subnet := range subnets {
		zones[subnet.Text("availabilityZone")] = true
		if subnet.Text("vpcId") != group.Text("vpcId") {
			return apiError("InvalidParameterValue", "The new Subnets are not in the same Vpc as the existing subnet group")
		}
	}
	switch {
	case len(zones) < 2:
		return apiError("DBSubnetGroupDoesNotCoverEnoughAZs", "The DB subnet group doesn't meet Availability Zone (AZ) "+
			"coverage requirement. Current AZ coverage: %s. Add subnets to cover at least 2 AZs.",
			subnets[0].Text("availabilityZone"))
	case len(subnets) > mostSubnets:
		return apiError("DBSubnetQuotaExceededFault", "A DB subnet group may have %d subnets at most", mostSubnets)
	}
	return nil
}

// The parameters that the offline cloud knows; static ones need a restart (RDS User Guide, "RDS for PostgreSQL DB
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

func validateDBParameterGroup(_ cloud.Account, group *cloud.Resource) error {
	family := group.Text("family")
	if _, ok := minorVersions[strings.TrimPrefix(family, dbEngine)]; !ok || !strings.HasPrefix(family, dbEngine) {
		return apiError("InvalidParameterValue", "ParameterGroupFamily %s is not a valid parameter group family", family)
	}
	for _, parameter := range group.Elements("parameters") {
		name := parameter.Text("name")
		static := slices.Contains(staticParameters, name)
		switch {
		case !static && !slices.Contains(dynamicParameters, name):
			return apiError("InvalidParameterValue", "Could not find parameter with name: %s (the offline cloud knows those of "+
				"internal/offline/aws/rds_groups.go)", name)
		case static && parameter.Text("applyMethod") != "pending-reboot":
			return apiError("InvalidParameterCombination", "cannot use immediate apply method for static parameter %s", name)
		}
	}
	return nil
}

// zonesOf returns the availability zones of a DB subnet group, sorted.
func zonesOf(account cloud.Account, group *cloud.Resource) ([]string, error) {
	subnets, err := subnetsOf(account, group)
	var zones []string
	for _, subnet := range subnets {
		zones = append(zones, subnet.Text("availabilityZone"))
	}
	slices.Sort(zones)
	return slices.Compact(zones), err
}
