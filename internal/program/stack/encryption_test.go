package stack_test

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/program/stack"
	"stagecraft/internal/pulumitest"
)

const keyArn = "arn:encryption"

// keyInput is what the SDK calls an input that takes a key.
var keyInput = regexp.MustCompile(`^(Kms\w*Key(Id|Arn)?|\w+KmsKeyId|EncryptionKey|EncryptionConfigurations|ServerSideEncryption)$`)

// runEncrypted runs a stage and returns, for each type of resource, the inputs that accept a key.
func runEncrypted(t *testing.T, number, who string) (pulumitest.Resources, map[string][]string) {
	t.Helper()
	var mutex sync.Mutex
	takes := map[string][]string{}
	program := func(ctx *pulumi.Context) error {
		err := ctx.RegisterStackTransformation(func(args *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
			mutex.Lock()
			defer mutex.Unlock()
			takes[args.Type] = keyInputs(args.Props)
			return nil
		})
		if err != nil {
			return err
		}
		return stack.Program(ctx)
	}
	resources, err := runProgram(program, pulumitest.Project, pulumitest.Stack, map[string]string{
		"stagecraft:stage": number, "stagecraft:singleNatGateway": "true", "stagecraft:encryptionKey": who,
	})
	require.NoError(t, err)
	return resources, takes
}

func keyInputs(args pulumi.Input) []string {
	value := reflect.Indirect(reflect.ValueOf(args))
	if value.Kind() != reflect.Struct {
		return nil
	}
	var names []string
	for i := range value.NumField() {
		if name := value.Type().Field(i).Name; keyInput.MatchString(name) {
			names = append(names, strings.ToLower(name[:1])+name[1:])
		}
	}
	return names
}

// getsKey reports whether an input that accepts a key has it.
func getsKey(made pulumitest.Resource, input string) bool {
	_, replica := made.Inputs["replicateSourceDb"]
	switch {
	case made.Provider != "":
		return false // a key is of one region
	case made.Type == "aws:s3/bucketObjectv2:BucketObjectv2":
		return false // the page is public
	case input == "masterUserSecretKmsKeyId":
		return made.Inputs["manageMasterUserPassword"] == true
	default:
		return !replica || input != "kmsKeyId" // a replica has the key of what it replicates
	}
}

// TestCustomerKey finds the key in every input that takes one.
func TestCustomerKey(t *testing.T) {
	t.Parallel()
	for _, number := range []string{"1", "2", "4", "5"} {
		t.Run(number, func(t *testing.T) {
			t.Parallel()
			resources, takes := runEncrypted(t, number, "customer")
			encrypted := map[string]bool{}
			for _, made := range resources {
				for _, input := range takes[made.Type] {
					if !getsKey(made, input) {
						require.NotContains(t, made.Inputs, input, "%s %q", made.Type, made.Name)
						continue
					}
					require.Contains(t, fmt.Sprint(made.Inputs[input]), keyArn, "%s of %s %q", input, made.Type, made.Name)
					encrypted[made.Type] = true
				}
			}
			require.Subset(t, slices.Collect(maps.Keys(encrypted)), []string{
				"aws:cloudtrail/trail:Trail", "aws:cloudwatch/logGroup:LogGroup", databaseType,
				"aws:sns/topic:Topic",
			})
			for _, instance := range resources.Of(instanceType) {
				require.Equal(t, keyArn, instance.Inputs["rootBlockDevice"].(map[string]any)["kmsKeyId"])
			}
			for _, template := range resources.Of("aws:ec2/launchTemplate:LaunchTemplate") {
				require.Contains(t, fmt.Sprint(template.Inputs["blockDeviceMappings"]), keyArn)
			}
			for _, pipeline := range resources.Of("aws:codepipeline/pipeline:Pipeline") {
				store := pipeline.Inputs["artifactStores"].([]any)[0].(map[string]any)
				require.Equal(t, map[string]any{"id": keyArn, "type": "KMS"}, store["encryptionKey"])
			}
			for _, group := range resources.Of("aws:elasticache/replicationGroup:ReplicationGroup") {
				require.NotContains(t, group.Inputs, "notificationTopicArn", "ElastiCache can't publish to an encrypted topic")
			}
			require.Len(t, resources.Of("aws:kms/key:Key"), 1)
			resources.Named(t, "aws:cloudwatch/eventRule:EventRule", "encryption-ending")
		})
	}
}

func TestNoCustomerKey(t *testing.T) {
	t.Parallel()
	resources, takes := runEncrypted(t, "4", "aws")
	require.Empty(t, resources.Of("aws:kms/key:Key"))
	for _, made := range resources {
		for _, input := range takes[made.Type] {
			require.NotContains(t, made.Inputs, input, "%s %q", made.Type, made.Name)
		}
	}
}
