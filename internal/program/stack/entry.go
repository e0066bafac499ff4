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
	// domain is the service's own name, api the API's, where the page has had another origin, and origin that of the load
	// balancer, which CloudFront calls.
	domain, api, origin *domain.Domain
	balancer            *loadbalancer.LoadBalancer
	// originRecord routes the origin's name to the load balancer.
	originRecord pulumi.Resource
	// originSecret is the secret between CloudFront and the load balancer, where nobody else reaches that.
	originSecret *originsecret.Secret
}

func newEntry(ctx *pulumi.Context, in inputs, base foundation) (entry entry, err error) {
	if entry.api, err = newBehindDomain(ctx, in, base, "domain-api", apiName(in)); err != nil {
		return entry, err
	}
	if entry.origin, err = newBehindDomain(ctx, in, base, "domain-origin", originName(in)); err != nil {
		return entry, err
	}
	if entry.domain, err = newDomain(ctx, in, base, entry.api); err != nil {
		return entry, err
	}
	if entry.balancer, err = newLoadBalancer(ctx, in, base, entry); err != nil {
		return entry, err
	}
	if entry.originRecord, err = newOriginRecord(ctx, entry); err != nil {
		return entry, err
	}
	entry.originSecret, err = newOriginSecret(ctx, in, base)
	return entry, err
}

// newOriginRecord declares the record by which CloudFront finds the load balancer, or returns nil without the name.
func newOriginRecord(ctx *pulumi.Context, entry entry) (pulumi.Resource, error) {
	if entry.origin == nil {
		return nil, nil
	}
	return entry.origin.PointToLoadBalancer(ctx, entry.balancer.DNSName, entry.balancer.ZoneID)
}

// newDomain declares the certificates of the service's own name, or returns nil without a name. Only load balancers and
// CloudFront can hold them. The load balancer keeps its certificate as long as it is public: for some time after the
// name has moved, clients still use the old address. CloudFront's certificate covers the API's name, too.
func newDomain(ctx *pulumi.Context, in inputs, base foundation, api *domain.Domain) (*domain.Domain, error) {
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
		args.Distribution, args.AlternateNames = &base.global, []*domain.Domain{api}
	}
	return domain.New(ctx, "domain", args)
}

// newBehindDomain declares the certificate of a name of the load balancer beside CloudFront, or returns nil without
// CloudFront.
func newBehindDomain(
	ctx *pulumi.Context, in inputs, base foundation, name, recordName string,
) (*domain.Domain, error) {
	if in.settings.Domain.Name == "" || !in.topology.Frontend {
		return nil, nil
	}
	return domain.New(ctx, name, &domain.Args{
		Name:          recordName,
		ZoneID:        in.hostedZoneID,
		Certificate:   true,
		AlarmTopicArn: base.topic.Arn,
		Tags:          in.tags("domain"),
	})
}

// apiName returns the API's own name, which stage 4's page calls, and originName that of the load balancer.
func apiName(in inputs) string    { return "api." + in.settings.Domain.Name }
func originName(in inputs) string { return "lb." + in.settings.Domain.Name }

// newLoadBalancer declares the load balancer, which has no targets yet, or returns nil where the stage has none.
func newLoadBalancer(
	ctx *pulumi.Context, in inputs, base foundation, entry entry,
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
		args.Public = publicListener(entry)
		args.Targets = &loadbalancer.Targets{Port: web.Port, HealthCheckPath: web.HealthPath}
	}
	if in.topology.EdgeLoadBalancer {
		args.CloudFront = &loadbalancer.Listener{}
		if entry.origin != nil {
			args.CloudFront.CertificateArn = entry.origin.CertificateArn
		}
	}
	return loadbalancer.New(ctx, "loadbalancer", args)
}

// publicListener returns a listener with the certificates of the names that route to it.
func publicListener(entry entry) *loadbalancer.Listener {
	listener := &loadbalancer.Listener{}
	if entry.domain != nil {
		listener.CertificateArn = entry.domain.CertificateArn
	}
	if entry.api != nil {
		listener.OtherCertificateArns = map[string]pulumi.StringInput{
			"api": entry.api.CertificateArn, "origin": entry.origin.CertificateArn,
		}
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
