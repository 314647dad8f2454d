package web

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"attesta/app/account"
	"attesta/app/fault"
)

// passkeyLife is how long a browser has to answer.
const passkeyLife = 5 * time.Minute

// What a browser is asked a passkey for.
const (
	toSignIn   = "sign in"
	toPass     = "pass"
	toRegister = "register"
)

var errPasskeyAgain = fault.New(fault.Invalid, "factor.passkey_again")

// passkeyRoutes sign in with a passkey alone.
func (s *Server) passkeyRoutes() []Route {
	return []Route{
		POST("/sign-in/ask", Anyone, s.askPasskey),
		POST("/sign-in/passkey", Anyone, s.passkeySignIn),
	}
}

// OffersPasskeys reports whether somebody can sign in with a passkey here.
func (p *Page) OffersPasskeys() bool { return p.c.s.Factors != nil && p.c.s.Factors.OffersPasskeys() }

// asked is what is kept of a passkey that a browser was asked for.
type asked struct {
	For   string          `json:"for"`
	Visit int64           `json:"visit"`
	State json.RawMessage `json:"state"`
}

// ask keeps what belongs to the answer, for this browser alone, and answers with the options for its script.
func (c *Ctx) ask(what string, ceremony account.Ceremony) error {
	b, err := json.Marshal(asked{For: what, Visit: c.Visit().ID, State: ceremony.State})
	if err != nil {
		return err
	}
	id := hex.EncodeToString(random(32))
	if err := c.s.Store.Set(digest("passkey", id), b, passkeyLife); err != nil {
		return err
	}
	c.setCookie("passkey", id, passkeyLife)
	return c.Send("application/json", ceremony.Options)
}

// taker is a store from which a value can be taken once, however many try at the same moment.
type taker interface {
	Take(name string) ([]byte, error)
}

// answered returns, once, what was kept for this browser's answer.
func (c *Ctx) answered(what string) (state []byte, err error) {
	id := c.cookie("passkey")
	c.dropCookie("passkey")
	store, ok := c.s.Store.(taker)
	if !ok {
		return nil, errors.New("web: passkeys need a store from which a value can be taken once")
	}
	if id == "" {
		return nil, errPasskeyAgain
	}
	b, err := store.Take(digest("passkey", id))
	if err != nil {
		return nil, err
	}
	var kept asked
	if len(b) == 0 || json.Unmarshal(b, &kept) != nil || kept.For != what || kept.Visit != c.Visit().ID {
		return nil, errPasskeyAgain
	}
	return kept.State, nil
}

func (s *Server) askPasskey(c *Ctx) error {
	if err := c.LimitSource("passkey", 20, time.Minute); err != nil {
		return err
	}
	ceremony, err := s.Factors.AskPasskey()
	if err != nil {
		return err
	}
	return c.ask(toSignIn, ceremony)
}

// passkeySignIn signs in with a passkey that has verified its user: that is both factors.
func (s *Server) passkeySignIn(c *Ctx) error {
	if err := c.LimitSource("passkey sign in", 20, time.Minute); err != nil {
		return err
	}
	err := s.tryPasskey(c)
	if c.Form().Refused(err) {
		c.Flash(Stop, fault.From(err).Key)
		return c.Redirect(onwardFrom("/sign-in", c.next()))
	}
	if err != nil {
		return err
	}
	return c.Redirect(c.onward(c.next()))
}

func (s *Server) tryPasskey(c *Ctx) error {
	state, err := c.answered(toSignIn)
	if err != nil {
		return err
	}
	user, err := s.Factors.PasskeySignIn(c.Context(), state, []byte(c.Form().Raw("answer")))
	if err != nil {
		return err
	}
	return c.SignIn(user, account.ByPasskey)
}

func (s *Server) askOwnPasskey(c *Ctx) error {
	if err := c.LimitSource("passkey", 20, time.Minute); err != nil {
		return err
	}
	ceremony, err := s.Factors.AskOwnPasskey(c.Context(), c.Visit().ID)
	if err != nil {
		return err
	}
	return c.ask(toPass, ceremony)
}

// passPasskey shows a passkey as second factor, or to prove again who one is.
func (s *Server) passPasskey(c *Ctx) error {
	if err := c.LimitSource("passkey sign in", 20, time.Minute); err != nil {
		return err
	}
	pending := c.Pending()
	state, err := c.answered(toPass)
	if err == nil {
		err = s.Factors.PassPasskey(c.Context(), c.Visit().ID, state, []byte(c.Form().Raw("answer")))
	}
	if err == nil {
		err = c.rotate()
	}
	if c.Form().Refused(err) {
		c.Flash(Stop, fault.From(err).Key)
		if pending == account.Complete {
			return c.Redirect(onwardFrom(proofPath, c.next()))
		}
		return c.Redirect(onwardFrom(secondPath, c.next()))
	}
	if err != nil {
		return err
	}
	if pending == account.Complete {
		return c.Redirect(c.afterProof())
	}
	return c.Redirect(c.onward(c.next()))
}

func (s *Server) askNewPasskey(c *Ctx) error {
	page := c.Page("")
	ceremony, err := s.Factors.NewPasskey(c.Context(), c.Visit().ID, page.Brand())
	if err != nil {
		return err
	}
	return c.ask(toRegister, ceremony)
}

func (s *Server) addPasskey(c *Ctx) error {
	codes, err := s.tryAddPasskey(c)
	if err == nil {
		return c.showCodes(codes, "factor.passkey_added")
	}
	if c.Form().Refused(err) {
		if c.Pending() == account.NeedEnrol {
			return s.mustEnrol(c)
		}
		return s.showFactors(c, "")
	}
	return c.proveFirst(err, onwardFrom(factorsPath, ""))
}

func (s *Server) tryAddPasskey(c *Ctx) ([]string, error) {
	state, err := c.answered(toRegister)
	if err != nil {
		return nil, err
	}
	label := c.Form().Value("label")
	if label == "" {
		label = c.Visit().Device
	}
	if label == "" {
		label = c.T("factor.passkey")
	}
	codes, err := s.Factors.AddPasskey(c.Context(), c.Visit().ID, state, []byte(c.Form().Raw("answer")), label)
	if err != nil {
		return nil, err
	}
	return codes, c.rotate()
}

func (s *Server) renamePasskey(c *Ctx) error {
	err := s.Factors.RenamePasskey(c.Context(), c.Visit().ID, c.Form().Value("factor"), c.Form().Value("name"))
	if fault.KindOf(err) == fault.Invalid {
		f := *fault.From(err)
		f.Fields = []fault.Field{{Name: "name", Key: f.Fields[0].Key, Params: f.Fields[0].Params}}
		err = &f
	}
	if c.Form().Refused(err) {
		return s.showFactors(c, c.Form().Value("factor"))
	}
	if fault.KindOf(err) == fault.NotFound { // removed in another window
		return c.Redirect(factorsPath)
	}
	if err != nil {
		return err
	}
	c.Flash(Go, "factor.renamed")
	return c.Redirect(factorsPath)
}
