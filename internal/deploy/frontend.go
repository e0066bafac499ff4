package deploy

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"stagecraft/components/firewall"
	"stagecraft/components/frontend"
	"stagecraft/components/observability"
	"stagecraft/components/origin"
)

// apiPath is where the API answers, at the load balancer and at CloudFront.
const apiPath = "/api"

// present makes the single-page app before the service, which is told where its app is.
func (d *deployment) present() error {
	if !d.topology.Frontend || d.topology.EdgeOnly {
		return nil
	}
	return d.publish()
}

// cover makes the single-page app after the services, which CloudFront leads to.
func (d *deployment) cover() error {
	if !d.topology.Frontend || !d.topology.EdgeOnly {
		return nil
	}
	return d.publish()
}

// publish makes the single-page app at the edge.
func (d *deployment) publish() error {
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
	d.edge = &edge{
		domainName: made.DomainName, hostedZoneID: made.HostedZoneID, url: made.URL, serving: made.Serving,
	}
	if d.callsDirectly() {
		d.variables["ALLOWED_ORIGINS"] = made.URL
	}
	d.ctx.Export("frontendBucket", made.BucketName)
	d.ctx.Export("distribution", made.DistributionID)
	d.showGlobally("CloudFront", made.GlobalAlarms)
	return d.show("Frontend", made.Alarms)
}

// lead has the app call the API: directly with a domain, as long as the load balancer is public. Without a domain that
// has no certificate, and browsers let no page that came by HTTPS call plain HTTP: then CloudFront calls it.
func (d *deployment) lead(args *frontend.Args) {
	if d.callsDirectly() {
		args.APIURL = pulumi.String(d.api.URL + apiPath)
		return
	}
	args.APIURL, args.Origins = pulumi.String(apiPath), []frontend.Origin{d.balancerOrigin()}
	if d.functions != nil {
		args.Meta = map[string]pulumi.StringInput{"visits": pulumi.String(visitsPath)}
		args.Origins = append(args.Origins, frontend.Origin{
			Name:         "functions",
			DomainName:   d.functions.Endpoint,
			Protocol:     "https-only",
			PathPatterns: []string{visitsPath},
		})
	}
}

func (d *deployment) callsDirectly() bool { return !d.topology.EdgeOnly && d.api != nil }

// balancerOrigin is the load balancer, by the name that its certificate is for if there is one.
func (d *deployment) balancerOrigin() frontend.Origin {
	balancer := frontend.Origin{
		Name:         "load-balancer",
		DomainName:   d.balancer.DNSName,
		Protocol:     "http-only",
		Port:         d.balancer.Port,
		PathPatterns: []string{apiPath + "/*"},
		Serving:      d.balancer.Serving,
	}
	if d.origin != nil {
		balancer.Headers = map[string]pulumi.StringInput{origin.HeaderName: d.origin.HeaderValue}
	}
	for _, service := range d.services {
		balancer.Serving = append(balancer.Serving, service.Serving...)
	}
	if d.api != nil {
		balancer.DomainName, balancer.Protocol = pulumi.String(d.apiName()), "https-only"
	}
	return balancer
}

// protect has a firewall keep away what would come through CloudFront to the services.
func (d *deployment) protect(args *frontend.Args) error {
	if !d.topology.EdgeOnly {
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
