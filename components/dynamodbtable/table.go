// Package dynamodbtable creates tables of Amazon DynamoDB, which answers requests by key within milliseconds at any
// load.
package dynamodbtable

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/dynamodb"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
	"stagecraft/components/role"
)

// Key is an attribute that identifies or sorts items. The zero Key means no attribute.
type Key struct {
	// Name is the name of the attribute, of 1 to 255 characters.
	Name string
	// Type is "S" for strings, "N" for numbers or "B" for bytes.
	Type string
}

// Index is a global secondary index, which finds items by keys other than the table's own.
type Index struct {
	// Name is the name of the index, of 3 to 255 characters.
	Name string
	// HashKey and RangeKey are the keys of the index, like those of the table.
	HashKey, RangeKey Key
	// Include are the attributes that the index holds besides the keys. Default: all of them.
	Include []string
}

// Args describes a table. Every field is required unless a default is named.
type Args struct {
	// HashKey is the key that distributes the items, so it should have many values that clients request evenly. A
	// different key replaces the table.
	HashKey Key
	// RangeKey is the key that sorts the items of one HashKey. A different key replaces the table. Default: none.
	RangeKey Key
	// Indexes are indexes that find items by other keys, at most 20. Default: none.
	Indexes []Index
	// TimeToLive is the attribute with the time, in seconds since 1970, after which DynamoDB deletes an item. Default:
	// none.
	TimeToLive string
	// Stream is the content of the change stream: "KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE" or "NEW_AND_OLD_IMAGES". Default:
	// no stream.
	Stream string
	// MaxReadUnits and MaxWriteUnits are the maximum numbers of requests per second, beyond which DynamoDB throttles. They
	// limit the cost of a client's mistake. Default: what the account allows.
	MaxReadUnits, MaxWriteUnits int
	// Operations are the operations that clients call, such as "GetItem" or "UpdateItem". Access allows these, and each
	// has its own alarms.
	Operations []string
	// Ephemeral is whether the table can be deleted, for throw-away stacks. Default: false.
	Ephemeral bool
	// KmsKeyArn is the KMS key that encrypts the table. Default: nil, the account's key for DynamoDB.
	KmsKeyArn pulumi.StringInput
	// AlarmTopicArn is the SNS topic that is notified of alarms.
	AlarmTopicArn pulumi.StringInput
	// Tags are the tags of every resource.
	Tags pulumi.StringMap
}

// Table is a DynamoDB table with on-demand billing, and its alarms.
type Table struct {
	pulumi.ResourceState

	// Name and Arn are the name and the ARN of the table.
	Name, Arn pulumi.StringOutput
	// StreamArn is the ARN of the change stream, "" without a stream.
	StreamArn pulumi.StringOutput
	// Alarms are all alarms, for the dashboard.
	Alarms observability.Alarms

	args *Args
}

// New creates the table. It rejects keys, indexes and operations that DynamoDB does not support.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Table, error) {
	if err := args.validate(); err != nil {
		return nil, fmt.Errorf("table %q: %w", name, err)
	}
	component := &Table{args: args}
	if err := ctx.RegisterComponentResource("stagecraft:datastore:Table", name, component, opts...); err != nil {
		return nil, err
	}
	table, err := dynamodb.NewTable(ctx, name, args.properties(), pulumi.Parent(component), pulumi.Protect(!args.Ephemeral))
	if err != nil {
		return nil, err
	}
	component.Name, component.Arn, component.StreamArn = table.Name, table.Arn, table.StreamArn

	component.Alarms, err = observability.NewAlarms(ctx, name,
		observability.AlarmsArgs{TopicArn: args.AlarmTopicArn, Tags: args.Tags}, args.alarms(table.Name), pulumi.Parent(component))
	if err != nil {
		return nil, err
	}
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{
		"name": component.Name, "arn": component.Arn, "streamArn": component.StreamArn,
	})
}

// Access returns the statement that allows a role to call the Operations on the table and its indexes only.
func (t *Table) Access() role.Statement {
	statement := role.Statement{Resources: pulumi.StringArray{t.Arn}}
	for _, operation := range t.args.Operations {
		statement.Actions = append(statement.Actions, "dynamodb:"+operation)
	}
	for _, index := range t.args.Indexes {
		statement.Resources = append(statement.Resources, pulumi.Sprintf("%s/index/%s", t.Arn, index.Name))
	}
	return statement
}

// properties returns the resource inputs of the table.
func (a *Args) properties() *dynamodb.TableArgs {
	properties := &dynamodb.TableArgs{
		BillingMode:               pulumi.String("PAY_PER_REQUEST"),
		HashKey:                   pulumi.String(a.HashKey.Name),
		RangeKey:                  optional(a.RangeKey.Name),
		Attributes:                a.attributes(),
		GlobalSecondaryIndexes:    a.indexes(),
		DeletionProtectionEnabled: pulumi.Bool(!a.Ephemeral),
		PointInTimeRecovery:       dynamodb.TablePointInTimeRecoveryArgs{Enabled: pulumi.Bool(true)},
		// DynamoDB always encrypts. With the account's key for DynamoDB, CloudTrail records who used the key.
		ServerSideEncryption: dynamodb.TableServerSideEncryptionArgs{Enabled: pulumi.Bool(true), KmsKeyArn: a.KmsKeyArn},
		Tags:                 a.Tags,
	}
	if a.TimeToLive != "" {
		properties.Ttl = dynamodb.TableTtlArgs{AttributeName: pulumi.String(a.TimeToLive), Enabled: pulumi.Bool(true)}
	}
	if a.Stream != "" {
		properties.StreamEnabled, properties.StreamViewType = pulumi.Bool(true), pulumi.String(a.Stream)
	}
	if a.MaxReadUnits+a.MaxWriteUnits > 0 {
		properties.OnDemandThroughput = dynamodb.TableOnDemandThroughputArgs{
			MaxReadRequestUnits:  pulumi.Int(cmp.Or(a.MaxReadUnits, unlimited)),
			MaxWriteRequestUnits: pulumi.Int(cmp.Or(a.MaxWriteUnits, unlimited)),
		}
	}
	return properties
}

// unlimited is the throughput limit that removes an existing limit (DynamoDB API Reference, "OnDemandThroughput").
const unlimited = -1

// optional returns nil for an empty text.
func optional(text string) pulumi.StringPtrInput {
	if text == "" {
		return nil
	}
	return pulumi.String(text)
}

// attributes returns the attributes that are keys, once per name: DynamoDB accepts the type of no other attribute.
func (a *Args) attributes() dynamodb.TableAttributeArray {
	var attributes dynamodb.TableAttributeArray
	var known []string
	for _, key := range a.keys() {
		if !slices.Contains(known, key.Name) {
			known = append(known, key.Name)
			attributes = append(attributes, dynamodb.TableAttributeArgs{
				Name: pulumi.String(key.Name), Type: pulumi.String(key.Type),
			})
		}
	}
	return attributes
}

// keys returns all keys of the table and its indexes that are set.
func (a *Args) keys() []Key {
	keys := []Key{a.HashKey, a.RangeKey}
	for _, index := range a.Indexes {
		keys = append(keys, index.HashKey, index.RangeKey)
	}
	return slices.DeleteFunc(keys, func(key Key) bool { return key == Key{} })
}

// indexes returns the resource inputs of the indexes.
func (a *Args) indexes() dynamodb.TableGlobalSecondaryIndexArray {
	var indexes dynamodb.TableGlobalSecondaryIndexArray
	for _, index := range a.Indexes {
		properties := dynamodb.TableGlobalSecondaryIndexArgs{
			Name:           pulumi.String(index.Name),
			HashKey:        pulumi.String(index.HashKey.Name),
			RangeKey:       optional(index.RangeKey.Name),
			ProjectionType: pulumi.String("ALL"),
		}
		if len(index.Include) > 0 {
			properties.ProjectionType, properties.NonKeyAttributes = pulumi.String("INCLUDE"), pulumi.ToStringArray(index.Include)
		}
		indexes = append(indexes, properties)
	}
	return indexes
}
