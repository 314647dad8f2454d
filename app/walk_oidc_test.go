package app_test

import (
	"testing"

	"attesta/app/apptest/provider"
	"attesta/app/locale"
)

func TestAnOrganiserSignsInAtTheirOrganisation(t *testing.T) {
	for name, fresh := range databases {
		for code, width := range map[locale.Code]int{"en": 1280, "mk": 360} {
			t.Run(name+"/"+string(code), func(t *testing.T) {
				t.Parallel()
				s, p := withProvider(t, fresh(t))
				s.signInAtProvider(t, p, visitor{s: s, Printer: s.Catalogue.Printer(code), width: width})
			})
		}
	}
}

func (s *site) signInAtProvider(t *testing.T, p *provider.Process, v visitor) {
	s.organiserOf(t, organiser)
	tab := v.open(t)
	there := func(name string) {
		t.Helper()
		tab.Press(v.T("oidc.with", "Name", "Partner"))
		contains(t, tab.Address(), p.Issuer)
		tab.Type("Username:", name)
		tab.Type("Password:", provider.Password)
		tab.Press("Login")
	}
	tab.Go("/sign-in?lang=" + string(v.Code()))
	there("stranger")
	tab.Sees(v.T("oidc.failed", "Name", "Partner"), v.T("oidc.nobody"))
	tab.Press(v.T("oidc.other"))
	there("organiser")
	if got := tab.Address(); got != s.Base+"/desk" {
		t.Errorf("after signing in: %s", got)
	}
	tab.Sees(v.T("nav.sign_out"))

	tab.Go("/account/identities")
	tab.Sees("sub-organiser")
	tab.Press(v.T("oidc.unlink"))
	tab.Sees(v.T("oidc.unlinked"), v.T("oidc.none"))
	tab.Press(v.T("oidc.link"))
	tab.Press(v.T("oidc.go", "Name", "Partner"))
	tab.Type("Username:", "organiser")
	tab.Type("Password:", provider.Password)
	tab.Press("Login")
	tab.Sees(v.T("oidc.linked"), "sub-organiser")
	tab.Press(v.T("nav.sign_out"))
	there("organiser")
	if got := tab.Address(); got != s.Base+"/desk" {
		t.Errorf("after signing in once more: %s", got)
	}

	p.Stop()
	tab.Press(v.T("nav.sign_out"))
	tab.Sees(v.T("web.sign_in_lead"))
}
