package public

import (
	"slices"

	"attesta/app/event"
	"attesta/app/project"
	"attesta/app/web"
)

type homePage struct {
	web.Page
	Next     []notice
	More     bool // there are further events in the calendar
	Partners []partner
	Number   string // of a certificate, in the field that asks for one
}

// partner is an organisation of the network.
type partner struct {
	Name    said
	Place   string
	Website string
}

// nextEvents is how many events the home page shows.
const nextEvents = 3

func (p *Pages) home(c *web.Ctx) error {
	list, err := p.listed(c)
	if err != nil {
		return err
	}
	page := &homePage{Page: c.Page(c.T("public.home_title"))}
	page.Description = c.T("public.home_lead")
	follow(c, &page.Page)
	for i := range list {
		if n := tell(c, &list[i]); !n.Past && n.Phase != event.PhaseCancelled && len(page.Next) < nextEvents {
			page.Next = append(page.Next, n)
		}
	}
	page.More = len(list) > len(page.Next)
	if page.Partners, err = p.partners(c); err != nil {
		return err
	}
	if page.Visibility, err = p.donorsOfAll(c, list); err != nil {
		return err
	}
	page.Structured = thing{"@context": schema, "@type": "Organization", "name": page.Brand(), "url": c.URL("/" + string(c.Locale()) + "/")}
	return c.Render("public/home", page)
}

// partners are the organisations of the network by country and name, in the alphabet of the reader.
func (p *Pages) partners(c *web.Ctx) ([]partner, error) {
	list, err := project.Partners(c.Context(), p.DB.Read())
	if err != nil {
		return nil, err
	}
	words := c.Printer()
	var all []partner
	for i := range list {
		o := &list[i]
		x := partner{Name: say(words, o.Name), Website: o.Website}
		if o.Country != "" {
			x.Place = words.Country(o.Country)
		}
		all = append(all, x)
	}
	compare := words.Compare()
	slices.SortStableFunc(all, func(a, b partner) int {
		if d := compare(a.Place, b.Place); d != 0 {
			return d
		}
		return compare(a.Name.Text, b.Name.Text)
	})
	return all, nil
}

// donorsOfAll are the strips of all whose money the listed events are, but for those where that was waived.
func (p *Pages) donorsOfAll(c *web.Ctx, list []event.Event) ([]*web.Visibility, error) {
	var ids []int64
	for i := range list {
		if list[i].VisibilityWaiver == "" && !slices.Contains(ids, list[i].ProjectID) {
			ids = append(ids, list[i].ProjectID)
		}
	}
	donors, err := project.DonorsOf(c.Context(), p.DB.Read(), ids)
	if err != nil {
		return nil, err
	}
	var strips []*web.Visibility
	for _, o := range donors {
		strip := web.Funded(c.Printer(), o.Funder(), project.Path(o.Logo))
		if !slices.ContainsFunc(strips, func(x *web.Visibility) bool { return *x == *strip }) {
			strips = append(strips, strip)
		}
	}
	return strips, nil
}
