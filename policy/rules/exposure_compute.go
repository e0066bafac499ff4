package rules

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"stagecraft/policy/rule"
)

func exposedInstances() []rule.Rule {
	return []rule.Rule{{
		Name:        "ec2-imds-v2",
		Description: "Instance metadata, which includes credentials, requires a session token (IMDSv2)",
		Severity:    rule.High,
		Theme:       rule.Exposure,
		References:  []string{"FSBP EC2.8", "FSBP EC2.170", "FSBP AutoScaling.3", "CIS 3.0.0 5.6", "WAF SEC06-BP02"},
		Fix:         "Set metadataOptions.httpTokens to required.",
		Level:       policyx.EnforcementLevelMandatory,
		Types: []string{
			ec2Instance, ec2SpotInstanceRequest,
			ec2LaunchTemplate, ec2LaunchConfiguration,
		},
		Resource: func(r *rule.Resource) {
			if tokensOptional(r) {
				r.ReportValue(r.Get("metadataOptions.httpTokens"), "required")
			}
		},
		Remediation: func(r *rule.Resource) bool {
			if !tokensOptional(r) {
				return false
			}
			r.Set("metadataOptions.httpTokens", property.New("required"))
			return true
		},
	}, {
		Name:        "ec2-launch-no-public-address",
		Description: "Launch templates and launch configurations assign no public IP address to instances",
		Severity:    rule.High,
		Theme:       rule.Exposure,
		References:  []string{"FSBP EC2.25", "FSBP AutoScaling.5", "WAF SEC05-BP01"},
		Fix:         "Set associatePublicIpAddress to false, and reach instances through a load balancer.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{ec2LaunchTemplate, ec2LaunchConfiguration},
		Resource: rule.All(
			rule.False("associatePublicIpAddress", false),
			forEach("networkInterfaces", func(r *rule.Resource, networkInterface rule.Value) {
				if address := networkInterface.Get("associatePublicIpAddress"); address.Is(true) {
					r.ReportValue(address, "false")
				}
			}),
		),
	}, {
		// An instance without a load balancer is reached by its public IP address.
		Name:        "ec2-target-no-public-address",
		Description: "Instances behind a load balancer have no public IP address",
		Severity:    rule.High,
		Theme:       rule.Exposure,
		References:  []string{"FSBP EC2.9", "WAF SEC05-BP01"},
		Fix:         "Set associatePublicIpAddress to false, and launch the instance in a private subnet.",
		Level:       policyx.EnforcementLevelAdvisory,
		Stack:       targetsWithoutPublicAddress,
	}}
}

// tokensOptional excludes instances whose launch template sets the option, and instances without metadata.
func tokensOptional(r *rule.Resource) bool {
	options := r.Get("metadataOptions")
	if options.Absent() && !r.Get("launchTemplate").Absent() || options.Get("httpEndpoint").Text() == "disabled" {
		return false
	}
	tokens := options.Get("httpTokens")
	return !tokens.Unknown() && tokens.Text() != "required"
}

func targetsWithoutPublicAddress(s *rule.Stack) {
	attachments := s.ResourcesOfType(lbTargetGroupAttachment)
	for _, instance := range s.ResourcesOfType(ec2Instance) {
		address := instance.Get("associatePublicIpAddress")
		if address.Is(true) && slices.ContainsFunc(attachments, func(attachment *rule.Resource) bool {
			return s.IsReference(attachment, "targetId", instance)
		}) {
			instance.ReportValue(address, "false")
		}
	}
}

func exposedTasks() []rule.Rule {
	tasks := []string{ecsTaskDefinition}
	return []rule.Rule{{
		Name:        "ecs-no-public-address",
		Description: "ECS services and task sets assign no public IP address to tasks",
		Severity:    rule.High,
		Theme:       rule.Exposure,
		References:  []string{"FSBP ECS.2", "FSBP ECS.16", "WAF SEC05-BP01"},
		Fix:         "Set networkConfiguration.assignPublicIp to false, and run tasks in private subnets.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{ecsService, ecsTaskSet},
		Resource:    rule.False("networkConfiguration.assignPublicIp", false),
	}, {
		Name:        "ecs-no-privileged-containers",
		Description: "ECS containers do not run in privileged mode",
		Severity:    rule.High,
		Theme:       rule.Exposure,
		References:  []string{"FSBP ECS.4", "WAF SEC06-BP02"},
		Fix:         "Remove privileged.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       tasks,
		Resource:    containers("is privileged: privileged must be unset", func(c container) bool { return c.Privileged }),
	}, {
		Name:        "ecs-read-only-root",
		Description: "ECS containers cannot write to their root file system",
		Severity:    rule.High,
		Theme:       rule.Exposure,
		References:  []string{"FSBP ECS.5", "WAF SEC06-BP02"},
		Fix:         "Set readonlyRootFilesystem to true, and mount a volume where the program writes.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       tasks,
		Resource: rule.When(onLinux, containers("can write to its root file system: readonlyRootFilesystem must be true",
			func(c container) bool { return !c.ReadonlyRootFilesystem })),
	}, {
		// The image may set the user, which a task definition does not show.
		Name:        "ecs-no-root-user",
		Description: "ECS containers set a user other than root",
		Severity:    rule.Medium,
		Theme:       rule.Exposure,
		References:  []string{"WAF SEC06-BP02"},
		Fix:         "Set user to one other than root, such as 1000.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       tasks,
		Resource: rule.When(onLinux, containers("runs as root or sets no user: user must be another one",
			func(c container) bool { return slices.Contains([]string{"", "root", "0"}, userOf(c)) })),
	}, {
		Name:        "ecs-no-host-processes",
		Description: "ECS tasks do not share the process and memory namespaces of their host",
		Severity:    rule.High,
		Theme:       rule.Exposure,
		References:  []string{"FSBP ECS.3", "WAF SEC06-BP02"},
		Fix:         "Remove pidMode and ipcMode, or set them to task.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       tasks,
		Resource:    rule.All(notHost("pidMode"), notHost("ipcMode")),
	}, {
		// Agents that monitor a host need its network.
		Name:        "ecs-no-host-network",
		Description: "ECS tasks have their own network interface, and do not use their host's",
		Severity:    rule.High,
		Theme:       rule.Exposure,
		References:  []string{"FSBP ECS.1", "WAF SEC05-BP02"},
		Fix:         "Set networkMode to awsvpc.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       tasks,
		Resource:    notHost("networkMode"),
	}}
}

// userOf returns the user without the group.
func userOf(c container) string {
	user, _, _ := strings.Cut(c.User, ":")
	return user
}

func onLinux(r *rule.Resource) bool {
	system := r.Get("runtimePlatform.operatingSystemFamily")
	return !system.Unknown() && !strings.HasPrefix(system.Text(), "WINDOWS")
}

func notHost(path string) rule.Check {
	return rule.Want(path, "other than host", func(mode rule.Value) bool { return mode.Text() != "host" })
}

func exposedCode() []rule.Rule {
	return []rule.Rule{{
		// Some functions are meant to be public.
		Name:        "lambda-function-url-authorization",
		Description: "Function URLs require signed requests",
		Severity:    rule.High,
		Theme:       rule.Exposure,
		References:  []string{"WAF SEC03-BP07"},
		Fix:         "Set authorizationType to AWS_IAM. CloudFront signs its requests if the origin has an origin access control.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{lambdaFunctionURL},
		Resource:    rule.OneOf("authorizationType", "", "AWS_IAM"),
	}, {
		Name:        "ssm-document-not-public",
		Description: "Systems Manager documents are not shared publicly",
		Severity:    rule.Critical,
		Theme:       rule.Exposure,
		References:  []string{"FSBP SSM.4", "WAF SEC03-BP07"},
		Fix:         "List the accounts in permissions, or remove permissions.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{ssmDocument},
		Resource: rule.Want("permissions.account_ids", "a list of accounts", func(accounts rule.Value) bool {
			return !strings.EqualFold(accounts.Text(), "all")
		}),
	}, {
		// Image builds need privileged mode.
		Name:        "codebuild-no-privileged-builds",
		Description: "CodeBuild builds do not run in privileged mode, unless they build images",
		Severity:    rule.Low,
		Theme:       rule.Exposure,
		References:  []string{"WAF SEC06-BP02"},
		Fix:         "Remove privilegedMode, unless the build uses Docker to build images.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{codebuildProject},
		Resource:    rule.False("environment.privilegedMode", false),
	}, {
		Name:        "codebuild-project-private",
		Description: "Builds and their logs are not public",
		Severity:    rule.High,
		Theme:       rule.Exposure,
		References:  []string{"WAF SEC03-BP07"},
		Fix:         "Set projectVisibility to PRIVATE.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{codebuildProject},
		Resource:    rule.OneOf("projectVisibility", "PRIVATE", "PRIVATE"),
	}}
}

func exposedImages() []rule.Rule {
	return []rule.Rule{{
		Name:        "ecr-image-scanning",
		Description: "ECR images are scanned for vulnerabilities on push or by Inspector",
		Severity:    rule.High,
		Theme:       rule.Exposure,
		References:  []string{"FSBP ECR.1", "WAF SEC06-BP01"},
		Fix:         "Set imageScanningConfiguration.scanOnPush to true.",
		Level:       policyx.EnforcementLevelMandatory,
		Stack:       imagesScanned,
	}, {
		Name:        "ecr-immutable-tags",
		Description: "Tags of ECR images are immutable",
		Severity:    rule.Medium,
		Theme:       rule.Exposure,
		References:  []string{"FSBP ECR.2", "WAF SEC06-BP02"},
		Fix:         "Set imageTagMutability to IMMUTABLE, and give each image its own tag.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{ecrRepository},
		Resource:    rule.OneOf("imageTagMutability", "MUTABLE", "IMMUTABLE", "IMMUTABLE_WITH_EXCLUSION"),
	}}
}

// imagesScanned accepts all repositories if the stack enables registry scanning or Inspector.
func imagesScanned(s *rule.Stack) {
	registry := len(s.ResourcesOfType(ecrRegistryScanningConfiguration)) > 0
	inspector := slices.ContainsFunc(s.ResourcesOfType(inspector2Enabler), func(enabler *rule.Resource) bool {
		return slices.ContainsFunc(enabler.Get("resourceTypes").List(), func(scanned rule.Value) bool {
			return scanned.Unknown() || scanned.Text() == "ECR"
		})
	})
	if registry || inspector {
		return
	}
	for _, repository := range s.ResourcesOfType(ecrRepository) {
		rule.True("imageScanningConfiguration.scanOnPush")(repository)
	}
}
