package stack_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	listenerType = "aws:lb/listener:Listener"
	ingressType  = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
)

// TestDomain is what proves the names, and where they lead, at each stage.
func TestDomain(t *testing.T) {
	t.Parallel()
	for number, test := range map[string]struct {
		certificates, listeners []string
		more                    int
		alias                   map[string]bool
	}{
		"1": {certificates: []string{}, listeners: []string{}, alias: map[string]bool{"domain": false}},
		"2": {
			certificates: []string{"domain"}, listeners: []string{"loadbalancer-http", "loadbalancer-https"},
			alias: map[string]bool{"domain": true},
		},
		"3": {
			certificates: []string{"domain"}, listeners: []string{"loadbalancer-http", "loadbalancer-https"},
			alias: map[string]bool{"domain": true},
		},
		"4": {
			certificates: []string{"domain", "domain-api", "domain-distribution", "domain-origin"},
			listeners:    []string{"loadbalancer-http", "loadbalancer-https"}, more: 2,
			alias: map[string]bool{"domain": true, "domain-api": true, "domain-origin": true},
		},
		"5": {
			certificates: []string{"domain-api", "domain-distribution", "domain-origin"},
			listeners:    []string{"loadbalancer-cloudfront"},
			alias:        map[string]bool{"domain": true, "domain-api": true, "domain-origin": true},
		},
	} {
		t.Run(number, func(t *testing.T) {
			t.Parallel()
			resources, err := runWithNetwork(map[string]string{
				"stagecraft:stage": number, "stagecraft:domain": "www.example.com", "stagecraft:hostedZone": "example.com",
				"stagecraft:singleNatGateway": "true",
			})
			require.NoError(t, err)
			require.Equal(t, test.certificates, resources.Names(certificateType))
			require.Equal(t, test.listeners, resources.Names(listenerType))
			require.Len(t, resources.Of("aws:lb/listenerCertificate:ListenerCertificate"), test.more)
			for record, alias := range test.alias {
				require.Equal(t, alias, resources.Named(t, recordType, record).Inputs["aliases"] != nil, record)
			}
			for _, certificate := range resources.Of(certificateType) {
				require.Equal(t, certificate.Name == "domain-distribution", certificate.Provider != "", "region of %s", certificate.Name)
			}
		})
	}
}

// TestEntry is who reaches the load balancer at each stage.
func TestEntry(t *testing.T) {
	t.Parallel()
	for number, test := range map[string]struct {
		from string
		open bool
	}{
		"2": {"loadbalancer-80", true},
		"3": {"loadbalancer-80", true},
		"4": {"loadbalancer-80", true},
		"5": {"loadbalancer-cloudfront", false},
	} {
		t.Run(number, func(t *testing.T) {
			t.Parallel()
			resources, err := runWithNetwork(map[string]string{"stagecraft:stage": number, "stagecraft:singleNatGateway": "true"})
			require.NoError(t, err)
			rule := resources.Named(t, ingressType, test.from)
			require.Equal(t, test.open, rule.Inputs["cidrIpv4"] != nil)
			secrets := resources.Names("aws:secretsmanager/secretVersion:SecretVersion")
			require.Equal(t, !test.open, slices.Contains(secrets, "origin-1"))
			require.Equal(t, test.open,
				slices.Contains(resources.Names("aws:lb/targetGroup:TargetGroup"), "loadbalancer"), "services have their own targets")
		})
	}
}
