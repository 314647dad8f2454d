package project

import (
	"regexp"
	"slices"
	"strconv"
	"unicode/utf8"

	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/locale"
)

// Facts is what is said of a project.
type Facts struct {
	Code           string
	Title          locale.Text
	ContractNumber string
	StartsOn       db.Day
	EndsOn         db.Day
	RetentionOn    db.Day
	LeadID         int64
	Donors         []Funding // in the order in which they are named
	Organisations  []int64   // partners; the lead need not be among them
	Indicators     []Indicator
}

// Funding is a donor's part in a project.
type Funding struct {
	DonorID int64 `json:"donor"`
	Share   int   `json:"share,omitempty"` // per mille of the budget; 0 if nobody has said
}

// Unshared returns the donors with these ids, in that order; what part each pays isn't said.
func Unshared(ids ...int64) []Funding {
	var list []Funding
	for _, id := range ids {
		list = append(list, Funding{DonorID: id})
	}
	return list
}

// The lengths of what is typed, in letters.
const (
	longestTitle    = 300
	longestName     = 150
	longestContract = 80
	longestLine     = 300
	longestText     = 1000
)

var code = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{0,39}$`)

// Check returns an Invalid fault with what is wrong beside which input: code, title, title_xx, contract, starts_on,
// ends_on, retention_on, donor_N and share_N of the Nth donor, target_ and a measure.
func (f *Facts) Check() error {
	var form fault.Form
	if !code.MatchString(f.Code) {
		form.Add("code", "form.code")
	}
	checkText(&form, "title", f.Title, longestTitle, true)
	if utf8.RuneCountInString(f.ContractNumber) > longestContract {
		form.Add("contract", "form.too_long", "Max", longestContract)
	}
	f.checkPeriod(&form)
	f.checkDonors(&form)
	f.checkIndicators(&form)
	return form.Err()
}

func (f *Facts) checkPeriod(form *fault.Form) {
	for name, d := range map[string]db.Day{"starts_on": f.StartsOn, "ends_on": f.EndsOn, "retention_on": f.RetentionOn} {
		if !d.IsZero() && (d.Year() < 2000 || d.Year() > 2150) {
			form.Add(name, "form.date")
		}
	}
	if !f.StartsOn.IsZero() && !f.EndsOn.IsZero() && f.EndsOn.Before(f.StartsOn.Time) {
		form.Add("ends_on", "form.end_before_start")
	}
	if !f.RetentionOn.IsZero() && !f.EndsOn.IsZero() && f.RetentionOn.Before(f.EndsOn.Time) {
		form.Add("retention_on", "project.retention_before_end")
	}
}

func (f *Facts) checkDonors(form *fault.Form) {
	seen, sum := map[int64]bool{}, 0
	for i, x := range f.Donors {
		n := strconv.Itoa(i + 1)
		if seen[x.DonorID] {
			form.Add("donor_"+n, "project.donor_twice")
		}
		seen[x.DonorID] = true
		sum += x.Share
		switch {
		case x.Share < 0 || x.Share > 1000:
			form.Add("share_"+n, "form.between", "Min", 0, "Max", 100)
		case sum > 1000:
			form.Add("share_"+n, "project.shares_too_much")
		}
	}
}

func (f *Facts) checkIndicators(form *fault.Form) {
	seen := map[string]bool{}
	for _, x := range f.Indicators {
		most := 1_000_000
		if x.Measure == "women_share" {
			most = 100
		}
		if x.Target < 1 || x.Target > most || seen[x.Measure] || !slices.Contains(Measures, x.Measure) {
			form.Add("target_"+x.Measure, "form.between", "Min", 1, "Max", most)
		}
		seen[x.Measure] = true
	}
}

// checkText looks at a text in several languages: name_xx is the field of a translation, name that of the original.
func checkText(form *fault.Form, name string, t locale.Text, most int, needed bool) {
	if needed && t.IsZero() {
		form.Add(name, "form.required")
	}
	for _, in := range sortedCodes(t) {
		if utf8.RuneCountInString(t.By[in]) <= most {
			continue
		}
		field := name + "_" + string(in)
		if in == t.Original {
			field = name
		}
		form.Add(field, "form.too_long", "Max", most)
	}
}

func sortedCodes(t locale.Text) []locale.Code {
	var codes []locale.Code
	for c := range t.By {
		codes = append(codes, c)
	}
	slices.Sort(codes)
	return codes
}

// recorded are the facts as they stand in the record.
func (f *Facts) recorded() audit.Facts {
	targets := map[string]int{}
	for _, x := range f.Indicators {
		targets[x.Measure] = x.Target
	}
	partners := slices.Compact(slices.Sorted(slices.Values(f.Organisations)))
	return audit.Facts{
		"code": f.Code, "title": f.Title.By, "contract": f.ContractNumber, "starts_on": f.StartsOn, "ends_on": f.EndsOn,
		"retention_on": f.RetentionOn, "lead": f.LeadID, "donors": f.Donors, "partners": partners, "targets": targets,
	}
}
