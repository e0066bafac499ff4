package web

import (
	"fmt"

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

// AllowFrom allows the members of a security group, such as a load balancer, to connect to the instances; source names
// them.
func (w *Web) AllowFrom(ctx *pulumi.Context, source string, securityGroupID pulumi.StringInput) error {
	_, err := vpc.NewSecurityGroupIngressRule(ctx, w.name+"-from-"+source, &vpc.SecurityGroupIngressRuleArgs{
		SecurityGroupId:           w.SecurityGroupID,
		ReferencedSecurityGroupId: securityGroupID,
		IpProtocol:                pulumi.String("tcp"),
		FromPort:                  pulumi.Int(Port),
		ToPort:                    pulumi.Int(Port),
		Description:               pulumi.String("HTTP from " + source),
		Tags:                      w.tags,
	}, pulumi.Parent(w))
	return err
}

// newSecurityGroup creates the group and its rules, and returns the rules by which an instance connects to others. The
// group's own inputs are the same with and without Public, since a change of any would replace the group.
func (w *Web) newSecurityGroup(
	ctx *pulumi.Context, args *Args, parent pulumi.ResourceOption,
) ([]pulumi.Resource, error) {
	group, err := ec2.NewSecurityGroup(ctx, w.name, &ec2.SecurityGroupArgs{
		VpcId:       args.VpcID,
		Description: pulumi.String("Web servers: HTTP in, HTTPS and PostgreSQL out"),
		Tags:        args.Tags,
	}, parent)
	if err != nil {
		return nil, err
	}
	w.SecurityGroupID = group.ID().ToStringOutput()

	if err := w.allowInternet(ctx, args, parent); err != nil {
		return nil, err
	}
	return w.newEgressRules(ctx, args, parent)
}

// destination is where the instances connect to: the members of a security group, or anywhere without one.
type destination struct {
	to, description string
	group           pulumi.StringInput
	port            int
}

// newEgressRules allows the instances to connect to the internet and to their data stores.
func (w *Web) newEgressRules(ctx *pulumi.Context, args *Args, parent pulumi.ResourceOption) ([]pulumi.Resource, error) {
	destinations := []destination{
		{to: "internet", description: "HTTPS to package repositories and AWS", port: httpsPort},
		{to: "database", description: "PostgreSQL to the database", group: args.DatabaseSecurityGroupID, port: postgresPort},
	}
	if args.CacheSecurityGroupID != nil {
		destinations = append(destinations, destination{
			to: "cache", description: "Valkey to the cache", group: args.CacheSecurityGroupID, port: cachePort,
		})
	}
	var rules []pulumi.Resource
	for _, destination := range destinations {
		rule := &vpc.SecurityGroupEgressRuleArgs{
			SecurityGroupId: w.SecurityGroupID,
			IpProtocol:      pulumi.String("tcp"),
			FromPort:        pulumi.Int(destination.port),
			ToPort:          pulumi.Int(destination.port),
			Description:     pulumi.String(destination.description),
			Tags:            args.Tags,
		}
		if destination.group == nil {
			rule.CidrIpv4 = pulumi.String(anywhere)
		} else {
			rule.ReferencedSecurityGroupId = destination.group
		}
		resource, err := vpc.NewSecurityGroupEgressRule(ctx, w.name+"-to-"+destination.to, rule, parent)
		if err != nil {
			return nil, err
		}
		rules = append(rules, resource)
	}
	return rules, nil
}

// allowInternet allows anyone to connect to the public instance.
func (w *Web) allowInternet(ctx *pulumi.Context, args *Args, parent pulumi.ResourceOption) error {
	if args.Public == nil {
		return nil
	}
	ports := []int{Port}
	if args.Public.Domain != "" {
		ports = append(ports, httpsPort)
	}
	for _, port := range ports {
		rule := fmt.Sprintf("%s-from-internet-%d", w.name, port)
		_, err := vpc.NewSecurityGroupIngressRule(ctx, rule, &vpc.SecurityGroupIngressRuleArgs{
			SecurityGroupId: w.SecurityGroupID,
			CidrIpv4:        pulumi.String(anywhere),
			IpProtocol:      pulumi.String("tcp"),
			FromPort:        pulumi.Int(port),
			ToPort:          pulumi.Int(port),
			Description:     pulumi.String("Visitors of the service"),
			Tags:            args.Tags,
		}, parent)
		if err != nil {
			return err
		}
	}
	return nil
}
