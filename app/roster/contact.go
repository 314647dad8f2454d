package roster

import (
	"regexp"
	"strings"
	"unicode"
)

var (
	emailIn   = regexp.MustCompile(`[\pL\pN._%+'-]+@[\pL\pN-]+(\.[\pL\pN-]+)+`)
	emailOnly = regexp.MustCompile(`^[\pL\pN_%+'-]+(\.[\pL\pN_%+'-]+)*@[\pL\pN]([\pL\pN-]*[\pL\pN])?(\.[\pL\pN]([\pL\pN-]*[\pL\pN])?)+$`)
	notStated = map[string]bool{"anonymous": true, "n a": true, "na": true, "nema": true, "none": true, "no": true, "ne": true, "nuk ka": true, "x": true, "": true}
)

// address reads a cell that should hold an e-mail address. more counts the other addresses in it; ok is false if
// there is text in it but no address.
func address(cell string) (email string, more int, ok bool) {
	s := strings.NewReplacer("mailto:", " ", "MAILTO:", " ", "<", " ", ">", " ", ";", " ", ",", " ", "|", " ", "\"", " ", "[at]", "@", "(at)", "@").Replace(cell)
	s = strings.ReplaceAll(strings.ReplaceAll(s, " @", "@"), "@ ", "@")
	seen := map[string]bool{}
	for _, w := range strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r == '/' || r == '\u200b' }) {
		w = strings.Trim(w, ".:()'’")
		if !emailOnly.MatchString(w) || len(w) > 254 || strings.Contains(w, "..") {
			continue
		}
		w = lowerAddress(w)
		if seen[w] {
			continue
		}
		seen[w] = true
		if email == "" {
			email = w
		} else {
			more++
		}
	}
	return email, more, email != "" || notStated[folded(cell)]
}

// lowerAddress writes the domain in lower case, and the rest too if it was all in capitals.
func lowerAddress(s string) string {
	at := strings.LastIndexByte(s, '@')
	local, domain := s[:at], strings.ToLower(s[at:])
	if local == strings.ToUpper(local) {
		local = strings.ToLower(local)
	}
	return local + domain
}

// Country codes of phones without a plus sign that a number may begin with, with the digits that follow.
var dialCodes = []string{"381", "382", "383", "385", "386", "387", "389", "355", "359", "30", "36", "39", "40", "43", "44", "47", "49", "90"}

// phone reads a cell that should hold a phone number: digits alone that begin with a country code, as a spreadsheet
// keeps them, get their plus sign back. damaged tells a number whose digits a spreadsheet has thrown away.
func phone(cell string) (number string, damaged bool) {
	s := strings.TrimSpace(oneLine(cell))
	s = strings.TrimSuffix(s, ".0")
	if scientific.MatchString(s) {
		return "", true
	}
	if notStated[folded(s)] && countDigits(s) == 0 {
		return "", false
	}
	if isNumber(s) {
		if rest, ok := strings.CutPrefix(s, "00"); ok && len(rest) >= 9 {
			return "+" + rest, false
		}
		for _, c := range dialCodes {
			if rest, ok := strings.CutPrefix(s, c); ok && len(rest) >= 7 && len(rest) <= 10 && rest[0] != '0' && (len(c) == 3 || len(s) >= 11) {
				return "+" + s, false
			}
		}
	}
	return s, false
}

var scientific = regexp.MustCompile(`^\d([.,]\d+)?[eE]\+?\d+$`)

// phoneIn finds a phone number in a cell that holds other things too.
func phoneIn(cell string) string {
	rest := emailIn.ReplaceAllString(cell, " ")
	return strings.TrimSpace(longDigits.FindString(rest))
}

var longDigits = regexp.MustCompile(`[+(]?\d[\d\s()./-]{5,}\d`)
