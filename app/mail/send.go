package mail

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"

	"attesta/app/db"
)

// Answer is a mail server's no.
type Answer struct {
	Code  int    // of SMTP; 0 if the server said nothing
	Text  string // what it said
	Final bool   // trying again would not help
}

// Error implements error. It names nobody.
func (a *Answer) Error() string {
	text := withoutAddresses(a.Text)
	if a.Code == 0 {
		return text
	}
	return fmt.Sprintf("%d %s", a.Code, text)
}

// errNoTransport is what waits for a mail server to be configured.
var errNoTransport = errors.New("no mail server is configured: set ATTESTA_SMTP")

// send sends the mail with this id unless it was sent or refused before. An error has the queue try again.
func (o *Outbox) send(ctx context.Context, id int64) error {
	var r row
	if err := o.db.Read().NewSelect().Model(&r).Where("id = ?", id).Scan(ctx); err != nil {
		return fmt.Errorf("send mail %d: %w", id, db.One(err))
	}
	if r.State != queued {
		return nil
	}
	err := o.deliver(ctx, r)
	if e := o.record(ctx, r, err); e != nil {
		return fmt.Errorf("send mail %d: %w", id, errors.Join(e, err))
	}
	var a *Answer
	if errors.As(err, &a) && a.Final {
		return nil
	}
	if err != nil {
		return fmt.Errorf("send mail %d: %w", id, err)
	}
	return nil
}

// deliver writes the mail and hands it over. Its errors hold no personal data.
func (o *Outbox) deliver(ctx context.Context, r row) error {
	if o.transport == nil {
		return errNoTransport
	}
	message, err := o.render(ctx, r)
	if err != nil {
		return err
	}
	err = o.transport.Send(ctx, o.from.Address, r.Recipient, message)
	var a *Answer
	if err == nil || errors.As(err, &a) {
		return err
	}
	return errors.New(withoutAddresses(err.Error()))
}

// record notes what became of an attempt, even when ctx has ended meanwhile: a mail that the server took must not be
// sent again.
func (o *Outbox) record(ctx context.Context, r row, outcome error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
	defer cancel()
	state, answer, at := sent, "", db.At(o.now())
	if outcome != nil {
		state, answer, at = queued, outcome.Error(), db.Time{}
		var a *Answer
		if errors.As(outcome, &a) && a.Final {
			state = refused
		}
	}
	err := o.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.NewUpdate().Table("outbox").
			Set("state = ?", state).Set("answer = ?", answer).Set("sent_at = ?", at).Set("attempts = attempts + 1").
			Where("id = ? AND state = ?", r.ID, queued).Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("record what the mail server said: %w", err)
	}
	return nil
}

var address = regexp.MustCompile(`<?[^\s<>()"',;:]+@[^\s<>()"',;:]+>?`)

// withoutAddresses returns what a server said on one short line without anybody's address.
func withoutAddresses(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(address.ReplaceAllString(s, "[address]")), " ")
	const most = 300
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return s
}
