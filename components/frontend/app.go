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
	// page is the file that CloudFront serves for every path of the app.
	page = "index.html"
	// assetFolder holds what a page loads. The names of its files change with their content, so that browsers and caches
	// may keep them forever.
	assetFolder = "assets/"
	// hashDigits is how many digits of a SHA-256 sum distinguish the versions of a file.
	hashDigits = 12
)

// file is one of the app's files.
type file struct {
	// path is its path in the directory, and key its key in the bucket, "" until name sets it.
	path, key string
	// body is its published content, and changed whether that differs from the directory's.
	body    []byte
	changed bool
}

// asset reports whether a page loads the file.
func (f *file) asset() bool { return strings.HasPrefix(f.path, assetFolder) }

// app is the files of a single-page app, by path.
type app map[string]*file

// readApp reads a directory, names its files and adapts their references. It rejects a directory without index.html, an
// index.html without one of the meta elements, and references that it cannot adapt.
func readApp(directory string, metas []string) (app, error) {
	files := app{}
	root := os.DirFS(directory)
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name != "." && strings.HasPrefix(entry.Name(), ".") && entry.Name() != ".well-known" {
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if entry.IsDir() || path.Ext(name) == ".go" {
			return nil
		}
		body, err := fs.ReadFile(root, name)
		files[name] = &file{path: name, body: body}
		return err
	})
	if err != nil {
		return nil, err
	}
	if files[page] == nil {
		return nil, errors.New("it must hold index.html")
	}
	for _, name := range metas {
		if !metaElement(name).Match(files[page].body) {
			return nil, fmt.Errorf(`index.html must have an element <meta name="%s" content="…"> for the value`, name)
		}
	}
	for _, file := range files {
		if err := files.name(file); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// name sets a file's key, after those of the files that it refers to; referrers are the files that refer to it.
func (a app) name(named *file, referrers ...string) error {
	if named.key != "" {
		return nil
	}
	if slices.Contains(referrers, named.path) {
		return fmt.Errorf("%s refers to itself through %v, so that no name can depend on its content: remove one reference",
			named.path, referrers)
	}
	if err := a.adaptReferences(named, referrers); err != nil {
		return err
	}
	named.key = named.path
	if named.asset() {
		sum := sha256.Sum256(named.body)
		extension := path.Ext(named.path)
		named.key = fmt.Sprintf("%s.%s%s",
			strings.TrimSuffix(named.path, extension), hex.EncodeToString(sum[:])[:hashDigits], extension)
	}
	return nil
}

// reference is a text that may refer to a file, in quotes or in parentheses.
var reference = regexp.MustCompile(`(["'(])([^"'()<>\s?#]+)((?:[?#][^"'()<>\s]*)?["')])`)

// adaptReferences replaces a file's references by the keys of the files in the bucket, with a slash in front, since a
// page may be served below any path. It rejects references that it cannot replace.
func (a app) adaptReferences(source *file, referrers []string) error {
	extension := path.Ext(source.path)
	script := slices.Contains([]string{".js", ".mjs"}, extension)
	if !script && extension != ".html" && extension != ".css" {
		return nil
	}
	var errs []error
	body := reference.ReplaceAllFunc(source.body, func(match []byte) []byte {
		parts := reference.FindSubmatch(match)
		target := a.target(source, string(parts[2]))
		if target == nil || target == source || script {
			return match
		}
		errs = append(errs, a.name(target, append(slices.Clone(referrers), source.path)...))
		return slices.Concat(parts[1], []byte("/"+target.key), parts[3])
	})
	for _, other := range a {
		if other.asset() && (strings.Contains(string(body), other.path) || script && a.loads(source, other)) {
			errs = append(errs, fmt.Errorf("%s names %s in a place where the name with its hash cannot stand: name it in an attribute "+
				"of index.html or in a url() of a style sheet, or bundle the two", source.path, other.path))
		}
	}
	source.changed = string(body) != string(source.body)
	source.body = body
	return errors.Join(errs...)
}

// target returns the file that a reference in another file refers to, nil if it refers to none.
func (a app) target(source *file, reference string) *file {
	if absolute, isAbsolute := strings.CutPrefix(reference, "/"); isAbsolute {
		return a[path.Clean(absolute)]
	}
	return a[path.Join(path.Dir(source.path), reference)]
}

// loads reports whether a script loads a file by a relative path, as modules do.
func (a app) loads(script, loaded *file) bool {
	for _, parts := range reference.FindAllSubmatch(script.body, -1) {
		if text := string(parts[2]); strings.HasPrefix(text, ".") && a.target(script, text) == loaded {
			return true
		}
	}
	return false
}

// metaElement returns the pattern of a meta element with its content.
func metaElement(name string) *regexp.Regexp {
	return regexp.MustCompile(`(<meta\s+name="` + regexp.QuoteMeta(name) + `"\s+content=")[^"]*(")`)
}

// withMetas returns a page with the values of its meta elements, by their names.
func withMetas(page string, values map[string]string) string {
	for name, value := range values {
		// ReplaceAllString would expand a $ of the value.
		escaped := strings.ReplaceAll(html.EscapeString(value), "$", "$$")
		page = metaElement(name).ReplaceAllString(page, "${1}"+escaped+"${2}")
	}
	return page
}
