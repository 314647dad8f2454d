package app_test

import (
	"strings"
	"testing"

	"attesta/app/apptest"
	"attesta/app/apptest/browser"
	"attesta/app/locale"
)

// heaviest is what somebody on a phone may have to fetch for their first page, in bytes.
const heaviest = 100_000

// Who comes for the first time fetches little, whatever the script of their language, and nothing from anywhere else.
func TestAFirstVisitIsLight(t *testing.T) {
	f := newFair(t, apptest.SQLite(t))
	for _, code := range []locale.Code{"en", "sq", "sr-Latn", "mk"} { // each with letters that the others haven't
		for _, page := range []string{"/events", "/events/" + f.event.Code} {
			tab := browser.Open(t, f.Base, 360)
			tab.Go("/" + string(code) + page)
			sum := 0
			var list []string
			for _, x := range tab.Loads() {
				sum += x.Bytes
				list = append(list, x.URL)
				if !strings.HasPrefix(x.URL, f.Base+"/") || x.Error != "" {
					t.Errorf("/%s%s fetches %s %s", code, page, x.URL, x.Error)
				}
			}
			t.Logf("/%s%s: %d bytes in %d files", code, page, sum, len(list))
			if sum > heaviest || sum < 10_000 {
				t.Errorf("/%s%s: %d bytes: %s", code, page, sum, strings.Join(list, " "))
			}
		}
	}
}

// Without scripts everything can be read and done: the language is switched, the calendar is filtered, the programme is
// all there, and one can register.
func TestThePublicPagesAreCompleteWithoutScripts(t *testing.T) {
	f := newFair(t, apptest.SQLite(t))
	words := f.Catalogue.Printer("en")
	tab := browser.Open(t, f.Base, 360)
	tab.NoScripts()
	tab.Go("/en/events")
	tab.Sees("Countering migrant smuggling")
	tab.Tap(words.T("common.language") + ": English")
	tab.Press("Македонски")
	if got := tab.Language(); got != "mk" {
		t.Errorf("the page is in %s", got)
	}
	tab.Go("/en/events?type=conference")
	if !strings.Contains(tab.Source(), `href="/en/events/`+f.event.Code+`"`) || strings.Contains(tab.Source(), `href="/en/events/past"`) {
		t.Error("the filter doesn't narrow the calendar")
	}
	tab.Go("/en/events/" + f.event.Code)
	tab.Sees("Opening", "Evidence", "Great hall", "Vesna Ćetković", "For prosecutors and police.")
	tab.Press(words.T("public.register"))
	tab.Sees(words.T("common.first_name"))
}
