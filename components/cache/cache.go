// Package cache creates the cache in front of the database: a Valkey primary with a replica in a second zone, on Amazon
// ElastiCache.
package cache

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/elasticache"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
	"stagecraft/components/role"
)

const (
	port = 6379
	// nodes is the number of nodes: the primary and its replica.
	nodes = 2

	engine        = "valkey"
	engineVersion = "8.1"
	engineFamily  = "valkey8"
)

// access allows the service to read and write lists of users, and nothing else: no other key, channel or command
// (Amazon ElastiCache User Guide, "Specifying permissions using an access string"). Every user may run the commands
// that log in.
const access = "on ~users:* resetchannels -@all +get +set"

// logTypes are the types of log that ElastiCache delivers to CloudWatch Logs.
var logTypes = []string{"slow-log", "engine-log"}

// Args describes the cache. Every field is required unless a default is named.
type Args struct {
	// VpcID is the network of the cache.
	VpcID pulumi.StringInput
	// SubnetIDs are subnets without a route to the internet, in two availability zones or more.
	SubnetIDs pulumi.StringArrayInput
	// NodeType is an ElastiCache node type, such as "cache.t4g.small".
	NodeType string
	// SnapshotDays is the number of days for which ElastiCache keeps daily snapshots, up to 35. Default: 0, which means no
	// snapshots.
	SnapshotDays int
	// LogRetentionDays is the number of days for which CloudWatch Logs keeps the server's logs.
	LogRetentionDays int
	// Ephemeral is whether every protection against data loss is off, for throw-away stacks. Default: false.
	Ephemeral bool
	// KmsKeyArn is the KMS key that encrypts data, snapshots and logs. With it, ElastiCache's own events reach no topic,
	// because ElastiCache does not publish to an encrypted topic; alarms still do. It is fixed once the cache exists.
	// Default: nil, AWS's own keys.
	KmsKeyArn pulumi.StringInput
	// AlarmTopicArn is the SNS topic that is notified of alarms and of ElastiCache events. ElastiCache accepts no
	// encrypted topic, and needs a topic policy with aws:SourceOwner (Amazon ElastiCache User Guide, "Event Notifications
	// and Amazon SNS").
	AlarmTopicArn pulumi.StringInput
	// Tags are the tags of every resource.
	Tags pulumi.StringMap
}

// Cache is a replication group with its user, network access, logs, alarms and events.
type Cache struct {
	pulumi.ResourceState

	// Endpoint is the host name and port of the primary, host:port; ReaderEndpoint is that of the replica.
	Endpoint, ReaderEndpoint pulumi.StringOutput
	// ReplicationGroupID and UserName are the names that a client signs its login for.
	ReplicationGroupID, UserName pulumi.StringOutput
	// Arn is the ARN of the replication group.
	Arn pulumi.StringOutput
	// SecurityGroupID is the security group of the cache. Allow grants clients access to it.
	SecurityGroupID pulumi.StringOutput
	// Alarms are all alarms, for the dashboard.
	Alarms observability.Alarms

	name    string
	tags    pulumi.StringMap
	userArn pulumi.StringOutput
}

// New creates the cache. It rejects node types and retentions that ElastiCache does not accept.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Cache, error) {
	if err := args.validate(name); err != nil {
		return nil, fmt.Errorf("cache %q: %w", name, err)
	}
	component := &Cache{name: name, tags: args.Tags}
	if err := ctx.RegisterComponentResource("stagecraft:cache:Cache", name, component, opts...); err != nil {
		return nil, err
	}
	parent := pulumi.Parent(component)

	subnets, err := elasticache.NewSubnetGroup(ctx, name, &elasticache.SubnetGroupArgs{
		SubnetIds: args.SubnetIDs,
		Tags:      args.Tags,
	}, parent)
	if err != nil {
		return nil, err
	}
	// Pulumi generates no names for users. Everything takes the subnet group's name, which is short whatever the stack's
	// name, and known before any node exists.
	users, err := component.newUsers(ctx, name, args, subnets.Name, parent)
	if err != nil {
		return nil, err
	}
	group, err := component.newGroup(ctx, name, args, subnets, users, parent)
	if err != nil {
		return nil, err
	}
	component.ReplicationGroupID, component.Arn = group.ReplicationGroupId, group.Arn
	component.Endpoint = pulumi.Sprintf("%s:%d", group.PrimaryEndpointAddress, port)
	component.ReaderEndpoint = pulumi.Sprintf("%s:%d", group.ReaderEndpointAddress, port)

	component.Alarms, err = observability.NewAlarms(ctx, name,
		observability.AlarmsArgs{TopicArn: args.AlarmTopicArn, Tags: args.Tags}, alarms(group), parent)
	if err != nil {
		return nil, err
	}
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{
		"endpoint":           component.Endpoint,
		"readerEndpoint":     component.ReaderEndpoint,
		"replicationGroupId": component.ReplicationGroupID,
		"userName":           component.UserName,
	})
}

// Allow allows members of a security group to connect to the cache. client is the name of these clients.
func (c *Cache) Allow(ctx *pulumi.Context, client string, securityGroupID pulumi.StringInput) error {
	_, err := vpc.NewSecurityGroupIngressRule(ctx, c.name+"-from-"+client, &vpc.SecurityGroupIngressRuleArgs{
		SecurityGroupId:           c.SecurityGroupID,
		ReferencedSecurityGroupId: securityGroupID,
		IpProtocol:                pulumi.String("tcp"),
		FromPort:                  pulumi.Int(port),
		ToPort:                    pulumi.Int(port),
		Description:               pulumi.String("Valkey from " + client),
		Tags:                      c.tags,
	}, pulumi.Parent(c))
	return err
}

// Access returns the statements that allow a role to log in to the cache (Amazon ElastiCache User Guide,
// "Authenticating with IAM").
func (c *Cache) Access() []role.Statement {
	return []role.Statement{{
		Actions:   []string{"elasticache:Connect"},
		Resources: pulumi.StringArray{c.Arn, c.userArn},
	}}
}

// newUsers creates the user group with the only user, who logs in with IAM, which requires the same ID and name. Every
// user in a group of the engine valkey must authenticate, so ElastiCache's own user "default" is not in it.
func (c *Cache) newUsers(
	ctx *pulumi.Context, name string, args *Args, id pulumi.StringOutput, parent pulumi.ResourceOption,
) (*elasticache.UserGroup, error) {
	user, err := elasticache.NewUser(ctx, name, &elasticache.UserArgs{
		UserId:             id,
		UserName:           id,
		Engine:             pulumi.String(engine),
		AccessString:       pulumi.String(access),
		AuthenticationMode: elasticache.UserAuthenticationModeArgs{Type: pulumi.String("iam")},
		Tags:               args.Tags,
	}, parent)
	if err != nil {
		return nil, err
	}
	c.UserName, c.userArn = user.UserName, user.Arn
	return elasticache.NewUserGroup(ctx, name, &elasticache.UserGroupArgs{
		UserGroupId: id,
		Engine:      pulumi.String(engine),
		UserIds:     pulumi.StringArray{user.UserId},
		Tags:        args.Tags,
	}, parent)
}

// newGroup creates the replication group with its security group, parameters and log groups.
func (c *Cache) newGroup(
	ctx *pulumi.Context, name string, args *Args, subnets *elasticache.SubnetGroup, users *elasticache.UserGroup,
	parent pulumi.ResourceOption,
) (*elasticache.ReplicationGroup, error) {
	security, err := ec2.NewSecurityGroup(ctx, name, &ec2.SecurityGroupArgs{
		VpcId:       args.VpcID,
		Description: pulumi.String("Valkey: only named clients reach it, and it reaches nobody"),
		Tags:        args.Tags,
	}, parent)
	if err != nil {
		return nil, err
	}
	c.SecurityGroupID = security.ID().ToStringOutput()

	parameters, err := elasticache.NewParameterGroup(ctx, name, &elasticache.ParameterGroupArgs{
		Family: pulumi.String(engineFamily),
		Parameters: elasticache.ParameterGroupParameterArray{
			// The database also holds everything in the cache. The default, volatile-lru, would fail writes once the memory is
			// full of keys without a time to live.
			elasticache.ParameterGroupParameterArgs{
				Name: pulumi.String("maxmemory-policy"), Value: pulumi.String("allkeys-lru"),
			},
		},
		Tags: args.Tags,
	}, parent)
	if err != nil {
		return nil, err
	}
	logs, err := newLogGroups(ctx, name, args, subnets.Name, parent)
	if err != nil {
		return nil, err
	}

	group := &elasticache.ReplicationGroupArgs{
		ReplicationGroupId:        subnets.Name,
		Description:               pulumi.Sprintf("%s %s: the cache before the database", ctx.Project(), ctx.Stack()),
		Engine:                    pulumi.String(engine),
		EngineVersion:             pulumi.String(engineVersion),
		NodeType:                  pulumi.String(args.NodeType),
		NumCacheClusters:          pulumi.Int(nodes),
		Port:                      pulumi.Int(port),
		AutomaticFailoverEnabled:  pulumi.Bool(true),
		MultiAzEnabled:            pulumi.Bool(true),
		AtRestEncryptionEnabled:   pulumi.Bool(true),
		KmsKeyId:                  args.KmsKeyArn,
		TransitEncryptionEnabled:  pulumi.Bool(true),
		TransitEncryptionMode:     pulumi.String("required"),
		UserGroupIds:              pulumi.StringArray{users.UserGroupId},
		SubnetGroupName:           subnets.Name,
		SecurityGroupIds:          pulumi.StringArray{c.SecurityGroupID},
		ParameterGroupName:        parameters.Name,
		SnapshotRetentionLimit:    pulumi.Int(args.SnapshotDays),
		SnapshotWindow:            pulumi.String("02:00-03:00"),
		MaintenanceWindow:         pulumi.String("sun:04:00-sun:05:00"),
		AutoMinorVersionUpgrade:   pulumi.Bool(true),
		LogDeliveryConfigurations: logs,
		// A change of the node type causes a failover of seconds, during which the service reads from the database.
		ApplyImmediately: pulumi.Bool(true),
		Tags:             args.Tags,
	}
	if args.KmsKeyArn == nil {
		group.NotificationTopicArn = args.AlarmTopicArn.ToStringOutput().ToStringPtrOutput()
	}
	if !args.Ephemeral {
		group.FinalSnapshotIdentifier = pulumi.Sprintf("%s-final", subnets.Name)
	}
	// ElastiCache upgrades the minor version by itself, and reverting the upgrade would replace the group.
	return elasticache.NewReplicationGroup(ctx, name, group,
		parent, pulumi.Protect(!args.Ephemeral), pulumi.IgnoreChanges([]string{"engineVersion"}))
}

// newLogGroups creates the log groups and returns the deliveries to them. Groups below /aws/vendedlogs need no entry of
// their own in the resource policy that allows AWS services to write to CloudWatch Logs, whose size is limited (Amazon
// CloudWatch Logs User Guide, "Enable logging from AWS services").
func newLogGroups(
	ctx *pulumi.Context, name string, args *Args, id pulumi.StringOutput, parent pulumi.ResourceOption,
) (elasticache.ReplicationGroupLogDeliveryConfigurationArray, error) {
	var deliveries elasticache.ReplicationGroupLogDeliveryConfigurationArray
	for _, kind := range logTypes {
		group, err := cloudwatch.NewLogGroup(ctx, name+"-"+kind, &cloudwatch.LogGroupArgs{
			NamePrefix:      pulumi.Sprintf("/aws/vendedlogs/elasticache/%s/%s-", id, kind),
			RetentionInDays: pulumi.Int(args.LogRetentionDays),
			KmsKeyId:        args.KmsKeyArn,
			Tags:            args.Tags,
		}, parent)
		if err != nil {
			return nil, err
		}
		deliveries = append(deliveries, elasticache.ReplicationGroupLogDeliveryConfigurationArgs{
			Destination:     group.Name,
			DestinationType: pulumi.String("cloudwatch-logs"),
			LogFormat:       pulumi.String("json"),
			LogType:         pulumi.String(kind),
		})
	}
	return deliveries, nil
}
