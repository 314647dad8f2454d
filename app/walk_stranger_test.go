package app_test

import (
	"fmt"
	"testing"
	"time"

	"attesta/app/apptest/browser"
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

func (f *film) train(t *testing.T) { t.Helper() }
