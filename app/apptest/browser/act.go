package browser

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// The roles under which one finds what can be pressed, typed into, chosen from and ticked.
var (
	pressable = []string{"button", "link", "DisclosureTriangle", "DisclosureTriangleGrouped"}
	writable  = []string{"textbox", "searchbox", "spinbutton", "combobox", "Date", "DateTime", "InputTime", "LocalDateTime"}
	tickable  = []string{"checkbox", "radio", "switch"}
)

// element is a node that was found.
type element struct {
	tab    *Tab
	object runtime.RemoteObjectID
	name   string
}

// Go opens a path of the program, or a whole address.
func (tab *Tab) Go(path string) {
	tab.t.Helper()
	if strings.HasPrefix(path, "/") {
		path = tab.base + path
	}
	tab.must(chromedp.Do(tab.ctx, chromedp.Navigate(path)))
	tab.check()
}

// Press presses the button or link with this name and waits for the page that it leads to.
func (tab *Tab) Press(name string) {
	tab.t.Helper()
	before := tab.document()
	tab.Tap(name)
	tab.until(func() string {
		if tab.document() == before || !tab.complete() {
			return fmt.Sprintf("pressing %q leads nowhere", name)
		}
		return ""
	})
	tab.check()
}

// Tap presses the button, link or fold with this name; the page stays.
func (tab *Tab) Tap(name string) {
	tab.t.Helper()
	tab.find(name, pressable).click()
}

// Type writes into the field with this label, in place of what stands there.
func (tab *Tab) Type(label, text string) {
	tab.t.Helper()
	e := tab.find(label, writable)
	if kind := e.ask(`function() { this.focus(); if (this.select) this.select(); return this.type }`); slices.Contains([]string{"date", "time", "datetime-local"}, kind) {
		e.ask(`function(v) { this.value = v; this.dispatchEvent(new Event("input", {bubbles: true})); this.dispatchEvent(new Event("change", {bubbles: true})); return "" }`, text)
	} else {
		call(tab, input.InsertText, input.InsertTextParams{Text: text})
	}
	if got := e.ask(`function() { return this.value }`); got != text {
		tab.t.Fatalf("typed %q into %q, and it holds %q", text, label, got)
	}
}

// Choose picks an option, by its words, from the list with this label.
func (tab *Tab) Choose(label, option string) {
	tab.t.Helper()
	got := tab.find(label, []string{"combobox", "listbox", "popUpButton", "MenuListPopup"}).ask(`function(want) {
		const clean = s => s.replace(/\s+/g, " ").trim();
		const found = [...this.options].find(o => clean(o.text) === want);
		if (!found) return "only " + [...this.options].map(o => clean(o.text)).join(" | ");
		this.focus(); this.value = found.value;
		this.dispatchEvent(new Event("input", {bubbles: true})); this.dispatchEvent(new Event("change", {bubbles: true}));
		return "";
	}`, option)
	if got != "" {
		tab.t.Fatalf("%q doesn't offer %q, %s", label, option, got)
	}
}

// Tick ticks the box or the choice with this label.
func (tab *Tab) Tick(label string) {
	tab.t.Helper()
	e := tab.find(label, tickable)
	e.click()
	if e.ask(`function() { return String(this.checked) }`) != "true" {
		tab.t.Fatalf("%q isn't ticked after a click", label)
	}
}

// Value returns what stands in the field with this label.
func (tab *Tab) Value(label string) string {
	tab.t.Helper()
	return tab.find(label, writable).ask(`function() { return this.value }`)
}

// Target returns where the link with this name leads.
func (tab *Tab) Target(name string) string {
	tab.t.Helper()
	return tab.find(name, []string{"link"}).ask(`function() { return this.href }`)
}

// Download presses the link or button with this name and returns the name of the file that it gives and what is in it.
func (tab *Tab) Download(name string) (string, []byte) {
	tab.t.Helper()
	before, err := filepath.Glob(tab.downloads + "/*")
	tab.must(err)
	tab.Tap(name)
	var path string
	tab.until(func() string {
		after, err := filepath.Glob(tab.downloads + "/*")
		tab.must(err)
		for _, p := range after {
			if strings.HasSuffix(p, ".crdownload") || strings.HasPrefix(filepath.Base(p), ".") {
				return fmt.Sprintf("%q hasn't arrived whole", name)
			}
			if !slices.Contains(before, p) {
				path = p
			}
		}
		if path == "" {
			return fmt.Sprintf("pressing %q gives no file", name)
		}
		return ""
	})
	b, err := os.ReadFile(path)
	tab.must(err)
	return filepath.Base(path), b
}

// find waits for the element with this name in one of the roles. A name matches if it begins with the words asked for
// and goes on with a space or a mark, as "Phone (optional)" does. Of several the one in the main part of the page is
// meant; if there are more of these the test fails.
func (tab *Tab) find(name string, roles []string) element {
	tab.t.Helper()
	var found []cdp.BackendNodeID
	tab.until(func() string {
		var names []string
		found, names = tab.search("", name, roles)
		if len(found) > 1 {
			found, _ = tab.search("main", name, roles)
		}
		switch len(found) {
		case 0:
			return fmt.Sprintf("there is no %s %q, only %q", strings.Join(roles, " or "), name, names)
		case 1:
			return ""
		}
		return fmt.Sprintf("%d are called %q", len(found), name)
	})
	r := call(tab, dom.ResolveNode, dom.ResolveNodeParams{BackendNodeID: found[0]})
	return element{tab: tab, object: r.Object.ObjectID, name: name}
}

// search returns the elements within a part of the page that are called by name, else those whose name begins with it,
// and all names there are.
func (tab *Tab) search(part, name string, roles []string) (found []cdp.BackendNodeID, names []string) {
	root, err := chromedp.Call(tab.ctx, dom.GetDocument, dom.GetDocumentParams{})
	if err != nil {
		return nil, nil // a page on its way
	}
	within := accessibility.QueryAXTreeParams{BackendNodeID: root.Root.BackendNodeID}
	if part != "" {
		r, err := chromedp.Call(tab.ctx, dom.QuerySelector, dom.QuerySelectorParams{NodeID: root.Root.NodeID, Selector: part})
		if err != nil || r.NodeID == 0 {
			return nil, nil
		}
		within = accessibility.QueryAXTreeParams{NodeID: r.NodeID}
	}
	var begin []cdp.BackendNodeID
	for _, role := range roles {
		within.Role = role
		r, err := chromedp.Call(tab.ctx, accessibility.QueryAXTree, within)
		if err != nil {
			return nil, nil
		}
		for _, n := range r.Nodes {
			if n.Ignored || n.Name == nil {
				continue
			}
			var called string
			_ = json.Unmarshal(n.Name.Value, &called)
			called = strings.Join(strings.Fields(called), " ")
			names = append(names, called)
			if called == name {
				found = append(found, n.BackendDOMNodeID)
			} else if rest, ok := strings.CutPrefix(called, name); ok && strings.ContainsAny(rest[:1], " (:") {
				begin = append(begin, n.BackendDOMNodeID)
			}
		}
	}
	if len(found) == 0 {
		found = begin
	}
	return found, names
}

// ask calls a JavaScript function on the element.
func (e element) ask(function string, args ...string) string {
	e.tab.t.Helper()
	var list []*runtime.CallArgument
	for _, a := range args {
		v, err := json.Marshal(a)
		e.tab.must(err)
		list = append(list, &runtime.CallArgument{Value: v})
	}
	yes := true
	r := call(e.tab, runtime.CallFunctionOn, runtime.CallFunctionOnParams{FunctionDeclaration: function, ObjectID: e.object, Arguments: list, ReturnByValue: &yes})
	if r.ExceptionDetails != nil {
		e.tab.t.Fatalf("%q: %s", e.name, r.ExceptionDetails.Text)
	}
	var s string
	_ = json.Unmarshal(r.Result.Value, &s)
	return s
}

// click scrolls to the element and clicks where it lies. What lies under something else, or has no size, can't be
// clicked; a box that is drawn by its label is clicked there.
func (e element) click() {
	e.tab.t.Helper()
	var at struct {
		X, Y float64
		Over string
	}
	e.tab.until(func() string {
		answer := e.ask(`function() {
			const seen = r => r.width > 1 && r.height > 1;
			let box = this;
			if (!seen(this.getBoundingClientRect()) && this.labels && this.labels.length) box = this.labels[0];
			box.scrollIntoView({block: "center", behavior: "instant"});
			const r = [...box.getClientRects()].find(seen);
			if (!r) return JSON.stringify({Over: "it has no size"});
			const x = r.x + r.width / 2, y = r.y + r.height / 2, hit = document.elementFromPoint(x, y);
			const own = hit && (box.contains(hit) || hit.contains(box) || (this.labels && [...this.labels].some(l => l.contains(hit))));
			return JSON.stringify({X: x, Y: y, Over: own ? "" : "it lies under " + (hit ? hit.outerHTML.slice(0, 120) : "nothing")});
		}`)
		if err := json.Unmarshal([]byte(answer), &at); err != nil {
			return err.Error()
		}
		if at.Over != "" {
			return fmt.Sprintf("%q can't be clicked: %s", e.name, at.Over)
		}
		return ""
	})
	for _, kind := range []input.DispatchMouseEventType{"mouseMoved", "mousePressed", "mouseReleased"} {
		p := input.DispatchMouseEventParams{Type: kind, X: at.X, Y: at.Y}
		if kind != "mouseMoved" {
			p.Button, p.ClickCount = "left", 1
		}
		call(e.tab, input.DispatchMouseEvent, p)
	}
}

// document names the document that is loaded: it changes with each page, not with a jump within one.
func (tab *Tab) document() string {
	r, err := chromedp.Call(tab.ctx, page.GetFrameTree, cdp.Empty{})
	if err != nil {
		return ""
	}
	return string(r.FrameTree.Frame.LoaderID)
}

func (tab *Tab) complete() bool {
	state, err := chromedp.Run(tab.ctx, chromedp.Evaluate[string]("document.readyState"))
	return err == nil && state == "complete"
}
