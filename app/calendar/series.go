package calendar

import "time"

// Series returns the days of one event, each an entry, as a single entry that repeats daily, under the id of the first,
// with one more under the same id for each day that has other hours than the first. All that follow the first are taken
// as days one after the other.
//
// A message may be about one id only (RFC 5546), and programs for mail take nothing else into the calendar by
// themselves: they show the first of several entries and leave the others.
func Series(days []Entry) []Entry {
	if len(days) == 0 {
		return nil
	}
	first := days[0]
	first.Times = len(days)
	all := []Entry{first}
	zone := load(first.Zone)
	for i, x := range days[1:] {
		from, to := first.Starts.In(zone).AddDate(0, 0, i+1), first.Ends.In(zone).AddDate(0, 0, i+1)
		if !x.Starts.Equal(from) || !x.Ends.Equal(to) {
			x.UID, x.Instead = first.UID, from.In(time.UTC)
			all = append(all, x)
		}
	}
	return all
}
