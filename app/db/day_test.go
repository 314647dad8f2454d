package db_test

import (
	"testing"
	"time"

	"attesta/app/db"
)

func TestAnHourOfADayIsTheFirstThatTheClocksShow(t *testing.T) {
	for _, c := range []struct {
		zone, day    string
		hour, minute int
		want         string // "" where the clocks skip it
	}{
		{"Europe/Podgorica", "2022-05-16", 9, 0, "2022-05-16T07:00Z"},
		{"Europe/Podgorica", "2022-01-16", 9, 0, "2022-01-16T08:00Z"},
		{"Europe/Podgorica", "2022-03-27", 1, 59, "2022-03-27T00:59Z"},
		{"Europe/Podgorica", "2022-03-27", 2, 0, ""},
		{"Europe/Podgorica", "2022-03-27", 2, 30, ""},
		{"Europe/Podgorica", "2022-03-27", 3, 0, "2022-03-27T01:00Z"},
		{"Europe/Podgorica", "2022-10-30", 1, 59, "2022-10-29T23:59Z"},
		{"Europe/Podgorica", "2022-10-30", 2, 0, "2022-10-30T00:00Z"}, // there is another at 01:00Z
		{"Europe/Podgorica", "2022-10-30", 2, 30, "2022-10-30T00:30Z"},
		{"Europe/Podgorica", "2022-10-30", 3, 0, "2022-10-30T02:00Z"},
		{"Europe/London", "2022-10-30", 1, 30, "2022-10-30T00:30Z"},
		{"America/New_York", "2022-11-06", 1, 30, "2022-11-06T05:30Z"},
		{"America/New_York", "2022-03-13", 2, 30, ""},
		{"Australia/Lord_Howe", "2022-10-02", 2, 15, ""}, // half an hour forward
		{"Australia/Lord_Howe", "2022-10-02", 2, 30, "2022-10-01T15:30Z"},
		{"Pacific/Apia", "2011-12-31", 9, 0, "2011-12-30T19:00Z"}, // the day before was left out
		{"UTC", "2022-03-27", 2, 30, "2022-03-27T02:30Z"},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		day, err := db.ParseDay(c.day)
		if err != nil {
			t.Fatal(err)
		}
		got, exists := day.At(zone, c.hour, c.minute)
		if exists != (c.want != "") || exists && got.UTC().Format("2006-01-02T15:04Z") != c.want {
			t.Errorf("%s %02d:%02d in %s: %v %v, want %q", c.day, c.hour, c.minute, c.zone, got.UTC(), exists, c.want)
		}
	}
}

func TestWhereTheClocksGoForwardBothHoursAreKnown(t *testing.T) {
	for _, c := range []struct{ zone, day, want string }{
		{"Europe/Podgorica", "2022-03-27", "02:00 03:00"}, {"Europe/London", "2022-03-27", "01:00 02:00"}, {"Australia/Lord_Howe", "2022-10-02", "02:00 02:30"},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		day, err := db.ParseDay(c.day)
		if err != nil {
			t.Fatal(err)
		}
		hour := 2
		if c.zone == "Europe/London" {
			hour = 1
		}
		at, exists := day.At(zone, hour, 10)
		from, to := db.Forward(at)
		if got := from.Format("15:04") + " " + to.Format("15:04"); exists || got != c.want {
			t.Errorf("%s: %s, want %s", c.zone, got, c.want)
		}
	}
}
