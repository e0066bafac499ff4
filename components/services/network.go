package services

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/securitygroup"
)

const (
	httpsPort    = 443
	postgresPort = 5432
	cachePort    = 6379
)

// newSecurityGroup creates the group and its rules, and returns the rules without which no task starts or answers.
func (m *Microservice) newSecurityGroup(
	ctx *pulumi.Context, args *Args, parent pulumi.ResourceOption,
) ([]pulumi.Resource, error) {
	group, err := ec2.NewSecurityGroup(ctx, m.name, &ec2.SecurityGroupArgs{
		VpcId:       args.VpcID,
		Description: pulumi.String("Service: HTTP from the load balancer, HTTPS and its data stores out"),
		Tags:        args.Tags,
	}, parent)
	if err != nil {
		return nil, err
	}
	m.SecurityGroupID = group.ID().ToStringOutput()

	in, err := securitygroup.NewIngress(ctx, m.name+"-from-loadbalancer", &securitygroup.Rule{
		SecurityGroupID: m.SecurityGroupID,
		PeerID:          args.Route.SecurityGroupID,
		Port:            Port,
		Description:     "Requests and health checks from the load balancer",
		Tags:            args.Tags,
	}, parent)
	if err != nil {
		return nil, err
	}
	out, err := securitygroup.NewEgress(ctx, m.name+"-from-loadbalancer", &securitygroup.Rule{
		SecurityGroupID: args.Route.SecurityGroupID,
		PeerID:          m.SecurityGroupID,
		Port:            Port,
		Description:     "Requests and health checks to the service " + m.name,
		Tags:            args.Tags,
	}, parent)
	if err != nil {
		return nil, err
	}
	rules := []pulumi.Resource{in, out}
	for _, destination := range args.destinations() {
		destination.rule.SecurityGroupID, destination.rule.Tags = m.SecurityGroupID, args.Tags
		rule, err := securitygroup.NewEgress(ctx, m.name+"-to-"+destination.name, &destination.rule, parent)
		if err != nil {
			return nil, err
		}
		rules = append(rules, rule)
	}
	return rules, nil
}

// destination is where a service may connect to.
type destination struct {
	name string
	rule securitygroup.Rule
}

// destinations returns where the service may connect to.
func (a *Args) destinations() []destination {
	list := []destination{{"internet", securitygroup.Rule{
		Description: "HTTPS to registries and AWS", PeerCIDR: pulumi.String(securitygroup.Anywhere), Port: httpsPort,
	}}}
	if a.DatabaseSecurityGroupID != nil {
		list = append(list, destination{"database", securitygroup.Rule{
			Description: "PostgreSQL", PeerID: a.DatabaseSecurityGroupID, Port: postgresPort,
		}})
	}
	if a.CacheSecurityGroupID != nil {
		list = append(list, destination{"cache", securitygroup.Rule{
			Description: "The cache", PeerID: a.CacheSecurityGroupID, Port: cachePort,
		}})
	}
	return list
}
