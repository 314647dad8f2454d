// Package mail keeps an outbox: a mail is a row written in the transaction of what it tells, and a job that puts it
// into the words of its reader's language and hands it to an SMTP server. It is the only importer of go-mail.
//
// A mail goes out once, or, if the program dies between the server's yes and the note of it, twice under the same
// Message-ID.
package mail

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net"
	"net/mail"
	"net/url"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"attesta/app/db"
	"attesta/app/job"
	"attesta/app/locale"
	"attesta/app/token"
)

// Transport hands a finished message to a mail server.
type Transport interface {
	// Send returns nil once the server has taken the message, and an *Answer if the server refused it.
	Send(ctx context.Context, from, to string, message []byte) error
}

// Options are what an outbox stands on. All but Transport and Clock are needed; without a Transport mails wait.
type Options struct {
	DB        *db.DB
	Queue     *job.Queue
	Catalogue *locale.Catalogue
	Secret    token.Secret
	BaseURL   string       // scheme and host of every link
	From      mail.Address // whose name also signs the mails
	// Sender returns the name that stands in place of From's, in the reader's language, and the address to which mails
	// are answered; an empty one changes nothing. May be nil.
	Sender    func(ctx context.Context) (name locale.Text, replyTo string)
	Transport Transport
	Templates fs.FS // the templates folder; mail/layout.html is read
	Clock     func() time.Time
}

// Outbox takes mails and sends them.
type Outbox struct {
	db        *db.DB
	queue     *job.Queue
	catalogue *locale.Catalogue
	secret    token.Secret
	baseURL   string
	from      mail.Address
	sender    func(ctx context.Context) (name locale.Text, replyTo string)
	domain    string // of Message-IDs
	transport Transport
	layout    *template.Template
	now       func() time.Time
}

// row is a mail in the outbox.
type row struct {
	bun.BaseModel `bun:"table:outbox"`

	ID             int64           `bun:"id,pk,autoincrement"`
	Kind           Kind            `bun:"kind"`
	Recipient      string          `bun:"recipient"`
	Locale         locale.Code     `bun:"locale"`
	Params         db.JSON[Params] `bun:"params"`
	RegistrationID int64           `bun:"registration_id,nullzero"`
	UserID         int64           `bun:"user_id,nullzero"`
	MessageID      string          `bun:"message_id"`
	State          string          `bun:"state"`
	Attempts       int             `bun:"attempts"`
	Answer         string          `bun:"answer"`
	CreatedAt      db.Time         `bun:"created_at"`
	SentAt         db.Time         `bun:"sent_at"`
}

// The states of a mail.
const (
	queued  = "queued"
	sent    = "sent"
	refused = "refused"
)

// sendJob is the job that sends one mail.
type sendJob struct {
	ID int64 `json:"id"`
}

// Kind implements job.Args.
func (sendJob) Kind() string { return "mail.send" }

// New returns an outbox and registers its job with the queue.
func New(opts Options) (*Outbox, error) {
	if opts.DB == nil || opts.Queue == nil || opts.Catalogue == nil || len(opts.Secret) == 0 || opts.Templates == nil {
		return nil, errors.New("mail: database, queue, catalogue, secret and templates are needed")
	}
	u, err := url.Parse(opts.BaseURL)
	if err != nil || u.Host == "" {
		return nil, errors.New("mail: the base URL is not https://host")
	}
	if _, err := Address(opts.From.Address); err != nil {
		return nil, errors.New("mail: the sender is no mail address")
	}
	layout, err := template.ParseFS(opts.Templates, "mail/layout.html")
	if err != nil {
		return nil, fmt.Errorf("mail: read the layout: %w", err)
	}
	o := &Outbox{
		db: opts.DB, queue: opts.Queue, catalogue: opts.Catalogue, secret: opts.Secret, baseURL: strings.TrimSuffix(opts.BaseURL, "/"),
		from:   mail.Address{Name: locale.Clean(opts.From.Name), Address: opts.From.Address},
		domain: messageDomain(u.Hostname(), opts.From.Address), transport: opts.Transport, layout: layout, now: opts.Clock,
	}
	if o.sender = opts.Sender; o.sender == nil {
		o.sender = func(context.Context) (locale.Text, string) { return locale.Text{}, "" }
	}
	if o.now == nil {
		o.now = time.Now
	}
	job.Handle(opts.Queue, func(ctx context.Context, s sendJob) error { return o.send(ctx, s.ID) })
	return o, nil
}

// messageDomain is the host of the base URL, or the sender's domain if that is only an address or one's own machine.
func messageDomain(host, from string) string {
	if net.ParseIP(host) == nil && strings.Contains(host, ".") {
		return strings.ToLower(host)
	}
	return ascii(from[strings.LastIndexByte(from, '@')+1:])
}

// Enqueue puts a mail into the outbox, and the job that sends it into the queue, in the caller's transaction. An
// address that can't be written to is an Invalid fault; rows of a query must be closed before.
func (o *Outbox) Enqueue(ctx context.Context, tx *db.Tx, m Message) error {
	if err := m.check(); err != nil {
		return fmt.Errorf("enqueue mail: %w", err)
	}
	r := row{
		Kind: m.Kind, Recipient: strings.TrimSpace(m.To), Locale: m.Locale, Params: db.JSON[Params]{V: m.Params},
		RegistrationID: m.RegistrationID, UserID: m.UserID,
		MessageID: "<" + token.Nonce() + "@" + o.domain + ">", State: queued, CreatedAt: db.At(o.now()),
	}
	if _, err := tx.NewInsert().Model(&r).Exec(ctx); err != nil {
		return fmt.Errorf("enqueue mail: %w", err)
	}
	return o.queue.Enqueue(ctx, tx, sendJob{ID: r.ID})
}
