package registration

import (
	"context"
	"fmt"

	"attesta/app/account"
	"attesta/app/event"
	"attesta/app/token"
)

// Offered is an offer with what became of its seats.
type Offered struct {
	Offer
	Institution Institution
	Lives       bool // the link opens
	Takes       bool // and takes nominations
	Nominated   int  // seats that are named
	Declined    int
	Answered    int // nominees who registered
	Approved    int
}

// Offers returns the offers of an event to whoever may choose its participants, the newest first.
func (d *Desk) Offers(ctx context.Context, actor account.Actor, e *event.Event) ([]Offered, error) {
	if err := event.May(actor, account.Select, e); err != nil {
		return nil, err
	}
	var list []Offer
	if err := d.DB.Read().NewSelect().Model(&list).Where("event_id = ?", e.ID).Order("id DESC").Scan(ctx); err != nil {
		return nil, fmt.Errorf("offers of event %d: %w", e.ID, err)
	}
	institutions, err := d.nominators(ctx, e.ID)
	if err != nil {
		return nil, err
	}
	out := make([]Offered, len(list))
	for i, o := range list {
		out[i] = Offered{Offer: o, Institution: institutions[o.ID]}
	}
	if err := d.count(ctx, e, out); err != nil {
		return nil, err
	}
	return out, d.look(ctx, e, out)
}

// look says of each offer whether its link lives, asking once for each maker.
func (d *Desk) look(ctx context.Context, e *event.Event, list []Offered) error {
	holds := map[int64]bool{}
	for i := range list {
		o := &list[i]
		ok, asked := holds[o.CreatedBy]
		if !asked {
			var err error
			if ok, err = account.HoldsToday(ctx, d.DB.Read(), o.CreatedBy, account.Select, d.Clock(), e.Scopes()...); err != nil {
				return err
			}
			holds[o.CreatedBy] = ok
		}
		o.Lives = ok && o.RevokedAt.IsZero()
		o.Takes = o.Lives && o.Offer.Takes(d.Clock(), e)
	}
	return nil
}

// nominators returns who was offered seats at an event, by offer.
func (d *Desk) nominators(ctx context.Context, eventID int64) (map[int64]Institution, error) {
	var rows []struct {
		OfferID     int64
		Institution `bun:",extend"`
	}
	err := d.DB.Read().NewRaw(`SELECT l.id AS offer_id, k.id, k.name, k.names, k.type, k.country FROM nomination_links AS l
		JOIN institutions AS i ON i.id = l.institution_id JOIN institutions AS k ON k.id = COALESCE(i.merged_into, i.id)
		WHERE l.event_id = ?`, eventID).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("who may nominate to event %d: %w", eventID, err)
	}
	out := map[int64]Institution{}
	for _, r := range rows {
		out[r.OfferID] = r.Institution
	}
	return out, nil
}

func (d *Desk) count(ctx context.Context, e *event.Event, list []Offered) error {
	var rows []struct {
		LinkID, Nominated, Declined, Answered, Approved int64
	}
	err := d.DB.Read().NewRaw(`SELECT n.link_id,
			SUM(CASE WHEN n.withdrawn_at IS NULL AND n.declined_at IS NULL THEN 1 ELSE 0 END) AS nominated,
			SUM(CASE WHEN n.declined_at IS NULL THEN 0 ELSE 1 END) AS declined,
			SUM(CASE WHEN n.registration_id IS NULL THEN 0 ELSE 1 END) AS answered,
			SUM(CASE WHEN r.status = ? THEN 1 ELSE 0 END) AS approved
		FROM nominations AS n JOIN nomination_links AS l ON l.id = n.link_id
		LEFT JOIN registrations AS s ON s.id = n.registration_id LEFT JOIN registrations AS r ON r.id = COALESCE(s.folded_into, s.id)
		WHERE l.event_id = ? GROUP BY n.link_id`, Approved, e.ID).Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("count the nominations to event %d: %w", e.ID, err)
	}
	for _, r := range rows {
		for i := range list {
			if list[i].ID == r.LinkID {
				list[i].Nominated, list[i].Declined, list[i].Answered, list[i].Approved = int(r.Nominated), int(r.Declined), int(r.Answered), int(r.Approved)
			}
		}
	}
	return nil
}

// Offer returns one offer of an event with its nominations to whoever may choose the event's participants.
func (d *Desk) Offer(ctx context.Context, actor account.Actor, e *event.Event, id int64) (*Offered, []Nominated, error) {
	all, err := d.Offers(ctx, actor, e)
	if err != nil {
		return nil, nil, err
	}
	for i := range all {
		if all[i].ID == id {
			list, err := d.standings(ctx, d.DB.Read(), &all[i].Offer, e)
			return &all[i], list, err
		}
	}
	return nil, nil, ErrOffer
}

// NominatedBy returns which institution nominated whom, by registration, to whoever may see the event.
func (d *Desk) NominatedBy(ctx context.Context, actor account.Actor, e *event.Event) (map[int64]Institution, error) {
	if err := event.May(actor, account.ViewEvent, e); err != nil {
		return nil, err
	}
	var rows []struct{ RegistrationID, LinkID int64 }
	err := d.DB.Read().NewRaw(`SELECT COALESCE(r.folded_into, r.id) AS registration_id, n.link_id FROM nominations AS n
		JOIN registrations AS r ON r.id = n.registration_id
		WHERE r.event_id = ? AND n.withdrawn_at IS NULL ORDER BY n.id`, e.ID).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("who nominated whom to event %d: %w", e.ID, err)
	}
	out := map[int64]Institution{}
	if len(rows) == 0 {
		return out, nil
	}
	institutions, err := d.nominators(ctx, e.ID)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		out[r.RegistrationID] = institutions[r.LinkID]
	}
	return out, nil
}

// OfferByToken returns the offer that a focal point's link opens, with its event and institution, or ErrOffer.
func (d *Desk) OfferByToken(ctx context.Context, t string) (*Offer, *event.Event, Institution, error) {
	var o Offer
	if err := offerBy(d.DB.Read().NewSelect(), &o)(ctx, "hash = ?", token.Hash(t)); err != nil {
		return nil, nil, Institution{}, err
	}
	e, err := event.ByID(ctx, d.DB.Read(), o.EventID)
	if err != nil {
		return nil, nil, Institution{}, err
	}
	if err := d.lives(ctx, d.DB.Read(), &o, e); err != nil {
		return nil, nil, Institution{}, err
	}
	at, err := institutionOf(ctx, d.DB.Read(), o.InstitutionID)
	return &o, e, at, err
}

// Nominations returns a focal point's own nominations and how many seats are left to name.
func (d *Desk) Nominations(ctx context.Context, actor account.Actor, o *Offer, e *event.Event) (list []Nominated, left int, err error) {
	if !actor.Can(account.Nominate, o.scope()) {
		return nil, 0, ErrOffer
	}
	if list, err = d.standings(ctx, d.DB.Read(), o, e); err != nil {
		return nil, 0, err
	}
	left = o.Seats
	for _, n := range list {
		if n.WithdrawnAt.IsZero() && n.DeclinedAt.IsZero() {
			left--
		}
	}
	return list, max(0, left), nil
}
