package api

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"attesta/app/attendance"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/web"
)

// AttendancePage is who was present where, and from which claims that follows. It holds codes and no names.
type AttendancePage struct {
	Units []Unit  `json:"units"`
	Items []Story `json:"items"`
	Next  string  `json:"next,omitempty" doc:"Ask again with this as cursor; without it this page is the last."`
}

func (a AttendancePage) next() string { return a.Next }

// Story is one registration's attendance.
type Story struct {
	Registration string     `json:"registration" doc:"Its code."`
	Completed    bool       `json:"completed" doc:"Present in the event's share of the units or more."`
	Present      []Presence `json:"present" doc:"The units at which the person was present, as it follows from the claims."`
	Claims       []Claim    `json:"claims" doc:"In the order in which they were received."`
}

// Presence is presence at one unit.
type Presence struct {
	Unit  int       `json:"unit"`
	Since time.Time `json:"since" doc:"When presence was first claimed."`
}

// Claim says once that a person was, or was not, present at a unit.
type Claim struct {
	Unit       int               `json:"unit"`
	Source     attendance.Source `json:"source"`
	Present    bool              `json:"present"`
	Device     string            `json:"device,omitempty"`
	DeviceAt   time.Time         `json:"device_at,omitzero" doc:"As the device's clock had it."`
	ReceivedAt time.Time         `json:"received_at" doc:"As the server's clock had it."`
	Detail     string            `json:"detail,omitempty" doc:"For an import: the file and the row."`
}

func (p *Pages) listAttendance(c *web.Ctx, q *query) (any, error) {
	e, err := p.event(c)
	if err != nil {
		return nil, err
	}
	name := "attendance " + e.Code
	after, limit := p.after(q, name), q.limit()
	if err := q.Err(); err != nil {
		return nil, err
	}
	units, stories, err := p.Attendance.Page(c.Context(), c.Actor(), e, after, limit+1)
	if err != nil {
		return nil, err
	}
	l := paged(p, q, name, stories, func(s attendance.Story) string { return s.Registration.Code }, func(s attendance.Story) Story { return showStory(units, s) })
	return AttendancePage{Units: showUnits(units), Items: l.Items, Next: l.Next}, nil
}

func showStory(units []event.AttendanceUnit, s attendance.Story) Story {
	out := Story{Registration: s.Registration.Code, Completed: s.Completed, Present: []Presence{}, Claims: []Claim{}}
	at := map[int64]int{}
	for _, u := range units {
		at[u.ID] = u.Position
		if since, ok := s.Since[u.ID]; ok {
			out.Present = append(out.Present, Presence{Unit: u.Position, Since: since.Time})
		}
	}
	for _, cl := range s.Claims {
		out.Claims = append(out.Claims, Claim{
			Unit: at[cl.UnitID], Source: cl.Source, Present: cl.Present, Device: cl.Device, DeviceAt: cl.DeviceAt.Time, ReceivedAt: cl.ReceivedAt.Time, Detail: cl.Detail,
		})
	}
	return out
}

// NewClaims is a batch of claims.
type NewClaims struct {
	Claims []NewClaim `json:"claims" minItems:"1" maxItems:"200"`
}

// NewClaim is one claim as a program sends it.
type NewClaim struct {
	Key          string            `json:"key" minLength:"1" maxLength:"100" doc:"Made by the program, another for each claim. The same key again is the same claim: send a batch again as often as need be."`
	Registration string            `json:"registration" doc:"The code of the registration, as it stands in the QR code."`
	Unit         int               `json:"unit" doc:"The position of the unit, from 1."`
	Absent       bool              `json:"absent,omitempty" doc:"Takes back what was claimed before."`
	Source       attendance.Source `json:"source,omitempty" enum:"scan,typed,list" doc:"scan if it is left out."`
	Device       string            `json:"device,omitempty" maxLength:"40"`
	At           time.Time         `json:"at,omitzero" doc:"By the device's clock. One that lies ahead of the server's isn't believed."`
}

// ClaimAnswers are the answers to a batch, in its order.
type ClaimAnswers struct {
	Answers []ClaimAnswer `json:"answers"`
}

// ClaimAnswer is what became of one claim.
type ClaimAnswer struct {
	Key        string            `json:"key"`
	Answer     attendance.Answer `json:"answer" doc:"in: present now; already: was before; out, out_unchanged: absent now; not_this: a code of another event; unknown: no such code; not_approved: on the list, but not approved; no_unit: no such unit; key_used: the key was used for another claim."`
	Repeated   bool              `json:"repeated" doc:"This claim came before under this key; nothing was recorded anew."`
	ReceivedAt time.Time         `json:"received_at,omitzero" doc:"When the claim was received, the first time."`
}

// How large a batch and its parts may be.
const (
	maxClaims = 200
	maxKey    = 100
	maxDevice = 40
)

// claimSources are those that a program may claim.
var claimSources = []attendance.Source{attendance.Scan, attendance.Typed, attendance.List}

func (n *NewClaims) check() error {
	var form fault.Form
	if len(n.Claims) < 1 || len(n.Claims) > maxClaims {
		form.Add("claims", "form.between", "Min", 1, "Max", maxClaims)
		return form.Err()
	}
	seen := map[string]bool{}
	for i, cl := range n.Claims {
		at := func(field string) string { return fmt.Sprintf("claims[%d].%s", i, field) }
		switch {
		case cl.Key == "":
			form.Add(at("key"), "form.required")
		case utf8.RuneCountInString(cl.Key) > maxKey:
			form.Add(at("key"), "form.too_long", "Max", maxKey)
		case seen[cl.Key]:
			form.Add(at("key"), "api.key_twice")
		}
		seen[cl.Key] = true
		if cl.Registration == "" {
			form.Add(at("registration"), "form.required")
		}
		if cl.Source != "" && !slices.Contains(claimSources, cl.Source) {
			form.Add(at("source"), "form.choose")
		}
		if utf8.RuneCountInString(cl.Device) > maxDevice {
			form.Add(at("device"), "form.too_long", "Max", maxDevice)
		}
	}
	return form.Err()
}

func (p *Pages) claim(c *web.Ctx, _ *query) (any, error) {
	var n NewClaims
	if err := c.ReadStrictJSON(&n); err != nil {
		return nil, err
	}
	e, err := p.event(c)
	if err != nil {
		return nil, err
	}
	if err := n.check(); err != nil {
		return nil, err
	}
	marks := make([]attendance.Mark, len(n.Claims))
	for i, cl := range n.Claims {
		marks[i] = p.mark(c, e, cl)
	}
	found, err := p.Attendance.MarkAll(c.Context(), c.Actor(), e.Code, marks)
	if err != nil {
		return nil, err
	}
	out := ClaimAnswers{Answers: []ClaimAnswer{}}
	for i, a := range found {
		out.Answers = append(out.Answers, ClaimAnswer{Key: n.Claims[i].Key, Answer: a.Answer, Repeated: a.Repeated, ReceivedAt: a.ReceivedAt.Time})
	}
	return out, nil
}

func (p *Pages) mark(c *web.Ctx, e *event.Event, cl NewClaim) attendance.Mark {
	m := attendance.Mark{Position: cl.Unit, Code: cl.Registration, Source: cl.Source, Absent: cl.Absent, Device: cl.Device, DeviceAt: cl.At}
	if m.Source == "" {
		m.Source = attendance.Scan
	}
	const ahead = 5 * time.Minute
	if cl.At.Year() < 2000 || cl.At.After(p.Clock().Add(ahead)) {
		m.DeviceAt = time.Time{}
	}
	// The key is good for one user and event: another token of the user may send a batch again.
	sum := sha256.Sum256(fmt.Appendf(nil, "api %d %d %s", c.Actor().UserID, e.ID, cl.Key))
	m.RequestKey = hex.EncodeToString(sum[:])
	return m
}
