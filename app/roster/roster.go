// Package roster reads a list of participants as an office keeps it: any order of columns, headings in any language
// of the vocabulary, names in one cell or two, attendance as ticks, signatures or on another sheet.
//
// Read only recognises; it touches no database and changes nothing. Every row that isn't empty ends up in exactly one
// place of the List: titles, headers, rows, joined, refused or ignored. What was assumed, and what could not be
// decided, is among the notices. Nothing is guessed in silence.
package roster

import (
	"time"

	"attesta/app/fault"
	"attesta/app/sheet"
)

// Event is what is known of the event whose list is read. Its zero value knows nothing: attendance is then numbered by
// what the headings say alone.
type Event struct {
	Country string    // of the event, two letters
	Type    string    // "national_training" lets a list without countries take the event's
	Starts  time.Time // first day; only its date counts
	Days    int
	Unit    string   // "half-day", "day" or "session"
	Units   []string // labels of the sessions in order, for "session"
}

// Count returns the number of attendance units of the event, 0 if that isn't known.
func (e Event) Count() int {
	switch e.Unit {
	case "day":
		return e.Days
	case "session":
		return len(e.Units)
	}
	return 2 * e.Days
}

// Options of Read.
type Options struct {
	Sheet   string   // read this sheet, else the one that looks most like a list
	Mapping *Mapping // a person's word on what the columns are, above all recognition
	Event   Event
}

// Field is what a column holds.
type Field string

// The fields. A column that is none of them has the field "" and ends up in Row.Extra.
const (
	Number          Field = "number"
	Given           Field = "given"
	Family          Field = "family"
	Name            Field = "name"         // full name, the heading doesn't say in which order
	GivenFamily     Field = "given_family" // full name, given name first
	FamilyGiven     Field = "family_given" // full name, family name first
	Institution     Field = "institution"
	InstitutionType Field = "institution_type"
	Position        Field = "position"
	Gender          Field = "gender"
	Email           Field = "email"
	Phone           Field = "phone"
	Country         Field = "country"
	Language        Field = "language"
	Submitted       Field = "submitted"
	Attendance      Field = "attendance"
	Title           Field = "title"
	Parent          Field = "parent"
	Consent         Field = "consent"
	Other           Field = "other"   // recognised, and of no use here
	Contact         Field = "contact" // e-mail address, phone number or both
)

// List is what was recognised in a book.
type List struct {
	File      File
	Sheet     string   // the sheet that the rows come from
	HeaderRow int      // the (last) row of the first header, as in the file from 1; 0 if there is none
	Mapping   []Column // of the first header
	Parts     []Part   // more than one if lists stand one below the other
	Units     int      // attendance units of the event; Mark keys are below it
	Titles    []Line
	Headers   []Line
	Rows      []Row
	Joined    []Joined // rows of other sheets whose attendance was added to a row
	Refused   []Outcome
	Ignored   []Outcome
	Notices   []Notice
}

// File says how the file was kept.
type File struct{ Name, Kind, Encoding, Delimiter string }

// Column is one column and what it was taken for.
type Column struct {
	Sheet      string
	Index      int    // from 1
	Letter     string // A, B, … as a spreadsheet shows it
	Heading    string // as it stands, parts of several rows joined by a space
	Field      Field
	Units      []int   // attendance units, from 0, that a mark in it is about
	Confidence float64 // 1 the very words of the vocabulary, 0.3 inferred from what stands below
	Note       string  // message key of what is unusual about the choice, or ""
}

// Part is one list of a sheet: a header and the rows that follow it.
type Part struct {
	HeaderRow         int
	FirstRow, LastRow int
	Columns           []Column
}

// Line is a row that is no participant: a title or a header.
type Line struct {
	Sheet string
	Row   int
	Text  string
}

// Row is one participant as the list has them.
type Row struct {
	Sheet  string
	Number int // as in the file from 1

	FullName   string // as typed, spaces folded
	Given      string // in normal case, without titles; "" if the parts are undecided
	Family     string
	NameOrder  Order
	NameReason string // what decided: columns, comma, capitals, heading, email, endings, or "" if nothing did
	Title      string // dr, prof., …

	Country         string // two letters, "" unknown
	CountryFrom     string // column, section, event, ""
	Institution     string
	InstitutionType string // one of the codes of the vocabulary, "" unknown
	TypeFrom        string // column, section, words, ""
	Position        string
	Gender          string // female, male, other, not_stated
	Email           string
	Phone           string
	Language        string // locale code, "" unknown
	Submitted       time.Time
	Section         string // the last section heading above that was none of the above ("Trainers")

	Present map[int]Mark      // by attendance unit from 0; a unit without a column has no entry
	Extra   map[string]string // other cells by heading, and what was refused in this row's fields
}

// Order is which part of a full name comes first.
type Order string

// The orders.
const (
	GivenFirst  Order = "given_first"
	FamilyFirst Order = "family_first"
	Undecided   Order = "undecided"
)

// State is what a mark says.
type State string

// The states. Unknown is a mark that could not be read, or a column in which nobody has any.
const (
	Present State = "present"
	Absent  State = "absent"
	Unknown State = "unknown"
)

// Mark is one attendance mark: how it was read, and as it stands.
type Mark struct {
	State State
	Raw   string
}

// Reason tells a person why; Key is a message key.
type Reason struct {
	Key    string
	Params fault.Params
}

// Outcome is a row that gave no participant, and why.
type Outcome struct {
	Sheet  string
	Row    int
	Reason Reason
	Text   string // the row's cells, shortened, for a preview
}

// Joined is a row of another sheet that was found to be about a row of the list.
type Joined struct {
	Sheet string
	Row   int
	To    int // number of the row of the list
}

// Notice is something assumed or undecided. Rows lists the rows it is about when there are several.
type Notice struct {
	Key    string
	Params fault.Params
	Sheet  string
	Column string // letter, "" if it is about no single column
	Rows   []int
}

// What a book can be refused for as a whole.
var (
	ErrNoList     = fault.New(fault.Invalid, "roster.no_list")     // no header and no names found
	ErrNoSheet    = fault.New(fault.Invalid, "roster.no_sheet")    // the sheet asked for is not there
	ErrBadMapping = fault.New(fault.Invalid, "roster.bad_mapping") // the mapping names no column or no field that there is
)

// Read recognises the list in a book. The faults are those above.
func Read(book *sheet.Book, vocab *Vocabulary, opts Options) (*List, error) {
	r := newReader(book, vocab, opts)
	main, err := r.chooseSheet()
	if err != nil {
		return nil, err
	}
	if err := r.readMain(main); err != nil {
		return nil, err
	}
	r.readOthers(main)
	r.finish()
	return r.list, nil
}
