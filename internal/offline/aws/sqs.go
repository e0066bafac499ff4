package aws

import (
	"encoding/json"
	"regexp"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sqs"

	"stagecraft/internal/offline/cloud"
)

const queueToken = "aws:sqs/queue:Queue"

func sqsTypes() []cloud.Type {
	return []cloud.Type{{
		Token:     queueToken,
		Args:      sqs.QueueArgs{},
		State:     sqs.Queue{},
		Service:   "SQS",
		Operation: "CreateQueue",
		Change:    "SetQueueAttributes",
		Source: "CloudFormation resource schema AWS::SQS::Queue; SDK doc; SQS API Reference, CreateQueue, which takes over a queue " +
			"of the same attributes: that is rejected here, too. FIFO queues are not simulated",
		Name:      &cloud.Name{Property: "name", Max: 80, Pattern: regexp.MustCompile(`^[\w-]+$`)},
		ID:        "https://sqs.${region}.amazonaws.com/${account}/${name}",
		Conflicts: [][]string{{"kmsMasterKeyId", "sqsManagedSseEnabled"}, {"name", "namePrefix"}},
		Values: map[string]cloud.Value{
			"contentBasedDeduplication":    cloud.NotSimulated,
			"deduplicationScope":           cloud.NotSimulated,
			"delaySeconds":                 cloud.Range(0, 900),
			"fifoQueue":                    cloud.NotSimulated,
			"fifoThroughputLimit":          cloud.NotSimulated,
			"kmsDataKeyReusePeriodSeconds": cloud.Range(60, 86400),
			"maxMessageSize":               cloud.Range(1024, 262144),
			"messageRetentionSeconds":      cloud.Range(60, 1209600),
			"policy":                       cloud.JSON,
			"receiveWaitTimeSeconds":       cloud.Range(0, 20),
			"redriveAllowPolicy":           cloud.JSON,
			"redrivePolicy":                cloud.JSON,
			"visibilityTimeoutSeconds":     cloud.Range(0, 43200),
		},
		Computed: map[string]any{
			"arn":                          "arn:aws:sqs:${region}:${account}:${name}",
			"contentBasedDeduplication":    false,
			"delaySeconds":                 0,
			"fifoQueue":                    false,
			"kmsDataKeyReusePeriodSeconds": 300,
			"maxMessageSize":               262144,
			"messageRetentionSeconds":      345600,
			"name":                         "${namePrefix}${digits26}",
			"receiveWaitTimeSeconds":       0,
			"url":                          "${id}",
			"visibilityTimeoutSeconds":     30,
		},
		Replace: []string{"fifoQueue", "name", "namePrefix"},
		Unique:  [][]string{{"name"}},
		Check:   validateRedrive,
		AfterWrite: func(_ cloud.Account, queue *cloud.Resource) error {
			// SQS's own key is the default.
			if queue.Inputs["sqsManagedSseEnabled"].IsNull() {
				queue.Set("sqsManagedSseEnabled", queue.Text("kmsMasterKeyId") == "")
			}
			return nil
		},
		Exists:   cloud.Error{Code: "QueueAlreadyExists", Message: "A queue named ${name} already exists."},
		NotFound: cloud.Error{Code: "QueueDoesNotExist", Message: "The specified queue does not exist."},
	}}
}

// validateRedrive rejects a missing dead-letter queue, and a policy without maxReceiveCount.
func validateRedrive(account cloud.Account, queue *cloud.Resource) error {
	var redrive struct {
		DeadLetterTargetArn string
		MaxReceiveCount     json.Number
	}
	policy := queue.Text("redrivePolicy")
	if policy == "" {
		return nil
	}
	const wrong = "Value %s for parameter RedrivePolicy is invalid. Reason: %s"
	if err := json.Unmarshal([]byte(policy), &redrive); err != nil {
		return apiError("InvalidParameterValue", wrong, policy, "Redrive policy is not a valid JSON map.")
	}
	if count, err := redrive.MaxReceiveCount.Int64(); err != nil || count < 1 || count > 1000 {
		return apiError("InvalidParameterValue", wrong, policy, "Invalid value for maxReceiveCount: must be from 1 to 1000.")
	}
	target, err := account.Find(queueToken, "arn", redrive.DeadLetterTargetArn)
	if err == nil && target == nil {
		err = apiError("InvalidParameterValue", wrong, policy, "Dead letter target does not exist.")
	}
	return err
}
