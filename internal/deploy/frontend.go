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
	d.callDirectly(args)
	if err := d.callThroughEdge(args); err != nil {
		return err
	}
	made, err := frontend.New(d.ctx, "frontend", args)
	if err != nil {
		return err
	}
	d.edge = &edge{
		domainName: made.DomainName, hostedZoneID: made.HostedZoneID, url: made.URL, serving: made.Serving,
	}
	if !d.topology.EdgeOnly {
		d.variables["ALLOWED_ORIGINS"] = made.URL
	}
	d.ctx.Export("frontendBucket", made.BucketName)
	d.ctx.Export("distribution", made.DistributionID)
	d.showGlobally("CloudFront", made.GlobalAlarms)
	return d.show("Frontend", made.Alarms)
}

// callDirectly has the app call the load balancer. Without a domain that speaks plain HTTP, and then so must the app.
func (d *deployment) callDirectly(args *frontend.Args) {
	switch {
	case d.topology.EdgeOnly:
	case d.api != nil:
		args.APIURL = pulumi.String(d.api.URL + apiPath)
	default:
		args.APIURL, args.PlainHTTP = pulumi.Sprintf("%s%s", d.balancer.URL, apiPath), true
	}
}

// callThroughEdge has the app call CloudFront, which calls the load balancer, by the name that its certificate is for if
// there is one. A firewall keeps away what would come through, too.
func (d *deployment) callThroughEdge(args *frontend.Args) error {
	if !d.topology.EdgeOnly {
		return nil
	}
	balancer := frontend.Origin{
		Name:         "load-balancer",
		DomainName:   d.balancer.DNSName,
		Protocol:     "http-only",
		Port:         d.balancer.Port,
		Headers:      map[string]pulumi.StringInput{origin.HeaderName: d.origin.HeaderValue},
		PathPatterns: []string{apiPath + "/*"},
		Serving:      d.balancer.Serving,
	}
	for _, service := range d.services {
		balancer.Serving = append(balancer.Serving, service.Serving...)
	}
	if d.api != nil {
		balancer.DomainName, balancer.Protocol = pulumi.String(d.apiName()), "https-only"
	}
	args.APIURL, args.Origins = pulumi.String(apiPath), []frontend.Origin{balancer}
	if d.functions != nil {
		args.Meta = map[string]pulumi.StringInput{"visits": pulumi.String(visitsPath)}
		args.Origins = append(args.Origins, frontend.Origin{
			Name:         "functions",
			DomainName:   d.functions.Endpoint,
			Protocol:     "https-only",
			PathPatterns: []string{visitsPath},
		})
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
