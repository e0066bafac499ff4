package database

import (
	"encoding/json"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const (
	username       = "app_admin"
	passwordLength = 32
	// recoveryDays is the number of days during which a deleted secret can be restored.
	recoveryDays = 30
	// initialStage is the staging label of the secret's first version, which keeps that version. Secrets Manager deletes
	// versions without a label, and creating the first version again would restore the first password.
	initialStage = "initial"
)

// newLogin creates the secret that holds the login of the database, and returns the instance's first password. The
// state contains that password, encrypted; it is no longer valid after the first rotation.
func (d *Database) newLogin(ctx *pulumi.Context) (pulumi.StringOutput, error) {
	secret, err := secretsmanager.NewSecret(ctx, d.name, &secretsmanager.SecretArgs{
		Description:          pulumi.Sprintf("Master login of the PostgreSQL database %s", d.Identifier),
		RecoveryWindowInDays: pulumi.Int(recoveryWindow(d.args)),
		KmsKeyId:             d.args.KmsKeyArn,
		Tags:                 d.args.Tags,
	}, pulumi.Parent(d))
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	random, err := secretsmanager.GetRandomPassword(ctx, &secretsmanager.GetRandomPasswordArgs{
		PasswordLength:     pulumi.IntRef(passwordLength),
		ExcludePunctuation: pulumi.BoolRef(true),
	}, pulumi.Parent(d))
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	// Every run generates another random password; only the first one is used. A secret's first version is always
	// AWSCURRENT (Secrets Manager API Reference, "PutSecretValue"), and only rotation may make another version current.
	version, err := secretsmanager.NewSecretVersion(ctx, d.name, &secretsmanager.SecretVersionArgs{
		SecretId: secret.Arn,
		SecretString: pulumi.JSONMarshal(pulumi.Map{
			"username": pulumi.String(username),
			"password": pulumi.ToSecret(pulumi.String(random.RandomPassword)),
		}),
		VersionStages: pulumi.ToStringArray([]string{initialStage}),
	}, pulumi.Parent(d), pulumi.IgnoreChanges([]string{"secretString", "versionStages"}))
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	d.SecretArn = version.Arn

	// The password comes from the version, so that an instance created in a later run than the secret gets the secret's
	// password.
	password := version.SecretString.Elem().ApplyT(func(login string) (string, error) {
		var credentials struct{ Password string }
		err := json.Unmarshal([]byte(login), &credentials)
		return credentials.Password, err
	})
	return pulumi.ToSecret(password).(pulumi.StringOutput), nil
}

func recoveryWindow(args *Args) int {
	if args.Ephemeral {
		return 0
	}
	return recoveryDays
}
