package echo

import (
	"testing"
	"time"

	"loket/connectors/connectortest"
)

func TestWhatWeSentIsKnownWhenItComesBack(t *testing.T) {
	now := time.Now()
	e := New(connectortest.New(t).Env("care").Cursor)
	e.now = func() time.Time { return now }
	want := func(ours bool, what, id string) {
		t.Helper()
		if got, err := e.Recognise(t.Context(), what, id); err != nil || got != ours {
			t.Errorf("Recognise(%q, %q) = %v, %v, want %v", what, id, got, err, ours)
		}
	}
	want(false, "hello", "1")
	for _, what := range []string{"hello", "dropped"} {
		if err := e.Add(t.Context(), what); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Drop(t.Context(), "dropped"); err != nil {
		t.Fatal(err)
	}
	want(false, "dropped", "2")
	want(true, "hello", "3") // before the vendor said that it took it
	e.Sent(t.Context(), "hello", "3")
	want(true, "hello", "3")
	want(false, "hello", "4") // the same words, by somebody in the vendor's own program
	if err := e.Add(t.Context(), "in doubt"); err != nil {
		t.Fatal(err)
	}
	now = now.Add(echoLife)
	want(false, "in doubt", "5") // somebody may have written that
	want(true, "hello", "3")     // as long as anybody may list it again
	now = now.Add(idLife - echoLife)
	want(false, "hello", "3")
}
