package docs

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// lineLimit is the longest line of Markdown outside tables and code, in characters.
const lineLimit = 120

// unplain are phrases that CONTRIBUTING.md's style note replaces by plainer ones.
var unplain = regexp.MustCompile(`(?i)\b(` + strings.Join([]string{
	`(is|are|be|was|been|being) told`, `hears? of`, `leads? back`, `tells? whether`, `tells? how`, `says? whether`,
	`leads? users`, `led (to|there)`, `stands? beside`, `has people`, `have people`, `that there (is|are)`, `there (is|are) not`,
	`has (it|them|all|AWS|CloudFront|Pulumi) \w+`, `(is|are) none of`, `whoever`, `what is of`, `of its own kind`,
}, "|") + `)\b`)

// pages returns the Markdown pages of the project, relative to root.
func pages(t *testing.T) []string {
	t.Helper()
	return files(t, ".md")
}

// files returns the project's files with an extension, without tests' data and what was built.
func files(t *testing.T, extension string) []string {
	t.Helper()
	var paths []string
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != root && (strings.HasPrefix(entry.Name(), ".") && entry.Name() != ".github" ||
			entry.Name() == "bin" || entry.Name() == "testdata" || entry.Name() == "node_modules"):
			return filepath.SkipDir
		case filepath.Ext(path) == extension:
			paths = append(paths, path)
		}
		return nil
	}))
	require.NotEmpty(t, paths)
	return paths
}

// prose returns the lines of a page outside tables and code, by their numbers; other lines are empty.
func prose(t *testing.T, page string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Clean(page))
	require.NoError(t, err)
	lines := strings.Split(string(text), "\n")
	code := false
	for i, line := range lines {
		fence := strings.HasPrefix(strings.TrimSpace(line), "```")
		if fence {
			code = !code
		}
		if code || fence || strings.HasPrefix(line, "|") {
			lines[i] = ""
		}
	}
	return lines
}

// TestMarkdownLines holds pages to one sentence a line, and to a length that fits a terminal beside its diff.
func TestMarkdownLines(t *testing.T) {
	t.Parallel()
	sentence := regexp.MustCompile(`[a-z)*` + "`" + `][.!?] [A-Z]`)
	for _, page := range pages(t) {
		if filepath.Base(page) == "components.md" { // its prose is the doc comments', whose lines hold several sentences
			continue
		}
		for i, line := range prose(t, page) {
			where := fmt.Sprintf("%s:%d: %s", page, i+1, line)
			if utf8.RuneCountInString(line) > lineLimit && strings.Contains(line[:lineLimit], " ") && !strings.Contains(line, "](") {
				t.Errorf("longer than %d characters: %s", lineLimit, where)
			}
			if sentence.MatchString(strings.ReplaceAll(line, "e.g. ", "")) {
				t.Errorf("more than one sentence: %s", where)
			}
		}
	}
}

// TestPlainEnglish rejects phrases that the style note replaces, in pages and in Go comments.
func TestPlainEnglish(t *testing.T) {
	t.Parallel()
	for _, page := range pages(t) {
		text, err := os.ReadFile(filepath.Clean(page))
		require.NoError(t, err)
		if filepath.Base(page) == "CONTRIBUTING.md" { // its style note quotes them
			continue
		}
		for i, line := range strings.Split(string(text), "\n") {
			if phrase := unplain.FindString(line); phrase != "" {
				t.Errorf("%s:%d: %q is not plain: see the style note in CONTRIBUTING.md", page, i+1, phrase)
			}
		}
	}
	for _, path := range files(t, ".go") {
		positions := token.NewFileSet()
		file, err := parser.ParseFile(positions, path, nil, parser.ParseComments|parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, comment := range file.Comments {
			if phrase := unplain.FindString(comment.Text()); phrase != "" {
				t.Errorf("%s: %q is not plain: see the style note in CONTRIBUTING.md", positions.Position(comment.Pos()), phrase)
			}
		}
	}
}

var link = regexp.MustCompile(`\]\(([^)#]*)(#[^)]*)?\)`)

// TestLinks follows the links between files of the project, to their headings.
func TestLinks(t *testing.T) {
	t.Parallel()
	for _, page := range pages(t) {
		text, err := os.ReadFile(filepath.Clean(page))
		require.NoError(t, err)
		for _, match := range link.FindAllStringSubmatch(string(text), -1) {
			path, anchor := match[1], strings.TrimPrefix(match[2], "#")
			if strings.Contains(path, "://") || strings.HasPrefix(path, "mailto:") {
				continue
			}
			target := page
			if path != "" {
				target = filepath.Join(filepath.Dir(page), path)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: the link to %s is broken", page, match[0])
				continue
			}
			if anchor != "" && !strings.Contains(anchors(t, target), " "+anchor+" ") {
				t.Errorf("%s: %s has no heading for the link to %s", page, target, match[0])
			}
		}
	}
}

// anchors returns the headings of a page as links name them (GitHub Docs, "Section links"), between spaces.
func anchors(t *testing.T, page string) string {
	t.Helper()
	unlinkable := regexp.MustCompile("[^a-z0-9 _-]")
	all := " "
	for _, line := range prose(t, page) {
		if heading := strings.TrimLeft(line, "#"); heading != line {
			heading = unlinkable.ReplaceAllString(strings.ToLower(strings.TrimSpace(heading)), "")
			all += strings.ReplaceAll(heading, " ", "-") + " "
		}
	}
	return all
}
