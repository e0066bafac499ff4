package aws

import (
	"net/netip"
	"strings"

	"stagecraft/internal/offline/cloud"
)

// privateName and publicName are DNS names of addresses (VPC User Guide, "DNS attributes for your VPC").
func privateName(region, address string) string {
	domain := region + ".compute.internal"
	if region == "us-east-1" {
		domain = "ec2.internal"
	}
	return "ip-" + strings.ReplaceAll(address, ".", "-") + "." + domain
}

func publicName(region, address string) string {
	domain := region + ".compute"
	if region == "us-east-1" {
		domain = "compute-1"
	}
	return "ec2-" + strings.ReplaceAll(address, ".", "-") + "." + domain + ".amazonaws.com"
}

func freePublicAddress(account cloud.Account, token string, within netip.Prefix) (string, error) {
	holders, err := account.List(token)
	if err != nil {
		return "", err
	}
	used := map[string]bool{}
	for _, holder := range holders {
		used[holder.Text("publicIp")] = true
	}
	for address := within.Addr().Next(); within.Contains(address); address = address.Next() {
		if !used[address.String()] {
			return address.String(), nil
		}
	}
	return "", apiError("InsufficientAddressCapacity", "Not enough addresses available to satisfy the request.")
}

// reservedAddresses is how many addresses at the start of each subnet are reserved; the last one is too (VPC User
// Guide, "Subnet CIDR blocks").
const reservedAddresses = 4

// assignPrivateAddress assigns an instance or NAT gateway a free private address of its subnet.
func assignPrivateAddress(account cloud.Account, holder *cloud.Resource) error {
	subnet, err := account.Find(subnetToken, "", holder.Text("subnetId"))
	if err != nil {
		return err
	}
	used, err := usedAddresses(account, subnet.ID, holder.ID)
	if err != nil {
		return err
	}
	block, wanted := cidrBlock(subnet), holder.Text("privateIp")
	if wanted != "" {
		address, err := netip.ParseAddr(wanted)
		switch {
		case err != nil || !block.Contains(address):
			return apiError("InvalidParameterValue", "Address %s does not fall within the subnet's address range", wanted)
		case used[wanted]:
			return apiError("InvalidIPAddress.InUse", "Address %s is in use.", wanted)
		}
		return nil
	}
	address := block.Addr()
	for range reservedAddresses {
		address = address.Next()
	}
	for ; block.Contains(address.Next()); address = address.Next() {
		if !used[address.String()] {
			holder.Set("privateIp", address.String())
			return nil
		}
	}
	return apiError("InsufficientFreeAddressesInSubnet",
		"The specified subnet does not have enough free addresses to satisfy the request.")
}

func usedAddresses(account cloud.Account, subnet, except string) (map[string]bool, error) {
	used := map[string]bool{}
	for _, token := range []string{instanceToken, natGatewayToken} {
		holders, err := account.List(token)
		if err != nil {
			return nil, err
		}
		for _, holder := range holders {
			if holder.ID != except && holder.Text("subnetId") == subnet {
				used[holder.Text("privateIp")] = true
			}
		}
	}
	return used, nil
}

// Public addresses come from ranges for documentation (RFC 5737).
var (
	instanceAddresses = netip.MustParsePrefix("198.51.100.0/24")
	elasticAddresses  = netip.MustParsePrefix("203.0.113.0/24")
)
