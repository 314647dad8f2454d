package public_test

import (
	"bytes"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/registration"
)

func TestMyPageSaysInOneSentenceWhereIStand(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t)
		inEnglish := func(x *registration.Submission) { x.Locale = "en" }
		r, path := s.place(t, e, 1, inEnglish)
		stands := func(want, tone string) answer {
			t.Helper()
			a := s.get(t, path)
			if got := a.text("h1"); got != want {
				t.Errorf("stands: %q, want %q", got, want)
			}
			if len(a.all(".title .status--"+tone)) != 1 {
				t.Errorf("%s: the status is %q", want, a.attr(".title .status", "class"))
			}
			return a
		}
		decide := func(to registration.Status, reason string) {
			t.Helper()
			if _, err := s.Registrations.Decide(t.Context(), account.System, e.Code, []string{r.Code}, to, reason); err != nil {
				t.Fatal(err)
			}
		}
		a := stands("Your place is confirmed.", "go")
		if got := a.text(".pass .pass__code"); !strings.HasSuffix(got, r.Code[:4]+"-"+r.Code[4:]) {
			t.Errorf("the code reads %q", got)
		}
		if got := a.attr(".pass .qr path", "d"); !strings.HasPrefix(got, "M4 4h7v1h-7z") {
			t.Errorf("the QR code begins %.30s", got)
		}
		if got := a.attr(".pass .button--main", "href"); got != s.Registrations.Link(r)+"/calendar.ics" {
			t.Errorf("the calendar file is %q", got)
		}
		decide(registration.Waitlisted, "")
		if a := stands("You are on the waiting list.", "calm"); len(a.all(".pass")) != 0 {
			t.Error("a pass without a place")
		}
		decide(registration.Rejected, "Only <b>one</b> seat each.")
		a = stands("There is no place for you at this event.", "stop")
		if got := a.text(".title .note"); got != "The organiser writes: Only <b>one</b> seat each." {
			t.Errorf("the reason: %q", got)
		}
		decide(registration.Approved, "")
		s.attend(t, e, 1, r.Code)
		s.Clock.Set(at(16, 12))
		a = stands("The event is under way.", "go")
		want := []string{"Morning · 09:00–12:30Present", "Afternoon · 13:30–17:00Not yet", "Morning · 09:00–12:30Not yet", "Afternoon · 13:30–17:00Not yet"}
		if diff := cmp.Diff(want, a.texts(".presence li")); diff != "" {
			t.Error(diff)
		}
		s.Clock.Set(at(19, 12))
		a = stands("The event has ended.", "go")
		if got := a.texts(".presence .status"); !slices.Equal(got, []string{"Present", "Absent", "Absent", "Absent"}) {
			t.Errorf("afterwards: %q", got)
		}
		if len(a.all(".pass, .button--stop")) != 0 {
			t.Error("a pass or a way to cancel, after the event")
		}
		s.attend(t, e, 4, r.Code)
		stands("The event has ended and your attendance is complete.", "go")
		s.exec(t, "UPDATE events SET state = 'cancelled' WHERE id = ?", e.ID)
		stands("This event has been cancelled.", "go")
	})
}

func TestMyPageIsToldToNobodyAndSpeaksTheLanguageOfTheRegistration(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		_, path := s.place(t, s.Event(t), 1, nil)
		s.accept = "mk"
		a := s.get(t, path)
		if got := a.attr("html", "lang"); got != "cnr" {
			t.Errorf("the page is in %s", got)
		}
		for name, want := range map[string]string{"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow", "Cache-Control": "no-store"} {
			if got := a.head.Get(name); got != want {
				t.Errorf("%s: %q", name, got)
			}
		}
		if a := s.get(t, path+"?lang=sq"); a.code != 303 || a.head.Get("Location") != path {
			t.Errorf("the switch: %d to %q", a.code, a.head.Get("Location"))
		}
		if got := s.get(t, path).attr("html", "lang"); got != "sq" {
			t.Errorf("after the switch the page is in %s", got)
		}
		if a := s.get(t, "/my/ABCDEFGHJKMNPQRSTVWXYZ2345"); a.code != 404 {
			t.Errorf("a link that nobody holds: %d", a.code)
		}
	})
}

func TestCancellingAsksWithTheNameAndGivesThePlaceBack(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t)
		_, path := s.place(t, e, 1, func(x *registration.Submission) { x.Locale = "en" })
		if got := s.get(t, path).attr(".button--stop", "href"); got != path+"/cancel" {
			t.Fatalf("to cancel: %q", got)
		}
		ask := s.get(t, path+"/cancel")
		if got := ask.text("main .lead"); got != "Countering migrant smuggling" {
			t.Errorf("asks about %q", got)
		}
		if s.Reload(t, e).SeatsTaken != 1 {
			t.Error("asking alone gave the place back")
		}
		if a := s.post(t, path+"/cancel", url.Values{}); a.code != 303 || a.head.Get("Location") != path {
			t.Fatalf("%d to %q", a.code, a.head.Get("Location"))
		}
		a := s.get(t, path)
		if got := a.text("h1"); got != "Your application has been cancelled." || s.Reload(t, e).SeatsTaken != 0 {
			t.Errorf("then %q, %d seats taken", got, s.Reload(t, e).SeatsTaken)
		}
		if got := a.attr(".title .button--main", "href"); got != "/en/events/"+e.Code+"/register" {
			t.Errorf("to apply again: %q", got)
		}
	})
}

func TestTheCertificateComesInEveryLanguageToItsHolderOnly(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t)
		r1, mine := s.place(t, e, 1, func(x *registration.Submission) { x.Locale = "en" })
		r2, theirs := s.place(t, e, 2, nil)
		number := s.certified(t, e, r1.Code, r2.Code)[0].Number
		a := s.get(t, mine)
		if got := a.text("h1"); got != "Your certificate is ready." {
			t.Errorf("stands: %q", got)
		}
		if got := a.text(".certificate .as-printed b"); got != "Vesna Ćetković-1" {
			t.Errorf("in the name of %q", got)
		}
		files := a.all(".files a")
		if len(files) != 8 {
			t.Fatalf("%d languages", len(files))
		}
		for _, n := range files {
			x := attrs(n)
			pdf := s.get(t, x["href"])
			if pdf.code != 200 || !bytes.HasPrefix([]byte(pdf.body), []byte("%PDF-")) {
				t.Errorf("%s: %d %.20q", x["lang"], pdf.code, pdf.body)
			}
			if got := pdf.head.Get("Content-Disposition"); got != `attachment; filename=certificate-`+number+`-`+x["lang"]+`.pdf` {
				t.Errorf("named %s", got)
			}
			if got := pdf.head.Get("Cache-Control"); !strings.HasPrefix(got, "private") {
				t.Errorf("kept: %s", got)
			}
		}
		their := strings.TrimPrefix(theirs, "/my/")
		for _, query := range []string{"", "?token=", "?token=wrong", "?locale=en&token=" + their, "?locale=xx&token=" + strings.TrimPrefix(mine, "/my/")} {
			if a := s.get(t, "/certificates/"+number+".pdf"+query); a.code != 404 || strings.Contains(a.body, "%PDF") {
				t.Errorf("%q: %d", query, a.code)
			}
		}
	})
}

func TestVerificationTellsWhatItMay(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		ctx := t.Context()
		e := s.Event(t)
		var codes []string
		var quietPage string
		for n := range 4 {
			r, path := s.place(t, e, n, func(x *registration.Submission) { x.Quiet, x.Locale = n == 3, "en" })
			if codes = append(codes, r.Code); n == 3 {
				quietPage = path
			}
		}
		numbers := map[string]string{}
		for _, c := range s.certified(t, e, codes...) {
			numbers[c.Snapshot.V.HolderName] = c.Number
		}
		valid, revoked, superseded, quiet := numbers["Vesna Ćetković-0"], numbers["Vesna Ćetković-1"], numbers["Vesna Ćetković-2"], numbers["Vesna Ćetković-3"]
		s.Clock.Set(s.Clock.Now().Add(time.Hour))
		if err := s.Certificates.Revoke(ctx, account.System, revoked, "a secret reason"); err != nil {
			t.Fatal(err)
		}
		fresh, err := s.Certificates.Reissue(ctx, account.System, superseded)
		if err != nil {
			t.Fatal(err)
		}
		typo := valid[:len(valid)-1] + string("0123456789"[(strings.IndexByte("0123456789", valid[len(valid)-1])+1)%10])
		for _, x := range []struct {
			name, number   string
			status         int
			answer         string
			heading, facts string
			state          string
		}{
			{"valid", valid, 200, "valid go", "The certificate is valid", "Vesna Ćetković-0|Certificate of Completion|“Countering migrant smuggling”|Podgorica, Montenegro|16–17 May 2022|Lead Organisation|" + valid + "|19 May 2022", "valid"},
			{"as typed", strings.ToLower(strings.ReplaceAll(valid, "-", "")), 200, "valid go", "The certificate is valid", "Vesna Ćetković-0|Certificate of Completion|“Countering migrant smuggling”|Podgorica, Montenegro|16–17 May 2022|Lead Organisation|" + valid + "|19 May 2022", "valid"},
			{"revoked", revoked, 200, "revoked stop", "The certificate has been revoked", revoked, "revoked"},
			{"superseded", superseded, 200, "superseded wait", "The certificate has been replaced", superseded + "|19 May 2022", "superseded"},
			{"quiet", quiet, 200, "code wait", "This certificate is verified with its code", quiet, "code_needed"},
			{"unknown", "0000-0000-000", 404, "unknown calm", "No certificate was found with this number", "", "unknown"},
			{"typo", typo, 404, "typo calm", "This number can’t be right", "", "unknown"},
			{"script", url.PathEscape("<script>alert(1)</script>"), 404, "typo calm", "This number can’t be right", "", "unknown"},
		} {
			t.Run(x.name, func(t *testing.T) {
				a := s.get(t, "/verify/"+x.number)
				if got := a.text("h1"); a.code != x.status || got != x.heading {
					t.Errorf("%d %q", a.code, got)
				}
				if got := a.attr(".answer", "data-answer") + " " + strings.TrimPrefix(a.attr(".answer", "class"), "answer answer--"); got != x.answer || len(a.all(".answer__shape")) != 1 {
					t.Errorf("the answer is %q", got)
				}
				if got := strings.Join(a.texts(".facts dd"), "|"); got != x.facts {
					t.Errorf("facts: %q", got)
				}
				if x.answer != "valid go" && strings.Contains(a.body, "Vesna") || strings.Contains(a.body, "secret reason") || strings.Contains(a.body, "@jt.me") {
					t.Error("the page tells too much")
				}
				if len(a.all("main script")) != 0 {
					t.Error("a number became an element")
				}
				if x.name == "script" {
					return // an address with a slash has no JSON beside it
				}
				j := s.get(t, "/verify/"+x.number+".json")
				if !strings.Contains(j.body, `"state":"`+x.state+`"`) || strings.Contains(j.body, `"valid":true`) != (x.state == "valid") {
					t.Errorf("for programs: %d %s", j.code, j.body)
				}
				if x.state != "valid" && strings.Contains(j.body, "Vesna") || strings.Contains(j.body, "@jt.me") {
					t.Errorf("programs are told too much: %s", j.body)
				}
			})
		}
		if got := s.get(t, "/verify/"+superseded).attr(".answer .button--main", "href"); got != "/verify/"+fresh.Number {
			t.Errorf("the successor is %q", got)
		}
		code := s.get(t, quietPage).texts(".certificate .serial")[1]
		if a := s.post(t, "/verify/"+quiet, url.Values{"code": {strings.ToLower(code)}}); a.text("h1") != "The certificate is valid" || !strings.Contains(a.body, "Vesna Ćetković-3") {
			t.Errorf("with the code: %q", a.text("h1"))
		}
		if a := s.post(t, "/verify/"+quiet, url.Values{"code": {"wrong"}}); a.text("#code-e") != "This code does not fit the number." {
			t.Errorf("with a wrong code: %s", a.body)
		}
		if a := s.get(t, "/verify?number="+url.QueryEscape(" "+strings.ToLower(valid)+" ")); a.code != 303 || a.head.Get("Location") != "/verify/"+valid {
			t.Errorf("the form leads to %q", a.head.Get("Location"))
		}
		s.accept = "mk"
		if got := s.get(t, "/verify/"+valid).text("h1"); got != "Сертификатот е важечки" {
			t.Errorf("in Macedonian: %q", got)
		}
	})
}
