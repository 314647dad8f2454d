package public

import (
	"errors"

	"attesta/app/attendance"
	"attesta/app/certificate"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/registration"
	"attesta/app/token"
	"attesta/app/web"
)

type myPage struct {
	web.Page
	Event     notice
	Status    string
	Tone      web.Tone
	Heading   string // where I stand, in one sentence
	Lead      string
	Reason    string // why it was rejected, in the organiser's words
	Token     string
	Days      []day
	Materials *materialList
	Pass      *pass      // to get in with, while that is of use
	Present   []presence // once the event runs
	Units     int
	Share     string   // of the units
	Held      *holding // the certificate
	CanCancel bool
	Again     string // where to register again, or ""
	Path      string // of this page

	ToldIn       string // says in which language the event is told, if that isn't the reader's
	CancelReason prose  // why the event was cancelled
	Join         string // where one takes part from elsewhere
	JoinLater    bool   // that isn't known yet
	Directions   prose
	Accessible   prose
	Contact      contact
}

// pass is what is shown at the door.
type pass struct {
	QR   web.QR
	Code string // in groups; "" where there is no door
}

// presence is one day with its units.
type presence struct {
	Day   string
	Units []unit
}

// unit is one half-day, day or session with whether I was there.
type unit struct {
	Label string
	Tone  web.Tone
	Word  string
}

// holding is a certificate as its holder sees it.
type holding struct {
	Number, Name, Issued, Verify string
	Code                         string // of a quiet person
	Files                        []file
}

// file is the certificate in one language.
type file struct {
	Name, Lang, Href string
	Current          bool
}

// open returns the registration behind the link and its event, and lets the request act for its holder. What belongs
// to a link that nobody holds is not found.
func (p *Pages) open(c *web.Ctx, t string) (*registration.Registration, *event.Event, error) {
	r, err := p.Registrations.ByToken(c.Context(), t)
	if err != nil {
		return nil, nil, err
	}
	e, err := event.ByID(c.Context(), p.DB.Read(), r.EventID)
	if err != nil {
		return nil, nil, err
	}
	c.As(r.Actor())
	c.SetLocale(r.Locale)
	return r, e, nil
}

// mine is the page behind a participant's link.
func (p *Pages) mine(c *web.Ctx) error {
	r, e, err := p.open(c, c.Param("token"))
	if err != nil {
		return err
	}
	approved := r.Status == registration.Approved
	v := voice{c.Printer(), c.Locale()} // title and reason alone: each as the reader can have it
	page := &myPage{Event: v.tell(c, e.Told(approved)), Token: c.Param("token"), Path: c.Path(), Reason: r.Reason, CancelReason: v.prose(e.CancelReason)}
	page.Page = c.Page("")
	if err := p.stage(c, &page.Page, e); err != nil {
		return err
	}
	page.NoIndex, page.Scripts = true, []string{"js/register.js"}
	page.Status, page.Tone = c.T("registration.status."+string(r.Status)), tones[r.Status]
	if approved && !e.IsCancelled() {
		if err := p.fillPlace(c, page, r, e); err != nil {
			return err
		}
	}
	if approved {
		if err := p.fillHeld(c, page, r); err != nil {
			return err
		}
	}
	page.stand(c, r, e)
	page.Title = page.Heading
	return c.Render("public/my", page)
}

var tones = map[registration.Status]web.Tone{
	registration.Approved: web.Go, registration.Submitted: web.Wait, registration.Waitlisted: web.Calm,
	registration.Rejected: web.Stop, registration.Cancelled: web.Calm, registration.Draft: web.Calm,
}

// arrive says how one gets there, and whom one can ask.
func (page *myPage) arrive(c *web.Ctx, v voice, e *event.Event) {
	page.Contact = contact{Name: e.ContactName, Email: e.ContactEmail, Phone: e.ContactPhone}
	if !c.Now().Before(e.Ends()) {
		return
	}
	page.Directions, page.Accessible = v.prose(e.Directions), v.prose(e.Accessibility)
	page.Join, page.JoinLater = e.JoinURL, e.IsOnline() && e.JoinURL == ""
}

// fillPlace adds what comes with a place: how to get there, the programme, the pass and attendance.
func (p *Pages) fillPlace(c *web.Ctx, page *myPage, r *registration.Registration, e *event.Event) error {
	content, err := event.ReadContent(c.Context(), p.DB.Read(), e)
	if err != nil {
		return err
	}
	units, err := p.units(c, content)
	if err != nil {
		return err
	}
	v := voice{c.Printer(), content.Tongue(c.Locale())}
	page.Event, page.ToldIn = v.tell(c, e), v.toldIn()
	page.arrive(c, v, e)
	page.Days = newTimetable(c, v, content).days(content.Sessions, units)
	page.Materials = listMaterials(c, content, true, r.UnitsPresent > 0, page.Path)
	if c.Now().Before(e.Ends()) {
		page.Pass = &pass{}
	}
	if page.Pass != nil && e.Format != event.Online {
		page.Pass.Code = token.Group(r.Code)
		if page.Pass.QR, err = web.DrawQR(r.Code); err != nil {
			return err
		}
	}
	if !c.Now().Before(e.Begins()) {
		return p.fillPresence(c, page, r, e)
	}
	return nil
}

// fillHeld adds the certificate, if there is one.
func (p *Pages) fillHeld(c *web.Ctx, page *myPage, r *registration.Registration) error {
	held, err := p.Certificates.OfRegistration(c.Context(), r)
	if errors.Is(err, certificate.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	page.Held = p.holding(c, page.Token, held)
	return nil
}

func (p *Pages) fillPresence(c *web.Ctx, page *myPage, r *registration.Registration, e *event.Event) error {
	units, err := event.Units(c.Context(), p.DB.Read(), e.ID)
	if err != nil {
		return err
	}
	there, err := attendance.Of(c.Context(), p.DB.Read(), r.ID)
	if err != nil {
		return err
	}
	present, words := 0, c.Printer()
	for _, u := range units {
		from, to := u.StartsAt.In(e.Location()), u.EndsAt.In(e.Location())
		x := unit{Label: join(c.T("public.part."+string(u.Part)), words.TimeRange(from, to)), Tone: web.Calm, Word: c.T("my.not_yet")}
		if _, ok := there[u.ID]; ok {
			present++
			x.Tone, x.Word = web.Go, c.T("my.present")
		} else if c.Now().After(u.EndsAt.Time) {
			x.Word = c.T("my.absent")
		}
		label := words.DateFull(from)
		if n := len(page.Present); n == 0 || page.Present[n-1].Day != label {
			page.Present = append(page.Present, presence{Day: label})
		}
		d := &page.Present[len(page.Present)-1]
		d.Units = append(d.Units, x)
	}
	page.Units = len(units)
	page.Share = c.T("my.share", "Present", words.Number(present), "All", words.Number(len(units)), "Needed", words.Percent(e.Threshold, 0))
	return nil
}

func (p *Pages) holding(c *web.Ctx, t string, held *certificate.Held) *holding {
	s := held.Snapshot.V
	h := &holding{Number: held.Number, Name: s.HolderName, Issued: c.Printer().Date(s.Issued), Verify: c.URL("/verify/" + held.Number), Code: held.Code}
	for _, code := range p.Catalogue.Locales() {
		h.Files = append(h.Files, file{
			Name: c.Printer().Name(code), Lang: string(code), Current: code == c.Locale(),
			Href: "/certificates/" + held.Number + ".pdf?locale=" + string(code) + "&token=" + t,
		})
	}
	return h
}

// stand says in one sentence where the participant stands, and what follows.
func (page *myPage) stand(c *web.Ctx, r *registration.Registration, e *event.Event) {
	key := string(r.Status)
	over := !c.Now().Before(e.Ends())
	switch {
	case e.IsCancelled():
		key = "event_cancelled"
	case page.Held != nil:
		key = "certificate"
	case r.Status == registration.Approved && over && attendance.Completed(r.UnitsPresent, page.Units, e.Threshold):
		key = "completed"
	case r.Status == registration.Approved && over:
		key = "over"
	case r.Status == registration.Approved && !c.Now().Before(e.Begins()):
		key = "running"
	}
	page.Heading = c.T("my.is." + key)
	if e.Format == event.Online && (key == "approved" || key == "running") {
		key += "_online"
	}
	page.Lead = c.T("my.then." + key)
	page.CanCancel = cancellable(c, r, e)
	if r.Status == registration.Cancelled && e.Phase(c.Now()) == event.PhaseOpen {
		page.Again = page.Event.Href + "/register"
	}
}

func cancellable(c *web.Ctx, r *registration.Registration, e *event.Event) bool {
	return c.Now().Before(e.Ends()) && !e.IsCancelled() && r.Status != registration.Rejected && r.Status != registration.Cancelled
}

type cancelPage struct {
	web.Page
	Event notice
	Path  string
}

// cancel asks with the event's name, and gives the place back.
func (p *Pages) cancel(c *web.Ctx) error {
	r, e, err := p.open(c, c.Param("token"))
	if err != nil {
		return err
	}
	path := "/my/" + c.Param("token")
	if c.IsPost() {
		if err := p.Registrations.Cancel(c.Context(), c.Actor(), r.ID); err != nil {
			return err
		}
		c.Flash(web.Calm, "my.cancelled")
		return c.Redirect(path)
	}
	if !cancellable(c, r, e) {
		return c.Redirect(path)
	}
	page := &cancelPage{Page: c.Page(c.T("my.cancel_title")), Event: tell(c, e.Told(r.Status == registration.Approved)), Path: path}
	if err := p.stage(c, &page.Page, e); err != nil {
		return err
	}
	page.NoIndex = true
	page.Back = &web.Crumb{Href: path, Label: c.T("my.back")}
	return c.Render("public/my_cancel", page)
}

var errNoLanguage = fault.New(fault.NotFound, "error.not_found")

// document is the certificate as PDF, for whoever holds the registration's link.
func (p *Pages) document(c *web.Ctx) error {
	r, _, err := p.open(c, c.Query("token"))
	if errors.Is(err, registration.ErrNotFound) {
		return certificate.ErrNotFound
	}
	if err != nil {
		return err
	}
	code := r.Locale
	if want := locale.Code(c.Query("locale")); want != "" {
		code = want
	}
	if !p.Catalogue.Has(code) {
		return errNoLanguage
	}
	b, err := p.Certificates.Document(c.Context(), c.Param("number"), r, code)
	if err != nil {
		return err
	}
	number, _ := token.ParseNumber(c.Param("number"))
	c.Fiber().Set("Cache-Control", "private, max-age=300")
	return c.Download("certificate-"+number+"-"+string(code)+".pdf", "application/pdf", b)
}
