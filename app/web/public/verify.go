package public

import (
	"net/url"
	"time"

	"attesta/app/certificate"
	"attesta/app/locale"
	"attesta/app/token"
	"attesta/app/web"
)

type verifyPage struct {
	web.Page
	Number  string // as issued, or as typed where there is none
	Answer  string // valid, superseded, revoked, code, unknown, typo
	Tone    web.Tone
	Heading string
	Lead    string
	Facts   []line
	Checks  []string
	Next    string // the number of the successor
	Asks    bool   // for a number
	Wrong   bool   // a code was given, and it is not the one
	Path    string
	Checked string // when
}

// verifyForm asks for a number; with one it goes on to the answer, whose address can be kept.
func (p *Pages) verifyForm(c *web.Ctx) error {
	if number := c.Query("number"); number != "" {
		if n, ok := token.ParseNumber(number); ok {
			number = n
		}
		return c.Redirect("/verify/" + url.PathEscape(locale.Clean(number)))
	}
	page := &verifyPage{Page: c.Page(c.T("nav.verify")), Asks: true}
	page.Description = c.T("verify.lead")
	return c.Render("public/verify_form", page)
}

// verify gives the answer: one word, then the facts, then how it was checked.
func (p *Pages) verify(c *web.Ctx) error {
	if err := limit(c, "verify", p.VerifyLimit); err != nil {
		return err
	}
	number, code := c.Param("number"), c.Form().Value("code")
	v, err := p.Certificates.Verify(c.Context(), number, code)
	if err != nil {
		return err
	}
	page := &verifyPage{Page: c.Page(""), Number: v.Number, Answer: answer(v, number), Path: c.Path(), Next: v.Successor}
	page.NoIndex = true
	page.Wrong = v.NeedsCode && code != ""
	page.Tone = answers[page.Answer]
	page.Heading, page.Lead = c.T("verify.is."+page.Answer), c.T("verify.then."+page.Answer)
	page.Title = page.Heading
	page.Asks = page.Answer == "unknown" || page.Answer == "typo"
	page.Checks = checks(c, page.Answer)
	page.Checked = c.Printer().DateTime(c.Now().UTC())
	if v.Facts != nil {
		page.Visibility = donorsOf(c.Printer(), v.Facts)
	}
	page.Facts = page.facts(c, v)
	status := 200
	if page.Asks {
		status = 404
	}
	return c.RenderStatus(status, "public/verify", page)
}

var answers = map[string]web.Tone{
	"valid": web.Go, "superseded": web.Wait, "revoked": web.Stop, "code": web.Wait, "unknown": web.Calm, "typo": web.Calm,
}

// answer names the verdict. A number whose check character is wrong can't have been issued: somebody made a slip.
func answer(v certificate.Verdict, number string) string {
	if v.NeedsCode {
		return "code"
	}
	if v.Known {
		return string(v.State)
	}
	if _, ok := token.ParseNumber(number); !ok {
		return "typo"
	}
	return "unknown"
}

// checks says how it was checked.
func checks(c *web.Ctx, answer string) []string {
	switch answer {
	case "valid", "superseded", "revoked":
		return []string{c.T("verify.check_number"), c.T("verify.check_register"), c.T("verify.check_" + answer)}
	case "unknown":
		return []string{c.T("verify.check_number"), c.T("verify.check_unknown")}
	case "typo":
		return []string{c.T("verify.check_typo")}
	}
	return []string{c.T("verify.check_number")}
}

// facts are what the certificate says, as far as the answer may tell.
func (page *verifyPage) facts(c *web.Ctx, v certificate.Verdict) []line {
	p := c.Printer()
	var x part
	if s := v.Facts; s != nil && v.State == certificate.StateValid {
		x.say(c, "verify.holder", s.HolderName)
		x.Lines[0].Serif = true
		x.say(c, "verify.certificate", p.T("certificate.heading_"+heading(s.Kind)))
		title := say(p, s.EventTitle)
		x.say(c, "verify.event", p.Quote(title.Text))
		x.Lines[len(x.Lines)-1].Lang = title.Lang
		x.say(c, "verify.place", place(p, s))
		x.say(c, "common.date", p.DateRange(s.Starts, s.Ends))
		x.say(c, "web.organiser", hosts(p, s))
	}
	if !page.Asks {
		x.say(c, "verify.number", v.Number)
	}
	if s := v.Facts; s != nil {
		x.say(c, "verify.issued", p.Date(s.Issued))
	}
	return x.Lines
}

func heading(k certificate.Kind) string {
	switch k {
	case certificate.Completion:
		return "completion"
	case certificate.Appreciation:
		return "appreciation"
	}
	return "attendance"
}

func place(p *locale.Printer, s *certificate.Snapshot) string {
	n := notice{Country: p.Country(s.Country)}
	if s.City != "" {
		n.City = p.City(s.City)
	}
	return n.Place()
}

// hosts are who held the event: the host, else the lead.
func hosts(p *locale.Printer, s *certificate.Snapshot) string {
	var host, lead []string
	for _, o := range s.Organisations {
		if o.Host {
			host = append(host, p.Text(o.Name))
		}
		if o.Lead {
			lead = append(lead, p.Text(o.Name))
		}
	}
	if len(host) > 0 {
		return p.List(host)
	}
	return p.List(lead)
}

// verdictJSON is the answer for programs. What must not be told is missing.
type verdictJSON struct {
	Number     string       `json:"number"`
	Known      bool         `json:"known"`
	State      string       `json:"state"` // valid, superseded, revoked, code_needed, unknown
	Valid      bool         `json:"valid"`
	Holder     string       `json:"holder,omitempty"`
	Kind       string       `json:"kind,omitempty"`
	Event      *locale.Text `json:"event,omitempty"`
	EventType  string       `json:"event_type,omitempty"`
	City       string       `json:"city,omitempty"`
	Country    string       `json:"country,omitempty"`
	Starts     string       `json:"starts,omitempty"` // YYYY-MM-DD, like the following
	Ends       string       `json:"ends,omitempty"`
	Issued     string       `json:"issued,omitempty"`
	Organiser  string       `json:"organiser,omitempty"`
	Supersedes string       `json:"superseded_by,omitempty"`
	CheckedAt  time.Time    `json:"checked_at"`
}

func (p *Pages) verifyJSON(c *web.Ctx) error {
	if err := limit(c, "verify", p.VerifyLimit); err != nil {
		return err
	}
	v, err := p.Certificates.Verify(c.Context(), c.Param("number"), c.Query("code"))
	if err != nil {
		return err
	}
	out := verdictJSON{Number: v.Number, Known: v.Known, State: "unknown", Supersedes: v.Successor, CheckedAt: c.Now().UTC()}
	switch {
	case v.NeedsCode:
		out.State = "code_needed"
	case v.Known:
		out.State, out.Valid = string(v.State), v.State == certificate.StateValid
	}
	if s := v.Facts; s != nil && out.Valid {
		out.Holder, out.Kind, out.Event, out.EventType = s.HolderName, string(s.Kind), &s.EventTitle, s.EventType
		out.City, out.Country, out.Organiser = s.City, s.Country, hosts(c.Printer(), s)
		out.Starts, out.Ends = s.Starts.Format(time.DateOnly), s.Ends.Format(time.DateOnly)
	}
	if s := v.Facts; s != nil {
		out.Issued = s.Issued.Format(time.DateOnly)
	}
	if !v.Known && !v.NeedsCode {
		c.Fiber().Status(404)
	}
	return c.JSON(out)
}
