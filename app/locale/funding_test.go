package locale_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"attesta/app/locale"
)

func TestFundersAreNamedAsTheirRulesWant(t *testing.T) {
	c := catalogue(t)
	own := locale.Funder{Kind: "other", Name: locale.NewText("en", "A Foundation"), Line: locale.NewText("en", "Supported by A Foundation", "mk", "Со поддршка од фондација"), Disclaimer: locale.NewText("en", "Views are ours")}
	for name, x := range map[string]struct {
		code   locale.Code
		funder locale.Funder
		eu     bool
		want   []string
	}{
		"the EU":               {"en", locale.Funder{Kind: "eu", Line: locale.NewText("en", "ignored")}, true, []string{c.Printer("en").T("visibility.eu_disclaimer_grant")}},
		"an embassy":           {"hr", locale.Funder{Kind: "norway_embassy", City: "Beograd"}, false, []string{c.Printer("hr").T("visibility.norway_embassy_funded", "city_in", "u Beogradu") + "."}},
		"an embassy elsewhere": {"en", locale.Funder{Kind: "norway_embassy", City: "Lillehammer"}, false, []string{"Funded by the Royal Norwegian Embassy in Lillehammer."}},
		"an author":            {"en", locale.Funder{Kind: "norway_mfa", Author: "Us"}, false, []string{"Funded by the Norwegian Ministry of Foreign Affairs.", c.Printer("en").T("visibility.norway_mfa_disclaimer", "author", "Us")}},
		"its own line":         {"mk", own, false, []string{"Со поддршка од фондација.", "Views are ours."}},
		"its name":             {"en", locale.Funder{Kind: "other", Name: own.Name}, false, []string{"A Foundation."}},
		"nobody":               {"en", locale.Funder{}, false, nil},
	} {
		got := c.Printer(x.code).Funding(x.funder)
		if diff := cmp.Diff(x.want, got.Sentences()); diff != "" || got.EU != x.eu {
			t.Errorf("%s: emblem %t, %s", name, got.EU, diff)
		}
	}
	if f := c.Printer("sq").Funding(locale.Funder{Kind: "eu"}); f.Lead() != "" || !strings.HasPrefix(f.Disclaimer, f.Line) {
		t.Errorf("the line stands twice: %+v", f)
	}
}

func TestTheEUsDisclaimerBeginsWithItsLineInEveryLanguage(t *testing.T) {
	c := catalogue(t)
	for _, code := range c.All() {
		if f := c.Printer(code).Funding(locale.Funder{Kind: "eu"}); f.Lead() != "" {
			t.Errorf("%s: %q, then %q", code, f.Line, f.Disclaimer)
		}
	}
}
