// Package web is the static page.
package web

import "embed"

// Files contains the page: index.html, and the assets that it loads.
//
//go:embed index.html assets
var Files embed.FS
