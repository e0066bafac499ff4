package aws

import (
	"errors"
	"fmt"
	"path"
	"slices"

	"stagecraft/internal/awslimits/elasticloadbalancing"
	"stagecraft/internal/offline/cloud"
)

// matches reports whether a pattern of an elastic load balancer or of CloudFront matches the request's path.
func (r gateRequest) matches(pattern string) bool {
	return elasticloadbalancing.Matches(pattern, r.Path)
}

// requests follows requests from the internet to what answers them.
type requests struct{ account cloud.Account }

// obstacle returns why a request is not answered with 200, or nil if it is.
func (r requests) obstacle(request gateRequest) error {
	host := request.Connect
	if record, err := r.record(host); err != nil {
		return err
	} else if record != "" {
		host = record
	}
	if distribution, err := r.account.Find(distributionToken, "domainName", host); err != nil || distribution != nil {
		return errors.Join(err, r.distributionObstacle(distribution, request))
	}
	if balancer, err := r.account.Find(loadBalancerToken, "dnsName", host); err != nil || balancer != nil {
		return errors.Join(err, r.loadBalancerObstacle(balancer, request))
	}
	address, err := r.account.Find(eipToken, "publicIp", host)
	if err != nil || address == nil {
		return errors.Join(err, fmt.Errorf("no answer: %s is nobody's address", host))
	}
	return r.addressObstacle(address, request)
}

// record returns what the A record of a name routes to, or "" without a record.
func (r requests) record(name string) (string, error) {
	records, err := r.account.List(recordToken)
	for _, record := range records {
		if record.Text("fqdn") != name || record.Text("type") != "A" {
			continue
		}
		if alias := record.Text("aliases[*].name"); alias != "" {
			return alias, nil
		}
		return record.Text("records[*]"), nil
	}
	return "", err
}

func (r requests) addressObstacle(address *cloud.Resource, request gateRequest) error {
	association, err := r.account.Find(eipAssociationToken, "allocationId", address.ID)
	if err != nil || association == nil {
		return errors.Join(err, errors.New("no answer: the address belongs to no instance"))
	}
	instance, err := r.account.Find(instanceToken, "", association.Text("instanceId"))
	switch {
	case err != nil:
		return err
	case instance == nil || r.account.Unhealthy(instanceToken):
		return errors.New("no answer: connection refused")
	}
	return r.readinessObstacle(instanceToken, request)
}

// readinessObstacle returns an error where a placeholder answers: it knows only the health check's path and the page.
func (r requests) readinessObstacle(token string, request gateRequest) error {
	if r.account.Released(token) || request.Path == "/" || path.Base(request.Path) == "health" {
		return nil
	}
	return errors.New("404")
}

func (r requests) loadBalancerObstacle(balancer *cloud.Resource, request gateRequest) error {
	listeners, err := r.account.List(listenerToken)
	if err != nil {
		return err
	}
	for _, listener := range listeners {
		if listener.Text("loadBalancerArn") == balancer.ID && listener.Text("port") == fmt.Sprint(request.Port) {
			return r.listenerObstacle(listener, request)
		}
	}
	return fmt.Errorf("no answer: the load balancer does not listen on port %d", request.Port)
}

func (r requests) listenerObstacle(listener *cloud.Resource, request gateRequest) error {
	rules, err := r.account.List(listenerRuleToken)
	if err != nil {
		return err
	}
	groups, action := targetGroupsOf(listener, "defaultActions"), listener.Text("defaultActions[*].type")
	for _, rule := range rules {
		patterns := rule.Texts("conditions[*].pathPattern.values[*]")
		if rule.Text("listenerArn") == listener.ID && slices.ContainsFunc(patterns, request.matches) {
			groups, action = targetGroupsOf(rule, "actions"), "forward"
		}
	}
	if action == "redirect" {
		return errors.New("301")
	}
	if len(groups) == 0 {
		return errors.New("403")
	}
	for _, group := range groups {
		healthy, err := healthyTargets(r.account, group)
		if err != nil || len(healthy) == 0 {
			return errors.Join(err, errors.New("503"))
		}
		if err := r.readinessObstacle(healthy[0].token, request); err != nil {
			return err
		}
	}
	return nil
}

func (r requests) distributionObstacle(distribution *cloud.Resource, request gateRequest) error {
	for _, behavior := range distribution.Elements("orderedCacheBehaviors") {
		if !request.matches(behavior.Text("pathPattern")) {
			continue
		}
		for _, origin := range distribution.Elements("origins") {
			if origin.Text("originId") == behavior.Text("targetOriginId") {
				return r.originObstacle(origin, request)
			}
		}
	}
	page, err := r.account.Find(objectToken, "key", "index.html")
	if err != nil || page == nil {
		return errors.Join(err, errors.New("403"))
	}
	return nil
}

func (r requests) originObstacle(origin *cloud.Resource, request gateRequest) error {
	scheme, port := "http", number(origin, "customOriginConfig.httpPort")
	if origin.Text("customOriginConfig.originProtocolPolicy") == "https-only" {
		scheme, port = "https", number(origin, "customOriginConfig.httpsPort")
	}
	host := origin.Text("domainName")
	return r.obstacle(gateRequest{Scheme: scheme, Host: host, Connect: host, Port: int(port), Path: request.Path})
}

// target is one or more targets of a target group that are healthy.
type target struct {
	// id is the instance, and token what runs it.
	id, token    string
	scalingGroup string
	count        int
}

// healthyTargets returns the targets that a load balancer finds healthy. Nothing is healthy in a group that no listener
// uses (Application Load Balancers guide, "Target health status").
func healthyTargets(account cloud.Account, group string) ([]target, error) {
	balancers, err := balancersOf(account, group)
	if err != nil || len(balancers) == 0 {
		return nil, err
	}
	instances, err := healthyInstances(account, group)
	if err != nil {
		return nil, err
	}
	services, err := account.List(ecsServiceToken)
	for _, service := range services {
		if slices.Contains(service.Texts("loadBalancers[*].targetGroupArn"), group) && !account.Unhealthy(ecsServiceToken) {
			instances = append(instances, target{token: ecsServiceToken, count: int(number(service, "desiredCount"))})
		}
	}
	return instances, err
}

// healthyInstances returns the registered instances that are healthy.
func healthyInstances(account cloud.Account, group string) ([]target, error) {
	attachments, err := account.List(targetGroupAttachmentToken)
	if err != nil || account.Unhealthy(targetGroupAttachmentToken) {
		return nil, err
	}
	var healthy []target
	for _, attachment := range attachments {
		if attachment.Text("targetGroupArn") != group {
			continue
		}
		instance, err := account.Find(instanceToken, "", attachment.Text("targetId"))
		if err != nil {
			return nil, err
		}
		if instance == nil {
			continue
		}
		scalingGroup := instance.Text("tags." + groupTag)
		if account.Unhealthy(instanceToken) || scalingGroup != "" && account.Unhealthy(scalingGroupToken) {
			continue
		}
		healthy = append(healthy, target{id: instance.ID, token: instanceToken, scalingGroup: scalingGroup, count: 1})
	}
	return healthy, nil
}
