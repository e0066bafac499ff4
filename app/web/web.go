// Package web is the static page.
package web

import "embed"

// Files are the page's files: index.html, and what it loads from assets.
//
//go:embed index.html assets
var Files embed.FS
