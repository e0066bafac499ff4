package web_test

import (
	"maps"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/components/web"
	"stagecraft/internal/pulumitest"
)

const (
	componentType = "stagecraft:web:Web"
	instanceType  = "aws:ec2/instance:Instance"
	ingressType   = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	egressType    = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
	alarmType     = "aws:cloudwatch/metricAlarm:MetricAlarm"
	logGroupType  = "aws:cloudwatch/logGroup:LogGroup"
	filterType    = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
	parameterType = "aws:ssm/parameter:Parameter"
)

var (
	answers = map[string]map[string]any{"aws:ssm/getParameter:getParameter": {"insecureValue": "ami-1"}}
	outputs = map[string]map[string]any{"aws:ec2/eip:Eip": {"publicIp": "192.0.2.1"}}
)

func private() web.Args {
	return web.Args{
		VpcID:                   pulumi.String("vpc-1"),
		SubnetIDs:               pulumi.ToStringArray([]string{"subnet-1", "subnet-2", "subnet-3"}),
		Placement:               &web.Placement{Zones: 2, PerZone: 2},
		InstanceType:            "t4g.small",
		VolumeGiB:               10,
		DatabaseSecurityGroupID: pulumi.String("sg-database"),
		DatabaseSecretArn:       pulumi.String("arn:secret"),
		PatchGroup:              "stagecraft-test",
		LogRetentionDays:        30,
		Region:                  "eu-central-1",
		AlarmTopicArn:           pulumi.String("arn:topic"),
		Tags:                    pulumi.StringMap{"Stack": pulumi.String("test")},
	}
}

func public() web.Args {
	args := private()
	args.Placement, args.Public = nil, &web.Public{SubnetIDs: args.SubnetIDs}
	return args
}

func publicHTTPS() web.Args {
	args := public()
	args.Public.Domain, args.Public.HostedZoneID, args.Public.Email = "www.example.com", "Z1", "ops@example.com"
	return args
}

func run(args web.Args, check func(*web.Web)) (pulumitest.Resources, error) {
	return pulumitest.Run(func(ctx *pulumi.Context) error {
		made, err := web.New(ctx, "web", &args)
		if err == nil && check != nil {
			check(made)
		}
		return err
	}, outputs, answers)
}

// inputs are what the resources of a type were asked for, by name and without their tags.
func inputs(t *testing.T, resources pulumitest.Resources, token string) map[string]map[string]any {
	t.Helper()
	found := map[string]map[string]any{}
	for _, name := range resources.Names(token) {
		found[name] = resources.Named(t, token, name).Inputs
		delete(found[name], "tags")
	}
	return found
}

func TestNewInstances(t *testing.T) {
	t.Parallel()
	resources, err := run(private(), nil)
	require.NoError(t, err)
	resources.RequireTags(t, map[string]string{"Stack": "test"})
	resources.RequireParents(t, componentType)

	subnets := map[string]any{}
	for _, instance := range resources.Of(instanceType) {
		subnets[instance.Name] = instance.Inputs["subnetId"]
	}
	require.Equal(t, map[string]any{
		"web-private-1-1": "subnet-1",
		"web-private-1-2": "subnet-1",
		"web-private-2-1": "subnet-2",
		"web-private-2-2": "subnet-2",
	}, subnets)

	instance := resources.Named(t, instanceType, "web-private-2-1")
	tags := map[string]any{"Stack": "test", "Name": "test-web-private-2-1", "PatchGroup": "stagecraft-test", "Kind": "fixed"}
	require.NotEmpty(t, instance.Inputs["userData"])
	delete(instance.Inputs, "userData")
	require.Equal(t, map[string]any{
		"ami":                      "ami-1",
		"instanceType":             "t4g.small",
		"subnetId":                 "subnet-2",
		"associatePublicIpAddress": false,
		"vpcSecurityGroupIds":      []any{"web-id"},
		"iamInstanceProfile":       "web",
		"monitoring":               true,
		"ebsOptimized":             true,
		"creditSpecification":      map[string]any{"cpuCredits": "unlimited"},
		"metadataOptions": map[string]any{
			"httpEndpoint": "enabled", "httpTokens": "required", "httpPutResponseHopLimit": 1.0, "instanceMetadataTags": "enabled",
		},
		"rootBlockDevice": map[string]any{
			"volumeType": "gp3", "volumeSize": 10.0, "encrypted": true, "tags": tags,
		},
		"tags": tags,
	}, instance.Inputs)
	require.Equal(t, []string{"ami", "userData"}, instance.IgnoreChanges)
	require.Nil(t, instance.ReplacementTrigger)

	for _, needed := range []string{
		egressType + "::web-to-internet",
		egressType + "::web-to-database",
		parameterType + "::web-agent",
		"aws:iam/rolePolicy:RolePolicy::web",
		"aws:iam/rolePolicyAttachment:RolePolicyAttachment::web-AmazonSSMManagedInstanceCore",
		"aws:iam/rolePolicyAttachment:RolePolicyAttachment::web-CloudWatchAgentServerPolicy",
	} {
		require.Contains(t, strings.Join(instance.DependsOn, "\n"), needed, "an instance must not boot before this is there")
	}
	require.Empty(t, resources.Of("aws:ec2/eip:Eip"))
	require.Empty(t, resources.Of(ingressType))
}

func TestNewPublic(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args    web.Args
		ports   map[string]float64
		trigger string
		url     string
	}{
		"HTTP": {
			args:  public(),
			ports: map[string]float64{"web-from-internet-80": 80},
			url:   "http://192.0.2.1",
		},
		"HTTPS": {
			args:    publicHTTPS(),
			ports:   map[string]float64{"web-from-internet-80": 80, "web-from-internet-443": 443},
			trigger: "www.example.com",
			url:     "https://www.example.com",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []any
			resources, err := run(test.args, func(made *web.Web) {
				require.Empty(t, made.Instances, "it is behind no load balancer")
				pulumi.All(made.Address, made.URL, made.SecurityGroupID).ApplyT(func(values []any) []any {
					got = values
					return values
				})
			})
			require.NoError(t, err)
			resources.RequireTags(t, map[string]string{"Stack": "test"})
			resources.RequireParents(t, componentType)
			require.Equal(t, []any{"192.0.2.1", test.url, "web-id"}, got)

			instance := resources.One(t, instanceType)
			require.Equal(t, true, instance.Inputs["associatePublicIpAddress"])
			require.Equal(t, test.trigger, instance.ReplacementTrigger)
			require.Equal(t, map[string]any{"domain": "vpc", "tags": map[string]any{"Stack": "test"}},
				resources.One(t, "aws:ec2/eip:Eip").Inputs)
			require.Equal(t, map[string]any{"allocationId": "web-id", "instanceId": "web-public-1-1-id"},
				resources.One(t, "aws:ec2/eipAssociation:EipAssociation").Inputs)

			ports := map[string]float64{}
			for _, rule := range resources.Of(ingressType) {
				require.Equal(t, "0.0.0.0/0", rule.Inputs["cidrIpv4"])
				require.Equal(t, rule.Inputs["fromPort"], rule.Inputs["toPort"])
				ports[rule.Name] = rule.Inputs["fromPort"].(float64)
			}
			require.Equal(t, test.ports, ports)
		})
	}
}

// A group's inputs replace it when they change, and instances of both tiers share it while a stack grows.
func TestNewKeepsSecurityGroup(t *testing.T) {
	t.Parallel()
	const groupType = "aws:ec2/securityGroup:SecurityGroup"
	closed, err := run(private(), nil)
	require.NoError(t, err)
	open, err := run(publicHTTPS(), nil)
	require.NoError(t, err)
	require.Equal(t, closed.One(t, groupType).Inputs, open.One(t, groupType).Inputs)
	require.Equal(t, "vpc-1", open.One(t, groupType).Inputs["vpcId"])
	require.Equal(t, inputs(t, closed, egressType), inputs(t, open, egressType))
	require.Equal(t, map[string]map[string]any{
		"web-to-internet": {
			"securityGroupId": "web-id", "cidrIpv4": "0.0.0.0/0", "ipProtocol": "tcp", "fromPort": 443.0, "toPort": 443.0,
			"description": "HTTPS to package repositories and AWS",
		},
		"web-to-database": {
			"securityGroupId": "web-id", "referencedSecurityGroupId": "sg-database", "ipProtocol": "tcp",
			"fromPort": 5432.0, "toPort": 5432.0, "description": "PostgreSQL to the database",
		},
	}, inputs(t, open, egressType))
}

func TestAllowFrom(t *testing.T) {
	t.Parallel()
	args := private()
	resources, err := pulumitest.Run(func(ctx *pulumi.Context) error {
		made, err := web.New(ctx, "web", &args)
		if err != nil {
			return err
		}
		return made.AllowFrom(ctx, "loadbalancer", pulumi.String("sg-loadbalancer"))
	}, outputs, answers)
	require.NoError(t, err)
	resources.RequireTags(t, map[string]string{"Stack": "test"})
	resources.RequireParents(t, componentType)
	require.Equal(t, map[string]map[string]any{"web-from-loadbalancer": {
		"securityGroupId": "web-id", "referencedSecurityGroupId": "sg-loadbalancer", "ipProtocol": "tcp",
		"fromPort": 80.0, "toPort": 80.0, "description": "HTTP from loadbalancer",
	}}, inputs(t, resources, ingressType))
}

func TestNewPermissions(t *testing.T) {
	t.Parallel()
	resources, err := run(private(), nil)
	require.NoError(t, err)
	require.Contains(t, resources.One(t, "aws:iam/role:Role").Inputs["assumeRolePolicy"], `"Service":"ec2.amazonaws.com"`)
	require.Equal(t, "web", resources.One(t, "aws:iam/instanceProfile:InstanceProfile").Inputs["role"])
	require.JSONEq(t, `{"Version": "2012-10-17", "Statement": [{
		"Effect": "Allow", "Action": ["secretsmanager:GetSecretValue"], "Resource": ["arn:secret"]
	}]}`, resources.One(t, "aws:iam/rolePolicy:RolePolicy").Inputs["policy"].(string))
}

// TestNewWithoutDatabase opens no port and reads no secret for a tier without data stores.
func TestNewWithoutDatabase(t *testing.T) {
	t.Parallel()
	args := private()
	args.Placement, args.Public = nil, &web.Public{SubnetIDs: args.SubnetIDs}
	args.DatabaseSecurityGroupID, args.DatabaseSecretArn = nil, nil
	resources, err := run(args, nil)
	require.NoError(t, err)
	require.Equal(t, []string{"web-to-internet"}, resources.Names(egressType))
	require.Empty(t, resources.Policies(t))
}

func TestNewLogs(t *testing.T) {
	t.Parallel()
	resources, err := run(private(), nil)
	require.NoError(t, err)
	require.Equal(t, map[string]map[string]any{
		"web-access": {"namePrefix": "/stagecraft/test/web/access-", "retentionInDays": 30.0},
		"web-error":  {"namePrefix": "/stagecraft/test/web/error-", "retentionInDays": 30.0},
		"web-setup":  {"namePrefix": "/stagecraft/test/web/setup-", "retentionInDays": 30.0},
		"web-system": {"namePrefix": "/stagecraft/test/web/system-", "retentionInDays": 30.0},
	}, inputs(t, resources, logGroupType))

	parameter := resources.One(t, parameterType)
	require.Equal(t, "/stagecraft/test/web/cloudwatch-agent", parameter.Inputs["name"])
	require.Equal(t, "String", parameter.Inputs["type"])
	require.JSONEq(t, `{
		"agent": {"metrics_collection_interval": 60, "run_as_user": "root"},
		"metrics": {
			"append_dimensions": {"InstanceId": "${aws:InstanceId}"},
			"aggregation_dimensions": [["InstanceId"]],
			"metrics_collected": {
				"mem": {"measurement": ["mem_used_percent"]},
				"disk": {"measurement": ["disk_used_percent"], "resources": ["/"], "drop_device": true}
			}
		},
		"logs": {"logs_collected": {"files": {"collect_list": [
			{"file_path": "/var/log/nginx/access.log", "log_group_name": "/stagecraft/test/web/access-1", "log_stream_name": "{instance_id}"},
			{"file_path": "/var/log/nginx/error.log", "log_group_name": "/stagecraft/test/web/error-1", "log_stream_name": "{instance_id}"},
			{"file_path": "/var/log/messages", "log_group_name": "/stagecraft/test/web/system-1", "log_stream_name": "{instance_id}"},
			{"file_path": "/var/log/cloud-init-output.log", "log_group_name": "/stagecraft/test/web/setup-1", "log_stream_name": "{instance_id}"}
		]}}}
	}`, parameter.Inputs["insecureValue"].(string))
}

func TestNewAlarms(t *testing.T) {
	t.Parallel()
	// instance is the alarms of one instance; the last one is for burstable types only.
	instance := func(name string) map[string]string {
		dimension := " InstanceId=" + name + "-id "
		return map[string]string{
			name + "-cpu":    "Average of AWS/EC2 CPUUtilization" + dimension + ">= 80 in 10 x 60 s, missing data missing: arn:topic",
			name + "-memory": "Average of CWAgent mem_used_percent" + dimension + ">= 90 in 5 x 60 s, missing data missing: arn:topic",
			name + "-disk":   "Maximum of CWAgent disk_used_percent" + dimension + ">= 85 in 5 x 60 s, missing data missing: arn:topic",
			name + "-system-check": "Maximum of AWS/EC2 StatusCheckFailed_System" + dimension +
				">= 1 in 2 x 60 s, missing data missing: arn:topic arn:aws:automate:eu-central-1:ec2:recover",
			name + "-instance-check": "Maximum of AWS/EC2 StatusCheckFailed_Instance" + dimension +
				">= 1 in 3 x 60 s, missing data missing: arn:topic arn:aws:automate:eu-central-1:ec2:reboot",
			name + "-surplus-credits": "Maximum of AWS/EC2 CPUSurplusCreditsCharged" + dimension +
				"> 0 in 1 x 300 s, missing data missing: arn:topic",
		}
	}
	const setupAlarm = "Sum of stagecraft/test SetupFailures >= 1 in 1 x 300 s, missing data notBreaching: arn:topic"
	const errorsAlarm = "Sum of stagecraft/test WebServerErrors >= 10 in 1 x 300 s, missing data notBreaching: arn:topic"

	for name, test := range map[string]struct {
		args   web.Args
		change func(*web.Args)
		alarms func() map[string]string
	}{
		"private": {
			args: private(),
			alarms: func() map[string]string {
				want := map[string]string{"web-server-errors": errorsAlarm, "web-setup": setupAlarm}
				for _, name := range []string{"web-private-1-1", "web-private-1-2", "web-private-2-1", "web-private-2-2"} {
					maps.Copy(want, instance(name))
				}
				return want
			},
		},
		"public, not burstable": {
			args:   public(),
			change: func(args *web.Args) { args.InstanceType = "m7g.large" },
			alarms: func() map[string]string {
				want := instance("web-public-1-1")
				delete(want, "web-public-1-1-surplus-credits")
				want["web-server-errors"], want["web-setup"] = errorsAlarm, setupAlarm
				return want
			},
		},
		"HTTPS": {
			args: publicHTTPS(),
			alarms: func() map[string]string {
				want := instance("web-public-1-1")
				want["web-server-errors"], want["web-setup"] = errorsAlarm, setupAlarm
				want["web-certificate"] = "Sum of stagecraft/test CertificateFailures >= 2 in 1 x 3600 s, missing data notBreaching: arn:topic"
				return want
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.change != nil {
				test.change(&test.args)
			}
			made := 0
			resources, err := run(test.args, func(tier *web.Web) { made = len(tier.Alarms) })
			require.NoError(t, err)

			alarms := resources.Alarms(t)
			require.Equal(t, test.alarms(), alarms)
			require.Len(t, alarms, made)
			if !strings.HasPrefix(test.args.InstanceType, "t4g") {
				require.NotContains(t, resources.One(t, instanceType).Inputs, "creditSpecification")
			}
		})
	}
}

func TestNewLogMetrics(t *testing.T) {
	t.Parallel()
	resources, err := run(publicHTTPS(), nil)
	require.NoError(t, err)
	metric := func(name string) map[string]any {
		return map[string]any{"namespace": "stagecraft/test", "name": name, "value": "1", "defaultValue": "0"}
	}
	require.Equal(t, map[string]map[string]any{
		"web-server-errors": {
			"logGroupName":         "/stagecraft/test/web/access-1",
			"pattern":              "{ $.status >= 500 }",
			"metricTransformation": metric("WebServerErrors"),
		},
		"web-setup": {
			"logGroupName":         "/stagecraft/test/web/setup-1",
			"pattern":              `"web set-up failed"`,
			"metricTransformation": metric("SetupFailures"),
		},
		"web-certificate": {
			"logGroupName":         "/stagecraft/test/web/system-1",
			"pattern":              `"web-https.service: Failed with result"`,
			"metricTransformation": metric("CertificateFailures"),
		},
	}, inputs(t, resources, filterType))
}

func TestUserData(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args    web.Args
		has     []string
		hasNone []string
	}{
		"HTTP": {
			args:    private(),
			has:     []string{"ssm:/stagecraft/test/web/cloudwatch-agent", "listen 80 default_server", "location = /health {"},
			hasNone: []string{"certbot", "443", "python", "<no value>", "{{"},
		},
		"HTTPS": {
			args: publicHTTPS(),
			has: []string{
				"/usr/local/sbin/web-https", "return 301 https://www.example.com$request_uri", "--email 'ops@example.com'",
				"web-https.service", "--dns-route53", "certbot==5.8.0 certbot-dns-route53==5.8.0",
			},
			hasNone: []string{"<no value>", "{{"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resources, err := run(test.args, nil)
			require.NoError(t, err)
			script := resources.Of(instanceType)[0].Inputs["userData"].(string)
			for _, text := range test.has {
				require.Contains(t, script, text)
			}
			for _, text := range append(test.hasNone, "arn:secret", "sg-database") {
				require.NotContains(t, script, text)
			}
			// EC2 takes 16 KiB (Amazon EC2 User Guide, "Run commands when you launch an EC2 instance"); the longest names of
			// a project, a stack and a domain fit into the quarter that this leaves.
			require.Less(t, len(script), 12<<10)
			requireShell(t, script)
			for _, inner := range regexp.MustCompile(`(?s)<<'END'\n(#!/bin/bash\n.*?)\nEND\n`).FindAllStringSubmatch(script, -1) {
				requireShell(t, inner[1])
			}
		})
	}
}

func requireShell(t *testing.T, script string) {
	t.Helper()
	require.True(t, strings.HasPrefix(script, "#!/bin/bash\n"))
	require.Contains(t, script, "\nset -euo pipefail\n")
	check := exec.Command("bash", "-n")
	check.Stdin = strings.NewReader(script)
	output, err := check.CombinedOutput()
	require.NoError(t, err, string(output))
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args   web.Args
		change func(*web.Args)
		says   string
	}{
		"no region":           {private(), func(a *web.Args) { a.Region = "" }, "Region and PatchGroup must be set"},
		"no patch group":      {private(), func(a *web.Args) { a.PatchGroup = "" }, "Region and PatchGroup must be set"},
		"no zone":             {private(), func(a *web.Args) { a.Placement.Zones = 0 }, "2 instances in each of 0 zones"},
		"none in a zone":      {private(), func(a *web.Args) { a.Placement.PerZone = 0 }, "0 instances in each of 2 zones"},
		"no servers":          {private(), func(a *web.Args) { a.Placement = nil }, "one of Public, Placement and Group must be set"},
		"no subnets":          {private(), func(a *web.Args) { a.SubnetIDs = nil }, "SubnetIDs must be set for Placement and Group"},
		"a group, no subnets": {scaling(), func(a *web.Args) { a.SubnetIDs = nil }, "SubnetIDs must be set for Placement and Group"},
		"public, no subnets":  {public(), func(a *web.Args) { a.Public.SubnetIDs = nil }, "Public.SubnetIDs must be set"},
		"Intel":               {private(), func(a *web.Args) { a.InstanceType = "m7i.large" }, `InstanceType is "m7i.large"`},
		"Intel with graphics": {private(), func(a *web.Args) { a.InstanceType = "g4dn.xlarge" }, "Graviton"},
		"first Graviton":      {private(), func(a *web.Args) { a.InstanceType = "a1.large" }, "Graviton"},
		"bare metal":          {private(), func(a *web.Args) { a.InstanceType = "c7g.metal" }, "Graviton"},
		"no type":             {private(), func(a *web.Args) { a.InstanceType = "" }, "Graviton"},
		"small volume":        {private(), func(a *web.Args) { a.VolumeGiB = 7 }, "VolumeGiB is 7"},
		"tag with a space": {
			private(), func(a *web.Args) { a.Tags = pulumi.StringMap{"cost center": pulumi.String("1")} }, `tag "cost center"`,
		},
		"script without end": {private(), func(a *web.Args) { a.Setup = []string{"true"} }, "Setup[0]"},
		"script with END":    {private(), func(a *web.Args) { a.Setup = []string{"true\n", "END\ntrue\n"} }, "Setup[1]"},
		"domain, no e-mail":  {publicHTTPS(), func(a *web.Args) { a.Public.Email = "" }, `Public.Email is ""`},
		"e-mail, no domain":  {publicHTTPS(), func(a *web.Args) { a.Public.Domain = "" }, "without Domain"},
		"domain for shells":  {publicHTTPS(), func(a *web.Args) { a.Public.Domain = "a.example.com';reboot" }, "must be a DNS name"},
		"e-mail for shells":  {publicHTTPS(), func(a *web.Args) { a.Public.Email = "a'$(reboot)@example.com" }, "Public.Email is"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.change(&test.args)
			resources, err := run(test.args, nil)
			require.ErrorContains(t, err, `web "web": `)
			require.ErrorContains(t, err, test.says)
			require.Empty(t, resources.Of(componentType), "refused before anything is made")
		})
	}
}

func TestNewRefusesMissingSubnets(t *testing.T) {
	t.Parallel()
	args := private()
	args.SubnetIDs = pulumi.ToStringArray([]string{"subnet-1"})
	_, err := run(args, nil)
	require.ErrorContains(t, err, "SubnetIDs has 1 subnets: there must be one for each of 2 zones")
}

func TestNewAccepts(t *testing.T) {
	t.Parallel()
	for _, instanceType := range []string{"t4g.nano", "m6g.medium", "m7gd.16xlarge", "c8gn.xlarge", "im4gn.large", "x2gd.2xlarge"} {
		t.Run(instanceType, func(t *testing.T) {
			t.Parallel()
			args := private()
			args.InstanceType = instanceType
			args.VolumeGiB = 8
			_, err := run(args, nil)
			require.NoError(t, err)
		})
	}
}

func TestNewWithoutImage(t *testing.T) {
	t.Parallel()
	args := private()
	_, err := pulumitest.Run(func(ctx *pulumi.Context) error {
		_, err := web.New(ctx, "web", &args)
		return err
	}, outputs, nil)
	require.ErrorContains(t, err, "the newest AMI of Amazon Linux 2023")
}

// TestWithoutDataStores returns servers without a database no permission to read a secret, and no egress but HTTPS.
func TestWithoutDataStores(t *testing.T) {
	t.Parallel()
	args := public()
	args.DatabaseSecurityGroupID, args.DatabaseSecretArn = nil, nil
	resources, err := run(args, nil)
	require.NoError(t, err)
	require.Equal(t, []string{"web-to-internet"}, resources.Names(egressType))
	require.Empty(t, resources.Of("aws:iam/rolePolicy:RolePolicy"))
}
