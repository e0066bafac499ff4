package services

import (
	"cmp"
	"hash/fnv"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Route is a way from a load balancer to a service. Every field is required unless a default is named.
type Route struct {
	// ListenerArn is the load balancer's listener that gets the requests.
	ListenerArn pulumi.StringInput
	// ArnSuffix and SecurityGroupID are the load balancer's, as CloudWatch and the network know it.
	ArnSuffix, SecurityGroupID pulumi.StringInput
	// Paths are which requests the service gets, 1 to 3 patterns such as "/api/users*".
	Paths []string
	// Priority orders the listener's rules, 1 to 50000, the lowest first; no two may have the same. Default: one by the
	// paths, the more specific first, that changes only with them and the service's name.
	Priority int
	// Shift sends requests to the service's paths from another listener, too. Default: nil, none.
	Shift *Shift
	// OriginHeader is what requests must carry to be let in. Default: nil, any request.
	OriginHeader *Header
}

// Shift takes requests over from what serves a listener, part by part.
type Shift struct {
	// ListenerArn is the listener, and TargetGroupArn what serves it so far.
	ListenerArn, TargetGroupArn pulumi.StringInput
	// Percent is how many of 100 requests the service gets, 0 to 100.
	Percent int
}

// Header is an HTTP header.
type Header struct {
	// Name is the header's name.
	Name string
	// Values are what it may hold, 1 or 2: while a secret changes there are an old and a new one.
	Values pulumi.StringArrayInput
}

const (
	// deregistrationDelay is how many seconds requests have to end before their task is told to stop.
	deregistrationDelay = 30
	// priorities are those of a listener, and of all paths of the same length (Elastic Load Balancing API Reference,
	// CreateRule).
	maxPriority, prioritiesPerLength = 50000, 1000
)

// route is what leads to a service.
type route struct {
	targets *lb.TargetGroup
	rule    pulumi.Resource
}

// newRoute takes a task out after three failures, 45 seconds, and back in after two successes.
func (m *Microservice) newRoute(ctx *pulumi.Context, args *Args, parent pulumi.ResourceOption) (route, error) {
	targets, err := lb.NewTargetGroup(ctx, m.name, &lb.TargetGroupArgs{
		VpcId:                      args.VpcID,
		TargetType:                 pulumi.String("ip"),
		Protocol:                   pulumi.String("HTTP"),
		Port:                       pulumi.Int(Port),
		DeregistrationDelay:        pulumi.Int(deregistrationDelay),
		LoadBalancingAlgorithmType: pulumi.String("least_outstanding_requests"),
		HealthCheck: lb.TargetGroupHealthCheckArgs{
			Enabled:            pulumi.Bool(true),
			Protocol:           pulumi.String("HTTP"),
			Path:               pulumi.String(HealthPath),
			Matcher:            pulumi.String("200"),
			Interval:           pulumi.Int(15),
			Timeout:            pulumi.Int(5),
			HealthyThreshold:   pulumi.Int(2),
			UnhealthyThreshold: pulumi.Int(3),
		},
		Stickiness: lb.TargetGroupStickinessArgs{Type: pulumi.String("lb_cookie"), Enabled: pulumi.Bool(false)},
		Tags:       args.Tags,
	}, parent)
	if err != nil {
		return route{}, err
	}
	m.TargetGroupArn = targets.Arn

	rule, err := lb.NewListenerRule(ctx, m.name, &lb.ListenerRuleArgs{
		ListenerArn: args.Route.ListenerArn,
		Priority:    pulumi.Int(args.Route.priority(m.name)),
		Conditions:  args.Route.conditions(),
		Actions: lb.ListenerRuleActionArray{lb.ListenerRuleActionArgs{
			Type: pulumi.String("forward"), TargetGroupArn: targets.Arn,
		}},
		Tags: args.Tags,
	}, parent)
	if err != nil {
		return route{}, err
	}
	return route{targets, rule}, m.newShift(ctx, args, targets, parent)
}

// newShift makes the rule by which requests move over.
func (m *Microservice) newShift(
	ctx *pulumi.Context, args *Args, targets *lb.TargetGroup, parent pulumi.ResourceOption,
) error {
	shift := args.Route.Shift
	if shift == nil {
		return nil
	}
	_, err := lb.NewListenerRule(ctx, m.name+"-shift", &lb.ListenerRuleArgs{
		ListenerArn: shift.ListenerArn,
		Priority:    pulumi.Int(args.Route.priority(m.name)),
		Conditions:  Route{Paths: args.Route.Paths}.conditions(),
		Actions: lb.ListenerRuleActionArray{lb.ListenerRuleActionArgs{
			Type: pulumi.String("forward"),
			Forward: lb.ListenerRuleActionForwardArgs{
				TargetGroups: lb.ListenerRuleActionForwardTargetGroupArray{
					lb.ListenerRuleActionForwardTargetGroupArgs{Arn: targets.Arn, Weight: pulumi.Int(shift.Percent)},
					lb.ListenerRuleActionForwardTargetGroupArgs{Arn: shift.TargetGroupArn, Weight: pulumi.Int(allRequests - shift.Percent)},
				},
			},
		}},
		Tags: args.Tags,
	}, parent)
	return err
}

// allRequests are 100 of 100.
const allRequests = 100

func (r Route) priority(name string) int { return cmp.Or(r.Priority, priority(name, r.Paths)) }

func (r Route) conditions() lb.ListenerRuleConditionArray {
	conditions := lb.ListenerRuleConditionArray{lb.ListenerRuleConditionArgs{
		PathPattern: lb.ListenerRuleConditionPathPatternArgs{Values: pulumi.ToStringArray(r.Paths)},
	}}
	if r.OriginHeader != nil {
		conditions = append(conditions, lb.ListenerRuleConditionArgs{
			HttpHeader: lb.ListenerRuleConditionHttpHeaderArgs{
				HttpHeaderName: pulumi.String(r.OriginHeader.Name),
				Values:         r.OriginHeader.Values,
			},
		})
	}
	return conditions
}

// priority puts a longer beginning of a path first, by the shortest of a service's own, and services whose paths are
// alike in an order that no other service changes.
func priority(name string, paths []string) int {
	shortest := maxPriority/prioritiesPerLength - 1
	for _, path := range paths {
		literal, _, _ := strings.Cut(strings.ReplaceAll(path, "?", "*"), "*")
		shortest = min(shortest, len(literal))
	}
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(name)) // a hash takes everything
	place := int(hash.Sum32() % prioritiesPerLength)
	return maxPriority - (shortest+1)*prioritiesPerLength + place + 1
}
