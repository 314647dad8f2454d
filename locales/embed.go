// Package locales holds every sentence that the program says: one folder a language, one file a feature.
package locales

import "embed"

//go:generate go run attesta/app/locale/gen .

// FS is the folder: {locale}/{feature}.toml with the messages, and city.toml with the country of each known city.
//
//go:embed */*.toml city.toml
var FS embed.FS
