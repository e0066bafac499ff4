package loadbalancer

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/securitygroup"
)

// cloudFrontOrigins is AWS's list of the addresses from which CloudFront connects to origins. In a security group it
// counts as 55 of the 60 rules that a group may have (VPC User Guide, "AWS-managed prefix lists"), so that it fits in
// once.
const cloudFrontOrigins = "com.amazonaws.global.cloudfront.origin-facing"

// AllowTargets allows the load balancer to connect to a port of the members of the targets' security group, which must
// allow it too; targets names them.
func (l *LoadBalancer) AllowTargets(
	ctx *pulumi.Context, targets string, port int, securityGroupID pulumi.StringInput,
) error {
	_, err := securitygroup.NewEgress(ctx, l.name+"-to-"+targets, &securitygroup.Rule{
		SecurityGroupID: l.SecurityGroupID,
		PeerID:          securityGroupID,
		Port:            port,
		Description:     "Requests and health checks to the targets",
		Tags:            l.tags,
	}, pulumi.Parent(l))
	return err
}

// newSecurityGroup creates the load balancer's security group with the rules for its clients.
func (l *LoadBalancer) newSecurityGroup(ctx *pulumi.Context, args *Args, parent pulumi.ResourceOption) error {
	group, err := ec2.NewSecurityGroup(ctx, l.name, &ec2.SecurityGroupArgs{
		VpcId:       args.VpcID,
		Description: pulumi.String("Load balancer: clients in, requests to its targets out"),
		Tags:        args.Tags,
		// Another description would replace the group.
	}, parent, pulumi.IgnoreChanges([]string{"description"}))
	if err != nil {
		return err
	}
	l.SecurityGroupID = group.ID().ToStringOutput()

	return errors.Join(l.allowInternet(ctx, args, parent), l.allowCloudFront(ctx, args, parent))
}

// allowInternet allows anyone to connect to the ports of the public listener.
func (l *LoadBalancer) allowInternet(ctx *pulumi.Context, args *Args, parent pulumi.ResourceOption) error {
	if args.Public == nil {
		return nil
	}
	ports := []int{httpPort}
	if args.Public.https() {
		ports = append(ports, httpsPort)
	}
	for _, port := range ports {
		_, err := securitygroup.NewIngress(ctx, fmt.Sprintf("%s-%d", l.name, port), &securitygroup.Rule{
			SecurityGroupID: l.SecurityGroupID,
			PeerCIDR:        pulumi.String(securitygroup.Anywhere),
			Port:            port,
			Description:     fmt.Sprintf("Port %d from anywhere", port),
			Tags:            args.Tags,
		}, parent)
		if err != nil {
			return err
		}
	}
	return nil
}

// allowCloudFront allows CloudFront to connect to the port of its listener.
func (l *LoadBalancer) allowCloudFront(ctx *pulumi.Context, args *Args, parent pulumi.ResourceOption) error {
	if args.CloudFront == nil {
		return nil
	}
	list, err := ec2.LookupManagedPrefixList(ctx, &ec2.LookupManagedPrefixListArgs{
		Name: pulumi.StringRef(cloudFrontOrigins),
	}, pulumi.Parent(l))
	if err != nil {
		return fmt.Errorf("looking up the addresses of CloudFront: %w", err)
	}
	port := args.CloudFront.port(cloudFrontHTTPPort, cloudFrontHTTPSPort)
	_, err = securitygroup.NewIngress(ctx, l.name+"-cloudfront", &securitygroup.Rule{
		SecurityGroupID:  l.SecurityGroupID,
		PeerPrefixListID: pulumi.String(list.Id),
		Port:             port,
		Description:      fmt.Sprintf("Port %d from CloudFront", port),
		Tags:             args.Tags,
	}, parent)
	return err
}
