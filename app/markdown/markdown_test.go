package markdown_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"attesta/app/markdown"
)

func TestATextBecomesAPage(t *testing.T) {
	for in, want := range map[string]string{
		"Two **days**.\nAnd *more*.":                              "<p>Two <strong>days</strong>.<br>\nAnd <em>more</em>.</p>\n",
		"# Who comes\n\n- police\n- prosecutors":                  "<h3>Who comes</h3>\n<ul>\n<li>police</li>\n<li>prosecutors</li>\n</ul>\n",
		"### Deep\n# Top\n### Skips":                              "<h3>Deep</h3>\n<h3>Top</h3>\n<h4>Skips</h4>\n",
		"See https://ec.europa.eu and [this](mailto:a@b.example)": "<p>See <a href=\"https://ec.europa.eu\" rel=\"nofollow noreferrer\">https://ec.europa.eu</a> and <a href=\"mailto:a@b.example\" rel=\"nofollow noreferrer\">this</a></p>\n",
	} {
		if diff := cmp.Diff(want, string(markdown.HTML(in))); diff != "" {
			t.Errorf("%q (-want +got):\n%s", in, diff)
		}
	}
}

func TestNothingThatActsComesThrough(t *testing.T) {
	for _, in := range []string{
		"<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "![p](https://elsewhere.example/p.png)", "[x](javascript:alert(1))", "[x](data:text/html,hi)",
		"<a href='javascript:alert(1)'>x</a>", "<svg onload=alert(1)>", "<style>*{display:none}</style>", "[x](//elsewhere.example)", "<iframe src=https://elsewhere.example>",
		"<p style='color:red' class=x id=y>t</p>", "[x]: javascript:alert(1)\n[x]", "[x](vbscript:x \"onmouseover=alert(1)\")",
		"[x](https://a.example \"t\\\" onmouseover=\\\"alert(1)\")", "`<script>`", "```\n<script>\n```",
	} {
		got := strings.ToLower(string(markdown.HTML(in)))
		for _, bad := range []string{"<script", "<img", "<svg", "<style", "<iframe", "\"javascript:", "\"data:", "\"vbscript:", "onerror=\"", "onmouseover=\"", "style=", "class=", "id=", "src=", "\"//"} {
			if strings.Contains(got, bad) {
				t.Errorf("%q becomes %q", in, got)
			}
		}
	}
}

func TestPlainTextKeepsTheWordsAndTheLines(t *testing.T) {
	in := "# Who\n\nTwo **days** & [more](https://a.example).\n\n- police\n- *prosecutors*\n\n1 < 2 <b>x</b>"
	if diff := cmp.Diff("Who\nTwo days & more.\n– police\n– prosecutors\n1 < 2 x", markdown.Plain(in)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
