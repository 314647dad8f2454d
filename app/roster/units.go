package roster

import "slices"

// placement decides which attendance units the columns of one header are about.
type placement struct {
	r     *reader
	sheet string
	cols  []*column
	days  int
	event Event
	taken map[int]*column
}

// place sets Units of each column of attendance. A column that fits no unit loses its field and is told; none is moved
// to where it would fit.
func (r *reader) place(sheetName string, cols []*column) {
	if len(cols) == 0 {
		return
	}
	p := &placement{r: r, sheet: sheetName, cols: cols, event: r.opts.Event, taken: map[int]*column{}}
	p.learn()
	if p.event.Unit == "session" {
		p.sessions()
		return
	}
	var dated, dateless []*column
	for _, c := range cols {
		m := &c.moment
		if !m.dated() && m.half > 0 && p.days == 1 {
			m.number = 1
		}
		if m.dated() {
			dated = append(dated, c)
		} else {
			dateless = append(dateless, c)
		}
	}
	if len(dated) == 0 {
		p.byPosition(dateless)
		return
	}
	for _, c := range dateless {
		p.refuse(c, "roster.column_unplaced")
	}
	p.byDay(dated)
}

// learn takes the length of the event from the headings if nobody said it.
func (p *placement) learn() {
	p.days = p.event.Days
	if p.days > 0 || p.event.Unit == "session" {
		if p.event.Unit == "" {
			p.event.Unit = "half-day"
		}
		return
	}
	var dates []int
	numbers, half := 0, false
	for _, c := range p.cols {
		m := c.moment
		half = half || m.half > 0
		numbers = max(numbers, m.number)
		if m.month > 0 {
			dates = append(dates, m.month*100+m.day)
		}
	}
	slices.Sort(dates)
	dates = slices.Compact(dates)
	p.days = max(len(dates), numbers)
	for _, c := range p.cols {
		if i, ok := slices.BinarySearch(dates, c.moment.month*100+c.moment.day); ok && c.moment.month > 0 && c.moment.number == 0 {
			c.moment.number = i + 1
		}
		c.moment.month = 0
	}
	if p.event.Unit == "" {
		p.event.Unit = "day"
		if half {
			p.event.Unit = "half-day"
		}
	}
	if p.days > 0 {
		p.event.Days = p.days
		p.r.notice("roster.event_unknown", p.sheet, "", 0, "Days", p.days)
	}
}

func (p *placement) refuse(c *column, key string) {
	c.Field, c.Units, c.Note = "", nil, key
	p.r.notice(key, p.sheet, c.Letter, 0, "Heading", shorten(c.Heading, 60), "Column", c.Letter)
}

// dayOf returns the day of a column from 0; a date is stronger than a number.
func (p *placement) dayOf(c *column) (int, bool) {
	m := c.moment
	if m.month > 0 && !p.event.Starts.IsZero() {
		d, ok := m.dayOf(p.event)
		if !ok {
			p.refuse(c, "roster.date_outside")
			return 0, false
		}
		if m.number > 0 && m.number-1 != d {
			p.r.notice("roster.day_date_differ", p.sheet, c.Letter, 0, "Heading", shorten(c.Heading, 60), "Column", c.Letter)
		}
		return d, true
	}
	if m.number > 0 {
		if m.number > p.days {
			p.refuse(c, "roster.date_outside")
			return 0, false
		}
		return m.number - 1, true
	}
	if d, ok := m.dayOf(p.event); ok {
		return d, true
	}
	p.refuse(c, "roster.date_outside")
	return 0, false
}

func (p *placement) byDay(cols []*column) {
	days := map[int][]*column{}
	for _, c := range cols {
		if d, ok := p.dayOf(c); ok {
			days[d] = append(days[d], c)
		}
	}
	var whole []*column
	for d := range p.days {
		if p.event.Unit == "day" {
			p.wholeDay(d, days[d])
			continue
		}
		whole = append(whole, p.halves(d, days[d])...)
	}
	if len(whole) > 0 {
		p.r.notice("roster.day_ticks", p.sheet, whole[0].Letter, 0, "N", len(whole))
	}
}

func (p *placement) wholeDay(d int, cols []*column) {
	for _, c := range cols {
		c.Units = []int{d}
	}
	if len(cols) > 1 {
		p.r.notice("roster.halves_to_day", p.sheet, cols[0].Letter, 0, "Day", d+1)
	}
}

// halves places the columns of one day and returns those that are about both halves.
func (p *placement) halves(d int, cols []*column) (whole []*column) {
	var plain []*column
	halved := false
	for _, c := range cols {
		if c.moment.half == 0 {
			plain = append(plain, c)
			continue
		}
		halved = true
		p.take(c, 2*d+c.moment.half-1)
	}
	switch {
	case len(plain) == 0:
	case halved || len(plain) > 2:
		for _, c := range plain {
			p.refuse(c, "roster.column_unplaced")
		}
	case len(plain) == 2:
		p.take(plain[0], 2*d)
		p.take(plain[1], 2*d+1)
		p.r.notice("roster.order_assumed", p.sheet, plain[0].Letter, 0, "N", 2)
	default:
		plain[0].Units = []int{2 * d, 2*d + 1}
		p.taken[2*d], p.taken[2*d+1] = plain[0], plain[0]
		return plain
	}
	return nil
}

func (p *placement) take(c *column, unit int) {
	if p.taken[unit] != nil {
		p.refuse(c, "roster.column_twice")
		return
	}
	p.taken[unit] = c
	c.Units = []int{unit}
}

// byPosition places columns that say no day: by their numbers, or in their order if there are as many as units or
// days. That is always told.
func (p *placement) byPosition(cols []*column) {
	units := p.event.Count()
	if units == 0 {
		units = len(cols)
		p.event.Unit, p.event.Days, p.days = "day", units, units
		p.r.notice("roster.event_unknown", p.sheet, "", 0, "Days", units)
	}
	ordered := slices.Clone(cols)
	if numbered(cols) {
		slices.SortStableFunc(ordered, func(a, b *column) int { return a.moment.seq - b.moment.seq })
	}
	switch {
	case len(cols) == units && p.halvesFit(ordered):
		for i, c := range ordered {
			p.take(c, i)
		}
		if units > 1 {
			p.r.notice("roster.order_assumed", p.sheet, cols[0].Letter, 0, "N", units)
		}
	case len(cols) == p.days && p.event.Unit == "half-day" && !anyHalf(cols):
		for i, c := range ordered {
			c.Units = []int{2 * i, 2*i + 1}
		}
		p.r.notice("roster.order_assumed", p.sheet, cols[0].Letter, 0, "N", p.days)
		p.r.notice("roster.day_ticks", p.sheet, cols[0].Letter, 0, "N", p.days)
	case len(cols) == 1 && !anyHalf(cols) && cols[0].moment.seq == 0:
		for u := range units {
			cols[0].Units = append(cols[0].Units, u)
		}
		p.r.notice("roster.whole_event", p.sheet, cols[0].Letter, 0, "Column", cols[0].Letter, "N", units)
	default:
		for _, c := range cols {
			p.refuse(c, "roster.column_unplaced")
		}
		p.r.notice("roster.columns_do_not_fit", p.sheet, cols[0].Letter, 0, "N", len(cols), "Units", units)
	}
}

func numbered(cols []*column) bool {
	seen := map[int]bool{}
	for _, c := range cols {
		if c.moment.seq == 0 || seen[c.moment.seq] {
			return false
		}
		seen[c.moment.seq] = true
	}
	return true
}

func anyHalf(cols []*column) bool {
	return slices.ContainsFunc(cols, func(c *column) bool { return c.moment.half > 0 })
}

// halvesFit tells whether columns that say AM or PM stand where a day has them.
func (p *placement) halvesFit(cols []*column) bool {
	for i, c := range cols {
		if h := c.moment.half; h > 0 && (p.event.Unit != "half-day" || h != i%2+1) {
			return false
		}
	}
	return true
}

// sessions places columns by the labels of the sessions.
func (p *placement) sessions() {
	var rest []*column
	for _, c := range p.cols {
		i := slices.IndexFunc(p.event.Units, func(l string) bool { return folded(l) == folded(c.Heading) })
		if i >= 0 {
			p.take(c, i)
		} else {
			rest = append(rest, c)
		}
	}
	if len(rest) == len(p.cols) {
		for _, c := range rest {
			if c.moment.dated() || c.moment.half > 0 {
				p.refuse(c, "roster.column_unplaced")
			}
		}
		rest = slices.DeleteFunc(rest, func(c *column) bool { return c.Field == "" })
		if len(rest) > 0 {
			p.byPosition(rest)
		}
		return
	}
	for _, c := range rest {
		p.refuse(c, "roster.column_unplaced")
	}
}
