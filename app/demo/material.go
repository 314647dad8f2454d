package demo

import (
	"context"
	"strings"

	"attesta/app/account"
	"attesta/app/event"
	"attesta/app/locale"
)

// report is the first page of the case that teams work on.
const report = `THE CASE - FIRST REPORT (for training only; all names are made up)

04:10  A driver calls the border police: a van without lights on the field road to the north.
04:35  Patrol finds the van empty, engine warm, fourteen water bottles, one child's shoe.
05:20  Reception centre: eleven people have arrived on foot, two of them children without parents.
06:00  The duty prosecutor asks: what do we know, who may know it, and what must nobody write down?

Work in your team until 12:30. Each of you knows something that the others need.
`

// supply gives an event something to read: a link for everybody, and the case for who is approved.
func (b *builder) supply(ctx context.Context, e *event.Event) error {
	_, err := b.Events.AddLink(ctx, account.System, e.Code, event.MaterialFacts{
		Title: "Protocol against the Smuggling of Migrants by Land, Sea and Air", Language: locale.English,
		URL: "https://www.unodc.org/unodc/en/treaties/CTOC/index.html", Shown: event.ToAll,
	})
	if err != nil || !e.Type.IsTraining() {
		return err
	}
	_, err = b.Events.AddFile(ctx, account.System, e.Code, event.MaterialFacts{
		Title: "The case: first report", Language: locale.English, Shown: event.ToApproved,
	}, "first-report.txt", strings.NewReader(report), int64(len(report)))
	return err
}
