package desk

import (
	"io"
	"slices"
	"strconv"

	"attesta/app/fault"
	"attesta/app/project"
	"attesta/app/web"
)

// maxLogoForm is a logo with what a form puts around it; a little more, so that a file that is too large is told so.
const maxLogoForm = 3 << 20

const backToDonors = "/desk/donors"

// donorsPage lists the donors.
type donorsPage struct {
	web.Page
	networkParts
	Lines []DonorLine
}

// DonorLine is one of them.
type DonorLine struct {
	Href, Kind, Says string
	Name             Said
	Logo             string
	EU               bool
}

// donorPage is the form of one, new or not.
type donorPage struct {
	worded
	Donor  *project.Donor // nil for a new one
	Kinds  []web.Option
	Cities []string
	Logo   string
	EU     bool
	Says   []Saying // official words, in each language on offer; none of a donor with its own
}

// Saying is what stands wherever the donor's money is at work, in one language.
type Saying struct {
	Lang, Name string
	Sentences  []string
}

func (p *Pages) donors(c *web.Ctx) error {
	list, err := p.Projects.AllDonors(c.Context(), c.Actor())
	if err != nil {
		return err
	}
	page := &donorsPage{Page: c.Page(c.T("donor.all")), networkParts: p.partsOf(c, backToDonors)}
	page.NoIndex = true
	w := c.Printer()
	for _, o := range list {
		f := w.Funding(o.Funder())
		page.Lines = append(page.Lines, DonorLine{
			Href: backToDonors + "/" + o.Code, Kind: c.T("donor.kind_" + string(o.Kind)), Says: f.Line, Name: said(w, o.Name), Logo: project.Path(o.Logo), EU: f.EU,
		})
	}
	compare := w.Compare()
	slices.SortStableFunc(page.Lines, func(a, b DonorLine) int { return compare(a.Name.Text, b.Name.Text) })
	return c.Render("desk/donor_list", page)
}

func (p *Pages) newDonor(c *web.Ctx) error {
	page := &donorPage{worded: p.worded(c, c.T("donor.new"), "", web.Crumb{Href: backToDonors, Label: c.T("donor.all")})}
	if c.IsPost() {
		o, err := p.readDonor(c, project.Donor{})
		if err == nil {
			_, err = p.Projects.CreateDonor(c.Context(), c.Actor(), o)
		}
		if err == nil {
			c.Flash(web.Go, "donor.created")
			return c.Redirect(backToDonors + "/" + o.Code)
		}
		if !page.refused(c, err, project.ErrChanged, 0) {
			return err
		}
	} else {
		c.Form().Set("original", string(c.Locale()))
	}
	return p.showDonor(c, page)
}

func (p *Pages) donor(c *web.Ctx) error {
	page, err := p.donorPage(c)
	if err != nil {
		return err
	}
	if !c.IsPost() {
		page.fill(c)
		return p.showDonor(c, page)
	}
	o, err := p.readDonor(c, *page.Donor)
	if err == nil {
		_, err = p.Projects.UpdateDonor(c.Context(), c.Actor(), page.Donor.Code, version(c), o)
	}
	if err == nil {
		c.Flash(web.Go, "common.saved")
		return c.Redirect(backToDonors + "/" + page.Donor.Code)
	}
	if !page.refused(c, err, project.ErrChanged, page.Donor.Version) {
		return err
	}
	return p.showDonor(c, page)
}

// donorPage is the ground of the page of the donor in the address.
func (p *Pages) donorPage(c *web.Ctx) (*donorPage, error) {
	now, err := p.Projects.DonorByCode(c.Context(), c.Actor(), c.Param("donor"))
	if err != nil {
		return nil, err
	}
	w := p.worded(c, c.Printer().Text(now.Name), firstOf(now.Name, c.Locale()), web.Crumb{Href: backToDonors, Label: c.T("donor.all")})
	return &donorPage{worded: w, Donor: now}, nil
}

func (page *donorPage) fill(c *web.Ctx) {
	f, o := c.Form(), page.Donor
	f.Set("original", string(page.Original))
	fillText(f, "name", page.Original, o.Name)
	fillText(f, "line", page.Original, o.Line)
	fillText(f, "disclaimer", page.Original, o.Disclaimer)
	f.Set("kind", string(o.Kind))
	f.Set("city", o.City)
	f.Set("version", strconv.Itoa(o.Version))
}

func (p *Pages) showDonor(c *web.Ctx, page *donorPage) error {
	w := c.Printer()
	for _, kind := range project.DonorKinds {
		page.Kinds = append(page.Kinds, web.Option{Value: string(kind), Label: c.T("donor.kind_" + string(kind))})
	}
	for _, n := range c.Countries() {
		page.Cities = append(page.Cities, w.Cities(n.Value)...)
	}
	if o := page.Donor; o != nil {
		page.Logo, page.EU = project.Path(o.Logo), o.Kind == project.EU
		if o.Kind != project.OtherDonor {
			for _, code := range p.Catalogue.Locales() {
				page.Says = append(page.Says, Saying{string(code), w.Name(code), p.Catalogue.Printer(code).Funding(o.Funder()).Sentences()})
			}
		}
	}
	return c.Render("desk/donor_form", page)
}

// readDonor reads the form; was is what is stored.
func (p *Pages) readDonor(c *web.Ctx, was project.Donor) (project.Donor, error) {
	r := &reader{Form: c.Form(), words: p.Catalogue}
	original := r.original(was.Name.Original, c.Locale())
	o := project.Donor{
		Code: was.Code, Kind: project.DonorKind(r.Value("kind")), Name: r.written("name", original, was.Name), City: r.Value("city"),
		Line: r.written("line", original, was.Line), Disclaimer: r.written("disclaimer", original, was.Disclaimer),
	}
	if o.Code == "" {
		o.Code = r.code(o.Name.By[original])
	}
	return o, r.with(o.Checked())
}

func (p *Pages) uploadLogo(c *web.Ctx) error {
	page, err := p.donorPage(c)
	if err != nil {
		return err
	}
	file, err := readLogo(c)
	if err == nil {
		_, err = p.Projects.SetLogo(c.Context(), c.Actor(), page.Donor.Code, file)
	}
	if err == nil {
		c.Flash(web.Go, "donor.logo_saved")
		return c.Redirect(backToDonors + "/" + page.Donor.Code + "#logo")
	}
	if !c.Form().Refused(err) {
		return err
	}
	page.fill(c)
	return p.showDonor(c, page)
}

// readLogo reads the file that was sent, and a byte more than is taken of one that is too large.
func readLogo(c *web.Ctx) ([]byte, error) {
	h := c.File("logo")
	if h == nil {
		var wrong fault.Form
		wrong.Add("logo", "donor.logo_choose")
		return nil, wrong.Err()
	}
	f, err := h.Open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, project.MaxLogo+1))
}

func (p *Pages) removeLogo(c *web.Ctx) error {
	if err := p.Projects.RemoveLogo(c.Context(), c.Actor(), c.Param("donor")); err != nil {
		return err
	}
	c.Flash(web.Go, "donor.logo_removed")
	return c.Redirect(backToDonors + "/" + c.Param("donor") + "#logo")
}

// logo answers with a donor's logo. Its address says what it looks like, so it may be kept for good.
func (p *Pages) logo(c *web.Ctx) error {
	l, err := project.LogoOf(c.Context(), p.DB.Read(), c.Param("digest"))
	if err != nil {
		return err
	}
	h := &c.Fiber().Response().Header
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Del("Vary")
	return c.Send("image/png", l.PNG)
}
