package sheet

import (
	"strings"

	"attesta/app/fault"
)

const delimiters = ";\t,|"

func readText(data []byte, opts Options) (*Book, error) {
	text, enc, damaged, err := decode(data, opts.Encoding)
	if err != nil {
		return nil, err
	}
	b := &Book{Kind: Delimited, Encoding: enc}
	if damaged > 0 {
		b.Notes = append(b.Notes, Note{Key: NoteDamaged, Params: fault.Params{"N": damaged}})
	}
	text = strings.ReplaceAll(text, "\x00", "")
	delim, hint := opts.Delimiter, false
	if d, ok := separatorLine(text); ok {
		delim, hint = d, true
	}
	if delim == 0 {
		delim = findDelimiter(text)
	}
	if delim != 0 {
		b.Delimiter = string(delim)
	}
	p := parser{delim: delim, meter: &meter{Limits: opts.Limits}}
	rows, err := p.parse(text)
	if err != nil {
		return nil, err
	}
	if hint && len(rows) > 0 {
		rows[0] = nil // "sep=;" is a word to Excel, not a cell; the row keeps its number
	}
	if p.openQuote > 0 {
		b.Notes = append(b.Notes, Note{Key: NoteOpenQuote, Params: fault.Params{"Row": p.openQuote}, Row: p.openQuote})
	}
	s := Sheet{Rows: rows}
	s.trim()
	b.Sheets = []Sheet{s}
	return b, nil
}

// separatorLine reads the line "sep=;" with which Excel is told the delimiter.
func separatorLine(text string) (rune, bool) {
	line, _, _ := strings.Cut(text, "\n")
	line = strings.Trim(strings.TrimSpace(line), `"`)
	if len(line) == 5 && strings.EqualFold(line[:4], "sep=") && strings.ContainsAny(line[4:], delimiters) {
		return rune(line[4]), true
	}
	return 0, false
}

// findDelimiter tries each delimiter on the first rows and takes the one that gives the most cells in rows of equal
// length; 0 if none gives more than one column.
func findDelimiter(text string) rune {
	best, found := 0.0, rune(0)
	for _, d := range delimiters {
		p := parser{delim: d, maxRows: 100, meter: &meter{Limits: Limits{Rows: 1 << 30, Cols: 1 << 30, Cells: 1 << 30, Area: 1 << 40, Text: 1 << 30}}}
		rows, _ := p.parse(text[:min(len(text), 512<<10)])
		count := map[int]int{}
		filled := 0
		for _, r := range rows {
			if len(r) > 0 {
				filled++
			}
			if len(r) > 1 {
				count[len(r)]++
			}
		}
		for n, k := range count {
			share := float64(k) / float64(filled)
			if s := share * share * float64(n-1); s > best+1e-9 {
				best, found = s, d
			}
		}
	}
	return found
}

// parser splits delimited text. It takes what spreadsheets and forms write, and what people make of it by hand: a
// quotation mark inside a cell is a character, one that is never closed too.
type parser struct {
	delim     rune
	maxRows   int // stop after so many, 0 for all
	meter     *meter
	openQuote int  // row of the quotation mark that never closed
	literal   bool // quotation marks are characters from here on
}

func (p *parser) parse(text string) ([][]string, error) {
	var rows [][]string
	for len(text) > 0 && (p.maxRows == 0 || len(rows) < p.maxRows) {
		row, rest, open := p.row(text)
		if open {
			p.openQuote, p.literal = len(rows)+1, true
			row, rest, _ = p.row(text)
		}
		text = rest
		if err := p.meter.row(len(rows)+1, row); err != nil {
			return nil, err
		}
		if len(rows) > 4*p.meter.Rows {
			return nil, ErrTooLarge.With("MB", p.meter.Bytes>>20)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// row takes one row from the front of text. open tells that a quotation mark was still open at the end of text.
func (p *parser) row(text string) (row []string, rest string, open bool) {
	for {
		cell, after, end, open := p.cell(text)
		if open {
			return nil, "", true
		}
		row = append(row, cell)
		text = after
		if end {
			break
		}
	}
	for _, c := range row {
		if c != "" {
			return row, text, false
		}
	}
	return nil, text, false
}

// cell takes one cell from the front of text; end tells that the row ends with it.
func (p *parser) cell(text string) (cell, rest string, end, open bool) {
	if !p.literal && strings.HasPrefix(text, `"`) {
		quoted, after, ok := p.quoted(text[1:])
		if !ok && after == "" {
			return "", "", false, true
		}
		if ok {
			rest, end = p.separator(after)
			return clean(quoted), rest, end, false
		}
	}
	stop := "\r\n"
	if p.delim != 0 {
		stop += string(p.delim)
	}
	i := strings.IndexAny(text, stop)
	if i < 0 {
		return clean(text), "", true, false
	}
	rest, end = p.separator(text[i:])
	return clean(text[:i]), rest, end, false
}

// quoted reads a cell up to its closing quotation mark, behind which the cell must end. It is not ok when text goes
// on there, as in "Vaša prava" BiH: the marks are characters then. rest is "" when no closing mark is left.
func (p *parser) quoted(text string) (cell, rest string, ok bool) {
	var b strings.Builder
	for {
		i := strings.IndexByte(text, '"')
		if i < 0 {
			return "", "", false
		}
		b.WriteString(text[:i])
		text = text[i+1:]
		if !strings.HasPrefix(text, `"`) {
			break
		}
		b.WriteByte('"')
		text = text[1:]
	}
	after := strings.TrimLeft(text, " ")
	if after == "" {
		return b.String(), "", true
	}
	if c := after[0]; c == '\r' || c == '\n' || p.delim != 0 && rune(c) == p.delim {
		return b.String(), after, true
	}
	return "", text, false
}

// separator takes the delimiter or line end from the front of text; end tells a line end.
func (p *parser) separator(text string) (rest string, end bool) {
	if text == "" {
		return "", true
	}
	c := text[0]
	text = text[1:]
	if c == '\r' {
		text = strings.TrimPrefix(text, "\n")
	}
	return text, c == '\r' || c == '\n'
}

// clean makes a cell of what was read: line ends alike, no control characters, no spaces around.
func clean(s string) string {
	if strings.ContainsAny(s, "\r\v\f") {
		s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\v", "\n", "\f", "\n").Replace(s)
	}
	plain := true
	for i := range len(s) {
		if s[i] < 32 && s[i] != '\n' && s[i] != '\t' || s[i] == 127 {
			plain = false
			break
		}
	}
	if !plain {
		s = strings.Map(func(r rune) rune {
			if r < 32 && r != '\n' && r != '\t' || r == 127 {
				return -1
			}
			return r
		}, s)
	}
	return strings.TrimFunc(s, blank)
}

// blank tells the characters that stand around a cell's text without being seen.
func blank(r rune) bool {
	switch r {
	case ' ', '\t', '\n', '\r', '\u00a0', '\u200b', '\u2007', '\u202f', '\u3000', '\ufeff', '\u200e', '\u200f':
		return true
	}
	return false
}
