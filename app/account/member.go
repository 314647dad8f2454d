package account

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/mail"
	"attesta/app/token"
)

// Invitation gives somebody a role in a scope, whether they have an account or not.
type Invitation struct {
	Email  string
	Name   string      // as whoever invites writes it; an account that is there keeps its own
	Locale locale.Code // of the mail to who has no account; "" is English
	Role   Role
	Scope  Scope
	Until  db.Day // the last day; zero: until it is taken back. An auditor's role must end
}

// MaxAudit is how many days ahead an auditor's role may end at most. It can be given again.
const MaxAudit = 366

// Faults of inviting and letting go.
var (
	errSelf    = fault.New(fault.Conflict, "member.self")
	errAlready = fault.New(fault.Conflict, "member.already")
	errCame    = fault.New(fault.Conflict, "member.came")
)

// check returns what is wrong with the fields email, name, role and until.
func (n Invitation) check(today db.Day) error {
	var form fault.Form
	NewUser{Email: n.Email, Name: n.Name}.checkFields(&form, false)
	if !Grantable(n.Role, n.Scope.Kind) {
		form.Add("role", "form.choose")
	}
	switch {
	case n.Until.IsZero() && n.Role == Auditor:
		form.Add("until", "form.required")
	case n.Until.IsZero():
	case n.Until.Before(today.Time):
		form.Add("until", "member.until_past")
	case n.Role == Auditor && n.Until.After(today.Plus(MaxAudit).Time):
		form.Add("until", "member.until_far")
	case n.Until.After(today.Plus(100 * MaxAudit).Time):
		form.Add("until", "form.date")
	}
	return form.Err()
}

// InviteMember gives whoever has the address a role, opens an account where there is none, and tells them by mail. It
// does and says the same whether or not the address had an account: until somebody comes, Members shows what the one
// who invited them wrote. To give the same role once more changes its end.
//
// The actor may give what Gifts says, no longer than it holds it itself. Faults: NotFound and Forbidden for the scope;
// Invalid with the fields email, name, role, until; Conflict for oneself and for who holds the role to that day already.
func (a *Accounts) InviteMember(ctx context.Context, actor Actor, n Invitation) error {
	at, err := placeOf(ctx, a.db.Read(), n.Scope)
	if err != nil {
		return err
	}
	if err := at.reach(actor); err != nil {
		return err
	}
	if err := n.check(a.today()); err != nil {
		return err
	}
	err = a.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error { return a.take(ctx, tx, actor, n, at) })
	if err != nil {
		return fmt.Errorf("invite a member: %w", err)
	}
	return nil
}

func (a *Accounts) take(ctx context.Context, tx *db.Tx, actor Actor, n Invitation, at Place) error {
	end, err := a.warrant(ctx, tx, actor, n.Role, at)
	if err != nil {
		return err
	}
	if !end.IsZero() && (n.Until.IsZero() || n.Until.After(end.Time)) {
		var form fault.Form
		form.Add("until", "member.until_yours")
		return form.Err()
	}
	u, err := a.userFor(ctx, tx, actor, n)
	if err != nil {
		return err
	}
	if u.ID == actor.UserID {
		return errSelf
	}
	g, mailed, err := a.give(ctx, tx, actor, u, n)
	if err != nil || !mailed {
		return err
	}
	return a.tell(ctx, tx, u, g, at)
}

// userFor returns the user with the invitation's address and makes one if there is none.
func (a *Accounts) userFor(ctx context.Context, tx *db.Tx, actor Actor, n Invitation) (User, error) {
	fresh := User{Email: strings.TrimSpace(n.Email), EmailKey: EmailKey(n.Email), Name: locale.Clean(n.Name), Locale: n.Locale, CreatedAt: db.At(a.now()), InvitedBy: actor.UserID}
	if fresh.Locale == "" {
		fresh.Locale = locale.English
	}
	res, err := tx.NewInsert().Model(&fresh).On("CONFLICT (email_key) DO NOTHING").Returning("NULL").Exec(ctx)
	if err != nil {
		return User{}, err
	}
	made, err := res.RowsAffected()
	if err != nil {
		return User{}, err
	}
	var u User
	if err := tx.NewSelect().Model(&u).Where("email_key = ?", fresh.EmailKey).Scan(ctx); err != nil {
		return User{}, err
	}
	if made == 0 {
		return u, nil
	}
	return u, record(ctx, tx, actor, "create", u.ID, nil)
}

// give inserts the grant of an invitation or changes the end of the one that is there, and reports whether its holder
// is to be told.
func (a *Accounts) give(ctx context.Context, tx *db.Tx, actor Actor, u User, n Invitation) (g grantRow, tell bool, err error) {
	q := tx.NewSelect().Model(&g).Where("user_id = ? AND role = ? AND scope_kind = ? AND scope_id = ?", u.ID, n.Role, n.Scope.Kind, n.Scope.ID)
	err = db.One(tx.Lock(q).Scan(ctx))
	if fault.KindOf(err) == fault.NotFound {
		g = grantRow{
			UserID: u.ID, Role: n.Role, ScopeKind: n.Scope.Kind, ScopeID: n.Scope.ID, Until: n.Until, GrantedBy: actor.UserID,
			Email: strings.TrimSpace(n.Email), Name: locale.Clean(n.Name), CreatedAt: db.At(a.now()),
		}
		if _, err = tx.NewInsert().Model(&g).Exec(ctx); err != nil {
			if _, ok := db.Unique(err); ok {
				err = errAlready // in the same moment
			}
			return g, false, err
		}
		return g, true, recordGrant(ctx, tx, actor, "invite", g, nil)
	}
	if err != nil {
		return g, false, err
	}
	before := g
	ended := !g.Until.IsZero() && g.Until.Before(a.today().Time)
	if g.Until == n.Until {
		return g, false, errAlready
	}
	if n.Role == Administrator && !n.Until.IsZero() {
		if err := a.keepAdministrator(ctx, tx, func(x grantRow) bool { return x.ID == g.ID }); err != nil {
			return g, false, err
		}
	}
	g.Until = n.Until
	if ended {
		g.GrantedBy, g.CreatedAt = actor.UserID, db.At(a.now())
	}
	if _, err := tx.NewUpdate().Model(&g).Column("until", "granted_by", "created_at").WherePK().Exec(ctx); err != nil {
		return g, false, err
	}
	return g, ended, recordGrant(ctx, tx, actor, "change_grant", g, &before)
}

// recordGrant notes what happened to a role; before is nil for one that is new.
func recordGrant(ctx context.Context, tx *db.Tx, actor Actor, action string, g grantRow, before *grantRow) error {
	e := actor.Deed(action, "user", g.UserID)
	if g.ScopeKind == EventScope {
		e.EventID = g.ScopeID
	}
	type end struct {
		Until db.Day `json:"until,omitzero"`
	}
	detail := map[string]any{"grant": g.ID, "role": g.Role, "scope": g.ScopeKind, "scope_id": g.ScopeID, "after": end{g.Until}}
	if before != nil {
		detail["before"] = end{before.Until}
	}
	e.Detail = audit.Detail(detail)
	return audit.Record(ctx, tx, e)
}

// Member is somebody with a role in a place.
type Member struct {
	GrantID   int64
	Role      Role
	Scope     Scope
	Event     string      // code, for a role at a single event
	Title     locale.Text // of that event
	Name      string
	Email     string
	Until     db.Day  // the last day; zero: no end
	Ended     bool    // that day has passed
	InvitedAt db.Time // when the role was given
	Inviter   string  // the name of who gave it, "" for the program
	CameAt    db.Time // the last sign-in; zero: not since the role was given
	Self      bool    // is the actor
	Removable bool    // the actor may take the role back
}

// Members returns who holds a role in a place, and in the single events of a project or organisation, in the order of
// invitation. It takes one query, however many there are. Faults: NotFound and Forbidden for the place.
func (a *Accounts) Members(ctx context.Context, actor Actor, p Place) ([]Member, error) {
	if err := p.reach(actor); err != nil {
		return nil, err
	}
	column := map[ScopeKind]string{ProjectScope: "project_id", OrganisationScope: "organisation_id"}[p.Scope.Kind]
	var rows []memberRow
	q := a.members().Where("g.scope_kind = ? AND g.scope_id = ?", p.Scope.Kind, p.Scope.ID)
	if column != "" {
		q = q.WhereOr("g.scope_kind = ? AND e.? = ?", EventScope, bun.Ident(column), p.Scope.ID)
	}
	if err := q.Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("list members: %w", err)
	}
	out := make([]Member, len(rows))
	for i, r := range rows {
		out[i] = r.member(actor, a.today())
	}
	return out, nil
}

// Member returns one role that was given, to whoever may see who holds a role in its place.
func (a *Accounts) Member(ctx context.Context, actor Actor, grantID int64) (Member, Place, error) {
	var r memberRow
	if err := a.members().Where("g.id = ?", grantID).Scan(ctx, &r); err != nil {
		return Member{}, Place{}, fmt.Errorf("read a member: %w", db.One(err))
	}
	p, err := placeOf(ctx, a.db.Read(), Scope{r.ScopeKind, r.ScopeID})
	if err == nil {
		err = p.reach(actor)
	}
	if err != nil {
		return Member{}, Place{}, err
	}
	return r.member(actor, a.today()), p, nil
}

// memberRow is a grant with its user and the event it is for.
type memberRow struct {
	grantRow       `bun:",extend"`
	UserName       string      `bun:"user_name"`
	UserEmail      string      `bun:"user_email"`
	SignedInAt     db.Time     `bun:"signed_in_at"`
	Inviter        string      `bun:"inviter"`
	Code           string      `bun:"code"`
	Title          locale.Text `bun:"title"`
	OrganisationID int64       `bun:"organisation_id"`
	ProjectID      int64       `bun:"project_id"`
}

func (a *Accounts) members() *bun.SelectQuery {
	return a.db.Read().NewSelect().TableExpr("grants AS g").ColumnExpr("g.*").
		ColumnExpr("u.name AS user_name, u.email AS user_email, u.signed_in_at, COALESCE(by_user.name, '') AS inviter").
		ColumnExpr("COALESCE(e.code, '') AS code, COALESCE(e.title, '') AS title, COALESCE(e.organisation_id, 0) AS organisation_id, COALESCE(e.project_id, 0) AS project_id").
		Join("JOIN users AS u ON u.id = g.user_id").Join("LEFT JOIN users AS by_user ON by_user.id = g.granted_by").
		Join("LEFT JOIN events AS e ON g.scope_kind = ? AND e.id = g.scope_id", EventScope).OrderExpr("g.id")
}

func (r memberRow) member(actor Actor, today db.Day) Member {
	m := Member{
		GrantID: r.ID, Role: r.Role, Scope: Scope{r.ScopeKind, r.ScopeID}, Event: r.Code, Title: r.Title, Name: r.UserName, Email: r.UserEmail,
		Until: r.Until, Ended: !r.Until.IsZero() && r.Until.Before(today.Time), InvitedAt: r.CreatedAt, Inviter: r.Inviter,
		Self: actor.UserID != 0 && actor.UserID == r.UserID,
	}
	if !r.SignedInAt.Before(r.CreatedAt.Time) {
		m.CameAt = r.SignedInAt
	} else if r.Name != "" {
		m.Name, m.Email = r.Name, r.Email // nothing of an account that its holder hasn't shown here
	}
	within := []Scope{}
	if r.ScopeKind == EventScope {
		within = append(within, Scope{OrganisationScope, r.OrganisationID}, Scope{ProjectScope, r.ProjectID})
	}
	m.Removable = actor.MayGive(r.Role, m.Scope, within...)
	return m
}

// Revoke takes a role back, or withdraws an invitation that nobody has followed: its link is then worth nothing. It
// takes effect at the next request and ends nothing else. The actor must be able to give the role, or hold it itself.
// An organisation's last organiser goes only if confirmed. Faults: NotFound, Forbidden, ErrLastAdministrator,
// ErrLastOrganiser.
func (a *Accounts) Revoke(ctx context.Context, actor Actor, grantID int64, confirmed bool) error {
	m, at, err := a.Member(ctx, actor, grantID)
	if err != nil {
		return err
	}
	if !m.Removable && !m.Self {
		return errForbidden
	}
	err = a.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if !m.Self {
			if _, err := a.warrant(ctx, tx, actor, m.Role, at); err != nil {
				return err
			}
		}
		return a.revoke(ctx, tx, actor, m, confirmed)
	})
	if err != nil {
		return fmt.Errorf("take back grant %d: %w", grantID, err)
	}
	return nil
}

func (a *Accounts) revoke(ctx context.Context, tx *db.Tx, actor Actor, m Member, confirmed bool) error {
	this := func(g grantRow) bool { return g.ID == m.GrantID }
	switch m.Scope.Kind {
	case Installation:
		if err := a.keepAdministrator(ctx, tx, this); err != nil {
			return err
		}
	case OrganisationScope:
		holders, err := a.lockHolders(ctx, tx, m.Role, m.Scope)
		if err != nil {
			return err
		}
		if len(holders) == 1 && this(holders[0]) && !confirmed {
			return ErrLastOrganiser
		}
	}
	var g grantRow
	if err := tx.Lock(tx.NewSelect().Model(&g).Where("id = ?", m.GrantID)).Scan(ctx); err != nil {
		return db.One(err)
	}
	if _, err := tx.NewDelete().Model(&g).WherePK().Exec(ctx); err != nil {
		return err
	}
	_, err := tx.NewRaw(`UPDATE sign_in_links SET expires_at = ? WHERE user_id = ? AND used_at IS NULL AND expires_at > ?
		AND EXISTS (SELECT 1 FROM users u WHERE u.id = sign_in_links.user_id AND u.signed_in_at IS NULL)
		AND NOT EXISTS (SELECT 1 FROM grants g WHERE g.user_id = sign_in_links.user_id)`, db.At(a.now()), g.UserID, db.At(a.now())).Exec(ctx)
	if err != nil {
		return err
	}
	return recordGrant(ctx, tx, actor, "revoke", g, &g)
}

// ResendInvitation tells whoever was given a role and hasn't come since once more. The actor must be able to give the
// role. Faults: NotFound, Forbidden, Conflict for somebody who has come.
func (a *Accounts) ResendInvitation(ctx context.Context, actor Actor, grantID int64) error {
	m, at, err := a.Member(ctx, actor, grantID)
	if err != nil {
		return err
	}
	if !m.CameAt.IsZero() {
		return errCame
	}
	err = a.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := a.warrant(ctx, tx, actor, m.Role, at); err != nil {
			return err
		}
		var g grantRow
		if err := tx.NewSelect().Model(&g).Where("id = ?", grantID).Scan(ctx); err != nil {
			return err
		}
		var u User
		if err := tx.NewSelect().Model(&u).Where("id = ?", g.UserID).Scan(ctx); err != nil {
			return err
		}
		if err := a.tell(ctx, tx, u, g, at); err != nil {
			return err
		}
		return recordGrant(ctx, tx, actor, "resend_invitation", g, nil)
	})
	if err != nil {
		return fmt.Errorf("send an invitation again: %w", err)
	}
	return nil
}

// tell sends the mail to somebody who was given a role: with a link that signs in to whoever never came, else with the
// way to the door. Who is disabled isn't told.
func (a *Accounts) tell(ctx context.Context, tx *db.Tx, u User, g grantRow, at Place) error {
	if !u.DisabledAt.IsZero() {
		return nil
	}
	if a.mails == nil || len(a.secret) == 0 {
		return errNoOutbox
	}
	m := mail.Message{
		Kind: mail.AccountGranted, To: u.Email, Locale: u.Locale, UserID: u.ID,
		Params: mail.Params{Name: u.Name, Role: string(g.Role), Place: at.Name, RoleUntil: g.Until, Link: &mail.Link{Path: strings.TrimSuffix(LinkPath, "/")}},
	}
	if u.SignedInAt.IsZero() {
		m.Kind = mail.AccountInvited
		m.Params.Link = &mail.Link{Path: LinkPath, Purpose: linkPurpose, Nonce: token.Nonce()}
		if err := a.insertLink(ctx, tx, u.ID, a.secret.Link(linkPurpose, m.Params.Link.Nonce), inviteLife); err != nil {
			return err
		}
	}
	return a.mails.Enqueue(ctx, tx, m)
}
