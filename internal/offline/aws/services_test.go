package aws

import (
	"encoding/json"

	"github.com/stretchr/testify/require"
)

const (
	dashboardToken         = "aws:cloudwatch/dashboard:Dashboard"
	logMetricFilterToken   = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
	eventTargetToken       = "aws:cloudwatch/eventTarget:EventTarget"
	topicPolicyToken       = "aws:sns/topicPolicy:TopicPolicy"
	topicSubscriptionToken = "aws:sns/topicSubscription:TopicSubscription"
	windowTaskToken        = "aws:ssm/maintenanceWindowTask:MaintenanceWindowTask"
	associationToken       = "aws:ssm/association:Association"
	budgetToken            = "aws:budgets/budget:Budget"
	eventSubscriptionToken = "aws:rds/eventSubscription:EventSubscription"
)

// minimalServices are for roles, databases, notifications, and what watches and manages.
var minimalServices = map[string]func(*testAccount) map[string]any{
	roleToken: func(*testAccount) map[string]any { return roleInputs("web", "ec2.amazonaws.com") },
	rolePolicyToken: func(a *testAccount) map[string]any {
		return map[string]any{"name": "logs", "role": a.role("web").id, "policy": writeLogs}
	},
	rolePolicyAttachmentToken: func(a *testAccount) map[string]any {
		policy := a.create(policyToken, map[string]any{"name": "logs", "policy": writeLogs})
		return map[string]any{"role": a.role("web").id, "policyArn": policy.id}
	},
	policyToken: func(*testAccount) map[string]any { return map[string]any{"name": "logs", "policy": writeLogs} },
	instanceProfileToken: func(a *testAccount) map[string]any {
		return map[string]any{"name": "web", "role": a.role("web").id}
	},

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

	metricAlarmToken: func(a *testAccount) map[string]any { return alarmInputs(a.topic()) },
	dashboardToken: func(*testAccount) map[string]any {
		return dashboardInputs(map[string]any{"type": "text", "properties": map[string]any{"markdown": "# Web"}})
	},
	logGroupToken: func(*testAccount) map[string]any { return map[string]any{"name": "/web/access", "retentionInDays": 30} },
	logMetricFilterToken: func(a *testAccount) map[string]any {
		return metricFilterInputs(a.create(logGroupToken, map[string]any{"name": "/web/access"}))
	},
	eventRuleToken: func(*testAccount) map[string]any { return ruleOf(`{"source": ["aws.ssm"]}`) },
	eventTargetToken: func(a *testAccount) map[string]any {
		return map[string]any{"rule": a.create(eventRuleToken, ruleOf(`{"source": ["aws.ssm"]}`)).id, "arn": a.topic().id}
	},

	topicToken: func(*testAccount) map[string]any { return map[string]any{"name": "alarms", "displayName": "Alarms"} },
	topicPolicyToken: func(a *testAccount) map[string]any {
		return map[string]any{"arn": a.topic().id, "policy": publishing("sns:Publish")}
	},
	topicSubscriptionToken: func(a *testAccount) map[string]any {
		return map[string]any{"topic": a.topic().id, "protocol": "email", "endpoint": "ops@example.com"}
	},

	parameterToken: func(*testAccount) map[string]any { return parameterInputs("/web/agent") },
	patchBaselineToken: func(*testAccount) map[string]any {
		return baselineInputs(map[string]any{"key": "CLASSIFICATION", "values": []any{"Security"}})
	},
	patchGroupToken: func(a *testAccount) map[string]any {
		return map[string]any{"patchGroup": "web", "baselineId": a.baseline().id}
	},
	maintenanceWindowToken: func(*testAccount) map[string]any { return windowInputs() },
	maintenanceWindowTargetToken: func(a *testAccount) map[string]any {
		return windowTargetInputs(a.create(maintenanceWindowToken, windowInputs()))
	},
	windowTaskToken: func(a *testAccount) map[string]any { return a.taskInputs() },
	associationToken: func(*testAccount) map[string]any {
		return associationInputs("AWS-RunPatchBaseline", map[string]any{"Operation": "Scan"})
	},
	documentToken: func(*testAccount) map[string]any { return sessionInputs("") },

	budgetToken: func(a *testAccount) map[string]any {
		return budgetInputs(map[string]any{
			"subscriberEmailAddresses": []any{"ops@example.com"}, "subscriberSnsTopicArns": []any{a.topic().id},
		})
	},
}

// writeLogs is a policy that lets a role write logs.
const writeLogs = `{"Version": "2012-10-17",
	"Statement": [{"Effect": "Allow", "Action": ["logs:PutLogEvents"], "Resource": "*"}]}`

func roleInputs(name, service string) map[string]any {
	return map[string]any{"name": name, "assumeRolePolicy": `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
		"Action": "sts:AssumeRole", "Principal": {"Service": "` + service + `"}}]}`}
}

func (a *testAccount) role(name string) made {
	a.t.Helper()
	return a.create(roleToken, roleInputs(name, "ec2.amazonaws.com"))
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

// databaseInputs are for a database "app" in a network.
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

func (a *testAccount) topic() made {
	a.t.Helper()
	return a.create(topicToken, map[string]any{"name": "alarms"})
}

// publishing is a topic's policy that lets CloudWatch do something.
func publishing(action string) string {
	return `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "` + action + `",
		"Principal": {"Service": "cloudwatch.amazonaws.com"}, "Resource": "*"}]}`
}

func alarmInputs(topic made) map[string]any {
	return map[string]any{
		"name": "cpu", "namespace": "AWS/EC2", "metricName": "CPUUtilization", "statistic": "Average", "period": 60,
		"evaluationPeriods": 5, "threshold": 80, "comparisonOperator": "GreaterThanThreshold",
		"dimensions": map[string]any{"InstanceId": "i-0"}, "alarmActions": []any{topic.id},
	}
}

func dashboardInputs(widgets ...any) map[string]any {
	body, _ := json.Marshal(map[string]any{"widgets": widgets})
	return map[string]any{"dashboardName": "web", "dashboardBody": string(body)}
}

func metricFilterInputs(group made) map[string]any {
	return map[string]any{
		"name": "errors", "logGroupName": group.id, "pattern": "{ $.status >= 500 }",
		"metricTransformation": map[string]any{"name": "Errors", "namespace": "web", "value": "1", "defaultValue": "0"},
	}
}

func ruleOf(pattern string) map[string]any {
	return map[string]any{"name": "failures", "eventPattern": pattern}
}

func parameterInputs(name string) map[string]any {
	return map[string]any{"name": name, "type": "String", "insecureValue": "{}"}
}

func baselineInputs(filters ...any) map[string]any {
	return map[string]any{"name": "security", "operatingSystem": "AMAZON_LINUX_2023", "approvalRules": []any{
		map[string]any{"approveAfterDays": 7, "patchFilters": filters},
	}}
}

func (a *testAccount) baseline() made {
	a.t.Helper()
	return a.create(patchBaselineToken, baselineInputs(map[string]any{"key": "SEVERITY", "values": []any{"Critical"}}))
}

func windowInputs() map[string]any {
	return map[string]any{
		"name": "patching", "schedule": "cron(0 3 ? * SUN *)", "scheduleTimezone": "Etc/UTC", "duration": 2, "cutoff": 1,
	}
}

func tagged(key, value string) []any {
	return []any{map[string]any{"key": "tag:" + key, "values": []any{value}}}
}

func windowTargetInputs(window made) map[string]any {
	return map[string]any{
		"name": "web", "windowId": window.id, "resourceType": "INSTANCE", "targets": tagged("Stack", "test"),
	}
}

// taskInputs are for a task that patches the targets of a window.
func (a *testAccount) taskInputs() map[string]any {
	a.t.Helper()
	window := a.create(maintenanceWindowToken, windowInputs())
	target := a.create(maintenanceWindowTargetToken, windowTargetInputs(window))
	return map[string]any{
		"name": "patching", "windowId": window.id, "taskType": "RUN_COMMAND", "taskArn": "AWS-RunPatchBaseline",
		"targets":                  []any{map[string]any{"key": "WindowTargetIds", "values": []any{target.id}}},
		"taskInvocationParameters": runCommand(map[string]any{"Operation": "Install"}),
	}
}

func runCommand(parameters map[string]any) map[string]any {
	var list []any
	for name, value := range parameters {
		list = append(list, map[string]any{"name": name, "values": []any{value}})
	}
	return map[string]any{"runCommandParameters": map[string]any{"parameters": list}}
}

func associationInputs(document string, parameters map[string]any) map[string]any {
	return map[string]any{
		"name": document, "scheduleExpression": "rate(1 day)", "targets": tagged("Stack", "test"), "parameters": parameters,
	}
}

// budgetInputs are for a budget with one notification.
func budgetInputs(subscribers map[string]any) map[string]any {
	return map[string]any{
		"name": "monthly", "budgetType": "COST", "timeUnit": "MONTHLY", "limitAmount": "100", "limitUnit": "USD",
		"notifications": []any{notification(subscribers)},
	}
}

func notification(more map[string]any) map[string]any {
	return with(map[string]any{
		"notificationType": "ACTUAL", "comparisonOperator": "GREATER_THAN", "threshold": 80, "thresholdType": "PERCENTAGE",
	}, more)
}

// takesOver requires that a second resource of the same name silently takes the place of the first.
func (a *testAccount) takesOver(token string, inputs map[string]any) {
	a.t.Helper()
	first, second := a.create(token, inputs), a.create(token, inputs)
	require.Equal(a.t, first.id, second.id)
	require.NoError(a.t, a.Delete(token, first.id))
	require.False(a.t, a.exists(second))
}
