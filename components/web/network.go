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

// AllowFrom lets the holders of a security group, such as a load balancer, connect to the instances; source names them.
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

// newSecurityGroup makes the group and its rules, and gives the rules by which an instance gets out. What makes the
// group is the same with and without Public, since any change of it would replace the group.
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

	if err := w.openToInternet(ctx, args, parent); err != nil {
		return nil, err
	}
	return w.newRoutes(ctx, args, parent)
}

// route is a way out: to the holders of a security group, or to anywhere without one.
type route struct {
	to, description string
	group           pulumi.StringInput
	port            int
}

// newRoutes lets the instances out to where they must get.
func (w *Web) newRoutes(ctx *pulumi.Context, args *Args, parent pulumi.ResourceOption) ([]pulumi.Resource, error) {
	routes := []route{
		{to: "internet", description: "HTTPS to package repositories and AWS", port: httpsPort},
		{to: "database", description: "PostgreSQL to the database", group: args.DatabaseSecurityGroupID, port: postgresPort},
	}
	if args.CacheSecurityGroupID != nil {
		routes = append(routes, route{
			to: "cache", description: "Valkey to the cache", group: args.CacheSecurityGroupID, port: cachePort,
		})
	}
	var made []pulumi.Resource
	for _, way := range routes {
		rule := &vpc.SecurityGroupEgressRuleArgs{
			SecurityGroupId: w.SecurityGroupID,
			IpProtocol:      pulumi.String("tcp"),
			FromPort:        pulumi.Int(way.port),
			ToPort:          pulumi.Int(way.port),
			Description:     pulumi.String(way.description),
			Tags:            args.Tags,
		}
		if way.group == nil {
			rule.CidrIpv4 = pulumi.String(anywhere)
		} else {
			rule.ReferencedSecurityGroupId = way.group.ToStringOutput().ToStringPtrOutput()
		}
		resource, err := vpc.NewSecurityGroupEgressRule(ctx, w.name+"-to-"+way.to, rule, parent)
		if err != nil {
			return nil, err
		}
		made = append(made, resource)
	}
	return made, nil
}

func (w *Web) openToInternet(ctx *pulumi.Context, args *Args, parent pulumi.ResourceOption) error {
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
