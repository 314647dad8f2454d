package token_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"attesta/app/token"
)

func TestALinkDependsOnSecretPurposeAndNonce(t *testing.T) {
	s, n := token.NewSecret(), token.Nonce()
	a := s.Link("my", n)
	if len(a) != 26 || a != s.Link("my", n) {
		t.Fatalf("link %q isn't stable", a)
	}
	for _, b := range []string{s.Link("checkin", n), s.Link("my", token.Nonce()), token.NewSecret().Link("my", n)} {
		if a == b {
			t.Fatal("two links are alike")
		}
	}
}

func TestHashForgivesHowATokenIsTyped(t *testing.T) {
	if token.Hash("ab0-1l o") != token.Hash("AB0110") {
		t.Fatal("hash depends on typing")
	}
	if token.Hash("AB") == token.Hash("AC") {
		t.Fatal("two tokens have one hash")
	}
}

func TestNumbersNoticeEveryWrongCharacter(t *testing.T) {
	const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	rapid.Check(t, func(t *rapid.T) {
		n := token.Number()
		if got, ok := token.ParseNumber(strings.ToLower(strings.ReplaceAll(n, "-", " "))); !ok || got != n {
			t.Fatalf("%q reads back as %q, %v", n, got, ok)
		}
		f := []byte(token.Fold(n))
		i := rapid.IntRange(0, len(f)-1).Draw(t, "at")
		c := alphabet[rapid.IntRange(0, 31).Draw(t, "character")]
		if f[i] == c {
			return
		}
		f[i] = c
		if _, ok := token.ParseNumber(string(f)); ok {
			t.Fatalf("%q passes for %q", f, n)
		}
	})
	for _, bad := range []string{"", "x", "7K3M-9Q2X-4T", strings.Repeat("0", 5000), "ЋИРИЛИЦА123"} {
		if _, ok := token.ParseNumber(bad); ok {
			t.Errorf("%q passes", bad)
		}
	}
}

func TestTheSecretIsMadeOnceAndKeptPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sub", "secret")
	a, err := token.LoadSecret(path)
	if err != nil {
		t.Fatal(err)
	}
	b, err := token.LoadSecret(path)
	if err != nil || string(a) != string(b) {
		t.Fatalf("second load: %v", err)
	}
	st, err := os.Stat(path)
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v", st.Mode(), err)
	}
	if err := os.WriteFile(path, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := token.LoadSecret(path); err == nil {
		t.Fatal("a broken secret was taken")
	}
}
