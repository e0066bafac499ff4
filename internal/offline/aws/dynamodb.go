package aws

import (
	"math"
	"regexp"
	"slices"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/dynamodb"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"stagecraft/internal/offline/cloud"
)

const tableToken = "aws:dynamodb/table:Table"

func dynamodbTypes() []cloud.Type {
	return []cloud.Type{{
		Token:     tableToken,
		Args:      dynamodb.TableArgs{},
		State:     dynamodb.Table{},
		Service:   "DynamoDB",
		Operation: "CreateTable",
		Change:    "UpdateTable",
		Source: "CloudFormation resource schema AWS::DynamoDB::Table; SDK doc; DynamoDB API Reference, CreateTable and UpdateTable; " +
			"DynamoDB Developer Guide, Quotas in Amazon DynamoDB. Local indexes, replicas, imports and restores are left out",
		Name:   &cloud.Name{Property: "name", Max: 255, Pattern: regexp.MustCompile(`^[\w.-]{3,}$`)},
		ID:     "${name}",
		Values: tableValues(),
		Computed: map[string]any{
			"arn":                       "arn:aws:dynamodb:${region}:${account}:table/${name}",
			"billingMode":               "PROVISIONED",
			"deletionProtectionEnabled": false,
			"streamEnabled":             false,
			"tableClass":                "STANDARD",
		},
		Replace:   []string{"hashKey", "name", "rangeKey"},
		Unique:    [][]string{{"name"}},
		Protected: "deletionProtectionEnabled",
		Protection: cloud.Error{
			Code:    "ValidationException",
			Message: "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.",
		},
		Quota: &cloud.Quota{Limit: 2500, Error: cloud.Error{
			Code: "LimitExceededException", Message: "Subscriber limit exceeded: There is a limit of 2500 tables per subscriber",
		}},
		Check:      validateTable,
		AfterWrite: setTableDefaults,
		NotFound:   cloud.Error{Code: "ResourceNotFoundException", Message: "Requested resource not found: Table: ${value} not found"},
		Exists:     cloud.Error{Code: "ResourceInUseException", Message: "Table already exists: ${name}"},
	}}
}

func tableValues() map[string]cloud.Value {
	values := map[string]cloud.Value{
		"attributes[*].name":                           cloud.Length(1, 255),
		"attributes[*].type":                           cloud.OneOf("B", "N", "S"),
		"billingMode":                                  cloud.OneOf("PAY_PER_REQUEST", "PROVISIONED"),
		"globalSecondaryIndexes":                       cloud.Count(0, 20),
		"globalSecondaryIndexes[*].name":               cloud.Match(`^[\w.-]{3,255}$`, "3 to 255 letters, digits and _ - ."),
		"globalSecondaryIndexes[*].projectionType":     cloud.OneOf("ALL", "INCLUDE", "KEYS_ONLY"),
		"globalSecondaryIndexes[*].onDemandThroughput": cloud.NotSimulated,
		"importTable":                                  cloud.NotSimulated,
		"localSecondaryIndexes":                        cloud.NotSimulated,
		"onDemandThroughput.maxReadRequestUnits":       unitsOrNone,
		"onDemandThroughput.maxWriteRequestUnits":      unitsOrNone,
		"pointInTimeRecovery.recoveryPeriodInDays":     cloud.Range(1, 35),
		"replicas":          cloud.NotSimulated,
		"streamViewType":    cloud.OneOf("KEYS_ONLY", "NEW_AND_OLD_IMAGES", "NEW_IMAGE", "OLD_IMAGE"),
		"tableClass":        cloud.OneOf("STANDARD", "STANDARD_INFREQUENT_ACCESS"),
		"ttl.attributeName": cloud.Length(0, 255),
	}
	for _, property := range []string{"restoreDateTime", "restoreSourceName", "restoreSourceTableArn", "restoreToLatestTime"} {
		values[property] = cloud.NotSimulated
	}
	return values
}

// unitsOrNone allows a limit of requests per second, or -1 for no limit.
func unitsOrNone(value resource.PropertyValue) string {
	if value.IsNumber() && value.NumberValue() == -1 {
		return ""
	}
	return cloud.Range(1, math.MaxInt32)(value)
}

func invalidTable(format string, values ...any) error {
	return apiError("ValidationException", "One or more parameter values were invalid: "+format, values...)
}

func validateTable(_ cloud.Account, table *cloud.Resource) error {
	indexes := table.Elements("globalSecondaryIndexes")
	for _, fits := range []func(*cloud.Resource, []*cloud.Resource) error{validateTableKeys, validateTableThroughput, validateTableIndexes} {
		if err := fits(table, indexes); err != nil {
			return err
		}
	}
	switch {
	case table.Text("ttl.enabled") == "true" && table.Text("ttl.attributeName") == "":
		return invalidTable("TimeToLiveSpecification's AttributeName must be set")
	case (table.Text("streamEnabled") == "true") != table.Inputs["streamViewType"].IsString():
		return invalidTable("StreamViewType must be given when the stream is enabled, and only then")
	}
	return validateKeyTypes(table)
}

// validateTableKeys checks the keys of a table and its indexes against its attributes: each key must have a type there,
// and no other attribute may be defined (DynamoDB API Reference, "AttributeDefinition").
func validateTableKeys(table *cloud.Resource, indexes []*cloud.Resource) error {
	attributes := table.Texts("attributes[*].name")
	keys := []string{table.Text("hashKey"), table.Text("rangeKey")}
	for _, index := range indexes {
		keys = append(keys, index.Text("hashKey"), index.Text("rangeKey"))
	}
	keys = slices.DeleteFunc(keys, func(key string) bool { return key == "" })
	if table.Text("hashKey") == "" {
		return invalidTable("Missing the key HASH in the KeySchema")
	}
	if table.Text("hashKey") == table.Text("rangeKey") {
		return invalidTable("Both the Hash Key and the Range Key element in the KeySchema have the same name")
	}
	for _, key := range keys {
		if !slices.Contains(attributes, key) {
			return invalidTable("Some index key attributes are not defined in AttributeDefinitions. Keys: [%s], "+
				"AttributeDefinitions: %v", key, attributes)
		}
	}
	for _, attribute := range attributes {
		if !slices.Contains(keys, attribute) {
			return invalidTable("Number of attributes in KeySchema does not exactly match number of attributes defined in "+
				"AttributeDefinitions: no key is %s", attribute)
		}
	}
	if name, twice := firstDuplicate(attributes); twice {
		return invalidTable("Duplicate AttributeName in AttributeDefinitions: %s", name)
	}
	return nil
}

func validateTableThroughput(table *cloud.Resource, indexes []*cloud.Resource) error {
	onDemand := table.Text("billingMode") == "PAY_PER_REQUEST"
	for _, throughput := range append([]*cloud.Resource{table}, indexes...) {
		read, write := number(throughput, "readCapacity"), number(throughput, "writeCapacity")
		switch {
		case onDemand && read+write > 0:
			return invalidTable("Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")
		case !onDemand && (read < 1 || write < 1):
			return invalidTable("ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED")
		}
	}
	if !onDemand && table.Outputs["onDemandThroughput"].IsObject() {
		return invalidTable("OnDemandThroughput cannot be specified when BillingMode is PROVISIONED")
	}
	return nil
}

func validateTableIndexes(_ *cloud.Resource, indexes []*cloud.Resource) error {
	var names []string
	for _, index := range indexes {
		names = append(names, index.Text("name"))
		included, projection := len(index.Texts("nonKeyAttributes[*]")) > 0, index.Text("projectionType")
		if included != (projection == "INCLUDE") {
			return invalidTable("ProjectionType is %s, and NonKeyAttributes are for INCLUDE, which needs them", projection)
		}
	}
	if name, twice := firstDuplicate(names); twice {
		return invalidTable("Duplicate index name: %s", name)
	}
	return nil
}

// validateKeyTypes rejects another type for an existing key, which no update of a table can change.
func validateKeyTypes(table *cloud.Resource) error {
	if table.Before == nil {
		return nil
	}
	types := map[string]string{}
	for _, attribute := range table.Before.Elements("attributes") {
		types[attribute.Text("name")] = attribute.Text("type")
	}
	for _, attribute := range table.Elements("attributes") {
		name := attribute.Text("name")
		if before, exists := types[name]; exists && before != attribute.Text("type") {
			return invalidTable("The type of the key %s is %s, and can't become %s", name, before, attribute.Text("type"))
		}
	}
	return nil
}

func setTableDefaults(_ cloud.Account, table *cloud.Resource) error {
	table.Fill("pointInTimeRecovery", map[string]any{"enabled": false})
	table.Fill("serverSideEncryption", map[string]any{"enabled": false, "kmsKeyArn": ""})
	table.Fill("ttl", map[string]any{"attributeName": "", "enabled": false})
	if table.Text("pointInTimeRecovery.enabled") == "true" {
		table.Fill("pointInTimeRecovery", map[string]any{"recoveryPeriodInDays": 35})
	}
	if table.Text("streamEnabled") == "true" && table.Text("streamArn") == "" {
		label := time.Now().UTC().Format("2006-01-02T15:04:05.000")
		table.Set("streamLabel", label)
		table.Set("streamArn", table.Text("arn")+"/stream/"+label)
	}
	return nil
}
