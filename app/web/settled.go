package web

import (
	"context"

	"attesta/app/locale"
	"attesta/app/network"
)

// settled is what the installation has settled, a moment ago at most; the catalogue offers it from then on.
func (s *Server) settled(ctx context.Context) network.Settings {
	if s.Network != nil {
		return s.Network.Current(ctx)
	}
	d := network.Default()
	d.Name = s.Name
	return d
}

// Funded is the strip of a funder in the reader's words; logo is the address of its logo, or "".
func Funded(p *locale.Printer, f locale.Funder, logo string) *Visibility {
	said := p.Funding(f)
	v := &Visibility{EU: said.EU, Strong: said.Lead(), Text: said.Disclaimer}
	if !said.EU && logo != "" {
		v.Logo, v.Alt = logo, p.T("donor.logo_of", "Name", f.Name)
	}
	return v
}
