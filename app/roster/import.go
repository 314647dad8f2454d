package roster

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"

	"attesta/app/account"
	"attesta/app/attendance"
	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/person"
	"attesta/app/registration"
	"attesta/app/sheet"
	"attesta/app/token"
)

// Desk takes participant lists in.
type Desk struct {
	DB         *db.DB
	Vocabulary *Vocabulary
	Secret     token.Secret
	Clock      func() time.Time
}

// ImportOptions narrow an import.
type ImportOptions struct {
	Sheet   string
	Mapping *Mapping
	DryRun  bool // recognise and report, write nothing
}

// Import is what became of a file.
type Import struct {
	Event   *event.Event
	List    *List
	Taken   []Taken // in the order of the file
	New     int     // registrations that weren't there before
	Changed int     // registrations whose attendance changed
}

// Taken is one row that is in the programme now. Person and Registration are 0 in a dry run, for rows that would be new.
type Taken struct {
	Row          int
	Person       int64
	Registration int64
	New          bool
}

// Import reads a participant list into an event, all of it in one transaction. Each row becomes an approved
// registration of a person of its own, for the list says nothing about who is the same human being in another list, and
// its marks become claims of attendance. A row that the event has already, from the same list or because that person
// registered, is recognised by e-mail or telephone and name and only adds what is new; so the same file twice changes
// nothing. The actor needs the permission to import.
func (d *Desk) Import(ctx context.Context, actor account.Actor, eventCode, fileName string, data []byte, o ImportOptions) (*Import, error) {
	e, units, err := d.event(ctx, actor, eventCode)
	if err != nil {
		return nil, err
	}
	fileName = filepath.Base(fileName)
	book, err := sheet.Read(fileName, data, sheet.Options{})
	if err != nil {
		return nil, fmt.Errorf("import %s: %w", fileName, err)
	}
	list, err := Read(book, d.Vocabulary, Options{Sheet: o.Sheet, Mapping: o.Mapping, Event: facts(e, units)})
	if err != nil {
		return nil, fmt.Errorf("import %s: %w", fileName, err)
	}
	out := &Import{Event: e, List: list}
	err = d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		out.Taken, out.New, out.Changed = nil, 0, 0
		in := intake{desk: d, actor: actor, tx: tx, units: units, file: fileName, list: list, out: out, dry: o.DryRun}
		if err := in.run(ctx, e.ID); err != nil {
			return err
		}
		if o.DryRun {
			return nil
		}
		deed := actor.Deed("import", "event", e.ID)
		deed.EventID = e.ID
		deed.Detail = audit.Detail(audit.Facts{"rows": len(list.Rows), "refused": len(list.Refused), "new": out.New, "changed": out.Changed})
		return audit.Record(ctx, tx, deed)
	})
	if err != nil {
		return nil, fmt.Errorf("import %s: %w", fileName, err)
	}
	return out, nil
}

func (d *Desk) event(ctx context.Context, actor account.Actor, code string) (*event.Event, []event.AttendanceUnit, error) {
	desk := event.Desk{DB: d.DB, Clock: d.Clock}
	e, err := desk.ByCode(ctx, actor, code)
	if err != nil {
		return nil, nil, err
	}
	if err := event.May(actor, account.Import, e); err != nil {
		return nil, nil, err
	}
	units, err := event.Units(ctx, d.DB.Read(), e.ID)
	return e, units, err
}

func facts(e *event.Event, units []event.AttendanceUnit) Event {
	f := Event{Country: e.Country, Type: string(e.Type), Starts: e.StartsOn.Time, Days: e.Days, Unit: string(e.Unit)}
	if e.Unit == event.BySessions {
		for _, u := range units {
			f.Units = append(f.Units, fmt.Sprint(u.Position))
		}
	}
	return f
}

// intake is one import at work within its transaction.
type intake struct {
	desk  *Desk
	actor account.Actor
	tx    *db.Tx
	event *event.Event
	units []event.AttendanceUnit
	file  string
	list  *List
	out   *Import
	dry   bool

	byKey    map[string]importRow
	before   []registration.Registration // of the event, when the import began
	used     map[int64]bool              // registrations that a row has been given
	imported map[[2]int64]bool           // the latest import's claim by registration and unit
}

// importRow remembers which row of which file became which registration.
type importRow struct {
	ID             int64 `bun:",pk,autoincrement"`
	EventID        int64
	RowKey         string
	File           string
	Sheet          string
	Row            int
	PersonID       int64
	RegistrationID int64
	CreatedAt      db.Time
}

func (in *intake) run(ctx context.Context, eventID int64) (err error) {
	if in.event, err = event.LockID(ctx, in.tx, eventID); err != nil {
		return err
	}
	if err := in.load(ctx); err != nil {
		return err
	}
	seen := map[string]int{}
	for i := range in.list.Rows {
		r := &in.list.Rows[i]
		base := rowKey(r)
		seen[base]++
		if err := in.take(ctx, r, fmt.Sprintf("%s-%d", base, seen[base])); err != nil {
			return fmt.Errorf("row %d: %w", r.Number, err)
		}
	}
	if in.dry || in.out.New == 0 {
		return nil
	}
	in.event.SeatsTaken += in.out.New
	_, err = in.tx.NewUpdate().Model(in.event).Column("seats_taken").WherePK().Exec(ctx)
	return err
}

func (in *intake) load(ctx context.Context) error {
	in.byKey, in.used, in.imported = map[string]importRow{}, map[int64]bool{}, map[[2]int64]bool{}
	var rows []importRow
	if err := in.tx.NewSelect().Model(&rows).ModelTableExpr("import_rows AS import_row").Where("event_id = ?", in.event.ID).Scan(ctx); err != nil {
		return err
	}
	for _, r := range rows {
		in.byKey[r.RowKey] = r
	}
	if err := in.tx.NewSelect().Model(&in.before).Where("event_id = ? AND folded_into IS NULL", in.event.ID).Order("id").Scan(ctx); err != nil {
		return err
	}
	var claims []attendance.Claim
	err := in.tx.NewSelect().Model(&claims).Where("source = ? AND unit_id IN (SELECT id FROM attendance_units WHERE event_id = ?)", attendance.Import, in.event.ID).
		Order("received_at", "id").Scan(ctx)
	for _, c := range claims {
		in.imported[[2]int64{c.RegistrationID, c.UnitID}] = c.Present
	}
	return err
}

// rowKey is what makes a row the same row in another copy of the file.
func rowKey(r *Row) string {
	h := sha256.Sum256([]byte(strings.Join([]string{
		locale.ASCIIKey(r.FullName), person.EmailKey(r.Email), person.PhoneKey(r.Phone), locale.ASCIIKey(r.Institution),
	}, "\x00")))
	return hex.EncodeToString(h[:16])
}

func (in *intake) take(ctx context.Context, r *Row, key string) error {
	t := Taken{Row: r.Number}
	if known, ok := in.byKey[key]; ok {
		t.Person, t.Registration = known.PersonID, known.RegistrationID
		in.used[known.RegistrationID] = true
	} else if match := in.match(r); match != nil {
		t.Person, t.Registration = match.PersonID, match.ID
		in.used[match.ID] = true
		if err := in.remember(ctx, r, key, t); err != nil {
			return err
		}
	} else if t.New = true; !in.dry {
		if err := in.add(ctx, r, &t); err != nil {
			return err
		}
		if err := in.remember(ctx, r, key, t); err != nil {
			return err
		}
	}
	if t.New {
		in.out.New++
	}
	in.out.Taken = append(in.out.Taken, t)
	return in.claim(ctx, r, t)
}

// match finds the registration that was there before this file and is surely this row's person: the same name with
// the same e-mail or telephone, or, where the row has neither, the only one of that name.
func (in *intake) match(r *Row) *registration.Registration {
	name := locale.ASCIIKey(r.FullName)
	var same []*registration.Registration
	for i := range in.before {
		b := &in.before[i]
		if in.used[b.ID] || locale.ASCIIKey(b.GivenName+" "+b.FamilyName) != name {
			continue
		}
		if r.Email != "" && person.EmailKey(r.Email) == b.EmailKey || r.Phone != "" && person.PhoneKey(r.Phone) == person.PhoneKey(b.Phone) {
			return b
		}
		same = append(same, b)
	}
	if r.Email == "" && r.Phone == "" && len(same) == 1 {
		return same[0]
	}
	return nil
}

func (in *intake) remember(ctx context.Context, r *Row, key string, t Taken) error {
	if in.dry {
		return nil
	}
	row := importRow{
		EventID: in.event.ID, RowKey: key, File: in.file, Sheet: in.list.Sheet, Row: r.Number, PersonID: t.Person, RegistrationID: t.Registration,
		CreatedAt: db.At(in.desk.Clock()),
	}
	_, err := in.tx.NewInsert().Model(&row).ModelTableExpr("import_rows").Exec(ctx)
	return err
}

// add makes a person and an approved registration of a row.
func (in *intake) add(ctx context.Context, r *Row, t *Taken) error {
	given, family := r.Given, r.Family
	if given == "" && family == "" {
		family = r.FullName
	}
	kind := person.InstitutionType(r.InstitutionType)
	if !slices.Contains(person.InstitutionTypes, kind) {
		kind = person.UnknownType
	}
	institution, err := person.Located(ctx, in.tx, r.Institution, kind, r.Country)
	if err != nil {
		return err
	}
	p, err := person.Create(ctx, in.tx, person.New{
		Given: given, Family: family, FullName: r.FullName, Gender: person.Gender(r.Gender), Country: r.Country, Email: r.Email, Phone: r.Phone, InstitutionID: institution,
	})
	if err != nil {
		return err
	}
	now := db.At(in.desk.Clock())
	nonce := token.Nonce()
	reg := registration.Registration{
		Code: token.Code(), EventID: in.event.ID, PersonID: p.ID, Status: registration.Approved, Source: registration.FromImport,
		GivenName: given, FamilyName: family, CertificateName: strings.TrimSpace(given + " " + family), Gender: person.Gender(r.Gender),
		Email: r.Email, EmailKey: person.EmailKey(r.Email), Phone: r.Phone, Country: r.Country, InstitutionID: institution, InstitutionName: r.Institution,
		InstitutionType: kind, Position: r.Position, Locale: in.language(r), LinkNonce: nonce,
		LinkHash:    token.Hash(in.desk.Secret.Link(registration.LinkPurpose, nonce)),
		SubmittedAt: now, DecidedAt: now, CreatedAt: now, UpdatedAt: now, Version: 1,
	}
	if !r.Submitted.IsZero() {
		reg.SubmittedAt = db.At(r.Submitted)
	}
	if _, err := in.tx.NewInsert().Model(&reg).Exec(ctx); err != nil {
		return err
	}
	t.Person, t.Registration = p.ID, reg.ID
	return in.note(ctx, "import", reg.ID, audit.Change(nil, audit.Facts{"status": reg.Status}, audit.Facts{"row": r.Number}))
}

// note records what became of one registration.
func (in *intake) note(ctx context.Context, verb string, registrationID int64, detail db.JSON[json.RawMessage]) error {
	deed := in.actor.Deed(verb, "registration", registrationID)
	deed.EventID, deed.Detail = in.event.ID, detail
	return audit.Record(ctx, in.tx, deed)
}

// language is the one in which the program will write to somebody: the one the list names, else the usual one where
// they come from, in the script their name is written in.
func (in *intake) language(r *Row) locale.Code {
	if r.Language != "" {
		return locale.Code(r.Language)
	}
	cyrillic := strings.ContainsFunc(r.FullName, func(c rune) bool { return unicode.Is(unicode.Cyrillic, c) })
	country := r.Country
	if country == "" {
		country = in.event.Country
	}
	switch country {
	case "AL", "XK":
		return "sq"
	case "BA":
		return "bs"
	case "HR":
		return "hr"
	case "ME":
		return "cnr"
	case "MK":
		return "mk"
	case "RS":
		if cyrillic {
			return locale.SerbianCyrillic
		}
		return locale.SerbianLatin
	}
	return locale.English
}

// claim records the marks of a row that differ from what the last import said.
func (in *intake) claim(ctx context.Context, r *Row, t Taken) error {
	if in.dry {
		return nil
	}
	var claims []attendance.Claim
	var there, absent []int // positions of units
	for i, u := range in.units {
		m, ok := r.Present[i]
		if !ok || m.State == Unknown {
			continue
		}
		present := m.State == Present
		was, said := in.imported[[2]int64{t.Registration, u.ID}]
		if said && was == present {
			continue
		}
		if present {
			there = append(there, u.Position)
		} else {
			absent = append(absent, u.Position)
		}
		claims = append(claims, attendance.Claim{
			RegistrationID: t.Registration, UnitID: u.ID, Source: attendance.Import, Present: present, ReceivedAt: db.At(in.desk.Clock()),
			Detail: fmt.Sprintf("%s:%d", in.file, r.Number),
		})
	}
	if len(claims) == 0 {
		return nil
	}
	if !t.New {
		in.out.Changed++
	}
	if err := attendance.Record(ctx, in.tx, claims); err != nil {
		return err
	}
	if err := in.note(ctx, "mark", t.Registration, audit.Detail(audit.Facts{"source": attendance.Import, "present_at": there, "absent_at": absent, "row": r.Number})); err != nil {
		return err
	}
	return in.refold(ctx, t.Registration)
}

// refold derives the attendance of the registration that stands for this one, if one does.
func (in *intake) refold(ctx context.Context, id int64) error {
	var into []int64
	if err := in.tx.NewRaw("SELECT folded_into FROM registrations WHERE id = ? AND folded_into IS NOT NULL", id).Scan(ctx, &into); err != nil {
		return err
	}
	for _, x := range into {
		if err := attendance.Derive(ctx, in.tx, x); err != nil {
			return err
		}
	}
	return nil
}
