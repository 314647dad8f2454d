// Package provider runs an OpenID Connect provider for tests, in a process of its own: the certified implementation of
// zitadel/oidc with its keys, its login form and its users, on 127.0.0.1. Nothing in it knows the program under test.
package provider

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
)

// The one client that a provider knows, and the password of all its users.
const (
	ClientID = "attesta"
	Secret   = "a secret of the client"
	Password = "a password at the provider"
)

// User is somebody whom the provider knows.
type User struct {
	Subject  string
	Name     string // with which they sign in at the provider
	Email    string
	Verified bool // the provider has verified the address
}

// Process is a provider that runs.
type Process struct {
	Issuer string
	PID    int
	stop   func()
}

// variable tells a child process that it is a provider, and for whom.
const variable = "ATTESTA_TEST_PROVIDER"

type order struct {
	Redirect string
	Users    []User
}

// Start runs a provider that sends its users back to redirect. again is the name of the test that calls Serve: the
// test's own program is started once more to run only that. The process ends with the test.
func Start(t testing.TB, again, redirect string, users ...User) *Process {
	t.Helper()
	b, err := json.Marshal(order{redirect, users})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(context.Background(), os.Args[0], "-test.run=^"+again+"$", "-test.count=1")
	cmd.Env = append(os.Environ(), variable+"="+string(b))
	in, err := cmd.StdinPipe() // whose end tells the child that nobody needs it any more
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &Process{PID: cmd.Process.Pid}
	p.stop = func() {
		_ = in.Close()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		p.stop = func() {}
	}
	t.Cleanup(func() { p.stop() })
	if p.Issuer, err = issuer(out); err != nil {
		t.Fatal(err)
	}
	return p
}

// Stop ends the provider before its test ends.
func (p *Process) Stop() { p.stop() }

// issuer reads what the child says once it listens.
func issuer(out io.Reader) (string, error) {
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if address, ok := strings.CutPrefix(lines.Text(), "issuer "); ok {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return address, nil
		}
	}
	return "", fmt.Errorf("the provider ended before it listened: %w", lines.Err())
}

// Serve is the provider, in a process that Start has made; in any other it does nothing and returns false.
func Serve() (bool, error) {
	var o order
	text := os.Getenv(variable)
	if text == "" {
		return false, nil
	}
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return true, err
	}
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return true, err
	}
	address := "http://" + l.Addr().String() + "/"
	users, err := known(o.Users)
	if err != nil {
		return true, err
	}
	client := storage.WebClient(ClientID, Secret, o.Redirect)
	kept := storage.NewStorageWithClients(users, map[string]*storage.Client{ClientID: client})
	handler := exampleop.SetupServer(address, kept, slog.New(slog.DiscardHandler), false)
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	go func() { // the test ended, or died
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = server.Close()
	}()
	fmt.Println("issuer " + address)
	_ = server.Serve(l)
	return true, nil
}

// known hands the users over in the only form that the provider's store takes: a file.
func known(users []User) (storage.UserStore, error) {
	all := map[string]storage.User{}
	for _, u := range users {
		all[u.Subject] = storage.User{ID: u.Subject, Username: u.Name, Password: Password, FirstName: "Test", LastName: "User", Email: u.Email, EmailVerified: u.Verified}
	}
	b, err := json.Marshal(all)
	if err != nil {
		return nil, err
	}
	f, err := os.CreateTemp("", "attesta-provider-")
	if err != nil {
		return nil, err
	}
	defer os.Remove(f.Name())
	if _, err := f.Write(b); err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	return storage.StoreFromFile(f.Name())
}
