package aws

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/offline/cloud"
	"stagecraft/internal/offline/store"
)

// gatedAccount is an account with a gate, a load balancer that listens on port 80, and a server behind it.
type gatedAccount struct {
	*testAccount

	function, balancer, group, listener, instance created
}

func newGatedAccount(t *testing.T, faults *cloud.Faults) gatedAccount {
	t.Helper()
	db := store.Open(t.TempDir())
	region, err := New(db, faults).Region(testRegion, nil)
	require.NoError(t, err)
	account := &testAccount{Region: region, t: t, db: db}
	network := account.network("0")
	gated := gatedAccount{testAccount: account}
	gated.function = account.create(functionToken, with(plainFunction(account), map[string]any{
		"runtime": "python3.13", "handler": "gate.handler",
	}))
	gated.balancer = account.loadBalancer(network, "main")
	gated.group = account.create(targetGroupToken, targetGroupInputs(network.vpc, "web"))
	gated.listener = account.create(listenerToken, listenerInputs(gated.balancer, gated.group))
	gated.instance = account.create(instanceToken, instanceInputs(network.subnets[0]))
	return gated
}

func (a gatedAccount) attach() {
	a.t.Helper()
	a.create(targetGroupAttachmentToken, map[string]any{"targetGroupArn": a.group.id, "targetId": a.instance.id})
}

// ask calls the gate, which is asked for the last time, and returns its result.
func (a gatedAccount) ask(event map[string]any) (string, error) {
	a.t.Helper()
	input, err := json.Marshal(with(map[string]any{"name": "the path", "last": true}, event))
	require.NoError(a.t, err)
	checked := a.check(invocationToken, map[string]any{"functionName": a.function.id, "input": string(input)})
	_, outputs, err := a.Create(a.t.Context(), invocationToken, urn(invocationToken), checked, false)
	if err != nil {
		return "", err
	}
	return outputs["result"].StringValue(), nil
}

func (a gatedAccount) targets(least int) map[string]any {
	return map[string]any{"targets": map[string]any{"group": a.group.id, "ids": []any{a.instance.id}, "least": least}}
}

func (a gatedAccount) request(path string, port int) map[string]any {
	dns := a.balancer.text("dnsName")
	return map[string]any{"scheme": "http", "host": dns, "connect": dns, "port": port, "path": path}
}

func TestGateTargets(t *testing.T) {
	t.Parallel()
	account := newGatedAccount(t, nil)
	_, err := account.ask(account.targets(1))
	require.ErrorContains(t, err, "the path: 0 of 1 targets are healthy. Nothing that depends on it was changed.")
	result, err := account.ask(with(account.targets(1), map[string]any{"last": false}))
	require.NoError(t, err)
	require.JSONEq(t, `{"passed": false, "reason": "0 of 1 targets are healthy"}`, result)

	account.attach()
	result, err = account.ask(account.targets(1))
	require.NoError(t, err)
	require.JSONEq(t, `{"passed": true}`, result)
	_, err = account.ask(account.targets(2))
	require.ErrorContains(t, err, "1 of 2 targets are healthy")

	require.NoError(t, account.Delete(listenerToken, account.listener.id))
	_, err = account.ask(account.targets(1))
	require.ErrorContains(t, err, "0 of 1 targets are healthy", "no listener uses the group")
}

func TestGateUnhealthyTargets(t *testing.T) {
	t.Parallel()
	for _, token := range []string{instanceToken, targetGroupAttachmentToken} {
		t.Run(token, func(t *testing.T) {
			t.Parallel()
			account := newGatedAccount(t, &cloud.Faults{Unhealthy: []string{token}})
			account.attach()
			_, err := account.ask(account.targets(1))
			require.ErrorContains(t, err, "0 of 1 targets are healthy")
			_, err = account.ask(map[string]any{"request": account.request("/health", 80)})
			require.ErrorContains(t, err, "503")
		})
	}
}

func TestGateRequests(t *testing.T) {
	t.Parallel()
	account := newGatedAccount(t, nil)
	account.attach()
	for want, request := range map[string]map[string]any{
		"": account.request("/health", 80),
		"/users at " + account.balancer.text("dnsName") + ": 404": account.request("/users", 80),
		"does not listen on port 81":                              account.request("/health", 81),
		"nowhere.example.com is nobody's address": with(account.request("/", 80), map[string]any{
			"connect": "nowhere.example.com",
		}),
	} {
		_, err := account.ask(map[string]any{"request": request})
		if want == "" {
			require.NoError(t, err)
		} else {
			require.ErrorContains(t, err, want)
		}
	}
}

// TestGateReadiness demands of a path what an address answers today.
func TestGateReadiness(t *testing.T) {
	t.Parallel()
	account := newGatedAccount(t, nil)
	account.attach()
	event := map[string]any{
		"request": account.request("/health", 80), "today": []any{account.request("", 80)}, "readinessPath": "/api/ready",
	}
	_, err := account.ask(event)
	require.NoError(t, err, "nothing was released")

	released := newGatedAccount(t, &cloud.Faults{Released: []string{instanceToken}})
	released.attach()
	event["today"] = []any{released.request("", 80)}
	event["request"] = released.request("/health", 80)
	_, err = released.ask(event)
	require.NoError(t, err)
	event["request"] = with(released.request("/health", 80), map[string]any{"connect": "192.0.2.1"})
	_, err = released.ask(event)
	require.ErrorContains(t, err, "192.0.2.1 is nobody's address")
}

func TestGateService(t *testing.T) {
	t.Parallel()
	gate := func(a *testAccount) gatedAccount {
		function := a.create(functionToken, with(plainFunction(a), map[string]any{"runtime": "python3.13", "handler": "gate.handler"}))
		return gatedAccount{testAccount: a, function: function}
	}
	account := gate(newTestAccount(t))
	service := account.ecsService()
	event := func(more map[string]any) map[string]any {
		return map[string]any{"service": with(map[string]any{"cluster": "main", "name": service.text("name")}, more)}
	}
	_, err := account.ask(event(nil))
	require.NoError(t, err)
	_, err = account.ask(map[string]any{"service": map[string]any{"cluster": "main", "name": "other"}})
	require.ErrorContains(t, err, "the service other does not exist")
}
