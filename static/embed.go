// Package static holds what the program serves and draws with as it is: style sheets, scripts, fonts and pictures.
package static

import "embed"

// Files is the folder. In development the same folder is read from disk.
//
//go:embed css fonts img js vendor
var Files embed.FS
