package aws

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

var minimalListenerRule = map[string]func(*testAccount) map[string]any{
	listenerRuleToken: func(a *testAccount) map[string]any {
		network := a.network("0")
		group := a.create(targetGroupToken, targetGroupInputs(network.vpc, "web"))
		inputs := listenerInputs(a.loadBalancer(network, "web"), group)
		return map[string]any{
			"listenerArn": a.create(listenerToken, inputs).id, "priority": 10,
			"actions": inputs["defaultActions"], "conditions": []any{pathCondition("/api/*")},
		}
	},
	listenerCertificateToken: func(a *testAccount) map[string]any {
		network := a.network("0")
		listener := listenerInputs(a.loadBalancer(network, "web"), a.create(targetGroupToken, targetGroupInputs(network.vpc, "web")))
		return map[string]any{
			"listenerArn": a.create(listenerToken, with(listener, map[string]any{
				"protocol": "HTTPS", "port": 443, "certificateArn": a.certificate("www.example.com"),
			})).id,
			"certificateArn": a.certificate("api.example.com"),
		}
	},
}

func pathCondition(paths ...any) map[string]any {
	return map[string]any{"pathPattern": map[string]any{"values": paths}}
}

func headerCondition(name string, values ...any) map[string]any {
	return map[string]any{"httpHeader": map[string]any{"httpHeaderName": name, "values": values}}
}

func fixedResponse(response map[string]any) []any {
	return []any{map[string]any{"type": "fixed-response", "fixedResponse": response}}
}

func TestActionInputsRejected(t *testing.T) {
	t.Parallel()
	action := func(property string, value map[string]any) map[string]any {
		return map[string]any{"actions": []any{map[string]any{"type": "forward", property: value}}}
	}
	groups := func(count int, weight float64) map[string]any {
		list := make([]any, count)
		for i := range list {
			list[i] = map[string]any{"arn": fmt.Sprint("arn:", i), "weight": weight}
		}
		return action("forward", map[string]any{"targetGroups": list})
	}
	response := func(property string, value any) map[string]any {
		return action("fixedResponse", with(
			map[string]any{"contentType": "text/plain", "statusCode": "403"}, map[string]any{property: value}))
	}
	redirect := func(property string, value any) map[string]any {
		return action("redirect", with(map[string]any{"statusCode": "HTTP_301"}, map[string]any{property: value}))
	}
	runInputRejections(t, []inputRejection{
		{listenerToken, "defaultActions[0].fixedResponse.statusCode", map[string]any{"defaultActions": fixedResponse(
			map[string]any{"contentType": "text/plain", "statusCode": "301"})}},
		{listenerRuleToken, "actions[0].fixedResponse.statusCode", response("statusCode", "99")},
		{listenerRuleToken, "actions[0].fixedResponse.contentType", response("contentType", "text/xml")},
		{listenerRuleToken, "actions[0].redirect.statusCode", redirect("statusCode", "HTTP_308")},
		{listenerRuleToken, "actions[0].redirect.protocol", redirect("protocol", "FTP")},
		{listenerRuleToken, "actions[0].redirect.path", redirect("path", "new")},
		{listenerRuleToken, "actions[0].forward.targetGroups", groups(0, 1)},
		{listenerRuleToken, "actions[0].forward.targetGroups", groups(6, 1)},
		{listenerRuleToken, "actions[0].forward.targetGroups[0].weight", groups(1, 1000)},
		{listenerRuleToken, "actions[0].authenticateOidc", action("authenticateOidc", map[string]any{
			"authorizationEndpoint": "https://a", "clientId": "a", "clientSecret": "a", "issuer": "a",
			"tokenEndpoint": "https://a", "userInfoEndpoint": "https://a",
		})},
	})
}

func TestListenerRuleInputsRejected(t *testing.T) {
	t.Parallel()
	conditions := func(condition map[string]any) map[string]any { return map[string]any{"conditions": []any{condition}} }
	values := func(property string, value any) map[string]any {
		return conditions(map[string]any{property: map[string]any{"values": []any{value}}})
	}
	runInputRejections(t, []inputRejection{
		{listenerRuleToken, "priority", map[string]any{"priority": 0}},
		{listenerRuleToken, "priority", map[string]any{"priority": 50001}},
		{listenerRuleToken, "conditions", map[string]any{"conditions": []any{}}},
		{listenerRuleToken, "conditions[0].pathPattern.values[0]", conditions(pathCondition("/a b"))},
		{listenerRuleToken, "conditions[0].hostHeader.values[0]", values("hostHeader", "a_b.example.com")},
		{listenerRuleToken, "conditions[0].httpRequestMethod.values[0]", values("httpRequestMethod", "get")},
		{listenerRuleToken, "conditions[0].sourceIp.values[0]", values("sourceIp", "192.0.2.1/24")},
		{listenerRuleToken, "conditions[0].httpHeader.httpHeaderName", conditions(headerCondition("X Header", "a"))},
		{listenerRuleToken, "conditions[0].httpHeader.values[0]", conditions(headerCondition("X-Header", ""))},
	})
}

func TestListenerRuleRejections(t *testing.T) {
	t.Parallel()
	conditions := func(list ...any) func(*testAccount) map[string]any {
		return but(listenerRuleToken, map[string]any{"conditions": list})
	}
	actions := func(list ...any) func(*testAccount) map[string]any {
		return but(listenerRuleToken, map[string]any{"actions": list})
	}
	const invalid = "ValidationError"
	runRejections(t, []rejection{
		{"another's priority", "PriorityInUse", listenerRuleToken, func(a *testAccount) map[string]any {
			inputs := minimal[listenerRuleToken](a)
			a.create(listenerRuleToken, inputs)
			return with(inputs, map[string]any{"conditions": []any{pathCondition("/other")}})
		}},
		{"six values", invalid, listenerRuleToken, conditions(
			pathCondition("/1", "/2", "/3", "/4"), headerCondition("X-Header", "5", "6"))},
		{"six wildcards", invalid, listenerRuleToken, conditions(pathCondition("/*/*/*/?", "/*/*"))},
		{"two paths conditions", invalid, listenerRuleToken, conditions(pathCondition("/a"), pathCondition("/b"))},
		{"condition without a value", invalid, listenerRuleToken, conditions(pathCondition())},
		{"condition of two fields", invalid, listenerRuleToken, conditions(
			with(pathCondition("/a"), headerCondition("X-Header", "a")))},
		{"host header as any other", invalid, listenerRuleToken, conditions(headerCondition("host", "a"))},
		{"no action", "InvalidLoadBalancerAction", listenerRuleToken, actions()},
		{"two actions", "InvalidLoadBalancerAction", listenerRuleToken, func(a *testAccount) map[string]any {
			inputs := minimal[listenerRuleToken](a)
			action := inputs["actions"].([]any)[0]
			return with(inputs, map[string]any{"actions": []any{action, action}})
		}},
		{"redirect to nowhere", "InvalidLoadBalancerAction", listenerRuleToken, actions(map[string]any{"type": "redirect"})},
		{"redirect to itself", "InvalidLoadBalancerAction", listenerRuleToken, actions(map[string]any{
			"type": "redirect", "redirect": map[string]any{"statusCode": "HTTP_301", "port": "80"},
		})},
		{"response of nothing", "InvalidLoadBalancerAction", listenerRuleToken, actions(
			map[string]any{"type": "fixed-response"})},
		{"response without a status", invalid, listenerRuleToken, actions(
			fixedResponse(map[string]any{"contentType": "text/plain"})...)},
		{"forward to nothing", invalid, listenerRuleToken, actions(map[string]any{"type": "forward"})},
		{
			"forward to two groups in two ways", "InvalidLoadBalancerAction", listenerRuleToken,
			func(a *testAccount) map[string]any {
				inputs := minimal[listenerRuleToken](a)
				network := a.network("1")
				other := a.create(targetGroupToken, targetGroupInputs(network.vpc, "other"))
				action := inputs["actions"].([]any)[0].(map[string]any)
				return with(inputs, map[string]any{"actions": []any{with(action, map[string]any{
					"forward": map[string]any{"targetGroups": []any{map[string]any{"arn": other.id}}},
				})}})
			},
		},
		{
			"a group that another load balancer's rule forwards to", "TargetGroupAssociationLimit", listenerRuleToken,
			func(a *testAccount) map[string]any {
				network := a.network("0")
				group := a.create(targetGroupToken, targetGroupInputs(network.vpc, "shared"))
				rule := func(name string) map[string]any {
					balancer := a.loadBalancer(network, name)
					own := a.create(targetGroupToken, targetGroupInputs(network.vpc, name))
					return map[string]any{
						"listenerArn": a.create(listenerToken, listenerInputs(balancer, own)).id, "priority": 1,
						"actions":    []any{map[string]any{"type": "forward", "targetGroupArn": group.id}},
						"conditions": []any{pathCondition("/")},
					}
				}
				a.create(listenerRuleToken, rule("one"))
				return rule("other")
			},
		},
	})
}

// TestListenerRules forwards to two target groups by weight, and returns a fixed response.
func TestListenerRules(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	network := account.network("0")
	blue := account.create(targetGroupToken, targetGroupInputs(network.vpc, "blue"))
	green := account.create(targetGroupToken, targetGroupInputs(network.vpc, "green"))
	listener := account.create(listenerToken, map[string]any{
		"loadBalancerArn": account.loadBalancer(network, "web").id, "port": 80, "protocol": "HTTP",
		"defaultActions": fixedResponse(map[string]any{
			"contentType": "text/plain", "messageBody": "No", "statusCode": "403",
		}),
	})
	rule := map[string]any{
		"listenerArn": listener.id,
		"actions": []any{map[string]any{"type": "forward", "forward": map[string]any{"targetGroups": []any{
			map[string]any{"arn": blue.id, "weight": 90}, map[string]any{"arn": green.id, "weight": 10},
		}}}},
		"conditions": []any{headerCondition("X-One", "a", "b"), headerCondition("X-Two", "c"), pathCondition("/*", "/*/?")},
	}
	first := account.create(listenerRuleToken, rule)
	require.Regexp(t, `^arn:aws:elasticloadbalancing:eu-west-1:\d+:listener-rule/app/web/[0-9a-f]{16}/[0-9a-f]{16}/[0-9a-f]{16}$`,
		first.id)
	require.Equal(t, first.id, first.text("arn"))
	require.InDelta(t, 1, first.outputs["priority"].NumberValue(), 0)
	second := account.create(listenerRuleToken, rule)
	require.InDelta(t, 2, second.outputs["priority"].NumberValue(), 0)
	moved, err := account.update(second, with(rule, map[string]any{"priority": 20}))
	require.NoError(t, err)
	require.InDelta(t, 20, moved["priority"].NumberValue(), 0)

	requireCode(t, "ResourceInUse", account.Delete(targetGroupToken, green.id))
	require.NoError(t, account.Delete(listenerToken, listener.id))
	require.False(t, account.exists(first), "rules go with their listener")
	require.NoError(t, account.Delete(targetGroupToken, green.id))
}

// TestListenerRuleQuota reaches the quota of a load balancer, which counts the rules of all its listeners.
func TestListenerRuleQuota(t *testing.T) {
	t.Parallel()
	account := newTestAccount(t)
	inputs := minimal[listenerRuleToken](account)
	last := account.create(listenerRuleToken, inputs)
	for i := range maxRules - 1 {
		account.create(listenerRuleToken, with(inputs, map[string]any{"priority": 100 + i}))
	}
	_, listener, err := account.Read(listenerToken, inputs["listenerArn"].(string))
	require.NoError(t, err)
	other := account.create(listenerToken, map[string]any{
		"loadBalancerArn": listener["loadBalancerArn"].StringValue(), "port": 81, "protocol": "HTTP",
		"defaultActions": inputs["actions"],
	})
	account.rejects("TooManyRules", listenerRuleToken, with(inputs, map[string]any{"listenerArn": other.id}))
	_, err = account.update(last, with(inputs, map[string]any{"priority": 11}))
	require.NoError(t, err, "a change is not one more")
}

func TestListenerCertificateRejections(t *testing.T) {
	t.Parallel()
	runRejections(t, []rejection{
		{"certificate of plain HTTP", "ValidationError", listenerCertificateToken, func(a *testAccount) map[string]any {
			return map[string]any{
				"listenerArn":    a.create(listenerToken, minimal[listenerToken](a)).id,
				"certificateArn": a.certificate("www.example.com"),
			}
		}},
		{
			"certificate that is not issued", "UnsupportedCertificate", listenerCertificateToken,
			func(a *testAccount) map[string]any {
				return with(minimal[listenerCertificateToken](a), map[string]any{
					"certificateArn": a.create(certificateToken, certificateInputs("other.example.com")).id,
				})
			},
		},
	})
}
