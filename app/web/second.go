package web

import (
	"net/url"
	"strconv"
	"time"

	"attesta/app/account"
	"attesta/app/fault"
)

// proofPath is where somebody who signed in long ago shows again who they are.
const proofPath = "/account/proof"

// secondRoutes are the pages that ask for a second factor.
func (s *Server) secondRoutes() []Route {
	return []Route{
		GET(secondPath, HalfSignedIn, s.second),
		POST(secondPath, HalfSignedIn, s.second),
		POST(secondPath+"/ask", HalfSignedIn, s.askOwnPasskey),
		POST(secondPath+"/passkey", HalfSignedIn, s.passPasskey),
		GET(proofPath, HalfSignedIn, s.proof),
		POST(proofPath, HalfSignedIn, s.proof),
	}
}

// secondPage asks for what a user has beside a password or a link, or has them set it up.
type secondPage struct {
	Page
	Next     string
	Action   string   // where the form goes
	Proof    bool     // of one who has signed in before
	Code     bool     // can be a code of an app
	Recovery bool     // can be a recovery code
	Passkey  bool     // can be a passkey
	Password bool     // can be a password
	Roles    []string // that ask for a second factor, where there is none yet
	Offers   bool     // passkeys can be used here
}

// next returns where the visitor wanted to go, if it is a page of this program.
func (c *Ctx) next() string {
	next := c.Query("next")
	if c.IsPost() {
		next = c.Form().Value("next")
	}
	if !local(next) {
		return ""
	}
	return next
}

// onwardFrom returns an address that leads on to next.
func onwardFrom(path, next string) string {
	if next == "" {
		return path
	}
	return path + "?next=" + url.QueryEscape(next)
}

func (s *Server) second(c *Ctx) error {
	switch c.Pending() {
	case account.Complete:
		return c.Redirect(c.onward(c.next()))
	case account.NeedEnrol:
		return s.mustEnrol(c)
	}
	if c.IsPost() {
		err := s.tryCode(c)
		if err == nil {
			return c.Redirect(c.onward(c.next()))
		}
		if !c.Form().Refused(err) {
			return err
		}
	}
	return s.askFactor(c, &secondPage{Page: c.Page(c.T("factor.second")), Action: secondPath})
}

// askFactor shows the page with whatever the user has to show.
func (s *Server) askFactor(c *Ctx, page *secondPage) error {
	have, err := s.Factors.FactorsToShow(c.Context(), c.Visit().ID)
	if err != nil {
		return err
	}
	page.NoIndex, page.Next = true, c.next()
	page.Code, page.Recovery, page.Passkey = have.App != nil, have.Any(), len(have.Passkeys) > 0 && s.Factors.OffersPasskeys()
	if !have.Any() {
		page.Password, err = s.Factors.HasPassword(c.Context(), c.Visit().ID)
	}
	if err != nil {
		return err
	}
	return c.Render("web/second", page)
}

// mustEnrol lets somebody whose role asks for a second factor do nothing but set one up.
func (s *Server) mustEnrol(c *Ctx) error {
	have, err := s.Factors.FactorsOf(c.Context(), c.Visit().ID)
	if err != nil {
		return err
	}
	page := &secondPage{Page: c.Page(c.T("factor.must")), Next: c.next(), Offers: s.Factors.OffersPasskeys()}
	page.NoIndex = true
	for _, r := range have.Required {
		page.Roles = append(page.Roles, c.T("role."+string(r)))
	}
	return c.Render("web/second_enrol", page)
}

// tryCode passes the visit with the code of an app or a recovery code, whichever field was filled in.
func (s *Server) tryCode(c *Ctx) error {
	field := "code"
	if c.Form().Value(field) == "" && c.Form().Value("recovery") != "" {
		field = "recovery"
	}
	code := c.Form().Value(field)
	var form fault.Form
	if code == "" {
		form.Add(field, "form.required")
		return form.Err()
	}
	if err := c.limitFactor(); err != nil {
		return err
	}
	err := s.Factors.PassCode(c.Context(), c.Visit().ID, code)
	if fault.KindOf(err) == fault.Invalid {
		form.Add(field, "factor.wrong")
		return form.Err()
	}
	if err != nil {
		return err
	}
	return c.rotate()
}

// limitFactor allows five attempts a minute for an account, however often its user signs in, and for a visit; and 30 an
// hour, so that patience doesn't find a code of six digits either.
func (c *Ctx) limitFactor() error {
	user := "factor user " + strconv.FormatInt(c.Visit().UserID, 10)
	if err := c.Limit("factor visit "+strconv.FormatInt(c.Visit().ID, 10), 5, time.Minute); err != nil {
		return err
	}
	if err := c.Limit(user, 5, time.Minute); err != nil {
		return err
	}
	return c.Limit(user+" hourly", 30, time.Hour)
}

// proof asks those who signed in a while ago to show again who they are: with the second factor they have, else with
// their password.
func (s *Server) proof(c *Ctx) error {
	if c.Pending() == account.NeedFactor {
		return c.Redirect(onwardFrom(secondPath, c.next()))
	}
	if c.Visit().Fresh(c.Now()) && !c.IsPost() {
		return c.Redirect(c.afterProof())
	}
	if c.IsPost() {
		err := s.tryProof(c)
		if err == nil {
			return c.Redirect(c.afterProof())
		}
		if !c.Form().Refused(err) {
			return err
		}
	}
	page := &secondPage{Page: c.Page(c.T("factor.prove")), Action: proofPath, Proof: true}
	return s.askFactor(c, page)
}

func (s *Server) tryProof(c *Ctx) error {
	password := c.Form().Raw("password")
	if password == "" {
		return s.tryCode(c)
	}
	if err := c.limitFactor(); err != nil {
		return err
	}
	if err := s.Factors.ProvePassword(c.Context(), c.Visit().ID, password); err != nil {
		return err
	}
	return c.rotate()
}

func (c *Ctx) afterProof() string {
	if next := c.next(); next != "" {
		return next
	}
	return factorsPath
}
