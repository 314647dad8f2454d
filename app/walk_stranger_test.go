package app_test

import (
	"fmt"
	"testing"
	"time"

	"attesta/app/apptest/browser"
	"attesta/app/locale"
)

// empty migrates the program and leaves it as it is after installation.
func (s *site) empty(t *testing.T) {
	t.Helper()
	if _, err := s.App.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// film is a stranger's way through pages; each step is kept as a picture and counted.
type film struct {
	visitor
	tab   *browser.Tab
	steps int
	began time.Time
}

func (f *film) scene(name string) {
	f.steps++
	f.tab.Film(fmt.Sprintf("%02d-%s", f.steps, name))
}

func TestAStrangerComesFromAnEmptyInstallationToABilingualTrainingAndItsCopy(t *testing.T) {
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := begin(t, fresh(t), (*site).empty)
			v := visitor{s: s, Printer: s.App.Catalogue.Printer("en"), width: 1280}
			f := &film{visitor: v, tab: v.open(t), began: time.Now()}
			f.settle(t)
			f.train(t)
			t.Logf("published after %d scenes in %s", f.steps, time.Since(f.began).Round(time.Millisecond))
			f.again(t)
			t.Logf("%d scenes in %s", f.steps, time.Since(f.began).Round(time.Millisecond))
		})
	}
}

// settle makes the first administrator, an organisation and a project.
func (f *film) settle(t *testing.T) {
	t.Helper()
	token, err := f.s.App.Accounts.SetupToken(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tab := f.tab
	tab.Go("/setup/" + token)
	tab.Type(f.T("common.full_name"), "Ana Stojanova")
	tab.Type(f.T("common.email"), "ana@signpost.example")
	tab.Type(f.T("web.password"), "a long and quiet river")
	f.scene("setup")
	tab.Press(f.T("web.setup_button"))
	tab.Sees(f.T("start.empty_text"))
	f.scene("home")
	tab.Press(f.T("start.begin"))
	tab.Type(f.T("organisation.name"), "Signpost Association")
	tab.Choose(f.T("common.country"), f.Country("MK"))
	tab.Type(f.T("common.city"), f.City("Skopje"))
	tab.Type(f.T("project.name"), "Together against smuggling")
	tab.Tick(f.T("start.eu"))
	f.scene("who-runs-it")
	tab.Press(f.T("start.go"))
	tab.Sees(f.T("start.done"), f.T("desk.new_event"))
	f.scene("new-event")
}

// train goes from the form of an event to its public page in two languages.
func (f *film) train(t *testing.T) {
	t.Helper()
	tab := f.tab
	tab.Choose(f.T("desk.event_type"), f.T("event.type.national_training"))
	tab.Type(f.T("desk.event_title"), "Investigating together")
	tab.Tap(f.T("desk.other_languages"))
	tab.Type(f.T("language.mk"), "Истражуваме заедно")
	tab.Choose(f.T("common.country"), f.Country("MK"))
	tab.Type(f.T("common.city"), f.City("Skopje"))
	tab.Type(f.T("desk.first_day"), f.day(60))
	tab.Tick(f.T("language.en"))
	tab.Tick(f.T("language.mk"))
	f.scene("event")
	tab.Press(f.T("desk.create"))
	tab.Sees(f.T("desk.created"), "Investigating together")
	f.scene("cockpit")
	tab.Press(f.T("desk.missing.programme_do"))
	tab.Press(f.T("desk.usual"))
	tab.Sees(f.T("desk.usual_done"))
	f.scene("usual-programme")
	tab.Press(f.T("common.save"))
	tab.Sees(f.T("common.saved"))
	tab.Press(f.T("desk.overview"))
	tab.Press(f.T("desk.missing.publish_do"))
	tab.Sees(f.T("desk.published"))
	f.scene("published")
	f.isTold(t, "en", "Investigating together")
	f.isTold(t, "mk", "Истражуваме заедно")
}

// day is that many days from now, as a field for a date takes it.
func (f *film) day(plus int) string { return time.Now().AddDate(0, 0, plus).Format(time.DateOnly) }

// isTold looks at the public page as a stranger who reads that language: the title, the programme and nothing of another
// language.
func (f *film) isTold(t *testing.T, code locale.Code, title string) {
	t.Helper()
	p := f.s.App.Catalogue.Printer(code)
	tab := f.open(t)
	tab.Go("/" + string(code) + "/events")
	tab.Press(title)
	tab.Sees(title, p.T("public.programme"), p.City("Skopje"), p.T("event.usual.opening"), p.T("event.usual.lunch"))
	for _, other := range f.s.App.Catalogue.Locales() {
		if said := f.s.App.Catalogue.Printer(other).T("event.usual.lunch"); said != p.T("event.usual.lunch") {
			tab.SeesNot(said)
		}
	}
	f.steps++
	tab.Film(fmt.Sprintf("%02d-public-%s", f.steps, code))
}

// again makes the same training a second time, later.
func (f *film) again(t *testing.T) {
	t.Helper()
	tab := f.tab
	tab.Press(f.T("desk.settings"))
	tab.Press(f.T("desk.part.copy"))
	tab.Type(f.T("desk.first_day"), f.day(120))
	tab.Type(f.T("desk.event_title"), "Investigating together, again")
	f.scene("copy")
	tab.Press(f.T("copy.do"))
	tab.Sees(f.T("copy.done"), "Investigating together, again")
	tab.Press(f.T("desk.missing.publish_do"))
	tab.Sees(f.T("desk.published"))
	f.scene("copied")
	f.isTold(t, "en", "Investigating together, again")
}
