package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/session"

	"attesta/app/account"
	"attesta/app/fault"
)

// signedIn is what is remembered of somebody who signed in. Visitors have none, and no cookie.
type signedIn struct {
	id    string // the session's, "" without one
	visit account.Visit
}

const (
	sessionVisit = "visit" // int64
	sessionSeen  = "seen"  // Unix seconds, written at most once in touchEvery
	touchEvery   = 5 * time.Minute
)

func (s *Server) newSessions() *session.Store {
	return session.New(session.Config{
		Storage:           hashed{s.Store},
		Expiration:        s.SessionIdle,
		KeyLookup:         "cookie:" + s.cookieName("session"),
		KeyGenerator:      func() string { return hex.EncodeToString(random(32)) },
		CookiePath:        "/",
		CookieHTTPOnly:    true,
		CookieSecure:      s.secure,
		CookieSameSite:    "Lax",
		CookieSessionOnly: true,
	})
}

// load finds out who asks. A session that is too old, or whose user may not sign in any more, ends here.
func (c *Ctx) load() error {
	if c.entered || c.s.Accounts == nil {
		return nil
	}
	c.entered = true
	if c.f.Cookies(c.s.cookieName("session")) == "" {
		return nil
	}
	sess, err := c.s.sessions.Get(c.f)
	if err != nil {
		return err
	}
	id, _ := sess.Get(sessionVisit).(int64)
	if sess.Fresh() || id == 0 {
		c.dropCookie("session")
		return nil
	}
	actor, visit, err := c.s.Accounts.Resume(c.Context(), id)
	if k := fault.KindOf(err); k == fault.NotFound || k == fault.Forbidden || k == fault.Gone {
		return sess.Destroy()
	}
	if err != nil {
		return err
	}
	if c.Now().Sub(visit.BeganAt.Time) > c.s.SessionAbsolute {
		return errors.Join(c.s.Accounts.EndVisit(c.Context(), id), sess.Destroy())
	}
	c.session = signedIn{id: sess.ID(), visit: visit}
	if visit.Step == account.Complete {
		c.actor = actor
	}
	c.SetLocale(visit.Locale)
	return c.touch(sess)
}

// touch keeps the session alive without writing at each request.
func (c *Ctx) touch(sess *session.Session) error {
	seen, _ := sess.Get(sessionSeen).(int64)
	if c.Now().Sub(time.Unix(seen, 0)) < touchEvery {
		return nil
	}
	sess.Set(sessionSeen, c.Now().Unix())
	return sess.Save()
}

// SignIn starts a visit of the user in a session with a new id, so that an id known from before is worth nothing. While
// a second factor is still needed the actor stays Anyone; Pending says so.
func (c *Ctx) SignIn(userID int64, method account.Method) error {
	visit, err := c.s.Accounts.BeginVisit(c.Context(), userID, method, device(c.Header("User-Agent")))
	if err != nil {
		return err
	}
	first := visit.First
	actor, visit, err := c.s.Accounts.Resume(c.Context(), visit.ID)
	if err != nil {
		return err
	}
	visit.First = first
	sess, err := c.s.sessions.Get(c.f)
	if err != nil {
		return err
	}
	if old, ok := sess.Get(sessionVisit).(int64); ok {
		if err := c.s.Accounts.EndVisit(c.Context(), old); err != nil {
			return err
		}
	}
	if err := sess.Reset(); err != nil {
		return err
	}
	sess.Set(sessionVisit, visit.ID)
	sess.Set(sessionSeen, c.Now().Unix())
	c.arrive(sess.ID(), actor, visit)
	c.SetLocale(visit.Locale)
	c.dropCookie("seed")
	return sess.Save()
}

// arrive says who makes the request from now on. Once nothing more is asked of them, the browser is known to the account.
func (c *Ctx) arrive(session string, actor account.Actor, visit account.Visit) {
	c.actor, c.session = account.Anyone, signedIn{id: session, visit: visit}
	if visit.Step == account.Complete {
		c.actor = actor
		c.remember(visit.Email)
	}
}

// rotate gives the session a new id once more has been shown, so that one known from before is worth nothing, and looks
// again at what the visit may do.
func (c *Ctx) rotate() error {
	id := c.session.visit.ID
	actor, visit, err := c.s.Accounts.Resume(c.Context(), id)
	if err != nil {
		return err
	}
	sess, err := c.s.sessions.Get(c.f)
	if err != nil {
		return err
	}
	if err := sess.Regenerate(); err != nil {
		return err
	}
	sess.Set(sessionVisit, id)
	sess.Set(sessionSeen, c.Now().Unix())
	c.arrive(sess.ID(), actor, visit)
	return sess.Save()
}

// Pending returns what the one who signed in must still show or set up before they may do anything.
func (c *Ctx) Pending() account.Step { return c.session.visit.Step }

// Visit is the sign-in behind the request; its ID is 0 for visitors and holders of links.
func (c *Ctx) Visit() account.Visit { return c.session.visit }

// SignOut ends the visit and the session, here and in the store.
func (c *Ctx) SignOut() error {
	sess, err := c.s.sessions.Get(c.f)
	if err != nil {
		return err
	}
	if id := c.session.visit.ID; id != 0 {
		if err := c.s.Accounts.EndVisit(c.Context(), id); err != nil {
			return err
		}
	}
	c.actor, c.session = account.Anyone, signedIn{}
	return sess.Destroy()
}

// hashed keeps the ids of sessions out of the store: who reads the database can't sign in with what stands there.
type hashed struct{ fiber.Storage }

func (h hashed) Get(key string) ([]byte, error) { return h.Storage.Get(digest("session", key)) }
func (h hashed) Set(key string, v []byte, exp time.Duration) error {
	return h.Storage.Set(digest("session", key), v, exp)
}
func (h hashed) Delete(key string) error { return h.Storage.Delete(digest("session", key)) }

func digest(kind, key string) string {
	sum := sha256.Sum256([]byte(key))
	return kind + ":" + hex.EncodeToString(sum[:])
}

// derive returns a key of its own for one purpose.
func derive(secret []byte, purpose string) []byte { return mac(secret, "attesta "+purpose) }

func mac(key []byte, parts ...string) []byte {
	h := hmac.New(sha256.New, key)
	for _, p := range parts {
		_, _ = h.Write([]byte(p))
		_, _ = h.Write([]byte{0})
	}
	return h.Sum(nil)
}

// cookieName returns the name of a cookie: with https the browser holds a __Host- cookie to this host alone.
func (s *Server) cookieName(name string) string {
	if s.secure {
		return "__Host-attesta-" + name
	}
	return "attesta-" + name
}

// setCookie sets a cookie that no script reads. An age of 0 lasts as long as the browser is open.
func (c *Ctx) setCookie(name, value string, age time.Duration) {
	cookie := &fiber.Cookie{Name: c.s.cookieName(name), Value: value, Path: "/", HTTPOnly: true, Secure: c.s.secure, SameSite: "Lax"}
	if age > 0 {
		cookie.MaxAge = int(age.Seconds())
	} else {
		cookie.SessionOnly = true
	}
	c.f.Cookie(cookie)
}

func (c *Ctx) cookie(name string) string { return c.f.Cookies(c.s.cookieName(name)) }

// dropCookie takes back a cookie that the browser has or was about to get.
func (c *Ctx) dropCookie(name string) {
	full := c.s.cookieName(name)
	c.f.Response().Header.DelCookie(full)
	if c.f.Cookies(full) != "" {
		c.f.Cookie(&fiber.Cookie{Name: full, Path: "/", Expires: time.Unix(1, 0), HTTPOnly: true, Secure: c.s.secure, SameSite: "Lax"})
	}
}
