package aws

import (
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"

	"stagecraft/internal/offline/cloud"
)

const (
	patchBaselineToken = "aws:ssm/patchBaseline:PatchBaseline"
	patchGroupToken    = "aws:ssm/patchGroup:PatchGroup"
)

// patchFilters are the filter keys of Patch Manager, on any operating system (Systems Manager API Reference,
// "PatchFilter"), and amazonLinuxFilters the keys and values on Amazon Linux 2023 (Systems Manager User Guide, "How
// patch baseline rules work on Amazon Linux 2023").
var (
	date         = cloud.Match(`^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$`, "a date as YYYY-MM-DD")
	patchFilters = cloud.OneOf("ARCH", "ADVISORY_ID", "BUGZILLA_ID", "PATCH_SET", "PRODUCT", "PRODUCT_FAMILY",
		"CLASSIFICATION", "CVE_ID", "EPOCH", "MSRC_SEVERITY", "NAME", "PATCH_ID", "SECTION", "PRIORITY", "REPOSITORY",
		"RELEASE", "SEVERITY", "SECURITY", "VERSION")
	amazonLinuxFilters = map[string][]string{
		"PRODUCT":        {"*", "AmazonLinux2023", "AmazonLinux2023.0"},
		"CLASSIFICATION": {"*", "Security", "Bugfix", "Enhancement", "Recommended", "Newpackage"},
		"SEVERITY":       {"*", "Critical", "Important", "Medium", "Low"},
	}
)

func patchTypes() []cloud.Type {
	compliance := cloud.OneOf("CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNSPECIFIED")
	doesNotExist := cloud.Error{
		Code: "DoesNotExistException", Message: "Maintenance window or patch baseline ${value} doesn't exist.",
	}
	return []cloud.Type{{
		Token:     patchBaselineToken,
		Args:      ssm.PatchBaselineArgs{},
		State:     ssm.PatchBaseline{},
		Service:   "SSM",
		Operation: "CreatePatchBaseline",
		Change:    "UpdatePatchBaseline",
		Source:    "CloudFormation resource schema AWS::SSM::PatchBaseline; Systems Manager API Reference, CreatePatchBaseline",
		Name:      ssmName(),
		ID:        "pb-${hex17}",
		Values: map[string]cloud.Value{
			"approvalRules":                           cloud.Count(0, 10),
			"approvalRules[*].approveAfterDays":       cloud.Range(0, 360),
			"approvalRules[*].approveUntilDate":       date,
			"approvalRules[*].complianceLevel":        compliance,
			"approvalRules[*].patchFilters":           cloud.Count(1, 10),
			"approvalRules[*].patchFilters[*].key":    patchFilters,
			"approvalRules[*].patchFilters[*].values": cloud.Count(1, 20),
			"approvedPatches":                         cloud.Count(0, 50),
			"approvedPatchesComplianceLevel":          compliance,
			"description":                             cloud.Length(0, 1024),
			"globalFilters":                           cloud.Count(0, 4),
			"globalFilters[*].key":                    patchFilters,
			"globalFilters[*].values":                 cloud.Count(1, 20),
			"operatingSystem": cloud.OneOf("ALMA_LINUX", "AMAZON_LINUX", "AMAZON_LINUX_2", "AMAZON_LINUX_2022",
				"AMAZON_LINUX_2023", "CENTOS", "DEBIAN", "MACOS", "ORACLE_LINUX", "RASPBIAN", "REDHAT_ENTERPRISE_LINUX",
				"ROCKY_LINUX", "SUSE", "UBUNTU", "WINDOWS"),
			"rejectedPatches":       cloud.Count(0, 50),
			"rejectedPatchesAction": cloud.OneOf("ALLOW_AS_DEPENDENCY", "BLOCK"),
			"sources":               cloud.Count(0, 20),
		},
		Computed: map[string]any{
			"approvedPatchesComplianceLevel": "UNSPECIFIED",
			"arn":                            "arn:aws:ssm:${region}:${account}:patchbaseline/${id}",
			"operatingSystem":                "WINDOWS",
			"rejectedPatchesAction":          "ALLOW_AS_DEPENDENCY",
		},
		Replace:  []string{"operatingSystem"},
		Quota:    ssmQuota(50, ""),
		Check:    validatePatchBaseline,
		NotFound: doesNotExist,
		InUse: cloud.Error{
			Code: "ResourceInUseException", Message: "The patch baseline ${id} is registered with a patch group.",
		},
	}, {
		Token:     patchGroupToken,
		Args:      ssm.PatchGroupArgs{},
		State:     ssm.PatchGroup{},
		Service:   "SSM",
		Operation: "RegisterPatchBaselineForPatchGroup",
		Source:    "SDK doc; Systems Manager API Reference, RegisterPatchBaselineForPatchGroup",
		ID:        "${patchGroup},${baselineId}",
		Values: map[string]cloud.Value{
			"patchGroup": cloud.All(
				cloud.Length(1, 256), cloud.Match(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$`, "letters, digits, spaces or _.:/=+-@")),
		},
		Replace:  []string{"baselineId", "patchGroup"},
		Refs:     []cloud.Ref{{Path: "baselineId", Type: patchBaselineToken}},
		Quota:    ssmQuota(25, "baselineId"),
		Check:    validatePatchGroup,
		NotFound: doesNotExist,
	}}
}

func validatePatchBaseline(_ cloud.Account, baseline *cloud.Resource) error {
	for _, rule := range baseline.Elements("approvalRules") {
		if (rule.Text("approveAfterDays") == "") == (rule.Text("approveUntilDate") == "") {
			return apiError("ValidationException",
				"Exactly one of approveAfterDays and approveUntilDate must be set in an approval rule.")
		}
		if baseline.Text("operatingSystem") != "AMAZON_LINUX_2023" {
			continue
		}
		for _, filter := range rule.Elements("patchFilters") {
			allowed, known := amazonLinuxFilters[filter.Text("key")]
			if !known {
				return apiError("ValidationException",
					"Patch filter key %s is not supported for operating system AMAZON_LINUX_2023: %s",
					filter.Text("key"), strings.Join(slices.Sorted(maps.Keys(amazonLinuxFilters)), ", "))
			}
			for _, value := range filter.Texts("values[*]") {
				if !slices.Contains(allowed, value) {
					return apiError("ValidationException", "Patch filter value %s is not valid for key %s: %s",
						value, filter.Text("key"), strings.Join(allowed, ", "))
				}
			}
		}
	}
	return nil
}

// validatePatchGroup rejects a second baseline for the same operating system.
func validatePatchGroup(account cloud.Account, group *cloud.Resource) error {
	others, err := account.List(patchGroupToken)
	if err != nil {
		return err
	}
	baseline, err := account.Find(patchBaselineToken, "", group.Text("baselineId"))
	if err != nil {
		return err
	}
	for _, other := range others {
		registered, err := account.Find(patchBaselineToken, "", other.Text("baselineId"))
		if err != nil {
			return err
		}
		system := baseline.Text("operatingSystem")
		if other.ID != group.ID && other.Text("patchGroup") == group.Text("patchGroup") &&
			registered.Text("operatingSystem") == system {
			return apiError("AlreadyExistsException", "Patch Group %s already has a baseline registered for OperatingSystem %s.",
				group.Text("patchGroup"), system)
		}
	}
	return nil
}
