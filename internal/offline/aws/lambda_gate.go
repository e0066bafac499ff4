package aws

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"stagecraft/internal/offline/cloud"
)

// gateEvent is what the gate is called with (components/gate/gate.py).
type gateEvent struct {
	Name    string `json:"name"`
	Last    bool   `json:"last"`
	Targets *struct {
		Group        string   `json:"group"`
		IDs          []string `json:"ids"`
		ScalingGroup string   `json:"scalingGroup"`
		Least        int      `json:"least"`
	} `json:"targets"`
	Service *struct {
		Cluster, Name, TaskDefinition, Placeholder string
	} `json:"service"`
	Distribution  string        `json:"distribution"`
	Request       *gateRequest  `json:"request"`
	Today         []gateRequest `json:"today"`
	ReadinessPath string        `json:"readinessPath"`
}

// gateRequest is a request that a client sends.
type gateRequest struct {
	Scheme, Host, Connect, Path string
	Port                        int
}

// answer returns what the gate returns, or the error that it raises.
func (e *gateEvent) answer(account cloud.Account) (string, error) {
	network := requests{account}
	readyToday := slices.ContainsFunc(e.Today, func(address gateRequest) bool {
		address.Path = e.ReadinessPath
		return network.obstacle(address) == nil
	})
	var obstacle error
	for _, check := range []func(cloud.Account, bool) error{e.serviceServes, e.targetsServe, e.distributionServes, e.requestServes} {
		if obstacle = check(account, readyToday); obstacle != nil {
			break
		}
	}
	var never neverServes
	switch {
	case obstacle == nil:
		return `{"passed": true}`, nil
	case errors.As(obstacle, &never):
		return "", functionError("Never", e.Name+": "+never.Error())
	case e.Last:
		return "", functionError("NotServing", fmt.Sprintf("%s: %s. Nothing that depends on it was changed. Repair it, "+
			"or set back what you changed, and update again.", e.Name, obstacle))
	}
	result, err := json.Marshal(map[string]any{"passed": false, "reason": obstacle.Error()})
	return string(result), err
}

// functionError returns the error of the provider for a function that raised one.
func functionError(kind, message string) error {
	payload, err := json.Marshal(map[string]string{"errorMessage": message, "errorType": kind})
	if err != nil {
		return err
	}
	return fmt.Errorf("invoking Lambda Function: %s", payload)
}

// neverServes is an obstacle that no waiting removes.
type neverServes struct{ error }

func (e *gateEvent) targetsServe(account cloud.Account, _ bool) error {
	if e.Targets == nil {
		return nil
	}
	healthy, err := healthyTargets(account, e.Targets.Group)
	if err != nil {
		return err
	}
	count := 0
	for _, target := range healthy {
		switch {
		case e.Targets.ScalingGroup != "" && target.scalingGroup != e.Targets.ScalingGroup,
			len(e.Targets.IDs) > 0 && !slices.Contains(e.Targets.IDs, target.id):
		default:
			count += target.count
		}
	}
	if count < e.Targets.Least {
		return fmt.Errorf("%d of %d targets are healthy", count, e.Targets.Least)
	}
	return nil
}

func (e *gateEvent) serviceServes(account cloud.Account, readyToday bool) error {
	if e.Service == nil {
		return nil
	}
	service, err := account.Find(ecsServiceToken, "name", e.Service.Name)
	switch {
	case err != nil:
		return err
	case service == nil:
		return fmt.Errorf("the service %s does not exist", e.Service.Name)
	case account.Unhealthy(ecsServiceToken):
		return neverServes{fmt.Errorf("the service runs another revision, not %s: ECS rolled the deployment back",
			service.Text("taskDefinition"))}
	}
	released, err := isReleased(account, service, e.Service.Placeholder)
	if err != nil || released || !readyToday {
		return err
	}
	return neverServes{fmt.Errorf("nothing was released to the service, and users are served today")}
}

// isReleased reports whether a service runs another image than the placeholder.
func isReleased(account cloud.Account, service *cloud.Resource, placeholder string) (bool, error) {
	definition, err := account.Find(taskDefinitionToken, "arn", service.Text("taskDefinition"))
	if err != nil || definition == nil {
		return false, err
	}
	containers := definition.Text("containerDefinitions")
	return account.Released(ecsServiceToken) || placeholder == "" || !strings.Contains(containers, `"`+placeholder+`"`), nil
}

func (e *gateEvent) distributionServes(account cloud.Account, _ bool) error {
	if e.Distribution == "" {
		return nil
	}
	distribution, err := account.Find(distributionToken, "", e.Distribution)
	switch {
	case err != nil:
		return err
	case distribution == nil:
		return fmt.Errorf("the distribution %s does not exist", e.Distribution)
	case account.Unhealthy(distributionToken):
		return fmt.Errorf("the distribution %s is InProgress", e.Distribution)
	}
	return nil
}

func (e *gateEvent) requestServes(account cloud.Account, readyToday bool) error {
	if e.Request == nil {
		return nil
	}
	paths := []string{e.Request.Path}
	if readyToday {
		paths = append(paths, e.ReadinessPath)
	}
	for _, path := range paths {
		request := *e.Request
		request.Path = path
		if err := (requests{account}).obstacle(request); err != nil {
			return fmt.Errorf("%s://%s%s at %s: %w", request.Scheme, request.Host, path, request.Connect, err)
		}
	}
	return nil
}
