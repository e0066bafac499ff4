package rules

import (
	"encoding/base64"
	"encoding/json"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"
)

// policy returns a property with a document of statements, which allow by default.
func policy(property string, statements ...props) props {
	for _, granted := range statements {
		if granted["Effect"] == nil {
			granted["Effect"] = "Allow"
		}
	}
	encoded, err := json.Marshal(props{"Version": "2012-10-17", "Statement": statements})
	if err != nil {
		panic(err)
	}
	return props{property: string(encoded)}
}

func may(action, resource any) props { return props{"Action": action, "Resource": resource} }

// trust returns a role that a principal may assume.
func trust(principal, condition any) props {
	statement := props{"Action": "sts:AssumeRole", "Principal": principal}
	if condition != nil {
		statement["Condition"] = condition
	}
	return policy("assumeRolePolicy", statement)
}

func federated(provider string, condition any) props {
	statement := props{"Action": "sts:AssumeRoleWithWebIdentity", "Principal": props{"Federated": provider}}
	if condition != nil {
		statement["Condition"] = condition
	}
	return policy("assumeRolePolicy", statement)
}

// public returns examples for a rule about resource-based policies.
func public(typ string) examples {
	everybody := func(condition any) props {
		statement := props{"Action": "*", "Resource": "*", "Principal": "*"}
		if condition != nil {
			statement["Condition"] = condition
		}
		return policy("policy", statement)
	}
	account := props{"AWS": "arn:aws:iam::123456789012:root"}
	return examples{
		typ: typ,
		pass: []props{
			{},
			{"policy": "no document"},
			{"policy": `{"Statement":7}`},
			policy("policy", props{"Action": "*", "Resource": "*", "Principal": account}),
			policy("policy", props{"Action": "*", "Resource": "*", "Principal": props{"Service": "cloudtrail.amazonaws.com"}}),
			policy("policy", props{"Effect": "Deny", "Action": "*", "Resource": "*", "Principal": "*"}),
			everybody(props{"StringEquals": props{"aws:PrincipalOrgID": "o-1"}}),
			everybody(props{"ArnLike": props{"AWS:SourceArn": []any{"arn:aws:sns:*:123456789012:*"}}}),
			everybody(props{"IpAddress": props{"aws:SourceIp": "192.0.2.0/24"}}),
		},
		fail: []props{
			everybody(nil),
			policy("policy", props{"Action": "*", "Resource": "*", "Principal": account}, props{"Action": "*", "Principal": props{"AWS": "*"}}),
			policy("policy", props{"Action": "*", "Resource": "*", "Principal": props{"AWS": []any{"123456789012", "*"}}}),
			policy("policy", props{"Action": "*", "Resource": "*", "NotPrincipal": account}),
			everybody(props{"Bool": props{"aws:SecureTransport": "true"}}),
			everybody(props{"IpAddress": props{"aws:SourceIp": []any{"192.0.2.0/24", "0.0.0.0/0"}}}),
			everybody(props{"StringLike": props{"aws:PrincipalArn": "*"}}),
			everybody(props{"StringNotEquals": props{"aws:PrincipalAccount": "123456789012"}}),
			everybody(props{"StringEqualsIfExists": props{"aws:SourceAccount": "123456789012"}}),
			{"policy": props{"Statement": props{"Effect": "Allow", "Principal": "*", "Action": "*"}}},
			{"policy": props{"Statement": []any{props{"Effect": "Allow", "Principal": props{"AWS": "*"}, "Action": []any{"a:B"}}}}},
		},
	}
}

var identityExamples = merged(permissionExamples, principalExamples, loginExamples, secretExamples)

var permissionExamples = map[string]examples{
	"iam-no-full-access": {
		typ: "aws:iam/rolePolicy:RolePolicy",
		pass: []props{
			{},
			policy("policy", may("s3:*", "*")), policy("policy", may("*", "arn:aws:s3:::app/*")),
			policy("policy", props{"Effect": "Deny", "Action": "*", "Resource": "*"}),
		},
		fail: []props{
			policy("policy", may("*", "*")),
			policy("policy", may("s3:GetObject", "*"), may([]any{"s3:GetObject", "*"}, []any{"*"})),
			{"policy": props{"Statement": []any{may("*", "*"), props{"Effect": "Allow", "Action": "*", "Resource": []any{"*"}}}}},
		},
	},
	"iam-no-service-wildcards": {
		typ:  "aws:iam/role:Role",
		pass: []props{{}, {"inlinePolicies": []any{policy("policy", may([]any{"s3:Get*", "*"}, "*"))}}},
		fail: []props{{"inlinePolicies": []any{props{"name": "empty"}, policy("policy", may([]any{"s3:Get*", "sqs:*"}, "arn:aws:sqs:::app"))}}},
	},
	"iam-no-decryption-with-all-keys": {
		typ: "aws:iam/policy:Policy",
		pass: []props{
			{},
			policy("policy", may("kms:Decrypt", "arn:aws:kms:eu-west-1:123456789012:key/1")), policy("policy", may("kms:Encrypt", "*")),
			policy("policy", props{
				"Action": "kms:Decrypt", "Resource": "*",
				"Condition": props{"StringEquals": props{"kms:ViaService": "s3.eu-west-1.amazonaws.com"}},
			}),
		},
		fail: []props{
			policy("policy", may("kms:Decrypt", "*")), policy("policy", may("kms:*", "*")),
			policy("policy", may("KMS:ReEncrypt*", "arn:aws:kms:*:123456789012:key/*")),
		},
	},
	"iam-pass-role-scoped": {
		typ: "aws:iam/policy:Policy",
		pass: []props{
			{},
			policy("policy", may("iam:PassRole", "arn:aws:iam::123456789012:role/app")), policy("policy", may("iam:GetRole", "*")),
			policy("policy", props{
				"Action": "iam:PassRole", "Resource": "*",
				"Condition": props{"StringEquals": props{"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
			}),
		},
		fail: []props{policy("policy", may("iam:PassRole", "*")), policy("policy", may([]any{"iam:Pass*"}, "*"))},
	},
	"iam-allow-names-actions": {
		typ: "aws:iam/policy:Policy",
		pass: []props{
			{}, policy("policy", may("s3:GetObject", "*")), policy("policy", props{"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"}),
		},
		fail: []props{policy("policy", props{"NotAction": "iam:*", "Resource": "*"})},
	},
	"iam-no-administrator-access": {
		typ:  "aws:iam/role:Role",
		pass: []props{{}, {"managedPolicyArns": []any{"arn:aws:iam::123456789012:policy/AdministratorAccess"}}},
		fail: []props{
			{"managedPolicyArns": []any{"arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws-cn:iam::aws:policy/AdministratorAccess"}},
		},
	},
	"iam-no-cloudshell-full-access": {
		typ:  "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
		pass: []props{{}, {"policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}},
		fail: []props{{"policyArn": "arn:aws:iam::aws:policy/AWSCloudShellFullAccess"}},
	},
	"iam-no-user-policies": {
		typ:  "aws:iam/policyAttachment:PolicyAttachment",
		pass: []props{{}, {"roles": []any{"app"}, "users": []any{}}},
		fail: []props{{"users": []any{"me"}}, {"user": "me"}},
	},
	"iam-no-access-keys": {
		typ:  "aws:iam/accessKey:AccessKey",
		pass: []props{{"status": "Inactive"}},
		fail: []props{{}, {"status": "Active", "user": "me"}},
	},
}

var principalExamples = map[string]examples{
	"s3-bucket-policy-keeps-control": {
		typ: "aws:s3/bucketPolicy:BucketPolicy",
		pass: []props{
			{},
			{"policy": `{"Statement": {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "s3:GetObject"}}`},
			{"policy": `{"Statement": {"Effect": "Allow", "Principal": {"Service": "a.amazonaws.com"}, "Action": "s3:PutObjectAcl"}}`},
			{"policy": `{"Statement": {"Effect": "Deny", "Principal": {"AWS": "123456789012"}, "Action": "s3:PutBucketPolicy"}}`},
		},
		fail: []props{
			{"policy": `{"Statement": {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "s3:PutBucketPolicy"}}`},
			{"policy": `{"Statement": [{"Effect": "Allow", "Principal": {"AWS": ["123456789012"]}, "Action": ["s3:Get*", "s3:Put*"]}]}`},
			{"policy": `{"Statement": {"Effect": "Allow", "NotPrincipal": {"AWS": "123456789012"}, "Action": "s3:*"}}`},
		},
	},
	"iam-trust-not-public": {
		typ: "aws:iam/role:Role",
		pass: []props{
			{},
			trust(props{"Service": "ec2.amazonaws.com"}, nil), trust(props{"AWS": []any{"123456789012"}}, nil),
			trust("*", props{"StringEquals": props{"aws:PrincipalOrgID": "o-1"}}),
		},
		fail: []props{
			trust("*", nil), trust(props{"AWS": "*"}, nil), trust(props{"AWS": "*"}, props{"StringEquals": props{"sts:ExternalId": "1"}}),
		},
	},
	"iam-trust-federation-conditioned": {
		typ: "aws:iam/role:Role",
		pass: []props{
			{},
			trust(props{"Service": "ec2.amazonaws.com"}, nil),
			federated("arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com",
				props{"StringLike": props{"token.actions.githubusercontent.com:sub": "repo:example/*"}}),
			federated("cognito-identity.amazonaws.com", props{"StringEquals": props{"cognito-identity.amazonaws.com:aud": "pool"}}),
		},
		fail: []props{
			federated("arn:aws:iam::123456789012:oidc-provider/example.com", nil),
			federated("arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com",
				props{"StringEquals": props{"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}}),
			federated("arn:aws:iam::123456789012:oidc-provider/gitlab.com", props{"StringLike": props{"gitlab.com:sub": "*"}}),
		},
	},
	"s3-bucket-policy-not-public":      public("aws:s3/bucketPolicy:BucketPolicy"),
	"sns-topic-not-public":             public("aws:sns/topicPolicy:TopicPolicy"),
	"sqs-queue-not-public":             public("aws:sqs/queuePolicy:QueuePolicy"),
	"kms-key-not-public":               public("aws:kms/key:Key"),
	"secretsmanager-secret-not-public": public("aws:secretsmanager/secretPolicy:SecretPolicy"),
	"ecr-repository-not-public":        public("aws:ecr/repositoryPolicy:RepositoryPolicy"),
	"dynamodb-table-not-public":        public("aws:dynamodb/resourcePolicy:ResourcePolicy"),
	"cloudwatch-policies-not-public":   public("aws:cloudwatch/eventBusPolicy:EventBusPolicy"),
	"lambda-not-public": {
		typ: "aws:lambda/permission:Permission",
		pass: []props{
			{},
			{"principal": "apigateway.amazonaws.com"},
			{"principal": "*", "principalOrgId": "o-1"},
			{"principal": "s3.amazonaws.com", "sourceAccount": "123456789012", "sourceArn": "arn:aws:s3:::app"},
		},
		fail: []props{
			{"principal": "*"},
			{"principal": "*", "functionUrlAuthType": "NONE"},
			{"principal": "s3.amazonaws.com", "sourceArn": "arn:aws:s3:::app"},
		},
	},
	"lambda-permission-source": {
		typ: "aws:lambda/permission:Permission",
		pass: []props{
			{},
			{"principal": "123456789012"},
			{"principal": "secretsmanager.amazonaws.com", "sourceAccount": "123456789012"},
			{"principal": "events.amazonaws.com", "sourceArn": "arn:aws:events:eu-west-1:123456789012:rule/app"},
		},
		fail: []props{{"principal": "apigateway.amazonaws.com"}},
	},
	"cloudfront-trusted-key-groups": {
		typ: "aws:cloudfront/distribution:Distribution",
		pass: []props{
			{}, {"defaultCacheBehavior": props{"trustedKeyGroups": []any{"group"}, "trustedSigners": []any{}}},
		},
		fail: []props{
			{"defaultCacheBehavior": props{"trustedSigners": []any{"self"}}},
			{"orderedCacheBehaviors": []any{props{}, props{"trustedSigners": []any{"123456789012"}}}},
		},
	},
}

var loginExamples = map[string]examples{
	"rds-iam-authentication": {
		typ: "aws:rds/instance:Instance",
		pass: []props{
			{}, {"engine": "postgres", "iamDatabaseAuthenticationEnabled": true}, {"engine": "oracle-se2"}, {"replicateSourceDb": "app"},
		},
		fail: []props{{"engine": "postgres"}, {"engine": "aurora-mysql", "iamDatabaseAuthenticationEnabled": false}},
	},
	"rds-own-administrator-name": {
		typ:  "aws:rds/instance:Instance",
		pass: []props{{}, {"username": "app_admin"}},
		fail: []props{{"username": "postgres"}, {"username": "Admin"}, {"masterUsername": "admin"}},
	},
	"elasticache-authentication": {
		typ:  "aws:elasticache/replicationGroup:ReplicationGroup",
		pass: []props{{"userGroupIds": []any{"app"}}, {"authToken": "x"}},
		fail: []props{{}, {"userGroupIds": []any{}}},
	},
	"elasticache-user-authenticates": {
		typ: "aws:elasticache/user:User",
		pass: []props{
			{}, {"authenticationMode": props{"type": "iam"}}, {"accessString": "off ~keys* -@all", "noPasswordRequired": true},
		},
		fail: []props{
			{"noPasswordRequired": true}, {"accessString": "on ~* +@all", "authenticationMode": props{"type": "no-password-required"}},
		},
	},
}

// awsKey is the example key of AWS's documentation.
const awsKey = "AKIAIOSFODNN7EXAMPLE"

func variables(values props) props { return props{"environment": props{"variables": values}} }

var secretExamples = map[string]examples{
	"lambda-no-plain-secrets": {
		typ: "aws:lambda/function:Function",
		pass: []props{
			{},
			variables(props{
				"STAGE": "test", "DB_PASSWORD": "", "DB_SECRET": "prod/db", "TOKEN": "/app/token", "MAX_TOKENS": "100", "USE_TOKEN": "true",
				"API_KEY": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:key", "SECRET_NAME": "app", "TOKEN_URL": "https://example.com",
				"DATABASE_URL": "postgres://app@db.example.com:5432/app", "PASSWORD_MIN_LENGTH": "12", "PWD": "/var/task",
			}),
		},
		fail: []props{
			variables(props{"DB_PASSWORD": "hunter2"}), variables(props{"apiKey": "s3cr3t"}), variables(props{"dbPassword": "x9"}),
			variables(props{"AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}), variables(props{"ID": awsKey}),
			variables(props{"DATABASE_URL": "postgres://app:hunter2@db.example.com:5432/app"}),
			variables(props{"CERTIFICATE": "-----BEGIN RSA PRIVATE KEY-----\nMII"}),
		},
	},
	"ecs-no-plain-secrets": {
		typ: "aws:ecs/taskDefinition:TaskDefinition",
		pass: []props{
			{}, task(`{"name":"app","environment":[{"name":"STAGE","value":"test"}],"secrets":[{"name":"PASSWORD","valueFrom":"/app"}]}`),
		},
		fail: []props{
			task(`{"name":"app","environment":[{"name":"DB_PASSWORD","value":"hunter2"}]}`),
			task(`{"name":"app"},{"name":"agent","environment":[{"name":"ID","value":"` + awsKey + `"}]}`),
		},
	},
	"ssm-parameter-no-plain-secrets": {
		typ: "aws:ssm/parameter:Parameter",
		pass: []props{
			{},
			{"type": "SecureString", "name": "/app/password", "value": "hunter2"},
			{"type": "String", "name": "/app/name", "value": "app"},
			{"type": "String", "name": "/app/DATABASE_SECRET_ARN", "insecureValue": "arn:aws:secretsmanager:eu-west-1:1:secret:app"},
			{"type": "String", "name": "/token/ttl", "value": "300"},
		},
		fail: []props{
			{"type": "String", "name": "/app/password", "value": "hunter2"}, {"type": "StringList", "name": "keys", "insecureValue": awsKey},
		},
	},
	"ec2-user-data-no-secrets": {
		typ: "aws:ec2/instance:Instance",
		pass: []props{
			{},
			{"userData": "#!/bin/bash\ndnf install -y nginx\n"},
			{"userData": "TOKEN=$(curl -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token)"},
			{"userData": "curl -H \"X-aws-ec2-metadata-token: $TOKEN\"\n# password: see the secret\necho \"The password: ask for it\""},
			{"userData": "password=`aws secretsmanager get-secret-value --secret-id app`\nsecret: {{ secret }}\ntoken = read_token(path)"},
			{"userData": "docker login --password-stdin\nDB_SECRET=prod/db ./app\n"},
		},
		fail: []props{
			{"userData": "#!/bin/bash\nexport DB_PASSWORD=hunter2\n"},
			{"userData": "run --token='abcdefgh' app"},
			{"userData": "#cloud-config\npassword: hunter2\n"},
			{"userData": "aws configure set aws_access_key_id " + awsKey},
			{"userData": `{"api_key": "abcdefgh"}`},
			{"userDataBase64": base64.StdEncoding.EncodeToString([]byte("#!/bin/bash\nDB_PASSWORD=\"hunter2\" ./app\n"))},
		},
	},
}

// TestReportsHoldNoSecrets requires violations not to contain the secret.
func TestReportsHoldNoSecrets(t *testing.T) {
	t.Parallel()
	for _, candidate := range plainSecrets() {
		given := secretExamples[candidate.Name]
		for _, properties := range given.fail {
			for _, report := range violations(&candidate, given.typ, resource.NewPropertyMapFromMap(properties)) {
				require.NotRegexp(t, "hunter2|abcdefgh|"+awsKey, report, candidate.Name)
			}
		}
	}
}

// TestDocumentsKnowInPart requires unknown parts of a policy document that is an object to pass.
func TestDocumentsKnowInPart(t *testing.T) {
	t.Parallel()
	unknown := resource.MakeComputed(resource.NewProperty(""))
	for _, candidate := range permissions() {
		require.Empty(t, violations(&candidate, "aws:iam/policy:Policy", resource.PropertyMap{
			"policy": resource.NewProperty(resource.PropertyMap{"Statement": resource.NewProperty([]resource.PropertyValue{
				resource.NewProperty(resource.PropertyMap{
					"Effect": resource.NewProperty("Allow"), "Action": unknown, "Resource": resource.NewProperty("*"),
				}),
				resource.NewProperty(resource.PropertyMap{
					"Effect": resource.NewProperty("Allow"), "Action": resource.NewProperty("*"), "Resource": unknown,
				}),
			})}),
		}), candidate.Name)
	}
}
