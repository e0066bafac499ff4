package users_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"stagecraft/app/internal/users"
)

func TestParseEmail(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]users.Email{
		"ada@example.com":                         "ada@example.com",
		"  Ada.L+news@Example.COM\n":              "ada.l+news@example.com",
		"ünal@example.com":                        "ünal@example.com",
		strings.Repeat("a", 242) + "@example.com": users.Email(strings.Repeat("a", 242) + "@example.com"),
	} {
		got, err := users.ParseEmail(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got)
	}
	for _, text := range []string{
		"", "ada", "@example.com", "ada@", "ada@localhost", "Ada <ada@example.com>", "<ada@example.com>",
		`"ada l"@example.com`, "ada@[192.0.2.1]", "a@example.com,b@example.com", "ada@exa mple.com", "ada\x00@example.com",
		"ada@example.com\nbcc: x", "\xff@example.com", "ada@.com", "ada @example.com", "ada@example.com ]", "ada@[a.b c.d]", "ada@[192.0.2.1", "ada@example..com", strings.Repeat("a", 243) + "@example.com",
	} {
		_, err := users.ParseEmail(text)
		require.ErrorIs(t, err, users.ErrEmail, "%q", text)
	}
}

func TestMasked(t *testing.T) {
	t.Parallel()
	require.Equal(t, "a***@example.com", users.Email("ada@example.com").Masked())
	require.Equal(t, "ü***@example.com", users.Email("ünal@example.com").Masked())
}

func FuzzParseEmail(f *testing.F) {
	for _, seed := range []string{"ada@example.com", `"a b"@example.com`, "İ@example.com", "a@[::1]", "=?utf-8?q?a?=@example.com"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		email, err := users.ParseEmail(text)
		if err != nil {
			return
		}
		again, err := users.ParseEmail(string(email))
		require.NoError(t, err)
		require.Equal(t, email, again, "one address has one form")
		require.True(t, utf8.ValidString(string(email)), "PostgreSQL stores valid UTF-8 only")
		require.LessOrEqual(t, len(email), 254)
		require.Equal(t, 1, strings.Count(string(email), "@"))
		require.False(t, strings.ContainsFunc(string(email), func(r rune) bool {
			return unicode.IsSpace(r) || unicode.IsControl(r)
		}))
	})
}
