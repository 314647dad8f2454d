package app_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// rank orders the packages: each imports only packages of a lower rank. A package that isn't here fails the test.
var rank = map[string]int{
	"locales": 0, "templates": 0, "migrations": 0, "static": 0,
	"app/fault": 1, "app/config": 1, "app/token": 1,
	"app/locale": 2,
	"app/db":     3, "app/pdf": 3, "app/sheet": 3, "app/markdown": 3, "app/calendar": 3, "app/file": 3,
	"app/job":  4,
	"app/mail": 5, "app/audit": 5,
	"app/account": 6, "app/person": 7, "app/network": 7, "app/project": 8, "app/event": 9, "app/registration": 10, "app/attendance": 11,
	"app/roster": 12, "app/certificate": 12, "app/report": 13, "app/demo": 13,
	"app/web": 14, "app/web/public": 15, "app/web/desk": 15, "app/web/checkin": 15, "app/web/donor": 15, "app/web/api": 15,
	"app": 16, "app/locale/gen": 16,
	"cmd/attesta": 17,
}

// may holds exceptions from above, where the table of who imports whom is narrower or a rank says too little.
var never = map[string][]string{
	"app/fault":   {"app/", "locales", "templates", "migrations", "static"},
	"app/token":   {"app/"},
	"app/config":  {"app/"},
	"app/pdf":     {"app/db", "app/account"},
	"app/sheet":   {"app/db", "app/account"},
	"app/file":    {"app/db", "app/account"},
	"app/locale":  {"app/db", "app/web"},
	"cmd/attesta": {"app/"},
}

// only names the packages that may import a library; everybody else goes through them.
var only = map[string][]string{
	"github.com/jung-kurt/gofpdf":   {"app/pdf"},
	"github.com/go-mail/mail":       {"app/mail"},
	"github.com/gofiber/fiber":      {"app/web", "app/web/public", "app/web/desk", "app/web/checkin", "app/web/donor"},
	"github.com/xuri/excelize":      {"app/sheet"},
	"github.com/yuin/goldmark":      {"app/markdown"},
	"github.com/arran4/golang-ical": {"app/calendar"},
	"github.com/minio/minio-go":     {"app/file"},
	"github.com/riverqueue/river":   {"app/job"},
	"github.com/nicksnyder/go-i18n": {"app/locale"},
}

func TestPackagesImportOnlyWhatStandsBeforeThem(t *testing.T) {
	seen := 0
	err := filepath.WalkDir("..", func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() && (strings.HasPrefix(e.Name(), ".") && e.Name() != ".." || e.Name() == "testdata" || e.Name() == "node_modules") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		pkg := filepath.ToSlash(filepath.Dir(strings.TrimPrefix(filepath.ToSlash(path), "../")))
		if strings.HasPrefix(pkg, "app/apptest") {
			return nil
		}
		seen++
		checkImports(t, pkg, path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 50 {
		t.Fatalf("only %d files were looked at", seen)
	}
}

func checkImports(t *testing.T, pkg, path string) {
	t.Helper()
	own, known := rank[pkg]
	if !known {
		t.Errorf("%s: the package isn't in the table of ranks", pkg)
		return
	}
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	for _, spec := range f.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		for library, by := range only {
			if strings.HasPrefix(imported, library) && !among(by, pkg) {
				t.Errorf("%s imports %s, which is for %v", path, imported, by)
			}
		}
		inside, ok := strings.CutPrefix(imported, "attesta/")
		if !ok {
			continue
		}
		if strings.HasPrefix(inside, "app/apptest") {
			t.Errorf("%s imports apptest outside a test", path)
		}
		if r, ok := rank[inside]; !ok || r >= own {
			t.Errorf("%s imports %s, which doesn't stand before it", path, inside)
		}
		for _, n := range never[pkg] {
			if inside == n || strings.HasSuffix(n, "/") && strings.HasPrefix(inside, n) {
				t.Errorf("%s may not import %s", path, inside)
			}
		}
	}
}

func among(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
