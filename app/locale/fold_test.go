package locale_test

import (
	"encoding/csv"
	"os"
	"testing"

	"attesta/app/locale"
)

func readCSV(t *testing.T, file string) []map[string]string {
	t.Helper()
	f, err := os.Open("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, row := range rows[1:] {
		m := map[string]string{}
		for i, name := range rows[0] {
			m[name] = row[i]
		}
		out = append(out, m)
	}
	return out
}

func TestTrickyPairsOfNamesAreAsAlikeAsExpected(t *testing.T) {
	rows := readCSV(t, "name_pairs.csv")
	if len(rows) != 41 {
		t.Fatalf("%d pairs, want 41", len(rows))
	}
	for _, r := range rows {
		if got := locale.SamePerson(r["a"], r["b"]); string(got) != r["expected"] {
			t.Errorf("%s / %s: %s, want %s (%s)", r["a"], r["b"], got, r["expected"], r["note"])
		}
		if got := locale.SamePerson(r["b"], r["a"]); string(got) != r["expected"] {
			t.Errorf("%s / %s: %s, want %s (%s)", r["b"], r["a"], got, r["expected"], r["note"])
		}
		if got := locale.SoundKey(r["a"]); got != r["sound_key_a"] {
			t.Errorf("SoundKey(%s) = %q, want %q", r["a"], got, r["sound_key_a"])
		}
		if got := locale.SoundKey(r["b"]); got != r["sound_key_b"] {
			t.Errorf("SoundKey(%s) = %q, want %q", r["b"], got, r["sound_key_b"])
		}
	}
}

func TestLikenessBeyondThePairsOfTheTable(t *testing.T) {
	for _, row := range []struct {
		a, b string
		want locale.Match
	}{
		{"\u0043тојан Цветков", "Стојан Цветков", locale.MatchExact}, // a Latin C in a Cyrillic word
		{"\u0421ela Marić", "Cela Marić", locale.MatchExact},         // a Cyrillic С in a Latin word
		{"С\u0301екула Зеновић", "Śekula Zenović", locale.MatchASCII},
		{"O’Brien Ann", "OBrien Ann", locale.MatchExact},
		{"Yovan Petrov", "Jovan Petrov", locale.MatchSound},
		{"Marko Petrvoić", "Marko Petrović", locale.MatchFuzzy},
		{"Jasmin Krasniqi", "Jasmir Krasnigi", locale.MatchNo}, // a letter in each of two parts
		{"Ana", "Ana Petrović", locale.MatchNo},
		{"Ana J. Petrović", "Ana Petrović", locale.MatchFuzzy},
		{"Jovan Petrović", "Jovana Petrović", locale.MatchNo},
		{"", "", locale.MatchExact},
	} {
		if got := locale.SamePerson(row.a, row.b); got != row.want {
			t.Errorf("%q and %q: %s, want %s", row.a, row.b, got, row.want)
		}
	}
}
