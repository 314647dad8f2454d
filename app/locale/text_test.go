package locale_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"attesta/app/locale"
)

func TestATextIsSaidInTheNearestLanguageThereIs(t *testing.T) {
	type said struct {
		S  string
		In locale.Code
	}
	for name, row := range map[string]struct {
		text locale.Text
		code locale.Code
		want said
	}{
		"its own":      {locale.NewText("cnr", "Obuka", "en", "Training"), "cnr", said{"Obuka", "cnr"}},
		"English":      {locale.NewText("cnr", "Obuka", "en", "Training"), "sr-Latn", said{"Training", "en"}},
		"the original": {locale.NewText("mk", "Обука", "cnr", "Obuka"), "sq", said{"Обука", "mk"}},
		"any":          {locale.NewText("sq", "", "mk", "Обука", "hr", "Obuka"), "en", said{"Obuka", "hr"}},
		"none":         {locale.Text{}, "en", said{"", ""}},
		"not an empty": {locale.NewText("en", "", "sq", "Trajnim"), "en", said{"Trajnim", "sq"}},
	} {
		s, in := row.text.In(row.code)
		if got := (said{s, in}); got != row.want {
			t.Errorf("%s: %v, want %v", name, got, row.want)
		}
	}
	if !(locale.Text{}).IsZero() || locale.NewText("sq", "x").IsZero() {
		t.Error("IsZero")
	}
}

func TestATextIsKeptAsJSON(t *testing.T) {
	text := locale.NewText("cnr", "Obuka „A”", "en", "Training")
	v, err := text.Value()
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"original":"cnr","by":{"cnr":"Obuka „A”","en":"Training"}}`; v != want {
		t.Errorf("%s, want %s", v, want)
	}
	for _, src := range []any{v, []byte(v.(string))} {
		var got locale.Text
		if err := got.Scan(src); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(text, got); diff != "" {
			t.Error(diff)
		}
	}
	got := locale.NewText("en", "old")
	if err := got.Scan(nil); err != nil || !got.IsZero() {
		t.Errorf("NULL scanned to %v, %v", got, err)
	}
	if err := got.Scan(7); err == nil {
		t.Error("a number was taken for a text")
	}
	if err := got.Scan("{"); err == nil {
		t.Error("half a JSON document was taken for a text")
	}
}

func TestATextAsParameterIsSaidInTheReadersLanguage(t *testing.T) {
	c, err := locale.Load(fsys(map[string]string{"en/x.toml": `"x.a" = "about {{.Title}}"`, "hr/x.toml": `"x.a" = "o temi: {{.Title}}"`}))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.Printer("hr").T("x.a", "Title", locale.NewText("en", "Borders", "hr", "Granice")), "o temi: Granice"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
