package app_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"attesta/app/audit"
	"attesta/app/locale"
	"attesta/locales"
)

// deedSource finds what the program writes into the record by reading its source: every call of Actor.Deed, with the
// words that reach it through parameters, variables and constants.
type deedSource struct {
	t        *testing.T
	fset     *token.FileSet
	funcs    []*source // of all packages
	constant map[string]string
}

// source is one function of a package.
type source struct {
	pkg  string
	decl *ast.FuncDecl
}

func readSource(t *testing.T) *deedSource {
	t.Helper()
	s := &deedSource{t: t, fset: token.NewFileSet(), constant: map[string]string{}}
	err := filepath.WalkDir(".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(s.fset, path, nil, 0)
		if err != nil {
			return err
		}
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				s.funcs = append(s.funcs, &source{filepath.Dir(path), d})
			case *ast.GenDecl:
				s.constants(d)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *deedSource) constants(d *ast.GenDecl) {
	if d.Tok != token.CONST {
		return
	}
	for _, spec := range d.Specs {
		v := spec.(*ast.ValueSpec)
		for i, name := range v.Names {
			if i < len(v.Values) {
				if lit, ok := v.Values[i].(*ast.BasicLit); ok && lit.Kind == token.STRING {
					s.constant[name.Name], _ = strconv.Unquote(lit.Value)
				}
			}
		}
	}
}

// deeds returns the kinds of all deeds, as audit.Entry.Kind names them, and says where it can't tell.
func (s *deedSource) deeds() []string {
	s.t.Helper()
	var all []string
	for _, f := range s.funcs {
		if f.decl.Body == nil || f.decl.Name.Name == "Deed" {
			continue
		}
		s.refuseEntries(f)
		ast.Inspect(f.decl.Body, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 3 || nameOf(call.Fun) != "Deed" {
				return true
			}
			verbs := s.resolve(f, call.Args[0], 0)
			subjects := s.resolve(f, call.Args[1], 0)
			if f.pkg == "web" { // a look, at whatever the page is about
				subjects = []string{"page"}
			}
			if len(verbs) == 0 || len(subjects) == 0 {
				s.t.Errorf("%s: which deed this is can't be told from the source", s.fset.Position(call.Pos()))
			}
			for _, v := range verbs {
				for _, subject := range subjects {
					all = append(all, audit.Entry{Action: v, Subject: subject}.Kind())
				}
			}
			return true
		})
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// isEntry reports whether a type is audit.Entry: others have entries too.
func isEntry(f *source, t ast.Expr) bool {
	if x, ok := t.(*ast.SelectorExpr); ok {
		return nameOf(x.X) == "audit" && x.Sel.Name == "Entry"
	}
	return f.pkg == "audit" && nameOf(t) == "Entry"
}

// refuseEntries finds entries that were made without Deed, and so without a role.
func (s *deedSource) refuseEntries(f *source) {
	ast.Inspect(f.decl.Body, func(n ast.Node) bool {
		if lit, ok := n.(*ast.CompositeLit); ok && isEntry(f, lit.Type) && len(lit.Elts) > 0 {
			s.t.Errorf("%s: an entry of the record is begun with Actor.Deed, which knows who acts in which role", s.fset.Position(lit.Pos()))
		}
		return true
	})
}

func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.Ident:
		return e.Name
	}
	return ""
}

// resolve returns the texts that an expression within a function may have.
func (s *deedSource) resolve(f *source, e ast.Expr, depth int) []string {
	if depth > 6 {
		return nil
	}
	switch e := e.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil {
			return []string{text}
		}
	case *ast.ParenExpr:
		return s.resolve(f, e.X, depth+1)
	case *ast.BinaryExpr:
		var all []string
		for _, a := range s.resolve(f, e.X, depth+1) {
			for _, b := range s.resolve(f, e.Y, depth+1) {
				all = append(all, a+b)
			}
		}
		return all
	case *ast.CallExpr: // string(x)
		if nameOf(e.Fun) == "string" && len(e.Args) == 1 {
			return s.resolve(f, e.Args[0], depth+1)
		}
	case *ast.SelectorExpr:
		if text, ok := s.constant[e.Sel.Name]; ok {
			return []string{text}
		}
	case *ast.Ident:
		if i := nthParameter(f.decl, e.Name); i >= 0 {
			return s.arguments(f, i, depth+1)
		}
		if assigned := s.assigned(f, e.Name, depth+1); len(assigned) > 0 {
			return assigned
		}
		if text, ok := s.constant[e.Name]; ok {
			return []string{text}
		}
	}
	return nil
}

func nthParameter(d *ast.FuncDecl, name string) int {
	i := 0
	for _, field := range d.Type.Params.List {
		for _, n := range field.Names {
			if n.Name == name {
				return i
			}
			i++
		}
	}
	return -1
}

// arguments are what the callers of a function in its package give for its i-th parameter.
func (s *deedSource) arguments(f *source, i, depth int) (all []string) {
	for _, caller := range s.funcs {
		if caller.pkg != f.pkg || caller.decl.Body == nil {
			continue
		}
		ast.Inspect(caller.decl.Body, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || nameOf(call.Fun) != f.decl.Name.Name || i >= len(call.Args) || len(call.Args) != f.decl.Type.Params.NumFields() {
				return true
			}
			given := s.resolve(caller, call.Args[i], depth)
			if len(given) == 0 {
				s.t.Errorf("%s: which deed this is can't be told from the source", s.fset.Position(call.Pos()))
			}
			all = append(all, given...)
			return true
		})
	}
	return all
}

// assigned are the texts that a variable of a function is given.
func (s *deedSource) assigned(f *source, name string, depth int) (all []string) {
	ast.Inspect(f.decl.Body, func(n ast.Node) bool {
		if a, ok := n.(*ast.AssignStmt); ok && len(a.Lhs) == len(a.Rhs) {
			for i, l := range a.Lhs {
				if id, ok := l.(*ast.Ident); ok && id.Name == name {
					all = append(all, s.resolve(f, a.Rhs[i], depth)...)
				}
			}
		}
		return true
	})
	return all
}

func TestEveryDeedThatIsRecordedHasAWordInEachLanguage(t *testing.T) {
	kinds := readSource(t).deeds()
	for _, want := range []string{"view", "export", "registration.decide", "person.unmerge", "certificate.supersede", "checkin_link.revoke", "user.disable"} {
		if !slices.Contains(kinds, want) {
			t.Errorf("%s wasn't found among the deeds: %v", want, kinds)
		}
	}
	catalogue, err := locale.Load(locales.FS)
	if err != nil {
		t.Fatal(err)
	}
	english := catalogue.Printer(locale.English)
	for _, kind := range kinds {
		if !english.Says("audit.did." + kind) {
			t.Errorf("the catalogues lack audit.did.%s", kind)
		}
		if subject, _, ok := strings.Cut(kind, "."); ok {
			for _, key := range []string{"audit.thing." + subject, "audit.kind." + subject} {
				if !english.Says(key) {
					t.Errorf("the catalogues lack %s", key)
				}
			}
		}
	}
}
