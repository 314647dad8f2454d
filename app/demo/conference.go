package demo

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/BurntSushi/toml"

	"attesta/app/account"
	"attesta/app/event"
)

//go:embed conference.toml
var conferenceSource []byte

// conference is conference.toml: what the page of the event with a page of its own tells.
type conference struct {
	Audience, Costs, Directions, Accessibility texts
	Room, Track                                []placePart
	Speaker                                    []speakerPart
	Session                                    []talkPart
}

type placePart struct {
	Key   string
	Seats int
	Name  texts
}

type speakerPart struct {
	Key, Kind, Name string
	Role, Bio       texts
}

type talkPart struct {
	Day            int
	From, To, Kind string
	Room, Track    string
	Speakers       []string
	Interpreted    bool
	Title          texts
	Description    texts
}

func loadConference() (*conference, error) {
	var c conference
	if err := toml.Unmarshal(conferenceSource, &c); err != nil {
		return nil, fmt.Errorf("read the demo's conference: %w", err)
	}
	return &c, nil
}

// describe adds to the facts of the conference what only it tells.
func (c *conference) describe(f *event.Facts) {
	f.Audience, f.Costs, f.Directions, f.Accessibility = c.Audience.text(), c.Costs.text(), c.Directions.text(), c.Accessibility.text()
	f.ContactName, f.ContactEmail, f.ContactPhone = "Милица Обрадовић", "conference@borders-and-people.example", "+381 11 555 0142"
}

// furnish gives the conference its rooms, tracks and people, and returns its programme.
func (b *builder) furnish(ctx context.Context, e *event.Event, c *conference) ([]event.Session, error) {
	rooms, tracks, speakers := map[string]int64{"": 0}, map[string]int64{"": 0}, map[string]int64{}
	for _, x := range c.Room {
		r, err := b.Events.AddRoom(ctx, account.System, e.Code, event.Room{Name: x.Name.text(), Seats: x.Seats})
		if err != nil {
			return nil, err
		}
		rooms[x.Key] = r.ID
	}
	for _, x := range c.Track {
		t, err := b.Events.AddTrack(ctx, account.System, e.Code, event.Track{Name: x.Name.text()})
		if err != nil {
			return nil, err
		}
		tracks[x.Key] = t.ID
	}
	for _, x := range c.Speaker {
		s, err := b.Events.AddSpeaker(ctx, account.System, e.Code, event.Speaker{
			Name: x.Name, Kind: event.SpeakerKind(x.Kind), Role: x.Role.text(), Bio: x.Bio.text(), Shown: event.ToAll,
		})
		if err != nil {
			return nil, err
		}
		speakers[x.Key] = s.ID
	}
	var sessions []event.Session
	for _, x := range c.Session {
		s, err := sessionPart{Day: x.Day, From: x.From, To: x.To, Kind: x.Kind, Title: x.Title}.session(e)
		if err != nil {
			return nil, err
		}
		s.Description, s.RoomID, s.TrackID = x.Description.text(), rooms[x.Room], tracks[x.Track]
		if x.Interpreted {
			s.Interpretation.V = e.Interpretation.V
		}
		for _, key := range x.Speakers {
			s.Speakers = append(s.Speakers, speakers[key])
		}
		sessions = append(sessions, s)
	}
	return sessions, nil
}
