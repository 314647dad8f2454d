package roster

import (
	"fmt"

	"attesta/app/fault"
)

// notice adds a notice; row 0 is none. The same notice about the same column and text is kept once, with all its rows.
func (r *reader) notice(key, sheetName, column string, row int, params ...any) {
	p := fault.Params{}
	for i := 0; i+1 < len(params); i += 2 {
		p[params[i].(string)] = params[i+1]
	}
	if row > 0 {
		same := fmt.Sprint(key, "|", sheetName, "|", column, "|", p["Text"], p["Mark"])
		if i, ok := r.noticeAt[same]; ok {
			n := &r.list.Notices[i]
			if n.Rows[len(n.Rows)-1] != row {
				n.Rows = append(n.Rows, row)
			}
			return
		}
		if r.noticeAt == nil {
			r.noticeAt = map[string]int{}
		}
		r.noticeAt[same] = len(r.list.Notices)
	}
	n := Notice{Key: key, Params: p, Sheet: sheetName, Column: column}
	if row > 0 {
		n.Rows = []int{row}
	}
	r.list.Notices = append(r.list.Notices, n)
}
