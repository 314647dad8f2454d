package roster

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The golden file was read line by line when it was written.
func TestHeadingsOfAttendanceAreReadAsReviewed(t *testing.T) {
	var out strings.Builder
	v := loaded(t)
	e := Event{Starts: time.Date(2022, 11, 14, 0, 0, 0, 0, time.UTC), Days: 2, Unit: "half-day"}
	for _, h := range []string{"1. dan - prijepodne", "I. dan prije podne", "Prvi dan (prijepodne)", "Day One - Morning", "Day1_AM", "D1PM", "1st day AM", "Ден 1 - прв дел", "14.11. 09:00-12:30", "14.11. 13:30-17:00",
		"14. novembar prije podne", "15. studenoga poslijepodne", "Nov 14 AM", "14 Nov 2022 PM", "14/11/2022 (1)", "14.11.22. popodne", "Ponedjeljak, 14.11. pre podne", "Дан 2 (15.11.2022) – после подне", "Dita 1 (14.11.2022) - Paradite", "Dita e dytë pasdite",
		"AM 14.11", "II dan I dio", "Dan 1 / Day 1 AM", "Den 2 popladne", "Втор ден попладне", "Sesija 1 (14.11.)", "14.11.2022 sesija 2", "P1", "S2", "Dan 1 P1", "Potpis", "Potpis 1", "Potpis dan 1", "15.XI", "Prisustvo 14.11.2022. prije podne", "Signature day 2 PM", "Datum rođenja", "Day of arrival", "Dan dolaska", "14.", "Ditët 1", "D1", "D2 P2", "nënshkrimi dita 1 paradite", "Present?", "Attendance 1", "14.11. jutro", "14.11 I", "Ден I", "Datum", "Broj dana", "M/F", "Ukupno dana", "1.dan AM", "Dan1 popodne", "Prvi dan", "Day 1: 9-12", "Day 1 09:00", "Den 1 (pred pladne)", "14 listopad", "14-15.11.", "14.11.2022-15.11.2022", "14.11. / 14.11.", "14.11. 09.00-12.30", "14.11. 9:00-17:00", "14. i 15. 11.", "14.11.-15.11.", "Prije podne", "I", "1", "PM"} {
		m := v.moment(h, e)
		fmt.Fprintf(&out, "%q attendance=%v date=%d.%d no=%d half=%d seq=%d wd=%d presence=%v unknown=%d\n", h, m.is(), m.day, m.month, m.number, m.half, m.seq, m.weekday, m.presence, m.unknown)
	}

	file := filepath.Join("testdata", "moments.txt")
	if f := flag.Lookup("update"); f != nil && f.Value.String() == "true" {
		if err := os.WriteFile(file, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), out.String()); d != "" {
		t.Error(d)
	}
}
