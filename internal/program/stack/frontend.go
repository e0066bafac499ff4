package stack

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/firewall"
	"stagecraft/components/frontend"
	"stagecraft/components/observability"
	"stagecraft/components/originsecret"
	"stagecraft/internal/program/stage"
)

// apiPath is where the API answers, at the load balancer and at CloudFront.
const apiPath = "/api"

// present makes the single-page app at the edge, after the services to which CloudFront leads.
func (d *deployment) present() error {
	if !d.topology.Frontend {
		return nil
	}
	args := &frontend.Args{
		AccountID:        d.place.account,
		Directory:        d.settings.Frontend.Directory,
		PriceClass:       d.settings.Frontend.PriceClass,
		OriginShield:     d.settings.Frontend.OriginShield,
		LogRetentionDays: d.settings.LogRetentionDays,
		Ephemeral:        d.settings.Ephemeral,
		AlarmTopicArn:    d.topic.Arn,
		Global:           d.global,
		Tags:             d.tags("frontend"),
	}
	if d.domain != nil {
		args.Aliases, args.CertificateArn = []string{d.settings.Domain.Name}, d.domain.DistributionCertificateArn
	}
	d.lead(args)
	if err := d.protect(args); err != nil {
		return err
	}
	made, err := frontend.New(d.ctx, "frontend", args)
	if err != nil {
		return err
	}
	d.edge = &edge{domainName: made.DomainName, hostedZoneID: made.HostedZoneID}
	d.serving = append(d.serving, made.Serving...)
	d.ctx.Export("frontendBucket", made.BucketName)
	d.ctx.Export("distribution", made.DistributionID)
	d.showGlobally("CloudFront", made.GlobalAlarms)
	return d.show("Frontend", made.Alarms)
}

// lead has the app call the API: directly with a domain, as long as users are led to a public load balancer. Without a
// domain that has no certificate, and browsers let no page that came by HTTPS call plain HTTP: then CloudFront calls it.
func (d *deployment) lead(args *frontend.Args) {
	throughEdge := d.goal.Entry == stage.EntryEdge
	if d.api != nil && !throughEdge {
		args.APIURL, args.CrossOriginAPI = pulumi.String(d.api.URL+apiPath), true
	} else {
		args.APIURL = pulumi.String(apiPath)
	}
	if d.api == nil || d.topology.EdgeLoadBalancer {
		args.Origins = append(args.Origins, d.balancerOrigin())
	}
	if d.functions != nil {
		if throughEdge {
			args.Meta = map[string]pulumi.StringInput{"visits": pulumi.String(visitsPath)}
		}
		args.Origins = append(args.Origins, frontend.Origin{
			Name:         "functions",
			DomainName:   d.functions.Endpoint,
			Protocol:     "https-only",
			PathPatterns: []string{visitsPath},
		})
	}
}

// balancerOrigin is the load balancer, by the name that its certificate is for if there is one.
func (d *deployment) balancerOrigin() frontend.Origin {
	balancer := frontend.Origin{
		Name:         "load-balancer",
		DomainName:   d.balancer.DNSName,
		Protocol:     "http-only",
		PathPatterns: []string{apiPath + "/*"},
	}
	listener := d.balancer.Public
	if d.leadsToServices() {
		listener = d.balancer.CloudFront
		balancer.Headers = map[string]pulumi.StringInput{originsecret.HeaderName: d.origin.HeaderValue}
		for _, service := range d.services {
			balancer.Serving = append(balancer.Serving, service.Serving...)
		}
	} else {
		balancer.Serving = append(balancer.Serving, d.web.Serving...)
	}
	balancer.Port = listener.Port
	balancer.Serving = append(balancer.Serving, listener.Serving...)
	if d.api != nil {
		balancer.DomainName, balancer.Protocol = pulumi.String(d.apiName()), "https-only"
	}
	return balancer
}

// leadsToServices tells whether CloudFront asks the services, and not the public load balancer. With a domain it may do so
// before the page does; without one it is the page's only way.
func (d *deployment) leadsToServices() bool {
	return d.topology.EdgeLoadBalancer && (d.api != nil || d.goal.Entry == stage.EntryEdge)
}

// protect has a firewall keep away what would come through CloudFront to the services.
func (d *deployment) protect(args *frontend.Args) error {
	if !d.topology.EdgeLoadBalancer {
		return nil
	}
	wall, err := firewall.New(d.ctx, "firewall", &firewall.Args{
		RateLimit:        d.settings.Frontend.RateLimit,
		LogRetentionDays: d.settings.LogRetentionDays,
		Global:           d.global,
		Tags:             d.tags("firewall"),
	})
	if err != nil {
		return err
	}
	args.WebACLArn = wall.Arn
	d.showGlobally("Firewall", wall.Alarms)
	return nil
}

// showGlobally gives alarms in us-east-1 their place on the dashboard.
func (d *deployment) showGlobally(title string, alarms observability.Alarms) {
	d.sections = append(d.sections, observability.Section{Title: title, Alarms: alarms, Region: globalRegion})
}
