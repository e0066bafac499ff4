package stack

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/encryption"
	"stagecraft/components/gate"
	"stagecraft/components/network"
	"stagecraft/components/observability"
	"stagecraft/components/security"
	"stagecraft/components/systemsmanager"
	"stagecraft/components/web"
	"stagecraft/internal/program/stage"
)

// foundation is what every stage has below its tiers.
type foundation struct {
	// key is nil where AWS's keys encrypt the stack.
	key       *encryption.Key
	keyAlarms observability.Alarms
	// topic receives alarms of the stack's region, and global those of us-east-1.
	topic    *observability.AlarmTopic
	global   observability.GlobalRegion
	security *security.AccountSecurity
	// trail is nil where another stack owns the account's audit log.
	trail   *observability.Trail
	network *network.Network
	nodes   *systemsmanager.ManagedNodes
	// gate stops an update before it routes users to what does not serve.
	gate *gate.Gate
}

// keyArn returns the stack's key, or nil where AWS's keys encrypt the stack.
func (f foundation) keyArn() pulumi.StringInput {
	if f.key == nil {
		return nil
	}
	return f.key.Arn
}

func newFoundation(ctx *pulumi.Context, in inputs) (base foundation, err error) {
	if err := retainLogGroups(ctx, in); err != nil {
		return base, err
	}
	if base.key, err = newKey(ctx, in); err != nil {
		return base, err
	}
	if base.topic, err = newAlarmTopic(ctx, in, base.keyArn()); err != nil {
		return base, err
	}
	if base.key != nil {
		if base.keyAlarms, err = base.key.Watch(ctx, base.topic.Arn); err != nil {
			return base, err
		}
	}
	if base.global, err = newGlobalRegion(ctx, in, base.topic); err != nil {
		return base, err
	}
	if base.security, err = newAccountSecurity(ctx, in, base); err != nil {
		return base, err
	}
	if base.trail, err = newTrail(ctx, in, base); err != nil {
		return base, err
	}
	if base.network, err = newNetwork(ctx, in, base); err != nil {
		return base, err
	}
	if base.nodes, err = newManagedNodes(ctx, in, base); err != nil {
		return base, err
	}
	base.gate, err = newGate(ctx, in, base)
	return base, err
}

// newKey declares the KMS key that encrypts what the stack stores, or returns nil where AWS's keys do. Without the key
// remain:
//   - resources in another region, since a key belongs to one region;
//   - buckets: their writers name the key themselves (CloudTrail, CodePipeline) or accept S3's only (access logs), and the
//     page is public;
//   - parameters: none of them is secret;
//   - what stores nothing for longer than a request, such as the disks of Fargate.
func newKey(ctx *pulumi.Context, in inputs) (*encryption.Key, error) {
	if !in.settings.CustomerKey {
		return nil, nil
	}
	return encryption.New(ctx, "encryption", &encryption.Args{
		AccountID: in.account,
		Region:    in.region,
		Ephemeral: in.settings.Ephemeral,
		Tags:      in.tags("encryption"),
	})
}

// newAccountSecurity declares threat detection, vulnerability scans and their notifications, or looks up the account's.
func newAccountSecurity(ctx *pulumi.Context, in inputs, base foundation) (*security.AccountSecurity, error) {
	plans := make([]security.Plan, len(in.settings.Guard.Plans))
	for i, plan := range in.settings.Guard.Plans {
		plans[i] = security.Plan(plan)
	}
	return security.New(ctx, "guard", &security.Args{
		Owned:         in.settings.OwnsAccountSingletons,
		AccountID:     in.account,
		Plans:         plans,
		MinSeverity:   float64(in.settings.Guard.MinSeverity),
		AlarmTopicArn: base.topic.Arn,
		Global:        base.global,
		Tags:          in.tags("guard"),
	})
}

// newTrail declares the log of AWS API calls, or returns nil where another stack of the account owns it.
func newTrail(ctx *pulumi.Context, in inputs, base foundation) (*observability.Trail, error) {
	if !in.settings.OwnsAccountSingletons {
		return nil, nil
	}
	return observability.NewTrail(ctx, "trail", &observability.TrailArgs{
		AccountID:     in.account,
		Region:        in.region,
		RetentionDays: in.settings.Guard.AuditLogRetentionDays,
		Ephemeral:     in.settings.Ephemeral,
		TopicArn:      base.topic.Arn,
		KmsKeyArn:     base.keyArn(),
		Tags:          in.tags("observability"),
	})
}

func newNetwork(ctx *pulumi.Context, in inputs, base foundation) (*network.Network, error) {
	return network.New(ctx, "network", &network.Args{
		CIDR:              in.settings.Network.CIDR,
		Region:            in.region,
		AvailabilityZones: in.zones,
		NAT:               natOf(in),
		LogRetentionDays:  in.settings.LogRetentionDays,
		KmsKeyArn:         base.keyArn(),
		AlarmTopicArn:     base.topic.Arn,
		Tags:              in.tags("network"),
	})
}

// natOf returns the stage's NAT strategy, unless the settings save gateways and their Elastic IPs.
func natOf(in inputs) network.NAT {
	if in.settings.Network.SingleNAT && in.topology.NAT == stage.NATPerZone {
		return network.SingleNAT
	}
	return network.NAT(in.topology.NAT)
}

// newManagedNodes declares how Systems Manager manages the stack's instances.
func newManagedNodes(ctx *pulumi.Context, in inputs, base foundation) (*systemsmanager.ManagedNodes, error) {
	return systemsmanager.New(ctx, "fleet", &systemsmanager.Args{
		TargetTags:       map[string]string{"Project": in.project, "Stack": in.stack},
		PatchedTags:      map[string]string{web.KindTag: web.FixedKind},
		LogRetentionDays: in.settings.LogRetentionDays,
		KmsKeyArn:        base.keyArn(),
		AlarmTopicArn:    base.topic.Arn,
		Tags:             in.tags("fleet"),
	})
}
