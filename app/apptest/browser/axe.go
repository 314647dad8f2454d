package browser

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
)

//go:embed axe/axe.min.js
var axe string

// Violation is one rule of accessibility that an element of a page breaks.
type Violation struct {
	Rule     string
	Impact   string // minor, moderate, serious, critical
	Help     string
	Selector string
	HTML     string // of the element
	Why      string // figures, as of a contrast
}

// String says everything in one line.
func (v Violation) String() string {
	return fmt.Sprintf("%s (%s): %s: %s: %s %s", v.Rule, v.Impact, v.Help, v.Selector, v.HTML, v.Why)
}

// Kinds of rules of axe. All are WCAG 2.2 to level AA and what is good practice besides; Colours are those of them whose
// answer depends on the colours.
const (
	AllRules = `{type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}`
	Colours  = `{type: "rule", values: ["color-contrast", "link-in-text-block"]}`
)

const runAxe = `(async () => {
	const all = await axe.run(document, {runOnly: %s, resultTypes: ["violations"]});
	if (all.passes.length + all.violations.length === 0) throw new Error("axe has asked nothing");
	return JSON.stringify(all.violations.flatMap(v => v.nodes.map(n => ({
		Rule: v.id, Impact: v.impact, Help: v.help, Selector: n.target.join(" "), HTML: n.html.slice(0, 300),
		Why: (n.any[0] || n.all[0] || n.none[0] || {message: ""}).message,
	}))));
})()`

// Axe returns what axe-core finds wrong with the page as it stands on the screen, by AllRules or Colours. It works on
// pages whose policy allows no script but their own.
func (tab *Tab) Axe(rules string) []Violation {
	tab.t.Helper()
	if tab.eval(`typeof axe`) == "undefined" {
		tab.run(axe)
	}
	var list []Violation
	if err := json.Unmarshal([]byte(tab.run(fmt.Sprintf(runAxe, rules))), &list); err != nil {
		tab.t.Fatalf("axe: %v", err)
	}
	return list
}

// run evaluates a script and waits for the text that it promises; "" for anything else.
func (tab *Tab) run(script string) string {
	tab.t.Helper()
	yes := true
	r := call(tab, runtime.Evaluate, runtime.EvaluateParams{Expression: script, AwaitPromise: &yes, ReturnByValue: &yes})
	if x := r.ExceptionDetails; x != nil {
		tab.t.Fatalf("%s: %+v", x.Text, x.Exception)
	}
	var s string
	if strings.HasPrefix(string(r.Result.Value), `"`) {
		if err := json.Unmarshal(r.Result.Value, &s); err != nil {
			tab.t.Fatal(err)
		}
	}
	return s
}

// Look has the pages of this Tab shown on a screen of that width from now on, light or dark.
func (tab *Tab) Look(width int, dark bool) {
	tab.t.Helper()
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	tab.width = width
	call(tab, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: int64(width), Height: 900, DeviceScaleFactor: 1, Mobile: width < 600})
	call(tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
}
