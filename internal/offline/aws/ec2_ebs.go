package aws

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ebs"

	"stagecraft/internal/offline/cloud"
)

const encryptionDefaultToken = "aws:ebs/encryptionByDefault:EncryptionByDefault"

func encryptionByDefaultType() cloud.Type {
	return cloud.Type{
		Token:     encryptionDefaultToken,
		Args:      ebs.EncryptionByDefaultArgs{},
		State:     ebs.EncryptionByDefault{},
		Service:   "EC2",
		Operation: "EnableEbsEncryptionByDefault",
		Source:    "SDK doc",
		ID:        "terraform-${digits26}",
		Computed:  map[string]any{"enabled": true},
	}
}

func encryptsByDefault(account cloud.Account) (bool, error) {
	enabled, err := account.Find(encryptionDefaultToken, "enabled", "true")
	return enabled != nil, err
}
