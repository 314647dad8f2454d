package api

import (
	"time"

	"attesta/app/account"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/project"
	"attesta/app/report"
	"attesta/app/web"
)

// Project is a grant.
type Project struct {
	Code           string `json:"code"`
	Title          Text   `json:"title"`
	ContractNumber string `json:"contract_number,omitempty"`
	StartsOn       db.Day `json:"starts_on,omitzero"`
	EndsOn         db.Day `json:"ends_on,omitzero"`
}

func (p *Pages) listProjects(c *web.Ctx, q *query) (any, error) {
	after, limit := p.after(q, "projects"), q.limit()
	if err := q.Err(); err != nil {
		return nil, err
	}
	found, err := p.Events.Projects(c.Context(), c.Actor(), after, limit+1)
	if err != nil {
		return nil, err
	}
	return paged(p, q, "projects", found, func(x project.Project) string { return x.Code }, func(x project.Project) Project {
		return Project{Code: x.Code, Title: text(x.Title), ContractNumber: x.ContractNumber, StartsOn: x.StartsOn, EndsOn: x.EndsOn}
	}), nil
}

// figures gives what the token's role may see: organisers' figures are complete, donors' are suppressed. Suppressed ones
// are of the whole project: what differs between two periods would be a small number that nobody hid.
func (p *Pages) figures(c *web.Ctx, q *query) (any, error) {
	want := report.Query{From: q.day("from"), To: q.day("to")}
	g, err := p.Projects.ByCode(c.Context(), c.Actor(), c.Param("project"))
	if err != nil {
		return nil, err
	}
	reader := report.Reader(q.text("for"))
	if reader == "" {
		reader = report.ForDonor
		if c.Actor().Can(account.ViewFigures, g.Scope()) {
			reader = report.ForOrganiser
		}
	}
	for _, name := range []string{"from", "to"} {
		if reader == report.ForDonor && q.text(name) != "" {
			q.form.Add(name, "api.whole_project")
		}
	}
	if err := q.Err(); err != nil {
		return nil, err
	}
	c.About("project", g.ID, 0)
	want.ProjectID = g.ID
	f, err := report.Live(c.Context(), p.DB, c.Actor(), want, reader)
	if err != nil {
		return nil, err
	}
	c.SetHeader("Content-Language", c.Printer().Lang())
	return f.Publish(c.Printer()), nil
}

// TokenFacts is what a token may do.
type TokenFacts struct {
	Label     string       `json:"label"`
	Role      account.Role `json:"role"`
	Scope     Scope        `json:"scope"`
	Writes    bool         `json:"writes" doc:"false: it reads only."`
	ExpiresAt time.Time    `json:"expires_at"`
}

// Scope is where a role reaches.
type Scope struct {
	Kind account.ScopeKind `json:"kind"`
	Code string            `json:"code,omitempty" doc:"Of the project, the organisation or the event."`
}

func (p *Pages) token(c *web.Ctx, q *query) (any, error) {
	if err := q.Err(); err != nil {
		return nil, err
	}
	t := c.Token()
	names, err := event.Names(c.Context(), p.DB.Read(), []account.Scope{t.Scope()})
	if err != nil {
		return nil, err
	}
	return TokenFacts{Label: t.Label, Role: t.Role, Scope: Scope{Kind: t.ScopeKind, Code: names[t.Scope()].Code}, Writes: t.Writes, ExpiresAt: t.ExpiresAt.Time}, nil
}
