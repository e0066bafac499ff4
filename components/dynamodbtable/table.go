// Package dynamodbtable creates the tables of the tier that answers by key, in milliseconds at any load: DynamoDB.
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

// Key is an attribute by which items are found. The zero Key is none.
type Key struct {
	// Name is the attribute's, of 1 to 255 characters.
	Name string
	// Type is "S" for texts, "N" for numbers or "B" for bytes.
	Type string
}

// Index finds items by other keys than the table's own.
type Index struct {
	// Name is the index's, of 3 to 255 characters.
	Name string
	// HashKey and RangeKey are like the table's.
	HashKey, RangeKey Key
	// Include are the attributes that the index holds beside the keys. Default: all of them.
	Include []string
}

// Args describes a table. Every field is required unless a default is named.
type Args struct {
	// HashKey spreads the items, so it should have many values that are asked for evenly. Another key replaces the table.
	HashKey Key
	// RangeKey sorts the items of one HashKey. Another key replaces the table. Default: none.
	RangeKey Key
	// Indexes find items by other keys, 20 at most. Default: none.
	Indexes []Index
	// TimeToLive is the attribute, a number of seconds since 1970, after which DynamoDB deletes an item. Default: none.
	TimeToLive string
	// Stream is what readers of changes get: "KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE" or "NEW_AND_OLD_IMAGES". Default: no stream.
	Stream string
	// MaxReadUnits and MaxWriteUnits are how many requests a second the table takes at most, so that a mistake of a client
	// does not cost more; beyond them it throttles. Default: what the account allows.
	MaxReadUnits, MaxWriteUnits int
	// Operations are what clients do with the table, such as "GetItem" or "UpdateItem": Access allows these, and each has
	// alarms of its own.
	Operations []string
	// Ephemeral lets the table be deleted: for throw-away stacks. Default: false.
	Ephemeral bool
	// KmsKeyArn is the KMS key that encrypts the table. Default: nil, the account's key for DynamoDB.
	KmsKeyArn pulumi.StringInput
	// AlarmTopicArn is the SNS topic that receives alarms.
	AlarmTopicArn pulumi.StringInput
	// Tags go on every resource.
	Tags pulumi.StringMap
}

// Table is a DynamoDB table that is paid by request, with its alarms.
type Table struct {
	pulumi.ResourceState

	// Name and Arn identify the table.
	Name, Arn pulumi.StringOutput
	// StreamArn is where changes are read, "" without a stream.
	StreamArn pulumi.StringOutput
	// Alarms are what the dashboard shows.
	Alarms observability.Alarms

	args *Args
}

// New makes the table. It refuses keys, indexes and operations that DynamoDB does not know.
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

// Access lets a role do the table's Operations, with the table and its indexes alone.
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

func (a *Args) properties() *dynamodb.TableArgs {
	properties := &dynamodb.TableArgs{
		BillingMode:               pulumi.String("PAY_PER_REQUEST"),
		HashKey:                   pulumi.String(a.HashKey.Name),
		RangeKey:                  optional(a.RangeKey.Name),
		Attributes:                a.attributes(),
		GlobalSecondaryIndexes:    a.indexes(),
		DeletionProtectionEnabled: pulumi.Bool(!a.Ephemeral),
		PointInTimeRecovery:       dynamodb.TablePointInTimeRecoveryArgs{Enabled: pulumi.Bool(true)},
		// DynamoDB encrypts anyway; with the account's key for it, CloudTrail tells who used it.
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

// unlimited takes a limit of throughput away (DynamoDB API Reference, "OnDemandThroughput").
const unlimited = -1

func optional(text string) pulumi.StringPtrInput {
	if text == "" {
		return nil
	}
	return pulumi.String(text)
}

// attributes are those that are keys, each once: DynamoDB takes the type of no other.
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

// keys are all that are given.
func (a *Args) keys() []Key {
	keys := []Key{a.HashKey, a.RangeKey}
	for _, index := range a.Indexes {
		keys = append(keys, index.HashKey, index.RangeKey)
	}
	return slices.DeleteFunc(keys, func(key Key) bool { return key == Key{} })
}

func (a *Args) indexes() dynamodb.TableGlobalSecondaryIndexArray {
	var indexes dynamodb.TableGlobalSecondaryIndexArray
	for _, index := range a.Indexes {
		made := dynamodb.TableGlobalSecondaryIndexArgs{
			Name:           pulumi.String(index.Name),
			HashKey:        pulumi.String(index.HashKey.Name),
			RangeKey:       optional(index.RangeKey.Name),
			ProjectionType: pulumi.String("ALL"),
		}
		if len(index.Include) > 0 {
			made.ProjectionType, made.NonKeyAttributes = pulumi.String("INCLUDE"), pulumi.ToStringArray(index.Include)
		}
		indexes = append(indexes, made)
	}
	return indexes
}
