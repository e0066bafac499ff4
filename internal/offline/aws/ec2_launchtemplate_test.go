package aws

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"
)

var minimalLaunchTemplate = map[string]func(*testAccount) map[string]any{
	launchTemplateToken: func(*testAccount) map[string]any { return templateInputs("") },
}

// newestImage is an AMI that is looked up at each launch.
const newestImage = fromParameter + "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"

func templateInputs(securityGroup string) map[string]any {
	return map[string]any{
		"name": "web", "imageId": newestImage, "instanceType": "t4g.small", "vpcSecurityGroupIds": []any{securityGroup},
		"blockDeviceMappings": []any{map[string]any{"deviceName": rootDevice, "ebs": map[string]any{
			"encrypted": "true", "volumeSize": 20, "volumeType": "gp3",
		}}},
		"tagSpecifications": []any{map[string]any{"resourceType": "instance", "tags": map[string]any{"Tier": "web"}}},
	}
}

func TestLaunchTemplateVersions(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	inputs := with(minimal[launchTemplateToken](account), map[string]any{"updateDefaultVersion": true})
	template := account.create(launchTemplateToken, inputs)
	require.Equal(t, 1.0, template.outputs["latestVersion"].NumberValue())

	change := func(more map[string]any) resource.PropertyMap {
		outputs, err := account.update(template, with(inputs, more))
		require.NoError(t, err)
		return outputs
	}
	require.Equal(t, 1.0, change(map[string]any{"tags": map[string]any{"a": "b"}})["latestVersion"].NumberValue(), "tags are no version")
	changed := change(map[string]any{"instanceType": "t4g.large"})
	require.Equal(t, 2.0, changed["latestVersion"].NumberValue())
	require.Equal(t, 2.0, changed["defaultVersion"].NumberValue())

	foreseen, err := account.Update(template.token, template.id, urn(template.token), changed,
		account.check(template.token, inputs), true)
	require.NoError(t, err)
	require.True(t, foreseen["latestVersion"].IsComputed(), "a preview does not know the next version")
}

func TestLaunchTemplateInputsRejected(t *testing.T) {
	t.Parallel()
	runInputRejections(t, []inputRejection{
		{launchTemplateToken, "imageId", map[string]any{"imageId": "al2023"}},
		{launchTemplateToken, "instanceType", map[string]any{"instanceType": "large"}},
		{launchTemplateToken, "ebsOptimized", map[string]any{"ebsOptimized": "yes"}},
		{launchTemplateToken, "metadataOptions.httpTokens", map[string]any{"metadataOptions": map[string]any{"httpTokens": "never"}}},
		{launchTemplateToken, "defaultVersion", map[string]any{"defaultVersion": 1, "updateDefaultVersion": true}},
		{launchTemplateToken, "networkInterfaces", map[string]any{"networkInterfaces": []any{}}},
		{launchTemplateToken, "tagSpecifications[0].resourceType", map[string]any{
			"tagSpecifications": []any{map[string]any{"resourceType": "disk"}},
		}},
	})
}

func TestLaunchTemplateRejections(t *testing.T) {
	t.Parallel()
	runRejections(t, []rejection{
		{"user data that is not encoded", "InvalidUserData.Malformed", launchTemplateToken, but(launchTemplateToken, map[string]any{
			"userData": "#!/bin/bash",
		})},
		{"long user data", "InvalidParameterValue", launchTemplateToken, but(launchTemplateToken, map[string]any{
			"userData": base64.StdEncoding.EncodeToString([]byte(strings.Repeat("#", userDataBytes+1))),
		})},
	})
}
