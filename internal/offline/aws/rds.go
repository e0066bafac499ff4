package aws

import (
	"fmt"
	"regexp"

	"stagecraft/internal/offline/cloud"
)

const (
	dbEngine = "postgres"
	dbPort   = 5432
	// defaultMajorVersion is RDS's default.
	defaultMajorVersion = "17"
)

// rdsTypes returns the types of PostgreSQL on instances; other engines and clusters are not simulated (quotas: RDS User
// Guide, "Quotas and constraints for Amazon RDS").
func rdsTypes() []cloud.Type {
	return append(dbGroupTypes(), dbInstanceType(), dbSnapshotType(), dbEventSubscriptionType())
}

// rdsName returns the rules of most names in RDS (RDS API Reference): a letter first, no two hyphens in a row, and none
// at the end.
func rdsName(property, first, rest string, longest int) *cloud.Name {
	return &cloud.Name{
		Property: property, Max: longest, Pattern: regexp.MustCompile(`^[` + first + `](-?[` + rest + `])*$`),
	}
}

func rdsQuota(limit int, code, what string) *cloud.Quota {
	return &cloud.Quota{Limit: limit, Error: cloud.Error{
		Code: code, Message: fmt.Sprintf("Cannot create more than %d %s", limit, what),
	}}
}
