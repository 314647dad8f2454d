package donor_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/andybalholm/cascadia"
	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/net/html"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/attendance"
	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/person"
	"attesta/app/project"
	"attesta/app/registration"
	"attesta/app/web"
	"attesta/app/web/donor"
	"attesta/static"
	"attesta/templates"
)

// people sign in with a link that is their name.
type people struct {
	*apptest.Visits
	all map[string]account.Actor
}

var ids = []string{"donor", "coordinator", "organiser", "other donor"}

func (people) SignIn(context.Context, string, string) (int64, error) {
	return 0, fault.New(fault.Invalid, "error.forbidden")
}

func (people) LinkSignIn(_ context.Context, token string) (int64, error) {
	for i, name := range ids {
		if strings.ReplaceAll(name, " ", "-") == token {
			return int64(i + 1), nil
		}
	}
	return 0, fault.New(fault.Gone, "error.gone")
}

// site is a grant with two events and people whose every field says Canary.
type site struct {
	t      *testing.T
	w      *apptest.World
	server *web.Server
	jar    map[string]string
}

const canary = "Canary"

func newSite(t *testing.T, d *db.DB) *site {
	t.Helper()
	s := &site{t: t, w: apptest.NewWorld(t, d), jar: map[string]string{}}
	w := s.w
	s.fill()
	other, err := w.Projects.Create(t.Context(), account.System, project.Facts{Code: "P2", Title: locale.NewText("en", "Another grant")})
	if err != nil {
		t.Fatal(err)
	}
	role := func(r account.Role, scope account.Scope) account.Actor {
		return account.Actor{Grants: []account.Grant{{Role: r, Scope: scope}}}
	}
	for i, name := range ids {
		err := d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.NewRaw("INSERT INTO users (id, email, email_key, name, locale, created_at) VALUES (?, ?, ?, ?, 'en', 0)", i+1, name, name, name).Exec(ctx)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	accounts := people{all: map[string]account.Actor{
		"donor": role(account.Donor, w.Project.Scope()), "coordinator": role(account.Coordinator, w.Project.Scope()),
		"organiser": w.Organiser(), "other donor": role(account.Donor, other.Scope()),
	}}
	accounts.Visits = &apptest.Visits{Clock: w.Clock.Now, Who: func(id int64) (account.Actor, locale.Code, error) {
		return accounts.all[ids[id-1]], locale.English, nil
	}}
	s.server, err = web.New(web.Config{
		Looks:     &audit.Chain{DB: d},
		Catalogue: w.Catalogue, Name: locale.NewText("en", "Network"), Store: &db.Storage{DB: d, Clock: w.Clock.Now}, Accounts: accounts, Demo: true,
		Templates: templates.Files, Static: static.Files, Clock: w.Clock.Now,
		Routes: (&donor.Pages{DB: d, Projects: w.Projects, Catalogue: w.Catalogue}).Routes(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// fill holds two events: of the first 8 women and 6 men from Montenegro and 2 men from Kosovo come, of the second 9.
func (s *site) fill() {
	s.t.Helper()
	training := s.w.Event(s.t, apptest.Automatic, apptest.Seats(100))
	talks := s.w.Event(s.t, apptest.Automatic, apptest.Seats(100), func(f *event.Facts) {
		f.Type, f.Country, f.City, f.Title = event.Conference, "XK", "Prishtina", locale.NewText("sq", "Konferencë", "en", "A conference")
	})
	for n := range 16 {
		country, gender := "ME", person.Male
		switch {
		case n < 8:
			gender = person.Female
		case n > 13:
			country = "XK"
		}
		s.come(training, n, country, gender)
		if n < 9 {
			s.come(talks, n, country, gender)
		}
	}
}

func (s *site) come(e *event.Event, n int, country string, gender person.Gender) {
	s.t.Helper()
	sub := apptest.Submission(n)
	sub.GivenName, sub.FamilyName, sub.CertificateName = fmt.Sprint(canary, n), canary+"ova", fmt.Sprint(canary, n, " ", canary, "ova")
	sub.Email, sub.Phone, sub.Position = fmt.Sprintf("canary%d@example.org", n), "+38267111222", canary+" chief"
	sub.Institution, sub.Country, sub.Gender = canary+" office", country, gender
	sub.Answers = registration.Answers{Diet: canary, Accessibility: canary, Expectations: canary}
	r, err := s.w.Registrations.Register(s.t.Context(), e.Code, sub)
	if err != nil {
		s.t.Fatal(err)
	}
	for unit := 1; unit <= 4; unit++ {
		_, err := s.w.Attendance.Mark(s.t.Context(), account.System, attendance.Mark{EventCode: e.Code, Position: unit, RegistrationID: r.ID, Source: attendance.Scan})
		if err != nil {
			s.t.Fatal(err)
		}
	}
}

type reply struct {
	status int
	header http.Header
	body   string
}

// as signs somebody in.
func (s *site) as(who string) *site {
	s.t.Helper()
	s.jar = map[string]string{}
	if r := s.get("/sign-in/" + strings.ReplaceAll(who, " ", "-")); r.status != http.StatusSeeOther {
		s.t.Fatalf("sign in as %s: %d %s", who, r.status, r.body)
	}
	return s
}

func (s *site) get(path string) reply {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, path, http.NoBody)
	if err != nil {
		s.t.Fatal(err)
	}
	for k, v := range s.jar {
		req.AddCookie(&http.Cookie{Name: k, Value: v})
	}
	res, err := s.server.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	for _, c := range res.Cookies() {
		s.jar[c.Name] = c.Value
	}
	b, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return reply{res.StatusCode, res.Header, string(b)}
}

func texts(t *testing.T, r reply, selector string) []string {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(r.body))
	if err != nil {
		t.Fatal(err)
	}
	sel, err := cascadia.Parse(selector)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, n := range cascadia.QueryAll(doc, sel) {
		var b strings.Builder
		for c := range n.Descendants() {
			if c.Type == html.TextNode {
				b.WriteString(c.Data)
			}
		}
		all = append(all, strings.Join(strings.Fields(b.String()), " "))
	}
	return all
}

func TestADonorSeesTheFiguresOfTheGrant(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d).as("donor")
		if got := texts(t, s.get("/donor"), ".grants h2 a[href='/donor/P1']"); len(got) != 1 {
			t.Errorf("the list of grants: %q", got)
		}
		page := s.get("/donor/P1")
		got := map[string][]string{
			"figures": texts(t, page, ".figures .value"), "events": texts(t, page, ".events tbody td.num"), "sums": texts(t, page, ".events tfoot td.num"),
			"women, men": texts(t, page, "[data-by=gender] tbody td.num"), "places": texts(t, page, ".events__what .small"),
		}
		want := map[string][]string{
			"figures": {"16", "25", "2", "100%"}, "events": {"16", "16", "16", "64", "9", "9", "9", "36"}, "sums": {"25", "25", "25", "100"},
			"women, men": got["women, men"], "places": {"National training · Podgorica, Montenegro · event-1", "Conference · Pristina, Kosovo* · event-2"},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the page (-want +got):\n%s", diff)
		}
		if len(texts(t, page, ".figures .rule a[href^='#rule-']")) != 4 || len(texts(t, page, "#rule-unique_persons dd")) != 1 {
			t.Error("a figure doesn't lead to how it was counted")
		}
		if notes := texts(t, page, ".footnote--page"); len(notes) != 1 || !strings.HasPrefix(notes[0], "* ") {
			t.Errorf("the footnote: %q", notes)
		}
		if strings.Contains(page.body, "style=") {
			t.Error("a style attribute, which the policy forbids")
		}
	})
}

func TestSmallFiguresAreHiddenWhoeverLooks(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		for _, who := range []string{"donor", "coordinator"} {
			page := s.as(who).get("/donor/P1")
			for _, code := range []string{"XK", "ME"} {
				if got := texts(t, page, "[data-by=country] tr[data-key="+code+"] td.num"); len(got) == 0 && len(texts(t, page, "#h-map + p")) == 1 {
					continue // the table is withheld altogether
				} else if got[0] != "<5" && got[0] != "w" {
					t.Errorf("%s: %s is shown as %q", who, code, got)
				}
			}
			if got := texts(t, page, ".map__value"); strings.Contains(strings.Join(got, " "), "2") || strings.Contains(strings.Join(got, " "), "14") {
				t.Errorf("%s: the map tells %q", who, got)
			}
		}
	})
}

func TestNoPageAndNoDocumentHoldsAName(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d).as("donor")
		for _, in := range []string{"en", "mk"} {
			s.get("/donor?lang=" + in)
			for _, path := range []string{"/donor", "/donor/P1", "/donor/P1/report.csv?locale=" + in} {
				silent(t, path, s.get(path).body)
			}
			pdf := s.get("/donor/P1/report.pdf?locale=" + in)
			silent(t, "PDF "+in, pdfText(t, pdf))
			book, err := excelize.OpenReader(strings.NewReader(s.get("/donor/P1/report.xlsx?locale=" + in).body))
			if err != nil {
				t.Fatal(err)
			}
			if len(book.GetSheetList()) < 5 {
				t.Errorf("sheets: %q", book.GetSheetList())
			}
			for _, sheet := range book.GetSheetList() {
				rows, err := book.GetRows(sheet)
				if err != nil || len(rows) < 3 {
					t.Errorf("sheet %s: %d rows, %v", sheet, len(rows), err)
				}
				silent(t, "XLSX "+sheet, fmt.Sprint(rows))
			}
		}
		var kept []string
		if err := d.Read().NewRaw("SELECT figures FROM reports").Scan(t.Context(), &kept); err != nil || len(kept) != 1 {
			t.Errorf("%d reports for the same figures, %v", len(kept), err)
		}
		silent(t, "what is kept", strings.Join(kept, ""))
	})
}

func silent(t *testing.T, what, said string) {
	t.Helper()
	if said == "" {
		t.Errorf("%s is empty", what)
	}
	for _, secret := range []string{canary, strings.ToLower(canary), "Ćetković", "Vesna", "67111222"} {
		if strings.Contains(said, secret) {
			t.Errorf("%s tells %q", what, secret)
		}
	}
}

// pdfText checks a PDF and returns what it says.
func pdfText(t *testing.T, r reply) string {
	t.Helper()
	if got := r.header.Get("Content-Type"); r.status != http.StatusOK || got != "application/pdf" {
		t.Fatalf("%d %s", r.status, got)
	}
	if got := r.header.Get("Content-Disposition"); !strings.HasPrefix(got, "attachment; filename=P1-") {
		t.Errorf("Content-Disposition: %s", got)
	}
	name := filepath.Join(t.TempDir(), "report.pdf")
	if err := os.WriteFile(name, []byte(r.body), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tool := range []string{"qpdf", "pdftotext"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatal(tool + " isn't installed")
		}
	}
	if out, err := exec.CommandContext(t.Context(), "qpdf", "--check", name).CombinedOutput(); err != nil {
		t.Errorf("qpdf: %v\n%s", err, out)
	}
	var out bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "pdftotext", name, "-")
	cmd.Stdout = &out
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestAnotherGrantIsNotThere(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		paths := []string{"/donor/P1", "/donor/P1/report.pdf", "/donor/P1/report.xlsx", "/donor/P1/report.csv", "/donor/nothing"}
		for _, path := range paths {
			s.jar = map[string]string{}
			if got := s.get(path).status; got != http.StatusSeeOther {
				t.Errorf("visitor: %s answers %d", path, got)
			}
			if got := s.as("other donor").get(path).status; got != http.StatusNotFound {
				t.Errorf("another donor: %s answers %d", path, got)
			}
			if got := s.as("organiser").get(path).status; got != http.StatusForbidden {
				t.Errorf("organiser: %s answers %d", path, got)
			}
		}
		if got := s.as("donor").get("/donor/P1/report.pdf?locale=xx").status; got != http.StatusNotFound {
			t.Errorf("a language that there isn't: %d", got)
		}
	})
}

func TestAGrantWithoutEventsSaysSo(t *testing.T) {
	s := newSite(t, apptest.Open(t, apptest.SQLite(t))).as("other donor")
	page := s.get("/donor/P2")
	if page.status != http.StatusOK || len(texts(t, page, ".empty")) != 1 {
		t.Errorf("%d %s", page.status, page.body)
	}
	pdfName := s.get("/donor/P2/report.pdf")
	if pdfName.status != http.StatusOK {
		t.Errorf("its report: %d", pdfName.status)
	}
}
