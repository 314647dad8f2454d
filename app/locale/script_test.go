package locale_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"attesta/app/locale"
)

func TestSerbianCyrillicBecomesLatinWithTheRightCapitals(t *testing.T) {
	for cyrillic, want := range map[string]string{
		"љубав": "ljubav", "Љубав": "Ljubav", "ЉУБАВ": "LJUBAV", "КОЊ": "KONJ", "Њ. Н.": "Nj. N.", "Љ": "Lj", "Џон": "Džon", "ЏОН": "DŽON",
		"Његош и ЊЕГОШ": "Njegoš i NJEGOŠ", "Ђорђе Ђукановић": "Đorđe Đukanović", "инјекција": "injekcija",
		"С\u0301екула З\u0301еновић":         "Śekula Źenović",
		"Пошаљи PDF на {{.Име}} у {{.City}}": "Pošalji PDF na {{.Име}} u {{.City}}",
		"{{.N}} учесник":                     "{{.N}} učesnik",
		"отворено {{":                        "otvoreno {{", "": "", "Ѓорѓи": "Ѓorѓi",
		"ЉУБАВ\nЊива": "LJUBAV\nNjiva",
	} {
		if got := locale.ToLatin(cyrillic); got != want {
			t.Errorf("ToLatin(%q) = %q, want %q", cyrillic, got, want)
		}
	}
}

func TestWhatIsTypedIsCleanedAndNothingVisibleIsLost(t *testing.T) {
	for typed, want := range map[string]string{
		"  Ana \t\r\n Petrović ":     "Ana Petrović",
		"C\u030cika":                 "Čika",
		"a\x00b\u200bc\u202ed\ufeff": "abcd",
		"Ana \u00a0\u2003 P":         "Ana P",
		"Smile 😀 Ana":                "Smile 😀 Ana",
		"=HYPERLINK(1)":              "=HYPERLINK(1)",
		"<script>":                   "<script>",
		"\xff\xfe":                   "\ufffd",
		"x@y.z\r\nBcc: a@b.c":        "x@y.z Bcc: a@b.c",
		"Ђорђе Ѓорѓи Gëzim":          "Ђорђе Ѓорѓи Gëzim",
	} {
		if got := locale.Clean(typed); got != want {
			t.Errorf("Clean(%q) = %q, want %q", typed, got, want)
		}
	}
}

func TestBMPLeavesOutWhatDocumentsCannotShow(t *testing.T) {
	for typed, want := range map[string]string{
		"Ana 😀 Petrović": "Ana Petrović", "😀": "", "👩🏽‍⚖️ Sudija": "⚖ Sudija", "𝔄na": "na", "Ђорђе — „ok”": "Ђорђе — „ok”",
	} {
		if got := locale.BMP(typed); got != want {
			t.Errorf("BMP(%q) = %q, want %q", typed, got, want)
		}
	}
}

// typed generates what people and machines put into a name: the letters of the region, marks, look-alikes, rubbish.
func typed() *rapid.Generator[string] {
	letters := []rune("abcčćdđefghijklmnopqrsštuvwxyzžśźçëǵḱABCČĆĐŠŽÇËабвгдђежзијклљмнњопрстћуфхцчџшѓќѕѐѝАБВГДЂЉЊЏЃЌЅǆǇǋĳйщъьыэюяё '’-.,_0123\u0301\u030c\u00ad\u200d😀{}\n")
	return rapid.OneOf(rapid.StringOf(rapid.SampledFrom(letters)), rapid.String())
}

func TestKeysOfNamesAreStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := typed().Draw(t, "name")
		if key := locale.ASCIIKey(s); locale.ASCIIKey(key) != key {
			t.Fatalf("ASCIIKey(%q) = %q, and of that %q", s, key, locale.ASCIIKey(key))
		}
		if n := locale.Normalise(s); locale.Normalise(n) != n {
			t.Fatalf("Normalise(%q) = %q, and of that %q", s, n, locale.Normalise(n))
		}
		if c := locale.Clean(s); locale.Clean(c) != c || !norm.NFC.IsNormalString(c) || !utf8.ValidString(c) {
			t.Fatalf("Clean(%q) = %q, and of that %q", s, c, locale.Clean(c))
		}
		if got := locale.SamePerson(s, s); got != locale.MatchExact {
			t.Fatalf("%q is %s to itself", s, got)
		}
	})
}

func TestLikenessHasNoDirectionAndFollowsTheKeys(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := typed().Draw(t, "a"), typed().Draw(t, "b")
		x, y := locale.SamePerson(a, b), locale.SamePerson(b, a)
		if x != y && (x != locale.MatchFuzzy && x != locale.MatchNo || y != locale.MatchFuzzy && y != locale.MatchNo) {
			t.Fatalf("%q and %q: %s one way, %s the other", a, b, x, y)
		}
		if x == locale.MatchASCII && locale.ASCIIKey(a) != locale.ASCIIKey(b) {
			t.Fatalf("%q and %q: %s", a, b, x)
		}
	})
}

func TestLatinTextIsNotTransliterated(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.RuneFrom(nil, unicode.ASCII_Hex_Digit, &unicode.RangeTable{R16: []unicode.Range16{{Lo: 0, Hi: 0x7f, Stride: 1}}})).Draw(t, "ascii")
		if got := locale.ToLatin(s); got != s {
			t.Fatalf("ToLatin(%q) = %q", s, got)
		}
	})
}

func FuzzNames(f *testing.F) {
	for _, s := range []string{"Đorđe Đukanović", "Ђорђе", "ǇILJANA ǋEŽIĆ", "Marĳa", "С\u0301екула", "J. y h", "0 \u065e", "ӟ", "ҲC", "ꭰ", "\xff", "ﬁß", "😀"} {
		f.Add(s, "Ana Petrović")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		key := locale.ASCIIKey(a)
		if locale.ASCIIKey(key) != key {
			t.Fatalf("ASCIIKey(%q) = %q isn't stable", a, key)
		}
		if strings.TrimSpace(locale.SoundKey(a)) != locale.SoundKey(a) {
			t.Fatalf("SoundKey(%q) = %q", a, locale.SoundKey(a))
		}
		if locale.SamePerson(a, a) != locale.MatchExact {
			t.Fatalf("%q isn't itself", a)
		}
		locale.SamePerson(a, b)
		for _, r := range locale.BMP(a) {
			if r > 0xFFFF {
				t.Fatalf("BMP(%q) holds %U", a, r)
			}
		}
	})
}
