package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/registration"
)

func quiet(s *registration.Submission) { s.Quiet = true }

func TestRegistrationsAreToldAndQuietPeopleOnlyByTheirInitialsInLists(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t)
		loud, err := s.Registrations.Register(t.Context(), e.Code, apptest.Submission(1))
		if err != nil {
			t.Fatal(err)
		}
		sub := apptest.Submission(2)
		quiet(&sub)
		sub.Position = "canary"
		hushed, err := s.Registrations.Register(t.Context(), e.Code, sub)
		if err != nil {
			t.Fatal(err)
		}
		token := s.token(t, "organiser", false)
		path := "/api/v1/events/" + e.Code + "/registrations"
		a := s.get(t, token, path)
		if diff := cmp.Diff([]string{"Ćetković-1", "Ć."}, a.each("family_name")); diff != "" {
			t.Error(diff)
		}
		for _, secret := range []string{"vesna.2@jt.me.example", "Ćetković-2", "canary"} {
			if strings.Contains(string(a.raw), secret) {
				t.Errorf("%q of a quiet person is in the list", secret)
			}
		}
		one := s.get(t, token, path+"/"+loud.Code)
		for field, want := range map[string]any{"given_name": "Vesna", "email": "vesna.1@jt.me.example", "status": "submitted", "institution_type": "prosecution", "quiet": false} {
			if diff := cmp.Diff(want, one.at(field)); diff != "" {
				t.Errorf("%s: %s", field, diff)
			}
		}
		if one.at("consents", "data") != true {
			t.Errorf("%s", one.raw)
		}
		if a := s.get(t, token, path+"/"+hushed.Code); a.at("quiet") != true || a.at("family_name") != "Ćetković-2" {
			t.Errorf("%s", a.raw)
		}
		if got := s.get(t, token, path+"?status=approved").each("code"); len(got) != 0 {
			t.Errorf("approved are %v", got)
		}
	})
}

func TestADecisionIsMadeOnceHoweverOftenItIsSent(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t, apptest.Seats(1))
		first, err := s.Registrations.Register(t.Context(), e.Code, apptest.Submission(1))
		if err != nil {
			t.Fatal(err)
		}
		second, err := s.Registrations.Register(t.Context(), e.Code, apptest.Submission(2))
		if err != nil {
			t.Fatal(err)
		}
		secret := s.token(t, "organiser", true)
		decide := func(r *registration.Registration, status, reason string) answer {
			return s.post(t, secret, "/api/v1/events/"+e.Code+"/registrations/"+r.Code+"/decision", map[string]any{"status": status, "reason": reason})
		}
		for n, changed := range []bool{true, false} {
			if a := decide(first, "approved", ""); a.code != http.StatusOK || a.at("status") != "approved" || a.at("changed") != changed {
				t.Errorf("the %d. time: %d %s", n+1, a.code, a.raw)
			}
		}
		if a := decide(second, "approved", ""); a.at("status") != "waitlisted" || a.at("because", "code") != "registration.no_seat" {
			t.Errorf("more than there are seats: %s", a.raw)
		}
		if a := decide(second, "rejected", "No seat."); a.at("status") != "rejected" {
			t.Errorf("%s", a.raw)
		}
		if a := s.get(t, secret, "/api/v1/events/"+e.Code+"/registrations/"+second.Code); a.at("reason") != "No seat." {
			t.Errorf("%s", a.raw)
		}
		for status, reason := range map[string]string{"submitted": "", "": "", "rejected": strings.Repeat("x", 1001)} {
			if a := decide(first, status, reason); a.code != http.StatusUnprocessableEntity {
				t.Errorf("%q: %d %s", status, a.code, a.raw)
			}
		}
		if err := s.Registrations.Cancel(t.Context(), first.Actor(), first.ID); err != nil {
			t.Fatal(err)
		}
		if a := decide(first, "approved", ""); a.code != http.StatusConflict {
			t.Errorf("one that was cancelled: %d %s", a.code, a.raw)
		}
		s.recorded(t, "registration", first.ID)
	})
}

// recorded fails the test unless the newest deed of a user about a thing says that a token did it.
func (s *site) recorded(t testing.TB, subject string, id int64) {
	t.Helper()
	var all []audit.Entry
	err := s.DB.Read().NewSelect().Model(&all).Where("subject = ? AND subject_id = ? AND user_id = ?", subject, id, s.users["organiser"].UserID).OrderExpr("id DESC").Scan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 || all[0].TokenID == 0 || all[0].Role != string(account.Organiser) || all[0].RequestID == "" {
		t.Errorf("recorded about %s %d: %+v", subject, id, all)
	}
}

func claim(key, code string, unit int, more ...any) map[string]any {
	m := map[string]any{"key": key, "registration": code, "unit": unit}
	for i := 0; i+1 < len(more); i += 2 {
		m[more[i].(string)] = more[i+1]
	}
	return m
}

func (s *site) claims(t testing.TB, token, event string, claims ...any) answer {
	t.Helper()
	return s.post(t, token, "/api/v1/events/"+event+"/claims", map[string]any{"claims": claims})
}

// told are the answers to claims, a repeated one with a star.
func told(a answer) []string {
	a.t.Helper()
	out := []string{}
	for i := range a.at("answers").([]any) {
		s := a.at("answers", i, "answer").(string)
		if a.at("answers", i, "repeated") == true {
			s += "*"
		}
		out = append(out, s)
	}
	return out
}

func TestEachClaimIsAnsweredAndASecondSendingChangesNothing(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e, other := s.Event(t, apptest.Automatic, apptest.Seats(2)), s.Event(t, apptest.Automatic)
		var codes []string
		for n := range 3 {
			r, err := s.Registrations.Register(t.Context(), e.Code, apptest.Submission(n))
			if err != nil {
				t.Fatal(err)
			}
			codes = append(codes, r.Code)
		}
		elsewhere, err := s.Registrations.Register(t.Context(), other.Code, apptest.Submission(9))
		if err != nil {
			t.Fatal(err)
		}
		secret := s.token(t, "organiser", true)
		at := s.Clock.Now().Add(-3 * time.Hour).Format(time.RFC3339)
		batch := []any{
			claim("a", strings.ToLower(codes[0]), 1, "at", at, "device", "Gate"), claim("b", codes[0], 1), claim("c", codes[1], 2, "source", "typed"), claim("d", codes[1], 2, "absent", true),
			claim("e", codes[1], 1, "absent", true), claim("f", codes[2], 1), claim("g", elsewhere.Code, 1), claim("h", "00000000", 1), claim("i", codes[0], 9),
		}
		want := []string{"in", "already", "in", "out", "out_unchanged", "not_approved", "not_this", "unknown", "no_unit"}
		first := s.claims(t, secret, e.Code, batch...)
		if diff := cmp.Diff(want, told(first)); diff != "" {
			t.Error(diff)
		}
		s.Clock.Set(s.Clock.Now().Add(time.Hour))
		again := s.claims(t, s.token(t, "organiser", true), e.Code, batch...)
		want = []string{"already*", "already*", "out_unchanged*", "out_unchanged*", "out_unchanged", "not_approved", "not_this", "unknown", "no_unit"}
		if diff := cmp.Diff(want, told(again)); diff != "" {
			t.Error(diff)
		}
		if first.at("answers", 0, "received_at") != again.at("answers", 0, "received_at") {
			t.Errorf("received at %v, then at %v", first.at("answers", 0, "received_at"), again.at("answers", 0, "received_at"))
		}
		if diff := cmp.Diff([]string{"key_used", "key_used"}, told(s.claims(t, secret, e.Code, claim("a", codes[0], 2), claim("c", codes[1], 2, "absent", true)))); diff != "" {
			t.Error(diff)
		}
		a := s.get(t, secret, "/api/v1/events/"+e.Code+"/attendance")
		got := a.at("items", 0)
		wantStory := map[string]any{
			"registration": codes[0], "completed": false, "present": []any{map[string]any{"unit": 1.0, "since": at}},
			"claims": []any{
				map[string]any{"unit": 1.0, "source": "scan", "present": true, "device": "Gate", "device_at": at, "received_at": "2022-05-02T10:00:00Z"},
				map[string]any{"unit": 1.0, "source": "scan", "present": true, "received_at": "2022-05-02T10:00:00Z"},
			},
		}
		if diff := cmp.Diff(wantStory, got); diff != "" {
			t.Error(diff)
		}
		if n := len(a.at("items", 1, "claims").([]any)); n != 2 || len(a.at("items", 1, "present").([]any)) != 0 {
			t.Errorf("%s", a.raw)
		}
		s.recorded(t, "event", e.ID)
	})
}

func TestWhatIsWrongWithABatchIsSaidClaimByClaim(t *testing.T) {
	s := newSite(t, apptest.Open(t, apptest.SQLite(t)))
	e := s.Event(t)
	token := s.token(t, "organiser", true)
	a := s.claims(t, token, e.Code, claim("", "x", 1), claim("a", "x", 1), claim("a", "x", 1), claim("b", "", 1, "source", "import"), claim("c", "x", 1, "device", strings.Repeat("x", 41)))
	got := []string{}
	for i := range a.at("errors").([]any) {
		got = append(got, a.at("errors", i, "field").(string)+" "+a.at("errors", i, "code").(string))
	}
	want := []string{
		"claims[0].key form.required", "claims[2].key api.key_twice", "claims[3].registration form.required", "claims[3].source form.choose", "claims[4].device form.too_long",
	}
	if diff := cmp.Diff(want, got); diff != "" || a.code != http.StatusUnprocessableEntity {
		t.Errorf("%d %s", a.code, diff)
	}
	var many []any
	for range 201 {
		many = append(many, claim("x", "x", 1))
	}
	if a := s.claims(t, token, e.Code, many...); a.code != http.StatusUnprocessableEntity || a.at("errors", 0, "field") != "claims" {
		t.Errorf("201 claims: %d %s", a.code, a.raw)
	}
	s.Clock.Set(s.Clock.Now().Add(time.Minute))
	r, err := s.Registrations.Register(t.Context(), s.Event(t, apptest.Automatic).Code, apptest.Submission(1))
	if err != nil {
		t.Fatal(err)
	}
	ahead := s.claims(t, token, "event-2", claim("z", r.Code, 1, "at", s.Clock.Now().Add(time.Hour).Format(time.RFC3339)))
	if diff := cmp.Diff([]string{"in"}, told(ahead)); diff != "" {
		t.Error(diff)
	}
	if a := s.get(t, token, "/api/v1/events/event-2/attendance"); strings.Contains(string(a.raw), "device_at") {
		t.Errorf("a clock that is an hour ahead is believed: %s", a.raw)
	}
}

func TestCertificatesAreIssuedOnceAndTold(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t, apptest.Automatic)
		first, second := s.came(t, e, 1), s.came(t, e, 2, quiet)
		if _, err := s.Registrations.Register(t.Context(), e.Code, apptest.Submission(3)); err != nil {
			t.Fatal(err)
		}
		token := s.token(t, "organiser", true)
		path := "/api/v1/events/" + e.Code + "/certificates"
		a := s.do(t, s.request(http.MethodPost, token, path, ""))
		if n := len(a.at("issued").([]any)); n != 2 || a.code != http.StatusOK {
			t.Fatalf("%d %s", a.code, a.raw)
		}
		if again := s.post(t, token, path, map[string]any{}); len(again.at("issued").([]any)) != 0 {
			t.Errorf("issued twice: %s", again.raw)
		}
		number := a.at("issued", 0).(string)
		if _, err := s.Certificates.Reissue(t.Context(), s.users["organiser"], number); err != nil {
			t.Fatal(err)
		}
		l := s.get(t, token, path)
		if diff := cmp.Diff([]string{first.Code, second.Code, first.Code}, l.each("registration")); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"superseded", "valid", "valid"}, l.each("state")); diff != "" {
			t.Error(diff)
		}
		if l.at("items", 0, "successor") != l.at("items", 2, "number") || l.at("items", 0, "holder") != "Vesna Ćetković-1" || l.at("items", 0, "issued_on") != "2022-05-02" {
			t.Errorf("%s", l.raw)
		}
		if l.at("items", 1, "quiet") != true || strings.Contains(string(l.raw), "Ćetković-2") {
			t.Errorf("a quiet person is named: %s", l.raw)
		}
		next := s.get(t, token, path+"?limit=1").at("next").(string)
		if got := s.get(t, token, path+"?limit=1&cursor="+next).each("registration"); len(got) != 1 || got[0] != second.Code {
			t.Errorf("the second page is %v", got)
		}
	})
}

func TestFiguresAreCompleteForOrganisersAndSuppressedForDonors(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t, apptest.Automatic)
		for n := range 3 {
			s.came(t, e, n)
		}
		const path = "/api/v1/projects/P1/figures"
		full := s.get(t, s.token(t, "coordinator", false), path)
		if full.at("for") != "organiser" || full.at("totals", "attendances") != 3.0 {
			t.Errorf("%s", full.raw)
		}
		hidden := s.get(t, s.token(t, "donor", false), path)
		if hidden.at("for") != "donor" || hidden.at("totals", "attendances") == 3.0 || strings.Contains(string(hidden.raw), "Vesna") {
			t.Errorf("%s", hidden.raw)
		}
		if a := s.get(t, s.token(t, "coordinator", false), path+"?for=donor"); a.at("for") != "donor" {
			t.Errorf("%s", a.raw)
		}
		if a := s.get(t, s.token(t, "donor", false), path+"?for=organiser"); a.code != http.StatusForbidden {
			t.Errorf("a donor gets complete figures: %d %s", a.code, a.raw)
		}
		if a := s.get(t, s.token(t, "coordinator", false), path+"?from=2022-06-01"); len(a.at("events").([]any)) != 0 {
			t.Errorf("%s", a.raw)
		}
		for _, period := range []string{"?from=2022-05-16", "?to=2022-05-16"} {
			if a := s.get(t, s.token(t, "donor", false), path+period); a.code != http.StatusUnprocessableEntity || a.at("errors", 0, "code") != "api.whole_project" {
				t.Errorf("a donor asks for a part: %d %s", a.code, a.raw)
			}
		}
		for who, want := range map[string]int{"donor": 1, "coordinator": 1, "organiser": 1, "administrator": 1, "stranger": 0} {
			if got := s.get(t, s.token(t, who, false), "/api/v1/projects").each("code"); len(got) != want {
				t.Errorf("%s lists %v", who, got)
			}
		}
	})
}

func TestALookOfAnAuditorIsRecorded(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t)
		s.user(t, "auditor", account.Grant{Role: account.Coordinator, Scope: s.Project.Scope()})
		id := s.users["auditor"].UserID
		if err := d.InTx(t.Context(), apptest.Exec("UPDATE grants SET role = 'auditor', until = '2022-12-31' WHERE user_id = ?", id)); err != nil {
			t.Fatal(err)
		}
		actor, err := s.accounts.Actor(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		s.users["auditor"] = actor
		if a := s.get(t, s.token(t, "auditor", true), "/api/v1/events/"+e.Code+"/registrations"); a.code != http.StatusOK {
			t.Fatalf("%d %s", a.code, a.raw)
		}
		var looks []audit.Entry
		if err := d.Read().NewSelect().Model(&looks).Where("user_id = ? AND action = ?", id, audit.View).Scan(t.Context(), &looks); err != nil {
			t.Fatal(err)
		}
		if len(looks) != 1 || looks[0].EventID != e.ID || looks[0].TokenID == 0 || looks[0].Role != "auditor" {
			t.Errorf("%+v", looks)
		}
	})
}

func TestATokenIsToldWhatItMayDo(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t)
		for want, token := range map[string]string{
			"organisation lead": s.token(t, "organiser", true), "project P1": s.token(t, "donor", true), "installation ": s.token(t, "administrator", true),
			"event " + e.Code: s.make(t, "coordinator", account.NewToken{Role: account.Coordinator, Scope: e.Scopes()[0], Within: e.Scopes()}),
		} {
			a := s.get(t, token, "/api/v1/token")
			code, _ := a.at("scope", "code").(string)
			if got := a.at("scope", "kind").(string) + " " + code; got != want || a.at("expires_at") != "2022-06-02T10:00:00Z" {
				t.Errorf("%s: %s", want, a.raw)
			}
		}
	})
}
