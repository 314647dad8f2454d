package mail_test

import (
	"context"
	stdmail "net/mail"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/job"
	"attesta/app/locale"
	"attesta/app/mail"
	"attesta/app/token"
	"attesta/locales"
)

// kept keeps the last message in place of sending it.
type kept struct{ last atomic.Pointer[[]byte] }

func (k *kept) Send(_ context.Context, _, _ string, message []byte) error {
	k.last.Store(&message)
	return nil
}

func TestMailsComeFromTheNetworkInTheReadersLanguageAndAreAnsweredToItsContact(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		cat, err := locale.Load(locales.FS)
		if err != nil {
			t.Fatal(err)
		}
		name, contact := locale.Text{}, ""
		way := &kept{}
		o, err := mail.New(mail.Options{
			DB: d, Queue: job.New(d, nil), Catalogue: cat, Secret: token.NewSecret(), BaseURL: "https://attesta.example",
			From: stdmail.Address{Name: "Attesta", Address: "events@example.org"}, Transport: way, Templates: os.DirFS("../../templates"),
			Sender: func(context.Context) (locale.Text, string) { return name, contact },
		})
		if err != nil {
			t.Fatal(err)
		}
		send := func(id int64) *stdmail.Message {
			m := approval("ana@example.org")
			m.Locale = "mk"
			if err := d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return o.Enqueue(ctx, tx, m) }); err != nil {
				t.Fatal(err)
			}
			if err := mail.Send(t.Context(), o, id); err != nil {
				t.Fatal(err)
			}
			read, err := stdmail.ReadMessage(strings.NewReader(string(*way.last.Load())))
			if err != nil {
				t.Fatal(err)
			}
			return read
		}
		from := func(m *stdmail.Message) string {
			list, err := m.Header.AddressList("From")
			if err != nil {
				t.Fatal(err)
			}
			return list[0].Name
		}
		if m := send(1); from(m) != "Attesta" || m.Header.Get("Reply-To") != "" {
			t.Errorf("settled nothing: %v", m.Header)
		}
		name, contact = locale.NewText("en", "Network", "mk", "Мрежа"), "office@network.example"
		if m := send(2); from(m) != "Мрежа" || m.Header.Get("Reply-To") != contact {
			t.Errorf("settled: from %s, answered to %s", from(m), m.Header.Get("Reply-To"))
		}
	})
}
