// Package locales holds every sentence that the program says: one folder a language, one file a feature.
package locales

import "embed"

//go:generate go run attesta/app/locale/gen .

// FS is the folder: {locale}/{feature}.toml with the messages; beside the locales' folders what is not a matter of
// language, such as the country of each known city.
//
//go:embed *.toml */*.toml vocabulary/roster/*.toml
var FS embed.FS
