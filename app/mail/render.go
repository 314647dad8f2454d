package mail

import (
	"bytes"
	"context"
	"fmt"

	gomail "github.com/go-mail/mail/v2"

	"attesta/app/locale"
)

// render writes the whole message, as it goes to the server, before anything is sent: what fails midway would else
// arrive cut off.
func (o *Outbox) render(ctx context.Context, r row) ([]byte, error) {
	p := o.catalogue.Printer(r.Locale)
	from, replyTo := o.from.Name, ""
	if name, to := o.sender(ctx); !name.IsZero() {
		from, replyTo = p.Text(name), to
	}
	l := o.compose(p, from, Message{Kind: r.Kind, To: r.Recipient, Locale: r.Locale, Params: r.Params.V})
	var html bytes.Buffer
	if err := o.layout.Execute(&html, l); err != nil {
		return nil, fmt.Errorf("write the HTML part: %w", err)
	}
	m := gomail.NewMessage()
	m.SetAddressHeader("From", ascii(o.from.Address), locale.Clean(from))
	m.SetAddressHeader("To", ascii(r.Recipient), locale.Clean(r.Params.V.Name))
	if replyTo != "" {
		m.SetHeader("Reply-To", ascii(replyTo))
	}
	m.SetHeader("Subject", locale.Clean(l.Subject))
	m.SetDateHeader("Date", o.now())
	m.SetHeader("Message-ID", r.MessageID)
	m.SetHeader("Content-Language", l.Lang)
	m.SetHeader("Auto-Submitted", "auto-generated")
	m.SetHeader("X-Auto-Response-Suppress", "All")
	m.SetBody("text/plain", l.text())
	m.AddAlternative("text/html", html.String())
	if b := o.calendar(p, from, replyTo, r); b != nil {
		invite(m, r.Params.V.Calendar.Method, b)
	}
	var out bytes.Buffer
	if _, err := m.WriteTo(&out); err != nil {
		return nil, fmt.Errorf("write the message: %w", err)
	}
	return out.Bytes(), nil
}
