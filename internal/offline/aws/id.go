package aws

import (
	"crypto/rand"
	"encoding/hex"
)

const uuid = "${hex8}-${hex4}-${hex4}-${hex4}-${hex12}"

// newID is an identifier of what AWS makes by itself.
func newID(prefix string) string {
	digits := make([]byte, 8)
	_, _ = rand.Read(digits) // never fails
	return prefix + hex.EncodeToString(digits)
}
