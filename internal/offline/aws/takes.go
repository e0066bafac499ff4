package aws

import (
	"sync"
	"time"

	"stagecraft/internal/offline/cloud"
)

var byToken = sync.OnceValue(func() map[string]cloud.Type {
	declared := map[string]cloud.Type{}
	for _, one := range types() {
		declared[one.Token] = one
	}
	return declared
})

// Tokens are the declared types.
func Tokens() []string {
	var tokens []string
	for token := range byToken() {
		tokens = append(tokens, token)
	}
	return tokens
}

// Takes is how long AWS typically takes to create a resource of a type with such inputs, and whether the type is declared.
func Takes(token string, inputs map[string]any) (time.Duration, bool) {
	declared, known := byToken()[token]
	return declared.Typically(inputs), known
}
