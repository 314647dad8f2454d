package public

import (
	"slices"
	"strings"
	"unicode"

	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/web"
)

// leader is somebody who leads sessions.
type leader struct {
	Name     string
	Href     string // their page; "" where they have none that anybody may see
	Role     said
	Portrait string // its address, or ""
	Small    string // of the same portrait for lists
	Initials string // in place of a portrait
}

func (t *timetable) leaders(list []*event.Speaker) []leader {
	var all []leader
	for _, x := range list {
		all = append(all, t.leader(x, t.path))
	}
	return all
}

// leader tells of somebody at an event whose page has that path, or "" where people have no pages.
func (v voice) leader(x *event.Speaker, path string) leader {
	l := leader{Name: x.Name, Role: v.say(x.Role), Portrait: event.PortraitPath(x.Portrait), Small: event.SmallPortraitPath(x.Portrait), Initials: initials(x.Name)}
	if x.Shown == event.ToAll && path != "" {
		l.Href = path + "/trainers/" + x.Code
	}
	return l
}

// initials are the first letters of the first and of the last word of a name.
func initials(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' && r != '’' && !unicode.IsMark(r) })
	if len(words) == 0 {
		return ""
	}
	first := func(s string) string { return strings.ToUpper(string([]rune(s)[:1])) }
	if len(words) == 1 {
		return first(words[0])
	}
	return first(words[0]) + first(words[len(words)-1])
}

// leaders are the people of one kind under their heading.
type leaders struct {
	ID, Label string
	People    []leader
}

// people are all who lead the event, by what they do.
func (s *story) people() []leaders {
	var all []leaders
	for _, kind := range event.SpeakerKinds {
		g := leaders{ID: "h-" + string(kind), Label: s.T("public.leads." + string(kind))}
		for i := range s.Speakers {
			if s.Speakers[i].Kind == kind {
				g.People = append(g.People, s.leader(&s.Speakers[i], s.notice.Href))
			}
		}
		if len(g.People) > 0 {
			all = append(all, g)
		}
	}
	return all
}

type trainerPage struct {
	web.Page
	Event  notice
	ToldIn string
	Person leader
	Kind   string
	Bio    prose
	Days   []day
}

var errNobody = fault.New(fault.NotFound, "error.not_found")

// trainer is the page of somebody who leads an event; of who isn't shown in public there is none.
func (p *Pages) trainer(c *web.Ctx) error {
	s, err := p.story(c)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(s.Speakers, func(x event.Speaker) bool { return x.Code == c.Param("speaker") })
	if i < 0 {
		return errNobody
	}
	who := &s.Speakers[i]
	page := &trainerPage{Page: c.Page(who.Name), Event: s.notice, ToldIn: s.toldIn(), Person: s.leader(who, s.notice.Href), Kind: c.T("public.leader." + string(who.Kind)), Bio: s.prose(who.Bio)}
	if err := p.furnish(c, &page.Page, s); err != nil {
		return err
	}
	page.Back = &web.Crumb{Href: s.notice.Href, Label: c.T("public.to_event")}
	page.Description = shorten(join(who.Name, page.Person.Role.Text, s.notice.Title.Text, s.plain(who.Bio, 120)), 200)
	page.Days = newTimetable(c, s.voice, s.Content).days(s.led(who.ID), nil)
	page.Structured = s.person(c, who)
	return c.Render("public/trainer", page)
}

// led are the sessions that somebody leads, with those who lead them beside them.
func (s *story) led(id int64) []event.Session {
	var own []event.Session
	for _, x := range s.Sessions {
		if !slices.Contains(x.Speakers, id) {
			continue
		}
		x.Speakers = slices.DeleteFunc(slices.Clone(x.Speakers), func(other int64) bool { return other == id })
		own = append(own, x)
	}
	return own
}
