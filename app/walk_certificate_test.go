package app_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"attesta/app/account"
	"attesta/app/attendance"
	"attesta/app/certificate"
	"attesta/app/event"
	"attesta/app/registration"
)

// attend marks somebody present at all units of an event.
func (s *site) attend(t *testing.T, e *event.Event, code string) {
	t.Helper()
	for position := 1; position <= 2*e.Days; position++ {
		_, err := s.Attendance.Mark(t.Context(), account.System, attendance.Mark{EventCode: e.Code, Position: position, Code: code, Source: attendance.Typed})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// certify ends an event and issues its certificates.
func (s *site) certify(t *testing.T, e *event.Event) []certificate.Certificate {
	t.Helper()
	s.Clock.Set(e.Ends().Add(10 * time.Hour))
	out, err := s.Certificates.Issue(t.Context(), account.System, e.Code)
	if err != nil || len(out.Refused) > 0 {
		t.Fatalf("refused %v: %v", out.Refused, err)
	}
	return out.Certificates
}

// reading returns the words of a PDF.
func reading(t *testing.T, pdf []byte) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "pdftotext", "-", "-")
	cmd.Stdin = bytes.NewReader(pdf)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("pdftotext: %v", err)
	}
	return strings.Join(strings.Fields(string(out)), " ")
}

// scanned returns what a camera reads from the first page of a PDF.
func scanned(t *testing.T, pdf []byte) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.pdf"), pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "pdftoppm", "-r", "150", "-png", "-singlefile", filepath.Join(dir, "a.pdf"), filepath.Join(dir, "a")).CombinedOutput(); err != nil {
		t.Fatalf("pdftoppm: %v: %s", err, out)
	}
	out, err := exec.CommandContext(t.Context(), "zbarimg", "--quiet", "--raw", filepath.Join(dir, "a.png")).Output()
	if err != nil {
		t.Fatalf("zbarimg: %v", err)
	}
	return strings.TrimSpace(string(out))
}

func TestAParticipantDownloadsTheCertificateAndAnyoneVerifiesIt(t *testing.T) {
	walks(t, func(t *testing.T, s *site, v visitor) {
		e, who := s.Event(t, titled), applicants[v.Code()]
		r := s.approved(t, e, 1, func(x *registration.Submission) {
			x.GivenName, x.FamilyName, x.Email, x.Locale = who.Given, who.Family, who.Email, v.Code()
		})
		var seen []string
		s.letter(t, who.Email, &seen)
		s.letter(t, who.Email, &seen)
		s.attend(t, e, r.Code)
		number := s.certify(t, e)[0].Number
		m := s.letter(t, who.Email, &seen)
		if want := v.T("mail.certificate_subject", "Title", v.Text(e.Title)); m.Subject != want {
			t.Errorf("the mail is %q, want %q", m.Subject, want)
		}
		contains(t, m.Text, number)

		tab, name := v.open(t), who.Given+" "+who.Family
		tab.Go(s.link(t, m))
		if got := tab.Heading(); got != v.T("my.is.certificate") {
			t.Errorf("behind the link: %q", got)
		}
		tab.Sees(name, number, v.T("my.present"))
		verify := ""
		for _, code := range s.Catalogue.Locales() {
			_, pdf := tab.Download(v.Name(code))
			text := reading(t, pdf)
			for _, want := range []string{name, number, s.Catalogue.Printer(code).Text(e.Title)} {
				if !strings.Contains(text, want) {
					t.Errorf("the certificate in %s doesn't say %q but %.600s", code, want, text)
				}
			}
			if code == v.Code() {
				verify = scanned(t, pdf)
			}
		}
		if want := s.Base + "/verify/" + number; verify != want {
			t.Errorf("the code on the certificate leads to %q, want %q", verify, want)
		}
		v.verifies(t, number, verify, name)
	})
}

// verifies types the number as anyone may, and follows the code.
func (v visitor) verifies(t *testing.T, number, scanned, name string) {
	t.Helper()
	tab := v.open(t)
	tab.Go(v.at("/"))
	tab.Press(v.T("nav.verify"))
	tab.Type(v.T("verify.number"), strings.ToLower(strings.ReplaceAll(number, "-", " ")))
	tab.Press(v.T("verify.check"))
	if got := tab.Heading(); got != v.T("verify.is.valid") {
		t.Errorf("the answer to the number: %q", got)
	}
	tab.Sees(name, number)
	tab.Go(scanned)
	tab.Sees(name, number)
	tab.Go("/verify/" + number[:len(number)-1] + other(number[len(number)-1]))
	if got := tab.Heading(); got != v.T("verify.is.typo") {
		t.Errorf("the answer to a slip: %q", got)
	}
	tab.SeesNot(name)
}

// other returns another character than the one given.
func other(c byte) string {
	if c == 'A' {
		return "B"
	}
	return "A"
}
