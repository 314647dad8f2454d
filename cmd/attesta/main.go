// Command attesta is an event and conference management system for networks of organisations that train people
// across borders. Run "attesta demo" to see it, "attesta serve" to run it, "attesta --help" for the rest.
package main

import (
	"os"

	"attesta/app"
)

func main() { os.Exit(app.Main(os.Args[1:], os.Environ(), os.Stdout, os.Stderr)) }
