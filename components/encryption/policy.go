package encryption

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/observability"
)

// services are the services that use the key on behalf of their callers, such as a role that reads a secret. AWS's own
// keys have policies of this form, so that no caller needs a permission on the key (AWS Key Management Service
// Developer Guide, "kms:ViaService", and its table of services).
var services = []string{
	"dynamodb", "ec2", "ecr", "elasticache", "lambda", "rds", "s3", "secretsmanager", "sns", "sqs", "ssm",
}

// policy returns the key policy. A key policy applies to its own key only, which it names "*".
func (a *Args) policy() pulumi.Map {
	allow := func(sid string, principal pulumi.Input, actions []string, condition map[string]any) pulumi.Map {
		statement := pulumi.Map{
			"Sid": pulumi.String(sid), "Effect": pulumi.String("Allow"), "Principal": principal,
			"Action": pulumi.ToStringArray(actions), "Resource": pulumi.String("*"),
		}
		if condition != nil {
			statement["Condition"] = pulumi.Any(condition)
		}
		return statement
	}
	service := func(names ...string) pulumi.Map { return pulumi.Map{"Service": pulumi.ToStringArray(names)} }
	account := func(name string) pulumi.Map { return pulumi.Map{"AWS": pulumi.String(name)} }

	use := []string{"kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"}
	publish := []string{"kms:Decrypt", "kms:GenerateDataKey*"}
	var via []string
	for _, name := range services {
		via = append(via, fmt.Sprintf("%s.%s.amazonaws.com", name, a.Region))
	}
	trails := fmt.Sprintf("arn:aws:cloudtrail:%s:%s:trail/*", a.Region, a.AccountID)
	return pulumi.Map{
		"Version": pulumi.String("2012-10-17"),
		"Statement": pulumi.Array{
			// Without this statement, no IAM policy could allow anyone to manage the key (same guide, "Default key policy").
			allow("Account", account(fmt.Sprintf("arn:aws:iam::%s:root", a.AccountID)), []string{"kms:*"}, nil),
			allow("PrincipalsOfThisAccountThroughServices", account("*"), append(use, "kms:CreateGrant"), map[string]any{
				"StringEquals": map[string]any{"kms:CallerAccount": a.AccountID, "kms:ViaService": via},
			}),
			// Amazon CloudWatch Logs User Guide, "Encrypt log data in CloudWatch Logs using AWS Key Management Service".
			allow("Logs", service(fmt.Sprintf("logs.%s.amazonaws.com", a.Region)), use, map[string]any{
				"ArnLike": map[string]any{
					"kms:EncryptionContext:aws:logs:arn": fmt.Sprintf("arn:aws:logs:%s:%s:*", a.Region, a.AccountID),
				},
			}),
			// Amazon SNS Developer Guide, "Managing Amazon SNS encryption keys and costs": a service that publishes to the alarm
			// topic must be able to encrypt its messages.
			allow("NotifyingServicesOfThisAccount", service(observability.Publishers...), publish, map[string]any{
				"StringEquals": map[string]any{"aws:SourceAccount": a.AccountID},
			}),
			allow("EventBridge", service(observability.EventBridge), publish, nil),
			// AWS CloudTrail User Guide, "Configure AWS KMS key policies for CloudTrail".
			allow("Trails", service("cloudtrail.amazonaws.com"), []string{"kms:DescribeKey", "kms:GenerateDataKey*"},
				map[string]any{"ArnLike": map[string]any{"aws:SourceArn": trails}}),
		},
	}
}
