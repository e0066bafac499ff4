package aws

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"

	"stagecraft/internal/offline/cloud"
)

const (
	functionToken   = "aws:lambda/function:Function"
	permissionToken = "aws:lambda/permission:Permission"
	aliasToken      = "aws:lambda/alias:Alias"
)

// lambdaTypes are functions, who may invoke them, and names for their versions.
func lambdaTypes() []cloud.Type {
	return []cloud.Type{functionType(), permissionType(), aliasType()}
}

// invalidFunction is the code of nearly everything that Lambda refuses.
const invalidFunction = "InvalidParameterValueException"

var (
	runtimes = []string{
		"dotnet8", "dotnet10", "java8.al2", "java11", "java17", "java21", "java25", "nodejs20.x", "nodejs22.x", "nodejs24.x",
		"provided.al2", "provided.al2023", "python3.10", "python3.11", "python3.12", "python3.13", "python3.14", "ruby3.2",
		"ruby3.3", "ruby3.4",
	}
	// endedRuntimes are past the date from which no function can be created with them.
	endedRuntimes = []string{
		"dotnet5.0", "dotnet6", "dotnet7", "dotnetcore1.0", "dotnetcore2.0", "dotnetcore2.1", "dotnetcore3.1", "go1.x", "java8",
		"nodejs", "nodejs10.x", "nodejs12.x", "nodejs14.x", "nodejs16.x", "nodejs18.x", "nodejs4.3", "nodejs6.10", "nodejs8.10",
		"provided", "python2.7", "python3.6", "python3.7", "python3.8", "python3.9", "ruby2.5", "ruby2.7",
	}
)

func functionType() cloud.Type {
	return cloud.Type{
		Token:     functionToken,
		Args:      lambda.FunctionArgs{},
		State:     lambda.Function{},
		Service:   "Lambda",
		Operation: "CreateFunction",
		Change:    "UpdateFunctionConfiguration",
		Source: "CloudFormation resource schema AWS::Lambda::Function; SDK doc; Lambda API Reference, CreateFunction; Lambda " +
			"Developer Guide, Lambda runtimes, Lambda quotas and Configuring reserved concurrency. Code comes from an archive or " +
			"from S3; images, layers and file systems are left out",
		Name:   &cloud.Name{Property: "name", Max: 64, Pattern: regexp.MustCompile(`^[\w-]+$`)},
		ID:     "${name}",
		OneOf:  [][]string{{"code", "imageUri", "s3Bucket"}},
		Values: functionValues(),
		Computed: map[string]any{
			"architectures":                []any{"x86_64"},
			"arn":                          "arn:aws:lambda:${region}:${account}:function:${name}",
			"invokeArn":                    invocation("${arn}"),
			"lastModified":                 "${now}",
			"memorySize":                   128,
			"packageType":                  "Zip",
			"publish":                      false,
			"reservedConcurrentExecutions": -1,
			"skipDestroy":                  false,
			"timeout":                      3,
		},
		Renewed: []string{"qualifiedArn", "qualifiedInvokeArn", "version"},
		Replace: []string{"name", "packageType"},
		Refs:    functionRefs(),
		Unique:  [][]string{{"name"}},
		Check:   functionFits,
		Make:    publish,
		NotFound: cloud.Error{
			Code:    "ResourceNotFoundException",
			Message: "Function not found: arn:aws:lambda:${region}:${account}:function:${value}",
		},
		Exists: cloud.Error{Code: "ResourceConflictException", Message: "Function already exist: ${name}"},
		Takes:  8 * time.Second,
	}
}

func functionValues() map[string]cloud.Value {
	return map[string]cloud.Value{
		"architectures":                     cloud.Count(1, 1),
		"architectures[*]":                  cloud.OneOf("arm64", "x86_64"),
		"codeSigningConfigArn":              cloud.NotSimulated,
		"description":                       cloud.Length(0, 256),
		"ephemeralStorage.size":             cloud.Range(512, 10240),
		"fileSystemConfig":                  cloud.NotSimulated,
		"handler":                           cloud.Match(`^\S{1,128}$`, "1 to 128 characters without white space"),
		"imageConfig":                       cloud.NotSimulated,
		"imageUri":                          cloud.NotSimulated,
		"layers":                            cloud.NotSimulated,
		"loggingConfig.applicationLogLevel": cloud.OneOf("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"),
		"loggingConfig.logFormat":           cloud.OneOf("JSON", "Text"),
		"loggingConfig.logGroup":            cloud.All(cloud.Length(1, 512), cloud.Match(logGroupName.String(), "a log group's name")),
		"loggingConfig.systemLogLevel":      cloud.OneOf("DEBUG", "INFO", "WARN"),
		"memorySize":                        cloud.Range(128, 10240),
		"packageType":                       cloud.OneOf("Zip"),
		"replaceSecurityGroupsOnDestroy":    cloud.NotSimulated,
		"replacementSecurityGroupIds":       cloud.NotSimulated,
		"reservedConcurrentExecutions":      cloud.Range(-1, accountConcurrency),
		"runtime":                           cloud.OneOf(slices.Concat(runtimes, endedRuntimes)...),
		"skipDestroy":                       cloud.NotSimulated,
		"snapStart":                         cloud.NotSimulated,
		"timeout":                           cloud.Range(1, 900),
		"tracingConfig.mode":                cloud.OneOf("Active", "PassThrough"),
		"vpcConfig.securityGroupIds":        cloud.Count(0, 5),
		"vpcConfig.subnetIds":               cloud.Count(0, 16),
	}
}

// notQueue matches the ARNs of everything that is no SQS queue.
var notQueue = regexp.MustCompile(`^arn:aws:([^s]|s[^q]|sq[^s])`)

func functionRefs() []cloud.Ref {
	nothing := func(format string) cloud.Error { return cloud.Error{Code: invalidFunction, Message: format} }
	letter := nothing("The provided dead letter target does not exist: ${value}")
	return []cloud.Ref{{
		Path: "role", Type: roleToken, By: "arn", Loose: true,
		NotFound: nothing("The role defined for the function cannot be assumed by Lambda."),
	}, {
		Path: "deadLetterConfig.targetArn", Type: queueToken, By: "arn", Loose: true, External: notQueue, NotFound: letter,
	}, {
		Path: "deadLetterConfig.targetArn", Type: topicToken, By: "arn", Loose: true, External: notTopic, NotFound: letter,
	}, {
		Path: "s3Bucket", Type: bucketToken, Loose: true,
		NotFound: nothing("Error occurred while GetObject. S3 Error Code: NoSuchBucket. S3 Error Message: The specified bucket " +
			"does not exist"),
	}, {
		Path: "vpcConfig.subnetIds[*]", Type: subnetToken,
		NotFound: nothing("Error occurred while DescribeSubnets. EC2 Error Code: InvalidSubnetID.NotFound. EC2 Error Message: " +
			"The subnet ID '${value}' does not exist"),
	}, {
		Path: "vpcConfig.securityGroupIds[*]", Type: securityGroupToken,
		NotFound: nothing("Error occurred while DescribeSecurityGroups. EC2 Error Code: InvalidGroup.NotFound. EC2 Error Message: " +
			"The security group '${value}' does not exist"),
	}}
}

// invocation is the ARN by which API Gateway invokes a function.
func invocation(arn string) string {
	return "arn:aws:apigateway:${region}:lambda:path/2015-03-31/functions/" + arn + "/invocations"
}

func functionFits(account cloud.Account, function *cloud.Resource) error {
	runtime := function.Text("runtime")
	switch {
	case runtime == "" || function.Text("handler") == "":
		return refuse(invalidFunction, "Runtime and Handler are mandatory parameters for functions created with deployment packages.")
	case slices.Contains(endedRuntimes, runtime):
		return refuse(invalidFunction, "The runtime parameter of %s is no longer supported for creating or updating AWS Lambda "+
			"functions. We recommend you use a supported runtime while creating or updating functions.", runtime)
	case function.Text("s3Bucket") != "" && function.Text("s3Key") == "":
		return refuse(invalidFunction, "Please provide a source for your function code: s3Bucket without s3Key.")
	case function.Text("loggingConfig.logFormat") != "JSON" &&
		function.Text("loggingConfig.applicationLogLevel")+function.Text("loggingConfig.systemLogLevel") != "":
		return refuse(invalidFunction, "Log levels can only be set for the JSON log format.")
	case len(function.Texts("vpcConfig.subnetIds[*]")) > 0 && len(function.Texts("vpcConfig.securityGroupIds[*]")) == 0:
		return refuse(invalidFunction, "SecurityGroupIds must be provided with SubnetIds.")
	}
	for _, fits := range []func(cloud.Account, *cloud.Resource) error{
		functionRoleFits, functionCodeFits, functionEnvironmentFits, reservedConcurrencyFits,
	} {
		if err := fits(account, function); err != nil {
			return err
		}
	}
	return nil
}

// functionRoleFits asks what Lambda asks of a function's role when it is created or changed: whether Lambda may assume
// it, and whether it may do what the function's configuration needs.
func functionRoleFits(account cloud.Account, function *cloud.Resource) error {
	arn := function.Text("role")
	if err := assumable(account, arn, "lambda.amazonaws.com", invalidFunction,
		"The role defined for the function cannot be assumed by Lambda: "); err != nil {
		return err
	}
	role, err := account.Find(roleToken, "arn", arn)
	if err != nil {
		return err
	}
	letters := function.Text("deadLetterConfig.targetArn")
	for _, need := range []struct {
		needed           bool
		managed          iam.ManagedPolicy
		action, callText string
	}{
		{
			function.Text("tracingConfig.mode") == "Active", iam.ManagedPolicyAWSXRayDaemonWriteAccess,
			"xray:PutTraceSegments", "PutTraceSegments on XRAY",
		},
		{
			len(function.Texts("vpcConfig.subnetIds[*]")) > 0, iam.ManagedPolicyAWSLambdaVPCAccessExecutionRole,
			"ec2:CreateNetworkInterface", "CreateNetworkInterface on EC2",
		},
		{strings.HasPrefix(letters, "arn:aws:sqs:"), "", "sqs:SendMessage", "SendMessage on SQS"},
		{strings.HasPrefix(letters, "arn:aws:sns:"), "", "sns:Publish", "Publish on SNS"},
	} {
		if !need.needed {
			continue
		}
		permitted, err := permits(account, role, need.managed, need.action)
		if err != nil {
			return err
		}
		if !permitted {
			return refuse(invalidFunction, "The provided execution role does not have permissions to call %s", need.callText)
		}
	}
	return nil
}

// functionCodeFits looks for code in S3, which Lambda reads at once.
func functionCodeFits(account cloud.Account, function *cloud.Resource) error {
	bucket, key := function.Text("s3Bucket"), function.Text("s3Key")
	if bucket == "" {
		return nil
	}
	object, err := account.Find(objectToken, "", bucket+"/"+key)
	if err == nil && object == nil {
		err = refuse(invalidFunction, "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified "+
			"key does not exist.")
	}
	return err
}

var (
	variableName = regexp.MustCompile(`^[a-zA-Z]\w+$`)
	// reservedVariables are those that Lambda sets (Lambda Developer Guide, "Defined runtime environment variables").
	reservedVariables = []string{
		"_HANDLER", "_X_AMZN_TRACE_ID", "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION", "AWS_EXECUTION_ENV",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_VERSION",
		"AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_LAMBDA_RUNTIME_API",
		"AWS_REGION", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "LAMBDA_RUNTIME_DIR", "LAMBDA_TASK_ROOT",
	}
)

// longestEnvironment is how much all environment variables of a function may hold together, in bytes.
const longestEnvironment = 4096

func functionEnvironmentFits(_ cloud.Account, function *cloud.Resource) error {
	const unable = "Lambda was unable to configure your environment variables because the environment variables you have provided "
	environment := function.Outputs["environment"]
	if !environment.IsObject() || !environment.ObjectValue()["variables"].IsObject() {
		return nil
	}
	size := 0
	variables := environment.ObjectValue()["variables"].ObjectValue()
	for _, name := range variables.StableKeys() {
		switch {
		case slices.Contains(reservedVariables, string(name)):
			return refuse(invalidFunction, unable+"contains reserved keys that are currently not supported for modification. "+
				"Reserved keys used in this request: %s", name)
		case !variableName.MatchString(string(name)):
			return refuse("ValidationException", "Value at 'environment.variables' failed to satisfy constraint: Map keys must "+
				"satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+: %s", name)
		}
		size += len(name) + len(variables[name].StringValue())
	}
	if size > longestEnvironment {
		return refuse(invalidFunction, unable+"exceeded the 4KB limit.")
	}
	return nil
}

const (
	// accountConcurrency is how many executions an account may have at once; a new one may begin with ten, and grows by itself
	// with use (Lambda Developer Guide, "Lambda quotas").
	accountConcurrency = 1000
	// leastUnreserved is what functions without a reservation keep among them.
	leastUnreserved = 100
)

func reservedConcurrencyFits(account cloud.Account, function *cloud.Resource) error {
	others, err := account.List(functionToken)
	if err != nil {
		return err
	}
	reserved := max(0, number(function, "reservedConcurrentExecutions"))
	if reserved == 0 {
		return nil
	}
	for _, other := range others {
		if other.ID != function.ID {
			reserved += max(0, number(other, "reservedConcurrentExecutions"))
		}
	}
	if accountConcurrency-reserved < leastUnreserved {
		return refuse(invalidFunction, "Specified ReservedConcurrentExecutions for function decreases account's "+
			"UnreservedConcurrentExecution below its minimum value of [%d].", leastUnreserved)
	}
	return nil
}

// latest is the version of a function that is still changed.
const latest = "$LATEST"

// publish keeps the code of a function that was created or changed, and gives it a version number if it is to be published.
func publish(_ cloud.Account, function *cloud.Resource) error {
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
	if function.Text("publish") == "true" && (before == nil || differs(before.Inputs, function.Inputs)) {
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

// differs tells whether a change makes a new version: one of its tags or its reservation does not.
func differs(before, after resource.PropertyMap) bool {
	diff := before.Diff(after, resource.IsInternalPropertyKey)
	return diff != nil && slices.ContainsFunc(diff.ChangedKeys(), func(changed resource.PropertyKey) bool {
		return changed != "tags" && changed != "reservedConcurrentExecutions"
	})
}

// codeOf is a function's deployment package. What is in S3 nobody reads offline: its place stands for it.
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

var (
	arnOfSomething = regexp.MustCompile(`^arn:`)
	nameAlone      = regexp.MustCompile(`^[^:]*$`)
)

// ofFunction refers to the function, by its name or ARN, that something is a part of.
func ofFunction(path string) []cloud.Ref {
	return []cloud.Ref{
		{Path: path, Type: functionToken, By: "name", Part: true, External: arnOfSomething},
		{Path: path, Type: functionToken, By: "arn", Part: true, External: nameAlone},
	}
}

// functionAt is the function that a property has the name or ARN of.
func functionAt(account cloud.Account, of *cloud.Resource, property string) (*cloud.Resource, error) {
	name := of.Text(property)
	return account.Find(functionToken, "name", name[strings.LastIndex(name, ":")+1:])
}

func permissionType() cloud.Type {
	return cloud.Type{
		Token:     permissionToken,
		Args:      lambda.PermissionArgs{},
		State:     lambda.Permission{},
		Service:   "Lambda",
		Operation: "AddPermission",
		Source: "CloudFormation resource schema AWS::Lambda::Permission; SDK doc; Lambda API Reference, AddPermission. A " +
			"statement id is unique to the function, where Lambda has it unique to the qualifier; the id has the function, which " +
			"the AWS provider's lacks",
		Name:      &cloud.Name{Property: "statementId", Max: 100, Pattern: regexp.MustCompile(`^[\w-]+$`)},
		ID:        "${function}/${statementId}",
		Required:  []string{"function"},
		Conflicts: [][]string{{"statementId", "statementIdPrefix"}},
		Values: map[string]cloud.Value{
			"action":              cloud.Match(`^lambda:([a-zA-Z]+|\*)$`, "an action of Lambda"),
			"eventSourceToken":    cloud.Match(`^[\w.-]{1,256}$`, "a token"),
			"functionUrlAuthType": cloud.OneOf("AWS_IAM", "NONE"),
			"principal":           cloud.Match(principal.String(), "an account, an ARN or a service"),
			"principalOrgId":      cloud.Match(`^o-[a-z0-9]{10,32}$`, "an organization's id"),
			"sourceAccount":       cloud.Match(`^\d{12}$`, "an account's number"),
			"sourceArn":           cloud.Match(`^arn:aws:[a-z0-9-]+:[a-z0-9-]*:(\d{12})?:.+$`, "an ARN"),
		},
		Computed: map[string]any{"statementId": "${statementIdPrefix}${digits26}"},
		Replace: []string{
			"action", "eventSourceToken", "function", "functionUrlAuthType", "principal", "principalOrgId", "qualifier",
			"sourceAccount", "sourceArn", "statementId", "statementIdPrefix",
		},
		Refs:   ofFunction("function"),
		Unique: [][]string{{"function", "statementId"}},
		Check: func(account cloud.Account, permission *cloud.Resource) error {
			if permission.Text("qualifier") == latest {
				return refuse(invalidFunction, "We currently do not support adding policies for $LATEST.")
			}
			return qualified(account, permission, "function", permission.Text("qualifier"))
		},
		NotFound: cloud.Error{Code: "ResourceNotFoundException", Message: "No policy is associated with the given resource."},
		Exists: cloud.Error{
			Code: "ResourceConflictException",
			Message: "The statement id (${statementId}) provided already exists. Please provide a new statement id, or remove the " +
				"existing statement.",
		},
	}
}

// qualified refuses a qualifier that is neither a version nor an alias of a function; "" qualifies nothing.
func qualified(account cloud.Account, of *cloud.Resource, property, qualifier string) error {
	function, err := functionAt(account, of, property)
	if err != nil || qualifier == "" || published(function, qualifier) {
		return err
	}
	alias, err := account.Find(aliasToken, "", function.Text("arn")+":"+qualifier)
	if err == nil && alias == nil {
		err = refuse("ResourceNotFoundException", "Function not found: %s:%s", function.Text("arn"), qualifier)
	}
	return err
}

// published tells whether a function has a version. Those before the last one are all there.
func published(function *cloud.Resource, version string) bool {
	wanted, err := strconv.Atoi(version)
	return version == latest || err == nil && wanted >= 1 && float64(wanted) <= number(function, "version")
}

func aliasType() cloud.Type {
	return cloud.Type{
		Token:     aliasToken,
		Args:      lambda.AliasArgs{},
		State:     lambda.Alias{},
		Service:   "Lambda",
		Operation: "CreateAlias",
		Change:    "UpdateAlias",
		Source: "CloudFormation resource schema AWS::Lambda::Alias; SDK doc; Lambda API Reference, CreateAlias. Weights of two " +
			"versions are left out",
		Name: &cloud.Name{Property: "name", Max: 128, Pattern: regexp.MustCompile(`^[\w-]*[A-Za-z_-][\w-]*$`)},
		ID:   "${arn}",
		Values: map[string]cloud.Value{
			"description":     cloud.Length(0, 256),
			"functionVersion": cloud.Match(`^(\$LATEST|[0-9]+)$`, "a version"),
			"routingConfig":   cloud.NotSimulated,
		},
		Computed: map[string]any{
			"arn":       "arn:aws:lambda:${region}:${account}:function:${functionName}:${name}",
			"invokeArn": invocation("${arn}"),
		},
		Replace: []string{"functionName", "name"},
		Refs:    []cloud.Ref{{Path: "functionName", Type: functionToken, By: "name", Part: true}},
		Unique:  [][]string{{"functionName", "name"}},
		Check: func(account cloud.Account, alias *cloud.Resource) error {
			function, err := functionAt(account, alias, "functionName")
			if err == nil && !published(function, alias.Text("functionVersion")) {
				err = refuse("ResourceNotFoundException", "Function not found: %s:%s", function.Text("arn"), alias.Text("functionVersion"))
			}
			return err
		},
		NotFound: cloud.Error{Code: "ResourceNotFoundException", Message: "Cannot find alias arn: ${value}"},
		Exists: cloud.Error{
			Code:    "ResourceConflictException",
			Message: "Alias already exists: arn:aws:lambda:${region}:${account}:function:${functionName}:${name}",
		},
	}
}
