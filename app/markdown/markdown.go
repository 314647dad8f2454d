// Package markdown turns the texts that organisers write into pages and into plain lines. What it makes of a text is
// safe to show, whatever was typed: a short list of elements, no script, no style, no picture, nothing from elsewhere.
package markdown

import (
	"bytes"
	"fmt"
	"html"
	"html/template"
	"regexp"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	renderer "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// converter reads Markdown with addresses that become links and lines that end where they were ended. Markup in the
// text is left out.
var converter = goldmark.New(
	goldmark.WithExtensions(extension.NewLinkify(extension.WithLinkifyAllowedProtocols([]string{"http:", "https:"})), extension.Strikethrough),
	goldmark.WithParserOptions(parser.WithASTTransformers(util.Prioritized(demote{}, 100))),
	goldmark.WithRendererOptions(renderer.WithHardWraps()),
)

// demote makes headings of a text stand below those of its page, of which the first has level 1 and sections level 2:
// the uppermost ones get level 3, whatever they were written as, and none goes deeper than one below the one before.
type demote struct{}

// Transform implements parser.ASTTransformer.
func (demote) Transform(doc *ast.Document, _ text.Reader, _ parser.Context) {
	var headings []*ast.Heading
	top := 6
	err := ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if h, ok := n.(*ast.Heading); ok && entering {
			headings = append(headings, h)
			top = min(top, h.Level)
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		panic(fmt.Sprintf("markdown: %v", err)) // the function above returns none
	}
	before := 2
	for _, h := range headings {
		h.Level = min(3+h.Level-top, before+1, 6)
		before = h.Level
	}
}

// policy is all that comes through, whatever the converter made.
var policy = func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "strong", "em", "del", "ul", "ol", "li", "blockquote", "code", "pre", "hr", "h3", "h4", "h5", "h6")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("https", "http", "mailto", "tel")
	p.RequireParseableURLs(true)
	p.AllowRelativeURLs(false)
	p.RequireNoFollowOnLinks(true)
	p.RequireNoReferrerOnLinks(true)
	return p
}()

// HTML returns a Markdown text as the inside of a page. Its headings begin at level 3.
func HTML(s string) template.HTML {
	var out bytes.Buffer
	if err := converter.Convert([]byte(s), &out); err != nil {
		return template.HTML("<p>" + html.EscapeString(s) + "</p>") //nolint:gosec // escaped
	}
	return template.HTML(policy.SanitizeBytes(out.Bytes())) //nolint:gosec // sanitised
}

var (
	nothing  = bluemonday.StrictPolicy()
	blockEnd = regexp.MustCompile(`</(?:p|li|h[1-6]|blockquote|pre)>|<br\s*/?>|<hr\s*/?>`)
	item     = regexp.MustCompile(`<li>\s*(?:<p>)?`)
)

// Plain returns a Markdown text without its marks, for where there is no markup: a line for each paragraph, heading and
// entry of a list, which begins with a dash.
func Plain(s string) string {
	var out bytes.Buffer
	if err := converter.Convert([]byte(s), &out); err != nil {
		return s
	}
	marked := item.ReplaceAllString(out.String(), "– ")
	marked = blockEnd.ReplaceAllString(marked, "\n")
	var lines []string
	for _, line := range strings.Split(html.UnescapeString(nothing.Sanitize(marked)), "\n") {
		if line = strings.Join(strings.Fields(line), " "); line != "" && line != "–" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}
