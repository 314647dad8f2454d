package web

import (
	"errors"
	"html/template"
	"strings"
	"time"

	"attesta/app/account"
	"attesta/app/db"
	"attesta/app/fault"
)

// factorsPath is where users see and change their second factors.
const factorsPath = "/account/factors"

// factorRoutes are the pages on which users set up what they have beside a password or a link. Who must set up one first
// is let in to these alone.
func (s *Server) factorRoutes() []Route {
	return []Route{
		GET(factorsPath, SignedIn, s.factors),
		GET(factorsPath+"/app", HalfSignedIn, s.setUpApp),
		POST(factorsPath+"/app", HalfSignedIn, s.setUpApp),
		POST(factorsPath+"/codes", SignedIn, s.newCodes),
		POST(factorsPath+"/codes/file", SignedIn, s.codesFile),
		POST(factorsPath+"/ask", HalfSignedIn, s.askNewPasskey),
		POST(factorsPath+"/passkey", HalfSignedIn, s.addPasskey),
		POST(factorsPath+"/name", SignedIn, s.renamePasskey),
		POST(factorsPath+"/remove", SignedIn, s.removeFactor),
	}
}

// factorsPage lists what the user has.
type factorsPage struct {
	Page
	App       *factorLine
	Passkeys  []factorLine
	CodesLeft int
	Any       bool
	Offers    bool // passkeys can be used here
	Roles     []string
	Kept      bool // the last one can't be removed
	Fresh     bool // changes need no proof
	Next      string
}

// FewCodes reports whether it is time to make new recovery codes.
func (p *factorsPage) FewCodes() bool { return p.CodesLeft < 4 }

type factorLine struct {
	Code, Label   string
	Created, Used time.Time
	Renaming      bool // the form of this one came back
}

func (s *Server) factors(c *Ctx) error { return s.showFactors(c, "") }

// showFactors draws the list; renaming is the code of the passkey whose new name was refused.
func (s *Server) showFactors(c *Ctx, renaming string) error {
	have, err := s.Factors.FactorsOf(c.Context(), c.Visit().ID)
	if err != nil {
		return err
	}
	page := &factorsPage{
		Page: c.Page(c.T("factor.title")), CodesLeft: have.CodesLeft, Any: have.Any(), Offers: s.Factors.OffersPasskeys(), Fresh: c.Visit().Fresh(c.Now()),
	}
	if s.has("/account") {
		page.Back = &Crumb{Href: "/account", Label: c.T("account.title")}
	}
	if have.App != nil {
		line := lineOf(*have.App)
		page.App = &line
	}
	for _, f := range have.Passkeys {
		line := lineOf(f)
		line.Renaming = line.Code == renaming
		page.Passkeys = append(page.Passkeys, line)
	}
	for _, r := range have.Required {
		page.Roles = append(page.Roles, c.T("role."+string(r)))
	}
	n := len(have.Passkeys)
	if have.App != nil {
		n++
	}
	page.Kept = n == 1 && len(have.Required) > 0
	return c.Render("web/factors", page)
}

func lineOf(f account.Factor) factorLine {
	return factorLine{Code: f.Code(), Label: f.Label, Created: f.CreatedAt.Time, Used: f.UsedAt.Time}
}

// proveFirst sends the visitor to show who they are, and back to next, if that is what err asks for.
func (c *Ctx) proveFirst(err error, next string) error {
	if errors.Is(err, account.ErrProof) {
		return c.Redirect(onwardFrom(proofPath, next))
	}
	return err
}

// appPage sets up an authenticator app.
type appPage struct {
	Page
	Next   string
	QR     QR
	Groups []string
	URL    template.URL // opens an app on the phone that shows the page
	Sealed string
}

func (s *Server) setUpApp(c *Ctx) error {
	if c.Pending() == account.NeedFactor {
		return c.Redirect(onwardFrom(secondPath, c.next()))
	}
	page := &appPage{Page: c.Page(c.T("factor.app_new")), Next: c.next()}
	page.NoIndex = true
	page.Back = &Crumb{Href: factorsPath, Label: c.T("factor.title")}
	if c.Pending() == account.NeedEnrol {
		page.Back = &Crumb{Href: onwardFrom(secondPath, page.Next), Label: c.T("factor.must")}
	}
	var app account.NewApp
	var err error
	if c.IsPost() {
		codes, e := s.confirmApp(c)
		if e == nil {
			return c.showCodes(codes, "factor.app_added")
		}
		if !c.Form().Refused(e) {
			return c.proveFirst(e, onwardFrom(factorsPath+"/app", c.next()))
		}
		app, err = s.Factors.ResumeApp(c.Context(), c.Visit().ID, page.Brand(), c.Form().Value("sealed"))
		if errors.Is(err, db.ErrNotFound) {
			c.Flash(Wait, "factor.app_old")
			return c.Redirect(onwardFrom(factorsPath+"/app", c.next()))
		}
	} else {
		app, err = s.Factors.NewApp(c.Context(), c.Visit().ID, page.Brand())
	}
	if err != nil {
		return c.proveFirst(err, onwardFrom(factorsPath+"/app", c.next()))
	}
	if page.QR, err = DrawQR(app.URL); err != nil {
		return err
	}
	page.Groups, page.URL, page.Sealed = app.Groups, template.URL(app.URL), app.Sealed //nolint:gosec // an otpauth address made here
	return c.Render("web/factor_app", page)
}

func (s *Server) confirmApp(c *Ctx) ([]string, error) {
	code := c.Form().Value("code")
	if code == "" {
		var form fault.Form
		form.Add("code", "form.required")
		return nil, form.Err()
	}
	if err := c.limitFactor(); err != nil {
		return nil, err
	}
	codes, err := s.Factors.ConfirmApp(c.Context(), c.Visit().ID, c.Form().Value("sealed"), code)
	if err != nil {
		return nil, err
	}
	return codes, c.rotate()
}

// codesPage shows recovery codes, this once.
type codesPage struct {
	Page
	Lead  string
	Codes []string
	Next  string
}

// showCodes shows new recovery codes, or leads on where there are none.
func (c *Ctx) showCodes(codes []string, done string) error {
	next := c.next()
	if next == "" {
		next = factorsPath
	}
	if len(codes) == 0 {
		c.Flash(Go, done)
		return c.Redirect(next)
	}
	page := &codesPage{Page: c.Page(c.T("factor.codes")), Lead: c.T(done), Codes: codes, Next: next}
	page.NoIndex, page.Class = true, "codes-page"
	return c.Render("web/factor_codes", page)
}

func (s *Server) newCodes(c *Ctx) error {
	codes, err := s.Factors.NewCodes(c.Context(), c.Visit().ID)
	if c.Form().Refused(err) {
		return s.showFactors(c, "")
	}
	if err != nil {
		return c.proveFirst(err, factorsPath)
	}
	return c.showCodes(codes, "factor.codes_made")
}

// codesFile gives back, as a file, the codes that the page shows: the program doesn't know them any more.
func (s *Server) codesFile(c *Ctx) error {
	codes, err := s.Factors.OwnCodes(c.Context(), c.Visit().ID, c.Form().Values("code"))
	if err != nil {
		return err
	}
	if len(codes) == 0 { // other ones were made since
		return c.Redirect(factorsPath)
	}
	page := c.Page("")
	lines := append([]string{page.Brand() + ": " + c.T("factor.codes"), c.s.origin, c.Visit().Email, c.printer.Date(c.Now()), "", c.T("factor.codes_lead"), ""}, codes...)
	return c.Download("attesta-recovery-codes.txt", "text/plain; charset=utf-8", []byte(strings.Join(lines, "\r\n")+"\r\n"))
}

func (s *Server) removeFactor(c *Ctx) error {
	err := s.Factors.RemoveFactor(c.Context(), c.Visit().ID, c.Form().Value("factor"))
	if c.Form().Refused(err) {
		return s.showFactors(c, "")
	}
	if fault.KindOf(err) == fault.NotFound { // removed in another window
		return c.Redirect(factorsPath)
	}
	if err != nil {
		return c.proveFirst(err, factorsPath)
	}
	c.Flash(Go, "factor.removed")
	return c.Redirect(factorsPath)
}
