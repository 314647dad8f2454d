package donor

import (
	"bytes"
	"io"

	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/report"
	"attesta/app/web"
)

func (p *Pages) pdf(c *web.Ctx) error {
	return p.download(c, "pdf", "application/pdf", func(w io.Writer, doc report.Document, in locale.Code) error {
		b, err := report.DrawPDF(p.Catalogue, doc, in)
		if err != nil {
			return err
		}
		_, err = w.Write(b)
		return err
	})
}

func (p *Pages) xlsx(c *web.Ctx) error {
	const kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	return p.download(c, "xlsx", kind, func(w io.Writer, doc report.Document, in locale.Code) error {
		return report.XLSX(w, p.Catalogue, doc, in)
	})
}

func (p *Pages) csv(c *web.Ctx) error {
	return p.download(c, "csv", "text/csv; charset=utf-8", func(w io.Writer, doc report.Document, in locale.Code) error {
		return report.CSV(w, p.Catalogue, doc, in)
	})
}

// download freezes the figures and answers with a file made from what was frozen, in the language that is asked for or
// else the reader's.
func (p *Pages) download(c *web.Ctx, ending, kind string, write func(io.Writer, report.Document, locale.Code) error) error {
	g, err := p.project(c)
	if err != nil {
		return err
	}
	in := c.Locale()
	if asked := c.Query("locale"); asked != "" {
		if in = locale.Code(asked); !p.Catalogue.Has(in) {
			return fault.New(fault.NotFound, "error.not_found")
		}
	}
	frozen, err := report.Freeze(c.Context(), p.DB, c.Actor(), report.Query{ProjectID: g.ID}, report.ForDonor)
	if err != nil {
		return err
	}
	doc := frozen.Document(p.Catalogue.Printer(in), zone(&frozen.Figures.V), p.Catalogue.Starred())
	if err := doc.Illustrate(c.Context(), p.DB.Read()); err != nil {
		return err
	}
	var b bytes.Buffer
	if err := write(&b, doc, in); err != nil {
		return err
	}
	name := g.Code + "-" + doc.AsOf.Format("2006-01-02") + "-" + string(in) + "." + ending
	return c.Download(name, kind, b.Bytes())
}
