package aws

import (
	"fmt"
	"regexp"

	"stagecraft/internal/offline/cloud"
)

const (
	dbEngine = "postgres"
	dbPort   = 5432
	// defaultMajorVersion is what RDS takes when it is told no version.
	defaultMajorVersion = "17"
)

// rdsTypes are databases: PostgreSQL on instances, no other engine and no cluster (quotas: RDS User Guide, "Quotas and
// constraints for Amazon RDS").
func rdsTypes() []cloud.Type {
	return append(dbGroupTypes(), dbInstanceType(), dbSnapshotType(), dbEventSubscriptionType())
}

// rdsName is how the names of most things in RDS look (RDS API Reference): a letter, and no two hyphens in a row nor one
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
