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
			{Path: "listenerArn", Type: listenerToken, Part: true},
			{Path: "certificateArn", Type: certificateToken, External: ofIAM},
		},
		Quota: &cloud.Quota{Limit: 25, Per: "listenerArn", Error: cloud.Error{
			Code: "TooManyCertificates", Message: "The maximum number of certificates on load balancer has been reached",
		}},
		Check: func(account cloud.Account, added *cloud.Resource) error {
			listener, err := account.Find(listenerToken, "", added.Text("listenerArn"))
			if err != nil {
				return err
			}
			if listener.Text("protocol") != "HTTPS" {
				return refuse("ValidationError", "Certificates cannot be added to %s listeners", listener.Text("protocol"))
			}
			return certificateServes(account, added.Text("certificateArn"))
		},
	}
}

// certificateServes refuses a certificate that is not issued.
func certificateServes(account cloud.Account, arn string) error {
	found, err := account.Find(certificateToken, "", arn)
	if err != nil {
		return err
	}
	if found != nil && found.Text("status") != certificateIssued {
		return refuse("UnsupportedCertificate", "The certificate '%s' must have a fully-qualified domain name, "+
			"a supported signature, and a supported key size.", arn)
	}
	return nil
}
