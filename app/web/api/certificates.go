package api

import (
	"time"

	"attesta/app/certificate"
	"attesta/app/db"
	"attesta/app/web"
)

// Certificate is one certificate. A quiet person's has no name here.
type Certificate struct {
	Number       string            `json:"number"`
	Registration string            `json:"registration" doc:"The code of the registration."`
	State        certificate.State `json:"state"`
	Kind         certificate.Kind  `json:"kind"`
	Holder       string            `json:"holder,omitempty" doc:"Exactly as its holder confirmed it."`
	Quiet        bool              `json:"quiet" doc:"Verified only by someone who also holds its code."`
	IssuedOn     db.Day            `json:"issued_on" doc:"As it is printed."`
	IssuedAt     time.Time         `json:"issued_at"`
	EndedAt      time.Time         `json:"ended_at,omitzero"`
	Successor    string            `json:"successor,omitempty" doc:"The number of the one that took its place."`
	Verify       string            `json:"verify" format:"uri" doc:"Where anyone can verify it."`
}

func (p *Pages) listCertificates(c *web.Ctx, q *query) (any, error) {
	e, err := p.event(c)
	if err != nil {
		return nil, err
	}
	name := "certificates " + e.Code
	after, limit := p.after(q, name), q.limit()
	if err := q.Err(); err != nil {
		return nil, err
	}
	found, err := p.Certificates.Page(c.Context(), c.Actor(), e, after, limit+1)
	if err != nil {
		return nil, err
	}
	return paged(p, q, name, found, func(x certificate.Listed) string { return x.Number }, func(x certificate.Listed) Certificate { return showCertificate(c, x) }), nil
}

func showCertificate(c *web.Ctx, x certificate.Listed) Certificate {
	s := x.Snapshot.V
	out := Certificate{
		Number: x.Number, Registration: x.Registration, State: x.State, Kind: s.Kind, Holder: s.HolderName, Quiet: x.Quiet, IssuedOn: db.NewDay(s.Issued),
		IssuedAt: x.IssuedAt.Time, EndedAt: x.EndedAt.Time, Successor: x.Successor, Verify: address(c, "verify", x.Number),
	}
	if x.Quiet {
		out.Holder = ""
	}
	return out
}

// Issued is what became of issuing.
type Issued struct {
	Issued  []string  `json:"issued" doc:"The numbers of the certificates issued now."`
	Refused []Refusal `json:"refused" doc:"Whose certificate can't be set."`
}

// Refusal is one certificate that can't be set, and why.
type Refusal struct {
	Registration string  `json:"registration"`
	Because      Because `json:"because"`
}

func (p *Pages) issue(c *web.Ctx, _ *query) (any, error) {
	e, err := p.event(c)
	if err != nil {
		return nil, err
	}
	done, err := p.Certificates.Issue(c.Context(), c.Actor(), e.Code)
	if err != nil {
		return nil, err
	}
	out := Issued{Issued: []string{}, Refused: []Refusal{}}
	for _, x := range done.Certificates {
		out.Issued = append(out.Issued, x.Number)
	}
	for _, r := range done.Refused {
		out.Refused = append(out.Refused, Refusal{Registration: r.Registration.Code, Because: Because{Code: r.Fault.Key, Detail: c.Printer().Fault(r.Fault)}})
	}
	return out, nil
}
