package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"attesta/app/account"
	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/sheet"
)

type auditCommand struct {
	Verify auditVerifyCommand `cmd:"" help:"Check that nobody changed the record of actions beneath the program."`
	Export auditExportCommand `cmd:"" help:"Write the record of actions to a file, with the head of its chain."`
}

type auditVerifyCommand struct {
	Head string `help:"A head noted earlier elsewhere: shows whether the end was cut off." placeholder:"SEQ:HASH"`
	JSON bool   `help:"Print JSON."`
}

// errNotWhole is what verify ends with when something is wrong.
var errNotWhole = errors.New("the record of actions was changed beneath the program")

// Run implements the command.
func (c auditVerifyCommand) Run(p *process) error {
	var known *audit.Head
	if c.Head != "" {
		h, err := audit.ParseHead(c.Head)
		if err != nil {
			return usage(err.Error())
		}
		known = &h
	}
	return p.bare(func(ctx context.Context, a *App) error {
		check, err := audit.Verify(ctx, a.DB, a.Audit.Key, known)
		if err != nil {
			return err
		}
		if c.JSON {
			err = p.json(struct {
				*audit.Check
				Whole bool   `json:"whole"`
				Head  string `json:"head"`
			}{check, check.Whole(), headOf(check)})
		} else {
			p.printCheck(check)
		}
		if err == nil && !check.Whole() {
			err = errNotWhole
		}
		return err
	})
}

func headOf(c *audit.Check) string {
	if c.Head.Seq == 0 {
		return ""
	}
	return c.Head.String()
}

// faultWords say what is wrong, for the terminal.
var faultWords = map[audit.Fault]string{
	audit.Changed: "entry %[2]d was changed", audit.Removed: "entry %[2]d is gone", audit.Swapped: "entry %[2]d stands in another's place",
	audit.Broken: "the link of entry %[2]d was written over", audit.Unlinked: "links %[1]d to %[3]d are gone", audit.Inserted: "entry %[2]d was added later than it says",
	audit.Unsealed: "entry %[2]d is old and has no link", audit.CutOff: "the end is cut off: links %[1]d to %[3]d", audit.Other: "link %[1]d isn't the one of the head that was given",
	audit.NoChain: "no link fits the secret of this installation",
}

func (p *process) printCheck(c *audit.Check) {
	p.printf("%d entries, %d more wait to be sealed\n", c.Entries, c.Waiting)
	if c.Head.Seq > 0 {
		p.printf("sealed since %s\nhead %s\n", c.Began.Format(time.RFC3339), c.Head)
	}
	if c.Earlier > 0 {
		p.printf("%d entries are older than the chain, which vouches for them only since it began\n", c.Earlier)
	}
	if c.Late > 0 {
		p.printf("%d entries were sealed late, because nothing ran when they were recorded\n", c.Late)
	}
	for _, x := range c.Problems {
		line := fmt.Sprintf(faultWords[x.Fault], x.Seq, x.EntryID, x.Until)
		line, _, _ = strings.Cut(line, "%!(EXTRA")
		p.printf("  %s\n", line)
	}
	switch {
	case c.More > 0:
		p.printf("  and %d more\n", c.More)
	case c.Whole():
		p.printf("whole\n")
	}
}

type auditExportCommand struct {
	File string `arg:"" help:"File to write; it must not exist. .csv is for spreadsheets, .jsonl for programs."`
	From string `help:"First day, in UTC." placeholder:"YYYY-MM-DD"`
	To   string `help:"Last day, in UTC." placeholder:"YYYY-MM-DD"`
}

// Run implements the command.
func (c auditExportCommand) Run(p *process) (err error) {
	var f audit.Filter
	from, err := day(c.From, "--from")
	if err != nil {
		return err
	}
	to, err := day(c.To, "--to")
	if err != nil {
		return err
	}
	period := audit.Facts{}
	if !from.IsZero() {
		f.Since, period["from"] = from.In(time.UTC, 0, 0), from
	}
	if !to.IsZero() {
		f.Before, period["to"] = to.Plus(1).In(time.UTC, 0, 0), to
	}
	if _, err := os.Stat(c.File); err == nil {
		return usage(c.File + " is there already; name a new file")
	}
	return p.with(func(ctx context.Context, a *App) error {
		e := account.System.Deed(audit.Export, "record", 0)
		e.Detail = audit.Detail(period)
		if err := audit.Append(ctx, a.DB, e); err != nil {
			return err
		}
		if err := a.seal(ctx); err != nil {
			return err
		}
		n, head, err := a.exportAudit(ctx, c.File, f)
		if err != nil {
			return err
		}
		p.printf("%d entries written to %s\nhead %s\n", n, c.File, head)
		return nil
	})
}

// exportAudit writes entries to a new file that its owner alone may read, and the head of the chain last.
func (a *App) exportAudit(ctx context.Context, name string, f audit.Filter) (n int, head audit.Head, err error) {
	head, _, err = a.Audit.Head(ctx)
	if err != nil {
		return 0, head, err
	}
	out, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, head, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if strings.EqualFold(filepath.Ext(name), ".csv") {
		n, err = a.auditCSV(ctx, out, f, head)
	} else {
		n, err = a.auditLines(ctx, out, f, head)
	}
	return n, head, err
}

// exported is one entry as it is written for programs.
type exported struct {
	ID        int64           `json:"id"`
	At        db.Time         `json:"at"`
	UserID    int64           `json:"user_id,omitempty"`
	Actor     string          `json:"actor"`
	Role      string          `json:"role,omitempty"`
	TokenID   int64           `json:"token_id,omitempty"`
	Action    string          `json:"action"`
	Subject   string          `json:"subject"`
	SubjectID int64           `json:"subject_id,omitempty"`
	EventID   int64           `json:"event_id,omitempty"`
	Detail    json.RawMessage `json:"detail"`
	RequestID string          `json:"request_id,omitempty"`
}

// each reads entries in steps, the newest first.
func (a *App) each(ctx context.Context, f audit.Filter, do func(audit.Entry) error) (n int, err error) {
	const step = 2000
	for {
		list, err := audit.List(ctx, a.DB, audit.Reach{All: true}, f, step)
		if err != nil {
			return n, err
		}
		for _, e := range list {
			if err := do(e); err != nil {
				return n, err
			}
			n++
			f.After = e.ID
		}
		if len(list) < step {
			return n, nil
		}
	}
}

// auditLines writes one JSON document a line, the head as the last.
func (a *App) auditLines(ctx context.Context, w io.Writer, f audit.Filter, head audit.Head) (int, error) {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	n, err := a.each(ctx, f, func(e audit.Entry) error {
		return enc.Encode(exported{e.ID, e.At, e.UserID, e.Actor, e.Role, e.TokenID, e.Action, e.Subject, e.SubjectID, e.EventID, e.Detail.V, e.RequestID})
	})
	if err != nil {
		return n, err
	}
	return n, enc.Encode(map[string]string{"head": head.String()})
}

// auditCSV writes a table for spreadsheets, the head below it.
func (a *App) auditCSV(ctx context.Context, w io.Writer, f audit.Filter, head audit.Head) (n int, err error) {
	var failed error
	t := sheet.Table{
		Header: []string{"id", "at", "user_id", "actor", "role", "token_id", "action", "subject", "subject_id", "event_id", "detail", "request_id"},
		Below:  []string{"head " + head.String()},
		Rows: func(yield func([]any) bool) {
			n, failed = a.each(ctx, f, func(e audit.Entry) error {
				row := []any{e.ID, e.At.Format(time.RFC3339Nano), e.UserID, e.Actor, e.Role, e.TokenID, e.Action, e.Subject, e.SubjectID, e.EventID, string(e.Detail.V), e.RequestID}
				if !yield(row) {
					return io.ErrShortWrite
				}
				return nil
			})
		},
	}
	err = sheet.WriteCSV(w, t, sheet.Dialect{})
	return n, errors.Join(err, failed)
}
