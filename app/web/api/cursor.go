package api

import (
	"crypto/hmac"
	"encoding/base64"
)

// seal makes a cursor of the code of the last item of a page. It is signed, so that nobody can ask with it whether there
// is something that they may not know of.
func (p *Pages) seal(list, code string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(p.sign(list, code) + code))
}

const signature = 16 // characters

func (p *Pages) sign(list, code string) string {
	return p.Secret.Link("cursor", list+"\x00"+code)[:signature]
}

// after returns the code in the cursor of the query, "" without one.
func (p *Pages) after(q *query, list string) string {
	s, ok := q.values["cursor"]
	if !ok {
		return ""
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) <= signature {
		q.form.Add("cursor", "api.cursor")
		return ""
	}
	sum, code := string(b[:signature]), string(b[signature:])
	if !hmac.Equal([]byte(sum), []byte(p.sign(list, code))) {
		q.form.Add("cursor", "api.cursor")
		return ""
	}
	return code
}
