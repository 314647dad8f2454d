package token_test

import (
	"regexp"
	"testing"

	"attesta/app/token"
)

func TestABearerTokenIsKnownByItsShape(t *testing.T) {
	shape := regexp.MustCompile(`^att_[0-9A-Za-z]{49}$`)
	seen := map[string]bool{}
	for range 200 {
		s := token.Bearer()
		if !shape.MatchString(s) || !token.IsBearer(s) || seen[s] {
			t.Fatalf("%q", s)
		}
		seen[s] = true
	}
}

func TestASlipInABearerTokenIsNoticed(t *testing.T) {
	s := token.Bearer()
	for i := range s {
		other := byte('a')
		if s[i] == other {
			other = 'b'
		}
		if wrong := s[:i] + string(other) + s[i+1:]; token.IsBearer(wrong) {
			t.Errorf("%q passes for %q", wrong, s)
		}
	}
	for _, wrong := range []string{"", "att_", s[:52], s + "0", s[4:]} {
		if token.IsBearer(wrong) {
			t.Errorf("%q passes", wrong)
		}
	}
}

func TestBearerTokensThatDifferInTheCaseOfALetterHashDifferently(t *testing.T) {
	if token.BearerHash("att_a") == token.BearerHash("att_A") {
		t.Error("the same hash")
	}
}
