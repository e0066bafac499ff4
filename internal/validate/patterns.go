package validate

import "regexp"

var (
	// EmailAddress matches an email address without display name and quotes.
	EmailAddress = regexp.MustCompile(`^[A-Za-z0-9._%+-]+@([A-Za-z0-9-]+\.)+[A-Za-z]{2,63}$`)
	// HostName matches a fully qualified host name in lower case, without the dot at its end (RFC 1035, "Preferred name
	// syntax").
	HostName = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$`)
	// Name matches lower-case letters, digits and single hyphens, a letter first and no hyphen last: what RDS, ElastiCache,
	// Elastic Load Balancing and ECS all accept in a name.
	Name = regexp.MustCompile(`^[a-z](-?[a-z0-9])*$`)
)
