package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"stagecraft/policy/rule"
)

func databasesInTransit() []rule.Rule {
	const fix = "Use a parameter group that requires TLS. The database then rejects clients that do not use TLS."
	return []rule.Rule{{
		Name:        "rds-parameters-require-tls",
		Description: "RDS parameter groups require clients to use TLS",
		Severity:    rule.Medium,
		Theme:       rule.Encryption,
		References:  []string{"FSBP RDS.41", "FSBP RDS.44", "WAF SEC09-BP02"},
		Fix:         "Set the parameter. The database then rejects clients that do not use TLS.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{rdsParameterGroup},
		Resource:    rule.When(familyOfInstances, parametersRequireTLS),
	}, {
		Name:        "rds-cluster-parameters-require-tls",
		Description: "RDS and Aurora cluster parameter groups require clients to use TLS",
		Severity:    rule.Medium,
		Theme:       rule.Encryption,
		References:  []string{"WAF SEC09-BP02"},
		Fix:         "Set the parameter. The cluster then rejects clients that do not use TLS.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{rdsClusterParameterGroup},
		Resource:    parametersRequireTLS,
	}, {
		Name:        "rds-default-parameters-require-tls",
		Description: "RDS databases use AWS's default parameter groups only if these require clients to use TLS",
		Severity:    rule.Medium,
		Theme:       rule.Encryption,
		References:  []string{"FSBP RDS.41", "FSBP RDS.44", "WAF SEC09-BP02"},
		Fix:         fix,
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{rdsInstance},
		Resource:    rule.When(ownsStorage, defaultsRequireTLS("parameterGroupName")),
	}, {
		Name:        "rds-cluster-default-parameters-require-tls",
		Description: "RDS and Aurora clusters use AWS's default parameter groups only if these require clients to use TLS",
		Severity:    rule.Medium,
		Theme:       rule.Encryption,
		References:  []string{"WAF SEC09-BP02"},
		Fix:         fix,
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{rdsCluster},
		Resource:    defaultsRequireTLS("dbClusterParameterGroupName"),
	}, {
		Name:        "rds-proxy-requires-tls",
		Description: "RDS proxies require clients to use TLS",
		Severity:    rule.Medium,
		Theme:       rule.Encryption,
		References:  []string{"FSBP RDS.43", "WAF SEC09-BP02"},
		Fix:         "Set requireTls to true.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{rdsProxy},
		Resource:    rule.True("requireTls"),
	}}
}

// tlsParameter is the parameter that makes an engine require TLS.
type tlsParameter struct {
	// engine is the prefix of the engine's name and of its parameter group families.
	engine, name string
	// since is the first version whose default parameter group requires TLS; 0 if none does.
	since float64
}

var tlsParameters = []tlsParameter{
	{"postgres", "rds.force_ssl", 15},
	{"mysql", "require_secure_transport", 0},
	{"mariadb", "require_secure_transport", 11.8},
	{"sqlserver", "rds.force_ssl", 0},
	{"aurora-postgresql", "rds.force_ssl", 17},
	{"aurora-mysql", "require_secure_transport", 0},
}

// tlsParameterOf reports false for engines that it does not know.
func tlsParameterOf(engine string) (tlsParameter, bool) {
	i := slices.IndexFunc(tlsParameters, func(parameter tlsParameter) bool { return strings.HasPrefix(engine, parameter.engine) })
	if i < 0 {
		return tlsParameter{}, false
	}
	return tlsParameters[i], true
}

// byDefault reports whether a version such as 17, 8.0 or 11.8.3 requires TLS by default. An unset version is a new one.
func (p tlsParameter) byDefault(version string) bool {
	parts := strings.SplitN(version, ".", 3)
	number, err := strconv.ParseFloat(strings.Join(parts[:min(len(parts), 2)], "."), 64)
	return p.since != 0 && (version == "" || err == nil && number >= p.since)
}

// familyOfInstances excludes groups for Aurora instances, because the cluster parameter group sets the parameter.
func familyOfInstances(r *rule.Resource) bool {
	return !strings.HasPrefix(r.Get("family").Text(), "aurora")
}

func parametersRequireTLS(r *rule.Resource) {
	family := r.Get("family").Text()
	parameter, known := tlsParameterOf(family)
	if !known {
		return
	}
	for _, set := range r.Get("parameters").List() {
		if name := set.Get("name"); name.Unknown() || name.Text() == parameter.name {
			requireValue(r, set.Get("value"), "1, as the parameter is "+parameter.name, func(value rule.Value) bool {
				return value.Text() == "1" || strings.EqualFold(value.Text(), "ON") || value.Is(true)
			})
			return
		}
	}
	if !parameter.byDefault(strings.TrimPrefix(family, parameter.engine)) {
		r.Report(fmt.Sprintf("parameters does not set %s: it must be 1", parameter.name))
	}
}

// defaultsRequireTLS evaluates databases without a custom parameter group.
func defaultsRequireTLS(group string) rule.Check {
	return func(r *rule.Resource) {
		version := r.Get("engineVersion")
		parameter, known := tlsParameterOf(r.Get("engine").Text())
		own := isSet(r.Get(group)) && !strings.HasPrefix(r.Get(group).Text(), "default.")
		if own || !known || version.Unknown() || parameter.byDefault(version.Text()) {
			return
		}
		// For instances of a cluster, the cluster's parameter group applies.
		if r.IsType(rdsInstance) && strings.HasPrefix(parameter.engine, "aurora") {
			return
		}
		r.ReportValue(r.Get(group), fmt.Sprintf("a parameter group in which %s is 1", parameter.name))
	}
}

func cachesInTransit() []rule.Rule {
	return []rule.Rule{{
		Name:        "elasticache-encrypted-in-transit",
		Description: "ElastiCache replication groups use TLS",
		Severity:    rule.Medium,
		Theme:       rule.Encryption,
		References:  []string{"FSBP ElastiCache.5", "WAF SEC09-BP02"},
		Fix:         "Set transitEncryptionEnabled to true. With transitEncryptionMode preferred, clients can move to TLS one at a time.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{elasticacheReplicationGroup},
		Resource:    rule.When(ownsCache, rule.True("transitEncryptionEnabled")),
	}, {
		Name:        "elasticache-cluster-encrypted-in-transit",
		Description: "ElastiCache clusters outside replication groups use TLS",
		Severity:    rule.Medium,
		Theme:       rule.Encryption,
		References:  []string{"WAF SEC09-BP02"},
		Fix:         "Set transitEncryptionEnabled to true. This replaces the cluster.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{elasticacheCluster},
		Resource:    rule.When(isUnset("replicationGroupId"), rule.True("transitEncryptionEnabled")),
	}}
}

func servicesInTransit() []rule.Rule {
	return []rule.Rule{{
		Name:        "apigatewayv2-integration-https",
		Description: "HTTP APIs call services on the internet by HTTPS",
		Severity:    rule.Medium,
		Theme:       rule.Encryption,
		References:  []string{"WAF SEC09-BP02"},
		Fix:         "Start integrationUri with https://.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{apigatewayv2Integration},
		Resource: rule.When(isOneOf("connectionType", "INTERNET", "INTERNET"),
			rule.Want("integrationUri", "a URL that starts with https://", func(address rule.Value) bool {
				return !strings.HasPrefix(strings.ToLower(address.Text()), "http://")
			})),
	}, {
		Name:        "ecs-efs-encrypted-in-transit",
		Description: "ECS tasks use TLS to access EFS",
		Severity:    rule.Medium,
		Theme:       rule.Encryption,
		References:  []string{"WAF SEC09-BP02"},
		Fix:         "Set transitEncryption to ENABLED.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{ecsTaskDefinition},
		Resource: forEach("volumes", func(r *rule.Resource, volume rule.Value) {
			if efs := volume.Get("efsVolumeConfiguration"); !efs.Absent() {
				requireValue(r, efs.Get("transitEncryption"), "ENABLED", func(is rule.Value) bool { return is.Text() == "ENABLED" })
			}
		}),
	}, {
		Name:        "sns-subscription-https",
		Description: "SNS delivers to web endpoints by HTTPS",
		Severity:    rule.Medium,
		Theme:       rule.Encryption,
		References:  []string{"WAF SEC09-BP02"},
		Fix:         "Set protocol to https, and endpoint to a URL that starts with https://.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{snsTopicSubscription},
		Resource: rule.Want("protocol", "https", func(protocol rule.Value) bool {
			return protocol.Text() != "http"
		}),
	}, {
		Name:        "acm-certificate-key-length",
		Description: "RSA certificates have keys of 2048 bits or more",
		Severity:    rule.High,
		Theme:       rule.Encryption,
		References:  []string{"FSBP ACM.2", "WAF SEC09-BP01"},
		Fix:         "Remove keyAlgorithm, or set it to RSA_2048 or an elliptic curve.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{acmCertificate},
		Resource: rule.Want("keyAlgorithm", "RSA_2048 or stronger", func(algorithm rule.Value) bool {
			return algorithm.Text() != "RSA_1024"
		}),
	}}
}
