package frontend

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"html"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
)

const (
	// page is what every path of the app leads to.
	page = "index.html"
	// assetFolder holds what a page loads. Its files get names that change with their content, so that they can be kept
	// for ever wherever they came.
	assetFolder = "assets/"
	// hashDigits are enough of a SHA-256 sum to tell the versions of one file apart.
	hashDigits = 12
)

// file is one of the app's files.
type file struct {
	// path is where it is in the directory, and key what it is called in the bucket: "" until it is settled.
	path, key string
	// body is what is published, and changed says that it is not what the directory has.
	body    []byte
	changed bool
}

func (f *file) asset() bool { return strings.HasPrefix(f.path, assetFolder) }

// app is the files of a single-page app, by path.
type app map[string]*file

// read reads a directory and gives each file its name and references. It refuses a directory without index.html, one
// whose index.html lacks one of the meta elements, and references that would lead nowhere.
func read(directory string, metas []string) (app, error) {
	found := app{}
	root := os.DirFS(directory)
	err := fs.WalkDir(root, ".", func(where string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if where != "." && strings.HasPrefix(entry.Name(), ".") && entry.Name() != ".well-known" {
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if entry.IsDir() || path.Ext(where) == ".go" {
			return nil
		}
		body, err := fs.ReadFile(root, where)
		found[where] = &file{path: where, body: body}
		return err
	})
	if err != nil {
		return nil, err
	}
	if found[page] == nil {
		return nil, errors.New("it must hold index.html")
	}
	for _, name := range metas {
		if !metaElement(name).Match(found[page].body) {
			return nil, fmt.Errorf(`index.html must have an element <meta name="%s" content="…"> for the value`, name)
		}
	}
	for _, file := range found {
		if err := found.settle(file); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// settle gives a file its key, after those that it refers to; from are the files that refer to it.
func (a app) settle(settled *file, from ...string) error {
	if settled.key != "" {
		return nil
	}
	if slices.Contains(from, settled.path) {
		return fmt.Errorf("%s refers to itself by way of %v, so that no name fits its content: take one reference out",
			settled.path, from)
	}
	if err := a.lead(settled, from); err != nil {
		return err
	}
	settled.key = settled.path
	if settled.asset() {
		sum := sha256.Sum256(settled.body)
		extension := path.Ext(settled.path)
		settled.key = fmt.Sprintf("%s.%s%s",
			strings.TrimSuffix(settled.path, extension), hex.EncodeToString(sum[:])[:hashDigits], extension)
	}
	return nil
}

// reference is what may refer to a file: a text in quotes or in parentheses.
var reference = regexp.MustCompile(`(["'(])([^"'()<>\s?#]+)((?:[?#][^"'()<>\s]*)?["')])`)

// lead has a file's references lead to the names that files have in the bucket. They begin with a slash, since a page
// may be read below any path. It refuses those that it can't change.
func (a app) lead(changed *file, from []string) error {
	extension := path.Ext(changed.path)
	script := slices.Contains([]string{".js", ".mjs"}, extension)
	if !script && extension != ".html" && extension != ".css" {
		return nil
	}
	var errs []error
	body := reference.ReplaceAllFunc(changed.body, func(match []byte) []byte {
		parts := reference.FindSubmatch(match)
		target := a.target(changed, string(parts[2]))
		if target == nil || target == changed || script {
			return match
		}
		errs = append(errs, a.settle(target, append(slices.Clone(from), changed.path)...))
		return slices.Concat(parts[1], []byte("/"+target.key), parts[3])
	})
	for _, other := range a {
		if other.asset() && (strings.Contains(string(body), other.path) || script && a.loads(changed, other)) {
			errs = append(errs, fmt.Errorf("%s names %s where its name with the hash can't be put: name it in an attribute of "+
				"index.html or a url() of a style sheet, or bundle the two", changed.path, other.path))
		}
	}
	changed.changed = string(body) != string(changed.body)
	changed.body = body
	return errors.Join(errs...)
}

// target is the file that a reference leads to, nil if it leads elsewhere.
func (a app) target(from *file, reference string) *file {
	if absolute, found := strings.CutPrefix(reference, "/"); found {
		return a[path.Clean(absolute)]
	}
	return a[path.Join(path.Dir(from.path), reference)]
}

// loads tells whether a script loads a file by a path of its own, as modules do.
func (a app) loads(script, loaded *file) bool {
	for _, parts := range reference.FindAllSubmatch(script.body, -1) {
		if text := string(parts[2]); strings.HasPrefix(text, ".") && a.target(script, text) == loaded {
			return true
		}
	}
	return false
}

// metaElement finds a meta element with its content.
func metaElement(name string) *regexp.Regexp {
	return regexp.MustCompile(`(<meta\s+name="` + regexp.QuoteMeta(name) + `"\s+content=")[^"]*(")`)
}

// withMetas is a page whose meta elements have the values, by their names.
func withMetas(page string, values map[string]string) string {
	for name, value := range values {
		// A $ in what is put in would stand for a part of what was found.
		escaped := strings.ReplaceAll(html.EscapeString(value), "$", "$$")
		page = metaElement(name).ReplaceAllString(page, "${1}"+escaped+"${2}")
	}
	return page
}
