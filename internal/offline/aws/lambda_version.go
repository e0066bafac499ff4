package aws

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"

	"stagecraft/internal/offline/cloud"
)

// publishVersion stores the code of a created or updated function, and assigns a version number if it is published.
func publishVersion(_ cloud.Account, function *cloud.Resource) error {
	before := function.Before
	if before == nil || !sameCode(before.Inputs, function.Inputs) {
		code, err := codeOf(function)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(code)
		function.Set("codeSha256", base64.StdEncoding.EncodeToString(sum[:]))
		function.Set("sourceCodeHash", function.Text("codeSha256"))
		function.Set("sourceCodeSize", len(code))
	}
	version := latest
	if before != nil {
		version = before.Text("version")
	}
	if function.Text("publish") == "true" && (before == nil || isChanged(before.Inputs, function.Inputs)) {
		published, _ := strconv.Atoi(version) // $LATEST is before the first
		version = strconv.Itoa(published + 1)
	}
	name, arn := function.Text("name"), function.Text("arn")
	function.Set("version", version)
	function.Set("qualifiedArn", arn+":"+version)
	function.Set("qualifiedInvokeArn", strings.Replace(function.Text("invokeArn"), arn, arn+":"+version, 1))
	function.Fill("ephemeralStorage", map[string]any{"size": 512})
	function.Fill("loggingConfig", map[string]any{"logFormat": "Text", "logGroup": "/aws/lambda/" + name})
	function.Fill("tracingConfig", map[string]any{"mode": "PassThrough"})
	return nil
}

func sameCode(before, after resource.PropertyMap) bool {
	return !slices.ContainsFunc([]resource.PropertyKey{"code", "s3Bucket", "s3Key", "s3ObjectVersion"},
		func(property resource.PropertyKey) bool { return !before[property].DeepEquals(after[property]) })
}

// isChanged reports whether an update creates a new version, which updates of tags and reserved concurrency do not.
func isChanged(before, after resource.PropertyMap) bool {
	diff := before.Diff(after, resource.IsInternalPropertyKey)
	return diff != nil && slices.ContainsFunc(diff.ChangedKeys(), func(changed resource.PropertyKey) bool {
		return changed != "tags" && changed != "reservedConcurrentExecutions"
	})
}

// codeOf returns a function's deployment package. The offline cloud does not read S3 objects: their location stands for
// their content.
func codeOf(function *cloud.Resource) ([]byte, error) {
	code := function.Outputs["code"]
	if !code.IsArchive() {
		return fmt.Appendf(nil, "%s/%s", function.Text("s3Bucket"), function.Text("s3Key")), nil
	}
	packed, err := code.ArchiveValue().Bytes(archive.ZIPArchive)
	if err != nil {
		return nil, fmt.Errorf("unable to load the function's code: %w", err)
	}
	return packed, nil
}

// isPublished reports whether a function has a version. All versions up to the last one exist.
func isPublished(function *cloud.Resource, version string) bool {
	wanted, err := strconv.Atoi(version)
	return version == latest || err == nil && wanted >= 1 && float64(wanted) <= number(function, "version")
}
