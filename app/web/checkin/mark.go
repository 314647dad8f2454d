package checkin

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"attesta/app/attendance"
	"attesta/app/fault"
	"attesta/app/token"
	"attesta/app/web"
)

// claim is a mark as a phone sends it.
type claim struct {
	Unit   int    `json:"unit"`
	Code   string `json:"code"`
	Source string `json:"source"` // scan, typed or list
	Absent bool   `json:"absent"` // takes back
	Key    string `json:"key"`    // the same key again is the same claim
	Device string `json:"device"`
	At     int64  `json:"at"` // ms since 1970 by the phone's clock, 0 for now
}

// How often a link may be used within a minute, by all phones that hold it: codes typed, codes read by cameras or
// chosen from a search, and searches. A code has 40 bits, so this leaves nothing to guess.
const (
	typedLimit  = 60
	scanLimit   = 300
	searchLimit = 60
)

var errClaim = fault.New(fault.Invalid, "error.request_wrong")

// mark takes a claim from the page's script.
func (p *Pages) mark(c *web.Ctx) error {
	var m claim
	if err := c.ReadJSON(&m); err != nil {
		return err
	}
	v, err := p.openAt(c, strconv.Itoa(m.Unit), deviceTime(m.At, c.Now()))
	if err != nil {
		return err
	}
	if m.Unit != v.unit.Position {
		return attendance.ErrUnit
	}
	a, err := p.record(c, v, m)
	if err != nil {
		return err
	}
	n, err := p.tally(c, v)
	if err != nil {
		return err
	}
	return c.JSON(struct {
		answer
		tally
	}{a, n})
}

// plain takes a typed code, or a tap on a name, from the form itself.
func (p *Pages) plain(c *web.Ctx) error {
	f := c.Form()
	v, err := p.open(c, f.Value("unit"))
	if err != nil {
		return err
	}
	m := claim{Code: f.Value("code"), Source: f.Value("source"), Absent: f.Ticked("absent"), Key: f.Value("key")}
	if m.Code == "" {
		var wrong fault.Form
		wrong.Add("code", "form.required")
		f.Refused(wrong.Err())
	}
	var said *answer
	if !f.Failed() {
		a, err := p.record(c, v, m)
		if err != nil {
			return err
		}
		a.Key = newKey()
		said = &a
		f.Set("code")
	}
	out, err := p.page(c, v)
	if err != nil {
		return err
	}
	out.Answer = said
	return c.Render("checkin/door", out)
}

// record passes a claim on to the domain.
func (p *Pages) record(c *web.Ctx, v *visit, m claim) (answer, error) {
	source, limit := attendance.Typed, typedLimit
	switch m.Source {
	case "scan":
		source, limit = attendance.Scan, scanLimit
	case "list":
		source, limit = attendance.List, scanLimit
	}
	if len(m.Key) > 64 || len(m.Device) > 40 {
		return answer{}, errClaim
	}
	if len(m.Code) > 100 {
		m.Code = "" // a QR code of something else
	}
	if err := c.Limit(fmt.Sprintf("checkin %d %s", v.link.ID, source), limit, time.Minute); err != nil {
		return answer{}, err
	}
	at := deviceTime(m.At, c.Now())
	res, err := p.Attendance.Mark(c.Context(), c.Actor(), attendance.Mark{
		EventCode: v.event.Code, Position: v.unit.Position, Code: m.Code, Source: source, Absent: m.Absent, Device: m.Device,
		DeviceAt: at, LinkID: v.link.ID, RequestKey: requestKey(v, m),
	})
	if err != nil {
		return answer{}, err
	}
	return answered(c.Printer(), v.event, res, at), nil
}

// requestKey makes the phone's key good for one link, unit and code: a key used twice by mistake loses nobody.
func requestKey(v *visit, m claim) string {
	if m.Key == "" {
		return ""
	}
	return token.Hash(fmt.Sprintf("%d %d %s %t %s", v.link.ID, v.unit.ID, token.Fold(m.Code), m.Absent, m.Key))
}

// deviceTime is when the phone says that it was; a clock that can't be right is not believed.
func deviceTime(ms int64, now time.Time) time.Time {
	at := time.UnixMilli(ms)
	if ms <= 0 || at.After(now.Add(5*time.Minute)) || at.Before(now.Add(-7*24*time.Hour)) {
		return now
	}
	return at
}

func newKey() string {
	b := make([]byte, 12)
	_, _ = rand.Read(b) // never fails since Go 1.24
	return hex.EncodeToString(b)
}
