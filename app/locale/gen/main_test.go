package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestGenerateRewritesTheLatinCatalogueAndRemovesWhatHasNoSource(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"sr-Cyrl/x.toml":   "\"x.a\" = \"Њива {{.Name}}\"\n",
		"sr-Latn/x.toml":   "old",
		"sr-Latn/old.toml": "old",
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := generate(dir); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(dir, "sr-Latn", "x.toml"))
	if want := "\"x.a\" = \"Njiva {{.Name}}\"\n"; err != nil || string(got) != want {
		t.Errorf("%q, %v, want %q", got, err, want)
	}
	if _, err := os.Stat(filepath.Join(dir, "sr-Latn", "old.toml")); !os.IsNotExist(err) {
		t.Errorf("a file without a source is still there: %v", err)
	}
	if err := generate(t.TempDir()); err == nil {
		t.Error("an empty folder was accepted")
	}
}
