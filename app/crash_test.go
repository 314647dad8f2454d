package app_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/mail"
)

// build makes the program as it is delivered.
func build(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "attesta")
	if out, err := exec.Command("go", "build", "-o", path, "attesta/cmd/attesta").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return path
}

// process is the program as a process of its own, that can be killed and started again.
type process struct {
	path string
	env  []string
	base string
	cmd  *exec.Cmd
	said bytes.Buffer
}

func newProcess(t *testing.T, path, database, smtp string) *process {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr, dir := l.Addr().String(), t.TempDir()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return &process{path: path, base: "http://" + addr, env: []string{
		"ATTESTA_ADDR=" + addr, "ATTESTA_BASE_URL=http://" + addr, "ATTESTA_DATABASE=" + database, "ATTESTA_SECRET_FILE=" + filepath.Join(dir, "secret"),
		"ATTESTA_SMTP=smtp://" + smtp + "?starttls=off", "ATTESTA_MAIL_FROM=attesta@attesta.example", "ATTESTA_TRUSTED_PROXIES=127.0.0.1",
		"ATTESTA_FILES=file:" + filepath.Join(dir, "files"), "PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TZ=UTC",
	}}
}

// start starts the program and waits until it is ready.
func (p *process) start(t *testing.T) {
	t.Helper()
	p.cmd = exec.Command(p.path, "serve")
	p.cmd.Env, p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = p.env, t.TempDir(), &p.said, &p.said
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c := newClient(p.base, "")
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if got, err := c.get(t.Context(), "/readyz"); err == nil && got.Code == http.StatusOK {
			return
		}
	}
	p.kill()
	t.Fatalf("the program doesn't start: %s", p.said.String())
}

// kill ends the program as a power cut would.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// slow stands before the mail server and passes its answers on a moment late, so that a kill comes between the server's
// yes and the note of it. It returns the address to send to.
func slow(t *testing.T, mails *mail.Catcher) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	to := mails.Transport()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s, err := net.Dial("tcp", net.JoinHostPort(to.Host, strconv.Itoa(to.Port)))
			if err != nil {
				_ = c.Close()
				continue
			}
			go func() { _, _ = io.Copy(s, c); _ = s.Close() }()
			go func() { _, _ = io.Copy(late{c}, s); _ = c.Close() }()
		}
	}()
	return l.Addr().String()
}

type late struct{ io.Writer }

func (w late) Write(b []byte) (int, error) {
	time.Sleep(20 * time.Millisecond)
	return w.Writer.Write(b)
}

// burst registers people at an event, several at once, until the program goes away, and counts who was told yes.
type burst struct {
	mu   sync.Mutex
	acks map[string]string // the participant's path, by e-mail address
	odd  []string          // answers that are neither yes nor a broken connection
}

func (b *burst) run(ctx context.Context, base, code string, several int) {
	var wg sync.WaitGroup
	for worker := range several {
		wg.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				email := fmt.Sprintf("vesna.%d.%d@jt.me.example", worker, i)
				path, err := newClient(base, fmt.Sprintf("10.1.%d.%d", worker, i%250)).register(ctx, code, "Vesna", fmt.Sprintf("Ćetković %d-%d", worker, i), email)
				b.mu.Lock()
				switch {
				case err == nil:
					b.acks[email] = path
				case strings.Contains(err.Error(), "status"):
					b.odd = append(b.odd, err.Error())
				}
				b.mu.Unlock()
				if err != nil {
					return
				}
			}
		})
	}
	wg.Wait()
}

func (b *burst) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.acks)
}

func TestKilledInABurstTheProgramKeepsWhatItAcknowledgedAndMailsIt(t *testing.T) {
	path := build(t)
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) { crash(t, path, fresh(t)) })
	}
}

func crash(t *testing.T, path, database string) {
	d := apptest.Open(t, database)
	w := apptest.NewWorld(t, d)
	w.Clock.Set(time.Now())
	e := w.Event(t, apptest.Seats(1000), func(f *event.Facts) { f.StartsOn = db.NewDay(time.Now().AddDate(0, 0, 30)) })
	catcher, err := mail.NewCatcher()
	if err != nil {
		t.Fatal(err)
	}
	defer catcher.Close()
	p := newProcess(t, path, database, slow(t, catcher))
	p.start(t)

	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	b, ended := &burst{acks: map[string]string{}}, make(chan struct{})
	go func() {
		defer close(ended)
		b.run(ctx, p.base, e.Code, 8)
	}()
	for (b.count() < 120 || len(catcher.Messages()) < 20) && ctx.Err() == nil {
		time.Sleep(time.Millisecond)
	}
	p.kill()
	<-ended
	if b.count() < 120 || len(b.odd) > 0 || len(catcher.Messages()) < 20 {
		t.Fatalf("%d acknowledged and %d mails sent before the kill, and %v", b.count(), len(catcher.Messages()), b.odd)
	}
	letAMinutePass(t, d)
	unsent := count(t, d, "SELECT COUNT(*) FROM outbox WHERE state = 'queued'")
	p.start(t)
	defer p.kill()
	checkKept(t, d, b, p.base)
	checkMails(t, d, b, catcher, p.base)
	t.Logf("%d acknowledged, %d mails had not gone out at the kill", b.count(), unsent)
}

// letAMinutePass is for PostgreSQL, where other processes may run the jobs: those of a process that died are taken up
// again by the others a minute later.
func letAMinutePass(t *testing.T, d *db.DB) {
	t.Helper()
	if d.Dialect() != db.Postgres {
		return
	}
	for _, statement := range []string{
		"UPDATE river_job SET attempted_at = attempted_at - INTERVAL '61 seconds' WHERE state = 'running'",
		"UPDATE river_leader SET elected_at = elected_at - INTERVAL '61 seconds', expires_at = expires_at - INTERVAL '61 seconds'",
	} {
		if err := d.InTx(t.Context(), apptest.Exec(statement)); err != nil {
			t.Fatal(err)
		}
	}
}

// checkKept opens the page of everybody who was told yes.
func checkKept(t *testing.T, d *db.DB, b *burst, base string) {
	t.Helper()
	c := newClient(base, "")
	for email, path := range b.acks {
		got, err := c.get(t.Context(), path)
		if err != nil || got.Code != http.StatusOK {
			t.Errorf("the page of %s, which was acknowledged: %d %v", email, got.Code, err)
		}
	}
	kept := count(t, d, "SELECT COUNT(*) FROM registrations")
	if kept < len(b.acks) || kept > len(b.acks)+8 {
		t.Errorf("%d registrations are kept, %d were acknowledged", kept, len(b.acks))
	}
	if n := count(t, d, "SELECT COUNT(*) FROM registrations r WHERE NOT EXISTS (SELECT 1 FROM outbox o WHERE o.registration_id = r.id)"); n != 0 {
		t.Errorf("%d registrations have no mail", n)
	}
}

// checkMails waits until nothing is to be sent any more and holds what has arrived against what is kept.
func checkMails(t *testing.T, d *db.DB, b *burst, catcher *mail.Catcher, base string) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); count(t, d, "SELECT COUNT(*) FROM outbox WHERE state <> 'sent'") > 0; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d mails wait still", count(t, d, "SELECT COUNT(*) FROM outbox WHERE state <> 'sent'"))
		}
	}
	arrived, ids, twice := map[string]int{}, map[string]string{}, 0
	for _, m := range catcher.Messages() {
		arrived[m.Address]++
		if arrived[m.Address] == 2 {
			twice++
		}
		if id, ok := ids[m.Address]; ok && id != m.MessageID {
			t.Errorf("%s got two mails with different ids", m.Address)
		}
		ids[m.Address] = m.MessageID
		if path, ok := b.acks[m.Address]; ok && !strings.Contains(m.Text, base+path) {
			t.Errorf("the mail for %s doesn't lead to the page that was acknowledged", m.Address)
		}
	}
	for email := range b.acks {
		if n := arrived[email]; n < 1 || n > 2 {
			t.Errorf("%s got %d mails", email, n)
		}
	}
	if kept := count(t, d, "SELECT COUNT(*) FROM registrations"); len(arrived) != kept {
		t.Errorf("mails went to %d people, %d are registered", len(arrived), kept)
	}
	if twice > 8 {
		t.Errorf("%d people got their mail twice, no more than 8 could be on their way", twice)
	}
	t.Logf("%d mails to %d people, %d of them twice", len(catcher.Messages()), len(arrived), twice)
}

func count(t *testing.T, d *db.DB, query string) int {
	t.Helper()
	var n int
	if err := d.Read().NewRaw(query).Scan(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}
