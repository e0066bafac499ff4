package main

import (
	"encoding/json"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/alb"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// fargate is a container behind a load balancer, whose types have the name that they had first.
func fargate(ctx *pulumi.Context) error {
	network, err := ec2.NewVpc(ctx, "network", &ec2.VpcArgs{CidrBlock: pulumi.String("10.0.0.0/16")})
	if err != nil {
		return err
	}
	subnets := pulumi.StringArray{}
	for name, place := range map[string]struct{ zone, block string }{
		"a": {"eu-west-1a", "10.0.1.0/24"}, "b": {"eu-west-1b", "10.0.2.0/24"},
	} {
		subnet, err := ec2.NewSubnet(ctx, name, &ec2.SubnetArgs{
			VpcId: network.ID(), AvailabilityZone: pulumi.String(place.zone), CidrBlock: pulumi.String(place.block),
			MapPublicIpOnLaunch: pulumi.Bool(true),
		})
		if err != nil {
			return err
		}
		subnets = append(subnets, subnet.ID())
	}
	group, err := ec2.NewSecurityGroup(ctx, "web", &ec2.SecurityGroupArgs{
		VpcId: network.ID(),
		Ingress: ec2.SecurityGroupIngressArray{ec2.SecurityGroupIngressArgs{
			Protocol: pulumi.String("tcp"), FromPort: pulumi.Int(80), ToPort: pulumi.Int(80),
			CidrBlocks: pulumi.ToStringArray([]string{"0.0.0.0/0"}),
		}},
		Egress: ec2.SecurityGroupEgressArray{ec2.SecurityGroupEgressArgs{
			Protocol: pulumi.String("-1"), FromPort: pulumi.Int(0), ToPort: pulumi.Int(0),
			CidrBlocks: pulumi.ToStringArray([]string{"0.0.0.0/0"}),
		}},
	})
	if err != nil {
		return err
	}
	targets, listener, err := balance(ctx, network, subnets, group)
	if err != nil {
		return err
	}
	return contain(ctx, subnets, group, targets, listener)
}

func balance(
	ctx *pulumi.Context, network *ec2.Vpc, subnets pulumi.StringArray, group *ec2.SecurityGroup,
) (*alb.TargetGroup, pulumi.Resource, error) {
	balancer, err := alb.NewLoadBalancer(ctx, "web", &alb.LoadBalancerArgs{
		Subnets: subnets, SecurityGroups: pulumi.StringArray{group.ID()},
	})
	if err != nil {
		return nil, nil, err
	}
	targets, err := alb.NewTargetGroup(ctx, "web", &alb.TargetGroupArgs{
		Port: pulumi.Int(80), Protocol: pulumi.String("HTTP"), TargetType: pulumi.String("ip"), VpcId: network.ID(),
	})
	if err != nil {
		return nil, nil, err
	}
	listener, err := alb.NewListener(ctx, "web", &alb.ListenerArgs{
		LoadBalancerArn: balancer.Arn, Port: pulumi.Int(80),
		DefaultActions: alb.ListenerDefaultActionArray{alb.ListenerDefaultActionArgs{
			Type: pulumi.String("forward"), TargetGroupArn: targets.Arn,
		}},
	})
	ctx.Export("url", balancer.DnsName)
	return targets, listener, err
}

func contain(
	ctx *pulumi.Context, subnets pulumi.StringArray, group *ec2.SecurityGroup,
	targets *alb.TargetGroup, listener pulumi.Resource,
) error {
	cluster, err := ecs.NewCluster(ctx, "cluster", nil)
	if err != nil {
		return err
	}
	role, err := iam.NewRole(ctx, "task-execution", &iam.RoleArgs{AssumeRolePolicy: trust("ecs-tasks.amazonaws.com")})
	if err != nil {
		return err
	}
	_, err = iam.NewRolePolicyAttachment(ctx, "task-execution", &iam.RolePolicyAttachmentArgs{
		Role: role.Name, PolicyArn: pulumi.String("arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"),
	})
	if err != nil {
		return err
	}
	containers, err := json.Marshal([]map[string]any{{
		"name": "web", "image": "nginx", "portMappings": []map[string]any{{"containerPort": 80, "protocol": "tcp"}},
	}})
	if err != nil {
		return err
	}
	task, err := ecs.NewTaskDefinition(ctx, "web", &ecs.TaskDefinitionArgs{
		Family: pulumi.String("web"), Cpu: pulumi.String("256"), Memory: pulumi.String("512"), NetworkMode: pulumi.String("awsvpc"),
		RequiresCompatibilities: pulumi.ToStringArray([]string{"FARGATE"}), ExecutionRoleArn: role.Arn,
		ContainerDefinitions: pulumi.String(containers),
	})
	if err != nil {
		return err
	}
	_, err = ecs.NewService(ctx, "web", &ecs.ServiceArgs{
		Cluster: cluster.Arn, DesiredCount: pulumi.Int(2), LaunchType: pulumi.String("FARGATE"), TaskDefinition: task.Arn,
		NetworkConfiguration: ecs.ServiceNetworkConfigurationArgs{
			AssignPublicIp: pulumi.Bool(true), Subnets: subnets, SecurityGroups: pulumi.StringArray{group.ID()},
		},
		LoadBalancers: ecs.ServiceLoadBalancerArray{ecs.ServiceLoadBalancerArgs{
			TargetGroupArn: targets.Arn, ContainerName: pulumi.String("web"), ContainerPort: pulumi.Int(80),
		}},
	}, pulumi.DependsOn([]pulumi.Resource{listener}))
	return err
}

// trust lets a service of AWS take a role.
func trust(service string) pulumi.String {
	return pulumi.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"` +
		service + `"}}]}`)
}
