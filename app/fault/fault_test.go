package fault_test

import (
	"errors"
	"fmt"
	"testing"

	"attesta/app/fault"
)

var errClosed = fault.New(fault.Conflict, "registration.closed")

func TestFaultIsFoundThroughWrappingAndDetails(t *testing.T) {
	err := fmt.Errorf("register: %w", errClosed.With("Title", "x"))
	if !errors.Is(err, errClosed) {
		t.Fatal("a fault with details is no longer the same fault")
	}
	if errors.Is(err, fault.New(fault.Conflict, "registration.full")) {
		t.Fatal("another key is the same fault")
	}
	if got := fault.From(err).Params["Title"]; got != "x" {
		t.Fatalf("Title = %v", got)
	}
	if errClosed.Params["Title"] != nil {
		t.Fatal("With wrote into the original")
	}
}

func TestFormKeepsTheFirstFaultOfEachFieldInOrder(t *testing.T) {
	var f fault.Form
	if f.Err() != nil {
		t.Fatal("an empty form has an error")
	}
	f.Add("email", "form.email")
	f.Add("name", "form.required")
	f.Add("email", "form.required")
	err := f.Err()
	if got, want := err.Error(), "invalid: form.invalid; email: form.email; name: form.required"; got != want {
		t.Fatalf("got %q want %q", got, want)
	}
	if fault.KindOf(err) != fault.Invalid || fault.KindOf(errors.New("x")) != "" {
		t.Fatal("wrong kind")
	}
}
