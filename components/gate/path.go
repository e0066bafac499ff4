package gate

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Path is a way to the service that users are about to take. Every field is required unless a default is named.
type Path struct {
	// Name describes the path in messages, such as "the load balancer".
	Name string
	// Targets must be healthy in their target group. Default: nil, none is asked for.
	Targets *Targets
	// Service must have completed its deployment. Default: nil, none is asked for.
	Service *Service
	// DistributionID is a CloudFront distribution that must be deployed. Default: nil, none is asked for.
	DistributionID pulumi.StringInput
	// Request is what users will send, which must be answered with 200. Default: nil, what is healthy is enough.
	Request *Request
	// Today are the addresses that users have now. If one of them answers ReadinessPath with 200, the path must too.
	// Default: none, health is enough.
	Today []Address
	// ReadinessPath is where the service answers 200 when it can serve, such as "/api/ready". Required with Today.
	ReadinessPath string
	// Minutes is how long the path may take until it serves.
	Minutes int
	// Triggers ask again when they change, beside the path itself. Default: none.
	Triggers pulumi.StringMap
}

// Targets are the targets of a load balancer that must be healthy.
type Targets struct {
	// GroupArn is the target group.
	GroupArn pulumi.StringInput
	// IDs are the instances that must all be healthy. Default: nil, those of ScalingGroup, or any.
	IDs []pulumi.StringInput
	// ScalingGroup is the auto-scaling group whose instances must be healthy. Default: nil.
	ScalingGroup pulumi.StringInput
	// Least is how many must be healthy. Default: the number of IDs.
	Least int
}

// Service is an Amazon ECS service.
type Service struct {
	// ClusterName and Name identify the service.
	ClusterName, Name pulumi.StringInput
	// TaskDefinitionArn is the revision that must run. Default: nil, the one that the last release chose.
	TaskDefinitionArn pulumi.StringInput
	// Placeholder is the image that runs until the first release; it never replaces a service that users are served by
	// today. Default: "", none.
	Placeholder string
}

// Address is where a client connects, and the name that it asks for.
type Address struct {
	// Scheme is http or https.
	Scheme string
	// Host is the name in the request and in the certificate.
	Host pulumi.StringInput
	// Connect is the name or the address that the client connects to. Default: Host.
	Connect pulumi.StringInput
}

// Request is a request of a user.
type Request struct {
	Address
	// Path is the path that a serving path answers with 200, such as "/health".
	Path string
}

func (p *Path) validate() error {
	switch {
	case p.Name == "":
		return errors.New("the path must have a Name")
	case p.Minutes < 1:
		return fmt.Errorf("the path has %d Minutes: it must have 1 or more", p.Minutes)
	case len(p.Today) > 0 && p.ReadinessPath == "":
		return errors.New("ReadinessPath must be set with Today")
	case p.Targets == nil && p.Service == nil && p.DistributionID == nil && p.Request == nil:
		return errors.New("there is nothing to prove: set Targets, Service, DistributionID or Request")
	case p.Targets != nil && p.Targets.least() < 1:
		return errors.New("Targets.Least must be 1 or more without IDs")
	}
	return nil
}

// event returns the path as the function reads it (gate.py).
func (p *Path) event() pulumi.Map {
	event := pulumi.Map{"name": pulumi.String(p.Name)}
	if p.Targets != nil {
		event["targets"] = p.Targets.event()
	}
	if p.Service != nil {
		event["service"] = p.Service.event()
	}
	if p.DistributionID != nil {
		event["distribution"] = p.DistributionID
	}
	if p.Request != nil {
		request := p.Request.event()
		request["path"] = pulumi.String(p.Request.Path)
		event["request"] = request
	}
	if len(p.Today) > 0 {
		var today pulumi.Array
		for _, address := range p.Today {
			today = append(today, address.event())
		}
		event["today"], event["readinessPath"] = today, pulumi.String(p.ReadinessPath)
	}
	return event
}

func (t *Targets) least() int { return max(t.Least, len(t.IDs)) }

func (t *Targets) event() pulumi.Map {
	event := pulumi.Map{"group": t.GroupArn, "least": pulumi.Int(t.least())}
	if len(t.IDs) > 0 {
		event["ids"] = pulumi.StringArray(t.IDs)
	}
	if t.ScalingGroup != nil {
		event["scalingGroup"] = t.ScalingGroup
	}
	return event
}

func (s *Service) event() pulumi.Map {
	event := pulumi.Map{"cluster": s.ClusterName, "name": s.Name}
	if s.TaskDefinitionArn != nil {
		event["taskDefinition"] = s.TaskDefinitionArn
	}
	if s.Placeholder != "" {
		event["placeholder"] = pulumi.String(s.Placeholder)
	}
	return event
}

func (a Address) event() pulumi.Map {
	port, connect := httpPort, a.Connect
	if a.Scheme == "https" {
		port = httpsPort
	}
	if connect == nil {
		connect = a.Host
	}
	return pulumi.Map{
		"scheme": pulumi.String(a.Scheme), "host": a.Host, "connect": connect, "port": pulumi.Int(port),
	}
}

const (
	httpPort  = 80
	httpsPort = 443
)
