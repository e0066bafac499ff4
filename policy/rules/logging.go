package rules

import (
	"cmp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"stagecraft/policy/rule"
)

func logging() []rule.Rule {
	return slices.Concat(databaseLogs(), accountLogs(), networkLogs(), entryLogs(), computeLogs(), deliveryLogs())
}

func databaseLogs() []rule.Rule {
	return []rule.Rule{{
		Name:        "rds-log-exports",
		Description: "RDS databases send their logs to CloudWatch",
		Severity:    rule.Medium,
		Theme:       rule.Logging,
		References:  []string{"FSBP RDS.9", "FSBP RDS.36", "FSBP RDS.40", "FSBP RDS.42", "WAF SEC04-BP01"},
		Fix:         "Add the log to enabledCloudwatchLogsExports.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{rdsInstance},
		Resource:    exportsLogs,
	}, {
		Name:        "rds-cluster-log-exports",
		Description: "RDS and Aurora clusters send their logs to CloudWatch",
		Severity:    rule.Medium,
		Theme:       rule.Logging,
		References:  []string{"FSBP RDS.34", "FSBP RDS.37", "WAF SEC04-BP01"},
		Fix:         "Add the log to enabledCloudwatchLogsExports.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{rdsCluster},
		Resource:    exportsLogs,
	}, {
		Name:        "rds-cluster-parameters-audit",
		Description: "Cluster parameter groups of Aurora MySQL enable the audit log",
		Severity:    rule.Medium,
		Theme:       rule.Logging,
		References:  []string{"FSBP RDS.45", "WAF SEC04-BP01"},
		Fix:         "Set server_audit_logging to 1, and server_audit_events to the events to log, such as CONNECT,QUERY_DDL.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{rdsClusterParameterGroup},
		Resource: rule.When(func(r *rule.Resource) bool { return strings.HasPrefix(r.Get("family").Text(), "aurora-mysql") },
			rule.All(setsParameter("server_audit_logging", "1", "ON"), setsParameter("server_audit_events"))),
	}, {
		Name:        "rds-cluster-default-parameters-audit",
		Description: "Aurora MySQL clusters use a custom parameter group, because AWS's default one disables the audit log",
		Severity:    rule.Medium,
		Theme:       rule.Logging,
		References:  []string{"FSBP RDS.45", "WAF SEC04-BP01"},
		Fix:         "Use a cluster parameter group in which server_audit_logging is 1.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{rdsCluster},
		Resource: rule.When(isOneOf("engine", "", "aurora-mysql"), rule.Want("dbClusterParameterGroupName", "a parameter group of your own",
			func(group rule.Value) bool { return group.Text() != "" && !strings.HasPrefix(group.Text(), "default.") })),
	}, {
		Name:        "rds-event-subscription-categories",
		Description: "RDS event subscriptions include all critical events",
		Severity:    rule.Low,
		Theme:       rule.Logging,
		References:  []string{"FSBP RDS.19", "FSBP RDS.20", "WAF REL06-BP03"},
		Fix:         "Add the category to eventCategories, or remove eventCategories and enabled.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{rdsEventSubscription},
		Resource:    rule.All(rule.Bool("enabled", true, true), includesCritical),
	}, {
		Name:        "rds-enhanced-monitoring",
		Description: "RDS databases report operating system metrics",
		Severity:    rule.Low,
		Theme:       rule.Logging,
		References:  []string{"FSBP RDS.6", "WAF REL06-BP01"},
		Fix:         "Set monitoringInterval to 60, and monitoringRoleArn to a role with AmazonRDSEnhancedMonitoringRole.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{rdsInstance},
		Resource: rule.Want("monitoringInterval", "an interval in seconds, such as 60", func(interval rule.Value) bool {
			seconds, is := interval.Number()
			return is && seconds > 0
		}),
	}, {
		Name:        "elasticache-log-delivery",
		Description: "ElastiCache replication groups deliver their slow log",
		Severity:    rule.Low,
		Theme:       rule.Logging,
		References:  []string{"WAF REL06-BP01"},
		Fix:         "Add the slow log to logDeliveryConfigurations.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{elasticacheReplicationGroup},
		Resource: rule.Want("logDeliveryConfigurations", "a list with the log type slow-log", func(logs rule.Value) bool {
			return slices.ContainsFunc(logs.List(), func(log rule.Value) bool {
				return log.Get("logType").Unknown() || log.Get("logType").Text() == "slow-log"
			})
		}),
	}}
}

// exportedLogs are the most important logs by prefix of the engine's name.
var exportedLogs = []struct{ engine, log string }{
	{"postgres", "postgresql"},
	{"aurora-postgresql", "postgresql"},
	{"mysql", "error"},
	{"mariadb", "error"},
	{"aurora-mysql", "audit"},
	{"sqlserver", "error"},
	{"oracle", "alert"},
}

// exportsLogs accepts any log for engines that it does not know, such as the engine of a replica, which is its
// source's. Aurora exports the logs of the cluster.
func exportsLogs(r *rule.Resource) {
	engine := r.Get("engine")
	if engine.Unknown() || r.IsType(rdsInstance) && strings.HasPrefix(engine.Text(), "aurora") {
		return
	}
	wanted := ""
	for _, exported := range exportedLogs {
		if strings.HasPrefix(engine.Text(), exported.engine) {
			wanted = exported.log
		}
	}
	rule.Want("enabledCloudwatchLogsExports", "a list with "+cmp.Or(wanted, "a log"), func(logs rule.Value) bool {
		return slices.ContainsFunc(logs.List(), func(log rule.Value) bool {
			return log.Unknown() || log.Text() == wanted || wanted == ""
		})
	})(r)
}

// setsParameter requires a parameter group to set a parameter to one of the values, or to any if none are given.
func setsParameter(name string, values ...string) rule.Check {
	return rule.Want("parameters", "a list that sets "+name, func(parameters rule.Value) bool {
		return slices.ContainsFunc(parameters.List(), func(set rule.Value) bool {
			value := set.Get("value")
			return set.Get("name").Unknown() || set.Get("name").Text() == name &&
				(value.Unknown() || slices.Contains(values, value.Text()) || len(values) == 0 && value.Text() != "")
		})
	})
}

// criticalEvents are the categories by source type (Security Hub controls RDS.19 and RDS.20).
var criticalEvents = map[string][]string{
	"db-cluster":  {"maintenance", "failure"},
	"db-instance": {"maintenance", "configuration change", "failure"},
}

// includesCritical accepts subscriptions without categories, which include all events.
func includesCritical(r *rule.Resource) {
	categories := r.Get("eventCategories")
	list := categories.List()
	if len(list) == 0 || slices.ContainsFunc(list, rule.Value.Unknown) {
		return
	}
	for _, critical := range criticalEvents[r.Get("sourceType").Text()] {
		if !slices.ContainsFunc(list, func(category rule.Value) bool { return category.Text() == critical }) {
			r.ReportValue(categories, "a list with "+critical)
		}
	}
}

func accountLogs() []rule.Rule {
	trails := []string{cloudtrailTrail}
	return []rule.Rule{{
		Name:        "cloudtrail-multi-region",
		Description: "CloudTrail logs the management events of all regions",
		Severity:    rule.High,
		Theme:       rule.Logging,
		References:  []string{"FSBP CloudTrail.1", "CIS 3.0.0 3.1", "WAF SEC04-BP01"},
		Fix:         "Set isMultiRegionTrail to true, and remove enableLogging and includeGlobalServiceEvents.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       trails,
		Resource: rule.When(logsManagement, rule.All(
			rule.True("isMultiRegionTrail"), rule.Bool("enableLogging", true, true), rule.Bool("includeGlobalServiceEvents", true, true),
		)),
	}, {
		Name:        "cloudtrail-log-validation",
		Description: "CloudTrail log files can be checked for changes",
		Severity:    rule.Low,
		Theme:       rule.Logging,
		References:  []string{"FSBP CloudTrail.4", "CIS 3.0.0 3.2", "WAF SEC04-BP01"},
		Fix:         "Set enableLogFileValidation to true.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       trails,
		Resource:    rule.True("enableLogFileValidation"),
	}, {
		Name:        "cloudtrail-cloudwatch-logs",
		Description: "CloudTrail sends its logs to CloudWatch",
		Severity:    rule.Low,
		Theme:       rule.Logging,
		References:  []string{"FSBP CloudTrail.5", "WAF SEC04-BP02"},
		Fix:         "Set cloudWatchLogsGroupArn and cloudWatchLogsRoleArn.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       trails,
		Resource:    rule.Set("cloudWatchLogsGroupArn"),
	}, {
		Name:        "s3-access-logs",
		Description: "S3 buckets log access",
		Severity:    rule.Medium,
		Theme:       rule.Logging,
		References:  []string{"FSBP S3.9", "WAF SEC04-BP01"},
		Fix: "Add an aws.s3.BucketLogging (V2 in version 6 of the provider) with another bucket as its " +
			"target. CloudTrail data events contain more details.",
		Level: policyx.EnforcementLevelAdvisory,
		Stack: bucketsLog,
	}}
}

// logsManagement excludes trails for data events.
func logsManagement(r *rule.Resource) bool {
	selectors := r.Get("eventSelectors").List()
	logs := func(selector rule.Value) bool {
		includes := selector.Get("includeManagementEvents")
		return includes.Absent() || includes.Is(true)
	}
	return r.Get("advancedEventSelectors").Absent() && (len(selectors) == 0 || slices.ContainsFunc(selectors, logs))
}

// bucketsLog excludes buckets that receive logs: logging their access would create logs endlessly.
func bucketsLog(s *rule.Stack) {
	const settings = s3BucketLogging
	for _, bucket := range s.ResourcesOfType(s3Bucket) {
		if bucket.IsUnset("loggings") && !anyRefers(s, settings, "bucket", bucket) && !anyRefers(s, settings, "targetBucket", bucket) {
			bucket.Report("the bucket does not log access")
		}
	}
}

func networkLogs() []rule.Rule {
	return []rule.Rule{{
		Name:        "ec2-vpc-flow-logs",
		Description: "VPCs have flow logs",
		Severity:    rule.Medium,
		Theme:       rule.Logging,
		References:  []string{"FSBP EC2.6", "CIS 3.0.0 3.7", "WAF SEC04-BP01"},
		Fix:         "Add an aws.ec2.FlowLog for the VPC.",
		Level:       policyx.EnforcementLevelMandatory,
		Stack:       func(s *rule.Stack) { vpcsLog(s, false) },
	}, {
		Name:        "ec2-awsx-vpc-flow-logs",
		Description: "VPCs of the component awsx.ec2.Vpc have flow logs",
		Severity:    rule.Medium,
		Theme:       rule.Logging,
		References:  []string{"FSBP EC2.6", "CIS 3.0.0 3.7", "WAF SEC04-BP01"},
		Fix:         "Add an aws.ec2.FlowLog with the component's vpcId.",
		Level:       policyx.EnforcementLevelAdvisory,
		Stack:       func(s *rule.Stack) { vpcsLog(s, true) },
	}, {
		Name:        "route53-query-logs",
		Description: "Public hosted zones log DNS queries",
		Severity:    rule.Medium,
		Theme:       rule.Logging,
		References:  []string{"FSBP Route53.2", "WAF SEC04-BP01"},
		Fix:         "Add an aws.route53.QueryLog with a log group in us-east-1.",
		Level:       policyx.EnforcementLevelAdvisory,
		Stack: func(s *rule.Stack) {
			for _, zone := range s.ResourcesOfType(route53Zone) {
				if len(zone.Get("vpcs").List()) == 0 && !anyRefers(s, route53QueryLog, "zoneId", zone) {
					zone.Report("the zone has no query log")
				}
			}
		},
	}}
}

// vpcsLog checks the VPCs of awsx components, or all others.
func vpcsLog(s *rule.Stack, ofComponents bool) {
	for _, vpc := range s.ResourcesOfType(ec2VPC) {
		parent := s.Parent(vpc)
		awsx := parent != nil && strings.HasPrefix(parent.Type, "awsx:")
		if awsx == ofComponents && !anyRefers(s, ec2FlowLog, "vpcId", vpc) {
			vpc.Report("the VPC has no flow log")
		}
	}
}

func entryLogs() []rule.Rule {
	return []rule.Rule{{
		Name:        "lb-access-logs",
		Description: "Application load balancers log requests",
		Severity:    rule.Medium,
		Theme:       rule.Logging,
		References:  []string{"FSBP ELB.5", "WAF SEC04-BP01"},
		Fix:         "Set accessLogs.enabled to true, and accessLogs.bucket to a bucket whose policy allows Elastic Load Balancing to write.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{lbLoadBalancer},
		Resource:    rule.When(isOneOf("loadBalancerType", "application", "application"), rule.True("accessLogs.enabled")),
	}, {
		Name:        "apigatewayv2-access-logs",
		Description: "Stages of HTTP and WebSocket APIs log requests",
		Severity:    rule.Medium,
		Theme:       rule.Logging,
		References:  []string{"FSBP APIGateway.9", "WAF SEC04-BP01"},
		Fix:         "Set accessLogSettings to the ARN of a log group and a format.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{apigatewayv2Stage},
		Resource:    rule.Set("accessLogSettings.destinationArn"),
	}, {
		Name:        "apigatewayv2-websocket-logs",
		Description: "Stages of WebSocket APIs log their execution",
		Severity:    rule.Medium,
		Theme:       rule.Logging,
		References:  []string{"FSBP APIGateway.1", "WAF SEC04-BP01"},
		Fix:         "Set defaultRouteSettings.loggingLevel to ERROR or INFO.",
		Level:       policyx.EnforcementLevelMandatory,
		Stack:       webSocketsLog,
	}, {
		Name:        "cloudfront-access-logs",
		Description: "CloudFront logs requests",
		Severity:    rule.Medium,
		Theme:       rule.Logging,
		References:  []string{"FSBP CloudFront.5", "WAF SEC04-BP01"},
		Fix:         "Add a log delivery source of type ACCESS_LOGS, a destination and a delivery, all in us-east-1, or set loggingConfig.",
		Level:       policyx.EnforcementLevelMandatory,
		Stack:       distributionsLog,
	}, {
		Name:        "wafv2-web-acl-logs",
		Description: "Web ACLs log requests",
		Severity:    rule.Low,
		Theme:       rule.Logging,
		References:  []string{"WAF SEC04-BP01"},
		Fix:         "Add an aws.wafv2.WebAclLoggingConfiguration. Its filter can limit the logs to blocked requests.",
		Level:       policyx.EnforcementLevelAdvisory,
		Stack: func(s *rule.Stack) {
			for _, acl := range s.ResourcesOfType(wafv2WebACL) {
				if !anyRefers(s, wafv2WebACLLoggingConfiguration, "resourceArn", acl) {
					acl.Report("the web ACL has no logging configuration")
				}
			}
		},
	}, {
		Name:        "wafv2-metrics",
		Description: "Web ACLs, rule groups and their rules have metrics",
		Severity:    rule.Medium,
		Theme:       rule.Logging,
		References:  []string{"FSBP WAF.12", "WAF SEC04-BP01"},
		Fix:         "Set visibilityConfig.cloudwatchMetricsEnabled to true.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{wafv2WebACL, wafv2RuleGroup},
		Resource: rule.All(rule.True("visibilityConfig.cloudwatchMetricsEnabled"), forEach("rules", func(r *rule.Resource, wafRule rule.Value) {
			requireValue(r, wafRule.Get("visibilityConfig.cloudwatchMetricsEnabled"), "true", isTrue)
		})),
	}}
}

func webSocketsLog(s *rule.Stack) {
	for _, api := range s.ResourcesOfType(apigatewayv2API) {
		if api.Get("protocolType").Text() != "WEBSOCKET" {
			continue
		}
		for _, stage := range s.ResourcesOfType(apigatewayv2Stage) {
			if s.IsReference(stage, "apiId", api) {
				rule.OneOf("defaultRouteSettings.loggingLevel", "OFF", "ERROR", "INFO")(stage)
			}
		}
	}
}

// distributionsLog accepts both logging in the distribution itself and the newer log delivery of CloudWatch.
func distributionsLog(s *rule.Stack) {
	for _, distribution := range s.ResourcesOfType(cloudfrontDistribution) {
		delivered := slices.ContainsFunc(s.ResourcesOfType(cloudwatchLogDeliverySource), func(source *rule.Resource) bool {
			return s.MightReference(source, "resourceArn", distribution) &&
				anyRefers(s, cloudwatchLogDelivery, "deliverySourceName", source)
		})
		if !delivered && !isSet(distribution.Get("loggingConfig.bucket")) {
			distribution.Report("the distribution does not log requests")
		}
	}
}
