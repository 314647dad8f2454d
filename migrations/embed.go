// Package migrations embeds the steps of the schema, in one folder a database. A step that has been released is never
// edited; another one is added.
package migrations

import "embed"

// FS holds the folders sqlite and postgres.
//
//go:embed sqlite postgres
var FS embed.FS
