package web

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/securitygroup"
)

const (
	httpsPort    = 443
	postgresPort = 5432
	cachePort    = 6379
)

// AllowFrom allows the members of a security group, such as a load balancer, to connect to the instances; source names
// them.
func (w *Web) AllowFrom(ctx *pulumi.Context, source string, securityGroupID pulumi.StringInput) error {
	_, err := securitygroup.NewIngress(ctx, w.name+"-from-"+source, &securitygroup.Rule{
		SecurityGroupID: w.SecurityGroupID,
		PeerID:          securityGroupID,
		Port:            Port,
		Description:     "HTTP from " + source,
		Tags:            w.tags,
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

// newEgressRules allows the instances to connect to the internet and to their data stores.
func (w *Web) newEgressRules(ctx *pulumi.Context, args *Args, parent pulumi.ResourceOption) ([]pulumi.Resource, error) {
	destinations := []struct {
		name string
		rule securitygroup.Rule
	}{
		{"internet", securitygroup.Rule{
			Description: "HTTPS to package repositories and AWS", PeerCIDR: pulumi.String(securitygroup.Anywhere), Port: httpsPort,
		}},
		{"database", securitygroup.Rule{
			Description: "PostgreSQL to the database", PeerID: args.DatabaseSecurityGroupID, Port: postgresPort,
		}},
		{"cache", securitygroup.Rule{
			Description: "Valkey to the cache", PeerID: args.CacheSecurityGroupID, Port: cachePort,
		}},
	}
	var rules []pulumi.Resource
	for _, destination := range destinations {
		if destination.rule.PeerID == nil && destination.rule.PeerCIDR == nil {
			continue // the tier has no such data store
		}
		destination.rule.SecurityGroupID, destination.rule.Tags = w.SecurityGroupID, args.Tags
		rule, err := securitygroup.NewEgress(ctx, w.name+"-to-"+destination.name, &destination.rule, parent)
		if err != nil {
			return nil, err
		}
		rules = append(rules, rule)
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
		_, err := securitygroup.NewIngress(ctx, rule, &securitygroup.Rule{
			SecurityGroupID: w.SecurityGroupID,
			PeerCIDR:        pulumi.String(securitygroup.Anywhere),
			Port:            port,
			Description:     "Visitors of the service",
			Tags:            args.Tags,
		}, parent)
		if err != nil {
			return err
		}
	}
	return nil
}
