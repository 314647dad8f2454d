package browser

import (
	"encoding/json"
	"strings"

	"github.com/chromedp/cdproto/input"
)

// keys are the numbers of keys that don't write anything, as browsers count them.
var keys = map[string]int64{"Tab": 9, "Enter": 13, "Escape": 27, "PageUp": 33, "PageDown": 34, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}

// Key goes to the button, link or field with this name and presses keys there: "ArrowUp", "Shift+ArrowUp".
func (tab *Tab) Key(name string, pressed ...string) {
	tab.t.Helper()
	e := tab.find(name, append(pressable, writable...))
	e.ask(`function() { this.scrollIntoView({block: "center", behavior: "instant"}); this.focus(); return "" }`)
	for _, key := range pressed {
		p := input.DispatchKeyEventParams{Key: key}
		if with, plain, ok := strings.Cut(key, "+"); ok {
			p.Key, p.Modifiers = plain, map[string]int64{"Alt": 1, "Control": 2, "Meta": 4, "Shift": 8}[with]
		}
		code, known := keys[p.Key]
		if !known {
			tab.t.Fatalf("there is no key %q", key)
		}
		p.Code, p.WindowsVirtualKeyCode = p.Key, code
		for _, p.Type = range []input.DispatchKeyEventType{input.DispatchKeyEventTypeRawKeyDown, input.DispatchKeyEventTypeKeyUp} {
			call(tab, input.DispatchKeyEvent, p)
		}
	}
}

// Drag takes the button with this name and lets it go over the item of the list in which another one is: at its upper
// edge, or at its lower one.
func (tab *Tab) Drag(name, onto string, below bool) {
	tab.t.Helper()
	from, to := tab.find(name, pressable), tab.find(onto, pressable)
	centre := `function() { this.scrollIntoView({block: "center", behavior: "instant"}); const r = this.getBoundingClientRect(); return JSON.stringify([r.x + r.width / 2, r.y + r.height / 2]) }`
	edge := `function(below) { const li = this.closest("li"); li.scrollIntoView({block: "center", behavior: "instant"}); const r = li.getBoundingClientRect(); return JSON.stringify([r.x + 20, below ? r.bottom - 8 : r.top + 8]) }`
	send := func(kind input.DispatchMouseEventType, x, y float64) {
		p := input.DispatchMouseEventParams{Type: kind, X: x, Y: y, Button: "left", Buttons: 1}
		if kind != "mouseMoved" {
			p.ClickCount = 1
		}
		call(tab, input.DispatchMouseEvent, p)
	}
	at := func(e element, function string, args ...string) (x, y float64) {
		var xy [2]float64
		if err := json.Unmarshal([]byte(e.ask(function, args...)), &xy); err != nil {
			tab.t.Fatal(err)
		}
		return xy[0], xy[1]
	}
	x, y := at(from, centre)
	send("mousePressed", x, y)
	send("mouseMoved", x, y+10)
	side := ""
	if below {
		side = "below"
	}
	x, y = at(to, edge, side)
	send("mouseMoved", x, y)
	send("mouseMoved", x, y)
	send("mouseReleased", x, y)
}
