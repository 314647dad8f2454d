package report

import (
	"io"
	"slices"
	"strings"

	"attesta/app/locale"
	"attesta/app/sheet"
)

// XLSX writes the report as a workbook in a language: the main figures with the rule under each, the events, and a
// sheet for each breakdown. The same document, language and catalogues always give the same bytes.
func XLSX(w io.Writer, cat *locale.Catalogue, doc Document, code locale.Code) error {
	d := words(cat, doc, code)
	title := d.p.T("report.title") + ": " + d.text(doc.Project)
	about := sheet.Document{Title: title, Subject: d.text(doc.Project), Creator: "Attesta", Language: d.p.Lang(), Created: doc.AsOf}
	tables := []sheet.Table{d.mainTable(title), d.eventTable()}
	for _, b := range doc.Breakdowns {
		tables = append(tables, d.breakdownTable(b))
	}
	for i := range tables {
		tables[i].Below = append(tables[i].Below, d.below(tables[i])...)
	}
	return sheet.WriteXLSX(w, about, tables...)
}

// CSV writes the report as one long table in a language, a row for each figure: the figure, the event or the category
// it is of, the number, and how it is counted.
func CSV(w io.Writer, cat *locale.Catalogue, doc Document, code locale.Code) error {
	d := words(cat, doc, code)
	t := d.mainTable(d.p.T("report.title") + ": " + d.text(doc.Project))
	main := slices.Collect(t.Rows)
	t.Header = []string{d.p.T("report.column.figure"), d.p.T("report.column.of"), d.p.T("report.column.value"), d.p.T("report.column.rule")}
	var rows [][]any
	for _, r := range main {
		rows = append(rows, []any{r[0], nil, r[1], r[2]})
	}
	rows = append(rows, d.eventLines()...)
	for _, b := range doc.Breakdowns {
		rows = append(rows, d.breakdownLines(b)...)
	}
	t.Rows = sheet.Rows(rows)
	t.Below = append(t.Below, d.below(t)...)
	return sheet.WriteCSV(w, t, sheet.Dialect{})
}

// words is a drawing that only says things.
func words(cat *locale.Catalogue, doc Document, code locale.Code) *drawing {
	return &drawing{p: cat.Asterisk(doc.Asterisk).Printer(code), doc: doc, marks: map[Hidden]bool{}}
}

func (d *drawing) number(c Count) any {
	if c.Hidden != Shown {
		return c.mark(d.doc.Threshold)
	}
	return c.N
}

// rule says how a main figure is counted.
func (d *drawing) rule(key string) string {
	return d.p.T("report.rule."+key, "Share", d.p.Percent(float64(d.doc.Share)/100, 0))
}

func (d *drawing) mainTable(title string) sheet.Table {
	t := sheet.Table{
		Name: d.p.T("report.section.figures"), Above: []string{title}, Widths: []float64{38, 12, 90},
		Header: []string{d.p.T("report.column.figure"), d.p.T("report.column.value"), d.p.T("report.column.rule")},
	}
	for _, f := range d.facts() {
		t.Above = append(t.Above, f[0]+": "+f[1])
	}
	if d.doc.For == ForDonor {
		t.Above = append(t.Above, d.p.T("report.for.donor", "N", d.doc.Threshold))
	} else {
		t.Above = append(t.Above, d.p.T("report.for.organiser"))
	}
	var rows [][]any
	for _, f := range d.doc.Figures {
		rows = append(rows, []any{d.p.T("report.figure." + f.Key), d.number(f.Value), d.rule(f.Key)})
	}
	for _, i := range d.doc.Indicators {
		label := d.p.T("report.section.indicators") + ": " + d.p.T("report.figure."+i.Key)
		rows = append(rows, []any{label, d.number(i.Value), d.p.T("report.column.target") + ": " + d.p.Number(i.Target) + ". " + d.rule(i.Key)})
	}
	t.Rows = sheet.Rows(rows)
	return t
}

// columns are the figures of an event, by the key of the column.
var columns = []struct {
	key, rule string
	of        func(EventRow) Count
}{
	{"listed", "listed", func(e EventRow) Count { return e.Listed }},
	{"came", "came", func(e EventRow) Count { return e.Came }},
	{"completed", "completed", func(e EventRow) Count { return e.Completed }},
	{"half_days", "half_day_attendances", func(e EventRow) Count { return e.HalfDays }},
}

func (d *drawing) eventTable() sheet.Table {
	t := sheet.Table{Name: d.p.T("report.section.events"), Widths: []float64{12, 26, 52, 26, 20, 22}}
	for _, key := range []string{"code", "date", "event", "type", "city", "country"} {
		t.Header = append(t.Header, d.p.T("report.column."+key))
	}
	for _, c := range columns {
		t.Header = append(t.Header, d.p.T("report.column."+c.key))
		t.Below = append(t.Below, d.p.T("report.column."+c.key)+": "+d.rule(c.rule))
	}
	var rows [][]any
	for _, e := range d.doc.Events {
		row := []any{e.Code, d.p.DateRange(e.Starts, e.Ends), d.text(e.Title), d.p.T("event.type." + e.Type), d.p.City(e.City), d.p.Country(e.Country)}
		for _, c := range columns {
			row = append(row, d.number(c.of(e)))
		}
		rows = append(rows, row)
	}
	t.Rows = sheet.Rows(rows)
	return t
}

func (d *drawing) eventLines() (rows [][]any) {
	for _, e := range d.doc.Events {
		for _, c := range columns {
			rows = append(rows, []any{d.p.T("report.column." + c.key), e.Code + ": " + d.text(e.Title), d.number(c.of(e)), d.rule(c.rule)})
		}
	}
	return rows
}

func (d *drawing) breakdownTable(b Breakdown) sheet.Table {
	t := sheet.Table{
		Name: d.p.T("report.section." + b.By), Widths: []float64{44, 18, 18},
		Header: []string{d.p.T("report.column." + b.By), d.p.T("report.column.persons"), d.p.T("report.column.attendances")},
		Below: []string{
			d.p.T("report.column.persons") + ": " + d.rule("by_"+b.By),
			d.p.T("report.column.attendances") + ": " + d.rule("came_by"),
		},
	}
	var rows [][]any
	for _, r := range d.sorted(b) {
		rows = append(rows, d.breakdownRow(b, d.label(b.By, r.Key), r))
	}
	rows = append(rows, d.breakdownRow(Breakdown{}, d.p.T("report.total"), b.Total))
	t.Rows = sheet.Rows(rows)
	if b.Withheld {
		t.Below = append(t.Below, d.p.T("report.table_withheld"))
	}
	return t
}

func (d *drawing) breakdownRow(b Breakdown, label string, r BreakdownRow) []any {
	row := []any{label, d.number(r.Persons), d.number(r.Attendances)}
	hidden := d.number(Count{Hidden: Withheld})
	if b.Withheld {
		row[1] = hidden
	}
	if b.Alone {
		row[2] = hidden
	}
	return row
}

func (d *drawing) breakdownLines(b Breakdown) (rows [][]any) {
	for _, r := range d.sorted(b) {
		label := d.label(b.By, r.Key)
		row := d.breakdownRow(b, label, r)
		rows = append(rows,
			[]any{d.p.T("report.column.persons"), label, row[1], d.rule("by_" + b.By)},
			[]any{d.p.T("report.column.attendances"), label, row[2], d.rule("came_by")})
	}
	return rows
}

// below explains the marks and the asterisk that stand in a table, and ends it with the donors' disclaimers.
func (d *drawing) below(t sheet.Table) (lines []string) {
	if d.doc.For == ForDonor {
		few, hidden := Count{Hidden: Few}.mark(d.doc.Threshold), Count{Hidden: Withheld}.mark(d.doc.Threshold)
		lines = append(lines, d.p.T("report.legend.few", "Mark", few, "N", d.doc.Threshold), d.p.T("report.legend.withheld", "Mark", hidden))
	}
	said := ""
	for row := range t.Rows {
		for _, v := range row {
			if s, ok := v.(string); ok {
				said += s + "\n"
			}
		}
	}
	for _, s := range t.Above {
		said += s + "\n"
	}
	if note := d.p.Footnote(said); note != "" {
		lines = append(lines, note)
	}
	for _, donor := range d.doc.Donors {
		text := strings.Join(d.p.Funding(donor.Funder()).Sentences(), " ")
		if text != "" && !slices.Contains(lines, text) {
			lines = append(lines, text)
		}
	}
	return lines
}
