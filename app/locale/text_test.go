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

func TestATranslationIsStaleFromTheMomentTheOriginalChangesUntilItIsChangedItself(t *testing.T) {
	was := locale.NewText("cnr", "Obuka", "en", "Training", "mk", "Обука")
	for name, row := range map[string]struct {
		was, is locale.Text
		want    []locale.Code
	}{
		"nothing changed":                {was, was, nil},
		"the original changed":           {was, locale.NewText("cnr", "Obuka II", "en", "Training", "mk", "Обука"), []locale.Code{"en", "mk"}},
		"with one translation":           {was, locale.NewText("cnr", "Obuka II", "en", "Training II", "mk", "Обука"), []locale.Code{"mk"}},
		"a translation taken away":       {was, locale.NewText("cnr", "Obuka II", "mk", "Обука"), []locale.Code{"mk"}},
		"stays so when a form forgot it": {locale.Text{Original: "cnr", By: was.By, Stale: []locale.Code{"mk"}}, was, []locale.Code{"mk"}},
		"until it is translated again":   {locale.Text{Original: "cnr", By: was.By, Stale: []locale.Code{"mk"}}, locale.NewText("cnr", "Obuka", "en", "Training", "mk", "Обуката"), nil},
		"written for the first time":     {locale.Text{}, was, nil},
		"a translation only":             {was, locale.NewText("cnr", "Obuka", "en", "Course", "mk", "Обука"), nil},
		"another original, same words":   {was, locale.NewText("en", "Training", "cnr", "Obuka", "mk", "Обука"), nil},
		"another original, other words":  {was, locale.NewText("en", "Course", "cnr", "Obuka", "mk", "Обука"), []locale.Code{"cnr", "mk"}},
	} {
		if diff := cmp.Diff(row.want, row.is.After(row.was).Stale); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestATranslationThatIsWrittenIsNotStale(t *testing.T) {
	was := locale.Text{Original: "en", By: map[locale.Code]string{"en": "Training II", "mk": "Обука", "sq": "Trajnim"}, Stale: []locale.Code{"mk", "sq"}}
	if got, want := was.With("mk", "Обука II"), (locale.Text{Original: "en", By: map[locale.Code]string{"en": "Training II", "mk": "Обука II", "sq": "Trajnim"}, Stale: []locale.Code{"sq"}}); !cmp.Equal(got, want) {
		t.Error(cmp.Diff(want, got))
	}
	if got, want := was.With("sq", ""), (locale.Text{Original: "en", By: map[locale.Code]string{"en": "Training II", "mk": "Обука"}, Stale: []locale.Code{"mk"}}); !cmp.Equal(got, want) {
		t.Error(cmp.Diff(want, got))
	}
	if len(was.By) != 3 || len(was.Stale) != 2 {
		t.Errorf("what it was made from was changed: %v", was)
	}
}

func TestATextOfSeveralLinesKeepsThem(t *testing.T) {
	got := locale.CleanText("\r\n  \nFirst  line \x00\r\n\r\n\n\n- one\n\t- two\u200b\n")
	if diff := cmp.Diff("First line\n\n- one\n    - two", got); diff != "" {
		t.Error(diff)
	}
}
