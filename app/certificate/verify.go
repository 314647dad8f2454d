package certificate

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"regexp"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/registration"
	"attesta/app/token"
)

// Verdict is the answer to whoever holds a certificate. Facts and Successor are nil where the certificate must not
// tell: it is unknown, revoked, or a quiet person's and the code is missing.
type Verdict struct {
	Number    string
	Known     bool
	State     State
	NeedsCode bool // a quiet person's: the number alone says nothing
	Facts     *Snapshot
	Successor string // the number of the one that took its place
}

// Verify answers whether a certificate is genuine. A wrong number and one that was never issued get the same answer;
// code is needed for quiet people only.
func (d *Desk) Verify(ctx context.Context, number, code string) (Verdict, error) {
	n, ok := token.ParseNumber(number)
	if !ok {
		return Verdict{Number: locale.Clean(number)}, nil
	}
	v := Verdict{Number: n}
	var c Certificate
	err := d.DB.Read().NewSelect().Model(&c).Where("number = ?", n).Scan(ctx)
	if errors.Is(db.One(err), db.ErrNotFound) {
		return v, nil
	}
	if err != nil {
		return v, fmt.Errorf("verify certificate: %w", err)
	}
	if c.Quiet && subtle.ConstantTimeCompare([]byte(token.Hash(code)), []byte(c.CodeHash)) != 1 {
		v.NeedsCode = true
		return v, nil
	}
	v.Known, v.State = true, c.State
	if c.State == StateRevoked {
		return v, nil
	}
	v.Facts = &c.Snapshot.V
	if c.SupersededBy != 0 && !c.Quiet {
		err = d.DB.Read().NewRaw("SELECT number FROM certificates WHERE id = ?", c.SupersededBy).Scan(ctx, &v.Successor)
	}
	if err != nil {
		return v, fmt.Errorf("successor of certificate %d: %w", c.ID, err)
	}
	return v, nil
}

// Held is a certificate as its holder sees it.
type Held struct {
	Certificate
	Code string // for a quiet person: what a verifier needs beside the number
}

// OfRegistration returns the valid certificate of a registration, or ErrNotFound.
func (d *Desk) OfRegistration(ctx context.Context, r *registration.Registration) (*Held, error) {
	var c Certificate
	err := d.DB.Read().NewSelect().Model(&c).Where("registration_id = ? AND state = ?", r.ID, StateValid).Scan(ctx)
	if err != nil {
		return nil, missing(err)
	}
	return d.held(c), nil
}

func (d *Desk) held(c Certificate) *Held {
	h := &Held{Certificate: c}
	if c.Quiet {
		h.Code = token.Group(d.code(c.Number))
	}
	return h
}

// Document draws a certificate for its holder, who shows it by the token of the registration's link. A revoked one
// bears its mark; a superseded one is drawn as it was.
func (d *Desk) Document(ctx context.Context, number string, r *registration.Registration, code locale.Code) ([]byte, error) {
	n, ok := token.ParseNumber(number)
	if !ok {
		return nil, ErrNotFound
	}
	var c Certificate
	err := d.DB.Read().NewSelect().Model(&c).Where("number = ? AND registration_id = ?", n, r.ID).Scan(ctx)
	if err != nil {
		return nil, missing(err)
	}
	return d.draw(ctx, &c, code)
}

// DocumentForOrganiser draws a certificate for somebody who may see its event.
func (d *Desk) DocumentForOrganiser(ctx context.Context, actor account.Actor, number string, code locale.Code) ([]byte, error) {
	n, ok := token.ParseNumber(number)
	if !ok {
		return nil, ErrNotFound
	}
	var c Certificate
	if err := d.DB.Read().NewSelect().Model(&c).Where("number = ?", n).Scan(ctx); err != nil {
		return nil, missing(err)
	}
	e, err := event.ByID(ctx, d.DB.Read(), c.EventID)
	if err != nil {
		return nil, err
	}
	if !actor.Can(account.ViewEvent, e.Scopes()...) {
		return nil, ErrNotFound
	}
	return d.draw(ctx, &c, code)
}

func (d *Desk) draw(ctx context.Context, c *Certificate, code locale.Code) ([]byte, error) {
	s := c.Snapshot.V
	if err := Illustrate(ctx, d.DB.Read(), &s); err != nil {
		return nil, err
	}
	mark := Valid
	if c.State == StateRevoked {
		mark = Revoked
	}
	return DrawMarked(d.Catalogue, s, code, mark)
}

// OfEvent returns the certificates of an event by registration, valid ones only.
func OfEvent(ctx context.Context, q bun.IDB, eventID int64) (map[int64]Certificate, error) {
	var list []Certificate
	if err := q.NewSelect().Model(&list).Where("event_id = ? AND state = ?", eventID, StateValid).Scan(ctx); err != nil {
		return nil, fmt.Errorf("certificates of event %d: %w", eventID, err)
	}
	out := map[int64]Certificate{}
	for _, c := range list {
		out[c.RegistrationID] = c
	}
	return out, nil
}

// Public is a verdict as programs read it.
type Public struct {
	Number      string `json:"number"`
	Known       bool   `json:"known"`
	Valid       bool   `json:"valid"`
	State       State  `json:"state,omitempty"`
	NeedsCode   bool   `json:"needs_code,omitempty"`
	Holder      string `json:"holder,omitempty"`
	Institution string `json:"institution,omitempty"`
	Event       string `json:"event,omitempty"`
	EventType   string `json:"event_type,omitempty"`
	City        string `json:"city,omitempty"`
	Country     string `json:"country,omitempty"`
	Starts      string `json:"starts,omitempty"`
	Ends        string `json:"ends,omitempty"`
	Issued      string `json:"issued,omitempty"`
	Project     string `json:"project,omitempty"`
	Successor   string `json:"successor,omitempty"`
	Address     string `json:"address,omitempty"`
}

// Public returns the verdict with nothing in it but what the certificate itself says, texts in a reader's language.
func (v Verdict) Public(words *locale.Printer) Public {
	p := Public{Number: v.Number, Known: v.Known, Valid: v.Known && v.State == StateValid, State: v.State, NeedsCode: v.NeedsCode, Successor: v.Successor}
	if f := v.Facts; f != nil {
		const day = "2006-01-02"
		p.Holder, p.Institution, p.Event, p.EventType = f.HolderName, f.Institution, words.Text(f.EventTitle), f.EventType
		p.City, p.Country, p.Project, p.Address = words.City(f.City), f.Country, words.Text(f.Project), f.VerifyURL()
		p.Starts, p.Ends, p.Issued = f.Starts.Format(day), f.Ends.Format(day), f.Issued.Format(day)
	}
	return p
}

var numberIn = regexp.MustCompile(`/verify/([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{3})`)

// NumberIn returns the number that a certificate's PDF names in its link or its properties.
func NumberIn(pdf []byte) (string, error) {
	for _, m := range numberIn.FindAllSubmatch(pdf, -1) {
		if n, ok := token.ParseNumber(string(m[1])); ok {
			return n, nil
		}
	}
	return "", fault.New(fault.Invalid, "certificate.no_number")
}
