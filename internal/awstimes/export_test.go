package awstimes

import (
	"maps"
	"slices"
)

// Tokens returns the types in the table.
func Tokens() []string { return slices.Sorted(maps.Keys(slow)) }
