package account

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/job"
	"attesta/app/mail"
	"attesta/app/token"
)

// linkJob looks up an address and sends its user a sign-in link.
type linkJob struct {
	Sealed string `json:"sealed"` // a linkRequest
}

// Kind implements job.Args.
func (linkJob) Kind() string { return "account.link" }

// linkRequest is what is asked for. It stands in the queue sealed, and padded to one length, because it names people
// who may have nothing to do with this installation.
type linkRequest struct {
	Email string    `json:"email"`
	Nonce string    `json:"nonce"` // of the link's token, so that the job may run twice
	At    time.Time `json:"at"`
}

const (
	requestPurpose = "sign-in link request"
	requestSize    = 1024
)

// RequestSignInLink sends a link that signs in, once, within 15 minutes, to the user with this address. It does the
// same and returns the same, nil, when nobody has the address: who has it is looked up later, by a job.
func (a *Accounts) RequestSignInLink(ctx context.Context, email string) error {
	if a.queue == nil || a.mails == nil || len(a.secret) == 0 {
		return errNoOutbox
	}
	if _, err := mail.Address(email); err != nil {
		email = ""
	}
	plain, err := json.Marshal(linkRequest{Email: EmailKey(email), Nonce: token.Nonce(), At: a.now()})
	if err != nil {
		return fmt.Errorf("ask for a sign-in link: %w", err)
	}
	plain = append(plain, bytes.Repeat([]byte{' '}, max(0, requestSize-len(plain)))...)
	sealed, err := a.secret.Seal(requestPurpose, plain)
	if err != nil {
		return fmt.Errorf("ask for a sign-in link: %w", err)
	}
	return a.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error { return a.queue.Enqueue(ctx, tx, linkJob{sealed}) })
}

// sendRequested does what RequestSignInLink promised, unless it comes so late that the link would be dead.
func (a *Accounts) sendRequested(ctx context.Context, j linkJob) error {
	plain, err := a.secret.Open(requestPurpose, j.Sealed)
	if err != nil {
		return job.Refuse(fmt.Errorf("send a sign-in link: %w", err))
	}
	var r linkRequest
	if err := json.Unmarshal(plain, &r); err != nil {
		return job.Refuse(fmt.Errorf("send a sign-in link: %w", err))
	}
	if a.now().Sub(r.At) >= linkLife {
		return nil
	}
	u, err := a.byEmail(ctx, r.Email)
	if fault.KindOf(err) == fault.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	err = a.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		return a.sendLink(ctx, tx, u, link{mail.AccountSignIn, r.Nonce, r.At, linkLife})
	})
	if _, again := db.Unique(err); again {
		return nil
	}
	if err != nil {
		return fmt.Errorf("send a sign-in link to user %d: %w", u.ID, err)
	}
	return nil
}
