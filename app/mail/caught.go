package mail

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"
	"time"
)

// Caught is a mail as it came over the wire, read for showing. Its parts were written by a program and are still to
// be escaped, the HTML to be framed.
type Caught struct {
	ID        int // within a Catcher, from 1
	From      string
	To        string // name and address
	Address   string // of the recipient on the envelope
	Subject   string
	Date      time.Time
	MessageID string
	Language  string
	Text      string
	HTML      string
	Raw       []byte
}

// Parse reads a mail.
func Parse(raw []byte) (Caught, error) {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return Caught{}, fmt.Errorf("read a mail: %w", err)
	}
	word := &mime.WordDecoder{}
	said := func(name string) string {
		s, err := word.DecodeHeader(m.Header.Get(name))
		if err != nil {
			return m.Header.Get(name)
		}
		return s
	}
	c := Caught{
		From: said("From"), To: said("To"), Subject: said("Subject"), MessageID: m.Header.Get("Message-ID"),
		Language: m.Header.Get("Content-Language"), Raw: raw,
	}
	if c.Date, err = m.Header.Date(); err != nil {
		return Caught{}, fmt.Errorf("read the date of a mail: %w", err)
	}
	return c, c.read(textproto.MIMEHeader(m.Header), m.Body, 0)
}

// read takes the first plain and the first HTML part, however deep they lie.
func (c *Caught) read(h textproto.MIMEHeader, body io.Reader, depth int) error {
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		kind = "text/plain"
	}
	if strings.HasPrefix(kind, "multipart/") && depth < 4 {
		r := multipart.NewReader(body, params["boundary"])
		for {
			p, err := r.NextRawPart()
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return fmt.Errorf("read the parts of a mail: %w", err)
			}
			if err := c.read(p.Header, p, depth+1); err != nil {
				return err
			}
		}
	}
	b, err := io.ReadAll(decoded(h.Get("Content-Transfer-Encoding"), body))
	if err != nil {
		return fmt.Errorf("read a part of a mail: %w", err)
	}
	s := strings.ReplaceAll(string(b), "\r\n", "\n")
	switch {
	case kind == "text/plain" && c.Text == "":
		c.Text = s
	case kind == "text/html" && c.HTML == "":
		c.HTML = s
	}
	return nil
}

func decoded(encoding string, r io.Reader) io.Reader {
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		return quotedprintable.NewReader(r)
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, r)
	}
	return r
}
