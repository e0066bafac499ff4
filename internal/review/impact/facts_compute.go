package impact

import "github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

var computeFacts = map[tokens.Type][]fact{
	"aws:ec2/instance:Instance": {
		{
			Ops:        []Op{Update},
			Properties: []string{"instanceType", "userData", "userDataBase64", "ebsOptimized"},
			Level:      Minutes,
			Lasts:      "some minutes for each instance",
			Reason:     "the instance stops and starts again",
			Source:     "Amazon EC2 User Guide, Change the instance type; AWS::EC2::Instance in the CloudFormation Template Reference",
		},
		{
			Ops: []Op{Update},
			Properties: []string{
				"creditSpecification", "disableApiTermination", "iamInstanceProfile", "instanceInitiatedShutdownBehavior", "metadataOptions",
				"monitoring", "rootBlockDevice", "volumeTags", "vpcSecurityGroupIds",
			},
			Source: "AWS::EC2::Instance in the CloudFormation Template Reference",
		},
	},
	"aws:autoscaling/group:Group": {
		{
			Ops:        []Op{Update},
			Properties: []string{"launchTemplate"},
			Level:      None,
			Reason:     "an instance refresh, if set, replaces instances one after the other while the others answer",
			Source:     "Amazon EC2 Auto Scaling User Guide, Use an instance refresh to update instances in an Auto Scaling group",
		},
		{
			Ops:    []Op{Update},
			Source: "AWS::AutoScaling::AutoScalingGroup in the CloudFormation Template Reference",
		},
	},
	"aws:ecs/service:Service": {
		{
			Ops:        []Op{Update},
			Properties: []string{"taskDefinition", "networkConfiguration", "loadBalancers", "capacityProviderStrategies", "platformVersion"},
			Level:      None,
			Reason:     "a rolling deployment: old tasks stop once new ones are healthy",
			Source:     "Amazon ECS Developer Guide, Deploy Amazon ECS services by replacing tasks",
		},
		{
			Ops:    []Op{Update},
			Source: "Amazon ECS API Reference, UpdateService",
		},
	},
	"aws:lambda/function:Function": {
		{
			Ops:    []Op{Update},
			Level:  None,
			Reason: "executions under way end with the old code or configuration",
			Source: "AWS Lambda API Reference, UpdateFunctionConfiguration",
		},
		{
			Ops:    []Op{Delete, Replace},
			Level:  Brief,
			Lasts:  "until its route has another target",
			Reason: "calls fail",
			Source: "AWS Lambda API Reference, DeleteFunction",
		},
	},
}
