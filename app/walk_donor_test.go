package app_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/event"
	"attesta/app/person"
	"attesta/app/registration"
)

// canaries are what of a person must not be where it doesn't belong.
var canaries = []string{"Kanarinka", "Канаринка", "canary", "67111222"}

// canary makes a submission of somebody whose every trace can be found.
func canary(n int) func(*registration.Submission) {
	return func(x *registration.Submission) {
		x.GivenName, x.FamilyName, x.CertificateName = fmt.Sprintf("Kanarinka%d", n), "Kanarinkić", fmt.Sprintf("Kanarinka%d Kanarinkić", n)
		x.OtherScriptName, x.Email, x.Phone, x.Position = "Канаринка", fmt.Sprintf("canary%d@example.org", n), "+38267111222", "canary officer"
		x.Answers = registration.Answers{Diet: "canary", Accessibility: "canary", Expectations: "canary"}
		x.ConsentList, x.ConsentContact, x.ConsentPhoto = true, true, true
		if n%2 == 1 {
			x.Gender = person.Male
		}
		if n >= 10 {
			x.Country = "XK"
		}
	}
}

// held is an event that twenty canaries have attended, ten of them from Kosovo.
func (s *site) held(t *testing.T) *event.Event {
	t.Helper()
	e := s.Event(t, titled, apptest.Automatic)
	for n := range 20 {
		x := apptest.Submission(n)
		canary(n)(&x)
		r, err := s.Registrations.Register(t.Context(), e.Code, x)
		if err != nil {
			t.Fatal(err)
		}
		s.attend(t, e, r.Code)
	}
	s.certify(t, e)
	return e
}

// unpacked returns all texts of a workbook.
func unpacked(t *testing.T, xlsx []byte) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(xlsx), int64(len(xlsx)))
	if err != nil {
		t.Fatalf("no workbook: %v in %.100q", err, xlsx)
	}
	var all strings.Builder
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(&all, r); err != nil {
			t.Fatal(err)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return all.String()
}

// anonymous fails the test if a text names somebody.
func anonymous(t *testing.T, where, text string) {
	t.Helper()
	for _, c := range canaries {
		if i := strings.Index(strings.ToLower(text), strings.ToLower(c)); i >= 0 {
			t.Errorf("%s: %.200s", where, text[max(0, i-80):])
		}
	}
}

func TestADonorReadsTheReportAndTakesItWithoutNames(t *testing.T) {
	walks(t, func(t *testing.T, s *site, v visitor) {
		e := s.held(t)
		s.user(t, "donor@attesta.example", v.Code(), account.Donor, s.Project.Scope())
		tab := v.open(t)
		v.signIn(t, tab, "donor@attesta.example")
		tab.Press(v.T("donor.open"))
		kosovo, footnote := v.Country("XK"), v.Footnote(v.Country("XK"))
		if !strings.HasSuffix(kosovo, "*") || footnote == "" {
			t.Fatalf("the country is %q, the footnote %q", kosovo, footnote)
		}
		tab.Sees(v.Text(s.Project.Title), v.Text(e.Title), kosovo, footnote, v.T("report.rule.attendances"), v.T("report.rule.unique_persons"))
		for figure, want := range map[string]string{"attendances": "20", "unique_persons": "20", "events": "1"} {
			tab.Sees(v.T("report.figure."+figure) + " " + want)
		}
		anonymous(t, "the page", tab.Source())

		name, pdf := tab.Download(v.T("donor.pdf") + " " + v.T("donor.pdf_text"))
		if !strings.HasSuffix(name, ".pdf") {
			t.Errorf("the report is a file %q", name)
		}
		text := reading(t, pdf)
		anonymous(t, name, text)
		name, xlsx := tab.Download(v.T("donor.xlsx") + " " + v.T("donor.xlsx_text"))
		if !strings.HasSuffix(name, ".xlsx") {
			t.Errorf("the workbook is a file %q", name)
		}
		book := unpacked(t, xlsx)
		anonymous(t, name, book)
		note := strings.TrimSpace(strings.TrimPrefix(footnote, "*"))
		for _, want := range []string{kosovo, note} {
			contains(t, strings.ReplaceAll(text, "- ", "-"), want)
			contains(t, book, want)
		}
	})
}
