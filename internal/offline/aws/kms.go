package aws

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"

	"stagecraft/internal/offline/cloud"
)

const (
	keyToken      = "aws:kms/key:Key"
	keyAliasToken = "aws:kms/alias:Alias"
)

func kmsTypes() []cloud.Type {
	return []cloud.Type{{
		Token:     keyToken,
		Args:      kms.KeyArgs{},
		State:     kms.Key{},
		Service:   "KMS",
		Operation: "CreateKey",
		Change:    "UpdateKeyDescription",
		Source: "CloudFormation resource schema AWS::KMS::Key; SDK doc; KMS API Reference, CreateKey and " +
			"ScheduleKeyDeletion, which AWS lets pass while the key is in use. A key that waits for its deletion is gone here: " +
			"nothing may use it",
		ID: uuid,
		Values: map[string]cloud.Value{
			"customKeyStoreId":      cloud.NotSimulated,
			"customerMasterKeySpec": cloud.OneOf("SYMMETRIC_DEFAULT"),
			"deletionWindowInDays":  cloud.Range(7, 30),
			"description":           cloud.Length(0, 8192),
			"keyUsage":              cloud.OneOf("ENCRYPT_DECRYPT"),
			"multiRegion":           cloud.NotSimulated,
			"policy":                cloud.Policy,
			"rotationPeriodInDays":  cloud.Range(90, 2560),
			"xksKeyId":              cloud.NotSimulated,
		},
		Computed: map[string]any{
			"arn":                            "arn:aws:kms:${region}:${account}:key/${id}",
			"bypassPolicyLockoutSafetyCheck": false,
			"customerMasterKeySpec":          "SYMMETRIC_DEFAULT",
			"description":                    "",
			"enableKeyRotation":              false,
			"isEnabled":                      true,
			"keyId":                          "${id}",
			"keyUsage":                       "ENCRYPT_DECRYPT",
			"multiRegion":                    false,
			"policy": `{"Version":"2012-10-17","Id":"key-default-1","Statement":[{"Sid":"Enable IAM User Permissions",` +
				`"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::${account}:root"},"Action":"kms:*","Resource":"*"}]}`,
			"rotationPeriodInDays": 365,
			"xksKeyId":             "",
		},
		Replace:  []string{"customKeyStoreId", "customerMasterKeySpec", "keyUsage", "multiRegion", "xksKeyId"},
		Check:    validateKeyPolicy,
		NotFound: cloud.Error{Code: "NotFoundException", Message: "Key '${value}' does not exist"},
	}, {
		Token:     keyAliasToken,
		Args:      kms.AliasArgs{},
		State:     kms.Alias{},
		Service:   "KMS",
		Operation: "CreateAlias",
		Change:    "UpdateAlias",
		Source:    "CloudFormation resource schema AWS::KMS::Alias; SDK doc; KMS API Reference, CreateAlias",
		Name:      &cloud.Name{Property: "name", Max: 256, Pattern: regexp.MustCompile(`^alias/[\w/-]+$`), Manual: true},
		ID:        "${name}",
		Conflicts: [][]string{{"name", "namePrefix"}},
		Values: map[string]cloud.Value{
			"name":       cloud.Match(`^alias/(a?$|[^a]|a[^w]|aw[^s]|aws[^/])`, "a name that does not begin with alias/aws/"),
			"namePrefix": cloud.NotSimulated,
		},
		Required: []string{"name"},
		Computed: map[string]any{
			"arn":          "arn:aws:kms:${region}:${account}:${name}",
			"namePrefix":   "",
			"targetKeyArn": "${targetKeyId.arn}",
		},
		Replace:  []string{"name", "namePrefix"},
		Refs:     []cloud.Ref{{Path: "targetKeyId", Type: keyToken, OwnedBy: true}},
		Unique:   [][]string{{"name"}},
		NotFound: cloud.Error{Code: "NotFoundException", Message: "Alias ${value} is not found."},
		Exists:   cloud.Error{Code: "AlreadyExistsException", Message: "An alias with the name ${name} already exists"},
	}}
}

// validateKeyPolicy rejects a policy that would lock everybody out (KMS API Reference, CreateKey).
func validateKeyPolicy(_ cloud.Account, key *cloud.Resource) error {
	root := "arn:aws:iam::" + Account + ":root"
	if key.Text("bypassPolicyLockoutSafetyCheck") == "true" || allows(key.Text("policy"), "kms:PutKeyPolicy", "*", root) {
		return nil
	}
	return apiError("MalformedPolicyDocumentException",
		"The new key policy will not allow you to update the key policy in the future.")
}

// keyUse is a property of a type that names a key, and the code with which AWS rejects a missing key. Some services use
// a key under their own principal, which the key policy must allow.
type keyUse struct{ token, path, code, service string }

var keyUses = []keyUse{
	{token: bucketEncryptionToken, path: "rules[*].applyServerSideEncryptionByDefault.kmsMasterKeyId", code: "KMS.NotFoundException"},
	{token: buildProjectToken, path: "encryptionKey", code: "InvalidInputException"},
	{token: dbInstanceToken, path: "kmsKeyId", code: "KMSKeyNotAccessibleFault"},
	{token: dbInstanceToken, path: "masterUserSecretKmsKeyId", code: "KMSKeyNotAccessibleFault"},
	{token: dbInstanceToken, path: "performanceInsightsKmsKeyId", code: "KMSKeyNotAccessibleFault"},
	{token: functionToken, path: "kmsKeyArn", code: "InvalidParameterValueException"},
	{token: instanceToken, path: "rootBlockDevice.kmsKeyId", code: "InvalidKMSKey.InvalidState"},
	{token: launchTemplateToken, path: "blockDeviceMappings[*].ebs.kmsKeyId", code: "InvalidKMSKey.InvalidState"},
	{token: logGroupToken, path: "kmsKeyId", code: "InvalidParameterException", service: "logs.${region}.amazonaws.com"},
	{token: pipelineToken, path: "artifactStores[*].encryptionKey.id", code: "InvalidStructureException"},
	{token: replicationGroupToken, path: "kmsKeyId", code: "InvalidParameterValue"},
	{token: queueToken, path: "kmsMasterKeyId", code: "KMS.NotFoundException"},
	{token: repositoryToken, path: "encryptionConfigurations[*].kmsKey", code: "KmsException"},
	{token: secretToken, path: "kmsKeyId", code: "EncryptionFailure"},
	{token: tableToken, path: "serverSideEncryption.kmsKeyArn", code: "ValidationException"},
	{token: topicToken, path: "kmsMasterKeyId", code: "KMSNotFound"},
	{
		token: trailToken, path: "kmsKeyId", code: "InsufficientEncryptionPolicyException",
		service: "cloudtrail.amazonaws.com",
	},
}

// withKeyChecks adds a check to every type that names a key: the key must exist and be usable. Some services detect
// that only at the first use.
func withKeyChecks(all []cloud.Type) []cloud.Type {
	for i := range all {
		for _, use := range keyUses {
			if use.token == all[i].Token {
				all[i].Check = use.validateBefore(all[i].Check)
			}
		}
	}
	return all
}

func (u keyUse) validateBefore(next func(cloud.Account, *cloud.Resource) error) func(cloud.Account, *cloud.Resource) error {
	return func(account cloud.Account, user *cloud.Resource) error {
		// Only the program's inputs: AWS fills in its own managed keys.
		subject := &cloud.Resource{Outputs: user.Inputs}
		for _, name := range subject.Texts(u.path) {
			if err := u.fits(account, user.Region, name); err != nil {
				return err
			}
		}
		if next == nil {
			return nil
		}
		return next(account, user)
	}
}

// awsAlias is the alias of a key that AWS manages for a service.
var awsAlias = regexp.MustCompile(`(^|:)alias/aws/[a-z0-9]+$`)

func (u keyUse) fits(account cloud.Account, region, name string) error {
	if awsAlias.MatchString(name) && u.service == "" {
		return nil
	}
	key, err := findKey(account, name)
	if err != nil {
		return err
	}
	if key == nil || key.Text("isEnabled") == "false" {
		return apiError(u.code, "The KMS key %s does not exist, is not enabled or you do not have permissions to access it.", name)
	}
	service := strings.ReplaceAll(u.service, "${region}", region)
	if service != "" && !allows(key.Text("policy"), "kms:GenerateDataKey", "*", service) {
		return apiError(u.code, "The policy of the KMS key %s does not allow %s to use it.", name, service)
	}
	return nil
}

// findKey finds a key by its id, its ARN, or an alias of it.
func findKey(account cloud.Account, name string) (*cloud.Resource, error) {
	alias, err := account.Find(keyAliasToken, "", name[strings.LastIndex(name, ":")+1:])
	if err != nil {
		return nil, err
	}
	if alias != nil {
		return account.Find(keyToken, "", alias.Text("targetKeyId"))
	}
	return account.Find(keyToken, "", name[strings.LastIndex(name, "/")+1:])
}

// awsManagedKey returns the key that AWS manages for a service in a region.
func awsManagedKey(region, service string) string {
	sum := sha256.Sum256([]byte(region + service))
	id := hex.EncodeToString(sum[:16])
	return fmt.Sprintf("arn:aws:kms:%s:%s:key/%s-%s-%s-%s-%s",
		region, Account, id[:8], id[8:12], id[12:16], id[16:20], id[20:])
}
