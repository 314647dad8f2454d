package demo

import (
	"context"
	"strings"
	"time"

	"attesta/app/account"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/person"
	"attesta/app/registration"
)

// what becomes of a nominee in the demo.
type fate int

const (
	waits fate = iota // hasn't answered
	declines
	withdrawn
	applies
	comes // and is approved
)

type nomineePart struct {
	given, family string
	gender        person.Gender
	fate          fate
}

type offerPart struct {
	country string
	at      int // which institution of the country
	contact string
	seats   int
	people  []nomineePart
}

// offers are what two institutions were offered at the conference, and what they made of it.
var offers = []offerPart{
	{"AL", 0, "Manjola Kërçuku", 5, []nomineePart{
		{"Albana", "Gjoleka", person.Female, comes}, {"Fatbardh", "Shëngjergji", person.Male, applies}, {"Esmeralda", "Kryeziu", person.Female, waits},
		{"Bledar", "Çapaliku", person.Male, declines}, {"Mirjeta", "Lleshi", person.Female, withdrawn},
	}},
	{"MK", 0, "Снежана Ќосева", 3, []nomineePart{
		{"Љупчо", "Ѓурчинов", person.Male, comes}, {"Соња", "Џамбазова", person.Female, applies}, {"Ѕвездан", "Шќепевски", person.Male, waits},
	}},
}

// nominate offers seats at an event to two institutions and lets their people be nominated, answer and be chosen.
func (b *builder) nominate(ctx context.Context, e *event.Event) error {
	who, err := b.Accounts.Actor(ctx, b.built.Coordinator)
	if err != nil {
		return err
	}
	for _, x := range offers {
		country := b.programme.Country[x.country]
		at := country.Institution[x.at]
		b.At(b.now.Add(-72 * time.Hour))
		o, err := b.Registrations.OfferSeats(ctx, who, e.Code, registration.NewOffer{
			InstitutionName: at.Name, InstitutionType: person.InstitutionType(at.Type), InstitutionCountry: x.country,
			ContactName: x.contact, ContactEmail: address(x.contact, at.Type, country.Domain), Locale: country.Locale, Seats: x.seats,
		})
		if err != nil {
			return err
		}
		if b.built.FocalPoint == "" {
			b.built.FocalPoint = b.Registrations.OfferPath(o)
		}
		for _, n := range x.people {
			if err := b.answer(ctx, who, e, o, n, at, country); err != nil {
				return err
			}
		}
	}
	return nil
}

func address(name, host, domain string) string {
	return strings.ToLower(strings.ReplaceAll(locale.Plain(name), " ", ".")) + "@" + host + "." + domain
}

// answer has one colleague nominated, and does what they do.
func (b *builder) answer(ctx context.Context, who account.Actor, e *event.Event, o *registration.Offer, x nomineePart, at institutionPart, country countryPart) error {
	b.At(b.now.Add(-48 * time.Hour))
	n, err := b.Registrations.Nominate(ctx, o.Actor(), o.ID, registration.Nominee{
		GivenName: x.given, FamilyName: x.family, Email: address(x.given+" "+x.family, at.Type, country.Domain), Position: at.Position, Locale: country.Locale,
	})
	if err != nil {
		return err
	}
	b.At(b.now.Add(-24 * time.Hour))
	_, t, _ := strings.Cut(b.Registrations.NominationLink(e, n), "nomination=")
	switch x.fate {
	case declines:
		return b.Registrations.Decline(ctx, e.Code, t)
	case withdrawn:
		return b.Registrations.Withdraw(ctx, o.Actor(), o.ID, n.ID)
	case applies, comes:
		r, err := b.Registrations.RegisterNominated(ctx, e.Code, t, registration.Submission{
			GivenName: x.given, FamilyName: x.family, Gender: x.gender, Email: n.Email, Position: n.Position, Locale: n.Locale, ConsentData: true, ConsentList: true,
		})
		if err != nil {
			return err
		}
		b.built.Registrations++
		if x.fate == comes {
			_, err = b.Registrations.Decide(ctx, who, e.Code, []string{r.Code}, registration.Approved, "")
		}
		return err
	}
	return nil
}

// staff opens accounts for those who come later than the programme: who looks after the installation, and an auditor,
// whose role ends.
func (b *builder) staff(ctx context.Context) error {
	var err error
	if b.built.Administrator, err = b.Accounts.CreateUser(ctx, account.System, account.NewUser{Email: "administrator@attesta.example", Name: "Arben Leka", Locale: locale.English}); err != nil {
		return err
	}
	if err := b.Accounts.Grant(ctx, account.System, b.built.Administrator, account.Administrator, account.Scope{Kind: account.Installation}); err != nil {
		return err
	}
	auditor := account.Invitation{
		Email: "auditor@attesta.example", Name: "Marianne Lindqvist", Locale: locale.English, Role: account.Auditor, Scope: b.project.Scope(), Until: db.NewDay(b.now.AddDate(0, 3, 0)),
	}
	if b.built.Auditor, err = b.Accounts.CreateUser(ctx, account.System, account.NewUser{Email: auditor.Email, Name: auditor.Name, Locale: auditor.Locale}); err != nil {
		return err
	}
	who, err := b.Accounts.Actor(ctx, b.built.Coordinator)
	if err != nil {
		return err
	}
	return b.Accounts.InviteMember(ctx, who, auditor)
}
