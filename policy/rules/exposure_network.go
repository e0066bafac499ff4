package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"stagecraft/policy/rule"
)

var ingressTypes = []string{
	ec2SecurityGroup, ec2DefaultSecurityGroup,
	ec2SecurityGroupRule, vpcSecurityGroupIngressRule,
}

func exposedPorts() []rule.Rule {
	return []rule.Rule{{
		// SSH and Remote Desktop have their own rule, ec2-remote-ports-closed.
		Name:        "ec2-high-risk-ports-closed",
		Description: "Security groups do not open ports of databases, file sharing, mail and consoles to all addresses",
		Severity:    rule.Critical,
		Theme:       rule.Exposure,
		References:  []string{"FSBP EC2.19", "WAF SEC05-BP02"},
		Fix:         "Allow only the security group or the addresses that need the port.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       ingressTypes,
		Resource: openIngress("a high-risk port", func(in ingress) bool {
			return slices.ContainsFunc(highRiskPorts, in.covers)
		}),
	}, {
		Name:        "ec2-only-web-ports-open",
		Description: "Security groups open only ports 80 and 443 to all addresses",
		Severity:    rule.High,
		Theme:       rule.Exposure,
		References:  []string{"FSBP EC2.18", "WAF SEC05-BP02"},
		Fix:         "Serve on port 443, or allow only the security group or the addresses that need the port.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       ingressTypes,
		Resource: openIngress("a port other than 80 and 443", func(in ingress) bool {
			return !slices.ContainsFunc(slices.Concat(highRiskPorts, remotePorts), in.covers) && !in.onlyWeb()
		}),
	}, {
		Name:        "ec2-default-security-group-closed",
		Description: "The default security group of a VPC allows no traffic",
		Severity:    rule.High,
		Theme:       rule.Exposure,
		References:  []string{"FSBP EC2.2", "CIS 3.0.0 5.4", "WAF SEC05-BP02"},
		Fix:         "Remove its rules, and give resources a security group of their own.",
		Level:       policyx.EnforcementLevelMandatory,
		Types:       []string{ec2DefaultSecurityGroup},
		Resource:    rule.All(without("ingress"), without("egress")),
	}, {
		Name:        "ec2-default-security-group-managed",
		Description: "The stack contains the default security group of each VPC, which AWS creates open, without rules",
		Severity:    rule.High,
		Theme:       rule.Exposure,
		References:  []string{"FSBP EC2.2", "CIS 3.0.0 5.4", "WAF SEC05-BP02"},
		Fix:         "Add an aws.ec2.DefaultSecurityGroup with the VPC's ID and without rules.",
		Level:       policyx.EnforcementLevelMandatory,
		Stack:       defaultGroupsManaged,
	}}
}

var (
	remotePorts = []int{22, 3389}
	// highRiskPorts are the ports that Security Hub lists, except remotePorts.
	highRiskPorts = []int{
		20, 21, 23, 25, 110, 135, 143, 445, 1433, 1434, 3000, 3306, 4333, 5000, 5432, 5500, 5601, 8080, 8088, 8888, 9200, 9300,
	}
)

// ingress is one inbound rule of a security group.
type ingress struct {
	path               string
	protocol, from, to rule.Value
	sources            []rule.Value
}

func ingresses(r *rule.Resource) []ingress {
	switch r.Type {
	case vpcSecurityGroupIngressRule:
		return []ingress{{
			protocol: r.Get("ipProtocol"), from: r.Get("fromPort"), to: r.Get("toPort"),
			sources: []rule.Value{r.Get("cidrIpv4"), r.Get("cidrIpv6")},
		}}
	case ec2SecurityGroupRule:
		if r.Get("type").Text() != "ingress" {
			return nil
		}
		return []ingress{inlineIngress("", r.Get)}
	}
	var all []ingress
	for _, inline := range r.Get("ingress").List() {
		all = append(all, inlineIngress(inline.Path, inline.Get))
	}
	return all
}

func inlineIngress(path string, get func(string) rule.Value) ingress {
	return ingress{
		path: path, protocol: get("protocol"), from: get("fromPort"), to: get("toPort"),
		sources: slices.Concat(get("cidrBlocks").List(), get("ipv6CidrBlocks").List()),
	}
}

// openIngress reports rules that allow all addresses and that a function selects.
func openIngress(what string, wrong func(ingress) bool) rule.Check {
	return func(r *rule.Resource) {
		for _, in := range ingresses(r) {
			if source, open := in.world(); open && in.carriesPorts() && wrong(in) {
				r.Report(fmt.Sprintf("%s is %s for %s: it must be limited to the addresses that need it", source.Path, source, what))
			}
		}
	}
}

// world returns the source that contains all addresses, if there is one.
func (in ingress) world() (rule.Value, bool) {
	for _, source := range in.sources {
		if strings.HasSuffix(source.Text(), "/0") {
			return source, true
		}
	}
	return rule.Value{}, false
}

func (in ingress) all() bool {
	return slices.Contains([]string{"-1", "all"}, strings.ToLower(in.protocol.Text()))
}

// carriesPorts excludes protocols without ports, and unknown ports.
func (in ingress) carriesPorts() bool {
	_, from := in.from.Number()
	_, to := in.to.Number()
	return in.all() || from && to && slices.Contains([]string{"tcp", "6", "udp", "17"}, strings.ToLower(in.protocol.Text()))
}

func (in ingress) covers(port int) bool {
	from, _ := in.from.Number()
	to, _ := in.to.Number()
	return in.all() || from <= float64(port) && float64(port) <= to
}

func (in ingress) onlyWeb() bool {
	from, _ := in.from.Number()
	to, _ := in.to.Number()
	return !in.all() && from == to && (from == 80 || from == 443)
}

func defaultGroupsManaged(s *rule.Stack) {
	for _, vpc := range s.ResourcesOfType(ec2VPC) {
		if !anyRefers(s, ec2DefaultSecurityGroup, "vpcId", vpc) {
			vpc.Report("the stack has no DefaultSecurityGroup that removes the rules of the VPC's default security group")
		}
	}
}

func exposedNetworks() []rule.Rule {
	return []rule.Rule{{
		// Public subnets of awsx assign public IP addresses by design, so this is a matter of taste.
		Name:        "ec2-subnet-no-automatic-public-addresses",
		Description: "Subnets do not assign public IP addresses automatically",
		Severity:    rule.Medium,
		Theme:       rule.Exposure,
		References:  []string{"FSBP EC2.15", "WAF SEC05-BP01"},
		Fix:         "Set mapPublicIpOnLaunch to false, and assign an address only to what needs one.",
		Level:       policyx.EnforcementLevelAdvisory,
		Types:       []string{ec2Subnet},
		Resource:    rule.False("mapPublicIpOnLaunch", false),
	}, {
		Name:        "rds-private-subnets",
		Description: "RDS databases run in subnets without a route to an internet gateway",
		Severity:    rule.High,
		Theme:       rule.Exposure,
		References:  []string{"FSBP RDS.46", "WAF SEC05-BP01"},
		Fix:         "Use a subnet group of private or isolated subnets.",
		Level:       policyx.EnforcementLevelMandatory,
		Stack:       databasesInPrivateSubnets,
	}}
}

// databasesInPrivateSubnets compares IDs only: a value from a component in another language depends on the whole
// component, so its dependencies would not distinguish the component's subnets.
func databasesInPrivateSubnets(s *rule.Stack) {
	public := publicSubnets(s)
	databases := s.ResourcesOfType(rdsInstance, rdsCluster)
	for _, group := range s.ResourcesOfType(rdsSubnetGroup) {
		for _, subnet := range group.Get("subnetIds").List() {
			if !slices.Contains(public, subnet.Text()) {
				continue
			}
			for _, database := range databases {
				if s.IsReference(database, "dbSubnetGroupName", group) {
					database.Report(fmt.Sprintf("dbSubnetGroupName is %q, which contains the public subnet %s: all its subnets must be private",
						group.Name, subnet))
				}
			}
		}
	}
}

// publicSubnets returns the known IDs of subnets with a route to an internet gateway.
func publicSubnets(s *rule.Stack) []string {
	var tables, subnets []string
	for _, route := range s.ResourcesOfType(ec2Route) {
		if toInternet(route.Get("gatewayId")) {
			tables = append(tables, route.Get("routeTableId").Text())
		}
	}
	for _, table := range s.ResourcesOfType(ec2RouteTable) {
		if slices.ContainsFunc(table.Get("routes").List(), func(route rule.Value) bool { return toInternet(route.Get("gatewayId")) }) {
			tables = append(tables, table.Get("id").Text())
		}
	}
	for _, association := range s.ResourcesOfType(ec2RouteTableAssociation) {
		subnet, table := association.Get("subnetId").Text(), association.Get("routeTableId").Text()
		if subnet != "" && table != "" && slices.Contains(tables, table) {
			subnets = append(subnets, subnet)
		}
	}
	return subnets
}

func toInternet(gateway rule.Value) bool { return strings.HasPrefix(gateway.Text(), "igw-") }
