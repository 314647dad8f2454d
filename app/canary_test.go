package app_test

import (
	"strings"
	"sync"
	"testing"
	"time"
)

func TestAMailNamesNobodyButTheOneItGoesTo(t *testing.T) {
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newReach(t, fresh(t))
			for end := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
				var waiting int
				if err := r.DB.Read().NewRaw("SELECT COUNT(*) FROM outbox WHERE state = 'queued'").Scan(t.Context(), &waiting); err != nil {
					t.Fatal(err)
				}
				if waiting == 0 {
					break
				}
				if time.Now().After(end) {
					t.Fatalf("%d mails still wait", waiting)
				}
			}
			named := 0
			for _, m := range r.mails.Messages() {
				text := strings.ToLower(m.Subject + m.Text + m.HTML)
				for _, x := range r.targets {
					for _, c := range []string{"a", "b"} {
						if !strings.Contains(text, x.canary+c) {
							continue
						}
						named++
						if want := x.canary + map[string]string{"a": "0", "b": "1"}[c] + "@mail.example"; m.Address != want {
							t.Errorf("the mail %q to %s names %s", m.Subject, m.Address, want)
						}
					}
				}
			}
			if named == 0 {
				t.Errorf("control: none of %d mails names anybody", len(r.mails.Messages()))
			}
		})
	}
}

func TestTheLogNamesNobody(t *testing.T) {
	r := newReach(t, databases["sqlite"](t))
	r.people(t)
	for _, x := range r.targets[:3] {
		if strings.Contains(strings.ToLower(r.log.String()), x.canary) {
			t.Errorf("the log names a participant: %s", x.name)
		}
	}
	if strings.Contains(r.log.String(), "@access.example") {
		t.Error("the log tells the address of a user")
	}
	if r.log.String() == "" {
		t.Error("control: nothing was logged")
	}
}

// buffer is written by many and read by one.
type buffer struct {
	mu sync.Mutex
	b  strings.Builder
}

// Write implements io.Writer.
func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

// String is what was written.
func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
