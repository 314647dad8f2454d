package desk_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
)

func TestTheRecordDoesNotTellWhoOfTheInvitedHasAnAccount(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		st := newStaffed(t, d)
		e := st.Event(t, apptest.Automatic)
		if _, err := st.accounts.CreateUser(t.Context(), account.System, account.NewUser{Email: "old@example.org", Name: "Ingrid Halvorsen"}); err != nil {
			t.Fatal(err)
		}
		s := st.signed(t, organiser)
		const place = "/desk/members/organisation/lead"
		for email, name := range map[string]string{"old@example.org": "Probe One", "new@example.org": "Probe Two"} {
			form := url.Values{"email": {email}, "name": {name}, "locale": {"en"}, "role": {"event:" + e.Code}}
			if a := s.post(t, place, place, form); a.code != http.StatusSeeOther {
				t.Fatalf("%d %s", a.code, a.body)
			}
		}
		pages := []string{"/desk/audit", "/desk/audit.csv", "/desk/events/" + e.Code + "/audit", "/desk/events/" + e.Code + "/audit.csv"}
		for _, page := range pages {
			body := s.get(t, page).body
			for _, name := range []string{"User Probe One", "User Probe Two"} {
				if !strings.Contains(body, name) {
					t.Errorf("%s doesn't say %q", page, name)
				}
			}
			if strings.Contains(body, "Ingrid") || strings.Contains(body, "?who=u") && page != "/desk/audit" {
				t.Errorf("%s tells of an account:\n%s", page, body)
			}
		}
		if n := strings.Count(s.get(t, "/desk/audit").body, ">User Probe"); n != 2 {
			t.Errorf("%d of the invited have an address that tells their number", 2-n)
		}
		st.Clock.Set(st.Clock.Now().Add(time.Hour))
		st.signed(t, "old@example.org")
		for _, page := range pages {
			if !strings.Contains(s.get(t, page).body, "User Ingrid Halvorsen") {
				t.Errorf("%s doesn't name who has come", page)
			}
		}
	})
}

func TestAnInvitationIsSentAgainThreeTimesAnHourHoweverItsNumberIsWritten(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		st := newStaffed(t, d)
		s := st.signed(t, organiser)
		const place = "/desk/members/organisation/lead"
		form := url.Values{"email": {"new@example.org"}, "name": {"Ana"}, "locale": {"en"}, "role": {"organiser"}}
		if a := s.post(t, place, place, form); a.code != http.StatusSeeOther {
			t.Fatalf("%d %s", a.code, a.body)
		}
		resend := s.get(t, place).attr("form[action$='/resend']", "action")
		number := strings.Split(resend, "/")[3]
		for range 3 {
			s.post(t, place, resend, nil)
		}
		for _, written := range []string{number, "0" + number, "00" + number, "+" + number} {
			if a := s.post(t, place, strings.Replace(resend, "/"+number+"/", "/"+written+"/", 1), nil); a.code != http.StatusTooManyRequests {
				t.Errorf("%s: %d", written, a.code)
			}
		}
		if n := st.outbox(t); n != 4 {
			t.Errorf("%d mails", n)
		}
	})
}
