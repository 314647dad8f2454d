package app_test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os/exec"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/attendance"
	"attesta/app/config"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/project"
	"attesta/app/registration"
	"attesta/app/report"
)

// target is one event that has been, with everything that hangs on it. Each of its participants carries the canary in
// every field that can be read.
type target struct {
	name   string // own, other organisation, other country, deleted, crossed
	canary string
	params map[string]string // what stands for a parameter of a route's path
	event  *event.Event
	scopes map[account.ScopeKind]int64
}

// reach is the installation that the access tests walk through.
type reach struct {
	*site
	targets []*target
	links   map[string][4]string // by the first segment of a route: a link that works, one of another kind, a made-up one, one that has ended
	source  atomic.Int32
}

func newReach(t *testing.T, database string) *reach {
	t.Helper()
	r := &reach{site: serve(t, database, anyProvider), links: map[string][4]string{}}
	ctx := t.Context()
	organisation := func(code, country string) *project.Organisation {
		o, err := r.Projects.AddOrganisation(ctx, account.System, project.Organisation{Code: code, Name: locale.NewText("en", code), Country: country})
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	partner, foreign := organisation("partner", "RS"), organisation("foreign", "MK")
	other, err := r.Projects.Create(ctx, account.System, project.Facts{Code: "P2", Title: locale.NewText("en", "Another grant"), LeadID: foreign.ID})
	if err != nil {
		t.Fatal(err)
	}
	r.target(t, "own", r.Project, r.Organisation, "RS")
	r.target(t, "other organisation", r.Project, partner, "RS")
	r.target(t, "other country", other, foreign, "MK")
	r.Clock.Set(time.Date(2022, 5, 20, 10, 0, 0, 0, time.UTC))
	for _, x := range r.targets {
		r.finish(t, x)
	}
	gone := &target{name: "deleted", canary: "kanarinacdeleted", params: map[string]string{}}
	for k := range r.targets[0].params {
		gone.params[k] = "999999"
	}
	gone.params["code"], gone.params["event"], gone.params["project"] = "gone", "gone", "GONE"
	crossed := &target{name: "crossed", canary: r.targets[2].canary, params: map[string]string{}}
	for k := range r.targets[2].params {
		crossed.params[k] = r.targets[2].params[k]
	}
	crossed.params["code"], crossed.params["project"] = r.targets[0].params["code"], r.targets[0].params["project"]
	crossed.params["event"] = crossed.params["code"]
	crossed.params["language"] = "xx" // languages belong to no event: one that there isn't
	r.targets = append(r.targets, gone, crossed)
	r.linked(t)
	return r
}

// anyProvider has the pages that an OpenID Connect provider brings; it is asked nothing.
func anyProvider(c *config.Config) {
	c.OIDC = config.OIDC{Issuer: "http://127.0.0.1:9", ClientID: "attesta", Name: "Provider"}
}

// target makes an event with two participants.
func (r *reach) target(t *testing.T, name string, p *project.Project, o *project.Organisation, country string) {
	t.Helper()
	x := &target{name: name, canary: "kanarinac" + strings.ReplaceAll(name, " ", ""), scopes: map[account.ScopeKind]int64{
		account.ProjectScope: p.ID, account.OrganisationScope: o.ID,
	}}
	x.event = r.Event(t, func(f *event.Facts) { f.ProjectID, f.OrganisationID, f.Country = p.ID, o.ID, country })
	x.scopes[account.EventScope] = x.event.ID
	var codes []string
	for i := range 2 {
		s := apptest.Submission(i)
		s.GivenName, s.FamilyName = "Kanarinka", x.canary+string('a'+rune(i))
		s.Email, s.Position = fmt.Sprintf("%s%d@mail.example", x.canary, i), "Position "+x.canary
		made, err := r.Registrations.Register(t.Context(), x.event.Code, s)
		if err != nil {
			t.Fatal(err)
		}
		codes = append(codes, made.Code)
	}
	if _, err := r.Registrations.Decide(t.Context(), account.System, x.event.Code, codes, registration.Approved, ""); err != nil {
		t.Fatal(err)
	}
	link, err := r.Attendance.NewLink(t.Context(), account.System, x.event.Code, "Door")
	if err != nil {
		t.Fatal(err)
	}
	offer := r.offer(t, x.event)
	x.params = map[string]string{
		"offer":  fmt.Sprint(offer.ID),
		"locale": "en", "code": x.event.Code, "project": p.Code, "registration": codes[0], "link": fmt.Sprint(link.ID),
		"organisation": o.Code, "event": x.event.Code, "donor": "eu", "digest": "none", "institution": "1", "language": "mk", "session": "none",
	}
	r.invited(t, x)
	r.supplied(t, nil, x)
	r.parts(t, x)
	r.targets = append(r.targets, x)
}

// offer offers seats at an event to an institution.
func (r *reach) offer(t *testing.T, e *event.Event) *registration.Offer {
	t.Helper()
	o, err := r.Registrations.OfferSeats(t.Context(), account.System, e.Code, registration.NewOffer{
		InstitutionName: "Uprava policije", InstitutionType: "police", InstitutionCountry: "ME", ContactName: "Mirko Kontakt",
		ContactEmail: "mirko@police.example", Locale: "en", Seats: 3,
	})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// finish has everybody of the event present, issues the certificates and freezes a report.
func (r *reach) finish(t *testing.T, x *target) {
	t.Helper()
	list, err := r.Registrations.List(t.Context(), account.System, x.event, registration.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	var ticks []attendance.Tick
	for _, p := range list {
		for position := 1; position <= 4; position++ {
			ticks = append(ticks, attendance.Tick{Code: p.Code, Position: position})
		}
	}
	if _, err := r.Attendance.MarkList(t.Context(), account.System, x.event.Code, ticks); err != nil {
		t.Fatal(err)
	}
	r.certify(t, x)
	frozen, err := report.Freeze(t.Context(), r.DB, account.System, report.Query{ProjectID: x.scopes[account.ProjectScope]}, report.ForOrganiser)
	if err != nil {
		t.Fatal(err)
	}
	x.params["report"] = frozen.Code
}

// parts gives the event somebody who leads sessions, a room and a track, again if an earlier case took them away.
func (r *reach) parts(t *testing.T, x *target) {
	t.Helper()
	if x.event == nil {
		return
	}
	c, err := event.ReadContent(t.Context(), r.DB.Read(), x.event)
	if err == nil && len(c.Speakers) == 0 {
		_, err = r.Events.AddSpeaker(t.Context(), account.System, x.event.Code, event.Speaker{Name: "Trainer " + x.name, Kind: event.Trainer, Shown: event.ToAll})
	}
	if err == nil && len(c.Rooms) == 0 {
		_, err = r.Events.AddRoom(t.Context(), account.System, x.event.Code, event.Room{Name: locale.NewText("en", "Hall")})
	}
	if err == nil && len(c.Tracks) == 0 {
		_, err = r.Events.AddTrack(t.Context(), account.System, x.event.Code, event.Track{Name: locale.NewText("en", "Police")})
	}
	if err == nil {
		c, err = event.ReadContent(t.Context(), r.DB.Read(), x.event)
	}
	if err != nil {
		t.Fatal(err)
	}
	x.params["speaker"], x.params["room"], x.params["track"] = c.Speakers[0].Code, fmt.Sprint(c.Rooms[0].ID), fmt.Sprint(c.Tracks[0].ID)
}

// invited has somebody organise the event alone, again if an earlier case ended that.
func (r *reach) invited(t *testing.T, x *target) {
	t.Helper()
	if x.event == nil {
		return
	}
	scope := account.Scope{Kind: account.EventScope, ID: x.event.ID}
	n := account.Invitation{Email: "single-" + x.event.Code + "@example.org", Name: "Single", Role: account.Organiser, Scope: scope}
	if err := r.App.Accounts.InviteMember(t.Context(), account.System, n); err != nil && fault.KindOf(err) != fault.Conflict {
		t.Fatal(err)
	}
	var grant struct{ ID, UserID int64 }
	err := r.DB.Read().NewRaw("SELECT g.id, g.user_id FROM grants AS g JOIN users AS u ON u.id = g.user_id WHERE u.email = ? AND g.scope_id = ?", n.Email, scope.ID).Scan(t.Context(), &grant)
	if err != nil {
		t.Fatal(err)
	}
	x.params["grant"], x.params["user"] = fmt.Sprint(grant.ID), fmt.Sprint(grant.UserID)
}

// supplied adds a file to the materials of the event and has p begin to send another, each time: an earlier case may have
// removed them.
func (r *reach) supplied(t *testing.T, p *who, x *target) {
	t.Helper()
	if x.event == nil {
		return
	}
	const content = "Lecture\n"
	m, err := r.Events.AddFile(t.Context(), account.System, x.event.Code, event.MaterialFacts{}, "lecture.txt", strings.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	x.params["material"] = m.Code
	sender := account.System
	if p != nil && p.letter != "V" {
		if err := r.DB.Read().NewRaw("SELECT id FROM users WHERE email = ?", strings.ToLower(p.letter)+"@access.example").Scan(t.Context(), &sender.UserID); err != nil {
			t.Fatal(err)
		}
	}
	u, err := r.Events.BeginUpload(t.Context(), sender, x.event.Code, event.NewUpload{Name: "a.pdf", Size: 100_000})
	if err != nil {
		t.Fatal(err)
	}
	x.params["upload"] = u.Code
}

// certify issues what is missing and takes one of the certificates that are valid now: an earlier case may have ended it.
func (r *reach) certify(t *testing.T, x *target) {
	t.Helper()
	if x.event == nil {
		return
	}
	if _, err := r.Certificates.Issue(t.Context(), account.System, x.event.Code); err != nil {
		t.Fatal(err)
	}
	var number string
	if err := r.DB.Read().NewRaw("SELECT number FROM certificates WHERE event_id = ? AND state = 'valid' ORDER BY id LIMIT 1", x.event.ID).Scan(t.Context(), &number); err != nil {
		t.Fatal(err)
	}
	x.params["number"] = number
}

// linked makes the links of those who have no account.
func (r *reach) linked(t *testing.T) {
	t.Helper()
	own := r.targets[0]
	list, err := r.Registrations.List(t.Context(), account.System, own.event, registration.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	mine := list[0]
	running := r.Event(t, func(f *event.Facts) { f.StartsOn, _ = db.ParseDay("2022-05-20") })
	door := func() *attendance.Link {
		l, err := r.Attendance.NewLink(t.Context(), account.System, running.Code, "Door")
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	open, ended := door(), door()
	if err := r.Attendance.Revoke(t.Context(), account.System, running.Code, ended.ID); err != nil {
		t.Fatal(err)
	}
	my, checkin := r.Registrations.Link(&mine), strings.TrimPrefix(r.Attendance.Path(open), "/checkin/")
	my = my[strings.LastIndex(my, "/")+1:]
	ahead := r.Event(t, func(f *event.Facts) { f.StartsOn, _ = db.ParseDay("2022-08-01") })
	focal, over := r.offer(t, ahead), r.offer(t, ahead)
	if err := r.Registrations.RevokeOffer(t.Context(), account.System, ahead.Code, over.ID); err != nil {
		t.Fatal(err)
	}
	nominate := func(o *registration.Offer) string {
		return strings.TrimPrefix(r.Registrations.OfferPath(o), "/nominate/")
	}
	r.links["nominate"] = [4]string{nominate(focal), my, "madeup", nominate(over)}
	r.links["my"] = [4]string{my, checkin, "madeup", ""}
	r.links["checkin"] = [4]string{checkin, my, "madeup", strings.TrimPrefix(r.Attendance.Path(ended), "/checkin/")}
}

// who is somebody who asks: a browser of its own.
type who struct {
	letter string // A, C, O, E, U, D as in the table; V a visitor, X a user whose role was taken back
	name   string
	client *http.Client
	csrf   string
	token  string // of a program that acts for them
	reach  func(*target) bool
}

var csrfInput = regexp.MustCompile(`name="_csrf" value="([^"]+)"`)

// people signs one user in for each role, and comes as a visitor and as one whose role was taken back since.
func (r *reach) people(t *testing.T) []*who {
	t.Helper()
	own := r.targets[0]
	scope := func(kind account.ScopeKind) account.Scope { return account.Scope{Kind: kind, ID: own.scopes[kind]} }
	has := func(kind account.ScopeKind) func(*target) bool {
		return func(x *target) bool { return x.scopes != nil && x.scopes[kind] == own.scopes[kind] }
	}
	all := func(x *target) bool { return x.scopes != nil }
	none := func(*target) bool { return false }
	list := []*who{
		{letter: "V", name: "visitor", reach: none},
		r.person(t, "A", account.Administrator, account.Scope{Kind: account.Installation}, all),
		r.person(t, "C", account.Coordinator, scope(account.ProjectScope), has(account.ProjectScope)),
		r.person(t, "O", account.Organiser, scope(account.OrganisationScope), has(account.OrganisationScope)),
		r.person(t, "E", account.Organiser, scope(account.EventScope), has(account.EventScope)),
		r.person(t, "U", account.Auditor, scope(account.ProjectScope), has(account.ProjectScope)),
		r.person(t, "D", account.Donor, scope(account.ProjectScope), has(account.ProjectScope)),
		r.person(t, "X", account.Coordinator, account.Scope{Kind: account.Installation}, none),
	}
	list[0].client = &http.Client{CheckRedirect: noRedirect}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	list[0].client.Jar = jar
	_, page := r.ask(t, list[0], "GET", "/sign-in", nil)
	list[0].csrf = csrfInput.FindStringSubmatch(page)[1]
	return list
}

func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func (r *reach) person(t *testing.T, letter string, role account.Role, scope account.Scope, reaches func(*target) bool) *who {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	p := &who{letter: letter, name: string(role) + " of the " + string(scope.Kind), client: &http.Client{Jar: jar, CheckRedirect: noRedirect}, reach: reaches}
	email := strings.ToLower(letter) + "@access.example"
	id, err := r.App.Accounts.CreateUser(t.Context(), account.System, account.NewUser{Email: email, Name: "User " + letter})
	if err != nil {
		t.Fatal(err)
	}
	err = r.DB.InTx(t.Context(), apptest.Exec(`INSERT INTO grants (user_id, role, scope_kind, scope_id, until, created_at) VALUES (?, ?, ?, ?, '2022-12-31', 0)`, id, role, scope.Kind, scope.ID))
	if err != nil {
		t.Fatal(err)
	}
	link, err := r.App.Accounts.NewSignInLink(t.Context(), email)
	if err != nil {
		t.Fatal(err)
	}
	_, page := r.ask(t, p, "GET", "/sign-in/"+link, nil)
	if res, _ := r.ask(t, p, "POST", "/sign-in/"+link, url.Values{"_csrf": {csrfInput.FindStringSubmatch(page)[1]}}); res.StatusCode != http.StatusSeeOther {
		t.Fatalf("%s can't sign in: %s", email, res.Status)
	}
	_, page = r.ask(t, p, "GET", "/en/events", nil)
	p.csrf = csrfInput.FindStringSubmatch(page)[1]
	n := account.NewToken{Label: "Program", Role: role, Scope: scope, Writes: true, Expires: r.Clock.Now().AddDate(0, 1, 0)}
	if p.token, err = r.App.Accounts.MakeToken(t.Context(), account.Actor{UserID: id, Name: p.name}, n); err != nil {
		t.Fatal(err)
	}
	if letter == "X" { // while signed in
		if err := r.DB.InTx(t.Context(), apptest.Exec("DELETE FROM grants WHERE user_id = ?", id)); err != nil {
			t.Fatal(err)
		}
		p.name = "somebody whose role was taken back"
	}
	return p
}

// ask sends one request from a source address of its own and returns the answer with its text: of a PDF what stands on
// its pages, of a spreadsheet or an archive what it holds.
func (r *reach) ask(t *testing.T, p *who, method, path string, form url.Values) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, r.Base+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Forwarded-For", r.address())
	switch method {
	case http.MethodPost:
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	case http.MethodPatch: // its body is a piece of a file
		req.Header.Set("X-CSRF-Token", form.Get("_csrf"))
	}
	res, err := p.client.Do(req)
	if err != nil {
		t.Fatalf("%s %s as %s: %v", method, path, p.name, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s %s as %s: %v", method, path, p.name, err)
	}
	return res, plain(t, body)
}

// address is a source address that nobody came from before, so that no limit is met.
func (r *reach) address() string {
	n := r.source.Add(1)
	return fmt.Sprintf("10.%d.%d.%d", n>>16&255, n>>8&255, n&255)
}

// plain returns what a reader finds in a document, in lower case.
func plain(t *testing.T, body []byte) string {
	t.Helper()
	switch {
	case bytes.HasPrefix(body, []byte("%PDF")):
		cmd := exec.CommandContext(context.Background(), "pdftotext", "-", "-")
		cmd.Stdin = bytes.NewReader(body)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("pdftotext: %v", err)
		}
		return string(out)
	case bytes.HasPrefix(body, []byte("PK")):
		archive, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
		if err != nil {
			t.Fatal(err)
		}
		var all strings.Builder
		for _, f := range archive.File {
			in, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(in)
			if err != nil {
				t.Fatal(err)
			}
			all.WriteString(f.Name + plain(t, b))
		}
		return all.String()
	}
	return string(body)
}

func newJar(t *testing.T) *cookiejar.Jar {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return jar
}
