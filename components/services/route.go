package services

import (
	"cmp"
	"hash/fnv"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/loadbalancer"
	"stagecraft/internal/awslimits/elasticloadbalancing"
)

// Route is how a load balancer forwards requests to a service. Every field is required unless a default is named.
type Route struct {
	// ListenerArn is the load balancer's listener that receives the requests.
	ListenerArn pulumi.StringInput
	// ArnSuffix identifies the load balancer in CloudWatch, and SecurityGroupID is its security group.
	ArnSuffix, SecurityGroupID pulumi.StringInput
	// Paths are the patterns of the paths that the service serves, 1 to 3, such as "/api/users*": each begins with a slash
	// and has 128 characters at most, and together they have up to five wildcards.
	Paths []string
	// Priority is the rule's place among the listener's rules, 1 to 50000, the lowest first; no two rules may have the
	// same. Default: derived from the paths, the more specific first, and the service's name.
	Priority int
	// WeightedRoute forwards requests for the service's paths from another listener, too. Default: nil, none.
	WeightedRoute *WeightedRoute
	// OriginHeader is the header without which requests are not forwarded. Default: nil, none.
	OriginHeader *Header
}

// WeightedRoute divides a listener's requests between the service and another target group.
type WeightedRoute struct {
	// ListenerArn is the listener, and TargetGroupArn the target group that serves it otherwise. Required.
	ListenerArn, TargetGroupArn pulumi.StringInput
	// Percent is the percentage of the requests that the service gets, 0 to 100. Default: 0.
	Percent int
}

// Header is an HTTP header.
type Header struct {
	// Name is the header's name: 1 to 40 letters, digits, hyphens and underscores. Required.
	Name string
	// Values are the values that it may have, 1 or 2: while a secret changes, an old and a new one. Required.
	Values pulumi.StringArrayInput
}

const (
	// deregistrationDelay is how many seconds a task has to finish its requests before ECS stops it.
	deregistrationDelay = 30
	// prioritiesPerLength is how many of a listener's priorities all paths of one length share.
	prioritiesPerLength = 1000
)

// route is the target group of a service and the rule that forwards requests to it.
type route struct {
	targets *lb.TargetGroup
	rule    pulumi.Resource
}

// newRoute creates the target group of the tasks and the listener's rule that forwards requests to it.
func (m *Microservice) newRoute(ctx *pulumi.Context, args *Args, parent pulumi.ResourceOption) (route, error) {
	targets, err := loadbalancer.NewTargetGroup(ctx, m.name, &loadbalancer.TargetGroupArgs{
		VpcID:               args.VpcID,
		TargetType:          loadbalancer.IPTargets,
		Port:                Port,
		HealthCheckPath:     HealthPath,
		DeregistrationDelay: deregistrationDelay,
		Algorithm:           "least_outstanding_requests",
		Tags:                args.Tags,
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
	return route{targets, rule}, m.newWeightedRule(ctx, args, targets, parent)
}

// newWeightedRule creates the rule of WeightedRoute.
func (m *Microservice) newWeightedRule(
	ctx *pulumi.Context, args *Args, targets *lb.TargetGroup, parent pulumi.ResourceOption,
) error {
	weighted := args.Route.WeightedRoute
	if weighted == nil {
		return nil
	}
	_, err := lb.NewListenerRule(ctx, m.name+"-shift", &lb.ListenerRuleArgs{
		ListenerArn: weighted.ListenerArn,
		Priority:    pulumi.Int(args.Route.priority(m.name)),
		Conditions:  Route{Paths: args.Route.Paths}.conditions(),
		Actions: lb.ListenerRuleActionArray{lb.ListenerRuleActionArgs{
			Type: pulumi.String("forward"),
			Forward: lb.ListenerRuleActionForwardArgs{
				TargetGroups: lb.ListenerRuleActionForwardTargetGroupArray{
					lb.ListenerRuleActionForwardTargetGroupArgs{Arn: targets.Arn, Weight: pulumi.Int(weighted.Percent)},
					lb.ListenerRuleActionForwardTargetGroupArgs{
						Arn: weighted.TargetGroupArn, Weight: pulumi.Int(allRequests - weighted.Percent),
					},
				},
			},
		}},
		Tags: args.Tags,
	}, parent)
	return err
}

// allRequests is 100 percent.
const allRequests = 100

func (r Route) priority(name string) int { return cmp.Or(r.Priority, priority(name, r.Paths)) }

// conditions returns what a request must match to be forwarded.
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

// priority returns the default priority of a service's rules: the longer the part of its shortest path before a
// wildcard, the lower. Among services with paths of one length the name decides, so that no other service changes the
// priority.
func priority(name string, paths []string) int {
	shortest := elasticloadbalancing.MaxPriority/prioritiesPerLength - 1
	for _, path := range paths {
		literal, _, _ := strings.Cut(strings.ReplaceAll(path, "?", "*"), "*")
		shortest = min(shortest, len(literal))
	}
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(name)) // a hash takes everything
	offset := int(hash.Sum32() % prioritiesPerLength)
	return elasticloadbalancing.MaxPriority - (shortest+1)*prioritiesPerLength + offset + 1
}
