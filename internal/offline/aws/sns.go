package aws

import (
	"net/mail"
	"regexp"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"stagecraft/internal/offline/cloud"
)

const topicToken = "aws:sns/topic:Topic"

// notTopic matches ARNs that are not of SNS topics.
var notTopic = regexp.MustCompile(`^arn:aws:([^s]|s[^n]|sn[^s])`)

func snsTypes() []cloud.Type {
	topicNotFound := cloud.Error{Code: "NotFound", Message: "Topic does not exist"}
	var feedback []cloud.Ref
	for _, protocol := range []string{"application", "firehose", "http", "lambda", "sqs"} {
		for _, outcome := range []string{"Success", "Failure"} {
			feedback = append(feedback, cloud.Ref{
				Path: protocol + outcome + "FeedbackRoleArn", Type: roleToken, TargetProperty: "arn", Weak: true,
			})
		}
	}
	return []cloud.Type{{
		Token:     topicToken,
		Args:      sns.TopicArgs{},
		State:     sns.Topic{},
		Service:   "SNS",
		Operation: "CreateTopic",
		Change:    "SetTopicAttributes",
		Source: "CloudFormation resource schema AWS::SNS::Topic; SNS API Reference, CreateTopic, which silently takes over " +
			"a topic of the same name, unless their attributes or tags differ",
		Name:      &cloud.Name{Property: "name", Max: 256, AutoMax: 80, Pattern: regexp.MustCompile(`^[\w-]+$`)},
		ID:        "arn:aws:sns:${region}:${account}:${name}",
		Conflicts: [][]string{{"name", "namePrefix"}},
		Values: map[string]cloud.Value{
			"contentBasedDeduplication": cloud.NotSimulated,
			"deliveryPolicy":            cloud.JSON,
			"displayName":               cloud.Length(0, 100),
			"fifoTopic":                 cloud.NotSimulated,
			"policy":                    cloud.JSON,
			"signatureVersion":          cloud.NumberIn(1, 2),
			"tracingConfig":             cloud.OneOf("Active", "PassThrough"),
		},
		Computed: map[string]any{
			"arn":                       "${id}",
			"contentBasedDeduplication": false,
			"fifoTopic":                 false,
			"name":                      "${namePrefix}${digits26}",
			"owner":                     "${account}",
			"policy": `{"Version":"2008-10-17","Id":"__default_policy_ID","Statement":[{"Sid":"__default_statement_ID",` +
				`"Effect":"Allow","Principal":{"AWS":"*"},"Action":["SNS:GetTopicAttributes","SNS:SetTopicAttributes",` +
				`"SNS:AddPermission","SNS:RemovePermission","SNS:DeleteTopic","SNS:Subscribe","SNS:ListSubscriptionsByTopic",` +
				`"SNS:Publish"],"Resource":"${id}","Condition":{"StringEquals":{"AWS:SourceOwner":"${account}"}}}]}`,
		},
		Replace:  []string{"fifoTopic", "name", "namePrefix"},
		Refs:     feedback,
		Check:    validateTopic,
		NotFound: topicNotFound,
	}, {
		Token:     "aws:sns/topicPolicy:TopicPolicy",
		Args:      sns.TopicPolicyArgs{},
		State:     sns.TopicPolicy{},
		Service:   "SNS",
		Operation: "SetTopicAttributes",
		Source: "SDK doc; SNS API Reference, SetTopicAttributes, which silently replaces a policy. The topic's own property " +
			"policy stays as it was",
		ID:       "${arn}",
		Values:   map[string]cloud.Value{"policy": cloud.JSON},
		Computed: map[string]any{"owner": "${account}"},
		Replace:  []string{"arn"},
		Refs:     []cloud.Ref{{Path: "arn", Type: topicToken, TargetProperty: "arn", OwnedBy: true}},
		Check: func(_ cloud.Account, policy *cloud.Resource) error {
			return validateTopicPolicy(policy.Text("policy"))
		},
		NotFound: topicNotFound,
	}, {
		Token:     "aws:sns/topicSubscription:TopicSubscription",
		Args:      sns.TopicSubscriptionArgs{},
		State:     sns.TopicSubscription{},
		Service:   "SNS",
		Operation: "Subscribe",
		Change:    "SetSubscriptionAttributes",
		Source: "CloudFormation resource schema AWS::SNS::Subscription; SDK doc; SNS API Reference, Subscribe. E-mail stays " +
			"unconfirmed: nobody reads it offline",
		ID: "${topic}:${hex8}-${hex4}-${hex4}-${hex4}-${hex12}",
		Values: map[string]cloud.Value{
			"deliveryPolicy":    cloud.JSON,
			"filterPolicy":      cloud.JSON,
			"filterPolicyScope": cloud.OneOf("MessageAttributes", "MessageBody"),
			"protocol": cloud.OneOf("application", "email", "email-json", "firehose", "http", "https", "lambda", "sms",
				"sqs"),
			"redrivePolicy": cloud.JSON,
		},
		Computed: map[string]any{
			"arn":                          "${id}",
			"confirmationTimeoutInMinutes": 1,
			"endpointAutoConfirms":         false,
			"ownerId":                      "${account}",
			"rawMessageDelivery":           false,
		},
		Replace: []string{"endpoint", "protocol", "topic"},
		Refs:    []cloud.Ref{{Path: "topic", Type: topicToken, TargetProperty: "arn", OwnedBy: true}},
		Check:   validateSubscription,
		AfterWrite: func(_ cloud.Account, subscription *cloud.Resource) error {
			subscription.Set("pendingConfirmation", needsConfirmation(subscription.Text("protocol")))
			return nil
		},
		NotFound: cloud.Error{Code: "NotFound", Message: "Subscription does not exist"},
	}}
}

// validateTopic rejects the creation of a topic that exists with other attributes.
func validateTopic(_ cloud.Account, topic *cloud.Resource) error {
	if policy := topic.Inputs["policy"]; policy.IsString() {
		if err := validateTopicPolicy(policy.StringValue()); err != nil {
			return err
		}
	}
	known := topic.Before
	if known == nil || known.URN == topic.URN {
		return nil
	}
	for property, kind := range map[resource.PropertyKey]string{"displayName": "attributes", "tags": "tags"} {
		if !known.Inputs[property].DeepEquals(topic.Inputs[property]) {
			return invalidParameter("Attributes Reason: Topic already exists with different %s", kind)
		}
	}
	return nil
}

// validateTopicPolicy rejects statements without a principal, and actions that a topic does not have (SNS API
// Reference, "Actions").
func validateTopicPolicy(document string) error {
	statements, err := statementsOf(document)
	if err != nil || len(statements) == 0 {
		return invalidParameter("Policy Error: null")
	}
	for _, statement := range statements {
		if len(statement.Principal)+len(statement.NotPrincipal) == 0 {
			return invalidParameter("Policy Error: PrincipalNotFound")
		}
		for _, named := range statement.Principal {
			if !principal.MatchString(named) {
				return invalidParameter("Policy Error: PrincipalNotFound")
			}
		}
		if len(statement.Action)+len(statement.NotAction) == 0 {
			return invalidParameter("Policy Error: null")
		}
		for _, action := range statement.Action {
			if !strings.HasPrefix(strings.ToLower(action), "sns:") {
				return invalidParameter("Policy statement action out of service scope!")
			}
		}
	}
	return nil
}

// endpoints are the prefixes of endpoints by protocol.
var endpoints = map[string]string{
	"application": "arn:aws:sns:", "firehose": "arn:aws:firehose:", "http": "http://", "https": "https://",
	"lambda": "arn:aws:lambda:", "sms": "+", "sqs": "arn:aws:sqs:",
}

func validateSubscription(_ cloud.Account, subscription *cloud.Resource) error {
	protocol, endpoint := subscription.Text("protocol"), subscription.Text("endpoint")
	if strings.HasPrefix(protocol, "email") {
		if address, err := mail.ParseAddress(endpoint); err != nil || address.Address != endpoint {
			return invalidParameter("Email address")
		}
		return nil
	}
	if !strings.HasPrefix(endpoint, endpoints[protocol]) {
		return invalidParameter("Endpoint of a subscription by %s must begin with %s", protocol, endpoints[protocol])
	}
	return nil
}

// needsConfirmation reports whether subscriptions of a protocol must be confirmed.
func needsConfirmation(protocol string) bool {
	return strings.HasPrefix(protocol, "email") || strings.HasPrefix(protocol, "http")
}
