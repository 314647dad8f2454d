// Package templates holds the pages: one folder an audience, one file a page.
package templates

import "embed"

// Files is the folder. In development the same folder is read from disk.
//
//go:embed */*.html
var Files embed.FS
