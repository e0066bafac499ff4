package aws

import (
	"slices"

	"stagecraft/internal/offline/cloud"
)

// actionValues returns the allowed values of the actions of a listener or a rule, in the list of the given name
// (Elastic Load Balancing API Reference, Action and the types that it names).
func actionValues(list string) map[string]cloud.Value {
	values := map[string]cloud.Value{
		"authenticateCognito":         cloud.NotSimulated,
		"authenticateOidc":            cloud.NotSimulated,
		"fixedResponse.contentType":   cloud.OneOf("text/plain", "text/css", "text/html", "application/javascript", "application/json"),
		"fixedResponse.messageBody":   cloud.Length(0, 1024),
		"fixedResponse.statusCode":    cloud.Match(`^[245]\d\d$`, "a code such as 200, 403 or 503"),
		"forward.stickiness.duration": cloud.Range(1, 604800),
		// Application Load Balancers guide, quotas: target groups per action.
		"forward.targetGroups":           cloud.Count(1, 5),
		"forward.targetGroups[*].weight": cloud.Range(0, 999),
		"order":                          cloud.Range(1, 50000),
		"redirect.host":                  cloud.Length(1, 128),
		"redirect.path":                  cloud.All(cloud.Length(1, 128), cloud.Match(`^/`, "a path that begins with /")),
		"redirect.protocol":              cloud.OneOf("#{protocol}", "HTTP", "HTTPS"),
		"redirect.query":                 cloud.Length(0, 128),
		"redirect.statusCode":            cloud.OneOf("HTTP_301", "HTTP_302"),
		"type":                           cloud.OneOf("forward", "redirect", "fixed-response", "authenticate-cognito", "authenticate-oidc"),
	}
	ofList := make(map[string]cloud.Value, len(values))
	for path, value := range values {
		ofList[list+"[*]."+path] = value
	}
	return ofList
}

func actionRefs(list string) []cloud.Ref {
	return []cloud.Ref{
		{Path: list + "[*].targetGroupArn", Type: targetGroupToken},
		{Path: list + "[*].forward.targetGroups[*].arn", Type: targetGroupToken},
	}
}

// validateActions rejects actions without a destination, redirects to the listener itself, and target groups that the
// load balancer cannot use. For the default actions of a listener, both resources are the listener.
func validateActions(account cloud.Account, from *cloud.Resource, list string, listener *cloud.Resource) error {
	actions := from.Elements(list)
	if len(actions) != 1 {
		return apiError("InvalidLoadBalancerAction",
			"There must be one action of the type forward, redirect or fixed-response, and '%d' are specified", len(actions))
	}
	action := actions[0]
	switch kind := action.Text("type"); {
	case kind == "forward":
		return validateForward(account, action, listener)
	case kind == "redirect" && action.Text("redirect.statusCode") != "":
		return validateRedirect(action, listener)
	case kind == "fixed-response" && action.Text("fixedResponse.contentType") != "":
		if action.Text("fixedResponse.statusCode") == "" {
			return apiError("ValidationError", "A status code must be specified for the action type 'fixed-response'")
		}
		return nil
	default:
		return apiError("InvalidLoadBalancerAction", "The configuration of the action type '%s' must be specified", kind)
	}
}

// validateRedirect rejects a redirect to the listener itself.
func validateRedirect(action, listener *cloud.Resource) error {
	same := func(property string, values ...string) bool {
		return slices.Contains(append(values, ""), action.Text("redirect."+property))
	}
	if same("protocol", "#{protocol}", listener.Text("protocol")) && same("port", "#{port}", listener.Text("port")) &&
		same("host", "#{host}") && same("path", "/#{path}") && same("query", "#{query}") {
		return apiError("InvalidLoadBalancerAction", "The redirect configuration is not valid because it creates a loop.")
	}
	return nil
}

// validateForward rejects a forward without target groups, and target groups of another VPC, protocol or load balancer.
func validateForward(account cloud.Account, action, listener *cloud.Resource) error {
	one, several := action.Text("targetGroupArn"), action.Texts("forward.targetGroups[*].arn")
	switch {
	case one == "" && len(several) == 0:
		return apiError("ValidationError", "A target group ARN must be specified")
	case one != "" && len(several) > 0 && !slices.Equal(several, []string{one}):
		return apiError("InvalidLoadBalancerAction",
			"You cannot specify both a target group ARN and a forward config with other target groups")
	case one != "":
		several = []string{one}
	}
	balancer, err := account.Find(loadBalancerToken, "", listener.Text("loadBalancerArn"))
	if err != nil {
		return err
	}
	for _, arn := range several {
		group, err := account.Find(targetGroupToken, "", arn)
		if err != nil {
			return err
		}
		protocol := group.Text("protocol")
		switch {
		case group.Text("targetType") != "lambda" && group.Text("vpcId") != balancer.Text("vpcId"):
			return apiError("InvalidConfigurationRequest",
				"The following target groups are not in the same VPC as the load balancer: '%s'", arn)
		case protocol != "" && protocol != "HTTP" && protocol != "HTTPS":
			return apiError("IncompatibleProtocols", "The protocol '%s' of the target group '%s' is not supported by "+
				"application load balancers", protocol, arn)
		}
		users, err := balancersOf(account, arn)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(users, func(user string) bool { return user != balancer.ID }) {
			return apiError("TargetGroupAssociationLimit",
				"The following target groups cannot be associated with more than one load balancer: %s", arn)
		}
	}
	return nil
}

// balancersOf returns the load balancers whose listeners and rules forward to a target group.
func balancersOf(account cloud.Account, targetGroupArn string) ([]string, error) {
	listeners, err := account.List(listenerToken)
	if err != nil {
		return nil, err
	}
	rules, err := account.List(listenerRuleToken)
	if err != nil {
		return nil, err
	}
	var balancers []string
	for _, listener := range listeners {
		forwards := slices.Contains(targetGroupsOf(listener, "defaultActions"), targetGroupArn)
		for _, rule := range rules {
			forwards = forwards || rule.Text("listenerArn") == listener.ID &&
				slices.Contains(targetGroupsOf(rule, "actions"), targetGroupArn)
		}
		if forwards {
			balancers = append(balancers, listener.Text("loadBalancerArn"))
		}
	}
	return balancers, nil
}

func targetGroupsOf(from *cloud.Resource, list string) []string {
	return append(from.Texts(list+"[*].targetGroupArn"), from.Texts(list+"[*].forward.targetGroups[*].arn")...)
}
