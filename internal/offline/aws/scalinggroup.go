package aws

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"strings"

	"stagecraft/internal/offline/cloud"
)

// The tags that AWS gives the instances of a group (EC2 Auto Scaling User Guide, "Tag Auto Scaling groups and instances").
const (
	groupTag           = "aws:autoscaling:groupName"
	templateIDTag      = "aws:ec2launchtemplate:id"
	templateVersionTag = "aws:ec2launchtemplate:version"
)

func scalingGroupFits(account cloud.Account, group *cloud.Resource) error {
	least, most := int(number(group, "minSize")), int(number(group, "maxSize"))
	if least > most {
		return refuse("ValidationError", "Max bound, %d, must be greater than or equal to min bound, %d", most, least)
	}
	if wanted := group.Inputs["desiredCapacity"]; wanted.IsNumber() &&
		(int(wanted.NumberValue()) < least || int(wanted.NumberValue()) > most) {
		return refuse("ValidationError", "Desired capacity:%d must be between the specified min size:%d and max size:%d",
			int(wanted.NumberValue()), least, most)
	}
	if len(group.Texts("vpcZoneIdentifiers[*]")) == 0 {
		return refuse("ValidationError", "At least one Availability Zone or VPC Subnet is required.")
	}
	template, version, err := templateOf(account, group)
	if err != nil {
		return err
	}
	if group.Text("instanceRefresh.preferences.autoRollback") == "true" &&
		(strings.HasPrefix(template.Text("imageId"), fromParameter) || version == "" || version[0] == '$') {
		return refuse("ValidationError", "The AutoRollback parameter cannot be set to true with a launch template whose "+
			"version is not a number, or whose AMI is a Systems Manager parameter.")
	}
	return groupTargetsFit(account, group)
}

// groupTargetsFit refuses target groups that do not take instances of the group's VPC.
func groupTargetsFit(account cloud.Account, group *cloud.Resource) error {
	subnet, err := account.Find(subnetToken, "", group.Text("vpcZoneIdentifiers[*]"))
	if err != nil {
		return err
	}
	for _, arn := range group.Texts("targetGroupArns[*]") {
		targets, err := account.Find(targetGroupToken, "", arn)
		if err != nil {
			return err
		}
		if targets.Text("targetType") != "instance" || targets.Text("vpcId") != subnet.Text("vpcId") {
			return refuse("ValidationError", "The target group %s does not take instances of %s", arn, subnet.Text("vpcId"))
		}
	}
	return nil
}

// templateOf is a group's launch template, and the version that the group names.
func templateOf(account cloud.Account, group *cloud.Resource) (*cloud.Resource, string, error) {
	version := group.Text("launchTemplate.version")
	template, err := account.Find(launchTemplateToken, "", group.Text("launchTemplate.id"))
	if err == nil && template == nil {
		template, err = account.Find(launchTemplateToken, "name", group.Text("launchTemplate.name"))
	}
	if err != nil {
		return nil, "", err
	}
	latest, fixed := int(number(template, "latestVersion")), template.Text("defaultVersion")
	named, numeric := strconv.Atoi(strings.NewReplacer("$Latest", strconv.Itoa(latest), "$Default", fixed).Replace(version))
	switch {
	case version == "":
		named, numeric = strconv.Atoi(fixed)
	case numeric != nil || named < 1 || named > latest:
		return nil, "", refuse("ValidationError", malformedTemplate+"Could not find the launch template version, %s, for the "+
			"specified launch template, with template ID %s.", version, template.ID)
	}
	if numeric != nil || named != latest {
		return nil, "", refuse("ValidationError", "version %s of launch template %s is not kept offline: only the latest, %d, is",
			version, template.ID, latest)
	}
	return template, version, nil
}

// scaleGroup brings a group to what it wants: as many instances as before, if it may still have as many, all of its
// template's latest version where it refreshes them, spread over its subnets, and registered with its target groups.
func scaleGroup(account cloud.Account, group *cloud.Resource) error {
	template, _, err := templateOf(account, group)
	if err != nil {
		return err
	}
	wanted := max(int(number(group, "minSize")), min(int(number(group, "desiredCapacity")), int(number(group, "maxSize"))))
	group.Set("desiredCapacity", wanted)
	instances, err := instancesOf(account, group)
	if err != nil {
		return err
	}
	var kept []*cloud.Resource
	for _, instance := range instances {
		if stays(group, template, instance) {
			kept = append(kept, instance)
		} else if err := account.Remove(instanceToken, instance.ID); err != nil {
			return err
		}
	}
	for len(kept) > wanted {
		ended := slices.IndexFunc(kept, func(instance *cloud.Resource) bool {
			return instance.Text("subnetId") == fullest(group, kept)
		})
		if err := account.Remove(instanceToken, kept[ended].ID); err != nil {
			return err
		}
		kept = slices.Delete(kept, ended, ended+1)
	}
	for len(kept) < wanted {
		launched, err := launchFrom(account, group, template, kept)
		if err != nil {
			return templateError(err)
		}
		kept = append(kept, launched)
	}
	if err := noteZones(account, group); err != nil {
		return err
	}
	return register(account, group, kept)
}

func instancesOf(account cloud.Account, group *cloud.Resource) ([]*cloud.Resource, error) {
	instances, err := account.List(instanceToken)
	return slices.DeleteFunc(instances, func(instance *cloud.Resource) bool {
		return instance.Text("tags."+groupTag) != group.Text("name")
	}), err
}

// stays tells whether an instance is where the group is, and need not be renewed.
func stays(group, template, instance *cloud.Resource) bool {
	current := instance.Text("tags."+templateIDTag) == template.ID &&
		instance.Text("tags."+templateVersionTag) == template.Text("latestVersion")
	refreshes := group.Text("instanceRefresh.strategy") != ""
	return slices.Contains(group.Texts("vpcZoneIdentifiers[*]"), instance.Text("subnetId")) && (current || !refreshes)
}

// byInstances orders subnets by how many of the instances are in each.
func byInstances(instances []*cloud.Resource) func(one, other string) int {
	count := map[string]int{}
	for _, instance := range instances {
		count[instance.Text("subnetId")]++
	}
	return func(one, other string) int { return count[one] - count[other] }
}

func fullest(group *cloud.Resource, instances []*cloud.Resource) string {
	return slices.MaxFunc(group.Texts("vpcZoneIdentifiers[*]"), byInstances(instances))
}

// launchFrom launches an instance into the subnet that has the fewest.
func launchFrom(
	account cloud.Account, group, template *cloud.Resource, others []*cloud.Resource,
) (*cloud.Resource, error) {
	emptiest := slices.MinFunc(group.Texts("vpcZoneIdentifiers[*]"), byInstances(others))
	subnet, err := account.Find(subnetToken, "", emptiest)
	if err != nil {
		return nil, err
	}
	instance := fromTemplate(template, subnet, map[string]any{
		groupTag: group.Text("name"), templateIDTag: template.ID, templateVersionTag: template.Text("latestVersion"),
	})
	// What it refers to must be there before it can be looked at.
	if err := account.Put(instanceToken, instance); err != nil {
		return nil, err
	}
	if err := instanceFits(account, instance); err != nil {
		return nil, err
	}
	if err := launchInstance(account, instance); err != nil {
		return nil, err
	}
	return instance, account.Put(instanceToken, instance)
}

// templateError says in a group's words what EC2 has against its template.
func templateError(err error) error {
	var said *cloud.APIError
	if errors.As(err, &said) {
		return refuse("ValidationError", malformedTemplate+"%s", said.Message)
	}
	return err
}

// noteZones tells a group in which zones its subnets are.
func noteZones(account cloud.Account, group *cloud.Resource) error {
	var zones []string
	for _, id := range group.Texts("vpcZoneIdentifiers[*]") {
		subnet, err := account.Find(subnetToken, "", id)
		if err != nil {
			return err
		}
		zones = append(zones, subnet.Text("availabilityZone"))
	}
	slices.Sort(zones)
	group.Set("availabilityZones", slices.Compact(zones))
	return nil
}

// register makes a group's instances targets of its target groups, and of no others.
func register(account cloud.Account, group *cloud.Resource, instances []*cloud.Resource) error {
	attachments, err := account.List(targetGroupAttachmentToken)
	if err != nil {
		return err
	}
	wanted := group.Texts("targetGroupArns[*]")
	for _, instance := range instances {
		missing := slices.Clone(wanted)
		for _, attachment := range attachments {
			targets := attachment.Text("targetGroupArn")
			switch {
			case attachment.Text("targetId") != instance.ID:
			case slices.Contains(wanted, targets):
				missing = slices.DeleteFunc(missing, func(arn string) bool { return arn == targets })
			default:
				if err := account.Remove(targetGroupAttachmentToken, attachment.ID); err != nil {
					return err
				}
			}
		}
		for _, arn := range missing {
			err := account.Put(targetGroupAttachmentToken, provided(newID(arn+"-"), map[string]any{
				"targetGroupArn": arn, "targetId": instance.ID,
			}))
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// endGroup ends a group's instances, and so their registrations.
func endGroup(account cloud.Account, group *cloud.Resource) error {
	instances, err := instancesOf(account, group)
	if err != nil {
		return err
	}
	for _, instance := range instances {
		if err := account.Remove(instanceToken, instance.ID); err != nil {
			return err
		}
	}
	return nil
}

// newID is an identifier of what AWS makes by itself.
func newID(prefix string) string {
	digits := make([]byte, 8)
	_, _ = rand.Read(digits) // never fails
	return prefix + hex.EncodeToString(digits)
}

const (
	tracking      = "targetTrackingConfiguration."
	trackedMetric = tracking + "predefinedMetricSpecification."
)

// groupPolicyFits refuses a label that does not name a load balancer with a target group of the group's.
func groupPolicyFits(account cloud.Account, policy *cloud.Resource) error {
	label := policy.Text(trackedMetric + "resourceLabel")
	if policy.Text(trackedMetric+"predefinedMetricType") != requestsPerTarget {
		if label != "" {
			return refuse("ValidationError", "A resource label is only for %s", requestsPerTarget)
		}
		return nil
	}
	parts := balancedGroup.FindStringSubmatch(label)
	if parts == nil {
		return refuse("ValidationError", "The resource label %q is not of the form "+
			"app/load-balancer-name/load-balancer-id/targetgroup/target-group-name/target-group-id", label)
	}
	targets, err := account.Find(targetGroupToken, "arnSuffix", parts[2])
	if err != nil {
		return err
	}
	group, err := account.Find(scalingGroupToken, "name", policy.Text("autoscalingGroupName"))
	if err != nil {
		return err
	}
	if targets == nil || !slices.Contains(group.Texts("targetGroupArns[*]"), targets.ID) {
		return refuse("ValidationError", "The target group of the resource label %s is not attached to the group", label)
	}
	balancer, err := account.Find(loadBalancerToken, "arnSuffix", parts[1])
	if err != nil {
		return err
	}
	routing, err := balancersOf(account, targets.ID)
	if err != nil {
		return err
	}
	if balancer == nil || !slices.Contains(routing, balancer.ID) {
		return refuse("ValidationError", "The load balancer does not route traffic to the target group of %s", label)
	}
	return nil
}

// scheduleFits refuses sizes that are none; -1 leaves a size as it is.
func scheduleFits(_ cloud.Account, schedule *cloud.Resource) error {
	least, most := number(schedule, "minSize"), number(schedule, "maxSize")
	switch {
	case least < 0 && most < 0 && number(schedule, "desiredCapacity") < 0:
		return refuse("ValidationError", "At least one of MinSize, MaxSize and DesiredCapacity must be specified")
	case most >= 0 && least > most:
		return refuse("ValidationError", "Min size %v is greater than max size %v", least, most)
	}
	return nil
}
