package mail

import (
	"context"
	"fmt"
	"mime"
	"strings"
	"time"

	gomail "github.com/go-mail/mail/v2"
	"github.com/uptrace/bun"

	"attesta/app/calendar"
	"attesta/app/locale"
)

// Calendar is what a mail puts into its reader's calendar, or takes out again. It is kept as it was when the mail was
// enqueued; its words are found when the mail is written.
type Calendar struct {
	Method   calendar.Method `json:"method"`   // Request or Cancel
	Sequence int             `json:"sequence"` // grows with each that goes out for one registration
	Stamp    time.Time       `json:"stamp"`
	Days     []Span          `json:"days"`             // of the event, from the first
	Called   bool            `json:"called,omitempty"` // the event was called off
}

// Span is from when to when something is.
type Span struct {
	Starts time.Time `json:"starts"`
	Ends   time.Time `json:"ends"`
}

// Invited reports whether the calendar of whoever registered has the event by a mail of this outbox: the last that had
// a calendar put it in.
func Invited(ctx context.Context, q bun.IDB, registrationID int64) (bool, error) {
	var list []row
	if err := q.NewSelect().Model(&list).Column("params").Where("registration_id = ?", registrationID).Order("id DESC").Scan(ctx); err != nil {
		return false, fmt.Errorf("mails about registration %d: %w", registrationID, err)
	}
	for _, r := range list {
		if c := r.Params.V.Calendar; c != nil {
			return c.Method == calendar.Request, nil
		}
	}
	return false, nil
}

// calendar is the message to the reader's calendar, or nil where the mail has none. The one who invites is whoever the
// mail is answered to.
func (o *Outbox) calendar(p *locale.Printer, from, replyTo string, r row) []byte {
	c, e := r.Params.V.Calendar, r.Params.V.Event
	if c == nil || e == nil || len(c.Days) == 0 {
		return nil
	}
	organiser := calendar.Party{Name: from, Address: ascii(o.from.Address)}
	if replyTo != "" {
		organiser = calendar.Party{Name: from, Address: ascii(replyTo), SentBy: ascii(o.from.Address)}
	}
	entry := calendar.Entry{
		UID: calendar.UID(e.Code, "day-1", o.baseURL), Sequence: c.Sequence, Stamp: c.Stamp, Zone: e.Zone, Summary: p.Text(e.Title),
		URL: o.baseURL + "/" + string(p.Code()) + "/events/" + e.Code, Organiser: organiser,
		Attendee: calendar.Party{Name: r.Params.V.Name, Address: ascii(r.Recipient)}, Cancelled: c.Method == calendar.Cancel,
	}
	switch {
	case c.Called:
		entry.Summary = p.T("public.phase.cancelled") + ": " + entry.Summary
	case c.Method == calendar.Request:
		entry.Location = location(p, e)
		if e.Joins {
			entry.Description = p.T("mail.join") + ": " + p.T("mail.join_page")
		}
	}
	if note := p.Footnote(entry.Summary + " " + entry.Location); note != "" {
		entry.Description = strings.TrimSpace(entry.Description + "\n\n" + note)
	}
	days := make([]calendar.Entry, len(c.Days))
	for i, d := range c.Days {
		days[i] = entry
		days[i].Starts, days[i].Ends = d.Starts, d.Ends
	}
	return calendar.Calendar{Method: c.Method, Lang: p.Lang(), Entries: calendar.Series(days)}.Bytes()
}

// location is where one takes part.
func location(p *locale.Printer, e *EventFacts) string {
	if e.Format == "online" {
		return p.T("public.format.online")
	}
	return place(p, e)
}

// invite adds a calendar to a mail, twice: as an alternative to its text, which programs take for an invitation
// (RFC 6047), and as a file, for those that don't.
func invite(m *gomail.Message, method calendar.Method, b []byte) {
	m.AddAlternative("text/calendar; method="+string(method), string(b), gomail.SetPartEncoding(gomail.Base64))
	name := map[string]string{"name": "invite.ics"}
	m.AttachReader("invite.ics", strings.NewReader(string(b)), gomail.SetHeader(map[string][]string{
		"Content-Type":        {mime.FormatMediaType("application/ics", name)},
		"Content-Disposition": {mime.FormatMediaType("attachment", map[string]string{"filename": "invite.ics"})},
	}))
}
