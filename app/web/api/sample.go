package api

import (
	"time"

	"attesta/app/attendance"
	"attesta/app/certificate"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/person"
	"attesta/app/registration"
)

// Samples of the document. The persons are invented.
var (
	sampleDay   = db.NewDay(time.Date(2026, 5, 16, 0, 0, 0, 0, time.UTC))
	sampleAt    = time.Date(2026, 4, 2, 8, 30, 0, 0, time.UTC)
	sampleEvent = Event{
		Code: "podgorica-2026", Project: "P1", Organisation: "lead", Type: event.NationalTraining,
		Title: Text{"cnr": "Suzbijanje krijumčarenja migranata", "en": "Countering migrant smuggling"}, Description: Text{}, Country: "ME", City: "Podgorica",
		StartsOn: sampleDay, EndsOn: sampleDay.Plus(1), Days: 2, Zone: "Europe/Podgorica", Begins: sampleDay.Add(-2 * time.Hour), Ends: sampleDay.Add(46 * time.Hour),
		Languages: []locale.Code{"cnr", "en"}, State: event.Published, Phase: event.PhaseOpen, Listed: true, Seats: 30, SeatsTaken: 12, Decision: event.ByOrganiser,
		Unit: event.HalfDay, Threshold: 0.8, RegistrationOpensAt: sampleAt, Address: "https://events.example.org/en/events/podgorica-2026", CreatedAt: sampleAt, UpdatedAt: sampleAt,
	}
	sampleUnit = Unit{Unit: 1, Day: sampleDay, Part: event.Morning, StartsAt: sampleDay.Add(7 * time.Hour), EndsAt: sampleDay.Add(10*time.Hour + 30*time.Minute), HalfDays: 1}

	sampleRegistration = Registration{
		Code: "7K3M9Q2X", Status: registration.Submitted, Source: registration.FromForm, GivenName: "Vesna", FamilyName: "Ćetković", CertificateName: "Vesna Ćetković",
		Gender: person.Female, Country: "ME", Institution: "Više državno tužilaštvo u Podgorici", InstitutionType: person.Prosecution, Position: "državni tužilac", Locale: "cnr",
		Email: "vesna@jt.me.example", SubmittedAt: sampleAt, CreatedAt: sampleAt, UpdatedAt: sampleAt,
	}
	sampleStory = Story{
		Registration: "7K3M9Q2X", Present: []Presence{{Unit: 1, Since: sampleDay.Add(7 * time.Hour)}},
		Claims: []Claim{{Unit: 1, Source: attendance.Scan, Present: true, Device: "Door 1", ReceivedAt: sampleDay.Add(7 * time.Hour)}},
	}
	sampleCertificate = Certificate{
		Number: "7K3M-9Q2X-4T1", Registration: "7K3M9Q2X", State: certificate.StateValid, Kind: certificate.Completion, Holder: "Vesna Ćetković", IssuedOn: sampleDay,
		IssuedAt: sampleDay.Add(50 * time.Hour), Verify: "https://events.example.org/verify/7K3M-9Q2X-4T1",
	}
)
