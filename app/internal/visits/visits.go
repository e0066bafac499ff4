// Package visits counts the visits of the page.
package visits

import (
	"context"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Counter counts visits.
type Counter interface {
	// Add counts one visit, and returns the new number.
	Add(context.Context) (int64, error)
	// Count returns the number of visits.
	Count(context.Context) (int64, error)
}

// DynamoDB is the part of the AWS client that a Table needs.
type DynamoDB interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
}

// Table is a Counter in one item of a DynamoDB table, whose key is the attribute "page". DynamoDB allows a thousand writes of
// an item a second (Amazon DynamoDB Developer Guide, "DynamoDB burst and adaptive capacity").
type Table struct {
	client DynamoDB
	name   string
}

// NewTable returns the Counter in the table with that name.
func NewTable(client DynamoDB, name string) *Table { return &Table{client, name} }

// attribute is the name of the attribute that contains the number.
const attribute = "visits"

// key returns the key of the item.
func key() map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"page": &types.AttributeValueMemberS{Value: "/"}}
}

// Add implements Counter. DynamoDB itself increments the number, so two visitors never get the same one.
func (t *Table) Add(ctx context.Context) (int64, error) {
	output, err := t.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                 aws.String(t.name),
		Key:                       key(),
		UpdateExpression:          aws.String("ADD " + attribute + " :one"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":one": &types.AttributeValueMemberN{Value: "1"}},
		ReturnValues:              types.ReturnValueUpdatedNew,
	})
	if err != nil {
		return 0, fmt.Errorf("counting a visit in %s: %w", t.name, err)
	}
	return number(output.Attributes)
}

// Count implements Counter. It may miss the visits of the last second.
func (t *Table) Count(ctx context.Context) (int64, error) {
	output, err := t.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: aws.String(t.name), Key: key(), ProjectionExpression: aws.String(attribute),
	})
	if err != nil {
		return 0, fmt.Errorf("reading the visits from %s: %w", t.name, err)
	}
	if output.Item == nil {
		return 0, nil
	}
	return number(output.Item)
}

func number(item map[string]types.AttributeValue) (int64, error) {
	value, ok := item[attribute].(*types.AttributeValueMemberN)
	if !ok {
		return 0, fmt.Errorf("the item has no number %q", attribute)
	}
	return strconv.ParseInt(value.Value, 10, 64)
}
