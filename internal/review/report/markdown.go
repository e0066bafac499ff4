package report

import (
	_ "embed"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/template"
	"unicode/utf8"
)

// longestComment is GitHub's limit for comments, in characters: "Body is too long (maximum is 65536 characters)".
const longestComment = 65536

//go:embed markdown.tmpl
var markdownText string

var markdown = template.Must(template.New("markdown").Funcs(template.FuncMap{
	"plain": plain, "code": code, "names": names, "some": some,
}).Parse(markdownText))

// comment is the template's data. A brief one leaves out the lists of changes.
type comment struct {
	view

	Brief bool
}

// Noticed reports whether any tier has interruptions.
func (c comment) Noticed() bool {
	return slices.ContainsFunc(c.Tiers, func(tier tier) bool { return len(tier.Interruptions) > 0 })
}

// writeMarkdown writes a comment for a pull request: a brief one, if GitHub would reject the whole.
func writeMarkdown(out io.Writer, document Document) error {
	var text string
	for _, brief := range []bool{false, true} {
		var written strings.Builder
		if err := markdown.Execute(&written, comment{newView(document), brief}); err != nil {
			return err
		}
		if text = written.String(); utf8.RuneCountInString(text) <= longestComment {
			break
		}
	}
	_, err := io.WriteString(out, text)
	return err
}

var escape = strings.NewReplacer(
	`\`, `\\`, "|", `\|`, "<", "&lt;", ">", "&gt;", "&", "&amp;", "*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`, "]", `\]`, "\n", " ",
)

// plain escapes a text so that Markdown shows it as it is.
func plain(text string) string { return escape.Replace(text) }

// code formats a name as code.
func code(text string) string { return "`" + strings.ReplaceAll(text, "`", "'") + "`" }

// longestList is how many entries of a list a comment shows.
const longestList = 40

func names(all []string) string {
	text := plain(strings.Join(some(all), ", "))
	if left := len(all) - longestList; left > 0 {
		text += fmt.Sprintf(" and %d more", left)
	}
	return text
}

func some(all []string) []string { return all[:min(len(all), longestList)] }
