package mail_test

import (
	"testing"
	"time"

	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/mail"
)

func TestHealthCountsMailsThatAreHeldUpOrWereRefused(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		now := time.Date(2022, 5, 2, 10, 0, 0, 0, time.UTC)
		for i, row := range []struct {
			state string
			age   time.Duration
		}{{"queued", time.Minute}, {"queued", 2 * time.Hour}, {"sent", 2 * time.Hour}, {"refused", time.Hour}, {"refused", 1000 * time.Hour}} {
			err := d.InTx(t.Context(), apptest.Exec("INSERT INTO outbox (kind, recipient, locale, params, message_id, state, created_at) VALUES ('account.sign_in', 'a@b.example', 'en', '{}', ?, ?, ?)",
				string(rune('a'+i)), row.state, db.At(now.Add(-row.age))))
			if err != nil {
				t.Fatal(err)
			}
		}
		waiting, refused, err := mail.Health(t.Context(), d.Read(), now.Add(-time.Hour), now.Add(-100*time.Hour))
		if err != nil || waiting != 1 || refused != 1 {
			t.Errorf("%d %d %v", waiting, refused, err)
		}
	})
}
