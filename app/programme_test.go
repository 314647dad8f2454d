package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"attesta/app"
	"attesta/app/apptest"
)

const programmeFolder = "roster/testdata/programme"

// attesta runs a command against a database and returns what it prints.
func attesta(t *testing.T, address string, args ...string) []byte {
	t.Helper()
	out, code := attestaCode(t, address, args...)
	if code != 0 {
		t.Fatalf("attesta %v: exit %d", args, code)
	}
	return out
}

func attestaCode(t *testing.T, address string, args ...string) (out []byte, code int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	environ := []string{"ATTESTA_DATABASE=" + address, "ATTESTA_SECRET_FILE=" + filepath.Join(os.TempDir(), "attesta-test.secret")}
	code = app.Main(args, environ, &stdout, &stderr)
	if code != 0 {
		t.Logf("attesta %v: %s", args, stderr.String())
	}
	return stdout.Bytes(), code
}

func eachAddress(t *testing.T, f func(t *testing.T, address string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, apptest.SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { f(t, apptest.Postgres(t)) })
}

// figure is what a programme is worth, in the words of the command line.
type figure struct {
	Code                    string
	Listed, Came, Completed int
	HalfDays                int            `json:"half_day_attendances"`
	ByGender                map[string]int `json:"came_by_gender"`
	ByCountry               map[string]int `json:"came_by_country"`
}

type figures struct {
	Events []figure
	Totals struct {
		Attendances            int
		UniquePersons          int            `json:"unique_persons"`
		UniquePersonsTrainings int            `json:"unique_persons_trainings"`
		ByCountry              map[string]int `json:"unique_by_country"`
	}
	Rules map[string]string
}

func TestAProgrammeFromTheCommandLineGivesTheTrueFigures(t *testing.T) {
	var truth struct {
		figures
		Events []struct {
			figure
			Type, Country, Title, City, Starts string
			Days                               int
		}
		Rows map[string][]struct{ Person string }
	}
	b, err := os.ReadFile(filepath.Join(programmeFolder, "truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &truth); err != nil {
		t.Fatal(err)
	}
	eachAddress(t, func(t *testing.T, address string) {
		attesta(t, address, "project", "create", "--code", "P1", "--title", "Security for people and borders", "--donor", "European Union", "--lead", "Lead")
		persons := map[string][]string{}
		for _, e := range truth.Events {
			attesta(t, address, "event", "create", "--project", "P1", "--code", e.Code, "--type", e.Type, "--country", e.Country, "--title", e.Title,
				"--city", e.City, "--starts", e.Starts, "--days", fmt.Sprint(e.Days))
			paths, _ := filepath.Glob(filepath.Join(programmeFolder, e.Code+".*"))
			var in struct {
				Rows []struct{ Row, Person, Registration int }
			}
			if err := json.Unmarshal(attesta(t, address, "import", "--event", e.Code, "--json", paths[0]), &in); err != nil {
				t.Fatal(err)
			}
			for i, r := range in.Rows {
				p := truth.Rows[filepath.Base(paths[0])][i].Person
				persons[p] = append(persons[p], fmt.Sprint(r.Person))
			}
		}
		for _, ids := range persons {
			if len(ids) > 1 {
				attesta(t, address, append([]string{"persons", "merge"}, ids...)...)
			}
		}
		var got figures
		if err := json.Unmarshal(attesta(t, address, "figures", "--project", "P1", "--json"), &got); err != nil {
			t.Fatal(err)
		}
		checkFigures(t, truth.Totals.Attendances, got)
		for i, e := range truth.Events {
			want, have := e.figure, got.Events[i]
			want.ByGender, have.ByGender = nil, nil // not every list says
			if diff := cmp.Diff(want, have); diff != "" {
				t.Errorf("%s (-true +got):\n%s", e.Code, diff)
			}
		}
		if diff := cmp.Diff(truth.Totals.ByCountry, got.Totals.ByCountry); diff != "" {
			t.Errorf("unique persons by country (-true +got):\n%s", diff)
		}
		checkDocuments(t, address)
	})
}

func checkFigures(t *testing.T, attendances int, got figures) {
	t.Helper()
	if x := got.Totals; x.Attendances != attendances || x.UniquePersons != 239 || x.UniquePersonsTrainings != 201 {
		t.Errorf("totals %+v", x)
	}
	for _, key := range []string{"attendances", "unique_persons", "half_day_attendances", "completed", "came", "listed"} {
		if got.Rules[key] == "" {
			t.Errorf("no rule for %s", key)
		}
	}
}

func checkDocuments(t *testing.T, address string) {
	t.Helper()
	var issued struct {
		Issued []struct{ Number string }
	}
	if err := json.Unmarshal(attesta(t, address, "certificates", "issue", "--event", "nt-me", "--json"), &issued); err != nil || len(issued.Issued) != 28 {
		t.Fatalf("%d certificates for 28 who completed, %v", len(issued.Issued), err)
	}
	var verdict struct{ Known, Valid bool }
	if err := json.Unmarshal(attesta(t, address, "certificates", "verify", "--json", issued.Issued[0].Number), &verdict); err != nil || !verdict.Valid {
		t.Errorf("%+v, %v", verdict, err)
	}
	for format, magic := range map[string]string{"pdf": "%PDF-", "xlsx": "PK", "csv": "\ufeff"} {
		out := filepath.Join(t.TempDir(), "report."+format)
		attesta(t, address, "report", "--project", "P1", "--format", format, "--locale", "mk", "--out", out)
		b, err := os.ReadFile(out)
		if err != nil || !bytes.HasPrefix(b, []byte(magic)) {
			t.Errorf("%s begins with %q, %v", format, b[:min(len(b), 8)], err)
		}
	}
}

func TestTheCommandLineSaysWhatWentWrong(t *testing.T) {
	eachAddress(t, func(t *testing.T, address string) {
		for _, c := range []struct {
			code int
			args []string
		}{
			{2, nil}, {2, []string{"nonsense"}}, {2, []string{"event", "create"}}, {2, []string{"project", "create", "--code", "P", "--title", "T", "--starts", "1.2.2022"}},
			{1, []string{"figures", "--project", "none"}}, {1, []string{"event", "create", "--project", "none", "--code", "a", "--type", "conference", "--country", "RS", "--title", "T", "--starts", "2022-01-01"}},
			{1, []string{"persons", "merge", "1", "2"}}, {0, []string{"migrate", "status"}}, {0, []string{"--help"}}, {0, []string{"event", "list", "--json"}},
		} {
			if _, code := attestaCode(t, address, c.args...); code != c.code {
				t.Errorf("attesta %v: exit %d, want %d", c.args, code, c.code)
			}
		}
	})
}
