package locale_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/locales"
)

var all = []locale.Code{"en", "bs", "cnr", "hr", "mk", "sq", "sr-Cyrl", "sr-Latn"}

func catalogue(t testing.TB) *locale.Catalogue {
	t.Helper()
	c, err := locale.Load(locales.FS)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAcceptLanguageFindsTheReadersLocale(t *testing.T) {
	c := catalogue(t)
	for header, want := range map[string]locale.Code{
		"": "en", "*": "en", "en-US": "en", "fr": "en", "xx-invalid-$": "en",
		"cnr": "cnr", "cnr-ME": "cnr", "cnr-Latn-ME,en": "cnr", "sr-ME": "cnr", "sr-Latn-ME": "cnr", "sr-Cyrl-ME": "sr-Cyrl", "SR_me": "cnr",
		"sr": "sr-Cyrl", "sr-RS": "sr-Cyrl", "sr-Cyrl-RS": "sr-Cyrl", "sr-Latn": "sr-Latn", "sr-Latn-RS": "sr-Latn", "sh": "sr-Latn", "SR-LATN": "sr-Latn",
		"bs-BA": "bs", "bs-Latn-BA": "bs", "hr-BA": "hr", "hr-HR,hr;q=0.9,en;q=0.8": "hr", "sq-XK": "sq", "mk-MK": "mk",
		"bg": "en", "bg,mk;q=0.5": "mk", "bg-BG, sr;q=0.1": "sr-Cyrl", "sl": "en",
		"en;q=0.3, mk;q=0.8, sq;q=0.5": "mk", "mk;q=0, sq;q=0.1": "sq", "mk;q=0": "en", "mk;q=x,sq": "sq", "cnr-ME,sr;q=0.5": "cnr",
		"fr, *;q=0.1": "en",
	} {
		if got := c.Match(header); got != want {
			t.Errorf("Match(%q) = %s, want %s", header, got, want)
		}
	}
}

func TestLocalesAreFoundWhateverTheirCase(t *testing.T) {
	c := catalogue(t)
	if got := c.Locales(); len(got) != len(all) || got[0] != "en" {
		t.Fatalf("locales %v", got)
	}
	if code, ok := c.Lookup("SR-latn"); !ok || code != "sr-Latn" {
		t.Fatalf("Lookup = %s %v", code, ok)
	}
	if c.Has("sr") || c.Has("SR-LATN") || !c.Has("sr-Latn") {
		t.Fatal("Has is about exact codes")
	}
	if got := c.Printer("xx").Code(); got != "en" {
		t.Fatalf("printer of an unknown locale speaks %s", got)
	}
	var names []string
	for _, code := range c.Locales() {
		names = append(names, c.Printer("cnr").Name(code))
	}
	want := []string{"English", "Bosanski", "Crnogorski", "Hrvatski", "Македонски", "Shqip", "Српски (ћирилица)", "Srpski (latinica)"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Fatal(diff)
	}
}

func fsys(files map[string]string) fstest.MapFS {
	m := fstest.MapFS{}
	for name, s := range files {
		m[name] = &fstest.MapFile{Data: []byte(s)}
	}
	return m
}

func TestAMissingMessageIsSaidInEnglishAndReportedOnce(t *testing.T) {
	c, err := locale.Load(fsys(map[string]string{
		"en/x.toml":      `"x.a" = "English"`,
		"sr-Latn/x.toml": `"x.b" = "ekavski"` + "\n" + `"x.a" = "srpski"`,
		"sr-Cyrl/x.toml": `"x.a" = "српски"`,
		"cnr/x.toml":     `"x.c" = "crnogorski"`,
	}))
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	defer slog.SetDefault(slog.Default())
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	before := len(c.Missing())
	p := c.Printer("cnr")
	for range 3 {
		if got := p.T("x.a"); got != "English" {
			t.Fatalf("a Montenegrin reader got %q", got)
		}
	}
	if got := p.T("x.nowhere"); got != "x.nowhere" {
		t.Fatalf("got %q", got)
	}
	missing := strings.Join(c.Missing(), ";")
	if len(c.Missing())-before != 3 || !strings.Contains(missing, "cnr x.a") || !strings.Contains(missing, "en x.nowhere") {
		t.Fatalf("reported %q", missing)
	}
	if n := strings.Count(log.String(), "key=x.a"); n != 1 {
		t.Fatalf("logged %d times:\n%s", n, log.String())
	}
}

// teams is a message in all its plural forms.
var teams = map[locale.Code]map[string]string{
	"en": {"one": "{{.N}} team", "other": "{{.N}} teams"}, "sq": {"one": "{{.N}} ekip", "other": "{{.N}} ekipe"},
	"bs": slavic, "cnr": slavic, "hr": slavic, "sr-Latn": slavic,
	"sr-Cyrl": {"one": "{{.N}} тим", "few": "{{.N}} тима", "other": "{{.N}} тимова"},
	"mk":      {"one": "{{.N}} тим", "other": "{{.N}} тимови"},
}

var slavic = map[string]string{"one": "{{.N}} tim", "few": "{{.N}} tima", "other": "{{.N}} timova"}

func withTeams(t *testing.T) *locale.Catalogue {
	t.Helper()
	files := map[string]string{}
	for code, forms := range teams {
		toml := "[\"x.team\"]\n"
		for form, s := range forms {
			toml += form + " = \"" + s + "\"\n"
		}
		files[string(code)+"/x.toml"] = toml
	}
	c, err := locale.Load(locales.FS, fsys(files))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestPluralsFollowTheLanguage(t *testing.T) {
	c := withTeams(t)
	for _, row := range []struct {
		code locale.Code
		n    int
		want string
	}{
		{"en", 1, "1 team"}, {"en", 0, "0 teams"}, {"en", 21, "21 teams"}, {"en", 1234, "1,234 teams"},
		{"cnr", 1, "1 tim"}, {"cnr", 2, "2 tima"}, {"cnr", 5, "5 timova"}, {"cnr", 11, "11 timova"}, {"cnr", 12, "12 timova"},
		{"cnr", 21, "21 tim"}, {"cnr", 22, "22 tima"}, {"cnr", 104, "104 tima"}, {"cnr", 112, "112 timova"}, {"cnr", 0, "0 timova"},
		{"bs", 21, "21 tim"}, {"hr", 3, "3 tima"}, {"sr-Latn", 14, "14 timova"}, {"sr-Cyrl", 34, "34 тима"}, {"sr-Cyrl", 1005, "1.005 тимова"},
		{"mk", 1, "1 тим"}, {"mk", 11, "11 тимови"}, {"mk", 21, "21 тим"}, {"mk", 111, "111 тимови"}, {"mk", 101, "101 тим"}, {"mk", 2, "2 тимови"},
		{"sq", 1, "1 ekip"}, {"sq", 21, "21 ekipe"}, {"sq", 1234, "1234 ekipe"}, {"sq", 12345, "12\u00a0345 ekipe"},
	} {
		if got := c.Printer(row.code).N("x.team", row.n); got != row.want {
			t.Errorf("%s %d: %q, want %q", row.code, row.n, got, row.want)
		}
	}
}

func TestFaultsAreSpokenWithNumbersAndPlurals(t *testing.T) {
	c := catalogue(t)
	p := c.Printer("sr-Latn")
	if got, want := p.FieldFault(fault.Field{Key: "form.too_long", Params: fault.Params{"Max": 2000}}), "Tekst je predug (dozvoljeni broj znakova: 2.000)."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	var form fault.Form
	for _, name := range []string{"a", "b"} {
		form.Add(name, "form.required")
	}
	if got, want := c.Printer("en").Fault(fault.From(form.Err())), "There are problems in 2 fields."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	one := fault.New(fault.Invalid, "form.invalid", "N", 1)
	if got, want := c.Printer("en").Fault(one), "There is a problem in one field."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := c.Printer("cnr").T("form.invalid", "N", 1), "Ima grešaka u 1 polju."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	for _, n := range []any{1, int64(1), 1.5, "1"} { // a message without forms takes any N
		c.Printer("mk").Fault(fault.New(fault.Conflict, "form.required", "N", n))
	}
	if gaps := c.Missing(); len(gaps) > 0 {
		t.Errorf("reported: %v", gaps)
	}
	if got := p.Fault(nil); got != "" {
		t.Errorf("no fault said %q", got)
	}
}

func TestAFolderLaidOverChangesSingleMessagesAndAddsLocales(t *testing.T) {
	c, err := locale.Load(locales.FS, fsys(map[string]string{
		"en/form.toml":  `"form.required" = "Fill this in."`,
		"rom/form.toml": `"form.required" = "Garav."`,
		"city.toml":     `brcko = "BA"`,
		"en/city.toml":  `"city.brcko" = "Brčko"` + "\n" + `"city.brcko.in" = "in Brčko"`,
	}))
	if err != nil {
		t.Fatal(err)
	}
	en := c.Printer("en")
	if en.T("form.required") != "Fill this in." || en.T("form.email") != "Enter a valid e-mail address." || en.City("BRCKO") != "Brčko" || en.City("Belgrade") != "Belgrade" {
		t.Error("the folder laid over did not change just what it holds")
	}
	if rom := c.Printer("rom"); rom.T("form.required") != "Garav." || rom.N("form.invalid", 2) != "There are problems in 2 fields." {
		t.Errorf("a language without plural rules says %q, %q", rom.T("form.required"), rom.N("form.invalid", 2))
	}
}

func TestBrokenCataloguesAreRefusedByName(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"no English":   {"sq/x.toml": `"x.a" = "a"`},
		"foreign key":  {"en/x.toml": `"y.a" = "a"`},
		"no TOML":      {"en/x.toml": `"x.a" =`},
		"unknown form": {"en/x.toml": "[\"x.a\"]\nsome = \"a\""},
		"a number":     {"en/x.toml": `"x.a" = 1`},
		"bad folder":   {"en/x.toml": `"x.a" = "a"`, "not a language/x.toml": `"x.a" = "a"`},
	} {
		if _, err := locale.Load(fsys(files)); err == nil {
			t.Errorf("%s: loaded", name)
		}
	}
}
