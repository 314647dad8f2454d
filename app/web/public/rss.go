package public

import (
	"encoding/xml"
	"slices"
	"time"

	"attesta/app/event"
	"attesta/app/markdown"
	"attesta/app/web"
)

// feedLength is how many events a feed tells of, those that changed last.
const feedLength = 50

type rss struct {
	XMLName xml.Name `xml:"rss"`
	Version string   `xml:"version,attr"`
	Atom    string   `xml:"xmlns:atom,attr"`
	DC      string   `xml:"xmlns:dc,attr"`
	Channel channel  `xml:"channel"`
}

type channel struct {
	Title       string    `xml:"title"`
	Link        string    `xml:"link"`
	Description string    `xml:"description"`
	Language    string    `xml:"language"`
	Self        atomLink  `xml:"atom:link"`
	Items       []rssItem `xml:"item"`
}

type atomLink struct {
	Href string `xml:"href,attr"`
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
}

type rssItem struct {
	Title       string  `xml:"title"`
	Link        string  `xml:"link"`
	Description string  `xml:"description"`
	Category    string  `xml:"category"`
	GUID        rssGUID `xml:"guid"`
	Published   string  `xml:"pubDate"`
	Language    string  `xml:"dc:language"`
}

type rssGUID struct {
	Permanent bool   `xml:"isPermaLink,attr"`
	ID        string `xml:",chardata"`
}

const rssType = "application/rss+xml"

// news is the calendar for news readers, as narrow as its address says: the events that were changed last.
func (p *Pages) news(c *web.Ctx) error {
	list, err := p.listed(c)
	if err != nil {
		return err
	}
	wanted := readFilter(c)
	list = slices.DeleteFunc(list, func(e event.Event) bool { return !wanted.takes(&e, "") })
	slices.SortStableFunc(list, func(a, b event.Event) int { return b.UpdatedAt.Compare(a.UpdatedAt.Time) })
	page := c.Page("")
	base := "/" + string(c.Locale()) + "/events"
	feed := rss{Version: "2.0", Atom: "http://www.w3.org/2005/Atom", DC: "http://purl.org/dc/elements/1.1/", Channel: channel{
		Title: page.Brand() + ": " + c.T("public.calendar_title"), Link: c.URL(wanted.address(base)), Description: c.T("public.calendar_lead"), Language: string(c.Locale()),
		Self: atomLink{Href: c.URL(wanted.address(base + ".rss")), Rel: "self", Type: rssType},
	}}
	for i := range list[:min(len(list), feedLength)] {
		feed.Channel.Items = append(feed.Channel.Items, feedItem(c, &list[i]))
	}
	b, err := xml.MarshalIndent(feed, "", " ")
	if err != nil {
		return err
	}
	return c.Send(rssType+"; charset=utf-8", append([]byte(xml.Header), b...))
}

// feedItem tells of an event; its own texts are all in one language.
func feedItem(c *web.Ctx, e *event.Event) rssItem {
	n := tell(c, e)
	_, in := e.Title.In(c.Locale())
	title := n.Title.Text
	if n.Phase == event.PhaseCancelled {
		title = n.Status + ": " + title
	}
	text := join(n.Dates, n.Where(), n.Format, n.Status)
	if more := markdown.Plain(e.Description.By[in]); more != "" {
		text += "\n" + shorten(more, 600)
	}
	return rssItem{
		Title: title, Link: c.URL(n.Href), Description: text, Category: n.Type, GUID: rssGUID{ID: c.URL("/events/" + e.Code)},
		Published: e.UpdatedAt.UTC().Format(time.RFC1123Z), Language: string(in),
	}
}
