package aws

import (
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"

	"stagecraft/internal/offline/cloud"
)

const functionToken = "aws:lambda/function:Function"

var (
	runtimes = []string{
		"dotnet8", "dotnet10", "java8.al2", "java11", "java17", "java21", "java25", "nodejs20.x", "nodejs22.x", "nodejs24.x",
		"provided.al2", "provided.al2023", "python3.10", "python3.11", "python3.12", "python3.13", "python3.14", "ruby3.2",
		"ruby3.3", "ruby3.4",
	}
	// endedRuntimes are past the date from which Lambda rejects new functions.
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
			"invokeArn":                    invocationARN("${arn}"),
			"lastModified":                 "${now}",
			"memorySize":                   128,
			"packageType":                  "Zip",
			"publish":                      false,
			"reservedConcurrentExecutions": -1,
			"skipDestroy":                  false,
			"timeout":                      3,
		},
		UnknownOnUpdate: []string{"qualifiedArn", "qualifiedInvokeArn", "version"},
		Replace:         []string{"name", "packageType"},
		Refs:            functionRefs(),
		Unique:          [][]string{{"name"}},
		Check:           validateFunction,
		AfterWrite:      publishVersion,
		NotFound: cloud.Error{
			Code:    "ResourceNotFoundException",
			Message: "Function not found: arn:aws:lambda:${region}:${account}:function:${value}",
		},
		Exists: cloud.Error{Code: "ResourceConflictException", Message: "Function already exist: ${name}"},
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

// notQueue matches ARNs that are not of SQS queues.
var notQueue = regexp.MustCompile(`^arn:aws:([^s]|s[^q]|sq[^s])`)

func functionRefs() []cloud.Ref {
	nothing := func(format string) cloud.Error { return cloud.Error{Code: invalidFunction, Message: format} }
	letter := nothing("The provided dead letter target does not exist: ${value}")
	return []cloud.Ref{{
		Path: "role", Type: roleToken, TargetProperty: "arn", Weak: true,
		NotFound: nothing("The role defined for the function cannot be assumed by Lambda."),
	}, {
		Path: "deadLetterConfig.targetArn", Type: queueToken, TargetProperty: "arn", Weak: true, External: notQueue, NotFound: letter,
	}, {
		Path: "deadLetterConfig.targetArn", Type: topicToken, TargetProperty: "arn", Weak: true, External: notTopic, NotFound: letter,
	}, {
		Path: "s3Bucket", Type: bucketToken, Weak: true,
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

func validateFunction(account cloud.Account, function *cloud.Resource) error {
	runtime := function.Text("runtime")
	switch {
	case runtime == "" || function.Text("handler") == "":
		return apiError(invalidFunction, "Runtime and Handler are mandatory parameters for functions created with deployment packages.")
	case slices.Contains(endedRuntimes, runtime):
		return apiError(invalidFunction, "The runtime parameter of %s is no longer supported for creating or updating AWS Lambda "+
			"functions. We recommend you use a supported runtime while creating or updating functions.", runtime)
	case function.Text("s3Bucket") != "" && function.Text("s3Key") == "":
		return apiError(invalidFunction, "Please provide a source for your function code: s3Bucket without s3Key.")
	case function.Text("loggingConfig.logFormat") != "JSON" &&
		function.Text("loggingConfig.applicationLogLevel")+function.Text("loggingConfig.systemLogLevel") != "":
		return apiError(invalidFunction, "Log levels can only be set for the JSON log format.")
	case len(function.Texts("vpcConfig.subnetIds[*]")) > 0 && len(function.Texts("vpcConfig.securityGroupIds[*]")) == 0:
		return apiError(invalidFunction, "SecurityGroupIds must be provided with SubnetIds.")
	}
	for _, fits := range []func(cloud.Account, *cloud.Resource) error{
		validateFunctionRole, validateFunctionCode, validateFunctionEnvironment, validateReservedConcurrency,
	} {
		if err := fits(account, function); err != nil {
			return err
		}
	}
	return nil
}

// validateFunctionRole checks what Lambda checks of a function's role at each create and update: that Lambda may assume
// it, and that it has the permissions that the function's configuration needs.
func validateFunctionRole(account cloud.Account, function *cloud.Resource) error {
	arn := function.Text("role")
	if err := requireAssumable(account, arn, "lambda.amazonaws.com", invalidFunction,
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
		permitted, err := hasPermission(account, role, need.managed, need.action)
		if err != nil {
			return err
		}
		if !permitted {
			return apiError(invalidFunction, "The provided execution role does not have permissions to call %s", need.callText)
		}
	}
	return nil
}

// validateFunctionCode rejects code that is missing in S3, which Lambda reads immediately.
func validateFunctionCode(account cloud.Account, function *cloud.Resource) error {
	bucket, key := function.Text("s3Bucket"), function.Text("s3Key")
	if bucket == "" {
		return nil
	}
	object, err := account.Find(objectToken, "", bucket+"/"+key)
	if err == nil && object == nil {
		err = apiError(invalidFunction, "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified "+
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

// longestEnvironment is the maximum total size of a function's environment variables, in bytes.
const longestEnvironment = 4096

func validateFunctionEnvironment(_ cloud.Account, function *cloud.Resource) error {
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
			return apiError(invalidFunction, unable+"contains reserved keys that are currently not supported for modification. "+
				"Reserved keys used in this request: %s", name)
		case !variableName.MatchString(string(name)):
			return apiError("ValidationException", "Value at 'environment.variables' failed to satisfy constraint: Map keys must "+
				"satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+: %s", name)
		}
		size += len(name) + len(variables[name].StringValue())
	}
	if size > longestEnvironment {
		return apiError(invalidFunction, unable+"exceeded the 4KB limit.")
	}
	return nil
}

const (
	// accountConcurrency is the quota of concurrent executions; a new account may start with ten, and grows with use
	// (Lambda Developer Guide, "Lambda quotas").
	accountConcurrency = 1000
	// leastUnreserved is the concurrency that functions without a reservation share.
	leastUnreserved = 100
)

func validateReservedConcurrency(account cloud.Account, function *cloud.Resource) error {
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
		return apiError(invalidFunction, "Specified ReservedConcurrentExecutions for function decreases account's "+
			"UnreservedConcurrentExecution below its minimum value of [%d].", leastUnreserved)
	}
	return nil
}
