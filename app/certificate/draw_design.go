package certificate

import (
	"fmt"
	"slices"
	"sync"

	"attesta/app/locale"
	"attesta/app/pdf"
)

// design is what certificates share that differ only in name, institution and number: everything else, laid out.
type design struct {
	key     string
	grounds []*pdf.Canvas // up to the name; from the sentence to the label of the number; the rest
	letters pdf.Letters
	images  []*pdf.Image
	heading string
}

// key holds everything that the design is made from. Two sheets with the same key have the same design.
func (sh *sheet) key() string {
	s, p, code := sh.s, sh.p, sh.p.Code()
	in := func(t locale.Text) string {
		text, _ := t.In(code)
		return text
	}
	b := fmt.Appendf(nil, "%s %t %t %q %q %q %q %q %q %q %d %d %d %q %d %q %t %t %q %q", code, s.Asterisk, sh.starred, sh.watermark,
		s.kind(), s.form(), in(s.EventTitle), s.EventType, s.Country, s.City, s.Starts.Unix(), s.Ends.Unix(), s.Issued.Unix(), s.IssuedIn,
		s.Hours, in(s.Project), s.Electronic, s.Waived, s.Partners, s.BaseURL)
	for _, x := range s.Signatories {
		b = fmt.Appendf(b, " s%q%q%q", x.Name, role(p, x), x.Signature)
	}
	for _, x := range s.Donors {
		logo := x.LogoDigest
		if logo == "" || len(x.Logo) == 0 {
			logo = string(x.Logo)
		}
		b = fmt.Appendf(b, " d%q%q%q%q%q", x.Key, x.City, in(x.Line), in(x.Disclaimer), logo)
	}
	for _, x := range s.Organisations {
		b = fmt.Appendf(b, " o%q%t%t%q", in(x.Name), x.Lead, x.Host, x.Logo)
	}
	return string(b)
}

// shelf keeps what was made lately, up to a number of things.
type shelf[T any] struct {
	sync.Mutex
	by    map[string]T
	order []string
	most  int
}

func (s *shelf[T]) find(key string, make_ func() (T, error)) (T, error) {
	s.Lock()
	found, ok := s.by[key]
	s.Unlock()
	if ok {
		return found, nil
	}
	made, err := make_()
	if err != nil {
		return made, err
	}
	s.Lock()
	defer s.Unlock()
	if _, ok := s.by[key]; ok {
		return made, nil
	}
	if s.by == nil {
		s.by = map[string]T{}
	}
	if len(s.order) >= s.most {
		delete(s.by, s.order[0])
		s.order = slices.Delete(s.order, 0, 1)
	}
	s.by[key] = made
	s.order = append(s.order, key)
	return made, nil
}

// The designs drawn lately, the faces and logos they are drawn with, and both put together.
var (
	designs = shelf[*design]{most: 128}
	stocks  = shelf[*pdf.Stock]{most: 32}
	blanks  = shelf[*pdf.Stock]{most: 64}
)

// cast is certificates on their way into one document.
type cast struct {
	sheets  []*sheet
	designs []*design
	letters pdf.Letters
	images  []*pdf.Image
	pages   []pdf.Page
}

func (c *cast) add(sh *sheet) {
	at := slices.Index(c.designs, sh.design)
	if at < 0 {
		at = len(c.designs)
		c.designs = append(c.designs, sh.design)
		c.letters.Join(sh.design.letters)
		c.images = append(c.images, sh.design.images...)
	}
	c.letters.Join(sh.letters)
	c.sheets = append(c.sheets, sh)
	c.pages = append(c.pages, pdf.Page{Ground: at, Parts: []*pdf.Canvas{sh.above, sh.number}})
}

// stock is the blank that the pages are printed on.
func (c *cast) stock() (*pdf.Stock, error) {
	fonts := c.sheets[0].fonts
	made := pdf.StockKey(fonts, c.letters, c.images)
	stock, err := stocks.find(made, func() (*pdf.Stock, error) {
		return pdf.NewStock(fonts, paperWide, paperHigh, c.letters, c.images, guilloche())
	})
	if err != nil {
		return nil, err
	}
	var grounds [][]*pdf.Canvas
	for _, d := range c.designs {
		grounds = append(grounds, d.grounds)
	}
	if len(grounds) > 1 {
		return stock.On(grounds...)
	}
	return blanks.find(made+c.designs[0].key, func() (*pdf.Stock, error) { return stock.On(grounds...) })
}

func (c *cast) meta(n int) pdf.Meta {
	first := c.sheets[0]
	title := first.design.heading + " " + first.s.Number
	if n > 1 {
		title, _ = first.s.EventTitle.In(first.p.Code())
	}
	return pdf.Meta{Title: title, Lang: first.p.Lang(), Created: first.s.Issued}
}
