package roster

import (
	"attesta/app/sheet"
)

// page is one sheet with its merged ranges at hand.
type page struct {
	*sheet.Sheet
	width  int
	merges map[[2]int]sheet.Range // by each cell in use that a range covers
}

// maxMerged bounds the cells of merged ranges that are looked at: a hostile file merges the whole sheet many times.
const maxMerged = 400_000

func newPage(s *sheet.Sheet) *page {
	p := &page{Sheet: s, width: s.Width(), merges: map[[2]int]sheet.Range{}}
	budget := maxMerged
	for _, m := range s.Merged {
		last, right := min(m.LastRow, len(s.Rows)), min(m.LastCol, p.width)
		for r := m.FirstRow; r <= last && budget > 0; r++ {
			for c := m.FirstCol; c <= right && budget > 0; c++ {
				budget--
				if _, taken := p.merges[[2]int{r, c}]; !taken {
					p.merges[[2]int{r, c}] = m
				}
			}
		}
	}
	return p
}

// down returns a cell; a range merged over several rows fills its first column.
func (p *page) down(row, col int) string {
	if s := p.At(row, col); s != "" {
		return s
	}
	if m, ok := p.merges[[2]int{row, col}]; ok && m.FirstCol == col && m.FirstRow < row {
		return p.At(m.FirstRow, m.FirstCol)
	}
	return ""
}

// across returns a cell; a merged range fills all its cells.
func (p *page) across(row, col int) string {
	if s := p.At(row, col); s != "" {
		return s
	}
	if m, ok := p.merges[[2]int{row, col}]; ok {
		return p.At(m.FirstRow, m.FirstCol)
	}
	return ""
}

// continued tells that a cell is not the first row of a range merged over several.
func (p *page) continued(row, col int) bool {
	m, ok := p.merges[[2]int{row, col}]
	return ok && m.FirstRow < row
}

// span returns the last column of the range that a cell begins, itself if it is in none.
func (p *page) span(row, col int) int {
	if m, ok := p.merges[[2]int{row, col}]; ok {
		return min(m.LastCol, p.width)
	}
	return col
}

func (p *page) empty(row int) bool {
	return row < 1 || row > len(p.Rows) || len(p.Rows[row-1]) == 0
}

// filled counts the cells of a row that aren't empty.
func (p *page) filled(row int) int {
	n := 0
	if row >= 1 && row <= len(p.Rows) {
		for _, c := range p.Rows[row-1] {
			if c != "" {
				n++
			}
		}
	}
	return n
}
