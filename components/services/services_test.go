package services_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/role"
	"stagecraft/components/services"
	"stagecraft/internal/pulumitest"
)

const (
	clusterType        = "aws:ecs/cluster:Cluster"
	definitionType     = "aws:ecs/taskDefinition:TaskDefinition"
	serviceType        = "aws:ecs/service:Service"
	repositoryType     = "aws:ecr/repository:Repository"
	lifecycleType      = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
	targetGroupType    = "aws:lb/targetGroup:TargetGroup"
	ruleType           = "aws:lb/listenerRule:ListenerRule"
	ingressType        = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	egressType         = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
	scalableTargetType = "aws:appautoscaling/target:Target"
	scalingPolicyType  = "aws:appautoscaling/policy:Policy"
	metricFilterType   = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
	logGroupType       = "aws:cloudwatch/logGroup:LogGroup"
	roleType           = "aws:iam/role:Role"
	rolePolicyType     = "aws:iam/rolePolicy:RolePolicy"
)

var tags = pulumi.StringMap{"tier": pulumi.String("services")}

var outputs = map[string]map[string]any{
	repositoryType:  {"repositoryUrl": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/users-1"},
	targetGroupType: {"arnSuffix": "targetgroup/users/1"},
}

func valid() services.Args {
	return services.Args{
		AccountID: "123456789012",
		Region:    "eu-west-1",
		VpcID:     pulumi.String("vpc-1"),
		SubnetIDs: pulumi.ToStringArray([]string{"subnet-1", "subnet-2", "subnet-3"}),
		CPU:       256,
		MemoryMiB: 512,
		Route: services.Route{
			ListenerArn:     pulumi.String("arn:listener"),
			ArnSuffix:       pulumi.String("app/balancer/1"),
			SecurityGroupID: pulumi.String("sg-balancer"),
			Paths:           []string{"/api/users*"},
		},
		Scaling:          services.Scaling{Min: 2, Max: 6, Signal: services.CPU},
		LogRetentionDays: 30,
		AlarmTopicArn:    pulumi.String("arn:topic"),
		Tags:             tags,
	}
}

// with is valid arguments with one change.
func with(change func(*services.Args)) services.Args {
	args := valid()
	change(&args)
	return args
}

func run(name string, args services.Args) (pulumitest.Resources, error) {
	return pulumitest.Run(func(ctx *pulumi.Context) error {
		cluster, err := services.NewCluster(ctx, "services", &services.ClusterArgs{LogRetentionDays: 30, Tags: tags})
		if err != nil {
			return err
		}
		args.Cluster = cluster
		_, err = services.New(ctx, name, &args)
		return err
	}, outputs, nil)
}

func TestNewCluster(t *testing.T) {
	t.Parallel()
	resources, err := run("users", valid())
	require.NoError(t, err)
	require.Equal(t, map[string]any{
		"settings": []any{map[string]any{"name": "containerInsights", "value": "enhanced"}},
		"configuration": map[string]any{"executeCommandConfiguration": map[string]any{
			"logging":          "OVERRIDE",
			"logConfiguration": map[string]any{"cloudWatchLogGroupName": "/stagecraft/test/services-exec-1"},
		}},
		"tags": map[string]any{"tier": "services"},
	}, resources.One(t, clusterType).Inputs)
	require.Subset(t, resources.Named(t, logGroupType, "services-exec").Inputs, map[string]any{
		"namePrefix": "/stagecraft/test/services-exec-", "retentionInDays": 30.0,
	})
	require.Equal(t, map[string]any{"clusterName": "services", "capacityProviders": []any{"FARGATE"}},
		resources.One(t, "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders").Inputs)

	_, err = pulumitest.Run(func(ctx *pulumi.Context) error {
		_, err := services.NewCluster(ctx, "services", &services.ClusterArgs{})
		return err
	}, nil, nil)
	require.ErrorContains(t, err, `cluster "services": LogRetentionDays is 0`)
}

func TestNew(t *testing.T) {
	t.Parallel()
	resources, err := run("users", valid())
	require.NoError(t, err)
	resources.RequireTags(t, map[string]string{"tier": "services"})
	resources.RequireParents(t, "stagecraft:services:Cluster", "stagecraft:services:Microservice")

	service := resources.One(t, serviceType)
	require.Equal(t, []string{"desiredCount", "taskDefinition"}, service.IgnoreChanges)
	require.Equal(t, map[string]any{
		"cluster":                     "arn:services",
		"taskDefinition":              "arn:users",
		"desiredCount":                2.0,
		"capacityProviderStrategies":  []any{map[string]any{"capacityProvider": "FARGATE", "weight": 1.0}},
		"platformVersion":             "LATEST",
		"availabilityZoneRebalancing": "ENABLED",
		"networkConfiguration": map[string]any{
			"subnets": []any{"subnet-1", "subnet-2", "subnet-3"}, "securityGroups": []any{"users-id"}, "assignPublicIp": false,
		},
		"loadBalancers": []any{map[string]any{
			"targetGroupArn": "arn:users", "containerName": "users", "containerPort": 8080.0,
		}},
		"healthCheckGracePeriodSeconds":   60.0,
		"deploymentController":            map[string]any{"type": "ECS"},
		"deploymentMinimumHealthyPercent": 100.0,
		"deploymentMaximumPercent":        200.0,
		"deploymentCircuitBreaker":        map[string]any{"enable": true, "rollback": true},
		"alarms": map[string]any{"enable": true, "rollback": true, "alarmNames": []any{
			"stagecraft-test-services-users-target-5xx", "stagecraft-test-services-users-latency",
			"stagecraft-test-services-users-unhealthy-hosts",
		}},
		"enableExecuteCommand": false,
		"enableEcsManagedTags": true,
		"propagateTags":        "SERVICE",
		"tags":                 map[string]any{"tier": "services"},
	}, service.Inputs)
	before := strings.Join(service.DependsOn, "\n")
	for _, needed := range []string{
		ruleType + "::users", ingressType + "::users-from-loadbalancer", egressType + "::users-from-loadbalancer",
		egressType + "::users-to-internet", rolePolicyType + "::users-execution", clusterType + "::services",
		"aws:ecs/clusterCapacityProviders:ClusterCapacityProviders::services",
	} {
		require.Contains(t, before, needed, "no task starts or answers without it")
	}
	require.Subset(t, resources.Named(t, logGroupType, "users").Inputs, map[string]any{
		"namePrefix": "/stagecraft/test/services/users-", "retentionInDays": 30.0,
	})
}

func TestNewRepository(t *testing.T) {
	t.Parallel()
	for _, ephemeral := range []bool{true, false} {
		resources, err := run("users", with(func(a *services.Args) { a.Ephemeral = ephemeral }))
		require.NoError(t, err)
		repository := resources.One(t, repositoryType)
		require.Equal(t, !ephemeral, repository.Protect)
		require.Equal(t, map[string]any{
			"imageTagMutability":         "IMMUTABLE",
			"imageScanningConfiguration": map[string]any{"scanOnPush": true},
			"encryptionConfigurations":   []any{map[string]any{"encryptionType": "AES256"}},
			"forceDelete":                ephemeral,
			"tags":                       map[string]any{"tier": "services"},
		}, repository.Inputs)
		require.JSONEq(t, `{"rules": [{
			"rulePriority": 1, "description": "What has no tag goes", "action": {"type": "expire"},
			"selection": {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 7}
		}, {
			"rulePriority": 2, "description": "The newest releases stay", "action": {"type": "expire"},
			"selection": {"tagStatus": "tagged", "tagPatternList": ["*"], "countType": "imageCountMoreThan", "countNumber": 50}
		}]}`, resources.One(t, lifecycleType).Inputs["policy"].(string))
	}
}

func TestNewTaskDefinition(t *testing.T) {
	t.Parallel()
	resources, err := run("users", with(func(a *services.Args) {
		a.CPU, a.MemoryMiB = 1024, 4096
		a.Environment = map[string]pulumi.StringInput{"CACHE_TTL": pulumi.String("9s"), "A": pulumi.String("b")}
		a.Parameters = map[string]pulumi.StringInput{
			"DATABASE_WRITER": pulumi.String("arn:writer"), "DATABASE_NAME": pulumi.String("arn:name"),
		}
	}))
	require.NoError(t, err)
	definition := resources.One(t, definitionType)
	require.Subset(t, definition.Inputs, map[string]any{
		"family":                  "stagecraft-test-users",
		"requiresCompatibilities": []any{"FARGATE"},
		"networkMode":             "awsvpc",
		"runtimePlatform":         map[string]any{"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
		"cpu":                     "1024",
		"memory":                  "4096",
		"executionRoleArn":        "arn:users-execution",
		"taskRoleArn":             "arn:users-task",
		"volumes":                 []any{map[string]any{"name": "tmp"}, map[string]any{"name": "site"}},
	})
	containers := containersOf(t, resources)
	require.Len(t, containers, 2)
	site := containers[1]["environment"].([]any)[0].(map[string]any)
	require.Equal(t, "SITE", site["name"])
	require.Contains(t, site["value"], "listen 8080;")
	require.Contains(t, site["value"], "location = /health {")
	require.Contains(t, site["value"], "no application has been deployed to it yet")
	site["value"] = "SITE"

	want, err := json.Marshal(containers)
	require.NoError(t, err)
	const shared = `"linuxParameters": {"initProcessEnabled": true, "capabilities": {"drop": ["ALL"]}}`
	logs := func(container string) string {
		return fmt.Sprintf(`"logConfiguration": {"logDriver": "awslogs", "options": {
			"awslogs-group": "/stagecraft/test/services/users-1", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": %q}}`, container)
	}
	require.JSONEq(t, `[{
		"name": "users", "image": "public.ecr.aws/nginx/nginx-unprivileged:1.28-alpine", "essential": true,
		"user": "65532:65532", "readonlyRootFilesystem": true, "stopTimeout": 45,
		"portMappings": [{"containerPort": 8080, "protocol": "tcp"}],
		"environment": [{"name": "PORT", "value": "8080"}, {"name": "A", "value": "b"}, {"name": "CACHE_TTL", "value": "9s"}],
		"secrets": [
			{"name": "DATABASE_NAME", "valueFrom": "arn:name"}, {"name": "DATABASE_WRITER", "valueFrom": "arn:writer"}
		],
		"mountPoints": [
			{"sourceVolume": "tmp", "containerPath": "/tmp", "readOnly": false},
			{"sourceVolume": "site", "containerPath": "/etc/nginx/conf.d", "readOnly": true}
		],
		"dependsOn": [{"containerName": "set_up", "condition": "SUCCESS"}], `+shared+`, `+logs("users")+`
	}, {
		"name": "set_up", "image": "public.ecr.aws/docker/library/busybox:1.37", "essential": false,
		"user": "0", "readonlyRootFilesystem": true,
		"command": ["sh", "-c", "chmod 1777 /volumes/tmp && printf %s \"$SITE\" >/volumes/site/default.conf"],
		"environment": [{"name": "SITE", "value": "SITE"}],
		"mountPoints": [
			{"sourceVolume": "tmp", "containerPath": "/volumes/tmp", "readOnly": false},
			{"sourceVolume": "site", "containerPath": "/volumes/site", "readOnly": false}
		], `+shared+`, `+logs("set_up")+`
	}]`, string(want))
}

func containersOf(t *testing.T, resources pulumitest.Resources) []map[string]any {
	t.Helper()
	var containers []map[string]any
	document := resources.One(t, definitionType).Inputs["containerDefinitions"].(string)
	require.NoError(t, json.Unmarshal([]byte(document), &containers))
	return containers
}

// With an image of its own, Pulumi says what runs, and there is nothing of a placeholder.
func TestNewImage(t *testing.T) {
	t.Parallel()
	const image = "210987654321.dkr.ecr.eu-central-1.amazonaws.com/team/users:4f2c"
	resources, err := run("users", with(func(a *services.Args) { a.Image = image }))
	require.NoError(t, err)
	require.Equal(t, []string{"desiredCount"}, resources.One(t, serviceType).IgnoreChanges)
	require.Equal(t, []any{map[string]any{"name": "tmp"}}, resources.One(t, definitionType).Inputs["volumes"])

	containers := containersOf(t, resources)
	require.Equal(t, image, containers[0]["image"])
	require.Len(t, containers[0]["mountPoints"], 1)
	require.Equal(t, []any{"sh", "-c", "chmod 1777 /volumes/tmp"}, containers[1]["command"])
	require.Empty(t, containers[1]["environment"])
	require.Contains(t, resources.Named(t, rolePolicyType, "users-execution").Inputs["policy"],
		`"Resource":["arn:users","arn:aws:ecr:eu-central-1:210987654321:repository/team/users"]`)
}

func TestNewRoles(t *testing.T) {
	t.Parallel()
	resources, err := run("users", with(func(a *services.Args) {
		a.Parameters = map[string]pulumi.StringInput{"A": pulumi.String("arn:a"), "B": pulumi.String("arn:b")}
		a.Permissions = []role.Statement{{
			Actions: []string{"secretsmanager:GetSecretValue"}, Resources: pulumi.ToStringArray([]string{"arn:secret"}),
		}}
	}))
	require.NoError(t, err)
	for _, name := range []string{"users-execution", "users-task"} {
		require.JSONEq(t, `{"Version": "2012-10-17", "Statement": [{
			"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ecs-tasks.amazonaws.com"},
			"Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}}
		}]}`, resources.Named(t, roleType, name).Inputs["assumeRolePolicy"].(string))
	}
	require.JSONEq(t, `{"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Action": ["ecr:GetAuthorizationToken"], "Resource": ["*"]},
		{"Effect": "Allow", "Resource": ["arn:users"],
			"Action": ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]},
		{"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": ["arn:users:*"]},
		{"Effect": "Allow", "Action": ["ssm:GetParameters"], "Resource": ["arn:a", "arn:b"]}
	]}`, resources.Named(t, rolePolicyType, "users-execution").Inputs["policy"].(string))
	require.JSONEq(t, `{"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Action": ["secretsmanager:GetSecretValue"], "Resource": ["arn:secret"]}
	]}`, resources.Named(t, rolePolicyType, "users-task").Inputs["policy"].(string))
}

func TestNewExec(t *testing.T) {
	t.Parallel()
	resources, err := run("users", with(func(a *services.Args) { a.Exec = true }))
	require.NoError(t, err)
	require.Equal(t, true, resources.One(t, serviceType).Inputs["enableExecuteCommand"])
	containers := containersOf(t, resources)
	require.Equal(t, false, containers[0]["readonlyRootFilesystem"])
	require.Equal(t, true, containers[1]["readonlyRootFilesystem"])
	require.JSONEq(t, `{"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Resource": ["*"], "Action": [
			"ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel",
			"ssmmessages:OpenDataChannel", "logs:DescribeLogGroups"
		]},
		{"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
			"Resource": ["arn:services-exec:*"]}
	]}`, resources.Named(t, rolePolicyType, "users-task").Inputs["policy"].(string))
}

func TestNewNetwork(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*services.Args)
		want   map[string]map[string]any
	}{
		"alone": {func(*services.Args) {}, nil},
		"with its data stores": {func(a *services.Args) {
			a.DatabaseSecurityGroupID, a.CacheSecurityGroupID = pulumi.String("sg-database"), pulumi.String("sg-cache")
		}, map[string]map[string]any{
			"users-to-database": {"securityGroupId": "users-id", "referencedSecurityGroupId": "sg-database", "fromPort": 5432.0},
			"users-to-cache":    {"securityGroupId": "users-id", "referencedSecurityGroupId": "sg-cache", "fromPort": 6379.0},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resources, err := run("users", with(test.change))
			require.NoError(t, err)
			require.Subset(t, resources.One(t, ingressType).Inputs, map[string]any{
				"securityGroupId": "users-id", "referencedSecurityGroupId": "sg-balancer", "fromPort": 8080.0, "toPort": 8080.0,
			})
			want := map[string]map[string]any{
				"users-from-loadbalancer": {
					"securityGroupId": "sg-balancer", "referencedSecurityGroupId": "users-id", "fromPort": 8080.0,
				},
				"users-to-internet": {"securityGroupId": "users-id", "cidrIpv4": "0.0.0.0/0", "fromPort": 443.0},
			}
			maps.Copy(want, test.want)
			require.Equal(t, slices.Sorted(maps.Keys(want)), resources.Names(egressType))
			for rule, inputs := range want {
				made := resources.Named(t, egressType, rule).Inputs
				require.Subset(t, made, inputs)
				require.Equal(t, made["fromPort"], made["toPort"])
				require.Equal(t, "tcp", made["ipProtocol"])
			}
		})
	}
}

func TestNewRoute(t *testing.T) {
	t.Parallel()
	resources, err := run("users", with(func(a *services.Args) {
		a.Route.Priority = 7
		a.Route.OriginHeader = &services.Header{Name: "X-Origin", Values: pulumi.ToStringArray([]string{"old", "new"})}
	}))
	require.NoError(t, err)
	require.Equal(t, map[string]any{
		"listenerArn": "arn:listener",
		"priority":    7.0,
		"conditions": []any{
			map[string]any{"pathPattern": map[string]any{"values": []any{"/api/users*"}}},
			map[string]any{"httpHeader": map[string]any{"httpHeaderName": "X-Origin", "values": []any{"old", "new"}}},
		},
		"actions": []any{map[string]any{"type": "forward", "targetGroupArn": "arn:users"}},
		"tags":    map[string]any{"tier": "services"},
	}, resources.One(t, ruleType).Inputs)
	require.Subset(t, resources.One(t, targetGroupType).Inputs, map[string]any{
		"vpcId": "vpc-1", "targetType": "ip", "protocol": "HTTP", "port": 8080.0, "deregistrationDelay": 30.0,
		"healthCheck": map[string]any{
			"enabled": true, "protocol": "HTTP", "path": "/health", "matcher": "200", "interval": 15.0, "timeout": 5.0,
			"healthyThreshold": 2.0, "unhealthyThreshold": 3.0,
		},
	})
}

func TestNewPriority(t *testing.T) {
	t.Parallel()
	priority := func(name string, paths ...string) float64 {
		resources, err := run(name, with(func(a *services.Args) { a.Route.Paths = paths }))
		require.NoError(t, err)
		rule := resources.One(t, ruleType).Inputs
		require.Len(t, rule["conditions"], 1)
		return rule["priority"].(float64)
	}
	long := "/" + strings.Repeat("a", 127)
	order := []float64{
		priority("a", long), priority("b", "/api/users/*"), priority("c", "/api/users*"), priority("d", "/api/*"),
		priority("e", "/?pi/users/*"), // by what is before the first wildcard
	}
	require.IsIncreasing(t, order)
	require.GreaterOrEqual(t, order[0], 1.0)
	require.LessOrEqual(t, priority("z", "/*"), 50000.0)
	require.Less(t, order[2], priority("c", "/api/users*", "/users*"), "by the shortest of its paths")
	require.NotEqual(t, priority("a", "/users*"), priority("b", "/users*"), "by the name, where paths are alike")
}

func TestNewScaling(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		scaling services.Scaling
		metric  map[string]any
		target  float64
	}{
		"requests": {
			services.Scaling{Min: 2, Max: 8, Signal: services.Requests},
			map[string]any{
				"predefinedMetricType": "ALBRequestCountPerTarget", "resourceLabel": "app/balancer/1/targetgroup/users/1",
			},
			1000,
		},
		"cpu": {
			services.Scaling{Min: 2, Max: 8, Signal: services.CPU},
			map[string]any{"predefinedMetricType": "ECSServiceAverageCPUUtilization"},
			60,
		},
		"memory": {
			services.Scaling{Min: 2, Max: 8, Signal: services.Memory},
			map[string]any{"predefinedMetricType": "ECSServiceAverageMemoryUtilization"},
			70,
		},
		"a target of its own": {
			services.Scaling{Min: 2, Max: 8, Signal: services.CPU, Target: 45},
			map[string]any{"predefinedMetricType": "ECSServiceAverageCPUUtilization"},
			45,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resources, err := run("users", with(func(a *services.Args) { a.Scaling = test.scaling }))
			require.NoError(t, err)
			require.Subset(t, resources.One(t, scalableTargetType).Inputs, map[string]any{
				"serviceNamespace": "ecs", "scalableDimension": "ecs:service:DesiredCount",
				"resourceId": "service/services/users", "minCapacity": 2.0, "maxCapacity": 8.0,
			})
			require.Equal(t, map[string]any{
				"policyType": "TargetTrackingScaling", "serviceNamespace": "ecs",
				"scalableDimension": "ecs:service:DesiredCount", "resourceId": "service/services/users",
				"targetTrackingScalingPolicyConfiguration": map[string]any{
					"predefinedMetricSpecification": test.metric, "targetValue": test.target,
					"scaleOutCooldown": 60.0, "scaleInCooldown": 300.0,
				},
			}, resources.One(t, scalingPolicyType).Inputs)
		})
	}
}

func TestNewAlarms(t *testing.T) {
	t.Parallel()
	resources, err := run("users", valid())
	require.NoError(t, err)
	const (
		balancer = " LoadBalancer=app/balancer/1 TargetGroup=targetgroup/users/1 "
		tasks    = " ClusterName=services ServiceName=users "
	)
	want := map[string]string{
		"services-users-target-5xx": "Sum of AWS/ApplicationELB HTTPCode_Target_5XX_Count" + balancer +
			">= 10 in 1 x 300 s, missing data notBreaching: arn:topic",
		"services-users-latency": "p99 of AWS/ApplicationELB TargetResponseTime" + balancer +
			"> 1 in 5 x 60 s, missing data notBreaching: arn:topic",
		"services-users-unhealthy-hosts": "Maximum of AWS/ApplicationELB UnHealthyHostCount" + balancer +
			">= 1 in 5 x 60 s, missing data notBreaching: arn:topic",
		"services-users-running-tasks": "Minimum of ECS/ContainerInsights RunningTaskCount" + tasks +
			"< 2 in 5 x 60 s, missing data breaching: arn:topic",
		"services-users-at-maximum": "Maximum of ECS/ContainerInsights DesiredTaskCount" + tasks +
			">= 6 in 15 x 60 s, missing data missing: arn:topic",
		"services-users-cpu":    "Average of AWS/ECS CPUUtilization" + tasks + ">= 85 in 10 x 60 s, missing data missing: arn:topic",
		"services-users-memory": "Average of AWS/ECS MemoryUtilization" + tasks + ">= 85 in 10 x 60 s, missing data missing: arn:topic",
		"services-users-errors": "Sum of stagecraft/test users-errors >= 10 in 1 x 300 s, missing data notBreaching: arn:topic",
	}
	require.Equal(t, want, resources.Alarms(t))
	require.Subset(t, resources.One(t, metricFilterType).Inputs, map[string]any{
		"logGroupName": "/stagecraft/test/services/users-1", "pattern": `{ $.level = "ERROR" }`,
		"metricTransformation": map[string]any{
			"namespace": "stagecraft/test", "name": "users-errors", "value": "1", "defaultValue": "0",
		},
	})

	resources, err = run("users", with(func(a *services.Args) { a.Scaling.Max = a.Scaling.Min }))
	require.NoError(t, err)
	delete(want, "services-users-at-maximum")
	require.Equal(t, want, resources.Alarms(t), "the alarm on the maximum would always be on")
}

func TestNewOutputs(t *testing.T) {
	t.Parallel()
	args := valid()
	var got []any
	_, err := pulumitest.Run(func(ctx *pulumi.Context) error {
		cluster, err := services.NewCluster(ctx, "services", &services.ClusterArgs{LogRetentionDays: 30})
		if err != nil {
			return err
		}
		args.Cluster = cluster
		made, err := services.New(ctx, "users", &args)
		if err != nil {
			return err
		}
		require.Len(t, made.Alarms, 8)
		pulumi.All(made.RepositoryURL, made.RepositoryName, made.RepositoryArn, made.ClusterName, made.ServiceName,
			made.ContainerName, made.TaskRoleArn, made.ExecutionRoleArn, made.TargetGroupArn, made.SecurityGroupID,
		).ApplyT(func(values []any) []any {
			got = values
			return values
		})
		return nil
	}, outputs, nil)
	require.NoError(t, err)
	require.Equal(t, []any{
		"123456789012.dkr.ecr.eu-west-1.amazonaws.com/users-1", "users", "arn:users", "services", "users",
		"users", "arn:users-task", "arn:users-execution", "arn:users", "users-id",
	}, got)
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*services.Args)
		want   string
	}{
		"no account":          {func(a *services.Args) { a.AccountID = "" }, "Cluster, AccountID and Region must be set"},
		"no region":           {func(a *services.Args) { a.Region = "" }, "Cluster, AccountID and Region must be set"},
		"no network":          {func(a *services.Args) { a.VpcID = nil }, "VpcID, SubnetIDs and AlarmTopicArn must be set"},
		"no subnets":          {func(a *services.Args) { a.SubnetIDs = nil }, "VpcID, SubnetIDs and AlarmTopicArn must be set"},
		"no topic":            {func(a *services.Args) { a.AlarmTopicArn = nil }, "VpcID, SubnetIDs and AlarmTopicArn must be set"},
		"latest image":        {func(a *services.Args) { a.Image = "ghcr.io/a/b:latest" }, `Image is "ghcr.io/a/b:latest"`},
		"image without a tag": {func(a *services.Args) { a.Image = "ghcr.io/a/b" }, `Image is "ghcr.io/a/b"`},
		"image of nowhere":    {func(a *services.Args) { a.Image = "nginx:1" }, `Image is "nginx:1"`},
		"a size of no task":   {func(a *services.Args) { a.MemoryMiB = 600 }, "CPU and MemoryMiB: 256 CPU units and 600 MiB"},
		"logs for ever":       {func(a *services.Args) { a.LogRetentionDays = 0 }, "LogRetentionDays is 0"},
		"no variable":         {func(a *services.Args) { a.Environment = variables("A-B") }, `Environment has "A-B"`},
		"no parameter":        {func(a *services.Args) { a.Parameters = variables("1") }, `Parameters has "1"`},
		"a variable without a value": {func(a *services.Args) {
			a.Parameters = map[string]pulumi.StringInput{"A": nil}
		}, `Parameters has no value for "A"`},
		"the port":         {func(a *services.Args) { a.Environment = variables("PORT") }, `Environment has "PORT", which the service has already`},
		"a variable twice": {func(a *services.Args) { a.Environment, a.Parameters = variables("A"), variables("A") }, `Parameters has "A", which`},
		"no listener":      {func(a *services.Args) { a.Route.ListenerArn = nil }, "Route.ListenerArn, Route.ArnSuffix and"},
		"no load balancer": {func(a *services.Args) { a.Route.ArnSuffix = nil }, "Route.ListenerArn, Route.ArnSuffix and"},
		"no way in":        {func(a *services.Args) { a.Route.SecurityGroupID = nil }, "Route.ListenerArn, Route.ArnSuffix and"},
		"no path":          {func(a *services.Args) { a.Route.Paths = nil }, "Route.Paths has 0 paths: a rule accepts 1 to 3"},
		"four paths":       {func(a *services.Args) { a.Route.Paths = []string{"/a", "/b", "/c", "/d"} }, "Route.Paths has 4 paths"},
		"no path's name":   {func(a *services.Args) { a.Route.Paths = []string{"users"} }, `Route.Paths has "users"`},
		"a long path":      {func(a *services.Args) { a.Route.Paths = []string{"/" + strings.Repeat("a", 128)} }, "128 characters at most"},
		"six wildcards":    {func(a *services.Args) { a.Route.Paths = []string{"/*/*/*", "/?/?/*"} }, "Route.Paths has 6 wildcards: a rule accepts 5"},
		"a priority":       {func(a *services.Args) { a.Route.Priority = 50001 }, "Route.Priority is 50001"},
		"a header's name": {func(a *services.Args) {
			a.Route.OriginHeader = &services.Header{Name: "X Y", Values: pulumi.ToStringArray([]string{"v"})}
		}, `Route.OriginHeader is "X Y"`},
		"a header without values": {func(a *services.Args) {
			a.Route.OriginHeader = &services.Header{Name: "X"}
		}, `Route.OriginHeader is "X"`},
		"more than all requests": {weighted(101, true, true), "Route.WeightedRoute has 101 percent"},
		"less than no request":   {weighted(-1, true, true), "Route.WeightedRoute has -1 percent"},
		"no other listener":      {weighted(50, false, true), "Route.WeightedRoute has 50 percent: it must have 0 to 100, a ListenerArn"},
		"no other targets":       {weighted(50, true, false), "Route.WeightedRoute has 50 percent"},
		"one task":               {func(a *services.Args) { a.Scaling.Min = 1 }, "Scaling is from 1 to 6 tasks"},
		"less at most":           {func(a *services.Args) { a.Scaling.Max = 1 }, "Scaling is from 2 to 1 tasks"},
		"no signal":              {func(a *services.Args) { a.Scaling.Signal = "" }, `Scaling.Signal is "": it must be requests, cpu or memory`},
		"more than all":          {func(a *services.Args) { a.Scaling.Target = 101 }, "Scaling.target is 101"},
		"less than none":         {func(a *services.Args) { a.Scaling.Target = -1 }, "Scaling.target is -1"},
		"negative number":        {func(a *services.Args) { a.Route.Priority = -1 }, "Route.Priority is -1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resources, err := run("users", with(test.change))
			require.ErrorContains(t, err, `service "users": `)
			require.ErrorContains(t, err, test.want)
			require.Empty(t, resources.Of(repositoryType))
		})
	}
	for _, name := range []string{"Users", "a--b", "1a", "a-", strings.Repeat("a", 25)} {
		_, err := run(name, valid())
		require.ErrorContains(t, err, "its name must have 24 characters at most")
	}
	_, err := run(strings.Repeat("a", 24), valid())
	require.NoError(t, err)

	_, err = pulumitest.Run(func(ctx *pulumi.Context) error {
		args := valid()
		_, err := services.New(ctx, "users", &args)
		return err
	}, outputs, nil)
	require.ErrorContains(t, err, "Cluster, AccountID and Region must be set")
}

func variables(name string) map[string]pulumi.StringInput {
	return map[string]pulumi.StringInput{name: pulumi.String("a")}
}

func weighted(percent int, listener, targets bool) func(*services.Args) {
	return func(a *services.Args) {
		a.Route.WeightedRoute = &services.WeightedRoute{Percent: percent}
		if listener {
			a.Route.WeightedRoute.ListenerArn = pulumi.String("arn:public")
		}
		if targets {
			a.Route.WeightedRoute.TargetGroupArn = pulumi.String("arn:web")
		}
	}
}

// TestNewTakesLimits accepts the least and the greatest values.
func TestNewTakesLimits(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*services.Args){
		"no request of the other listener":   weighted(0, true, true),
		"all requests of the other listener": weighted(100, true, true),
		"least": func(a *services.Args) {
			a.Route.Priority, a.Scaling, a.LogRetentionDays = 1, services.Scaling{Min: 2, Max: 2, Signal: services.CPU, Target: 1}, 1
		},
		"most": func(a *services.Args) {
			a.Route.Priority, a.Route.Paths = 50000, []string{"/*/*", "/?/?", "/*"}
			a.Scaling.Target = 100
		},
		"many requests": func(a *services.Args) { a.Scaling.Signal, a.Scaling.Target = services.Requests, 5000 },
		"a header's longest name": func(a *services.Args) {
			a.Route.OriginHeader = &services.Header{Name: strings.Repeat("a", 40), Values: pulumi.ToStringArray([]string{"v"})}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := run("users", with(change))
			require.NoError(t, err)
		})
	}
}
