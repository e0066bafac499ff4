package loadbalancer

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// logDelivery returns AWS's bucket policy for access logs (Application Load Balancers guide, "Enable access logs", step
// 2): the account in the path keeps out load balancers of other accounts.
func (a *Args) logDelivery(bucketArn pulumi.StringInput) []pulumi.Map {
	return []pulumi.Map{{
		"Sid":       pulumi.String("DeliverAccessLogs"),
		"Effect":    pulumi.String("Allow"),
		"Principal": pulumi.StringMap{"Service": pulumi.String("logdelivery.elasticloadbalancing.amazonaws.com")},
		"Action":    pulumi.String("s3:PutObject"),
		"Resource":  pulumi.Sprintf("%s/AWSLogs/%s/*", bucketArn, a.AccountID),
	}}
}
