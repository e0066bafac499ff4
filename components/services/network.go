package services

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const (
	httpsPort    = 443
	postgresPort = 5432
	cachePort    = 6379
	anywhere     = "0.0.0.0/0"
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

	in, err := vpc.NewSecurityGroupIngressRule(ctx, m.name+"-from-loadbalancer", &vpc.SecurityGroupIngressRuleArgs{
		SecurityGroupId:           m.SecurityGroupID,
		ReferencedSecurityGroupId: args.Route.SecurityGroupID,
		IpProtocol:                pulumi.String("tcp"),
		FromPort:                  pulumi.Int(Port),
		ToPort:                    pulumi.Int(Port),
		Description:               pulumi.String("Requests and health checks from the load balancer"),
		Tags:                      args.Tags,
	}, parent)
	if err != nil {
		return nil, err
	}
	out, err := vpc.NewSecurityGroupEgressRule(ctx, m.name+"-from-loadbalancer", &vpc.SecurityGroupEgressRuleArgs{
		SecurityGroupId:           args.Route.SecurityGroupID,
		ReferencedSecurityGroupId: m.SecurityGroupID,
		IpProtocol:                pulumi.String("tcp"),
		FromPort:                  pulumi.Int(Port),
		ToPort:                    pulumi.Int(Port),
		Description:               pulumi.String("Requests and health checks to the service " + m.name),
		Tags:                      args.Tags,
	}, parent)
	if err != nil {
		return nil, err
	}
	rules := []pulumi.Resource{in, out}
	for _, destination := range args.destinations() {
		rule, err := vpc.NewSecurityGroupEgressRule(ctx, m.name+"-to-"+destination.name, &vpc.SecurityGroupEgressRuleArgs{
			SecurityGroupId:           m.SecurityGroupID,
			ReferencedSecurityGroupId: destination.group,
			CidrIpv4:                  destination.cidr,
			IpProtocol:                pulumi.String("tcp"),
			FromPort:                  pulumi.Int(destination.port),
			ToPort:                    pulumi.Int(destination.port),
			Description:               pulumi.String(destination.why),
			Tags:                      args.Tags,
		}, parent)
		if err != nil {
			return nil, err
		}
		rules = append(rules, rule)
	}
	return rules, nil
}

// destination is where a service may connect to: a security group or a range of addresses.
type destination struct {
	name, why   string
	port        int
	group, cidr pulumi.StringPtrInput
}

// destinations returns where the service may connect to.
func (a *Args) destinations() []destination {
	list := []destination{{
		name: "internet", why: "HTTPS to registries and AWS", port: httpsPort, cidr: pulumi.String(anywhere),
	}}
	if a.DatabaseSecurityGroupID != nil {
		list = append(list, destination{
			name: "database", why: "PostgreSQL", port: postgresPort,
			group: a.DatabaseSecurityGroupID,
		})
	}
	if a.CacheSecurityGroupID != nil {
		list = append(list, destination{
			name: "cache", why: "The cache", port: cachePort,
			group: a.CacheSecurityGroupID,
		})
	}
	return list
}
