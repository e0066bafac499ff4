package stack

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/config"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
)

// globalRegion is the region in which AWS reports global events.
const globalRegion = "us-east-1"

// newAlarmTopic declares the topic that every tier notifies.
func newAlarmTopic(ctx *pulumi.Context, in inputs, keyArn pulumi.StringInput) (*observability.AlarmTopic, error) {
	return observability.NewAlarmTopic(ctx, "alarms", &observability.AlarmTopicArgs{
		Email:     in.settings.Alarms.Email,
		AccountID: in.account,
		KmsKeyArn: keyArn,
		Tags:      in.tags("observability"),
	})
}

// newGlobalRegion declares a provider and a topic for us-east-1, unless the stack is there: rules and alarms reach
// topics of their own region only.
func newGlobalRegion(
	ctx *pulumi.Context, in inputs, topic *observability.AlarmTopic,
) (observability.GlobalRegion, error) {
	if in.region == globalRegion {
		return observability.GlobalRegion{AlarmTopicArn: topic.Arn}, nil
	}
	args := &aws.ProviderArgs{
		Region:            pulumi.String(globalRegion),
		AllowedAccountIds: pulumi.ToStringArray([]string{in.account}),
	}
	// An explicit provider reads credentials from the environment, but nothing from the stack's aws: settings.
	if profile := config.GetProfile(ctx); profile != "" {
		args.Profile = pulumi.String(profile)
	}
	provider, err := aws.NewProvider(ctx, globalRegion, args)
	if err != nil {
		return observability.GlobalRegion{}, err
	}
	global, err := observability.NewAlarmTopic(ctx, "alarms-global", &observability.AlarmTopicArgs{
		Email:     in.settings.Alarms.Email,
		AccountID: in.account,
		Tags:      in.tags("observability"),
	}, pulumi.Provider(provider))
	if err != nil {
		return observability.GlobalRegion{}, err
	}
	return observability.GlobalRegion{AlarmTopicArn: global.Arn, Provider: provider}, nil
}
