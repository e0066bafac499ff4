// Package users defines the users of the service.
package users

import (
	"errors"
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"
)

// maxEmail is the longest address that a mail server accepts, in bytes (RFC 3696, erratum 1690).
const maxEmail = 254

// ErrEmail means that a text is not an address with which a user can sign up.
var ErrEmail = errors.New("email must be an address such as name@example.com, of 254 bytes at most")

// Email is an e-mail address in its canonical form: lower case, without a display name.
type Email string

// User is a person who signed up.
type User struct {
	// ID grows with each new user. IDs have gaps.
	ID        int64     `json:"id"`
	Email     Email     `json:"email"`
	CreatedAt time.Time `json:"created_at"`
}

// Page selects a part of the list of users, the newest first.
type Page struct {
	// After is the ID of the last user on the previous page, or 0 for the first page.
	After int64
	// Limit is the maximum number of users on the page.
	Limit int
}

// ParseEmail returns the canonical form of an address, or ErrEmail. It rejects quoted local parts and bare host names:
// RFC 5322 allows them, but in a sign-up form they are mistakes.
func ParseEmail(text string) (Email, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	parsed, err := mail.ParseAddress(text)
	if err != nil || parsed.Address != text || len(text) > maxEmail {
		return "", ErrEmail
	}
	_, domain, _ := strings.Cut(text, "@")
	if !strings.Contains(domain, ".") || strings.ContainsFunc(text, isForbidden) {
		return "", ErrEmail
	}
	return Email(text), nil
}

// isForbidden reports whether a character starts a quoted local part or an IP address, or is not valid UTF-8. Spaces are
// legal only inside of the former two.
func isForbidden(character rune) bool {
	switch character {
	case '"', '[', utf8.RuneError:
		return true
	default:
		return false
	}
}

// Masked returns the address as strangers may see it: its first letter and its domain.
func (e Email) Masked() string {
	local, domain, _ := strings.Cut(string(e), "@")
	_, first := utf8.DecodeRuneInString(local)
	return local[:first] + "***@" + domain
}
