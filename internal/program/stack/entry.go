package stack

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/domain"
	"stagecraft/components/loadbalancer"
	"stagecraft/components/originsecret"
	"stagecraft/components/web"
)

// entry is the public names and the load balancer. A field is nil where the stage does not have it.
type entry struct {
	// domain is the service's own name, and api the API's, where the page has another origin.
	domain, api *domain.Domain
	balancer    *loadbalancer.LoadBalancer
	// originSecret is the secret between CloudFront and the load balancer, where nobody else reaches that.
	originSecret *originsecret.Secret
}

func newEntry(ctx *pulumi.Context, in inputs, base foundation) (entry entry, err error) {
	if entry.domain, err = newDomain(ctx, in, base); err != nil {
		return entry, err
	}
	if entry.api, err = newAPIDomain(ctx, in, base); err != nil {
		return entry, err
	}
	if entry.balancer, err = newLoadBalancer(ctx, in, base, entry.domain, entry.api); err != nil {
		return entry, err
	}
	entry.originSecret, err = newOriginSecret(ctx, in, base)
	return entry, err
}

// newDomain declares the certificates of the service's own name, or returns nil without a name. Only load balancers and
// CloudFront can hold them. The load balancer keeps its certificate as long as it is public: for some time after the
// name has moved, clients still use the old address.
func newDomain(ctx *pulumi.Context, in inputs, base foundation) (*domain.Domain, error) {
	if in.settings.Domain.Name == "" {
		return nil, nil
	}
	args := &domain.Args{
		Name:          in.settings.Domain.Name,
		ZoneID:        in.hostedZoneID,
		Certificate:   in.topology.PublicLoadBalancer,
		AlarmTopicArn: base.topic.Arn,
		Tags:          in.tags("domain"),
	}
	if in.topology.Frontend {
		args.Distribution = &base.global
	}
	return domain.New(ctx, "domain", args)
}

// newAPIDomain declares the certificate of the API's own name, or returns nil where the page has the API's origin.
func newAPIDomain(ctx *pulumi.Context, in inputs, base foundation) (*domain.Domain, error) {
	if in.settings.Domain.Name == "" || !in.topology.Frontend {
		return nil, nil
	}
	return domain.New(ctx, "domain-api", &domain.Args{
		Name:          apiName(in),
		ZoneID:        in.hostedZoneID,
		Certificate:   true,
		AlarmTopicArn: base.topic.Arn,
		Tags:          in.tags("domain"),
	})
}

// apiName returns the API's own name, where the page has another origin.
func apiName(in inputs) string { return "api." + in.settings.Domain.Name }

// newLoadBalancer declares the load balancer, which has no targets yet, or returns nil where the stage has none.
func newLoadBalancer(
	ctx *pulumi.Context, in inputs, base foundation, name, api *domain.Domain,
) (*loadbalancer.LoadBalancer, error) {
	if !in.topology.LoadBalancer() {
		return nil, nil
	}
	args := &loadbalancer.Args{
		AccountID:              in.account,
		VpcID:                  base.network.VpcID,
		SubnetIDs:              base.network.PublicSubnetIDs,
		AccessLogRetentionDays: in.settings.LogRetentionDays,
		Unprotected:            !in.goal.LoadBalancer(),
		Ephemeral:              in.settings.Ephemeral,
		AlarmTopicArn:          base.topic.Arn,
		Tags:                   in.tags("loadbalancer"),
	}
	if in.topology.PublicLoadBalancer {
		args.Public = publicListener(name, api)
		args.Targets = &loadbalancer.Targets{Port: web.Port, HealthCheckPath: web.HealthPath}
	}
	if in.topology.EdgeLoadBalancer {
		args.CloudFront = &loadbalancer.Listener{}
		if api != nil {
			args.CloudFront.CertificateArn = api.CertificateArn
		}
	}
	return loadbalancer.New(ctx, "loadbalancer", args)
}

// publicListener returns a listener with the certificates of the names that route to it.
func publicListener(name, api *domain.Domain) *loadbalancer.Listener {
	listener := &loadbalancer.Listener{}
	if name != nil {
		listener.CertificateArn = name.CertificateArn
	}
	if api != nil {
		listener.OtherCertificateArns = map[string]pulumi.StringInput{"api": api.CertificateArn}
	}
	return listener
}

// newOriginSecret declares the secret between CloudFront and the load balancer, or returns nil where the load balancer
// is public only.
func newOriginSecret(ctx *pulumi.Context, in inputs, base foundation) (*originsecret.Secret, error) {
	if !in.topology.EdgeLoadBalancer {
		return nil, nil
	}
	return originsecret.New(ctx, "origin", &originsecret.Args{
		Version:   in.settings.Entry.OriginSecretVersion,
		Ephemeral: in.settings.Ephemeral,
		KmsKeyArn: base.keyArn(),
		Tags:      in.tags("loadbalancer"),
	})
}
