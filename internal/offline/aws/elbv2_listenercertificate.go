package aws

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"

	"stagecraft/internal/offline/cloud"
)

const listenerCertificateToken = "aws:lb/listenerCertificate:ListenerCertificate"

func listenerCertificateType() cloud.Type {
	return cloud.Type{
		Token:     listenerCertificateToken,
		Args:      lb.ListenerCertificateArgs{},
		State:     lb.ListenerCertificate{},
		Service:   elbService,
		Operation: "AddListenerCertificates",
		Source: "SDK doc; Elastic Load Balancing API Reference, AddListenerCertificates; Application Load Balancers guide, " +
			"quotas, counted for each listener",
		ID:      "${listenerArn}_${certificateArn}",
		Replace: []string{"certificateArn", "listenerArn"},
		Refs: []cloud.Ref{
			{Path: "listenerArn", Type: listenerToken, OwnedBy: true},
			{Path: "certificateArn", Type: certificateToken, External: iamARN},
		},
		Quota: &cloud.Quota{Limit: 25, Scope: "listenerArn", Error: cloud.Error{
			Code: "TooManyCertificates", Message: "The maximum number of certificates on load balancer has been reached",
		}},
		Check: func(account cloud.Account, added *cloud.Resource) error {
			listener, err := account.Find(listenerToken, "", added.Text("listenerArn"))
			if err != nil {
				return err
			}
			if listener.Text("protocol") != "HTTPS" {
				return apiError("ValidationError", "Certificates cannot be added to %s listeners", listener.Text("protocol"))
			}
			return validateListenerCertificate(account, added.Text("certificateArn"))
		},
	}
}

// validateListenerCertificate rejects a certificate that is not issued.
func validateListenerCertificate(account cloud.Account, arn string) error {
	certificate, err := account.Find(certificateToken, "", arn)
	if err != nil {
		return err
	}
	if certificate != nil && certificate.Text("status") != certificateIssued {
		return apiError("UnsupportedCertificate", "The certificate '%s' must have a fully-qualified domain name, "+
			"a supported signature, and a supported key size.", arn)
	}
	return nil
}
