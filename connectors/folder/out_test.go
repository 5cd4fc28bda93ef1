package folder

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"loket/connectors"
	"loket/internal/message"
)

func TestAnswersAreFilesWrittenWhole(t *testing.T) {
	out := t.TempDir()
	b := newBench(t, func(c *Config) { c.Out = out })
	m := &message.Message{
		ID: message.NewID([]byte("reply")), Subject: "Re: De kast", Text: "Beste Kate,\n\nWij komen morgen.\n", Earlier: &message.Earlier{Name: "Kate Jansen"},
		To: []message.Identifier{{Kind: "cno", Value: "1042"}},
	}
	path := filepath.Join(out, m.ID+".txt")
	find := func() bool {
		_, found, err := b.Find(t.Context(), m)
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	if find() {
		t.Error("found before it was sent")
	}
	// Killed before the name was given.
	if err := errors.Join(os.Mkdir(filepath.Join(out, ".sent"), 0o700), os.WriteFile(b.noted(m), nil, 0o600), os.WriteFile(b.part(m), []byte("Bes"), 0o600)); err != nil {
		t.Fatal(err)
	}
	if find() {
		t.Error("found though it has no name yet")
	}
	for range 2 {
		if receipt, err := b.Send(t.Context(), m); err != nil || receipt.ID != m.ID || receipt.State != connectors.Sent {
			t.Fatalf("Send = %+v, %v", receipt, err)
		}
	}
	got, _ := os.ReadFile(path)
	if want := "To: Kate Jansen\nTo: cno:1042\nSubject: Re: De kast\n\nBeste Kate,\n\nWij komen morgen.\n"; string(got) != want {
		t.Errorf("file %q, want %q", got, want)
	}
	if err := os.Remove(path); err != nil || !find() { // it was fetched
		t.Errorf("%v: not found after it was fetched", err)
	}
	if _, err := b.Send(t.Context(), m); err != nil || exists(path) {
		t.Errorf("Send of what was fetched = %v, and it is there again: %v", err, exists(path))
	}
	b.now = func() time.Time { return time.Now().Add(2 * notedFor) }
	if find() {
		t.Error("notes are kept for ever")
	}
}

func TestCheckTellsToPostByHand(t *testing.T) {
	b := newBench(t, nil)
	if err := b.Check(&message.Message{Text: "x"}); !errors.Is(err, errByHand) {
		t.Errorf("Check = %v", err)
	}
	b = newBench(t, func(c *Config) { c.Out = t.TempDir() })
	for _, m := range []*message.Message{{}, {Text: "x", Attachments: []message.Attachment{{}}}} {
		if _, err := b.Send(t.Context(), m); !connectors.IsPermanent(err) {
			t.Errorf("Send(%+v) = %v", m, err)
		}
	}
}
