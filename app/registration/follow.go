package registration

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/mail"
	"attesta/app/markdown"
)

// Follower tells those concerned when a published event that isn't over is moved or cancelled, each in their language:
// who has applied and wasn't refused, who was nominated and hasn't answered, and who may still nominate. Of a quiet
// event's place only those hear who are approved.
type Follower struct{ Desk *Desk }

// Follow implements event.Follower.
func (f Follower) Follow(ctx context.Context, tx *db.Tx, _ account.Actor, c event.Change) error {
	now := f.Desk.Clock()
	moved := c.After.State == event.Published && event.Moved(c.Before, c.After)
	cancelled := c.After.State == event.Cancelled && c.Before.State == event.Published
	if c.Before.State != event.Published || !now.Before(c.After.Ends()) || !moved && !cancelled {
		return nil
	}
	all, err := readConcerned(ctx, tx, c.Before, now, tx.Lock)
	if err != nil {
		return err
	}
	if cancelled {
		return f.Desk.tellCancelled(ctx, tx, c.After, all)
	}
	return f.Desk.tellMoved(ctx, tx, c, all)
}

// concerned are those whom it concerns when an event is moved or cancelled.
type concerned struct {
	registrations []Registration
	offers        []Offer // those that still take nominations
	nominees      []Nomination
}

// people is how many mails that is.
func (c *concerned) people() int { return len(c.registrations) + len(c.offers) + len(c.nominees) }

// offerOf is the offer of a nominee.
func (c *concerned) offerOf(n *Nomination) *Offer {
	for i := range c.offers {
		if c.offers[i].ID == n.LinkID {
			return &c.offers[i]
		}
	}
	return nil
}

// Concerned is how many mails go out if an event is cancelled now; if it is moved, not more.
func (d *Desk) Concerned(ctx context.Context, actor account.Actor, e *event.Event) (int, error) {
	if err := event.May(actor, account.ViewEvent, e); err != nil {
		return 0, err
	}
	if e.State != event.Published || !d.Clock().Before(e.Ends()) {
		return 0, nil
	}
	as := func(q *bun.SelectQuery) *bun.SelectQuery { return q }
	all, err := readConcerned(ctx, d.DB.Read(), e, d.Clock(), as)
	if err != nil {
		return 0, err
	}
	return all.people(), nil
}

// readConcerned reads whom an event concerns, whose lock the caller holds if somebody is to be told.
func readConcerned(ctx context.Context, q bun.IDB, e *event.Event, now time.Time, lock func(*bun.SelectQuery) *bun.SelectQuery) (*concerned, error) {
	var all concerned
	err := q.NewSelect().Model(&all.registrations).Where("event_id = ? AND folded_into IS NULL AND email <> ''", e.ID).
		Where("status IN (?)", bun.List([]Status{Submitted, Waitlisted, Approved})).Order("id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("registrations of event %d: %w", e.ID, err)
	}
	var offers []Offer
	if err := lock(q.NewSelect().Model(&offers).Where("event_id = ?", e.ID).Order("id")).Scan(ctx); err != nil {
		return nil, fmt.Errorf("offers of event %d: %w", e.ID, err)
	}
	ids := []int64{0}
	for _, o := range offers {
		if o.Takes(now, e) {
			all.offers, ids = append(all.offers, o), append(ids, o.ID)
		}
	}
	var named []Nomination
	err = q.NewSelect().Model(&named).Where("link_id IN (?)", bun.List(ids)).
		Where("registration_id IS NULL AND withdrawn_at IS NULL AND declined_at IS NULL AND erased_at IS NULL").Order("id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("nominees of event %d: %w", e.ID, err)
	}
	told := map[string]bool{}
	for _, r := range all.registrations {
		told[r.IdentityKey] = true
	}
	for _, n := range named {
		if !told[n.EmailKey+"|"+locale.ASCIIKey(n.GivenName+" "+n.FamilyName)] { // who registered by themselves hears it once
			all.nominees = append(all.nominees, n)
		}
	}
	return &all, nil
}

func (d *Desk) tellCancelled(ctx context.Context, tx *db.Tx, e *event.Event, all *concerned) error {
	for i := range all.registrations {
		if err := d.send(ctx, tx, e, &all.registrations[i], mail.EventCancelled); err != nil {
			return err
		}
	}
	for i := range all.nominees {
		n := &all.nominees[i]
		m, err := d.nomineeMessage(ctx, tx, e, all.offerOf(n), n, mail.EventCancelledNominee)
		if err == nil {
			err = d.enqueueCancelled(ctx, tx, e, m)
		}
		if err != nil {
			return err
		}
	}
	for i := range all.offers {
		m, err := d.offerMessage(ctx, tx, e, &all.offers[i], mail.EventCancelledOffer)
		if err == nil {
			err = d.enqueueCancelled(ctx, tx, e, m)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// enqueueCancelled sends a mail with the reason, and without the link, which opens nothing any more.
func (d *Desk) enqueueCancelled(ctx context.Context, tx *db.Tx, e *event.Event, m mail.Message) error {
	m.Params.Reason = whyCancelled(e, m.Locale)
	m.Params.Link, m.Params.Until, m.Params.Seats = nil, time.Time{}, 0
	return d.Mail.Enqueue(ctx, tx, m)
}

// whyCancelled is the reason as a mail tells it, which has no marks.
func whyCancelled(e *event.Event, code locale.Code) string {
	reason, _ := e.CancelReason.In(code)
	return markdown.Plain(reason)
}

func (d *Desk) tellMoved(ctx context.Context, tx *db.Tx, c event.Change, all *concerned) error {
	for i := range all.registrations {
		r := &all.registrations[i]
		approved := r.Status == Approved
		if !movedFor(c, approved) {
			continue
		}
		m, err := Message(ctx, tx, c.After, r, mail.EventMoved)
		if err == nil {
			err = d.enqueueMoved(ctx, tx, c, m, approved)
		}
		if err != nil {
			return err
		}
	}
	if !movedFor(c, false) {
		return nil
	}
	for i := range all.offers {
		if err := d.tellOfferMoved(ctx, tx, c, &all.offers[i], all); err != nil {
			return err
		}
	}
	return nil
}

// movedFor reports whether an event was moved for those who are approved, or for all others. These aren't told the place
// of a quiet event, so that another zone tells them nothing either.
func movedFor(c event.Change, approved bool) bool {
	was, is := *c.Before.Told(approved), *c.After.Told(approved)
	if was.Untold() && is.Untold() {
		was.Zone, is.Zone = "", ""
	}
	return event.Moved(&was, &is)
}

// tellOfferMoved tells the contact of an offer and its nominees, if their links still open something.
func (d *Desk) tellOfferMoved(ctx context.Context, tx *db.Tx, c event.Change, o *Offer, all *concerned) error {
	err := d.lives(ctx, tx, o, c.After)
	if errors.Is(err, ErrOffer) || err == nil && !o.Takes(d.Clock(), c.After) {
		return nil
	}
	if err != nil {
		return err
	}
	m, err := d.offerMessage(ctx, tx, c.After, o, mail.EventMovedOffer)
	if err == nil {
		err = d.enqueueMoved(ctx, tx, c, m, false)
	}
	if err != nil {
		return err
	}
	for i := range all.nominees {
		n := &all.nominees[i]
		if n.LinkID != o.ID {
			continue
		}
		m, err := d.nomineeMessage(ctx, tx, c.After, o, n, mail.EventMovedNominee)
		if err == nil {
			err = d.enqueueMoved(ctx, tx, c, m, false)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// enqueueMoved sends a mail with what the event was before.
func (d *Desk) enqueueMoved(ctx context.Context, tx *db.Tx, c event.Change, m mail.Message, approved bool) error {
	m.Params.Was = eventFacts(c.Before, approved)
	m.Params.Event.NewLink = approved && c.Before.JoinURL != c.After.JoinURL
	return d.Mail.Enqueue(ctx, tx, m)
}
