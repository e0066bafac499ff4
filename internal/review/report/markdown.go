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

// longestComment is how many characters GitHub takes in a comment: "Body is too long (maximum is 65536 characters)".
const longestComment = 65536

//go:embed markdown.tmpl
var markdownText string

var markdown = template.Must(template.New("markdown").Funcs(template.FuncMap{
	"plain": plain, "code": code, "names": names, "some": some,
}).Parse(markdownText))

// comment is what the template prints. A brief one leaves out the lists of changes.
type comment struct {
	view

	Brief bool
}

// Noticed tells whether there is anything to say about interruptions.
func (c comment) Noticed() bool {
	return slices.ContainsFunc(c.Tiers, func(its tier) bool { return len(its.Interruptions) > 0 })
}

// writeMarkdown writes a comment for a pull request, which says less where GitHub would not take all.
func writeMarkdown(out io.Writer, of Document) error {
	var text string
	for _, brief := range []bool{false, true} {
		var written strings.Builder
		if err := markdown.Execute(&written, comment{newView(of), brief}); err != nil {
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

// plain is a text in which nothing is Markdown.
func plain(text string) string { return escape.Replace(text) }

// code is a name as it is.
func code(text string) string { return "`" + strings.ReplaceAll(text, "`", "'") + "`" }

// most is how many of a kind a comment names.
const most = 40

func names(of []string) string {
	text := plain(strings.Join(some(of), ", "))
	if left := len(of) - most; left > 0 {
		text += fmt.Sprintf(" and %d more", left)
	}
	return text
}

func some(of []string) []string { return of[:min(len(of), most)] }
