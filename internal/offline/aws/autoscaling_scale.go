package aws

import (
	"errors"
	"slices"

	"stagecraft/internal/offline/cloud"
)

// The tags that AWS adds to the instances of a group (EC2 Auto Scaling User Guide, "Tag Auto Scaling groups and
// instances").
const (
	groupTag           = "aws:autoscaling:groupName"
	templateIDTag      = "aws:ec2launchtemplate:id"
	templateVersionTag = "aws:ec2launchtemplate:version"
)

// scaleGroup updates a group's instances. It keeps their number within the group's limits, replaces those that an
// instance refresh replaces, spreads them over the subnets, and registers them with the target groups.
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
	var current []*cloud.Resource
	for _, instance := range instances {
		if isUpToDate(group, template, instance) {
			current = append(current, instance)
		} else if err := account.Remove(instanceToken, instance.ID); err != nil {
			return err
		}
	}
	for len(current) > wanted {
		ended := slices.IndexFunc(current, func(instance *cloud.Resource) bool {
			return instance.Text("subnetId") == fullestZone(group, current)
		})
		if err := account.Remove(instanceToken, current[ended].ID); err != nil {
			return err
		}
		current = slices.Delete(current, ended, ended+1)
	}
	for len(current) < wanted {
		launched, err := launchInstanceFrom(account, group, template, current)
		if err != nil {
			return templateError(err)
		}
		current = append(current, launched)
	}
	if err := setZones(account, group); err != nil {
		return err
	}
	return registerTargets(account, group, current)
}

func instancesOf(account cloud.Account, group *cloud.Resource) ([]*cloud.Resource, error) {
	instances, err := account.List(instanceToken)
	return slices.DeleteFunc(instances, func(instance *cloud.Resource) bool {
		return instance.Text("tags."+groupTag) != group.Text("name")
	}), err
}

// isUpToDate reports whether an instance is in one of the group's subnets and needs no replacement.
func isUpToDate(group, template, instance *cloud.Resource) bool {
	current := instance.Text("tags."+templateIDTag) == template.ID &&
		instance.Text("tags."+templateVersionTag) == template.Text("latestVersion")
	refreshes := group.Text("instanceRefresh.strategy") != ""
	return slices.Contains(group.Texts("vpcZoneIdentifiers[*]"), instance.Text("subnetId")) && (current || !refreshes)
}

// compareByInstances orders subnets by their number of instances.
func compareByInstances(instances []*cloud.Resource) func(one, other string) int {
	count := map[string]int{}
	for _, instance := range instances {
		count[instance.Text("subnetId")]++
	}
	return func(one, other string) int { return count[one] - count[other] }
}

func fullestZone(group *cloud.Resource, instances []*cloud.Resource) string {
	return slices.MaxFunc(group.Texts("vpcZoneIdentifiers[*]"), compareByInstances(instances))
}

// launchInstanceFrom launches an instance into the subnet that has the fewest.
func launchInstanceFrom(
	account cloud.Account, group, template *cloud.Resource, others []*cloud.Resource,
) (*cloud.Resource, error) {
	emptiest := slices.MinFunc(group.Texts("vpcZoneIdentifiers[*]"), compareByInstances(others))
	subnet, err := account.Find(subnetToken, "", emptiest)
	if err != nil {
		return nil, err
	}
	instance := instanceFromTemplate(template, subnet, map[string]any{
		groupTag: group.Text("name"), templateIDTag: template.ID, templateVersionTag: template.Text("latestVersion"),
	})
	// References must be resolved before validateInstance can read them.
	if err := account.Put(instanceToken, instance); err != nil {
		return nil, err
	}
	if err := validateInstance(account, instance); err != nil {
		return nil, err
	}
	if err := launchInstance(account, instance); err != nil {
		return nil, err
	}
	return instance, account.Put(instanceToken, instance)
}

// templateError returns the error of a group for an error of EC2 about its launch template.
func templateError(err error) error {
	var said *cloud.APIError
	if errors.As(err, &said) {
		return apiError("ValidationError", malformedTemplate+"%s", said.Message)
	}
	return err
}

// setZones sets the zones of a group from its subnets.
func setZones(account cloud.Account, group *cloud.Resource) error {
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

// registerTargets registers a group's instances with its target groups, and with no others.
func registerTargets(account cloud.Account, group *cloud.Resource, instances []*cloud.Resource) error {
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
			err := account.Put(targetGroupAttachmentToken, awsManaged(newID(arn+"-"), map[string]any{
				"targetGroupArn": arn, "targetId": instance.ID,
			}))
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// deleteGroupResources terminates a group's instances, which deregisters them.
func deleteGroupResources(account cloud.Account, group *cloud.Resource) error {
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
