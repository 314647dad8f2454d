package token_test

import (
	"strings"
	"testing"

	"attesta/app/token"
)

func TestWhatIsSealedOpensOnlyWithItsSecretAndForItsPurpose(t *testing.T) {
	s := token.NewSecret()
	sealed, err := s.Seal("a", []byte("ana@example.org"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.Open("a", sealed); err != nil || string(got) != "ana@example.org" {
		t.Fatalf("%q %v", got, err)
	}
	again, err := s.Seal("a", []byte("ana@example.org"))
	if err != nil || again == sealed || strings.Contains(sealed, "ana") {
		t.Errorf("%q and %q tell that they hold the same: %v", sealed, again, err)
	}
	changed := []byte(sealed)
	changed[len(changed)/2] ^= 1
	for what, open := range map[string]func() ([]byte, error){
		"another purpose": func() ([]byte, error) { return s.Open("b", sealed) },
		"another secret":  func() ([]byte, error) { return token.NewSecret().Open("a", sealed) },
		"changed":         func() ([]byte, error) { return s.Open("a", string(changed)) },
		"cut":             func() ([]byte, error) { return s.Open("a", sealed[:10]) },
		"empty":           func() ([]byte, error) { return s.Open("a", "") },
	} {
		if got, err := open(); err == nil {
			t.Errorf("%s: %q", what, got)
		}
	}
}
