package event

import (
	"github.com/uptrace/bun"

	"attesta/app/db"
	"attesta/app/locale"
)

// Room is where sessions are held.
type Room struct {
	bun.BaseModel `bun:"table:rooms"`

	ID            int64 `bun:",pk,autoincrement"`
	EventID       int64
	Position      int
	Name          locale.Text
	Seats         int         // 0: nobody said
	Accessibility locale.Text // steps, lift, induction loop
	Directions    locale.Text // within the venue
}

// Track is one of several lines of sessions that run beside each other.
type Track struct {
	bun.BaseModel `bun:"table:tracks"`

	ID       int64 `bun:",pk,autoincrement"`
	EventID  int64
	Position int
	Name     locale.Text
}

// SpeakerKind says what somebody does at an event.
type SpeakerKind string

// The kinds of people who lead sessions.
const (
	Trainer   SpeakerKind = "trainer"
	Lecturer  SpeakerKind = "speaker"
	Moderator SpeakerKind = "moderator"
)

// SpeakerKinds are all kinds, in the order in which forms offer them.
var SpeakerKinds = []SpeakerKind{Trainer, Lecturer, Moderator}

// Shown says to whom something of an event is shown.
type Shown string

// Whom something is shown to.
const (
	ToAll       Shown = "all"       // who may see the event's page
	ToApproved  Shown = "approved"  // participants with a place
	ToAttendees Shown = "attendees" // participants who were there at least once
)

// Speaker is who leads sessions of one event: a trainer, a speaker, a moderator.
type Speaker struct {
	bun.BaseModel `bun:"table:speakers"`

	ID       int64 `bun:",pk,autoincrement"`
	EventID  int64
	Position int
	Code     string // in addresses, unique within the event
	Name     string // as its bearer writes it, never transliterated
	Kind     SpeakerKind
	Role     locale.Text // position and institution, in a line
	Bio      locale.Text // Markdown
	Portrait string      // digest of a Portrait, "" for none
	Shown    Shown       // ToAll or ToApproved: somebody who must not appear in public
}

// Portrait is somebody's picture as it is shown: a JPEG with nothing in it but its dots. Its digest is its address; it
// never changes.
type Portrait struct {
	bun.BaseModel `bun:"table:portraits"`

	Digest    string `bun:",pk"`
	JPEG      []byte `bun:"jpeg"`
	Small     []byte // the same for lists, a JPEG of 144 dots at most
	Width     int    // dots
	Height    int
	CreatedAt db.Time
}

// MaterialKind says what a material is.
type MaterialKind string

// The kinds of material.
const (
	FileMaterial MaterialKind = "file"
	LinkMaterial MaterialKind = "link"
)

// Material is something to read or to work with: a file that is kept with the installation, or an address elsewhere.
type Material struct {
	bun.BaseModel `bun:"table:materials"`

	ID        int64 `bun:",pk,autoincrement"`
	EventID   int64
	SessionID int64 `bun:",nullzero"` // 0: of the event as a whole
	Position  int
	Code      string // in addresses, random
	Kind      MaterialKind
	Title     locale.Text
	URL       string // of a link
	FileName  string // of a file, as it is offered to whoever takes it
	Mime      string
	Size      int64  // bytes
	Digest    string // SHA-256 of the content, in hexadecimal; also its key in the store
	Shown     Shown
	ShownFrom db.Time // zero: at once
	CreatedAt db.Time
	CreatedBy int64 `bun:",nullzero"`
}
