package account

import (
	"context"
	"errors"
	"runtime"
	"time"

	"github.com/alexedwards/argon2id"

	"attesta/app/db"
	"attesta/app/job"
	"attesta/app/mail"
	"attesta/app/token"
)

// Options are what Accounts stand on. DB is needed; Queue, Mails and Secret only where links are sent by mail.
type Options struct {
	DB     *db.DB
	Queue  *job.Queue
	Mails  *mail.Outbox
	Secret token.Secret
	Clock  func() time.Time
	// Hashing is the work of Argon2id; nil is OWASP's recommendation. Tests take less.
	Hashing *argon2id.Params
	// BaseURL is where the pages are, scheme and host. Passkeys belong to its host.
	BaseURL string
	// Provider is where users may sign in besides here; nil is nowhere.
	Provider *Provider
}

// Accounts are the people who sign in.
type Accounts struct {
	db       *db.DB
	queue    *job.Queue
	mails    *mail.Outbox
	secret   token.Secret
	now      func() time.Time
	hashing  *argon2id.Params
	places   chan struct{} // how many passwords may be hashed at once
	provider *Provider
	baseURL  string
	decoy    string // the hash that is checked for an address that nobody has
	compare  func(password, hash string) (right bool, err error)
}

// owasp is what OWASP's password storage cheat sheet asks for: 19 MiB, two passes, one lane.
var owasp = argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// New returns the accounts in a database.
func New(opts Options) (*Accounts, error) {
	if opts.DB == nil {
		return nil, errors.New("account: a database is needed")
	}
	a := &Accounts{
		db: opts.DB, queue: opts.Queue, mails: opts.Mails, secret: opts.Secret, now: opts.Clock, hashing: opts.Hashing, provider: opts.Provider, baseURL: opts.BaseURL,
		places:  make(chan struct{}, 2*runtime.NumCPU()),
		compare: argon2id.ComparePasswordAndHash,
	}
	if a.now == nil {
		a.now = time.Now
	}
	if a.hashing == nil {
		a.hashing = &owasp
	}
	if a.queue != nil {
		job.Handle(a.queue, a.sendRequested)
		job.Every(a.queue, 24*time.Hour, forgetJob{}, func(ctx context.Context) error {
			_, err := a.ForgetVisits(ctx)
			return err
		})
	}
	var err error
	a.decoy, err = a.hash(context.Background(), token.Random())
	return a, err
}
