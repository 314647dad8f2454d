package desk_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/audit"
	"attesta/app/db"
)

func TestTheRecordNamesWhatItsFactsReferTo(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := structured(t, d)
		e := s.Event(t, apptest.Automatic)
		code := s.apply(t, e.Code, 1)[0]
		r, err := s.Registrations.ByCode(t.Context(), account.System, e, code)
		if err != nil {
			t.Fatal(err)
		}
		deed := account.System.Deed("update", "project", s.Project.ID)
		deed.Detail = audit.Change(audit.Facts{"contract": "", "website": ""}, audit.Facts{
			"contract": nil, "targets": map[string]int{"unique_persons": 200}, "countries": []string{"ME"}, "title": map[string]string{"mk": "Проект"},
			"donors": []map[string]int64{{"donor": 0, "share": 850}}, "website": nil,
		}, audit.Facts{"registration": r.ID, "scope": "project", "scope_id": s.Project.ID})
		whole := account.System.Deed("grant", "user", 3)
		whole.Detail = audit.Detail(audit.Facts{"scope": "installation", "scope_id": 0})
		err = d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			if err := audit.Record(ctx, tx, whole); err != nil {
				return err
			}
			return audit.Record(ctx, tx, deed)
		})
		if err != nil {
			t.Fatal(err)
		}
		got := s.as(t, organiser).get(t, "/desk/audit").texts(".changes li")
		want := []string{
			"Countries: – → Montenegro", "Donors and their shares: – → Donor: 0; Share: 85%", "Promised: – → Unique persons: 200", "Title: – → Macedonian: Проект",
			"Application: " + code, "Reach: project", "Project: " + s.Project.Code, "Reach: the whole network",
		}
		if diff := cmp.Diff(want, got[:min(len(want), len(got))]); diff != "" {
			t.Error(diff)
		}
		if slices.ContainsFunc(got, func(line string) bool { return strings.HasSuffix(line, ": 0") }) {
			t.Errorf("the whole network has a number: %q", got)
		}
	})
}
