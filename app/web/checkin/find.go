package checkin

import (
	"fmt"
	"strings"
	"time"

	"attesta/app/attendance"
	"attesta/app/locale"
	"attesta/app/web"
)

// search is what a search by name found.
type search struct {
	Text string
	Said string // how many, or why none
	Hits []hit
}

// hit is one person on the list.
type hit struct {
	Code  string `json:"code"`
	Name  string `json:"name"`
	Place string `json:"institution"`
	In    bool   `json:"in"`
	Quiet bool   `json:"quiet,omitempty"`
	Key   string `json:"-"`
}

// find searches by name. The words come in the body, so that no name gets into an address or a log.
func (p *Pages) find(c *web.Ctx) error {
	text := locale.Clean(c.Form().Value("search"))
	v, err := p.open(c, c.Form().Value("unit"))
	if err != nil {
		return err
	}
	if err := c.Limit(fmt.Sprintf("checkin %d search", v.link.ID), searchLimit, time.Minute); err != nil {
		return err
	}
	found, err := p.search(c, v, text)
	if err != nil {
		return err
	}
	if strings.HasPrefix(c.Header("Accept"), "application/json") {
		if found.Hits == nil {
			found.Hits = []hit{}
		}
		return c.JSON(map[string]any{"said": found.Said, "hits": found.Hits})
	}
	out, err := p.page(c, v)
	if err != nil {
		return err
	}
	out.Search = found
	return c.Render("checkin/door", out)
}

func (p *Pages) search(c *web.Ctx, v *visit, text string) (*search, error) {
	words := c.Printer()
	out := &search{Text: text, Said: words.T("checkin.short")}
	if letters(text) < attendance.MinSearch {
		return out, nil
	}
	list, err := p.Attendance.Find(c.Context(), c.Actor(), v.event, text)
	if err != nil {
		return nil, err
	}
	if out.Said = words.N("checkin.found", len(list)); len(list) == 0 {
		out.Said = words.T("checkin.found_none")
		return out, nil
	}
	in, err := p.inside(c, v)
	if err != nil {
		return nil, err
	}
	for _, r := range list {
		h := hit{Code: r.Code, In: in[r.ID], Key: newKey()}
		h.Name, h.Place, h.Quiet = who(words, &r)
		out.Hits = append(out.Hits, h)
	}
	return out, nil
}

// letters counts what a search can go by, as it is folded; signs alone find nobody.
func letters(text string) int { return len(strings.ReplaceAll(locale.ASCIIKey(text), " ", "")) }

// inside returns who is in at the unit.
func (p *Pages) inside(c *web.Ctx, v *visit) (map[int64]bool, error) {
	_, rows, err := attendance.Roll(c.Context(), p.DB.Read(), v.event)
	if err != nil {
		return nil, err
	}
	in := map[int64]bool{}
	for _, r := range rows {
		in[r.Registration.ID] = r.Present[v.unit.Position-1]
	}
	return in, nil
}
