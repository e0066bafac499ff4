package aws

import (
	"crypto/rand"
	"encoding/hex"
)

const uuid = "${hex8}-${hex4}-${hex4}-${hex4}-${hex12}"

// newID returns an id for a resource that AWS creates by itself.
func newID(prefix string) string {
	digits := make([]byte, 8)
	_, _ = rand.Read(digits) // never fails
	return prefix + hex.EncodeToString(digits)
}
