package desk

import (
	"attesta/app/account"
	"attesta/app/web"
)

// networkParts is the navigation between the lists and settings of the network, for whoever administers it.
type networkParts struct {
	Tabs []Tab // none: there is nothing to choose between
}

// partsOf returns the parts of the network of which the page at the address is one.
func (p *Pages) partsOf(c *web.Ctx, at string) networkParts {
	if !c.Actor().Can(account.Administer) {
		return networkParts{}
	}
	var parts networkParts
	if p.Network != nil {
		parts.Tabs = append(parts.Tabs, Tab{Href: "/desk/network", Text: c.T("desk.settings")})
	}
	parts.Tabs = append(parts.Tabs,
		Tab{Href: backToOrganisations, Text: c.T("organisation.title")},
		Tab{Href: backToProjects, Text: c.T("project.title")},
		Tab{Href: backToDonors, Text: c.T("donor.all")})
	for i := range parts.Tabs {
		parts.Tabs[i].Current = parts.Tabs[i].Href == at
	}
	return parts
}
