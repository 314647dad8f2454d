package desk

import (
	"net/url"
	"strconv"

	"attesta/app/account"
	"attesta/app/locale"
	"attesta/app/person"
	"attesta/app/web"
)

const institutionsOnAPage, maxTwins = 50, 10

// institutionRoutes are the addresses of the institutions.
func (p *Pages) institutionRoutes() []web.Route {
	keep := web.Permission(account.EditInstitutions)
	const one = "/desk/institutions/:institution"
	return []web.Route{
		web.GET("/desk/institutions", keep, p.institutions),
		web.POST("/desk/institutions/merge", keep, p.mergeInstitutions),
		web.GET(one, keep, p.institution),
		web.POST(one, keep, p.institution),
		web.POST(one+"/separate", keep, p.separateInstitution),
	}
}

// institutionsPage lists institutions, and which may be listed twice.
type institutionsPage struct {
	web.Page
	Search        string
	Type, Country string
	Types, Lands  []web.Option
	Found         int
	Lines         []InstitutionLine
	Twins         []Twins
	MoreTwins     int
	Next          string // address of the next page, or ""
	Narrowed      bool
}

// InstitutionLine is an institution in the reader's language.
type InstitutionLine struct {
	person.InstitutionLine
	Shown   string // the name
	TypeKey string
	Nation  string
}

// Href leads to the institution.
func (l InstitutionLine) Href() string { return institutionHref(l.ID) }

// Typed is the name as it was typed first, where another one is shown.
func (l InstitutionLine) Typed() string {
	if l.Shown == l.Name {
		return ""
	}
	return l.Name
}

func institutionHref(id int64) string { return "/desk/institutions/" + strconv.FormatInt(id, 10) }

// Twins are institutions that may be one.
type Twins struct {
	N     int
	Lines []InstitutionLine // that with the most people first
}

func institutionLine(p *locale.Printer, l person.InstitutionLine) InstitutionLine {
	return InstitutionLine{InstitutionLine: l, Shown: l.NameIn(p.Code()), TypeKey: typeKey(l.Type), Nation: p.Country(l.Country)}
}

func (p *Pages) institutions(c *web.Ctx) error {
	after, _ := strconv.ParseInt(c.Query("after"), 10, 64)
	s := person.InstitutionSearch{
		Words: c.Query("q"), Type: person.InstitutionType(c.Query("type")), Country: c.Query("country"),
		Locale: c.Locale(), Compare: c.Printer().Compare(), After: after, Limit: institutionsOnAPage,
	}
	list, found, more, err := p.Persons.Institutions(c.Context(), c.Actor(), s)
	if err != nil {
		return err
	}
	page := &institutionsPage{
		Page: c.Page(c.T("institution.title")), Search: s.Words, Type: string(s.Type), Country: s.Country, Found: found,
		Types: typeOptions(c, s.Type), Lands: landOptions(c, s.Country), Narrowed: s.Words != "" || s.Type != "" || s.Country != "",
	}
	page.NoIndex, page.Wide = true, true
	for _, l := range list {
		page.Lines = append(page.Lines, institutionLine(c.Printer(), l))
	}
	if more {
		q := url.Values{"q": {s.Words}, "type": {page.Type}, "country": {s.Country}, "after": {strconv.FormatInt(list[len(list)-1].ID, 10)}}
		page.Next = "/desk/institutions?" + q.Encode()
	}
	if !page.Narrowed && after == 0 {
		if err := p.twins(c, page); err != nil {
			return err
		}
	}
	return c.Render("desk/institution_list", page)
}

func (p *Pages) twins(c *web.Ctx, page *institutionsPage) error {
	groups, err := p.Persons.TwinInstitutions(c.Context(), c.Actor())
	if err != nil {
		return err
	}
	page.MoreTwins = max(0, len(groups)-maxTwins)
	for i, g := range groups[:min(len(groups), maxTwins)] {
		t := Twins{N: i + 1}
		best := 0
		for n, l := range g {
			if l.People > g[best].People {
				best = n
			}
		}
		g[0], g[best] = g[best], g[0]
		for _, l := range g {
			t.Lines = append(t.Lines, institutionLine(c.Printer(), l))
		}
		page.Twins = append(page.Twins, t)
	}
	return nil
}

func typeOptions(c *web.Ctx, chosen person.InstitutionType) []web.Option {
	var all []web.Option
	for _, t := range person.InstitutionTypes {
		all = append(all, web.Option{Value: string(t), Label: c.T(t.Key()), Chosen: t == chosen})
	}
	return all
}

func landOptions(c *web.Ctx, chosen string) []web.Option {
	var all []web.Option
	for _, x := range c.Printer().Countries() {
		all = append(all, web.Option{Value: x.Value, Label: x.Label, Chosen: x.Value == chosen})
	}
	return all
}

// institutionPage changes one institution.
type institutionPage struct {
	web.Page
	InstitutionLine
	Names        []Translation
	Types, Lands []web.Option
	Others       []web.Option // of the same country, that may be the same
}

func (p *Pages) institution(c *web.Ctx) error {
	id, err := number(c, "institution")
	if err != nil {
		return err
	}
	l, err := p.Persons.Institution(c.Context(), c.Actor(), id)
	if err != nil {
		return err
	}
	if l.ID != id {
		return c.Redirect(institutionHref(l.ID))
	}
	if c.IsPost() {
		err := p.Persons.EditInstitution(c.Context(), c.Actor(), id, p.institutionFacts(c))
		if err == nil {
			c.Flash(web.Go, "common.saved")
			return c.Redirect("/desk/institutions")
		}
		if !c.Form().Refused(err) {
			return err
		}
	}
	return p.showInstitution(c, l)
}

func (p *Pages) institutionFacts(c *web.Ctx) person.InstitutionFacts {
	f := c.Form()
	facts := person.InstitutionFacts{Names: map[locale.Code]string{}, Type: person.InstitutionType(f.Value("type")), Country: f.Value("country")}
	for _, code := range p.Catalogue.Locales() {
		facts.Names[code] = f.Value("name_" + string(code))
	}
	return facts
}

func (p *Pages) showInstitution(c *web.Ctx, l *person.InstitutionLine) error {
	page := &institutionPage{Page: c.Page(l.NameIn(c.Locale())), InstitutionLine: institutionLine(c.Printer(), *l), Types: typeOptions(c, ""), Lands: landOptions(c, "")}
	page.NoIndex, page.Back = true, &web.Crumb{Href: "/desk/institutions", Label: c.T("institution.title")}
	_, page.Names = p.tongues(c)
	if f := c.Form(); !f.Failed() {
		f.Set("type", string(l.Type))
		f.Set("country", l.Country)
		for _, code := range p.Catalogue.Locales() {
			f.Set("name_"+string(code), l.Names.By[code])
		}
	}
	same := person.InstitutionSearch{Country: l.Country, Locale: c.Locale(), Compare: c.Printer().Compare(), Limit: 500}
	others, _, _, err := p.Persons.Institutions(c.Context(), c.Actor(), same)
	if err != nil {
		return err
	}
	for _, o := range others {
		if o.ID != l.ID {
			page.Others = append(page.Others, web.Option{Value: strconv.FormatInt(o.ID, 10), Label: o.NameIn(c.Locale())})
		}
	}
	return c.Render("desk/institution_edit", page)
}

// mergeInstitutions merges those that are named into the one that is kept.
func (p *Pages) mergeInstitutions(c *web.Ctx) error {
	f := c.Form()
	keep, drop, err := toMerge(f, "drop")
	if err != nil {
		return err
	}
	merged, err := p.Persons.MergeInstitutions(c.Context(), c.Actor(), keep, drop...)
	if err != nil {
		return err
	}
	n := web.Notice{Tone: web.Go, Key: "institution.merged", Params: map[string]any{"N": len(merged)}}
	if len(merged) == 1 {
		n.Undo, n.UndoKey = institutionHref(merged[0])+"/separate", "desk.undo"
	}
	c.FlashNotice(n)
	if f.Value("from") == "one" {
		return c.Redirect(institutionHref(keep))
	}
	return c.Redirect("/desk/institutions")
}

func (p *Pages) separateInstitution(c *web.Ctx) error {
	id, err := number(c, "institution")
	if err != nil {
		return err
	}
	if err := p.Persons.SeparateInstitution(c.Context(), c.Actor(), id); err != nil {
		return err
	}
	c.Flash(web.Go, "institution.separated")
	return c.Redirect(institutionHref(id))
}
