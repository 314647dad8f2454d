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
