package frontend

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// folder is a directory with the files.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	directory := t.TempDir()
	for name, body := range files {
		where := filepath.Join(directory, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(where), 0o755))
		require.NoError(t, os.WriteFile(where, []byte(body), 0o600))
	}
	return directory
}

func TestReadNamesAssetsByTheirContent(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"index.html":         `<link href="assets/style.css"><script src='/assets/js/app.js?v=1#top'></script><a href="about">`,
		"assets/style.css":   `@import "base.css"; body { background: url(icon.svg) url("../assets/icon.svg") }`,
		"assets/base.css":    "html {}",
		"assets/icon.svg":    "<svg/>",
		"assets/js/app.js":   `fetch("users"); // assets are loaded by the page`,
		"favicon.ico":        "\x00\x00\x01\x00",
		".well-known/a.txt":  "a",
		".git/config":        "secret",
		".env":               "secret",
		"web.go":             "package web",
		"assets/noextension": "a",
	}
	first, err := readApp(folder(t, files), nil)
	require.NoError(t, err)

	require.NotContains(t, first, ".git/config")
	require.NotContains(t, first, ".env")
	require.NotContains(t, first, "web.go")
	require.Equal(t, "favicon.ico", first["favicon.ico"].key)
	require.Equal(t, ".well-known/a.txt", first[".well-known/a.txt"].key)
	require.Equal(t, page, first[page].key)
	for path, pattern := range map[string]string{
		"assets/style.css":   `^assets/style\.[0-9a-f]{12}\.css$`,
		"assets/js/app.js":   `^assets/js/app\.[0-9a-f]{12}\.js$`,
		"assets/noextension": `^assets/noextension\.[0-9a-f]{12}$`,
	} {
		require.Regexp(t, pattern, first[path].key)
	}
	key := func(path string) string { return "/" + first[path].key }
	require.Equal(t, `<link href="`+key("assets/style.css")+`"><script src='`+key("assets/js/app.js")+`?v=1#top'></script>`+
		`<a href="about">`, string(first[page].body))
	require.Equal(t, `@import "`+key("assets/base.css")+`"; body { background: url(`+key("assets/icon.svg")+`) url("`+
		key("assets/icon.svg")+`") }`, string(first["assets/style.css"].body))
	require.True(t, first["assets/style.css"].changed)
	require.False(t, first["assets/base.css"].changed)

	again, err := readApp(folder(t, files), nil)
	require.NoError(t, err)
	require.Equal(t, first, again, "the same files get the same names")

	files["assets/base.css"] = "html { color: red }"
	changed, err := readApp(folder(t, files), nil)
	require.NoError(t, err)
	require.NotEqual(t, first["assets/style.css"].key, changed["assets/style.css"].key, "what refers to a new file is new")
	require.Equal(t, first["assets/icon.svg"].key, changed["assets/icon.svg"].key)
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		files map[string]string
		metas []string
		want  string
	}{
		"no page":               {map[string]string{"assets/app.js": ""}, nil, "it must hold index.html"},
		"no element":            {map[string]string{"index.html": `<meta name="app" content="">`}, []string{"api"}, `<meta name="api" content="…">`},
		"a circle":              {map[string]string{"index.html": "", "assets/a.css": `@import "b.css"`, "assets/b.css": `@import "a.css"`}, nil, "refers to itself"},
		"a list of images":      {map[string]string{"index.html": `<img srcset="assets/a.png 1x, assets/b.png 2x">`, "assets/a.png": "", "assets/b.png": ""}, nil, "index.html names assets/"},
		"a script with a path":  {map[string]string{"index.html": "", "assets/app.js": `fetch("assets/a.json")`, "assets/a.json": "{}"}, nil, "assets/app.js names assets/a.json"},
		"a module of a module":  {map[string]string{"index.html": "", "assets/app.mjs": `import "./b.mjs"`, "assets/b.mjs": ""}, nil, "assets/app.mjs names assets/b.mjs"},
		"a directory of no app": {nil, nil, "it must hold index.html"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := readApp(folder(t, test.files), test.metas)
			require.ErrorContains(t, err, test.want)
		})
	}
	_, err := readApp(filepath.Join(t.TempDir(), "missing"), nil)
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestWithMetas(t *testing.T) {
	t.Parallel()
	const html = `<meta name="api" content="api"><meta name="theme" content="light">`
	require.Equal(t, `<meta name="api" content="http://lb/api?a=&#34;$1&amp;b"><meta name="theme" content="light">`,
		withMetas(html, map[string]string{"api": `http://lb/api?a="$1&b`}))
	require.Equal(t, html, withMetas(html, nil))
}

func TestContentType(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"index.html":    "text/html; charset=utf-8",
		"app.js":        "text/javascript; charset=utf-8",
		"app.js.map":    "application/json",
		"style.css":     "text/css; charset=utf-8",
		"icon.svg":      "image/svg+xml; charset=utf-8",
		"robots.txt":    "text/plain; charset=utf-8",
		"image":         "image/png",
		"something.bin": "application/octet-stream",
	} {
		body := "\x00\x01\x02"
		if want == "image/png" {
			body = "\x89PNG\x0D\x0A\x1A\x0A"
		}
		require.Equal(t, want, (&file{path: name, body: []byte(body)}).contentType(), name)
	}
}

// The reference service's page is the default app.
func TestReadReferencePage(t *testing.T) {
	t.Parallel()
	files, err := readApp("../../app/web", []string{"api"})
	require.NoError(t, err)
	body := string(files[page].body)
	for path, file := range files {
		if file.asset() {
			require.Contains(t, body, `"/`+file.key+`"`)
			require.NotContains(t, body, path)
		}
	}
	require.Equal(t, 4, len(files), strings.Join([]string{"index.html", "app.js", "icon.svg", "style.css"}, " "))
}
