// Package users says what a user of the service is.
package users

import (
	"errors"
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"
)

// maxEmail is the longest address that a mail server takes, in bytes (RFC 3696, erratum 1690).
const maxEmail = 254

// ErrEmail says that a text is no address that a user can have.
var ErrEmail = errors.New("email must be an address such as name@example.com, of 254 bytes at most")

// Email is an e-mail address in the one form in which it is stored and compared: lower case, without a display name.
type Email string

// User is somebody who signed up.
type User struct {
	// ID grows with each new user; it has gaps.
	ID        int64     `json:"id"`
	Email     Email     `json:"email"`
	CreatedAt time.Time `json:"created_at"`
}

// Page names a part of the list of users, which begins with the newest.
type Page struct {
	// After is the ID of the last user of the page before; 0 is the first page.
	After int64
	// Limit is how many users there are on a page at most.
	Limit int
}

// ParseEmail gives a text's address, or ErrEmail. Quoted local parts and bare host names are legal in RFC 5322, but
// are mistakes in a sign-up form.
func ParseEmail(text string) (Email, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	parsed, err := mail.ParseAddress(text)
	if err != nil || parsed.Address != text || len(text) > maxEmail {
		return "", ErrEmail
	}
	_, domain, _ := strings.Cut(text, "@")
	if !strings.Contains(domain, ".") || strings.ContainsAny(text, "\"[] \t") ||
		strings.ContainsRune(text, utf8.RuneError) {
		return "", ErrEmail
	}
	return Email(text), nil
}

// Masked is the address as strangers may see it: its first letter and its domain.
func (e Email) Masked() string {
	local, domain, _ := strings.Cut(string(e), "@")
	_, first := utf8.DecodeRuneInString(local)
	return local[:first] + "***@" + domain
}
