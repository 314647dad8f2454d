package desk

import (
	"archive/zip"
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"time"

	"attesta/app/account"
	"attesta/app/attendance"
	"attesta/app/certificate"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/registration"
	"attesta/app/web"
)

// certificatesPage says who is due a certificate and who has one.
type certificatesPage struct {
	eventPage
	Due        []registration.Registration
	Refused    []RefusedLine
	Issued     []IssuedLine
	NotYet     int // approved people who haven't completed the event
	Over       bool
	CanCertify bool
	Locales    []web.Option
}

// RefusedLine says whose certificate can't be made and why.
type RefusedLine struct {
	Who, Why, Href string
}

// IssuedLine is one certificate.
type IssuedLine struct {
	certificate.Certificate
	Who      string
	Language locale.Code // of the holder
	Base     string
	On       time.Time
}

// PDF is the address of the document in the holder's language.
func (l IssuedLine) PDF() string {
	return l.Base + "/certificates/" + l.Number + ".pdf?locale=" + string(l.Language)
}

func (p *Pages) certificates(c *web.Ctx) error {
	e, err := p.event(c)
	if err != nil {
		return err
	}
	return p.showCertificates(c, e, nil)
}

func (p *Pages) showCertificates(c *web.Ctx, e *event.Event, refused []certificate.Refusal) error {
	_, rows, err := p.Attendance.Roll(c.Context(), c.Actor(), e)
	if err != nil {
		return err
	}
	issued, err := certificate.OfEvent(c.Context(), p.DB.Read(), e.ID)
	if err != nil {
		return err
	}
	page := &certificatesPage{eventPage: p.under(c, e, "desk.certificates"), CanCertify: c.Actor().Can(account.Certify, e.Scopes()...)}
	page.Over = page.Phase == event.PhaseFinished
	page.fill(rows, issued)
	for _, r := range refused {
		page.Refused = append(page.Refused, RefusedLine{Who: r.Registration.CertificateName, Why: c.Printer().Fault(r.Fault), Href: page.Base() + "/registrations/" + r.Registration.Code})
	}
	for _, code := range p.Catalogue.Locales() {
		page.Locales = append(page.Locales, web.Option{Value: string(code), Label: c.T("language." + string(code)), Chosen: code == c.Locale()})
	}
	return c.Render("desk/certificate_list", page)
}

func (p *certificatesPage) fill(rows []attendance.Row, issued map[int64]certificate.Certificate) {
	for _, row := range rows {
		r := row.Registration
		has, ok := issued[r.ID]
		switch {
		case ok:
			p.Issued = append(p.Issued, IssuedLine{Certificate: has, Who: has.Snapshot.V.HolderName, Language: r.Locale, Base: p.Base(), On: local(p.Event, has.IssuedAt)})
			delete(issued, r.ID)
		case row.Completed:
			p.Due = append(p.Due, r)
		default:
			p.NotYet++
		}
	}
	for _, has := range issued { // of people who aren't on the list any more
		p.Issued = append(p.Issued, IssuedLine{Certificate: has, Who: has.Snapshot.V.HolderName, Language: locale.English, Base: p.Base(), On: local(p.Event, has.IssuedAt)})
	}
	compare := p.Compare()
	slices.SortStableFunc(p.Issued, func(a, b IssuedLine) int { return cmp.Or(compare(a.Who, b.Who), cmp.Compare(a.ID, b.ID)) })
}

// issue issues what is due. If somebody's can't be made the page stays and says whose and why.
func (p *Pages) issue(c *web.Ctx) error {
	e, err := p.event(c)
	if err != nil {
		return err
	}
	out, err := p.Certificates.Issue(c.Context(), c.Actor(), e.Code)
	if err != nil {
		return err
	}
	tone := web.Go
	if len(out.Certificates) == 0 {
		tone = web.Calm
	}
	c.Flash(tone, "desk.issued", "N", len(out.Certificates))
	if len(out.Refused) > 0 {
		return p.showCertificates(c, e, out.Refused)
	}
	return c.Redirect("/desk/events/" + e.Code + "/certificates")
}

// language is the one asked for with ?locale=, else the reader's.
func (p *Pages) language(c *web.Ctx) locale.Code {
	if code, ok := p.Catalogue.Lookup(c.Query("locale")); ok {
		return code
	}
	return c.Locale()
}

func (p *Pages) document(c *web.Ctx) error {
	number, err := p.numberHere(c)
	if err != nil {
		return err
	}
	b, err := p.Certificates.DocumentForOrganiser(c.Context(), c.Actor(), number, p.language(c))
	if err != nil {
		return err
	}
	return c.Send("application/pdf", b)
}

// numberHere returns the number in the address if the event in the address has such a certificate that is valid.
func (p *Pages) numberHere(c *web.Ctx) (string, error) {
	one, err := p.certificateHere(c)
	if err != nil {
		return "", err
	}
	return one.Number, nil
}

func (p *Pages) certificateHere(c *web.Ctx) (*certificate.Certificate, error) {
	e, err := p.event(c)
	if err != nil {
		return nil, err
	}
	all, err := certificate.OfEvent(c.Context(), p.DB.Read(), e.ID)
	if err != nil {
		return nil, err
	}
	for _, one := range all {
		if one.Number == c.Param("number") {
			return &one, nil
		}
	}
	return nil, certificate.ErrNotFound
}

// valid returns the event's valid certificates in the order of their holders' names, with the holders' languages.
func (p *Pages) valid(c *web.Ctx) (*event.Event, []IssuedLine, error) {
	e, err := p.event(c)
	if err != nil {
		return nil, nil, err
	}
	_, rows, err := p.Attendance.Roll(c.Context(), c.Actor(), e)
	if err != nil {
		return nil, nil, err
	}
	issued, err := certificate.OfEvent(c.Context(), p.DB.Read(), e.ID)
	if err != nil {
		return nil, nil, err
	}
	page := &certificatesPage{eventPage: p.under(c, e, "desk.certificates")}
	page.fill(rows, issued)
	if len(page.Issued) == 0 {
		return nil, nil, fault.New(fault.NotFound, "certificate.none")
	}
	return e, page.Issued, nil
}

func (p *Pages) allCertificates(c *web.Ctx) error {
	e, all, err := p.valid(c)
	if err != nil {
		return err
	}
	snapshots := make([]certificate.Snapshot, len(all))
	for i, l := range all {
		snapshots[i] = l.Snapshot.V
	}
	if err := p.illustrate(c, snapshots); err != nil {
		return err
	}
	b, err := certificate.DrawMany(p.Catalogue, snapshots, p.language(c))
	if err != nil {
		return err
	}
	return c.Download(e.Code+".pdf", "application/pdf", b)
}

// illustrate gives snapshots their logos.
func (p *Pages) illustrate(c *web.Ctx, all []certificate.Snapshot) error {
	list := make([]*certificate.Snapshot, len(all))
	for i := range all {
		list[i] = &all[i]
	}
	return certificate.Illustrate(c.Context(), p.DB.Read(), list...)
}

// zipCertificates packs one document each, in the holder's language.
func (p *Pages) zipCertificates(c *web.Ctx) error {
	e, all, err := p.valid(c)
	if err != nil {
		return err
	}
	snapshots := make([]certificate.Snapshot, len(all))
	for i, l := range all {
		snapshots[i] = l.Snapshot.V
	}
	if err := p.illustrate(c, snapshots); err != nil {
		return err
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i, l := range all {
		doc, err := certificate.Draw(p.Catalogue, snapshots[i], l.Language)
		if err != nil {
			return err
		}
		w, err := z.CreateHeader(&zip.FileHeader{Name: l.Number + ".pdf", Method: zip.Store, Modified: l.IssuedAt.Time})
		if err != nil {
			return fmt.Errorf("pack certificates: %w", err)
		}
		if _, err := w.Write(doc); err != nil {
			return fmt.Errorf("pack certificates: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("pack certificates: %w", err)
	}
	return c.Download(e.Code+".zip", "application/zip", b.Bytes())
}

// revokePage asks with the name before a certificate is revoked.
type revokePage struct {
	eventPage
	Number, Who string
}

func (p *Pages) revoke(c *web.Ctx) error {
	one, err := p.certificateHere(c)
	if err != nil {
		return err
	}
	back := "/desk/events/" + c.Param("code") + "/certificates"
	if c.IsPost() {
		err := checkReason(c.Form().Value("reason"))
		if err == nil {
			err = p.Certificates.Revoke(c.Context(), c.Actor(), one.Number, c.Form().Value("reason"))
		}
		if err == nil {
			c.Flash(web.Go, "desk.revoked", "Number", one.Number)
			return c.Redirect(back)
		}
		if !c.Form().Refused(err) {
			return err
		}
	}
	e, err := p.event(c)
	if err != nil {
		return err
	}
	page := &revokePage{eventPage: p.under(c, e, "desk.certificates"), Number: one.Number, Who: one.Snapshot.V.HolderName}
	return c.Render("desk/certificate_revoke", page)
}

func checkReason(s string) error {
	var wrong fault.Form
	if s == "" {
		wrong.Add("reason", "form.required")
	}
	if len([]rune(s)) > 1000 {
		wrong.Add("reason", "form.too_long", "Max", 1000)
	}
	return wrong.Err()
}

func (p *Pages) reissue(c *web.Ctx) error {
	number, err := p.numberHere(c)
	if err != nil {
		return err
	}
	back := "/desk/events/" + c.Param("code") + "/certificates"
	fresh, err := p.Certificates.Reissue(c.Context(), c.Actor(), number)
	if f := fault.From(err); f != nil && (f.Kind == fault.Invalid || f.Kind == fault.Conflict) {
		c.FlashNotice(web.Notice{Tone: web.Stop, Key: f.Key, Params: f.Params})
		return c.Redirect(back)
	}
	if err != nil {
		return err
	}
	c.Flash(web.Go, "desk.reissued", "Number", fresh.Number)
	return c.Redirect(back)
}
