package web_test

import (
	"strings"
	"testing"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
)

// all returns the elements of a page that a CSS selector finds.
func all(t *testing.T, a answer, selector string) []*html.Node {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	sel, err := cascadia.Parse(selector)
	if err != nil {
		t.Fatal(err)
	}
	return cascadia.QueryAll(doc, sel)
}

// one returns the only element that a selector finds.
func one(t *testing.T, a answer, selector string) *html.Node {
	t.Helper()
	found := all(t, a, selector)
	if len(found) != 1 {
		t.Fatalf("%d elements are %s in\n%s", len(found), selector, a.body)
	}
	return found[0]
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// value returns the value attribute of the first element that a selector finds.
func value(t *testing.T, a answer, selector string) string {
	t.Helper()
	found := all(t, a, selector)
	if len(found) == 0 {
		t.Fatalf("nothing is %s in %d %s", selector, a.StatusCode, a.body)
	}
	return attr(found[0], "value")
}

func text(n *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(n)
	return strings.Join(strings.Fields(b.String()), " ")
}
