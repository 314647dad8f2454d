package desk

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"attesta/app/account"
	"attesta/app/event"
	"attesta/app/web"
)

// onePerson is the address of somebody who leads sessions of an event.
const onePerson = one + "/people/:speaker"

// maxPortraitForm is a portrait with what a form puts around it; a little more, so that a file that is too large is
// told so.
const maxPortraitForm = event.MaxPortrait + 4<<20

func (p *Pages) peopleRoutes() []web.Route {
	edit := web.Permission(account.EditEvent)
	add, change := web.POST(one+"/people/new", edit, p.addPerson), web.POST(onePerson, edit, p.person)
	add.Body, add.Deadline = maxPortraitForm, documents
	change.Body, change.Deadline = maxPortraitForm, documents
	return []web.Route{
		web.GET(one+"/people", edit, p.people),
		web.GET(one+"/people/new", edit, p.addPerson),
		add,
		web.GET(one+"/people/take", edit, p.takePeople),
		web.POST(one+"/people/take", edit, p.takePeople),
		web.GET(onePerson, edit, p.person),
		change,
		web.POST(onePerson+"/move", edit, p.movePerson),
		web.GET(onePerson+"/remove", edit, p.removePerson),
		web.POST(onePerson+"/remove", edit, p.removePerson),
	}
}

// peoplePage lists who leads sessions of an event.
type peoplePage struct {
	eventPage
	Lines []PersonLine
}

// PersonLine is one of them.
type PersonLine struct {
	event.Speaker
	Says        Said   // position and institution
	Picture     string // path of the portrait
	Sessions    int
	First, Last bool
}

// KindKey is the message of what a person does at the event.
func (l PersonLine) KindKey() string { return kindKeys[l.Kind] }

// Initials stand where there is no portrait.
func (l PersonLine) Initials() string {
	words := strings.Fields(l.Name)
	if len(words) == 0 {
		return ""
	}
	first, _ := utf8.DecodeRuneInString(words[0])
	if len(words) == 1 {
		return string(first)
	}
	last, _ := utf8.DecodeRuneInString(words[len(words)-1])
	return string(first) + string(last)
}

// Hidden reports whether the public isn't told of the person.
func (l PersonLine) Hidden() bool { return l.Shown != event.ToAll }

var kindKeys = map[event.SpeakerKind]string{
	event.Trainer: "people.kind.trainer", event.Lecturer: "people.kind.speaker", event.Moderator: "people.kind.moderator",
}

func (p *Pages) people(c *web.Ctx) error {
	e, err := p.editable(c)
	if err != nil {
		return err
	}
	content, err := event.ReadContent(c.Context(), p.DB.Read(), e)
	if err != nil {
		return err
	}
	page := &peoplePage{eventPage: p.under(c, e, "desk.part.people")}
	for i, s := range content.Speakers {
		page.Lines = append(page.Lines, PersonLine{
			Speaker: s, Says: said(c.Printer(), s.Role), Picture: event.SmallPortraitPath(s.Portrait), Sessions: len(content.SessionsOf(&s)),
			First: i == 0, Last: i == len(content.Speakers)-1,
		})
	}
	return c.Render("desk/event_people", page)
}

func (p *Pages) movePerson(c *web.Ctx) error {
	code, who := c.Param("code"), c.Param("speaker")
	if err := p.Events.MoveSpeaker(c.Context(), c.Actor(), code, who, moves(c)); err != nil {
		return err
	}
	return c.Redirect("/desk/events/" + code + "/people#" + who)
}

// moves reads from the button that was pressed by how many places something is to be moved.
func moves(c *web.Ctx) int {
	by, err := strconv.Atoi(c.Form().Value("by"))
	if err != nil {
		return 0
	}
	return max(-1, min(by, 1))
}

// partRemovalPage asks whether something of an event is to go, with its name.
type partRemovalPage struct {
	web.Page
	Event    *event.Event
	Name     Said
	Question string // key
	Also     string // what goes with it, in words
	Loses    string // what loses it, in words
	Cancel   string // where to, without it
}

// removal returns the ground of such a page; list is the key of where it belongs, at that path below the event.
func (p *Pages) removal(c *web.Ctx, e *event.Event, question, list, path string) *partRemovalPage {
	page := &partRemovalPage{Page: c.Page(c.T(question)), Event: e, Question: question, Cancel: "/desk/events/" + e.Code + path}
	page.NoIndex, page.Back = true, &web.Crumb{Href: page.Cancel, Label: c.T(list)}
	return page
}

func (p *Pages) removePerson(c *web.Ctx) error {
	e, err := p.editable(c)
	if err != nil {
		return err
	}
	content, err := event.ReadContent(c.Context(), p.DB.Read(), e)
	if err != nil {
		return err
	}
	s := content.SpeakerByCode(c.Param("speaker"))
	if s == nil {
		return event.ErrNoSpeaker
	}
	page := p.removal(c, e, "people.remove_title", "desk.part.people", "/people")
	if c.IsPost() {
		if err := p.Events.RemoveSpeaker(c.Context(), c.Actor(), e.Code, s.Code); err != nil {
			return err
		}
		c.Flash(web.Go, "people.removed")
		return c.Redirect(page.Cancel)
	}
	page.Name, page.Also, page.Loses = Said{Text: s.Name}, c.T("people.remove_text"), c.T("people.no_session")
	if n := len(content.SessionsOf(s)); n > 0 {
		page.Loses = c.Printer().N("people.remove_sessions", n)
	}
	return c.Render("desk/event_part_remove", page)
}
