// Command gen writes the Serbian catalogue in Latin script from the one in Cyrillic: go generate ./locales.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"attesta/app/locale"
)

func main() {
	folder := "locales"
	if len(os.Args) > 1 {
		folder = os.Args[1]
	}
	if err := generate(folder); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// generate rewrites folder/sr-Latn from folder/sr-Cyrl and removes the files that have no source.
func generate(folder string) error {
	source := filepath.Join(folder, string(locale.SerbianCyrillic))
	target := filepath.Join(folder, string(locale.SerbianLatin))
	files, err := filepath.Glob(filepath.Join(source, "*.toml"))
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fmt.Errorf("no catalogue in %s", source)
	}
	if err := os.MkdirAll(target, 0o755); err != nil {
		return err
	}
	wanted := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		name := filepath.Base(file)
		wanted[name] = true
		if err := os.WriteFile(filepath.Join(target, name), []byte(locale.ToLatin(string(text))), 0o644); err != nil {
			return err
		}
	}
	old, err := filepath.Glob(filepath.Join(target, "*.toml"))
	if err != nil {
		return err
	}
	for _, file := range old {
		if !wanted[filepath.Base(file)] {
			if err := os.Remove(file); err != nil {
				return err
			}
		}
	}
	return nil
}
