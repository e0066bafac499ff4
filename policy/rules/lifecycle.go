package rules

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"stagecraft/policy/rule"
)

func lifecycle() []rule.Rule { return slices.Concat(versions(), upgrades()) }

func versions() []rule.Rule {
	return []rule.Rule{{
		Name:        "lambda-runtime-supported",
		Description: "Lambda functions use runtimes that AWS supports",
		Severity:    rule.Medium,
		Theme:       rule.Lifecycle,
		References:  []string{"FSBP Lambda.2", "WAF SEC06-BP01"},
		Fix:         "Move the function to a newer runtime.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{lambdaFunction},
		Resource:    notEnded("runtime", func(*rule.Resource) lastDays { return runtimeEnds }),
	}, {
		Name:        "lambda-layer-runtimes-supported",
		Description: "Lambda layers are for runtimes that AWS supports",
		Severity:    rule.Low,
		Theme:       rule.Lifecycle,
		References:  []string{"WAF SEC06-BP01"},
		Fix:         "List newer runtimes in compatibleRuntimes.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{lambdaLayerVersion},
		Resource:    notEnded("compatibleRuntimes", func(*rule.Resource) lastDays { return runtimeEnds }),
	}, {
		// AWS runs a database after the end of standard support for an extra charge, and an upgrade interrupts it.
		Name:        "rds-engine-supported",
		Description: "RDS databases run engine versions in standard support",
		Severity:    rule.Medium,
		Theme:       rule.Lifecycle,
		References:  []string{"WAF SEC06-BP01"},
		Fix:         "Raise engineVersion. AWS charges for extended support after the end of standard support.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{rdsInstance, rdsCluster},
		Resource:    notEnded("engineVersion", func(r *rule.Resource) lastDays { return engineEnds[r.Get("engine").Text()] }),
	}, {
		Name:        "elasticache-engine-supported",
		Description: "ElastiCache runs engine versions in standard support",
		Severity:    rule.Medium,
		Theme:       rule.Lifecycle,
		References:  []string{"WAF SEC06-BP01"},
		Fix:         "Raise engineVersion, or change the engine to valkey.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{elasticacheReplicationGroup, elasticacheCluster},
		Resource:    notEnded("engineVersion", cacheEnds),
	}, {
		Name:        "codebuild-image-supported",
		Description: "CodeBuild uses images that AWS still updates",
		Severity:    rule.Medium,
		Theme:       rule.Lifecycle,
		References:  []string{"WAF SEC06-BP01"},
		Fix:         "Use aws/codebuild/standard:7.0 or an image on Amazon Linux 2023, such as aws/codebuild/amazonlinux-x86_64-standard:5.0.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{codebuildProject},
		Resource: rule.Want("environment.image", "a newer image", func(image rule.Value) bool {
			return !oldImage.MatchString(image.Text())
		}),
	}, {
		Name:        "rds-certificate-authority-valid",
		Description: "RDS databases use a certificate authority that has not expired",
		Severity:    rule.Medium,
		Theme:       rule.Lifecycle,
		References:  []string{"WAF SEC09-BP01"},
		Fix:         "Install the new CA certificate on clients first, then set caCertIdentifier to rds-ca-rsa2048-g1.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{rdsInstance, rdsClusterInstance},
		Resource: rule.Want("caCertIdentifier", "rds-ca-rsa2048-g1 or newer", func(authority rule.Value) bool {
			return !slices.Contains([]string{"rds-ca-2010", "rds-ca-2015", "rds-ca-2019"}, authority.Text())
		}),
	}}
}

// lastDays are the last days of support by version. A version includes those below it: 5.7 includes 5.7.44.
type lastDays map[string]string

// runtimeEnds are the deprecation dates in "Lambda runtimes" of the AWS Lambda Developer Guide, as of November 2026.
var runtimeEnds = lastDays{
	"dotnet5.0": "2022-05-10", "dotnet6": "2024-12-20", "dotnet7": "2024-05-14", "dotnet8": "2026-11-10", "dotnet10": "2028-11-14",
	"dotnetcore1.0": "2019-06-27", "dotnetcore2.0": "2019-05-30", "dotnetcore2.1": "2022-01-05", "dotnetcore3.1": "2023-04-03",
	"go1.x": "2024-01-08",
	"java8": "2024-01-08", "java8.al2": "2027-06-30", "java11": "2027-06-30", "java17": "2027-06-30",
	"java8.al2023": "2029-06-30", "java11.al2023": "2029-06-30", "java17.al2023": "2029-06-30", "java21": "2029-06-30",
	"java25": "2029-06-30",
	"nodejs": "2016-10-31", "nodejs4.3": "2020-03-05", "nodejs4.3-edge": "2020-03-05", "nodejs6.10": "2019-08-12",
	"nodejs8.10": "2020-03-06", "nodejs10.x": "2021-07-30", "nodejs12.x": "2023-03-31", "nodejs14.x": "2023-12-04",
	"nodejs16.x": "2024-06-12", "nodejs18.x": "2025-09-01", "nodejs20.x": "2026-04-30", "nodejs22.x": "2027-04-30",
	"nodejs24.x": "2028-04-30",
	"provided":   "2024-01-08", "provided.al2": "2026-07-31", "provided.al2023": "2029-06-30",
	"python2.7": "2021-07-15", "python3.6": "2022-07-18", "python3.7": "2023-12-04", "python3.8": "2024-10-14",
	"python3.9": "2025-12-15", "python3.10": "2026-10-31", "python3.11": "2027-06-30", "python3.12": "2028-10-31",
	"python3.13": "2029-06-30", "python3.14": "2029-06-30",
	"ruby2.5": "2021-07-30", "ruby2.7": "2023-12-07", "ruby3.2": "2026-03-31", "ruby3.3": "2027-03-31", "ruby3.4": "2028-03-31",
	"ruby4.0": "2029-03-31",
}

// engineEnds are the ends of standard support by engine, as of November 2026: "Release calendars for Amazon RDS for
// PostgreSQL", "MySQL on Amazon RDS versions", "MariaDB on Amazon RDS versions", "Release calendars for Aurora
// PostgreSQL" and "Release calendars for Amazon Aurora MySQL". Versions that these no longer list (PostgreSQL 9 and 10,
// MySQL 5.6, MariaDB 10.2 and 10.3) are from endoflife.date, except MariaDB 10.2, for which no source is left.
var engineEnds = map[string]lastDays{
	"postgres": {
		"9": "2022-04-30", "10": "2023-04-17", "11": "2024-02-29", "12": "2025-02-28", "13": "2026-02-28", "14": "2027-02-28",
		"15": "2028-02-29", "16": "2029-02-28", "17": "2030-02-28",
	},
	"aurora-postgresql": {
		"9": "2022-04-30", "10": "2023-04-17", "11": "2024-02-29", "12": "2025-02-28", "13": "2026-02-28", "14": "2027-02-28",
		"15": "2028-02-29", "16": "2029-02-28", "17": "2030-02-28",
	},
	"mysql":        {"5.6": "2022-03-01", "5": "2024-02-29", "8.0": "2026-07-31", "8.4": "2029-07-31"},
	"aurora-mysql": {"5.6": "2023-02-28", "5": "2024-10-31", "8.0": "2028-04-30", "8.4": "2032-04-30"},
	"mariadb": {
		"10.2": "2022-10-15", "10.3": "2023-10-23", "10.4": "2025-02-28", "10.5": "2026-02-28", "10.6": "2026-07-31",
		"10.11": "2028-02-29", "11.4": "2029-05-31",
	},
}

// cacheEnds are from "Redis OSS Versions end of life schedule" and "Engine versions and upgrading in ElastiCache" of
// the Amazon ElastiCache User Guide, as of November 2026.
func cacheEnds(r *rule.Resource) lastDays {
	if engine := r.Get("engine"); !engine.Absent() && engine.Text() != "redis" {
		return nil
	}
	return lastDays{"2": "2023-01-13", "3": "2023-07-31", "4": "2026-01-31", "5": "2026-01-31", "6": "2027-01-31"}
}

// oldImage matches the images in "Deprecated CodeBuild images" of the AWS CodeBuild User Guide, as of November 2026,
// the older single-language images, and images on Ubuntu 20.04 and Amazon Linux 2, whose support ended in May 2025 and
// June 2026.
var oldImage = regexp.MustCompile(`^aws/codebuild/(standard:[1-5]\.|amazonlinux2-x86_64-standard:[1-4]\.|` +
	`amazonlinux2-aarch64-standard:[12]\.|(android-java-\d|docker|dot-net|eb-|golang|java|nodejs|php|python|ruby|ubuntu-base)[a-z0-9.-]*:)`)

// notEnded rejects versions whose last day of support has passed.
func notEnded(path string, table func(*rule.Resource) lastDays) rule.Check {
	return forEach(path, func(r *rule.Resource, version rule.Value) {
		if end := table(r).of(version.Text()); end != "" && end < time.Now().Format(time.DateOnly) {
			r.ReportValue(version, fmt.Sprintf("a newer version, because support ended on %s", end))
		}
	})
}

func (e lastDays) of(version string) string {
	for {
		if end, known := e[version]; known {
			return end
		}
		dot := strings.LastIndex(version, ".")
		if dot < 0 {
			return ""
		}
		version = version[:dot]
	}
}

func upgrades() []rule.Rule {
	return []rule.Rule{{
		Name:        "rds-auto-minor-version-upgrade",
		Description: "RDS installs minor versions, which contain fixes, automatically",
		Severity:    rule.High,
		Theme:       rule.Lifecycle,
		References:  []string{"FSBP RDS.13", "CIS 3.0.0 2.3.2", "WAF SEC06-BP03"},
		Fix:         "Set autoMinorVersionUpgrade to true, and set maintenanceWindow to a suitable time.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{rdsInstance, rdsClusterInstance},
		Resource:    rule.Bool("autoMinorVersionUpgrade", true, true),
	}, {
		Name:        "elasticache-auto-minor-version-upgrade",
		Description: "ElastiCache installs minor versions, which contain fixes, automatically",
		Severity:    rule.High,
		Theme:       rule.Lifecycle,
		References:  []string{"FSBP ElastiCache.2", "WAF SEC06-BP03"},
		Fix:         "Set autoMinorVersionUpgrade to true.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{elasticacheReplicationGroup, elasticacheCluster},
		Resource:    rule.Bool("autoMinorVersionUpgrade", true, true),
	}, {
		Name:        "ecs-fargate-platform-latest",
		Description: "ECS services run on the latest Fargate platform version",
		Severity:    rule.Medium,
		Theme:       rule.Lifecycle,
		References:  []string{"FSBP ECS.10", "WAF SEC06-BP03"},
		Fix:         "Set platformVersion to LATEST, or remove it.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{ecsService, ecsTaskSet},
		Resource:    rule.OneOf("platformVersion", "LATEST", "LATEST", "1.4.0"),
	}, {
		Name:        "autoscaling-launch-template",
		Description: "Auto Scaling groups use launch templates, because launch configurations get no new features",
		Severity:    rule.Medium,
		Theme:       rule.Lifecycle,
		References:  []string{"FSBP AutoScaling.9"},
		Fix:         "Replace launchConfiguration with launchTemplate or mixedInstancesPolicy.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{autoscalingGroup},
		Resource: rule.Want("launchConfiguration", "unset", func(configuration rule.Value) bool {
			return configuration.Text() == ""
		}),
	}}
}
