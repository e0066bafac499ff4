package aws

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"stagecraft/internal/offline/cloud"
)

const (
	secretToken         = "aws:secretsmanager/secret:Secret"
	secretVersionToken  = "aws:secretsmanager/secretVersion:SecretVersion"
	secretRotationToken = "aws:secretsmanager/secretRotation:SecretRotation"
)

// The staging labels that Secrets Manager moves by itself (Secrets Manager User Guide, "What's in a Secrets Manager
// secret?").
const (
	currentStage  = "AWSCURRENT"
	previousStage = "AWSPREVIOUS"
)

func secretsManagerTypes() []cloud.Type {
	return []cloud.Type{secretType(), secretVersionType(), secretRotationType()}
}

func secretType() cloud.Type {
	return cloud.Type{
		Token:     secretToken,
		Args:      secretsmanager.SecretArgs{},
		State:     secretsmanager.Secret{},
		Service:   "Secrets Manager",
		Operation: "CreateSecret",
		Change:    "UpdateSecret",
		Source: "CloudFormation resource schema AWS::SecretsManager::Secret; SDK doc; Secrets Manager API Reference, " +
			"CreateSecret and DeleteSecret",
		Name:      &cloud.Name{Property: "name", Max: 512, Pattern: regexp.MustCompile(`^[a-zA-Z0-9/_+=.@-]+$`)},
		ID:        "arn:aws:secretsmanager:${region}:${account}:secret:${name}-${letters6}",
		Conflicts: [][]string{{"name", "namePrefix"}},
		Values: map[string]cloud.Value{
			"description":                 cloud.Length(0, 2048),
			"forceOverwriteReplicaSecret": cloud.NotSimulated,
			"policy":                      cloud.NotSimulated,
			"recoveryWindowInDays":        recoveryWindow,
			"replicas":                    cloud.NotSimulated,
		},
		Computed: map[string]any{
			"arn":                         "${id}",
			"forceOverwriteReplicaSecret": false,
			"name":                        "${namePrefix}${digits26}",
			"recoveryWindowInDays":        longestRecovery,
		},
		Replace: []string{"name", "namePrefix"},
		Unique:  [][]string{{"name"}},
		Check:   validateSecret,
		Delete:  scheduleDeletion,
		NotFound: cloud.Error{
			Code: "ResourceNotFoundException", Message: "Secrets Manager can't find the specified secret.",
		},
		Exists: cloud.Error{
			Code:    "ResourceExistsException",
			Message: "The operation failed because the secret ${name} already exists.",
		},
	}
}

// shortestRecovery and longestRecovery limit the recovery window of a deleted secret, in days.
const shortestRecovery, longestRecovery = 7, 30

func recoveryWindow(value resource.PropertyValue) string {
	if value.IsNumber() && value.NumberValue() == 0 {
		return ""
	}
	if cloud.Range(shortestRecovery, longestRecovery)(value) == "" {
		return ""
	}
	return fmt.Sprintf("expected 0, or to be in the range (%d - %d), got %v", shortestRecovery, longestRecovery, value)
}

// scheduled marks the id of a secret that is scheduled for deletion: references to it fail, and its name is in use.
const scheduled = " (scheduled for deletion)"

func validateSecret(account cloud.Account, secret *cloud.Resource) error {
	name := secret.Text("name")
	others, err := account.List(secretToken)
	if err != nil {
		return err
	}
	for _, other := range others {
		if strings.HasSuffix(other.ID, scheduled) && other.Text("name") == name {
			return apiError("InvalidRequestException", "You can't create this secret because a secret with this name is already "+
				"scheduled for deletion.")
		}
	}
	return nil
}

// scheduleDeletion reserves the name of a secret within its recovery window.
func scheduleDeletion(account cloud.Account, secret *cloud.Resource) error {
	if number(secret, "recoveryWindowInDays") == 0 || strings.HasSuffix(secret.ID, scheduled) {
		return nil
	}
	return account.Put(secretToken, awsManaged(secret.ID+scheduled, map[string]any{
		"name": secret.Text("name"), "description": secret.Text("description"),
	}))
}

func secretVersionType() cloud.Type {
	return cloud.Type{
		Token:     secretVersionToken,
		Args:      secretsmanager.SecretVersionArgs{},
		State:     secretsmanager.SecretVersion{},
		Service:   "Secrets Manager",
		Operation: "PutSecretValue",
		Change:    "UpdateSecretVersionStage",
		Source: "SDK doc; Secrets Manager API Reference, PutSecretValue; Secrets Manager User Guide, AWS Secrets Manager " +
			"quotas. The secret must be given by its ARN",
		ID:    "${secretId}|${versionId}",
		OneOf: [][]string{{"secretString", "secretBinary"}},
		Values: map[string]cloud.Value{
			"secretBinary":     cloud.Length(1, 65536),
			"secretString":     cloud.Length(1, 65536),
			"versionStages":    cloud.Count(1, 20),
			"versionStages[*]": cloud.Length(1, 256),
		},
		Computed:   map[string]any{"arn": "${secretId}", "versionId": uuid, "versionStages": []any{currentStage}},
		Replace:    []string{"secretBinary", "secretId", "secretString"},
		Refs:       []cloud.Ref{{Path: "secretId", Type: secretToken, OwnedBy: true}},
		AfterWrite: moveVersionStages,
	}
}

// moveVersionStages removes a version's staging labels from the other versions of its secret. A secret's first version
// is always the current one (Secrets Manager API Reference, "PutSecretValue").
func moveVersionStages(account cloud.Account, version *cloud.Resource) error {
	others, err := account.List(secretVersionToken)
	if err != nil {
		return err
	}
	others = slices.DeleteFunc(others, func(other *cloud.Resource) bool {
		return other.ID == version.ID || other.Text("secretId") != version.Text("secretId")
	})
	stages := version.Texts("versionStages[*]")
	hasCurrent := func(other *cloud.Resource) bool {
		return slices.Contains(other.Texts("versionStages[*]"), currentStage)
	}
	if !slices.ContainsFunc(others, hasCurrent) && !slices.Contains(stages, currentStage) {
		stages = append([]string{currentStage}, stages...)
	}
	version.Set("versionStages", stages)
	for _, other := range others {
		moved := slices.Clone(stages)
		if slices.Contains(stages, currentStage) {
			moved = append(moved, previousStage)
		}
		left := slices.DeleteFunc(other.Texts("versionStages[*]"), func(stage string) bool {
			return slices.Contains(moved, stage)
		})
		if slices.Contains(stages, currentStage) && hasCurrent(other) {
			left = append(left, previousStage)
		}
		other.Set("versionStages", left)
		if err := account.Put(secretVersionToken, other); err != nil {
			return err
		}
	}
	return nil
}

func secretRotationType() cloud.Type {
	return cloud.Type{
		Token:     secretRotationToken,
		Args:      secretsmanager.SecretRotationArgs{},
		State:     secretsmanager.SecretRotation{},
		Service:   "Secrets Manager",
		Operation: "RotateSecret",
		Source: "SDK doc; Secrets Manager API Reference, RotateSecret and RotationRulesType. The function is not called: " +
			"the secret keeps its versions. The secret must be given by its ARN",
		ID: "${secretId}",
		Values: map[string]cloud.Value{
			"rotationLambdaArn":                    cloud.Match(`^arn:aws:lambda:[a-z0-9-]+:\d{12}:function:`, "a function's ARN"),
			"rotationRules.automaticallyAfterDays": cloud.Range(1, 1000),
			"rotationRules.duration":               cloud.Match(`^([1-9]|1\d|2[0-4])h$`, "hours, such as 3h"),
			"rotationRules.scheduleExpression":     cloud.Match(`^(rate|cron)\(.+\)$`, "rate(…) or cron(…)"),
		},
		Computed: map[string]any{"rotateImmediately": true, "rotationEnabled": true},
		Replace:  []string{"secretId"},
		Refs: []cloud.Ref{
			{Path: "secretId", Type: secretToken, OwnedBy: true},
			{Path: "rotationLambdaArn", Type: functionToken, TargetProperty: "arn", Weak: true, NotFound: cloud.Error{
				Code: "AccessDeniedException", Message: cannotRotate,
			}},
		},
		Check: validateRotation,
	}
}

const cannotRotate = "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants " +
	"access to the principal secretsmanager.amazonaws.com."

func validateRotation(account cloud.Account, rotation *cloud.Resource) error {
	days, schedule := rotation.Text("rotationRules.automaticallyAfterDays"), rotation.Text("rotationRules.scheduleExpression")
	switch {
	case rotation.Text("rotationLambdaArn") == "":
		return apiError("InvalidRequestException", "No Lambda rotation function ARN is associated with this secret.")
	case (days == "") == (schedule == ""):
		return apiError("InvalidParameterException", "You must specify exactly one of AutomaticallyAfterDays and "+
			"ScheduleExpression.")
	}
	permissions, err := account.List(permissionToken)
	if err != nil {
		return err
	}
	for _, permission := range permissions {
		// The reference is the function's name or its ARN.
		name := permission.Text("function")
		if permission.Text("principal") == "secretsmanager.amazonaws.com" &&
			strings.HasSuffix(":"+rotation.Text("rotationLambdaArn"), ":"+name) {
			return nil
		}
	}
	return apiError("AccessDeniedException", cannotRotate)
}

// secretsManagerFunctions returns the functions of Secrets Manager.
func secretsManagerFunctions() []cloud.Function {
	return []cloud.Function{{
		Token:  "aws:secretsmanager/getRandomPassword:getRandomPassword",
		Args:   secretsmanager.GetRandomPasswordArgs{},
		Source: "SDK doc; Secrets Manager API Reference, GetRandomPassword",
		Invoke: randomPassword,
	}}
}

// passwordCharacters are the kinds of characters in a password, with the arguments that exclude them.
var passwordCharacters = []struct{ exclude, characters string }{
	{"excludeLowercase", "abcdefghijklmnopqrstuvwxyz"},
	{"excludeUppercase", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
	{"excludeNumbers", "0123456789"},
	{"excludePunctuation", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"},
}

const (
	defaultPasswordLength = 32
	longestPassword       = 4096
)

func randomPassword(request cloud.InvokeRequest) (map[string]any, error) {
	length := defaultPasswordLength
	if text := request.Text("passwordLength"); text != "" {
		length, _ = strconv.Atoi(text) // the SDK's type is a number
	}
	excluded := request.Text("excludeCharacters")
	var kinds []string
	for _, kind := range passwordCharacters {
		left := strings.Map(func(character rune) rune {
			if strings.ContainsRune(excluded, character) {
				return -1
			}
			return character
		}, kind.characters)
		if request.Text(kind.exclude) != "true" && left != "" {
			kinds = append(kinds, left)
		}
	}
	required := request.Text("requireEachIncludedType") == "true"
	all := strings.Join(kinds, "")
	if request.Text("includeSpace") == "true" {
		all += " "
	}
	if length < 1 || length > longestPassword || all == "" || required && length < len(kinds) {
		return nil, apiError("InvalidParameterException", "The password length %d is not possible with these characters.", length)
	}
	password := ""
	for i := range length {
		from := all
		if required && i < len(kinds) {
			from = kinds[i]
		}
		index, err := rand.Int(rand.Reader, big.NewInt(int64(len(from))))
		if err != nil {
			return nil, err
		}
		password += from[index.Int64() : index.Int64()+1]
	}
	answer := request.Args.Mappable()
	answer["id"], answer["randomPassword"] = password, password
	return answer, nil
}
