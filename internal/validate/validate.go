// Package validate collects what is wrong with arguments, so that one error shows all of it.
package validate

import (
	"errors"
	"fmt"
)

// Problems are what is wrong with arguments. The zero value is none.
type Problems struct{ errs []error }

// Addf adds a problem, formatted as by fmt.Errorf.
func (p *Problems) Addf(format string, values ...any) {
	p.errs = append(p.errs, fmt.Errorf(format, values...))
}

// Add adds the problems of an error; nil adds none.
func (p *Problems) Add(err error) {
	if err != nil {
		p.errs = append(p.errs, err)
	}
}

// Retention adds a problem unless a field holds a retention of one day or more.
func (p *Problems) Retention(field string, days int) {
	if days < 1 {
		p.Addf("%s is %d: it must be 1 or more, or logs are kept forever", field, days)
	}
}

// Err returns the problems as one error, nil if there are none.
func (p *Problems) Err() error { return errors.Join(p.errs...) }
