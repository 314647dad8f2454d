package web

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/json"
	"strings"
)

// Tone is the colour and shape of a status, a note or a notice: Go, Wait, Stop or Calm.
type Tone string

// The tones.
const (
	Go   Tone = "go"   // done, approved, valid
	Wait Tone = "wait" // waits for somebody
	Stop Tone = "stop" // refused, revoked, wrong
	Calm Tone = "calm" // nothing to do
)

// Notice is a sentence shown once, on the next page.
type Notice struct {
	Tone   Tone           `json:"t"`
	Key    string         `json:"k"`
	Params map[string]any `json:"p,omitempty"`
	// Undo and UndoKey make a button that posts to a path of this program, to take back what was just done.
	Undo    string `json:"u,omitempty"`
	UndoKey string `json:"w,omitempty"`
}

// Flash says something on the next page that is rendered for this browser; params come in pairs.
func (c *Ctx) Flash(tone Tone, key string, params ...any) {
	n := Notice{Tone: tone, Key: key, Params: map[string]any{}}
	for i := 0; i+1 < len(params); i += 2 {
		if name, ok := params[i].(string); ok {
			n.Params[name] = params[i+1]
		}
	}
	c.FlashNotice(n)
}

// FlashNotice is Flash for a notice with an undo.
func (c *Ctx) FlashNotice(n Notice) {
	c.notices = append(c.notices, n)
	b, err := json.Marshal(c.notices)
	if err != nil || len(b) > 2500 {
		return
	}
	sealed := base64.RawURLEncoding.EncodeToString(b)
	c.setCookie("notice", sealed+"."+base64.RawURLEncoding.EncodeToString(mac(c.s.keys.notice, sealed)), 0)
}

// takeNotices returns what is to be said and forgets it.
func (c *Ctx) takeNotices() []Notice {
	if len(c.notices) > 0 {
		c.dropCookie("notice")
		return c.notices
	}
	sealed, sum, _ := strings.Cut(c.cookie("notice"), ".")
	if sealed == "" {
		return nil
	}
	c.dropCookie("notice")
	want, err := base64.RawURLEncoding.DecodeString(sum)
	if err != nil || !hmac.Equal(want, mac(c.s.keys.notice, sealed)) {
		return nil
	}
	b, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil || json.Unmarshal(b, &c.notices) != nil {
		return nil
	}
	return c.notices
}
