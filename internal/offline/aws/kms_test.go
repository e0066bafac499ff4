package aws

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// minimalKeys are the minimal inputs of KMS's types.
var minimalKeys = map[string]func(*testAccount) map[string]any{
	keyToken: func(*testAccount) map[string]any { return map[string]any{"policy": keyPolicy} },
	keyAliasToken: func(a *testAccount) map[string]any {
		return map[string]any{"name": "alias/ours", "targetKeyId": a.key(keyPolicy).id}
	},
}

// rootPolicy allows the account to manage a key, and keyPolicy also allows services to use it.
const (
	rootPolicy = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*",
		"Principal": {"AWS": "arn:aws:iam::` + Account + `:root"}}]}`
	keyPolicy = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*",
		"Principal": {"AWS": "arn:aws:iam::` + Account + `:root"}}, {"Effect": "Allow", "Action": "kms:GenerateDataKey*",
		"Resource": "*", "Principal": {"Service": ["logs.` + testRegion + `.amazonaws.com", "cloudtrail.amazonaws.com"]}}]}`
)

func (a *testAccount) key(policy string) created {
	a.t.Helper()
	return a.create(keyToken, map[string]any{"policy": policy})
}

func TestKMSInputsRejected(t *testing.T) {
	t.Parallel()
	runInputRejections(t, []inputRejection{
		{keyToken, "customerMasterKeySpec", map[string]any{"customerMasterKeySpec": "RSA_2048"}},
		{keyToken, "deletionWindowInDays", map[string]any{"deletionWindowInDays": 6}},
		{keyToken, "deletionWindowInDays", map[string]any{"deletionWindowInDays": 31}},
		{keyToken, "policy", map[string]any{"policy": "{}"}},
		{keyToken, "rotationPeriodInDays", map[string]any{"rotationPeriodInDays": 89}},
		{keyToken, "multiRegion", map[string]any{"multiRegion": true}},
		{keyToken, "customKeyStoreId", map[string]any{"customKeyStoreId": "cks-1"}},
		{keyToken, "xksKeyId", map[string]any{"xksKeyId": "1"}},
		{keyToken, "keyUsage", map[string]any{"keyUsage": "SIGN_VERIFY"}},
		{keyAliasToken, "name", map[string]any{"name": "ours"}},
		{keyAliasToken, "name", map[string]any{"name": "alias/aws/ours"}},
		{keyAliasToken, "namePrefix", map[string]any{"namePrefix": "alias/"}},
	})
}

func TestKeyPolicyKeepsItsAccount(t *testing.T) {
	t.Parallel()
	const lockedOut = "MalformedPolicyDocumentException"
	runRejections(t, []rejection{{"a policy of others", lockedOut, keyToken, func(*testAccount) map[string]any {
		return map[string]any{"policy": strings.ReplaceAll(rootPolicy, Account, "210987654321")}
	}}})
	newTestAccount(t).create(keyToken, map[string]any{
		"policy": strings.ReplaceAll(rootPolicy, Account, "210987654321"), "bypassPolicyLockoutSafetyCheck": true,
	})
}

func TestKeyOutputs(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	key := account.create(keyToken, nil)
	require.Regexp(t, "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", key.id)
	require.Equal(t, key.id, key.text("keyId"))
	require.Equal(t, "arn:aws:kms:eu-west-1:123456789012:key/"+key.id, key.text("arn"))
	require.Contains(t, key.text("policy"), "arn:aws:iam::123456789012:root", "by default, the account may do all")
	alias := account.create(keyAliasToken, map[string]any{"name": "alias/ours", "targetKeyId": key.id})
	require.Equal(t, key.text("arn"), alias.text("targetKeyArn"))
	require.Equal(t, "arn:aws:kms:eu-west-1:123456789012:alias/ours", alias.text("arn"))
	account.create(keyAliasToken, map[string]any{"name": "alias/a", "targetKeyId": key.id})
}

// TestKeyUses sets every property that names a key: the key must exist, be enabled, and allow the service.
func TestKeyUses(t *testing.T) {
	t.Parallel()
	for _, use := range keyUses {
		t.Run(use.token+" "+use.path, func(t *testing.T) {
			t.Parallel()
			account := newTestAccount(t)
			inputs := minimal[use.token](account)
			switch use.token { // some want to be told more than the key
			case pipelineToken:
				inputs = overlay(inputs, at("artifactStores[*].encryptionKey.type", "KMS"))
			case tableToken:
				inputs = overlay(inputs, at("serverSideEncryption.enabled", true))
			}
			naming := func(key string) map[string]any { return overlay(inputs, at(use.path, key)) }
			account.rejects(use.code, use.token, naming("arn:aws:kms:eu-west-1:123456789012:key/missing"))
			off := account.create(keyToken, map[string]any{"policy": keyPolicy, "isEnabled": false})
			account.rejects(use.code, use.token, naming(off.text("arn")))
			if use.service != "" {
				account.rejects(use.code, use.token, naming(account.key(rootPolicy).text("arn")))
				account.rejects(use.code, use.token, naming("alias/aws/service"))
			}
			key := account.key(keyPolicy)
			user := account.create(use.token, naming(key.text("arn")))
			require.NoError(t, account.Delete(keyToken, key.id), "a key may go while it is in use")
			require.True(t, account.exists(user))
		})
	}
}

// overlay merges values into inputs, including objects and lists of one element.
func overlay(inputs, over any) map[string]any {
	merged, _ := inputs.(map[string]any)
	merged = with(merged, nil)
	for name, value := range over.(map[string]any) {
		switch value := value.(type) {
		case map[string]any:
			merged[name] = overlay(merged[name], value)
		case []any:
			before, _ := merged[name].([]any)
			element, deeper := value[0].(map[string]any)
			if len(before) > 0 && deeper {
				merged[name] = []any{overlay(before[0], element)}
			} else {
				merged[name] = value
			}
		default:
			merged[name] = value
		}
	}
	return merged
}

func TestKeyNames(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	key := account.key(keyPolicy)
	alias := account.create(keyAliasToken, map[string]any{"name": "alias/ours", "targetKeyId": key.id})
	for _, name := range []string{key.id, key.text("arn"), "alias/ours", alias.text("arn"), "alias/aws/sns"} {
		account.create(topicToken, map[string]any{"name": "alarms-" + name[:3] + name[len(name)-3:], "kmsMasterKeyId": name})
	}
	account.rejects("KMSNotFound", topicToken, map[string]any{"name": "other", "kmsMasterKeyId": "alias/other"})
}

func TestDatabaseKeys(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	key := account.key(keyPolicy).text("arn")
	database := account.create(dbInstanceToken, with(minimal[dbInstanceToken](account), map[string]any{
		"performanceInsightsEnabled": true, "kmsKeyId": key, "performanceInsightsKmsKeyId": key, "masterUserSecretKmsKeyId": key,
	}))
	require.Equal(t, key, database.text("kmsKeyId"))
	require.Equal(t, key, database.text("performanceInsightsKmsKeyId"))
	secret := database.outputs["masterUserSecrets"].ArrayValue()[0].ObjectValue()
	require.Equal(t, key, secret["kmsKeyId"].StringValue())
}

func TestReplicaHasTheKeyOfItsSource(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	key := account.key(keyPolicy).text("arn")
	account.create(dbInstanceToken, with(minimal[dbInstanceToken](account), map[string]any{
		"kmsKeyId": key, "backupRetentionPeriod": 1, "manageMasterUserPassword": nil, "password": "correct-horse",
	}))
	replica := account.create(dbInstanceToken, map[string]any{
		"identifier": "replica", "replicateSourceDb": "app", "instanceClass": "db.t4g.small", "skipFinalSnapshot": true,
	})
	require.Equal(t, key, replica.text("kmsKeyId"))
}
