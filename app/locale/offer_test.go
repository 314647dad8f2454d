package locale_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"attesta/app/locale"
)

func TestOnlyLanguagesOnOfferAreFound(t *testing.T) {
	c := catalogue(t).Fork()
	c.Offer(locale.Offer{Locales: []locale.Code{"sr-Latn", "mk", "xx"}})
	if diff := cmp.Diff([]locale.Code{"mk", "sr-Latn"}, c.Locales()); diff != "" {
		t.Error(diff)
	}
	if c.Has("en") || !c.Has("mk") {
		t.Error("English is on offer, or Macedonian isn't")
	}
	if _, ok := c.Lookup("SQ"); ok {
		t.Error("Albanian is found")
	}
	for header, want := range map[string]locale.Code{"sr": "sr-Latn", "sq,en;q=0.9": "mk", "en": "mk", "en,sr-Cyrl;q=0.5": "sr-Latn"} {
		if got := c.Match(header); got != want {
			t.Errorf("%s leads to %s, not to %s", header, got, want)
		}
	}
	if got := c.Printer("sq").T("country.AL"); got != "Shqipëria" && got != "Shqipëri" {
		t.Errorf("what was written in Albanian goes on in it: %s", got)
	}
	if len(c.All()) != 8 {
		t.Errorf("all: %v", c.All())
	}
	c.Offer(locale.Offer{Locales: []locale.Code{"xx"}})
	if len(c.Locales()) != 8 {
		t.Errorf("an offer of nothing is none: %v", c.Locales())
	}
}

func TestTheAsteriskFollowsTheOfferButNotWhatWasFrozen(t *testing.T) {
	c := catalogue(t).Fork()
	for _, plain := range []bool{true, false, true} {
		c.Offer(locale.Offer{Plain: plain})
		name := c.Printer("en").Country("XK")
		if strings.Contains(name, "*") == plain || c.Starred() == plain {
			t.Errorf("plain %t: %s", plain, name)
		}
		if note := c.Printer("sq").Footnote("Kosova*"); (note == "") != plain {
			t.Errorf("plain %t: footnote %q", plain, note)
		}
		if got := c.Asterisk(true).Printer("en").Country("XK"); got != "Kosovo*" {
			t.Errorf("frozen with its asterisk: %s", got)
		}
		if got := c.Asterisk(false).Printer("en").Country("XK"); got != "Kosovo" {
			t.Errorf("frozen without: %s", got)
		}
	}
}

func TestAForkHasAnOfferOfItsOwn(t *testing.T) {
	c := catalogue(t).Fork()
	fork := c.Fork()
	fork.Offer(locale.Offer{Locales: []locale.Code{"mk"}, Plain: true})
	if len(c.Locales()) != 8 || !c.Starred() {
		t.Error("the fork's offer is the catalogue's")
	}
}

func TestAnOfferIsExchangedWhilePagesAreDrawn(t *testing.T) {
	c := catalogue(t).Fork()
	var wait sync.WaitGroup
	for i := range 4 {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for n := range 200 {
				if i == 0 {
					c.Offer(locale.Offer{Locales: []locale.Code{"en", "mk"}[n%2:], Plain: n%2 == 0})
					continue
				}
				p := c.Printer(c.Match("mk"))
				name := p.Country("XK")
				if note := p.Footnote(name); (note != "") != strings.Contains(name, "*") {
					t.Errorf("%s with the footnote %q", name, note)
				}
				if !slices.Contains(c.Locales(), "mk") {
					t.Error("Macedonian is never taken away")
				}
			}
		}()
	}
	wait.Wait()
}
