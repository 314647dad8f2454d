package web

import (
	"context"
	"strings"
	"time"

	"attesta/app/account"
	"attesta/app/fault"
)

// LinkSender is what Accounts may also do: send a one-time sign-in link to an address. It returns the same whether or
// not anybody has the address.
type LinkSender interface {
	RequestSignInLink(ctx context.Context, email string) error
}

// FirstAdministrator is what Accounts may also do: let the holder of the token that was printed at the first start
// become the first administrator.
type FirstAdministrator interface {
	SetupOpen(ctx context.Context, token string) error
	Setup(ctx context.Context, token string, n account.NewUser) (userID int64, err error)
}

type askLinkPage struct {
	Page
	Sent bool
}

// askLink sends a sign-in link. The answer is the same for every address.
func (s *Server) askLink(c *Ctx) error {
	page := &askLinkPage{Page: c.Page(c.T("web.link_ask"))}
	page.NoIndex = true
	if c.IsPost() {
		err := s.sendLink(c)
		if err != nil && !c.Form().Refused(err) {
			return err
		}
		page.Sent = err == nil
	}
	return c.Render("web/link", page)
}

func (s *Server) sendLink(c *Ctx) error {
	email := c.Form().Value("email")
	if !strings.Contains(email, "@") {
		var form fault.Form
		form.Add("email", "form.email")
		return form.Err()
	}
	here, _ := c.fromHere("link", email)
	if _, err := c.try(here); err != nil {
		return err
	}
	if c.Limit("links "+account.EmailKey(email), linksSent, linksWithin) == nil {
		return s.Accounts.(LinkSender).RequestSignInLink(c.Context(), email)
	}
	return nil
}

// An address gets so many links within so long, whoever asks for them; of those who ask for more nobody is told, since
// one of the links, which are good for a quarter of an hour, still works.
const (
	linksSent   = 5
	linksWithin = 10 * time.Minute
)

type setupPage struct {
	Page
	Min int // characters of a password
}

// setup makes the first administrator and signs them in.
func (s *Server) setup(c *Ctx) error {
	first, token := s.Accounts.(FirstAdministrator), c.Param("token")
	if err := c.LimitSource("setup", 20, time.Minute); err != nil {
		return err
	}
	if err := first.SetupOpen(c.Context(), token); err != nil {
		return err
	}
	if c.IsPost() {
		f := c.Form()
		user, err := first.Setup(c.Context(), token, account.NewUser{Email: f.Value("email"), Name: f.Value("name"), Locale: c.Locale(), Password: f.Raw("password")})
		if err == nil {
			if err = c.SignIn(user, account.BySetup); err != nil {
				return err
			}
			return c.Redirect(c.onward(""))
		}
		if !f.Refused(err) {
			return err
		}
	}
	page := &setupPage{Page: c.Page(c.T("web.setup")), Min: account.MinPassword}
	page.NoIndex = true
	return c.Render("web/setup", page)
}
