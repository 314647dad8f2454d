package public

import (
	"strings"
	"time"

	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/markdown"
	"attesta/app/web"
)

// thing is something in the words of schema.org.
type thing map[string]any

const schema = "https://schema.org"

// structured tells search engines of the event what the page tells its readers, and no more.
func (s *story) structured(c *web.Ctx) thing {
	e := s.Event
	from, to := s.span()
	x := thing{
		"@context": schema, "@type": "Event", "name": s.notice.Title.Text, "url": c.URL(s.notice.Href), "startDate": from.Format(time.RFC3339), "endDate": to.Format(time.RFC3339),
		"eventStatus": schema + "/EventScheduled", "eventAttendanceMode": schema + "/" + attendanceModes[e.Format], "inLanguage": e.Languages.V,
		"image": []string{c.URL(s.card())}, "maximumAttendeeCapacity": e.Seats,
		"organizer": s.organizer(),
	}
	if e.State == event.Cancelled {
		x["eventStatus"] = schema + "/EventCancelled"
	}
	if d := markdown.Plain(s.say(e.Description).Text); d != "" {
		x["description"] = d
	}
	if len(e.Languages.V) == 0 {
		delete(x, "inLanguage")
	}
	if l := s.location(c); len(l) > 0 {
		x["location"] = l
	}
	var people []thing
	for i := range s.Speakers {
		people = append(people, thing{"@type": "Person", "name": s.Speakers[i].Name, "url": c.URL(s.leader(&s.Speakers[i], s.notice.Href).Href)})
	}
	if len(people) > 0 {
		x["performer"] = people
	}
	return x
}

var attendanceModes = map[event.Format]string{
	event.OnSite: "OfflineEventAttendanceMode", event.Online: "OnlineEventAttendanceMode", event.Hybrid: "MixedEventAttendanceMode",
}

// span is when the event begins and ends, in its own zone.
func (s *story) span() (from, to time.Time) {
	reach := func(a, b db.Time) {
		if from.IsZero() || a.Before(from) {
			from = a.Time
		}
		if b.After(to) {
			to = b.Time
		}
	}
	for i := range s.Sessions {
		reach(s.Sessions[i].StartsAt, s.Sessions[i].EndsAt)
	}
	for i := range s.units {
		reach(s.units[i].StartsAt, s.units[i].EndsAt)
	}
	if from.IsZero() {
		from, to = s.Event.Begins(), s.Event.Ends().Add(-time.Minute)
	}
	return from.In(s.Event.Location()), to.In(s.Event.Location())
}

// location is where one takes part; nothing where the page doesn't tell.
func (s *story) location(c *web.Ctx) []thing {
	var all []thing
	e := s.Event
	if e.Format != event.Online && e.Country != "" {
		address := thing{"@type": "PostalAddress", "addressCountry": e.Country}
		name := s.notice.Place()
		if e.City != "" {
			address["addressLocality"] = s.notice.City
		}
		if e.Venue != "" {
			name, address["streetAddress"] = e.Venue, e.Venue
		}
		all = append(all, thing{"@type": "Place", "name": name, "address": address})
	}
	if e.IsOnline() {
		all = append(all, thing{"@type": "VirtualLocation", "url": c.URL(s.notice.Href)})
	}
	return all
}

func (s *story) organizer() thing {
	x := thing{"@type": "Organization", "name": s.Text(s.host.Name)}
	if s.host.Website != "" {
		x["url"] = s.host.Website
	}
	return x
}

// person tells search engines of somebody who leads the event.
func (s *story) person(c *web.Ctx, who *event.Speaker) thing {
	x := thing{
		"@context": schema, "@type": "Person", "name": who.Name, "url": c.URL(s.leader(who, s.notice.Href).Href),
		"performerIn": thing{"@type": "Event", "name": s.notice.Title.Text, "url": c.URL(s.notice.Href), "startDate": s.Event.StartsOn.String()},
	}
	if role := s.say(who.Role).Text; role != "" {
		x["jobTitle"] = role
	}
	if bio := strings.TrimSpace(markdown.Plain(s.say(who.Bio).Text)); bio != "" {
		x["description"] = bio
	}
	if who.Portrait != "" {
		x["image"] = c.URL(event.PortraitPath(who.Portrait))
	}
	return x
}
