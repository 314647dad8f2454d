package web

// Step is one step of a long form.
type Step struct {
	Text, Href  string
	Class, Done string
	Current     bool
}

// Steps draws how far a person has come: at is the current step, from 1; the others are keys in order. Done steps can
// be told from open ones without colour.
func (p *Page) Steps(at int, keys ...string) []Step {
	var steps []Step
	for i, key := range keys {
		s := Step{Text: p.T(key), Current: i+1 == at}
		if i+1 < at {
			s.Class, s.Done = "done", p.T("web.done")
		}
		steps = append(steps, s)
	}
	return steps
}
