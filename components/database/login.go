package database

import (
	"encoding/json"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const (
	username       = "app_admin"
	passwordLength = 32
	// recoveryDays is how long a deleted secret can be had back.
	recoveryDays = 30
	// initialStage is a label that keeps the first version of the secret. Secrets Manager deletes versions without a label,
	// and to make this one again would bring the first password back.
	initialStage = "initial"
)

// newLogin makes the secret with the login of the database, and gives the password with which the instance begins. It is
// in the state, encrypted, and is nobody's password any more once it has been rotated.
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
	// Every run has another random password; only the first one is taken. A secret's first version is AWSCURRENT in any
	// case (Secrets Manager API Reference, "PutSecretValue"), and no other may become that but by rotation.
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

	// From the version, so that an instance which is made by a later run than the secret has the secret's password.
	password := version.SecretString.Elem().ApplyT(func(login string) (string, error) {
		var kept struct{ Password string }
		err := json.Unmarshal([]byte(login), &kept)
		return kept.Password, err
	})
	return pulumi.ToSecret(password).(pulumi.StringOutput), nil
}

func recoveryWindow(args *Args) int {
	if args.Ephemeral {
		return 0
	}
	return recoveryDays
}
